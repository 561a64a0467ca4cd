"""How the bot hears: pending updates, pushed to its webhook until it answers 2xx, or fetched by long polling."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from channels.sandbox.clock import parse_instant
from channels.sandbox.pushes import NotLoopback, Outcome, Push, require_loopback
from channels.sandbox.telegram_words import Params, TelegramError, bad, flag_of, json_of, number_of, words_of
from channels.sandbox.world import Sandbox

KEPT_FOR = timedelta(hours=24)
CUT = 30.0
LONGEST_WAIT = 60.0
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Update kinds a bot must ask for by name."""
SECRET_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


class TelegramUpdates:
    """The queue of one bot."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self._pending = world.memory.shelf("telegram.updates")
        self._pumping = asyncio.Lock()
        self._news = asyncio.Event()
        self._poll = 0
        self._retry_at: datetime | None = None
        self._failed = 0
        world.timers.on("telegram.pump", self._pump_again)

    @property
    def _hook(self) -> dict[str, Any]:
        return self._world.settings.get("telegram.webhook") or {"url": "", "allowed": [], "secret": ""}

    def add(self, kind: str, payload: dict[str, Any]) -> int | None:
        """Queues one update; None when the bot does not want this kind. Delivered by `pump`."""
        allowed = self._hook["allowed"]
        if (allowed and kind not in allowed) or (not allowed and kind in NOT_BY_DEFAULT):
            return None
        number = 810_000_000 + self._world.memory.number("telegram.update")
        update = {"update_id": number, kind: payload}
        self._pending.put(number, {"at": self._world.clock.now().isoformat(), "update": update})
        self._news.set()
        return number

    async def hear(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Queues an update and waits for the first try to deliver it."""
        number = self.add(kind, payload)
        await self.pump()
        return {"update_id": number, "delivered": number is not None and number not in self._pending}

    async def pump(self) -> None:
        """Delivers what waits, in order, until the webhook fails; then pauses, twice as long each time."""
        async with self._pumping:
            while self._hook["url"] and (waiting := self._first()) and not self._paused():
                outcome = await self._push(waiting)
                if not outcome.ok:
                    self._pause(outcome)
                    return
                self._failed, self._retry_at = 0, None
                self._pending.drop(waiting["update_id"])

    def _first(self) -> dict[str, Any] | None:
        while (oldest := self._pending.first()) is not None:
            key, entry = oldest
            if self._world.clock.now() - parse_instant(entry["at"]) <= KEPT_FOR:
                update: dict[str, Any] = entry["update"]
                return update
            self._pending.drop(key)
        return None

    def _paused(self) -> bool:
        return self._retry_at is not None and self._world.clock.now() < self._retry_at

    def _pause(self, outcome: Outcome) -> None:
        self._failed += 1
        seconds = min(outcome.retry_after or 2.0 ** (self._failed - 1), 3600.0 if outcome.retry_after else 60.0)
        self._retry_at = self._world.clock.now() + timedelta(seconds=seconds)
        self._world.timers.after(seconds, "telegram.pump", {})
        words = f"Wrong response from the webhook: {outcome.status}" if outcome.status else "Connection refused"
        hook = {**self._hook, "last_error_date": self._world.unix(), "last_error_message": words}
        self._world.settings.put("telegram.webhook", hook)

    async def _pump_again(self, _: dict[str, Any]) -> None:
        await self.pump()

    async def _push(self, update: dict[str, Any]) -> Outcome:
        hook = self._hook
        headers = {"Content-Type": "application/json"}
        if hook["secret"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook["secret"]
        body = json.dumps(update, ensure_ascii=False)
        push = Push("telegram", "inbound", _whose(update), hook["url"], headers, body, self._failed)
        return await self._world.pusher.call(push, CUT)

    async def again(self, update: dict[str, Any]) -> Outcome:
        """Pushes an update once more although it was taken, as happens when our 2xx got lost."""
        return await self._push(update)

    async def set_webhook(self, params: Params) -> bool:
        """Raises TelegramError for an address, port or secret that cannot be."""
        url = words_of(params, "url")
        if not url:
            return self.delete_webhook(params)
        _check_webhook(url)
        secret = words_of(params, "secret_token")
        if len(secret) > 256:
            raise bad("secret token is too long")
        if not set(secret) <= SECRET_LETTERS:
            raise bad("secret token contains unallowed characters")
        connections = number_of(params, "max_connections", 40)
        allowed = self._allowed(params)
        hook = {"url": url, "secret": secret, "allowed": allowed, "max_connections": min(max(connections, 1), 100)}
        self._world.settings.put("telegram.webhook", hook)
        if flag_of(params, "drop_pending_updates"):
            self._pending.clear()
        self._failed, self._retry_at = 0, None
        self._news.set()
        self._world.timers.after(0.0, "telegram.pump", {})
        return True

    def delete_webhook(self, params: Params) -> bool:
        self._world.settings.put("telegram.webhook", {**self._hook, "url": "", "secret": ""})
        if flag_of(params, "drop_pending_updates"):
            self._pending.clear()
        return True

    def webhook_info(self) -> dict[str, Any]:
        hook = self._hook
        info = {
            "url": hook["url"], "has_custom_certificate": False, "pending_update_count": len(self._pending),
            "max_connections": hook.get("max_connections", 40),
        }  # fmt: skip
        if hook["url"]:
            info["ip_address"] = "127.0.0.1"
        if hook["allowed"]:
            info["allowed_updates"] = hook["allowed"]
        return info | {key: hook[key] for key in ("last_error_date", "last_error_message") if key in hook}

    def _allowed(self, params: Params) -> list[str]:
        if "allowed_updates" not in params:
            kept: list[str] = self._hook["allowed"]
            return kept
        allowed = json_of(params, "allowed_updates", "can't parse allowed updates JSON object")
        if not isinstance(allowed, list) or not all(isinstance(kind, str) for kind in allowed):
            raise bad("can't parse allowed updates: Expected an Array of String")
        return allowed

    async def get_updates(self, params: Params) -> list[dict[str, Any]]:
        """Waits up to ``timeout`` real seconds. Raises TelegramError 409 beside a webhook or a second poller."""
        if self._hook["url"]:
            words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise TelegramError(409, f"Conflict: {words}")
        offset = number_of(params, "offset")
        limit = min(max(number_of(params, "limit", 100), 1), 100)
        allowed = self._allowed(params)
        self._world.settings.put("telegram.webhook", {**self._hook, "allowed": allowed})
        self._confirm(offset)
        self._poll += 1
        self._news.set()
        await self._wait(self._poll, min(number_of(params, "timeout"), LONGEST_WAIT))
        return [entry["update"] for entry in self._pending.values()][:limit]

    def _confirm(self, offset: int) -> None:
        numbers = [int(key) for key, _ in self._pending.items()]
        if offset < 0:
            offset = numbers[offset] if len(numbers) >= -offset else 0
        for number in numbers:
            if number < offset:
                self._pending.drop(number)

    async def _wait(self, mine: int, seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while not len(self._pending):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return
            if self._poll != mine:
                words = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise TelegramError(409, f"Conflict: {words}")


def _check_webhook(url: str) -> None:
    """The real cloud wants HTTPS on 80, 88, 443 or 8443; the sandbox takes loopback HTTP and nothing else."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    try:
        require_loopback(url)
    except NotLoopback:
        raise bad("bad webhook: Failed to resolve host: the sandbox knows loopback addresses only") from None


def _whose(update: dict[str, Any]) -> str:
    for payload in update.values():
        if isinstance(payload, dict):
            return str(payload.get("from", {}).get("id", ""))
    return ""

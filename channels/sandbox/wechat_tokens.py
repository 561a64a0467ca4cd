"""Access tokens: 7,200 virtual seconds, the two kinds apart, the old one good for five minutes more."""

import hmac
from datetime import datetime, timedelta
from typing import Any

from channels.sandbox.clock import parse_instant
from channels.sandbox.wechat_words import WeChatError
from channels.sandbox.world import Sandbox

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCE_GAP = timedelta(seconds=30)


class Tokens:
    """The tokens of one account: ``name`` is wechat or wecom."""

    def __init__(self, world: Sandbox, name: str) -> None:
        self._world = world
        self._name = name
        self._shelf = world.memory.shelf(f"{name}.tokens")

    def check(self, token: str | None) -> None:
        """Raises WeChatError 41001, 40014, 40001 or 42001 for a token that does not open the door now."""
        if not token:
            raise WeChatError(41001, "access_token missing")
        if len(token) < 32:
            raise WeChatError(40014, "invalid access_token")
        record = self._shelf.get(token)
        if record is None:
            raise WeChatError(40001, "invalid credential, access_token is invalid or not latest")
        if parse_instant(record["until"]) <= self._world.clock.now():
            raise WeChatError(42001, "access_token expired")

    def expire(self) -> int:
        """All tokens end now, as when somebody else fetched one; answers how many."""
        now = self._world.clock.now()
        alive = [key for key, record in self._shelf.items() if parse_instant(record["until"]) > now]
        for key in alive:
            self._end(key, now)
        return len(alive)

    def fresh(self, kind: str) -> dict[str, Any]:
        """A new token of this kind; older ones of it live five minutes more at most."""
        now = self._world.clock.now()
        for key, record in self._shelf.items():
            if parse_instant(record["until"]) <= now - LIFE:
                self._shelf.drop(key)
            elif record["kind"] == kind:
                self._end(key, min(parse_instant(record["until"]), now + OVERLAP))
        token = self._world.code(f"{self._name}.token", 64) + self._world.code(f"{self._name}.token", 64)
        self._shelf.put(token, {"kind": kind, "until": (now + LIFE).isoformat()})
        return {"access_token": token, "expires_in": int(LIFE.total_seconds())}

    def _end(self, key: str, until: datetime) -> None:
        record = self._shelf.get(key)
        if record:
            self._shelf.put(key, {**record, "until": until.isoformat()})

    def stable(self, force: bool) -> dict[str, Any]:
        """The same token until five minutes before its end. Raises WeChatError when forced too often."""
        now = self._world.clock.now()
        if force:
            self._count_force(now)
            return self.fresh("stable")
        for key, record in self._shelf.items():
            left = parse_instant(record["until"]) - now
            if record["kind"] == "stable" and left > OVERLAP:
                return {"access_token": key, "expires_in": int(left.total_seconds())}
        return self.fresh("stable")

    def _count_force(self, now: datetime) -> None:
        limits = self._world.rates.limits
        used = self._world.settings.get("wechat.forced") or {"at": []}
        recent = [at for at in used["at"] if now - parse_instant(at) < timedelta(days=1)]
        if limits.on and recent and now - parse_instant(recent[-1]) < FORCE_GAP:
            raise WeChatError(45011, "api minute-quota reach limit, must slower, retry next minute")
        if limits.on and len(recent) >= limits.wechat_force_refresh_per_day:
            raise WeChatError(45009, "reach max api daily quota limit")
        self._world.settings.put("wechat.forced", {"at": [*recent, now.isoformat()]})


def check_account(appid: str, secret: str, known_appid: str, known_secret: str) -> None:
    """Raises WeChatError 41002, 41004, 40013 or 40125."""
    if not appid:
        raise WeChatError(41002, "appid missing")
    if not secret:
        raise WeChatError(41004, "appsecret missing")
    if appid != known_appid:
        raise WeChatError(40013, "invalid appid")
    if not hmac.compare_digest(secret.encode(), known_secret.encode()):
        raise WeChatError(40125, "invalid appsecret, view more at http://t.cn/RAEkdVq")

"""The one place that chooses the parts: database, keys, clock, channels, budgets."""

import hashlib
import hmac
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.clock import Clock, TurnedClock, WallClock
from bot.flows.house import House
from bot.flows.words import bring_in, read_files
from bot.settings import Settings
from bot.web.owner import make_link
from channels.contract import Channel
from channels.rates import TELEGRAM, WECHAT, WECOM, Budget, twilio
from channels.sandbox.credentials import DEFAULT as SANDBOX
from channels.sms.send import SmsChannel, SmsSettings
from channels.telegram.send import TelegramChannel, TelegramSettings
from channels.wechat.send import WeChatChannel, WeChatSettings
from channels.wechat.tokens import Token
from channels.wecom.send import WeComRobot, WeComSettings
from store.engine import Store, private_file
from store.migrate import is_current, migrate
from store.tokens import SharedToken
from store.vault import Vault, new_keys
from store.words import newest_pointer


class NotReady(Exception):
    """The house cannot be opened; each line says what is missing and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def key_file(settings: Settings) -> Path:
    """Where the keys are kept when they are not given as YINUO_KEYS."""
    return settings.keys_file or settings.var / "keys.json"


def read_keys(settings: Settings) -> str:
    """The keys: from YINUO_KEYS, from the key file, or in sandbox mode made afresh beside the database.

    Raises NotReady in production without keys.
    """
    if settings.keys.get_secret_value():
        return settings.keys.get_secret_value()
    path = key_file(settings)
    if path.exists():
        return path.read_text()
    if settings.environment == "production":
        raise NotReady([f"no keys: set YINUO_KEYS, or make a key file with `yinuo keys new` (looked at {path})"])
    text = new_keys()
    private_file(path, text)
    return text


def secret_of(keys: str) -> str:
    """The key that signs links, ids and cookies; derived from what a rotation leaves as it is."""
    return hmac.new(json.loads(keys)["index"].encode(), b"yinuo links", hashlib.sha256).hexdigest()


def clock_of(settings: Settings) -> Clock:
    """The sandbox's clock while it has one, else real time."""
    path = settings.sandbox_folder / "clock.json"
    if settings.environment == "sandbox" and path.exists():
        return TurnedClock(path)
    return WallClock()


def missing(settings: Settings) -> list[str]:
    """What a configured provider still lacks, one sentence each (I13)."""
    wants: list[tuple[str, bool, dict[str, SecretStr]]] = [
        ("Telegram", bool(settings.telegram_token.get_secret_value()), {"TELEGRAM_SECRET": settings.telegram_secret}),
        ("WeChat", bool(settings.wechat_appid), {
            "WECHAT_SECRET": settings.wechat_secret, "WECHAT_TOKEN": settings.wechat_token,
            "WECHAT_AES_KEY": settings.wechat_aes_key,
        }),
        ("Twilio", bool(settings.twilio_account_sid), {"TWILIO_AUTH_TOKEN": settings.twilio_auth_token}),
    ]  # fmt: skip
    problems = []
    for name, on, secrets in wants:
        lacking = [key for key, value in secrets.items() if not value.get_secret_value()]
        if on and lacking:
            problems.append(f"{name} is configured but {', '.join(lacking)} is empty; docs/ says where to find it")
    if settings.environment == "production" and not settings.public_url.startswith("https://"):
        problems.append("PUBLIC_URL must be the https:// address the providers reach us at")
    return problems


def real_channels(settings: Settings, store: Store, secret: str) -> dict[str, Channel]:
    """The channels that are configured. Raises NotReady when one lacks a secret, or none is configured."""
    problems = missing(settings)
    if problems:
        raise NotReady(problems)
    proxy = settings.https_proxy or None
    found: dict[str, Channel] = {}
    if settings.wechat_appid:
        found["wechat"] = WeChatChannel(
            WeChatSettings(
                settings.wechat_appid, settings.wechat_secret.get_secret_value(),
                settings.wechat_token.get_secret_value(), settings.wechat_aes_key.get_secret_value(),
                settings.wechat_url, settings.public, proxy=proxy,
            ),
            SharedToken(store, "wechat", Token),
        )  # fmt: skip
    if settings.telegram_token.get_secret_value():
        found["telegram"] = TelegramChannel(
            TelegramSettings(
                settings.telegram_token.get_secret_value(), settings.telegram_secret.get_secret_value(),
                settings.telegram_url, settings.public, proxy=proxy,
            )
        )  # fmt: skip
    if settings.twilio_account_sid:
        found["sms"] = SmsChannel(
            SmsSettings(
                settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value(), secret,
                settings.twilio_from, settings.twilio_messaging_service, settings.twilio_url, settings.public,
                proxy=proxy,
            )
        )  # fmt: skip
    if settings.wecom_robot:
        key = settings.wecom_robot_key.get_secret_value()
        found["wecom"] = WeComRobot(WeComSettings(key, settings.wecom_url, proxy=proxy))
    return found


def sandbox_channels(settings: Settings, store: Store, secret: str) -> dict[str, Channel]:
    """The same SDKs, pointed at the sandbox's fakes."""
    base, public, s = settings.sandbox_base, settings.public, SANDBOX
    return {
        "wechat": WeChatChannel(
            WeChatSettings(s.wechat_appid, s.wechat_secret, s.wechat_token, s.wechat_aes_key, f"{base}/wechat", public),
            SharedToken(store, "wechat", Token),
        ),
        "telegram": TelegramChannel(TelegramSettings(s.telegram_token, s.telegram_secret, f"{base}/telegram", public)),
        "sms": SmsChannel(
            SmsSettings(s.twilio_account_sid, s.twilio_auth_token, secret, s.twilio_from, "", f"{base}/twilio", public)
        ),
        "wecom": WeComRobot(WeComSettings(s.wecom_robot_key, f"{base}/wecom")),
    }


def budgets_of(settings: Settings, share: float = 1.0) -> dict[str, Budget]:
    """How fast this process may speak to each provider; all workers together keep its limit."""
    limits = {"telegram": TELEGRAM, "wechat": WECHAT, "wecom": WECOM, "sms": twilio(settings.twilio_per_second)}
    return {name: Budget(limit, share) for name, limit in limits.items()}


async def open_store(settings: Settings, *, upgrade: bool = True, idle_seconds: int = 0) -> Store:
    """The database, brought to today's shape or left as it is. Raises NotReady when it cannot be reached."""
    vault = Vault.parse(read_keys(settings), lambda: read_keys(settings))
    store = Store(settings.database_url, vault, idle_seconds=idle_seconds)
    try:
        if not await is_current(store) and upgrade:
            await migrate(store)
    except OSError as error:
        await store.close()
        raise NotReady([f"the database cannot be reached ({type(error).__name__}); check DATABASE_URL"]) from error
    return store


@asynccontextmanager
async def opened(settings: Settings, *, speaking: bool = False) -> AsyncIterator[House]:
    """The house with its doors open. ``speaking``: with channels, for the processes that send and hear."""
    store = await open_store(settings, idle_seconds=settings.lease_seconds if speaking else 0)
    secret = secret_of(read_keys(settings))
    channels: dict[str, Channel] = {}
    if speaking or settings.environment == "sandbox":
        make = sandbox_channels if settings.environment == "sandbox" else real_channels
        channels = make(settings, store, secret)
    house = House(
        store=store, clock=clock_of(settings), channels=channels, ladder_text=read_ladder(settings.scripts),
        sandbox=settings.environment == "sandbox", public_url=settings.public, secret=secret,
        worker=f"{socket.gethostname()}-{os.getpid()}", budgets=budgets_of(settings),
        concurrency=settings.concurrency, lease_seconds=settings.lease_seconds,
    )  # fmt: skip
    house.memory["link"] = make_link(house)
    try:
        house.memory["var"] = settings.var
        house.memory["retention_years"] = settings.retention_years
        await _bring_words(house, settings)
        if house.sandbox:
            house.memory["telegram_name"] = SANDBOX.telegram_username
        yield house
    finally:
        for channel in channels.values():
            await channel.close()
        await store.close()


async def _bring_words(house: House, settings: Settings) -> None:
    """A new database gets the shipped wordings at once; later ones come when the house starts to speak."""
    async with house.store.read() as conn:
        new = not await newest_pointer(conn)
    if new:
        await bring_in(house.store, read_files(settings.scripts), house.clock.now())


def read_ladder(scripts: Path) -> str:
    """The shipped ladder. Raises NotReady when the folder is not there."""
    path = scripts / "ladder.yaml"
    if not path.exists():
        raise NotReady([f"no wordings at {scripts}; set SCRIPTS_DIR to the folder that holds ladder.yaml"])
    return path.read_text(encoding="utf-8")

"""Moving in while Telegram is away: the house opens all the same, and tells it later."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.clock import SetClock
from bot.flows.house import House
from bot.flows.welcome import moved_in
from bot.settings import Settings
from channels.contract import Unknown
from store.engine import Store
from store.words import newest_pointer


class Away:
    """A Telegram that fails so many times, then answers; or says nothing at all."""

    def __init__(self, failures: int, silent: bool = False) -> None:
        self.failures, self.silent = failures, silent
        self.told: list[str] = []
        self.heard = asyncio.Event()

    async def set_webhook(self, url: str) -> None:
        self.told.append(url)
        if self.silent:
            await asyncio.Event().wait()
        if len(self.told) <= self.failures:
            raise Unknown("a time-out")
        self.heard.set()


@pytest.fixture
def house(store: Store, now: Any) -> House:
    ladder = (Settings().scripts / "ladder.yaml").read_text(encoding="utf-8")
    return House(store, SetClock(now), {}, ladder, public_url="https://yinuo.example.org")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("bot.flows.welcome.FIRST_PAUSE", 0.01)
    return Settings(PUBLIC_URL="https://yinuo.example.org")  # type: ignore[call-arg]


async def test_a_telegram_that_is_away_keeps_nobody_out_and_is_told_later(house: House, settings: Settings) -> None:
    telegram: Any = Away(failures=2)
    house.channels["telegram"] = telegram
    with capture_logs() as lines:
        async with moved_in(house, settings):
            assert len(telegram.told) == 1
            async with house.store.read() as conn:
                assert await newest_pointer(conn), "the wordings are there"
            async with asyncio.timeout(5):
                await telegram.heard.wait()
                await asyncio.sleep(0)
    assert telegram.told == ["https://yinuo.example.org/hooks/telegram"] * 3
    assert [line["action"] for line in lines if "webhook" in line["action"]] == [
        "webhook.failed", "webhook.failed", "webhook.set",
    ]  # fmt: skip


async def test_a_telegram_that_says_nothing_is_not_waited_for(
    house: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.flows.welcome.PATIENCE", 0.05)
    telegram: Any = Away(failures=0, silent=True)
    house.channels["telegram"] = telegram
    async with asyncio.timeout(20), moved_in(house, settings):
        assert telegram.told
    assert len(asyncio.all_tasks()) == 1, "nothing goes on after the house is left"

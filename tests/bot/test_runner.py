"""What runs by the wall clock goes on, whatever goes wrong beside it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.clock import SetClock
from bot.flows.house import House
from bot.runner import Runner
from bot.settings import Settings
from channels.contract import Heard, Malformed, Unknown

NO_STORE: Any = None


class Telegram:
    """Tells three updates again and again until they are confirmed; the second cannot be read."""

    def __init__(self) -> None:
        self.asked: list[int | None] = []
        self.left = 2
        self.all_told = asyncio.Event()

    async def delete_webhook(self) -> None:
        self.left -= 1
        if self.left:
            raise Unknown("a time-out")

    async def poll(self, offset: int | None, wait: int) -> list[tuple[int, bytes]]:
        self.asked.append(offset)
        told = [(number, str(number).encode()) for number in (1, 2, 3) if number >= (offset or 0)]
        if not told:
            self.all_told.set()
            await asyncio.sleep(0.01)
        return told

    def read(self, raw: bytes) -> Heard:
        if raw == b"2":
            raise Malformed("not a Telegram update")
        return Heard()


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, now: Any) -> Runner:
    monkeypatch.setattr("bot.runner.POLL_PAUSE", 0.01)
    return Runner(House(NO_STORE, SetClock(now), {}, ""), Settings())


async def test_listening_outlives_a_silent_telegram_a_broken_update_and_a_database_that_refuses(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram, kept = Telegram(), []

    async def keep(_house: House, _name: str, heard: Heard) -> int:
        kept.append(heard)
        if len(kept) == 2:
            raise OperationalError("INSERT", {}, Exception("database is locked"))
        return 1

    monkeypatch.setattr("bot.runner.keep", keep)
    runner._house.channels["telegram"] = telegram  # type: ignore[assignment]
    with capture_logs() as lines:
        listening = asyncio.create_task(runner._listen_for_ever())
        async with asyncio.timeout(5):
            await telegram.all_told.wait()
        await runner.stop()
        await listening
    assert telegram.asked[:3] == [None, 3, 4], "what was not kept is asked for again, what cannot be read is not"
    assert len(kept) == 3
    assert [line["action"] for line in lines][:4] == [
        "poll.failed", "poll.passed_over", "poll.failed", "work.stopped",
    ]  # fmt: skip


async def test_a_beat_the_database_misses_is_one_line_and_ends_nothing(runner: Runner) -> None:
    class Gone:
        def write(self) -> Any:
            raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))

    runner._house.store = Gone()  # type: ignore[assignment]
    with capture_logs() as lines:
        await runner._beat()
    assert [line["action"] for line in lines] == ["beat.failed"]

"""The judge of the demo sees what goes wrong: each figure that must be zero rises once its rule is switched off."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, select, update

from bot.clock import SetClock
from bot.demo import stage as scene
from bot.demo.judge import Evidence, after_payment, duplicates, outside_window
from bot.demo.show import HOURS, summarise
from bot.demo.stage import Stage, staged
from bot.demo.town import Town, people_the_town
from bot.flows import dispatch, ledger
from bot.flows.outcome import Told
from bot.flows.sample import workbook
from bot.flows.sample.estate import Estate
from bot.rules import windows
from bot.settings import Settings
from channels.contract import Passing, Unknown
from store.core import attempt, provider_event

ZONE = ZoneInfo("Asia/Shanghai")
DAY_0 = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
SEED = 7
FLATS = 50
"""Enough of the sample to have everybody's habits in a few seconds."""
ZERO = ("after_payment", "duplicates", "outside_window", "unexplained")


class Hamlet(Estate):
    """The first flats of the sample."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.places = self.places[:FLATS]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small sample that begins on a known Tuesday."""
    monkeypatch.setattr(workbook, "Estate", Hamlet)
    monkeypatch.setattr(scene, "WallClock", lambda: SetClock(DAY_0))


@pytest.fixture
async def stage(small: None, tmp_path: Path, keys: str) -> AsyncIterator[Stage]:
    settings = Settings(
        environment="sandbox", database_url=f"sqlite:///{tmp_path}/demo.db", var=tmp_path, keys=SecretStr(keys)
    )
    async with staged(settings, SEED, any_port=True) as set_up:
        yield set_up


class Days:
    """The demo's days, to be let pass a few at a time."""

    def __init__(self, stage: Stage, town: Town) -> None:
        self.stage, self.town = stage, town
        self.day = stage.started.astimezone(ZONE).date()

    async def go_by(self, number: int) -> dict[str, Any]:
        """So many days, then the summary."""
        for _ in range(number):
            for hour in HOURS:
                at = datetime.combine(self.day, time(), ZONE) + timedelta(hours=hour)
                await self.stage.control("clock", to=at.isoformat())
                await self.town.wake(at)
            self.day += timedelta(days=1)
        await self.stage.control("clock", forward=3600)
        return await summarise(self.stage, self.town)


def payments_close_nothing(patch: pytest.MonkeyPatch) -> None:
    async def only_look(conn: Any, ids: Any, now: Any) -> None:
        await ledger.book.look_now(conn, list(ids), now)

    patch.setattr(ledger, "reallocate", only_look)


def always_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(windows, "hours_of", lambda *_: ((0, 1440),))


def resent_blindly(patch: pytest.MonkeyPatch) -> None:
    """Every fifth answer is lost on the way, and what nobody knows the end of counts as not taken."""
    real, count = dispatch._call, iter(range(1_000_000))

    async def call(*told_to: Any) -> Any:
        told = await real(*told_to)
        lost = next(count) % 5 == 0 and not isinstance(told.answer, Exception)
        return Told(told.ready, Passing("try again", retry_after=0.0)) if lost or _unsure(told) else told

    patch.setattr(dispatch, "_call", call)


def _unsure(told: Any) -> bool:
    return isinstance(told.answer, Unknown)


OFF: tuple[tuple[str, Callable[[pytest.MonkeyPatch], None], int], ...] = (
    ("after_payment", payments_close_nothing, 8),
    ("outside_window", always_open, 5),
    ("duplicates", resent_blindly, 3),
)


async def test_every_figure_is_zero_and_rises_once_its_rule_is_switched_off(stage: Stage) -> None:
    days = Days(stage, await people_the_town(stage, SEED))
    told = await days.go_by(2)
    assert {name: told[name] for name in ZERO} == dict.fromkeys(ZERO, 0)
    assert told["messages"]["accepted"] > 10
    assert told["promises"]["made"] > 0
    assert set(told["messages"]["by_channel"]) >= {"sms", "wechat", "telegram"}
    for figure, off, number in OFF:
        with pytest.MonkeyPatch.context() as patch:
            off(patch)
            told = await days.go_by(number)
        assert told[figure] > 0, (figure, told)
    await lose_attempts(stage)
    assert (await days.go_by(0))["unexplained"] > told["unexplained"]


async def lose_attempts(stage: Stage) -> None:
    """Three attempts were never written down."""
    async with stage.house.store.write() as conn:
        some = select(attempt.c.id).where(attempt.c.channel == "sms", attempt.c.outcome != "in_flight").limit(3)
        ids = list((await conn.execute(some)).scalars())
        await conn.execute(update(provider_event).where(provider_event.c.attempt_id.in_(ids)).values(attempt_id=None))
        await conn.execute(delete(attempt).where(attempt.c.id.in_(ids)))


# The same figures from a few lines of evidence


def line(at: str, text: str, to: str = "+861", **more: Any) -> dict[str, Any]:
    stamp = datetime.fromisoformat(at).replace(tzinfo=ZONE).isoformat()
    return {"at": stamp, "real_at": stamp, "channel": "sms", "to": to, "text": text, "our_id": text + at} | more


def evidence(*lines: dict[str, Any], paid_at: str = "", spoke: Any = ()) -> Evidence:
    stamp = datetime.fromisoformat(paid_at).replace(tzinfo=ZONE).isoformat() if paid_at else ""
    payments = [{"unit": "3-2-1201", "amount_fen": 100, "real_at": stamp}] if paid_at else []
    return Evidence(lines, payments, {"3-2-1201": 100}, spoke, ZONE)


def test_words_after_the_whole_debt_was_paid_are_counted_and_thanks_are_not() -> None:
    before, after = line("2026-11-25T10:00", "3-2-1201室486元"), line("2026-11-26T10:00", "3-2-1201室486元")
    thanks = line("2026-11-26T11:00", "3-2-1201室486元已收到，谢谢您")
    assert after_payment(evidence(before, after, thanks, paid_at="2026-11-25T12:00")) == 1
    assert after_payment(evidence(before, after, thanks)) == 0


def test_the_same_id_or_the_same_words_within_a_day_are_a_duplicate() -> None:
    one = line("2026-11-25T10:00", "a", our_id="x")
    assert duplicates(evidence(one, line("2026-11-25T10:01", "b", our_id="x"))) == 1
    assert duplicates(evidence(line("2026-11-25T10:00", "a"), line("2026-11-25T11:00", "a"))) == 1
    assert duplicates(evidence(line("2026-11-25T10:00", "a"), line("2026-11-27T11:00", "a"))) == 0


def test_words_outside_the_hours_are_counted_and_answers_are_not() -> None:
    night = line("2026-11-25T22:00", "a")
    assert outside_window(evidence(night)) == 1
    asked = datetime.fromisoformat(night["at"]) - timedelta(minutes=1)
    assert outside_window(evidence(night, spoke=[("sms", "+861", asked)])) == 0

"""The judge of the demo sees what goes wrong: each figure that must be zero rises once its rule is switched off."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from bot.clock import SetClock
from bot.demo import stage as scene
from bot.demo.judge import Evidence, after_payment, duplicates, outside_window
from bot.demo.show import play, summarise
from bot.demo.stage import Stage, staged
from bot.demo.town import Town
from bot.flows import dispatch, ledger
from bot.flows.outcome import Told
from bot.flows.sample import workbook
from bot.flows.sample.estate import Estate
from bot.rules import windows
from bot.settings import Settings
from channels.contract import Passing, Unknown
from store.core import attempt

ZONE = ZoneInfo("Asia/Shanghai")
DAY_0 = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
SEED = 7
FLATS = 70
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


@asynccontextmanager
async def demo(folder: Path, keys: str) -> AsyncIterator[Stage]:
    settings = Settings(
        environment="sandbox", database_url=f"sqlite:///{folder}/demo.db", var=folder, keys=keys, port=0
    )  # type: ignore[arg-type]
    async with staged(settings, SEED, any_port=True) as stage:
        yield stage


async def figures(folder: Path, keys: str, days: int) -> dict[str, Any]:
    async with demo(folder, keys) as stage:
        return await play(stage, days, loud=False)


async def test_a_run_with_every_rule_on_has_nothing_to_report(small: None, tmp_path: Path, keys: str) -> None:
    """And once its attempts are lost, what the providers took cannot be explained any more."""
    async with demo(tmp_path, keys) as stage:
        told = await play(stage, 7, loud=False)
        assert {name: told[name] for name in ZERO} == dict.fromkeys(ZERO, 0)
        assert told["messages"]["accepted"] > 30
        assert set(told["messages"]["by_channel"]) >= {"sms", "wechat", "telegram"}
        async with stage.house.store.write() as conn:
            some = select(attempt.c.id).where(attempt.c.outcome != "in_flight").limit(3)
            await conn.execute(delete(attempt).where(attempt.c.id.in_(list((await conn.execute(some)).scalars()))))
        assert (await summarise(stage, Town(stage, [], SEED)))["unexplained"] >= 3


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


@pytest.mark.parametrize(
    ("figure", "off", "days"),
    [
        ("after_payment", payments_close_nothing, 9),
        ("outside_window", always_open, 2),
        ("duplicates", resent_blindly, 2),
    ],
)
async def test_a_rule_switched_off_shows_in_its_figure(
    figure: str, off: Callable[[pytest.MonkeyPatch], None], days: int, small: None, tmp_path: Path, keys: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    off(monkeypatch)
    assert (await figures(tmp_path, keys, days))[figure] > 0


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

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rules_kit import CALENDAR, SHANGHAI, at, shipped

from bot.rules.promising import MoveRefused, Ok, PartTooSmall, Past, TooFar, judge_at, judge_promise_offer, outcome

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("on", "fen", "band", "moves", "answer"),
    [
        (TODAY, 1_000, "warm", None, Ok()),
        (date(2026, 12, 21), 1_000, "warm", None, Ok()),
        (date(2026, 12, 22), 1_000, "talk", None, TooFar(date(2026, 12, 21))),
        (date(2026, 12, 4), 1_000, "formal", None, Ok()),
        (date(2026, 12, 5), 1_000, "formal", None, TooFar(date(2026, 12, 4))),
        (date(2026, 12, 5), 1_000, "law", None, TooFar(date(2026, 12, 4))),
        (date(2026, 11, 19), 1_000, "warm", None, Past()),
        (TODAY, 500, "warm", None, Ok()),
        (TODAY, 499, "warm", None, PartTooSmall(500)),
        (TODAY, 1_000, "warm", 0, Ok()),
        (TODAY, 1_000, "warm", 1, MoveRefused(1)),
    ],
)
def test_a_promise_has_limits(on: date, fen: int, band: str, moves: int | None, answer: object) -> None:
    assert judge_promise_offer(on, fen, 1_000, band, moves, shipped(), TODAY) == answer


def test_the_least_part_is_rounded_up() -> None:
    assert judge_promise_offer(TODAY, 500, 1_001, "warm", None, shipped(), TODAY) == PartTooSmall(501)


@pytest.mark.parametrize(
    ("due_on", "lag", "judged"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 21)),
        (date(2026, 11, 20), 1, date(2026, 11, 24)),  # Friday, then Monday's end
        (date(2026, 9, 30), 2, date(2026, 10, 10)),  # the National Day between
        (date(2024, 2, 29), 1, date(2024, 3, 2)),
    ],
)
def test_a_promise_is_judged_after_its_day_and_the_settlement_lag(due_on: date, lag: int, judged: date) -> None:
    assert judge_at(due_on, lag, SHANGHAI, CALENDAR) == at(judged, 0)


def test_the_local_day_ends_where_the_community_is() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert judge_at(date(2026, 3, 28), 0, berlin, CALENDAR) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert judge_at(date(2026, 3, 29), 0, berlin, CALENDAR) == datetime(2026, 3, 29, 22, tzinfo=UTC)


DAY = date(2026, 11, 20)
JUDGED = at(date(2026, 11, 24), 0)


@pytest.mark.parametrize(
    ("paid", "watermark", "hours", "end"),
    [
        (1_000, None, -100, "kept"),
        (999, DAY, -1, "wait"),
        (0, DAY, 0, "broken"),
        (1, DAY, 0, "partly_kept"),
        (0, DAY - timedelta(days=1), 0, "wait"),
        (0, None, 47, "wait"),
        (0, None, 48, "stale"),
        (500, DAY - timedelta(days=1), 48, "stale"),
        (0, DAY, 1000, "broken"),
    ],
)
def test_a_word_is_broken_only_when_the_book_covers_the_day(
    paid: int, watermark: date | None, hours: int, end: str
) -> None:
    now = JUDGED + timedelta(hours=hours)
    assert outcome(1_000, DAY, JUDGED, paid, watermark, now, SHANGHAI, CALENDAR) == end

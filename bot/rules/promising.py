"""How far a promise may reach, when it may be judged, and how it ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.calendar import Calendar
from bot.rules.terms import Policy
from bot.rules.windows import midnight

_STALE_AFTER = 2
"""Working days the book may lag behind a promised day before the accountant is asked (design section 3)."""


@dataclass(frozen=True, slots=True)
class Ok:
    """The promise may be taken; ``silences`` says whether it quiets the ladder."""

    silences: bool = True


@dataclass(frozen=True, slots=True)
class TooFar:
    """Later than the policy allows; ``latest`` is the last local date that would do."""

    latest: date


@dataclass(frozen=True, slots=True)
class PartTooSmall:
    """A smaller part than silences the ladder; ``least_fen`` would do. It may still be paid and noted."""

    least_fen: int


@dataclass(frozen=True, slots=True)
class Past:
    """The date lies before today."""


@dataclass(frozen=True, slots=True)
class MoveRefused:
    """The promise was moved as often as the policy allows; people decide now."""

    moves: int


Judgement = Ok | TooFar | PartTooSmall | Past | MoveRefused


def judge_promise_offer(
    on: date, amount_fen: int, owed_fen: int, band: str, moves_so_far: int | None, policy: Policy, today: date
) -> Judgement:
    """Whether a promise for a local date and an amount may be taken in a band.

    ``moves_so_far``: None for a new promise; for a moved one how often it was moved. KeyError: unknown band.
    """
    if on < today:
        return Past()
    if moves_so_far is not None and moves_so_far >= policy.promise.moves:
        return MoveRefused(moves_so_far)
    latest = latest_date(band, policy, today)
    if on > latest:
        return TooFar(latest)
    least = least_part(owed_fen, policy)
    return PartTooSmall(least) if amount_fen < least else Ok()


def latest_date(band: str, policy: Policy, today: date) -> date:
    """The last local date a promise made today may name."""
    limits = policy.promise
    return today + timedelta(days=limits.max_days_formal if policy.band[band].formal else limits.max_days)


def least_part(owed_fen: int, policy: Policy) -> int:
    """The smallest part in fen that silences the ladder, rounded up."""
    return -(-owed_fen * policy.promise.min_part_percent // 100)


def judge_at(due_on: date, way_lag: int, tz: ZoneInfo, calendar: Calendar) -> datetime:
    """The earliest UTC instant a promise may be judged: its local day over, then ``way_lag`` working days."""
    return midnight(calendar.add_working_days(due_on, way_lag) + timedelta(days=1), tz)


def outcome(
    amount_fen: int, due_on: date, judge_from: datetime, paid_by_then_fen: int, watermark: date | None, now: datetime,
    tz: ZoneInfo, calendar: Calendar,
) -> str:  # fmt: skip
    """kept, partly_kept, broken, wait or stale.

    ``amount_fen``: what the promise asks for in all. ``paid_by_then_fen``: paid towards it since it was made. Kept is
    known at once; anything else only after ``judge_from`` and once the book's watermark covers the day. If it does not
    within two working days, the answer is stale: a case for the accountant, not a broken word.
    """
    if paid_by_then_fen >= amount_fen:
        return "kept"
    if now < judge_from:
        return "wait"
    if watermark is None or watermark < due_on:
        last = calendar.add_working_days(judge_from.astimezone(tz).date() - timedelta(days=1), _STALE_AFTER)
        return "stale" if now >= midnight(last + timedelta(days=1), tz) else "wait"
    return "partly_kept" if paid_by_then_fen > 0 else "broken"

"""The late fee of one charge: simple, daily, never compounded, explained line by line.

Counted from the day after the grace has run out, through the day asked for, on the principal open on each day (a
payment counts from its own day on). Exact until the end of the charge, then rounded half up to fen; the lines are
rounded so that they add up to the total. Never more than the cap, never on fees that are only passed through.
Courts cut rates far above the actual loss (about 1-1.3 LPR a year); four times LPR is refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter

from bot.rules.terms import LateFeePolicy

_DAY = timedelta(days=1)
_PPM = 1_000_000
PASSED_THROUGH = frozenset({"water", "electricity", "gas"})
"""Kinds that never bear a late fee; a community may name more."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The contract's clause from a local date on: the daily rate in parts per million, days of grace, cap in per cent.

    The grace is that of the clause in force when a charge fell due, the cap that of the clause in force when the fee
    is asked for; where none was yet, the first clause's.
    """

    effective_from: date
    daily_ppm: int
    grace_days: int = 15
    cap_percent: int = 100


@dataclass(frozen=True, slots=True)
class LateFeeLine:
    """So many days (first and last local date included) at one rate on one principal."""

    first: date
    last: date
    days: int
    daily_ppm: int
    principal_fen: int
    fee_fen: int


@dataclass(frozen=True, slots=True)
class LateFee:
    """The fee still owed in fen, the lines it comes from, and what the cap and waivers took off them."""

    fee_fen: int
    lines: tuple[LateFeeLine, ...] = ()
    capped_fen: int = 0
    waived_fen: int = 0


def late_fee(
    kind: str, due_on: date, principal: Sequence[tuple[date, int]], rates: Sequence[Rate], as_of: date,
    never_on: frozenset[str], off_fen: int = 0,
) -> LateFee:  # fmt: skip
    """The late fee of a charge on the local date ``as_of``; ``off_fen``: what was paid or given up of it.

    ``principal``: (local date, open fen from that day on), earliest first; the first entry is the whole charge.
    """
    if kind in never_on or not principal or not rates:
        return LateFee(0)
    first = due_on + timedelta(days=_terms(rates, due_on).grace_days + 1)
    if as_of < first:
        return LateFee(0)
    lines: list[LateFeeLine] = []
    exact = told = 0
    for begin, end, ppm, fen in _stretches(first, as_of, principal, rates):
        days = (end - begin).days + 1
        exact += days * ppm * fen
        total = _half_up(exact)
        lines.append(LateFeeLine(begin, end, days, ppm, fen, total - told))
        told = total
    cap = principal[0][1] * _terms(rates, as_of).cap_percent // 100
    capped = max(0, told - cap)
    waived = min(off_fen, told - capped)
    return LateFee(told - capped - waived, tuple(lines), capped, waived)


def _terms(rates: Sequence[Rate], day: date) -> Rate:
    """The clause in force on a day; before the first one, the first."""
    known = sorted(rates, key=lambda rate: rate.effective_from)
    return next((rate for rate in reversed(known) if rate.effective_from <= day), known[0])


def principal_of(amount_fen: int, fallen: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """(Local date, open fen from that day on), the whole charge first; ``fallen``: what was paid or given up when."""
    steps = [(date.min, amount_fen)]
    for day, fen in sorted(fallen, key=itemgetter(0)):
        steps.append((day, steps[-1][1] - fen))
    return steps


@dataclass(slots=True)
class Running:
    """A charge whose late fee runs: its clauses, how its principal fell, and what was paid or given up of the fee."""

    kind: str
    due_on: date
    amount_fen: int
    rates: Sequence[Rate]
    never_on: frozenset[str]
    fallen: list[tuple[date, int]] = field(default_factory=list)
    off_fen: int = 0

    def take(self, part: str, fen: int, on: date) -> None:
        """So much of the principal, or of the fee, is paid or given up from a local date on."""
        if part == "principal":
            self.fallen.append((on, fen))
        else:
            self.off_fen += fen

    def fee(self, as_of: date) -> LateFee:
        """The late fee still owed on a local date."""
        principal = principal_of(self.amount_fen, self.fallen)
        return late_fee(self.kind, self.due_on, principal, self.rates, as_of, self.never_on, self.off_fen)


def _half_up(exact: int) -> int:
    return (exact + _PPM // 2) // _PPM


def _stretches(
    first: date, last: date, principal: Sequence[tuple[date, int]], rates: Sequence[Rate]
) -> Iterator[tuple[date, date, int, int]]:
    """Stretches of days with one rate and one principal, those that cost something."""
    marks = {day for day, _ in principal} | {rate.effective_from for rate in rates}
    begins = sorted({first, *(mark for mark in marks if first < mark <= last)})
    for begin, following in zip(begins, [*begins[1:], last + _DAY], strict=True):
        ppm = _in_force(begin, [(rate.effective_from, rate.daily_ppm) for rate in rates])
        fen = _in_force(begin, principal, earliest=True)
        if ppm > 0 and fen > 0:
            yield begin, following - _DAY, ppm, fen


def _in_force(day: date, steps: Sequence[tuple[date, int]], earliest: bool = False) -> int:
    """The value of the last step not later than a day; before the first 0, or the first one's value.

    Of steps of one day the one told last is what holds: the values stay in the order in which they were told.
    """
    ordered = sorted(steps, key=itemgetter(0))
    known = [value for begins, value in ordered if begins <= day]
    if known:
        return known[-1]
    return ordered[0][1] if earliest and ordered else 0


@dataclass(frozen=True, slots=True)
class RateJudgement:
    """Whether a rate may be entered; ``highest_ppm`` is four times LPR a day, ``warn`` that courts may cut it."""

    refused: bool
    warn: bool
    highest_ppm: int


def judge_rate(daily_ppm: int, policy: LateFeePolicy) -> RateJudgement:
    """Warns above the policy's mark (0.1 per mille), refuses above four times LPR / 365 and below zero."""
    highest = 4 * policy.lpr_bp * 100 // 365
    refused = daily_ppm < 0 or daily_ppm * 365 > 4 * policy.lpr_bp * 100
    return RateJudgement(refused, daily_ppm > policy.warn_above_ppm, highest)

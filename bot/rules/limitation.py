"""The three years in which a charge may be claimed in court (Civil Code art. 188-195), per charge.

Certain and arguable dates are kept apart; counsel confirms before a community relies on them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

YEARS = 3

DEMAND = "demand"
PART_PAYMENT = "part_payment"
PROMISE = "promise"
PLAN = "plan"
SUIT = "suit"


@dataclass(frozen=True, slots=True)
class Ground:
    """What may interrupt the limitation, on a local date.

    ``certain``: it demonstrably reached, or came from, the owner: a receipt on a proved contact, a signed paper, the
    owner's own words. A demand to a ledger contact, a notice to all, a tenant's promise is arguable at best.
    """

    on: date
    kind: str
    certain: bool = True
    ref: str = ""
    last_instalment_on: date | None = None
    """Of a plan: it counts from its last instalment (art. 189)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Start and interruptions that count, and the last local date of the three years."""

    starts_on: date
    interruptions: tuple[Ground, ...]
    ends_on: date


@dataclass(frozen=True, slots=True)
class Limitation:
    """By certain grounds alone, and with the arguable ones. ``waived``: promised after expiry (art. 192)."""

    certain: Clock
    arguable: Clock
    waived: bool


def limitation(due_on: date, grounds: Iterable[Ground], today: date) -> Limitation:
    """The clock of one charge on a local date; later grounds are ignored."""
    known = sorted((ground for ground in grounds if due_on <= ground.on <= today), key=lambda ground: ground.on)
    sure = [ground for ground in known if ground.certain]
    certain = _run(due_on, sure)
    waived = any(ground.on > certain.ends_on and ground.kind in (PROMISE, PLAN) for ground in sure)
    return Limitation(certain, _run(due_on, known), waived)


def _run(due_on: date, grounds: Sequence[Ground]) -> Clock:
    """Each ground within the running three years starts them anew; after their end none does."""
    ends, counted = years_later(due_on), []
    for ground in grounds:
        if ground.on <= ends:
            counted.append(ground)
            begins = max(ground.on, ground.last_instalment_on) if ground.last_instalment_on else ground.on
            ends = max(ends, years_later(begins))
    return Clock(due_on, tuple(counted), ends)


def years_later(day: date, years: int = YEARS) -> date:
    """The same date years later; 28 February where 29 February is missing (Civil Code art. 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def expired(clock: Clock, today: date) -> bool:
    """Whether the last day has passed."""
    return today > clock.ends_on

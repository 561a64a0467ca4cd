"""When to look at an account again: the earliest instant at which time alone could change the decision."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.rules.beside import next_nudge, next_statement
from bot.rules.debt import Debt
from bot.rules.decision import Code, Reason
from bot.rules.facts import AccountFacts
from bot.rules.moment import Moment
from bot.rules.people import next_human_begin
from bot.rules.rungs import SUIT_FILED, next_begin
from bot.rules.trail import Trail

LASTING = frozenset({Code.NOT_PROVED, Code.BELOW_TOLERANCE})
"""Blockers of a formal step behind which the monthly statement still goes out: the ladder never goes mute."""


def look_after_blockers(
    reasons: Sequence[Reason], facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment
) -> datetime | None:
    """When every blocker that time ends has ended, or a step, nudge, statement or hand-over begins before that."""
    found: list[datetime] = []
    untils = [reason.until for reason in reasons if reason.code is not Code.NEEDS_FACT]
    timed = [until for until in untils if until is not None]
    if timed and len(timed) == len(untils):
        found.append(opening_or(max(timed), facts.segment, moment))
    for day in _days_ahead(reasons[0].code, facts, debt, trail, moment):
        found.append(opening_or(moment.begins(day), facts.segment, moment))
    return min(found, default=None)


def opening_or(at: datetime, segment: str, moment: Moment) -> datetime:
    """The first ordinary opening from an instant on; the instant itself if none is in sight."""
    return moment.opening_after(at, False, "", segment) or at


def _days_ahead(code: Code, facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> list[date]:
    """Local dates on which time alone brings something new."""
    if SUIT_FILED in facts.facts:
        return []
    begin = next_begin(facts, debt, trail, moment)
    days = [
        begin[0] if begin is not None else None,
        next_human_begin(facts, debt, trail, moment),
        next_nudge(facts, moment) if facts.promises else None,
        next_statement(facts, trail, moment) if code in LASTING else None,
    ]
    return [day for day in days if day is not None]


def look_after_word(
    band_index: int, on_ladder: bool, left_out: Sequence[Reason], debt: Debt, moment: Moment
) -> datetime:
    """After a word has gone out: the next step's day, the end of a gap, or of what kept a listener out."""
    look = moment.after_word(debt.days, band_index, on_ladder)
    return min([look, *(reason.until for reason in left_out if reason.until is not None)]) if left_out else look

"""What silences the ladder, for exactly what it covers and until exactly when it ends (I5)."""

from datetime import date

from bot.rules.debt import hold_code
from bot.rules.decision import Code, Reason
from bot.rules.facts import AccountFacts, PromiseFact
from bot.rules.moment import Moment

NUDGED = frozenset({Code.PROMISE_OPEN, Code.PLAN_ON_TRACK})
"""Silences a nudge belongs to; any other silences it too."""


def silences(facts: AccountFacts, moment: Moment) -> list[Reason]:
    """Every silence of the whole account, in order. Disputes and holds on one charge are the debt's affair."""
    found: list[Reason] = []
    for promise in facts.promises:
        if promise.state != "broken" and (reason := promise_silence(promise, moment)) is not None:
            found.append(reason)
    if facts.disputed_account:
        found.append(Reason(Code.DISPUTED))
    if facts.plan_on_track_until is not None and facts.plan_on_track_until >= moment.today:
        found.append(_until(Code.PLAN_ON_TRACK, facts.plan_on_track_until, moment))
    if facts.debit_pending_until is not None and facts.debit_pending_until >= moment.today:
        found.append(_until(Code.BANK_DEBIT_PENDING, facts.debit_pending_until, moment))
    for hold in facts.holds:
        if hold.charge_id is None and hold.until >= moment.today:
            found.append(Reason(hold_code(hold.code), moment.ends(hold.until), {"why": hold.reason}))
    return found


def promise_silence(promise: PromiseFact, moment: Moment) -> Reason | None:
    """An open promise silences until it may be judged; a small part silences nothing. Unknown states silence."""
    if promise.state != "open":
        return Reason(Code.UNKNOWN, detail={"promise": str(promise.id), "state": promise.state})
    if promise.plan_id is None and not large_enough(promise.amount_fen, promise.owed_fen, moment):
        return None
    code = Code.PROMISE_OPEN if promise.plan_id is None else Code.PLAN_ON_TRACK
    until = promise.judge_at if promise.judge_at > moment.now else None
    return Reason(code, until, {"promise": str(promise.id), "due_on": promise.due_on.isoformat()})


def large_enough(amount_fen: int, owed_fen: int, moment: Moment) -> bool:
    """Whether a promised part is at least the policy's share of what was owed."""
    return amount_fen * 100 >= owed_fen * moment.policy.promise.min_part_percent


def _until(code: Code, day: date, moment: Moment) -> Reason:
    return Reason(code, moment.ends(day))


def stale(facts: AccountFacts, band_index: int, moment: Moment) -> Reason | None:
    """Whether the book is too old to say "you owe" in this band; only a newer watermark ends it."""
    if facts.watermark is not None and facts.watermark >= moment.fresh_from[band_index]:
        return None
    as_of = facts.watermark.isoformat() if facts.watermark is not None else ""
    return Reason(Code.STALE_LEDGER, detail={"as_of": as_of, "needed": moment.fresh_from[band_index].isoformat()})

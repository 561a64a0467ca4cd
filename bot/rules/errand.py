"""What there is to say about an account today, whether or not it may go out."""

from dataclasses import replace

from bot.rules.beside import broken_of, nudge_of, said_to, statement_of
from bot.rules.debt import Debt
from bot.rules.decision import Pick, Reason
from bot.rules.facts import AccountFacts, Climate
from bot.rules.moment import Moment
from bot.rules.reach import audience, choose, may_be_told
from bot.rules.rungs import SUIT_FILED, next_begin, next_rung
from bot.rules.silences import NUDGED
from bot.rules.terms import Step
from bot.rules.trail import Trail

Errand = tuple[Step, str]
"""A step and the occasion it is said for."""


def errand_of(
    facts: AccountFacts, debt: Debt, trail: Trail, quiet: list[Reason], climate: Climate, moment: Moment
) -> Errand | None:
    """A nudge, a broken promise, the next rung, a co-owner's copy of the last one, or the monthly statement."""
    if facts.promises:
        beside = _of_a_promise(facts, debt, quiet, climate, moment)
        if beside is not None and SUIT_FILED not in facts.facts:
            return beside
    step = next_rung(facts, debt, trail, moment)
    if SUIT_FILED in facts.facts:
        return (step, debt.occasion) if step is not None and SUIT_FILED in step.requires else None
    if step is not None:
        return step, debt.occasion
    copy = _copy(facts, debt, trail, climate, moment) if trail.step else None
    if copy is not None:
        return copy, debt.occasion
    return _statement_at_rest(facts, debt, trail, moment)


def _of_a_promise(
    facts: AccountFacts, debt: Debt, quiet: list[Reason], climate: Climate, moment: Moment
) -> Errand | None:
    """What is to be said of a promise; where whoever gave it cannot hear, nothing, and the ladder goes its way."""
    step = moment.policy.step["broken_promise"]
    heard = tuple(p for p in facts.promises if may_be_told(p, facts, step, climate, moment))
    facts = replace(facts, promises=heard)
    if all(reason.code in NUDGED for reason in quiet):
        nudge = nudge_of(facts, moment)
        if nudge is not None:
            return nudge
    return broken_of(facts, moment) if debt.days > 0 else None


def _copy(facts: AccountFacts, debt: Debt, trail: Trail, climate: Climate, moment: Moment) -> Step | None:
    """The formal step said in the last days that some listener who may hear it has not heard yet."""
    step = moment.policy.step[trail.step]
    if not step.formal or trail.step_at is None or trail.step_at < moment.since[moment.policy.gaps.formal - 1]:
        return None
    heard = said_to(facts, step.id, debt.occasion)
    for listener in audience(facts, step):
        if listener.person_id not in heard and isinstance(choose(listener, step, climate), Pick):
            return step
    return None


def _statement_at_rest(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> Errand | None:
    if trail.reached < moment.policy.arrears_index:
        return None
    statement = statement_of(facts, debt, trail, moment)
    if statement is None or next_begin(facts, debt, trail, moment) is not None:
        return None
    return statement

"""What is said beside the ladder: a nudge on the eve of a promise, a broken promise, the monthly statement."""

from datetime import date, timedelta

from bot.rules.debt import Debt
from bot.rules.facts import AccountFacts, PromiseFact
from bot.rules.moment import Moment
from bot.rules.terms import Step
from bot.rules.trail import Trail

Errand = tuple[Step, str]
"""A step and the occasion it is said for."""

_NUDGE_STEP = {-1: "promise_eve", 0: "promise_day"}


def nudge_of(facts: AccountFacts, moment: Moment) -> Errand | None:
    """The nudge of an open promise that belongs to today and was not said."""
    for promise in facts.promises:
        if promise.state == "open":
            step = _nudge_today(promise, moment)
            if step is not None and not said(facts, step.id, f"promise:{promise.id}"):
                return step, f"promise:{promise.id}"
    return None


def _nudge_today(promise: PromiseFact, moment: Moment) -> Step | None:
    for offset in moment.policy.promise.nudge_days:
        on = promise.due_on + timedelta(days=offset)
        if on == moment.today and (promise.made_on is None or promise.made_on < on):
            return moment.policy.step[_NUDGE_STEP[offset]]
    return None


def next_nudge(facts: AccountFacts, moment: Moment) -> date | None:
    """The earliest later local date on which a promise is to be nudged."""
    offsets = moment.policy.promise.nudge_days
    open_ones = [promise for promise in facts.promises if promise.state == "open"]
    days = [promise.due_on + timedelta(days=offset) for promise in open_ones for offset in offsets]
    return min((day for day in days if day > moment.today), default=None)


def broken_of(facts: AccountFacts, moment: Moment) -> Errand | None:
    """The broken-promise step still to be said; afterwards the ladder goes on where it stood."""
    for promise in facts.promises:
        occasion = f"promise:{promise.id}"
        if promise.state == "broken" and not said(facts, "broken_promise", occasion):
            return moment.policy.step["broken_promise"], occasion
    return None


def statement_on(trail: Trail, moment: Moment) -> date:
    """The earliest local date of the next statement by distance from the last word."""
    last = moment.local_date(trail.last_at) if trail.last_at is not None else trail.demand_on
    return moment.today if last is None else last + timedelta(days=moment.policy.statement_every_days)


def statement_of(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> Errand | None:
    """The statement of this month, if it is time and it was not said."""
    occasion = f"month:{moment.today:%Y-%m}"
    if debt.days <= 0 or statement_on(trail, moment) > moment.today or said(facts, "statement", occasion):
        return None
    return moment.policy.step["statement"], occasion


def next_statement(facts: AccountFacts, trail: Trail, moment: Moment) -> date:
    """The local date on which the next statement falls due; one a calendar month."""
    day = statement_on(trail, moment)
    if day <= moment.today:
        day = moment.today + timedelta(days=1)
    if said(facts, "statement", f"month:{day:%Y-%m}"):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day


def said_to(facts: AccountFacts, step: str, occasion: str) -> frozenset[int]:
    """The people who have heard a step for an occasion."""
    return frozenset(item.person_id for item in facts.said if item.step == step and item.occasion == occasion)


def said(facts: AccountFacts, step: str, occasion: str) -> bool:
    """Whether a step is on record for an occasion."""
    return any(item.step == step and item.occasion == occasion for item in facts.said)

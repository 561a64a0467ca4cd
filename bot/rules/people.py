"""Steps that belong to people: a case is opened once for its occasion; they never hold up the bot."""

from collections.abc import Iterable
from datetime import date, timedelta

from bot.rules.debt import Debt
from bot.rules.decision import Code, HandOver
from bot.rules.facts import AccountFacts
from bot.rules.moment import Moment
from bot.rules.rungs import allowed, begins_on
from bot.rules.terms import Step
from bot.rules.trail import Trail

MISSING_CONTACT = "missing_contact"
"""The case for finding an address; not a step of the ladder."""


def due_to_people(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment, sent: Step | None) -> list[HandOver]:
    """People's steps of the band reached that are due now; ``sent`` is the step that goes out with this decision."""
    index = max(trail.reached, sent.band_index if sent is not None and sent.order >= 0 else -1)
    if index < 0:
        return []
    steps = moment.policy.person_steps[index]
    return hand_over((s for s in steps if _due(s, facts, debt, trail, moment, sent)), facts, debt) if steps else []


def _due(step: Step, facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment, sent: Step | None) -> bool:
    if step.day > debt.days or not allowed(step, facts, debt, moment):
        return False
    if step.beside:
        return (sent is not None and sent.id == step.beside) or _said(facts, step.beside, debt)
    return trail.last_at is not None and trail.last_at < moment.since[moment.policy.gaps.steps - 1]


def _said(facts: AccountFacts, step: str, debt: Debt) -> bool:
    return any(said.step == step and said.occasion == debt.occasion for said in facts.said)


def hand_over(steps: Iterable[Step], facts: AccountFacts, debt: Debt) -> list[HandOver]:
    """The steps not yet with people for this occasion."""
    return [
        HandOver(step.id, step.band, debt.occasion)
        for step in steps
        if f"{step.id}:{debt.occasion}" not in facts.pending
    ]


def instead_of(code: Code, step: Step, facts: AccountFacts, debt: Debt, moment: Moment) -> list[HandOver]:
    """What people do when the bot cannot reach the owner: find a contact, deliver paper, call by day."""
    found: list[HandOver] = []
    if code is Code.NO_CONTACT and f"{MISSING_CONTACT}:{debt.occasion}" not in facts.pending:
        found.append(HandOver(MISSING_CONTACT, step.band, debt.occasion))
    if code is Code.OFFLINE:
        found += hand_over(_in_their_place(facts, debt, moment), facts, debt)
    elif step.formal and code in (Code.NO_CONTACT, Code.OPTED_OUT, Code.NOT_PROVED):
        found += hand_over(_papers(step, moment), facts, debt)
    return found


def _papers(step: Step, moment: Moment) -> list[Step]:
    return [other for band in moment.policy.person_steps for other in band if other.beside == step.id]


def _in_their_place(facts: AccountFacts, debt: Debt, moment: Moment) -> list[Step]:
    """For an owner without a phone people climb the ladder: a call from the first reminder on, then paper, then review.

    One at a time: the next only once the one before is with people.
    """
    theirs = [step for band in moment.policy.person_steps for step in band]
    first = moment.policy.bot_steps[moment.policy.arrears_index]
    start = min((step.day for step in first), default=0)
    for place, step in enumerate(theirs):
        begins = start if place == 0 else step.day
        if f"{step.id}:{debt.occasion}" not in facts.pending:
            return [step] if debt.days >= begins else []
    return []


def next_human_begin(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> date | None:
    """The earliest later local date on which a step of people becomes due in the band reached."""
    if trail.reached < 0:
        return None
    days: list[date] = []
    rested = None
    if trail.last_at is not None:
        rested = moment.local_date(trail.last_at) + timedelta(days=moment.policy.gaps.steps)
    for step in moment.policy.person_steps[trail.reached]:
        begins = begins_on(step, facts, debt, moment)
        if begins is None or step.beside or f"{step.id}:{debt.occasion}" in facts.pending:
            continue
        day = begins if rested is None else max(begins, rested)
        if day > moment.today:
            days.append(day)
    return min(days, default=None)

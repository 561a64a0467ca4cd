"""Which step comes next (I3): bands are never skipped, within a band only the latest due step goes.

An account that comes in late starts in the first band of arrears; each later band follows after its gap.
"""

from datetime import date, timedelta

from bot.rules.debt import Debt
from bot.rules.facts import AccountFacts
from bot.rules.moment import Moment
from bot.rules.terms import After, Step
from bot.rules.trail import Trail, delivered_on

SUIT_FILED = "suit_filed"


def next_rung(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> Step | None:
    """The bot's step that is due and not yet said, or None while the ladder rests or waits for a day or a fact."""
    policy = moment.policy
    bands, arrears = policy.bot_steps, policy.arrears_index
    if debt.days <= 0:
        return _before_due(facts, debt, trail, moment)
    if trail.reached < arrears:
        return _latest(bands[arrears], -1, facts, debt, moment)
    if trail.reached + 1 < len(bands):
        step = _latest(bands[trail.reached + 1], trail.order, facts, debt, moment)
        if step is not None:
            return step
    return _latest(bands[trail.reached], trail.order, facts, debt, moment)


def _before_due(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> Step | None:
    for index in range(moment.policy.arrears_index - 1, -1, -1):
        step = _latest(moment.policy.bot_steps[index], trail.order, facts, debt, moment)
        if step is not None:
            return step
    return None


def _latest(steps: tuple[Step, ...], after_order: int, facts: AccountFacts, debt: Debt, moment: Moment) -> Step | None:
    """The latest due step of a band (its steps come latest first) beyond the furthest one said."""
    for step in steps:
        if step.order <= after_order:
            return None
        if step.day <= debt.days and allowed(step, facts, debt, moment):
            return step
    return None


def allowed(step: Step, facts: AccountFacts, debt: Debt, moment: Moment) -> bool:
    """Whether its facts are on record and the step it follows lies far enough back."""
    if not step.requires <= facts.facts:
        return False
    if step.after is None:
        return True
    since = _since(step.after, facts, debt, moment)
    return since is not None and (moment.today - since).days > step.after.days


def _since(after: After, facts: AccountFacts, debt: Debt, moment: Moment) -> date | None:
    """Local date from which a following step counts its days: the delivery, or the first time it was said."""
    delivered = delivered_on(facts, debt, moment) if after.step == moment.policy.demand.step else None
    if delivered is not None or after.delivered:
        return delivered
    said = [item.at for item in facts.said if item.step == after.step and item.occasion == debt.occasion]
    return moment.local_date(min(said)) if said else None


def begins_on(step: Step, facts: AccountFacts, debt: Debt, moment: Moment) -> date | None:
    """The local date from which time alone makes a step due; None if it needs a fact or another step first."""
    day = debt.anchor.due_on + timedelta(days=step.day)
    if not step.requires <= facts.facts:
        return None
    if step.after is None:
        return day
    since = _since(step.after, facts, debt, moment)
    return None if since is None else max(day, since + timedelta(days=step.after.days + 1))


def next_begin(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> tuple[date, Step] | None:
    """The earliest later local date on which a step of the bot becomes due, and that step.

    Looks as far as the band after the one reached.
    """
    arrears = moment.policy.arrears_index
    furthest = max(trail.reached, arrears - 1 if debt.days <= 0 else arrears) + 1
    found: tuple[date, Step] | None = None
    for step in moment.policy.bot_in_order:
        if step.band_index > furthest:
            break
        if step.order > trail.order and (step.day > debt.days or step.after is not None):
            day = begins_on(step, facts, debt, moment)
            if day is not None and day > moment.today and (found is None or day < found[0]):
                found = (day, step)
    return found


def lacking(facts: AccountFacts, trail: Trail, moment: Moment) -> Step | None:
    """The next step of the bot that only a fact or a delivery keeps back."""
    for step in moment.policy.bot_in_order:
        if step.order > trail.order and (step.requires or step.after is not None):
            return step
    return None

"""What has been said already: how far the ladder went for the anchor, and the last word of the account."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.rules.debt import Debt
from bot.rules.facts import AccountFacts, Said
from bot.rules.moment import Moment

_BESIDE = frozenset({"promise_eve", "promise_day", "thanks"})
"""Agreed or kind words: they press nobody, so they open no gap for the account (they do count for the person)."""


@dataclass(slots=True)
class Trail:
    """``reached`` is the highest band said for the anchor's occasion (-1: none), ``order`` the furthest step in it."""

    reached: int = -1
    order: int = -1
    step: str = ""
    """The furthest step said for this very occasion."""
    step_at: datetime | None = None
    last_at: datetime | None = None
    """The last pressing word of the account, any occasion."""
    last_band: int = -1
    demand_on: date | None = None
    """Local date of the last formal demand of the account: its period must pass in silence."""
    strange: str = ""
    """A band or step on record that the policy does not know: then nothing is sent."""


_BLANK = Trail()


def trail_of(facts: AccountFacts, debt: Debt, moment: Moment) -> Trail:
    """The trail of an account; it must not be changed."""
    if not facts.said and facts.demand_delivered_on is None:
        return _BLANK
    trail = Trail()
    for said in facts.said:
        _add(trail, said, debt, moment)
    reached_on = delivered_on(facts, debt, moment)
    if reached_on is not None:
        _delivered(trail, reached_on, moment)
    return trail


def delivered_on(facts: AccountFacts, debt: Debt, moment: Moment) -> date | None:
    """The local date on which the demand for this very occasion reached the owner: by the bot, or on paper alone."""
    on = facts.demand_delivered_on
    if on is None or on <= debt.anchor.due_on:
        return None
    demands = [said.occasion for said in facts.said if said.step == moment.policy.demand.step]
    return on if not demands or debt.occasion in demands else None


def _add(trail: Trail, said: Said, debt: Debt, moment: Moment) -> None:
    policy = moment.policy
    step = policy.step.get(said.step)
    band = policy.band.get(said.band) if step is None else policy.bands[step.band_index]
    if band is None:
        trail.strange = said.step
        return
    order = step.order if step is not None else -1
    if said.occasion == debt.occasion:
        _climb(trail, said, band.index, order)
    elif _listed(said, debt, moment):
        _carry(trail, band.index, order, moment)
    if said.step not in _BESIDE and (trail.last_at is None or said.at >= trail.last_at):
        trail.last_at, trail.last_band = said.at, band.index
    if said.step == policy.demand.step:
        on = moment.local_date(said.at)
        trail.demand_on = on if trail.demand_on is None else max(trail.demand_on, on)


def _climb(trail: Trail, said: Said, band: int, order: int) -> None:
    if order >= trail.order:
        if said.step != trail.step or trail.step_at is None or said.at < trail.step_at:
            trail.step_at = said.at
        trail.order, trail.step = order, said.step
    trail.reached = max(trail.reached, band)


def _listed(said: Said, debt: Debt, moment: Moment) -> bool:
    """Whether a word said for an older charge, since paid, already listed this one as overdue.

    A bounced payment's new round starts afresh; so does a charge nobody has spoken of.
    """
    anchor = debt.anchor
    if anchor.round or not said.occasion.startswith("charge:") or said.occasion.startswith(f"charge:{anchor.id}:"):
        return False
    known_on = max(anchor.due_on, anchor.entered_on) if anchor.entered_on is not None else anchor.due_on
    return said.at >= moment.begins(known_on + timedelta(days=1))


def _carry(trail: Trail, band: int, order: int, moment: Moment) -> None:
    """The friendly bands carry over to the next charge; a formal demand must name its own anchor."""
    last_friendly = moment.policy.formal_index - 1
    if band > last_friendly:
        band, order = last_friendly, max((step.order for step in moment.policy.bot_steps[last_friendly]), default=-1)
    trail.reached = max(trail.reached, band)
    trail.order = max(trail.order, order)


def _delivered(trail: Trail, on: date, moment: Moment) -> None:
    """A demand that reached the owner, by whatever way, is the formal band reached."""
    demand = moment.policy.step[moment.policy.demand.step]
    trail.reached = max(trail.reached, demand.band_index)
    trail.order = max(trail.order, demand.order)
    trail.demand_on = on if trail.demand_on is None else max(trail.demand_on, on)

"""Distance: gaps since the last word and caps per person, in local days, contacts by people included (I4, I5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.rules.decision import Code, Reason
from bot.rules.facts import AccountFacts
from bot.rules.moment import Moment
from bot.rules.terms import Step
from bot.rules.trail import Trail

NUDGES = frozenset({"promise_eve", "promise_day", "thanks"})
"""Agreed with the owner or kind: caps hold them, gaps do not."""


def account_gap(facts: AccountFacts, step: Step, trail: Trail, moment: Moment) -> Reason | None:
    """The gap since the account's last word, its last contact by a person and the demand's period."""
    if step.id in NUDGES:
        return None
    ends = _demand_ends(step, trail, moment)
    if trail.last_at is not None:
        ends = _later(ends, _gap_ends(trail.last_at, _gap_days(step, trail, moment), moment))
    if facts.human_at is not None:
        ends = _later(ends, _gap_ends(facts.human_at, moment.policy.gaps.steps, moment))
    return None if ends is None else Reason(Code.MIN_GAP, ends)


def _gap_days(step: Step, trail: Trail, moment: Moment) -> int:
    gaps, formal = moment.policy.gaps, moment.policy.formal_index
    if step.formal or trail.last_band >= formal:
        return gaps.formal
    if step.order < 0 or trail.last_band == step.band_index:
        return gaps.steps
    return gaps.bands if trail.last_band >= moment.policy.arrears_index else gaps.before


def _demand_ends(step: Step, trail: Trail, moment: Moment) -> datetime | None:
    """A formal demand sets a period; nothing more is pressed inside it (Civil Code art. 944)."""
    if trail.demand_on is None or "suit_filed" in step.requires:
        return None
    ends = moment.begins(trail.demand_on + timedelta(days=moment.policy.demand.period_days + 1))
    return ends if ends > moment.now else None


def _gap_ends(last: datetime, days: int, moment: Moment) -> datetime | None:
    """When ``days`` local days have passed since an instant; None if they have."""
    if last < moment.since[days - 1]:
        return None
    return moment.begins(moment.local_date(last) + timedelta(days=days))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def person_spacing(heard: Sequence[datetime], step: Step, moment: Moment) -> list[Reason]:
    """The person's gap since any proactive word or human contact, and the caps per local day and seven days."""
    found: list[Reason] = []
    if not heard:
        return found
    policy, since = moment.policy, moment.since
    if step.id not in NUDGES:
        ends = _gap_ends(max(heard), policy.gaps.steps, moment)
        if ends is not None:
            found.append(Reason(Code.MIN_GAP, ends))
    today = sum(at >= since[0] for at in heard)
    week = [at for at in heard if at >= since[6]]
    if len(week) >= policy.cap_per_week:
        eased = sorted(week)[-policy.cap_per_week]
        ends = moment.begins(moment.local_date(eased) + timedelta(days=7))
        found.append(Reason(Code.CAP, ends, {"per": "week"}))
    elif today >= policy.cap_per_day:
        found.append(Reason(Code.CAP, moment.begins(moment.today + timedelta(days=1)), {"per": "day"}))
    return found

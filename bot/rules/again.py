"""The last look, run with the commit of an attempt (I1): is it still owed, still welcome, still the hour?

It shares every rule with ``ladder.decide``; ``facts`` should leave out the message that is being looked at, and where
they do not, its own item is set aside here.
"""

from collections.abc import Collection
from dataclasses import replace

from bot.rules.debt import Debt, debt_of, held_charge
from bot.rules.decision import Code, Pick, Reason
from bot.rules.facts import AccountFacts, Climate, Listener
from bot.rules.moment import Moment
from bot.rules.reach import blocked, choose, unfit
from bot.rules.silences import NUDGED, silences, stale
from bot.rules.spacing import NUDGES, account_gap, person_spacing
from bot.rules.terms import Step
from bot.rules.trail import trail_of
from bot.rules.trial import formal_blockers, pauses, window

KIND = "thanks"
"""Says nothing is owed, so that payments, silences and the book do not stop it."""


def look_again(
    facts: AccountFacts, climate: Climate, moment: Moment, *, step: str, band: str, occasion: str, person_id: int,
    charge_ids: Collection[int] = (), contact_id: int | None = None,
) -> Reason | None:  # fmt: skip
    """The first reason why a message already written must not leave now, or None.

    ``charge_ids``: the charges it speaks of (empty: all). ``contact_id``: the contact it goes to (None: any may do).
    """
    rung = moment.policy.step.get(step)
    if rung is None or rung.band != band:
        return Reason(Code.UNKNOWN, detail={"step": step})
    if not climate.released:
        return Reason(Code.NOT_RELEASED)
    if step == KIND:
        return _may_hear(facts, climate, moment, rung, occasion, person_id, contact_id)
    return _still_true(facts, moment, rung, occasion, charge_ids) or _may_hear(
        facts, climate, moment, rung, occasion, person_id, contact_id
    )


def _still_true(
    facts: AccountFacts, moment: Moment, step: Step, occasion: str, charge_ids: Collection[int]
) -> Reason | None:
    """Owed, not silenced, the same debt, the facts on record, the book fresh."""
    if charge_ids and not any(charge.id in charge_ids for charge in facts.charges):
        return Reason(Code.PAID)
    debt = debt_of(facts, moment)
    if isinstance(debt, Reason):
        return debt
    if occasion.startswith("charge:") and occasion != debt.occasion:
        return _another_debt(facts, occasion, moment)
    if not occasion.startswith("promise:") or step.id not in NUDGES:
        return _not_silenced(facts, moment, step, debt)
    if not any(f"promise:{p.id}" == occasion and p.state == "open" for p in facts.promises):
        return Reason(Code.ALREADY_SAID, detail={"why": "promise_over"})
    return _not_silenced(facts, moment, step, debt, NUDGED)


def _not_silenced(
    facts: AccountFacts, moment: Moment, step: Step, debt: Debt, but: frozenset[Code] = frozenset()
) -> Reason | None:
    """``but``: silences this step belongs to."""
    for reason in silences(facts, moment):
        if reason.code not in but:
            return reason
    if "suit_filed" in facts.facts and "suit_filed" not in step.requires:
        return Reason(Code.SUIT_FILED)
    if not step.requires <= facts.facts:
        return Reason(Code.NEEDS_FACT, detail={"step": step.id, "fact": ", ".join(step.requires - facts.facts)})
    if step.formal:
        for reason in formal_blockers(step, facts, debt, moment):
            return reason
    return stale(facts, step.band_index, moment)


def _another_debt(facts: AccountFacts, occasion: str, moment: Moment) -> Reason:
    """The charge this step was for is paid, disputed or held by now, or an older one has come up."""
    for charge in facts.charges:
        if f"charge:{charge.id}:{charge.round}" == occasion:
            if charge.disputed:
                return Reason(Code.DISPUTED, detail={"charge": str(charge.id)})
            return held_charge(facts, charge, moment) or Reason(Code.ALREADY_SAID, detail={"why": "older_charge"})
    return Reason(Code.PAID, detail={"occasion": occasion})


def _may_hear(
    facts: AccountFacts, climate: Climate, moment: Moment, step: Step, occasion: str, person_id: int,
    contact_id: int | None,
) -> Reason | None:  # fmt: skip
    """Consent, distance, brakes and hours."""
    listener = next((one for one in facts.listeners if one.person_id == person_id), None)
    if listener is None:
        return Reason(Code.NO_CONTACT, detail={"person": str(person_id)})
    channel = _channel(listener, step, climate, moment, contact_id)
    if isinstance(channel, Reason):
        return channel
    for reason in _spacing(facts, moment, step, occasion, listener):
        return reason
    for reason in pauses(step, climate, moment):
        return reason
    return window(step, channel, facts.segment, moment)


def _channel(listener: Listener, step: Step, climate: Climate, moment: Moment, contact_id: int | None) -> str | Reason:
    stop = blocked(listener, moment)
    if stop is not None:
        return stop
    if contact_id is None:
        chosen = choose(listener, step, climate)
        return chosen.channel if isinstance(chosen, Pick) else chosen
    for reach in listener.reaches:
        if reach.contact_id == contact_id:
            code = unfit(reach, listener, step, climate)
            return reach.channel if code is None else Reason(code)
    return Reason(Code.NO_CONTACT)


def _spacing(facts: AccountFacts, moment: Moment, step: Step, occasion: str, listener: Listener) -> list[Reason]:
    """Gaps and caps without counting this very message, nor a co-owner's copy of it."""
    own = [said for said in facts.said if said.step == step.id and said.occasion == occasion]
    heard = list(listener.heard)
    for said in own:
        if said.person_id == listener.person_id and said.at in heard:
            heard.remove(said.at)
    found = person_spacing(heard, step, moment)
    debt = debt_of(facts, moment)
    if isinstance(debt, Debt):
        others = replace(facts, said=tuple(said for said in facts.said if said not in own)) if own else facts
        gap = account_gap(others, step, trail_of(others, debt, moment), moment)
        found = [gap, *found] if gap is not None else found
    return found

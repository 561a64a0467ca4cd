"""Who hears it and over which contact: the responsible person until formal, then all co-owners; consent first (I9)."""

from bot.rules.decision import Code, Pick, Reason
from bot.rules.facts import AccountFacts, Climate, Listener, PromiseFact, Reach
from bot.rules.moment import Moment
from bot.rules.terms import Step

RESPONSIBLE = "responsible"
CO_OWNER = "co_owner"
STAND_IN = "stand_in"


def audience(facts: AccountFacts, step: Step, occasion: str = "") -> list[Listener]:
    """The responsible person (or a consenting stand-in if they are offline), from formal on all co-owners beside.

    What is said of a promise goes to who gave it, and to nobody else.
    """
    listeners = facts.listeners
    giver = _giver(facts, occasion) if facts.promises else facts.person_id
    if giver != facts.person_id:
        return [listener for listener in listeners if listener.person_id == giver]
    if len(listeners) == 1:
        return list(listeners) if listeners[0].role == RESPONSIBLE else []
    first = [listener for listener in listeners if listener.role == RESPONSIBLE]
    if first and first[0].offline and not step.formal:
        first = [listener for listener in listeners if listener.role == STAND_IN] or first
    if step.formal:
        first = first + [listener for listener in listeners if listener.role == CO_OWNER]
    return first


def _giver(facts: AccountFacts, occasion: str) -> int:
    """Who gave the promise an occasion names; the responsible person for any other."""
    given = (p.person_id for p in facts.promises if f"promise:{p.id}" == occasion)
    return next(given, None) or facts.person_id


def may_be_told(promise: PromiseFact, facts: AccountFacts, step: Step, climate: Climate, moment: Moment) -> bool:
    """Whether there is anyone to speak of a promise to: the responsible person's always, another's while they hear."""
    if promise.person_id in (None, facts.person_id):
        return True
    theirs = [listener for listener in facts.listeners if listener.person_id == promise.person_id]
    return any(blocked(one, moment) is None and isinstance(choose(one, step, climate), Pick) for one in theirs)


def blocked(listener: Listener, moment: Moment) -> Reason | None:
    """Why a person hears nothing at all: lives without a phone, or is held."""
    if listener.offline:
        return Reason(Code.OFFLINE)
    if listener.held_until is not None and listener.held_until >= moment.today:
        return Reason(Code.ON_HOLD, moment.ends(listener.held_until))
    return None


def choose(listener: Listener, step: Step, climate: Climate) -> Pick | Reason:
    """The contact to use: the one last heard from, then the step's or community's order of channels.

    The reason if there is none: NEEDS_APPROVAL, NOT_PROVED, OPTED_OUT, else NO_CONTACT.
    """
    order = step.channels or climate.channels
    best: Reach | None = None
    refused: Code | None = None
    for reach in listener.reaches:
        code = unfit(reach, listener, step, climate)
        if code is not None:
            refused = _stronger(refused, code)
        elif best is None or _before(reach, best, order):
            best = reach
    if best is None:
        return Reason(refused or Code.NO_CONTACT)
    return Pick(listener.person_id, best.contact_id, best.channel, best.locale or listener.locale)


def unfit(reach: Reach, listener: Listener, step: Step, climate: Climate) -> Code | None:
    """Why a contact may not carry this step; an opt-out counts for the person's whole channel."""
    channel = reach.channel
    if reach.dead or channel not in climate.channels or (step.channels and channel not in step.channels):
        return Code.NO_CONTACT
    if reach.opted_out or (len(listener.reaches) > 1 and _opted_out(listener, channel)):
        return Code.OPTED_OUT
    if step.formal and not reach.proved:
        return Code.NOT_PROVED
    if climate.waiting_approval and (step.id, channel) in climate.waiting_approval:
        return Code.NEEDS_APPROVAL
    return None


def _opted_out(listener: Listener, channel: str) -> bool:
    return any(reach.opted_out and reach.channel == channel for reach in listener.reaches)


_STRENGTH = (Code.NO_CONTACT, Code.OPTED_OUT, Code.NOT_PROVED, Code.NEEDS_APPROVAL)


def _stronger(one: Code | None, other: Code) -> Code:
    return other if one is None or _STRENGTH.index(other) > _STRENGTH.index(one) else one


def _before(one: Reach, other: Reach, order: tuple[str, ...]) -> bool:
    heard, best = one.last_inbound_at, other.last_inbound_at
    if heard != best:
        return best is None or (heard is not None and heard > best)
    mine, theirs = order.index(one.channel), order.index(other.channel)
    return (mine, not one.proved, one.contact_id) < (theirs, not other.proved, other.contact_id)

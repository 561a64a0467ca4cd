"""What is chased: the anchor charge, how old it is and how much it is about; or why nothing is."""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.rules.decision import Code, Reason
from bot.rules.facts import AccountFacts, OpenCharge
from bot.rules.moment import Moment

_NONE: frozenset[int] = frozenset()


@dataclass(slots=True)
class Debt:
    """The oldest charge that may be chased, its age in local days and what is owed in fen."""

    anchor: OpenCharge
    days: int
    owed_fen: int
    occasion: str
    """charge:<id>:<round>: what every step of this ladder is said for (I2)."""


def debt_of(facts: AccountFacts, moment: Moment) -> Debt | Reason:
    """The debt, or the one reason why there is none to speak of: paid, not due, below tolerance, disputed or held."""
    today, anchor = moment.today, None
    total = chased = ripe = 0
    apart = _held_ids(facts, today) if facts.holds else _NONE
    for charge in facts.charges:
        total += charge.open_fen
        if charge.disputed or charge.previous_manager or charge.id in apart:
            continue
        if charge.held_until is not None and charge.held_until >= today:
            continue
        chased += charge.open_fen
        due = charge.due_on
        if due < today:
            ripe += charge.open_fen
        if anchor is None or due < anchor.due_on or (due == anchor.due_on and charge.id < anchor.id):
            anchor = charge
    if total <= facts.credit_fen:
        return Reason(Code.PAID)
    if anchor is None:
        return _covered(facts, moment)
    days = (today - anchor.due_on).days
    if days < moment.first_day:
        return _not_due(anchor.due_on, moment)
    owed = (ripe if days > 0 else chased) - facts.credit_fen
    if owed < moment.policy.tolerance_fen or owed <= 0:
        return _little(facts, owed, moment)
    return Debt(anchor, days, owed, f"charge:{anchor.id}:{anchor.round}")


def _held_ids(facts: AccountFacts, today: date) -> frozenset[int]:
    return frozenset(hold.charge_id for hold in facts.holds if hold.charge_id is not None and hold.until >= today)


def _not_due(due_on: date, moment: Moment) -> Reason:
    begins = moment.begins(due_on + timedelta(days=moment.first_day))
    return Reason(Code.NOT_DUE, begins, {"due_on": due_on.isoformat()})


def _little(facts: AccountFacts, owed: int, moment: Moment) -> Reason:
    """Below tolerance until the next charge of the account is overdue too."""
    if owed <= 0:
        return Reason(Code.PAID, detail={"credit_fen": str(facts.credit_fen)})
    later = [charge.due_on for charge in facts.charges if charge.due_on >= moment.today]
    until = moment.ends(min(later)) if later else None
    return Reason(Code.BELOW_TOLERANCE, until, {"owed_fen": str(owed), "least_fen": str(moment.policy.tolerance_fen)})


def _covered(facts: AccountFacts, moment: Moment) -> Reason:
    """Every open charge is disputed, held or another manager's: the oldest one's reason, until the first hold ends."""
    ours = [charge for charge in facts.charges if not charge.previous_manager]
    if not ours:
        return Reason(Code.ON_HOLD, detail={"why": "previous_manager"})
    oldest = min(ours, key=lambda charge: (charge.due_on, charge.id))
    if (moment.today - oldest.due_on).days < moment.first_day:
        return _not_due(oldest.due_on, moment)
    if oldest.disputed:
        return Reason(Code.DISPUTED, detail={"charge": str(oldest.id)})
    return held_charge(facts, oldest, moment) or Reason(Code.UNKNOWN)


def held_charge(facts: AccountFacts, charge: OpenCharge, moment: Moment) -> Reason | None:
    """The hold that covers one charge today, with the instant it ends."""
    if charge.held_until is not None and charge.held_until >= moment.today:
        return Reason(Code.ON_HOLD, moment.ends(charge.held_until), {"charge": str(charge.id)})
    for hold in facts.holds:
        if hold.charge_id == charge.id and hold.until >= moment.today:
            detail = {"charge": str(charge.id), "why": hold.reason}
            return Reason(hold_code(hold.code), moment.ends(hold.until), detail)
    return None


def hold_code(word: str) -> Code:
    """A hold's code as a reason; one that is not known says UNKNOWN, which never sends."""
    try:
        return Code(word)
    except ValueError:
        return Code.UNKNOWN

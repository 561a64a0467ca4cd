"""A decision: send, leave to people, wait or skip, and always why (I10)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Code(StrEnum):
    """Why something is not said now. The words for each are in ``bot/talk/reasons.py``."""

    PAID = "PAID"
    NOT_DUE = "NOT_DUE"
    STALE_LEDGER = "STALE_LEDGER"
    BANK_DEBIT_PENDING = "BANK_DEBIT_PENDING"
    PROMISE_OPEN = "PROMISE_OPEN"
    PAID_CLAIM = "PAID_CLAIM"
    UNIDENTIFIED_PAYMENT = "UNIDENTIFIED_PAYMENT"
    DISPUTED = "DISPUTED"
    PLAN_ON_TRACK = "PLAN_ON_TRACK"
    OPTED_OUT = "OPTED_OUT"
    QUIET_HOURS = "QUIET_HOURS"
    MIN_GAP = "MIN_GAP"
    CAP = "CAP"
    THROTTLED = "THROTTLED"
    NO_CONTACT = "NO_CONTACT"
    NOT_PROVED = "NOT_PROVED"
    OFFLINE = "OFFLINE"
    NO_QUOTA = "NO_QUOTA"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"
    NEEDS_FACT = "NEEDS_FACT"
    BELOW_TOLERANCE = "BELOW_TOLERANCE"
    ON_HOLD = "ON_HOLD"
    SUIT_FILED = "SUIT_FILED"
    DECEASED = "DECEASED"
    PAUSED = "PAUSED"
    NOT_RELEASED = "NOT_RELEASED"
    SCRIPT_MISSING = "SCRIPT_MISSING"
    ALREADY_SAID = "ALREADY_SAID"
    WITH_PEOPLE = "WITH_PEOPLE"
    UNKNOWN = "UNKNOWN"


@dataclass(slots=True)
class Reason:
    code: Code
    until: datetime | None = None
    detail: dict[str, str] = field(default_factory=dict)
    """Plain values the words need: step, day, amount …"""


@dataclass(slots=True)
class Pick:
    """Who hears it, and over which contact first."""

    person_id: int
    contact_id: int
    channel: str
    locale: str


@dataclass(slots=True)
class Send:
    step: str
    band: str
    occasion: str
    picks: tuple[Pick, ...]
    at: datetime
    left_out: tuple[Reason, ...] = ()


@dataclass(slots=True)
class HandOver:
    """A step that belongs to people: a case is opened, the ladder goes on beside it."""

    step: str
    band: str
    occasion: str


@dataclass(slots=True)
class Wait:
    until: datetime
    reasons: tuple[Reason, ...]
    step: str = ""


@dataclass(slots=True)
class Skip:
    """Nothing to do until a fact changes, or until ``until``."""

    reasons: tuple[Reason, ...]
    until: datetime | None = None
    step: str = ""


@dataclass(slots=True)
class Verdict:
    """What the ladder says of one account at one instant. ``next_look`` is when to look again (None: on a new fact)."""

    main: Send | Wait | Skip
    hand_overs: tuple[HandOver, ...] = ()
    next_look: datetime | None = None

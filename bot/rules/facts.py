"""What the ladder decides on: plain facts about one account, read from the ledger set-wise.

Dates are local dates of the community, instants are aware UTC, money is integer fen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class OpenCharge:
    """A charge not cancelled with principal still open (``open_fen`` > 0)."""

    id: int
    kind: str
    period: str
    due_on: date
    open_fen: int
    round: int = 0
    disputed: bool = False
    held_until: date | None = None
    previous_manager: bool = False
    entered_on: date | None = None
    """Local date it came onto the book; None: with the account."""


@dataclass(slots=True)
class Said:
    """One message item of the record that is not skipped, cancelled, failed or superseded (uncertain counts)."""

    step: str
    band: str
    occasion: str
    person_id: int
    at: datetime
    sure: bool = True
    """False while uncertain."""


@dataclass(slots=True)
class Reach:
    """One contact of a person."""

    contact_id: int
    channel: str
    proved: bool = False
    opted_out: bool = False
    dead: bool = False
    last_inbound_at: datetime | None = None
    locale: str = ""


@dataclass(slots=True)
class Listener:
    """A person who may hear about the account."""

    person_id: int
    role: str
    """responsible, co_owner, stand_in."""
    reaches: tuple[Reach, ...] = ()
    heard: tuple[datetime, ...] = ()
    """Proactive messages (any account) and human contacts of the last eight days: for caps and gaps."""
    locale: str = ""
    offline: bool = False
    held_until: date | None = None
    name: str = ""
    """Of a co-owner or stand-in."""


@dataclass(slots=True)
class PromiseFact:
    id: int
    amount_fen: int
    owed_fen: int
    due_on: date
    judge_at: datetime
    state: str = "open"
    """open or broken; broken only while the broken-promise step for it is still to be said."""
    plan_id: int | None = None
    made_on: date | None = None
    """Local date it was made; a promise made on its own eve is not nudged the same day."""
    person_id: int | None = None
    """Who gave it; None: the responsible person."""


@dataclass(slots=True)
class HoldFact:
    code: str
    reason: str
    until: date
    charge_id: int | None = None


@dataclass(slots=True)
class AccountFacts:
    """Everything a decision may look at."""

    account_id: int
    code: str
    segment: str
    entered_on: date
    person_id: int
    charges: tuple[OpenCharge, ...] = ()
    listeners: tuple[Listener, ...] = ()
    said: tuple[Said, ...] = ()
    """Of this account, any step, newest last."""
    promises: tuple[PromiseFact, ...] = ()
    holds: tuple[HoldFact, ...] = ()
    disputed_account: bool = False
    plan_on_track_until: date | None = None
    debit_pending_until: date | None = None
    """A bank collection is in flight until its return file's day."""
    facts: frozenset[str] = frozenset()
    """Kinds of legal facts on record."""
    human_at: datetime | None = None
    """The last contact by a person."""
    credit_fen: int = 0
    watermark: date | None = None
    """Up to which local day payments are in the book."""
    late_fee_fen: int = 0
    pending: frozenset[str] = frozenset()
    """Steps of people whose case is open or was opened for this occasion, as 'step:occasion'."""
    demand_delivered_on: date | None = None
    """When the formal demand of this occasion reached the owner."""


@dataclass(slots=True)
class Climate:
    """What holds for a whole community at the moment of deciding."""

    released: bool
    paused_until: date | None = None
    paused_why: str = ""
    paused_steps: Mapping[str, date] = field(default_factory=dict)
    channels: tuple[str, ...] = ("wechat", "sms", "telegram")
    """Configured channels in the community's order."""
    scripts: frozenset[str] = frozenset()
    """Steps with at least one published, renderable wording."""
    waiting_approval: frozenset[tuple[str, str]] = frozenset()
    """(step, channel) whose wording waits for the provider."""

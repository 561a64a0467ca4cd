"""The typed rows an import reads out of files: units, owners, charges, payments, holds. Money in fen, local dates."""

from dataclasses import dataclass, field
from datetime import date

from bot.flows.importing.periods import Period

IDENTITY = "id:"
"""Before an owner's number that is an identity number: it is never kept as it is."""


@dataclass(slots=True)
class Bound:
    """An address of a person: channel and address; ``proved`` only for a binding the file tells (openid, Telegram)."""

    channel: str
    address: str
    proved: bool = False


@dataclass(slots=True)
class Someone:
    """A person as one row tells them."""

    name: str
    ref: str = ""
    """The file's own number of the owner, or the blind form of an identity number."""
    locale: str = ""
    contacts: list[Bound] = field(default_factory=list)


@dataclass(slots=True)
class UnitRow:
    """Everything the files say of one unit. Empty: not told."""

    key: str
    code: str
    sheet: str
    row: int
    building: str = ""
    stair: str = ""
    room: str = ""
    segment: str = ""
    area_cm2: int = 0
    remark: str | None = None
    """None: no column of remarks in a list of units."""
    bank_collection: bool | None = None
    owner: Someone | None = None
    others: list[tuple[str, Someone]] = field(default_factory=list)
    """(role, person): co-owners, tenants, stand-ins."""
    registered: bool = False
    """Told by a row that is about the unit, not only by a charge or payment for it."""
    owner_asked: bool = False
    """The sheet has a column of owners, so an empty cell there is a missing owner."""


@dataclass(slots=True)
class ChargeRow:
    """One fee of one kind for one period."""

    unit: str
    kind: str
    label: str
    period: Period
    amount_fen: int
    due_on: date | None
    posted: date | None
    ref: str
    told_paid: int | None
    """What the same row says was paid of it so far: a level, not an event."""
    paid_on: date | None
    way: str
    previous_manager: bool
    sheet: str
    row: int
    unit_code: str
    """The unit as the row writes it."""
    key: str
    """unit|fee|period: what a charge without a reference is known by."""
    wide: bool = False
    """From a wide table, in which a unit has one row."""
    event: str = ""
    """The number of a payment of its own beside it."""


@dataclass(slots=True)
class PaymentRow:
    """Money received, in flight or bounced. A bounce has ``bounced`` set; ``amount_fen`` is always positive."""

    unit: str
    """Empty: nobody knows for which unit."""
    amount_fen: int
    way: str
    paid_on: date
    ref: str
    original_ref: str
    payer: str
    bounced: bool
    in_flight: bool
    settles_on: date | None
    label: str
    period: str
    sheet: str
    row: int
    unit_code: str = ""
    failed: bool = False
    """Bounced on its way in, so that no list need have told it as paid; else what is given back was paid."""


@dataclass(slots=True)
class HoldRow:
    """A remark that silences the ladder for an account."""

    unit: str
    code: str
    reason: str

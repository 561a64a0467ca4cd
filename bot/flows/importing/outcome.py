"""What an import will write: drafts made by comparing the book with the ledger, numbered only when they are written."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.flows.importing.report import ImportReport
from bot.flows.importing.rows import Bound, ChargeRow, PaymentRow
from bot.flows.importing.sentences import Place
from bot.flows.importing.standing import Holding, House, Human
from bot.rules.due import SHIPPED
from bot.rules.terms import DueDates
from store.vault import Vault


@dataclass(slots=True)
class NewCharge:
    """A charge to write."""

    row: ChargeRow
    holding: Holding
    due_on: date
    due_rule: str
    ref: str
    id: int = 0


@dataclass(slots=True)
class NewPayment:
    """A payment to write. ``named`` is the charge it closes first, by number or as a new charge."""

    holding: Holding | None
    account_id: int | None
    amount_fen: int
    way: str
    state: str
    paid_on: date
    source: str
    ref: str
    payer: str = ""
    settles_on: date | None = None
    named: NewCharge | int | None = None
    row: PaymentRow | None = None
    place: Place | None = None
    """Where a file tells it."""
    id: int = 0


@dataclass(slots=True)
class NewHold:
    holding: Holding
    code: str
    reason: str
    until: date


@dataclass(slots=True)
class Terms:
    """What an import is done under."""

    community_id: int
    now: datetime
    today: date
    who: str
    vault: Vault
    due_dates: DueDates = SHIPPED
    arrears: bool = False
    as_of: date | None = None
    accepted: frozenset[str] = frozenset()
    """Keys of units whose new owner a person confirmed."""
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """The difference between the files and the ledger."""

    report: ImportReport
    houses: list[House] = field(default_factory=list)
    humans: list[Human] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    """Accounts of owners who sold."""
    contacts: list[tuple[Human, Bound, bytes]] = field(default_factory=list)
    parties: list[tuple[Holding, Human, str]] = field(default_factory=list)
    charges: list[NewCharge] = field(default_factory=list)
    listed: list[tuple[int, Holding]] = field(default_factory=list)
    """Units with new charges in the landed list, by their number there, and whose they are."""
    listed_count: int = 0
    payments: list[NewPayment] = field(default_factory=list)
    holds: list[NewHold] = field(default_factory=list)
    updates: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    """Table → row → columns."""
    released: set[int] = field(default_factory=set)
    """Payments whose allocations are taken back before they are allocated anew."""
    touched: set[int] = field(default_factory=set)
    """Accounts already in the ledger whose debts changed."""
    waiting: set[str] = field(default_factory=set)
    """Keys of units whose changed owner is asked about."""
    watermark: date | None = None

    def update(self, table: str, row_id: int, **values: Any) -> None:
        self.updates.setdefault(table, {}).setdefault(row_id, {}).update(values)

    @property
    def empty(self) -> bool:
        return not (
            self.houses or self.humans or self.holdings or self.contacts or self.parties or self.charges
            or self.listed or self.payments or self.holds or self.updates or self.closed
        )  # fmt: skip

"""What the ledger already holds of a community, read set-wise once and looked up by key."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.importing.book import Book
from bot.flows.importing.people import same_name
from bot.flows.importing.unitcode import key
from store import landing
from store.contents import ERASED

MANY_PERIODS = 200
BOUNCE_DAYS = 400
"""How far back a payment is looked for that bounced without its reference."""
CONTENT = "content:"
LEVEL = "level:"


@dataclass(slots=True, eq=False)
class Human:
    """A person of the community; ``id`` is 0 until written. ``contacts``: (channel, blind index) → contact row."""

    id: int
    owner_id: int
    name: str
    locale: str
    ref: str
    contacts: dict[tuple[str, bytes], Any] = field(default_factory=dict)
    accounts: int = 0
    erased: bool = False
    """What is left of an owner who was erased: no name that a register's could differ from."""


@dataclass(slots=True, eq=False)
class Holding:
    """An account: a unit's debt with its responsible owner."""

    id: int
    house: "House"
    human: Human
    bank_collection: bool = False


@dataclass(slots=True, eq=False)
class House:
    """A unit as the ledger holds it."""

    id: int
    key: str
    code: str
    building: str = ""
    stair: str = ""
    room: str = ""
    segment: str = "resident"
    area_cm2: int = 0
    remark: str = ""
    holding: Holding | None = None
    former: list[Holding] = field(default_factory=list)
    """Accounts of owners who sold, newest first: what was theirs stays theirs (I9)."""

    @property
    def holdings(self) -> list[Holding]:
        """Every account there ever was, the open one first."""
        return [*([self.holding] if self.holding is not None else []), *self.former]


@dataclass(slots=True)
class Debt:
    """A charge as the ledger holds it."""

    id: int
    account_id: int
    kind: str
    amount_fen: int
    open_fen: int
    due_on: date
    ref: str
    cancelled: bool
    previous_manager: bool
    waived_fen: int = 0

    @property
    def paid_fen(self) -> int:
        """What money closed of it: neither open nor given up."""
        return self.amount_fen - self.open_fen - min(self.waived_fen, self.amount_fen)

    def owed_of(self, amount_fen: int) -> int:
        """What would be owed of another amount before any money: what was given up stays given up."""
        return max(0, amount_fen - self.waived_fen)


@dataclass(slots=True)
class Standing:
    """The community's book as it stands."""

    houses: dict[str, House] = field(default_factory=dict)
    humans: dict[int, Human] = field(default_factory=dict)
    by_contact: dict[tuple[str, str, bytes], Human] = field(default_factory=dict)
    """(name, channel, blind index) → the person: the same name with the same address is the same owner."""
    by_ref: dict[str, Human] = field(default_factory=dict)
    parties: set[tuple[int, int]] = field(default_factory=set)
    debts: dict[str, Debt] = field(default_factory=dict)
    """external_ref → charge."""
    alike: dict[str, list[Debt]] = field(default_factory=dict)
    """unit|fee|period → charges without a reference of their own."""
    payments: dict[tuple[str, str], Any] = field(default_factory=dict)
    """(source, external_ref) → payment."""
    holds: dict[tuple[int, str], Any] = field(default_factory=dict)
    """(account, code) → hold."""
    names: set[str] = field(default_factory=set)
    """Files imported before."""
    watermark: date | None = None
    account_houses: dict[int, House] = field(default_factory=dict)


async def read_standing(conn: AsyncConnection, community_id: int, book: Book, *, all_charges: bool) -> Standing:
    """Reads once what this import may touch."""
    standing = Standing()
    await _read_people(conn, community_id, standing)
    await _read_houses(conn, community_id, standing)
    await _read_debts(conn, community_id, book, standing, all_charges)
    await _read_payments(conn, community_id, book, standing)
    standing.parties = {(r.account_id, r.person_id) for r in await landing.parties(conn, community_id)}
    standing.holds = {(r.account_id, r.code): r for r in await landing.holds(conn, community_id)}
    standing.names = await landing.names_of_runs(conn, community_id)
    standing.watermark = await landing.known_watermark(conn, community_id)
    return standing


async def _read_people(conn: AsyncConnection, community_id: int, standing: Standing) -> None:
    for row in await landing.persons(conn, community_id):
        standing.humans[row.id] = Human(row.id, 0, row.name, row.locale, "")
    for row in await landing.owners(conn, community_id):
        human = standing.humans[row.person_id]
        human.owner_id, human.name, human.ref = row.id, row.name, row.external_ref
        if row.name == ERASED:
            human.name, human.erased = "", True
        if row.external_ref:
            standing.by_ref[row.external_ref] = human
    for row in await landing.contacts(conn, community_id):
        human = standing.humans[row.person_id]
        human.contacts[(row.channel, row.address_index)] = row
        standing.by_contact[(same_name(human.name), row.channel, row.address_index)] = human


async def _read_houses(conn: AsyncConnection, community_id: int, standing: Standing) -> None:
    by_id: dict[int, House] = {}
    for row in await landing.units(conn, community_id):
        house = House(
            row.id, key(row.code), row.code, row.building, row.stair, row.room, row.segment, row.area_cm2, row.remark
        )
        by_id[row.id] = standing.houses[house.key] = house
    for row in await landing.accounts(conn, community_id):
        house, human = by_id[row.unit_id], standing.humans[row.person_id]
        holding = Holding(row.id, house, human, row.bank_collection)
        if row.closed_on is not None:
            house.former.append(holding)
            continue
        house.holding = holding
        human.accounts += 1
        standing.account_houses[row.id] = house


async def _read_debts(
    conn: AsyncConnection, community_id: int, book: Book, standing: Standing, all_charges: bool
) -> None:
    named = {row.period for row in book.payments if row.label and row.period}
    periods = sorted({row.period.name for row in book.charges} | named)
    if not periods and not all_charges:
        return
    narrow = None if all_charges or len(periods) > MANY_PERIODS else periods
    waived = await landing.waived(conn, community_id)
    for row in await landing.charges(conn, source(community_id), narrow):
        debt = Debt(
            row.id, row.account_id, row.kind, row.amount_fen, row.open_fen, row.due_on, row.external_ref,
            row.cancelled_at is not None, row.previous_manager, waived.get(row.id, 0),
        )  # fmt: skip
        standing.debts[debt.ref] = debt
        if debt.ref.startswith(CONTENT):
            standing.alike.setdefault(content_key(debt.ref), []).append(debt)


async def _read_payments(conn: AsyncConnection, community_id: int, book: Book, standing: Standing) -> None:
    days = [row.paid_on for row in book.payments]
    refs = {ref for row in book.payments for ref in (row.ref, row.original_ref) if ref}
    refs |= {LEVEL + ref for ref in _level_refs(book, standing)}
    if not days and not refs:
        return
    first, last = (min(days), max(days)) if days else (None, None)
    if first is not None and any(row.bounced for row in book.payments):
        first -= timedelta(days=BOUNCE_DAYS)
    for row in await landing.payments(conn, community_id, first, last, sorted(refs)):
        standing.payments[(row.source, row.external_ref)] = row


def _level_refs(book: Book, standing: Standing) -> Iterable[str]:
    for row in book.charges:
        if row.told_paid is not None:
            yield from (debt.ref for debt in standing.alike.get(row.key, ()))
            if row.ref:
                yield charge_ref(row.ref, row.label, row.period.name)


def source(community_id: int) -> str:
    """The source under which a community's imported charges and payments are unique."""
    return f"import:{community_id}"


def charge_ref(ref: str, label: str, period: str) -> str:
    """A charge with a number of its own; one bill's number may stand over several fees."""
    return f"{ref}|{label}|{period}"


def content_ref(content: str, number: int) -> str:
    """Told apart by content and count."""
    return f"{CONTENT}{content}:{number}"


def content_key(ref: str) -> str:
    return ref[len(CONTENT) :].rpartition(":")[0]


def content_number(ref: str) -> int:
    return int(ref.rpartition(":")[2])

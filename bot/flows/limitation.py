"""What interrupts the limitation of charges, read from the record, and which charges are about to lose their claim.

A demand counts as certain when the provider confirms delivery to an address that the debtor proved to be theirs, and a
word when the debtor gave it for all that was asked; everything else is at best arguable (Civil Code 188, 195). Counsel
confirms.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import Town
from bot.rules.limitation import DEMAND, PART_PAYMENT, PLAN, PROMISE, SUIT, YEARS, Ground, limitation
from store import evidence as shelf

AMBER_DAYS = 90
CHUNK = 2_000
_BINDS = ("responsible", "co_owner")
Debtors = frozenset[tuple[int, int]]
"""(Account, person) of all whose word binds the account, and whom a demand must reach."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An open charge whose limitation ends soon. ``ends_on``: last local date by certain grounds alone."""

    community_id: int
    account_id: int
    code: str
    charge_id: int
    kind: str
    period: str
    open_fen: int
    ends_on: date
    arguable_until: date
    days_left: int


async def ending_soon(
    conn: AsyncConnection, towns: Iterable[Town], now: datetime, days: int = AMBER_DAYS
) -> list[Ending]:  # fmt: skip
    """Open charges whose certain limitation ends within so many days, the soonest first; expired ones are past help."""
    found: list[Ending] = []
    for town in towns:
        today = town.today(now)
        old = await shelf.old_charges(conn, [town.id], _years_before(today + timedelta(days=days)))
        for start in range(0, len(old), CHUNK):
            some = old[start : start + CHUNK]
            grounds = await grounds_of(conn, town, some)
            found += [e for row in some if (e := _ending(row, grounds[row.id], today, days)) is not None]
    return sorted(found, key=lambda ending: (ending.ends_on, ending.charge_id))


def _years_before(day: date) -> date:
    try:
        return day.replace(year=day.year - YEARS)
    except ValueError:
        return day.replace(year=day.year - YEARS, day=28)


def _ending(row: Any, grounds: Sequence[Ground], today: date, days: int) -> Ending | None:
    clock = limitation(row.due_on, grounds, today)
    left = (clock.certain.ends_on - today).days
    if not 0 <= left <= days:
        return None
    return Ending(
        row.community_id, row.account_id, row.code, row.id, row.kind, row.period, row.open_fen, clock.certain.ends_on,
        clock.arguable.ends_on, left,
    )  # fmt: skip


async def grounds_of(conn: AsyncConnection, town: Town, charges: Sequence[Any]) -> dict[int, list[Ground]]:
    """Everything on record that may interrupt the limitation of these charges, per charge."""
    ids = sorted({row.account_id for row in charges})
    who = await debtors(conn, ids)
    about = [*await _owner_words(conn, town, ids, who), *await _human_acts(conn, town, ids)]
    about += await _demands(conn, town, ids, who)
    found: dict[int, list[Ground]] = {row.id: [] for row in charges}
    for row in charges:
        found[row.id] += [one.ground for one in about if one.covers(row)]
    for charge_id, ground in await _part_payments(conn, charges, ids):
        found[charge_id].append(ground)
    return found


async def debtors(conn: AsyncConnection, ids: Sequence[int]) -> Debtors:
    """The owner, the responsible person and the co-owners of accounts; not a tenant, nor who only stands in."""
    found = {(row.account_id, row.person_id) for row in await shelf.parties(conn, ids) if row.role in _BINDS}
    for row in await shelf.owners(conn, ids):
        found |= {(row.id, row.person_id), (row.id, row.owner_person_id)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _About:
    """A ground that concerns a whole account, the charges a message listed, or all but those an owner's word left out.

    ``disputed``: of a word the charges in dispute when it was given; None among them stands for the whole account.
    """

    account_id: int
    ground: Ground
    listed: frozenset[tuple[str, str, date]] | None = None
    disputed: frozenset[int | None] | None = None

    def covers(self, row: Any) -> bool:
        named = self.listed is None or (row.kind, row.period, row.due_on) in self.listed
        return bool(row.account_id == self.account_id and named and not self._left_out(row))

    def _left_out(self, row: Any) -> bool:
        """What an owner is asked to promise is neither in dispute nor a previous manager's debt."""
        if self.disputed is None:
            return False
        return bool(row.previous_manager) or None in self.disputed or row.id in self.disputed


async def _demands(conn: AsyncConnection, town: Town, ids: Sequence[int], who: Debtors) -> list[_About]:
    rows = [
        row
        for row in await shelf.demands(conn, ids)
        if row.kind == "reminder" and row.band not in ("", "before") and row.outcome in shelf.TAKEN
    ]
    heard: dict[int, datetime] = {}
    for start in range(0, len(rows), CHUNK):
        for event in await shelf.receipts(conn, [row.id for row in rows[start : start + CHUNK]]):
            if event.state in ("delivered", "read"):
                heard.setdefault(event.attempt_id, event.received_at)
    return [_About(row.account_id, _demand(row, heard.get(row.id), town, who), listed(row.basket)) for row in rows]


def _demand(row: Any, delivered_at: datetime | None, town: Town, who: Debtors) -> Ground:
    """Certain when it arrived where a debtor proved to be reached; one to a stand-in is arguable at best."""
    arrived = row.outcome in ("delivered", "read")
    sure = arrived and proved_then(row) and (row.account_id, row.person_id) in who
    return Ground(town.today(delivered_at or row.started_at), DEMAND, sure, f"attempt:{row.id}")


def proved_then(row: Any) -> bool:
    """Whether the address was proved to be its person's when the message went out."""
    return row.trust == "proved" and row.proved_at is not None and bool(row.proved_at <= row.started_at)


def listed(basket: str) -> frozenset[tuple[str, str, date]] | None:
    """The charges a message named: (kind, period, due date); None when it named none."""
    lines = json.loads(basket)["lines"] if basket else []
    return frozenset((x["kind"], x["period"], date.fromisoformat(x["due_on"])) for x in lines) or None


async def _owner_words(conn: AsyncConnection, town: Town, ids: Sequence[int], who: Debtors) -> list[_About]:
    """Promises and confirmed plans. A tenant's word does not bind the owner; one told to staff needs more proof."""
    disputes: dict[int, list[Any]] = {}
    for row in await shelf.disputes(conn, ids):
        disputes.setdefault(row.account_id, []).append(row)
    parts: dict[int | None, list[Any]] = {}
    for row in await shelf.promises(conn, ids):
        parts.setdefault(row.plan_id, []).append(row)
    plans = [row for row in await shelf.plans(conn, ids) if row.confirmed_at is not None]
    about = [(row.account_id, row.made_at, _promise(row, town, who)) for some in parts.values() for row in some]
    about += [(row.account_id, row.confirmed_at, _plan(row, parts.get(row.id, ()), town, who)) for row in plans]
    return [_About(key, ground, disputed=_disputed(disputes.get(key, ()), at)) for key, at, ground in about]


def _promise(row: Any, town: Town, who: Debtors) -> Ground:
    """A word for less than was owed does not say for which charges: arguable for each. A plan's parts are one word."""
    whole = row.plan_id is not None or row.amount_fen >= row.owed_fen
    return Ground(town.today(row.made_at), PROMISE, whole and _own_word(row, who), f"promise:{row.id}")


def _own_word(promise: Any, who: Debtors) -> bool:
    """Whether a debtor gave it, in words that came in and are kept."""
    return (promise.account_id, promise.person_id) in who and promise.inbound_id is not None


def _plan(row: Any, parts: Iterable[Any], town: Town, who: Debtors) -> Ground:
    """Certain unless somebody promised a part who cannot bind the owner; from its last instalment (Civil Code 189).

    A cancelled one, whose place another word took, has no instalments any more: it counts from its confirmation alone.
    """
    sure = all(_own_word(one, who) for one in parts)
    days = [] if row.state == "cancelled" else [date.fromisoformat(day) for day, _ in json.loads(row.instalments)]
    return Ground(town.today(row.confirmed_at), PLAN, sure, f"plan:{row.id}", max(days, default=None))


def _disputed(disputes: Iterable[Any], at: datetime) -> frozenset[int | None]:
    """The charges that were in dispute at an instant; None among them: the whole account."""
    return frozenset(
        row.charge_id for row in disputes if row.opened_at <= at and (row.closed_at is None or at < row.closed_at)
    )


async def _human_acts(conn: AsyncConnection, town: Town, ids: Sequence[int]) -> list[_About]:
    """Calls, visits and papers count as certain with a proof on file; a suit from its filing, for what it claims.

    A picture of a notice on the door shows that it hung there, not that it reached the owner: arguable.
    """
    found = []
    for row in await shelf.human_contacts(conn, ids):
        if row.way == "no_answer":
            continue
        sure = row.proved and row.way != "door"
        found.append(_About(row.account_id, Ground(town.today(row.at), DEMAND, sure, f"human_contact:{row.id}")))
    for row in await shelf.legal_facts(conn, ids):
        if row.withdrawn_at is None and row.kind in ("letter_sent", "lawyer_letter_sent", "suit_filed"):
            suit = row.kind == "suit_filed"
            found.append(_About(row.account_id, Ground(row.on, SUIT if suit else DEMAND, suit, f"legal_fact:{row.id}")))
    return found


async def _part_payments(
    conn: AsyncConnection, charges: Sequence[Any], ids: Sequence[int]
) -> list[tuple[int, Ground]]:  # fmt: skip
    """A part payment by the account's owner acknowledges its charge; one by somebody else is arguable."""
    names = {row.id: row.name for row in await shelf.owners(conn, ids)}
    owed_by = {row.id: names[row.account_id] for row in charges}
    sums: dict[tuple[int, int], int] = {}
    grounds: dict[tuple[int, int], Ground] = {}
    for row in await shelf.allocations(conn, list(owed_by)):
        key = (row.charge_id, row.payment_id)
        sums[key] = sums.get(key, 0) + row.amount_fen
        sure = row.payer in ("", owed_by[row.charge_id])
        grounds[key] = Ground(row.paid_on, PART_PAYMENT, sure, f"payment:{row.payment_id}")
    return [(key[0], replace(ground)) for key, ground in grounds.items() if sums[key] > 0]

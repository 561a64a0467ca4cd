"""The ledger's queries: charges, payments and what closed what."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import account, allocation, charge, community, dispute, ledger_watermark, unit
from store.core import payment as payment_table
from store.tables.columns import sum_fen

CHUNK = 5_000
"""Accounts per statement: SQLite takes at most 32,766 bound values."""


async def insert_row(conn: AsyncConnection, table: Table, values: dict[str, Any]) -> int:
    """Writes one row and answers its number."""
    made = await conn.execute(insert(table).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def lock_accounts(conn: AsyncConnection, ids: Sequence[int]) -> None:
    """One transaction at a time moves the money of these accounts, or says that it is owed (I1); SQLite has one writer.

    Ask before anything of theirs is read or written, and for all of them at once: by number, as everybody does. A row
    that only refers to an account (a charge just written) need not wait.
    """
    if conn.dialect.name == "postgresql":
        mine = select(account.c.id).where(bulk.among(conn, account.c.id, ids)).order_by(account.c.id)
        await conn.execute(mine.with_for_update(key_share=True))


async def lock_community(conn: AsyncConnection, community_id: int) -> None:
    """As ``lock_accounts``, for all accounts of a community."""
    if conn.dialect.name == "postgresql":
        mine = select(account.c.id).where(account.c.community_id == community_id).order_by(account.c.id)
        locked = mine.with_for_update(key_share=True).subquery()
        await conn.execute(select(func.count()).select_from(locked))


def _disputed() -> Any:
    return exists().where(
        dispute.c.account_id == charge.c.account_id,
        dispute.c.state == "open",
        or_(dispute.c.charge_id.is_(None), dispute.c.charge_id == charge.c.id),
    )


async def open_charges(conn: AsyncConnection, ids: Sequence[int]) -> Sequence[Any]:
    """Open charges of accounts, oldest first, each with whether it is disputed."""

    query = charges_open(lambda column: bulk.among(conn, column, ids))
    found: Sequence[Any] = (await conn.execute(query)).all()
    return found


async def settled_charges(conn: AsyncConnection, ids: Sequence[int]) -> Sequence[Any]:
    """Charges of accounts of which nothing is open any more, oldest first; cancelled ones left out."""
    query = select(charge).where(
        charge.c.account_id.in_(ids), charge.c.open_fen == 0, charge.c.amount_fen > 0, charge.c.cancelled_at.is_(None)
    )
    return (await conn.execute(query.order_by(charge.c.account_id, charge.c.due_on, charge.c.id))).all()


def charges_open(of: Callable[[Any], ColumnElement[bool]]) -> Select[Any]:
    """The same as a question; ``of`` says which accounts of the column it is handed."""
    return (
        select(charge, _disputed().label("disputed"))
        .where(of(charge.c.account_id), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))
        .order_by(charge.c.account_id, charge.c.due_on, charge.c.id)
    )


def _allocated() -> Any:
    return (
        select(func.coalesce(sum_fen(allocation.c.amount_fen), 0))
        .where(allocation.c.payment_id == payment_table.c.id)
        .scalar_subquery()
    )


async def unallocated(conn: AsyncConnection, ids: Sequence[int]) -> Sequence[Any]:
    """Received payments of accounts with money left, oldest first; ``rest_fen`` is what is left."""
    rest = (payment_table.c.amount_fen - _allocated()).label("rest_fen")
    query = (
        select(payment_table.c.id, payment_table.c.account_id, payment_table.c.named_charge_id, payment_table.c.paid_on,
               rest)
        .where(payment_table.c.account_id.in_(ids), payment_table.c.state == "received", rest > 0)
        .order_by(payment_table.c.account_id, payment_table.c.paid_on, payment_table.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def rest_of(conn: AsyncConnection, payment_id: int) -> int:
    """What of a payment closed nothing yet, in fen."""
    rest = select(payment_table.c.amount_fen - _allocated()).where(payment_table.c.id == payment_id)
    return int((await conn.execute(rest)).scalar_one())


async def credit(conn: AsyncConnection, account_id: int) -> int:
    """Money of an account that found no charge, in fen."""
    return sum(row.rest_fen for row in await unallocated(conn, [account_id]))


async def write_allocations(conn: AsyncConnection, lines: list[dict[str, Any]]) -> None:
    """Writes allocation lines and lowers (or, for negative lines, raises) what is open."""
    if not lines:
        return
    await conn.execute(insert(allocation), lines)
    principal: dict[int, int] = {}
    for line in lines:
        if line["part"] == "principal":
            principal[line["charge_id"]] = principal.get(line["charge_id"], 0) + line["amount_fen"]
    if principal:
        await conn.execute(
            update(charge)
            .where(charge.c.id == bindparam("b_id"))
            .values(open_fen=charge.c.open_fen - bindparam("b_fen")),
            [{"b_id": c, "b_fen": fen} for c, fen in principal.items()],
        )


async def reopen_reversed(conn: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Takes back the allocations of reversed payments and opens their charges as a new round."""
    total = sum_fen(allocation.c.amount_fen)
    rows = (
        await conn.execute(
            select(allocation.c.payment_id, allocation.c.charge_id, allocation.c.part, total.label("fen"))
            .join(payment_table, payment_table.c.id == allocation.c.payment_id)
            .where(payment_table.c.account_id.in_(ids), payment_table.c.state == "reversed")
            .group_by(allocation.c.payment_id, allocation.c.charge_id, allocation.c.part)
            .having(total > 0)
        )
    ).all()
    await write_allocations(
        conn,
        [
            {"payment_id": r.payment_id, "charge_id": r.charge_id, "part": r.part, "amount_fen": -r.fen, "at": now}
            for r in rows
        ],
    )
    again = sorted({r.charge_id for r in rows})
    if again:
        await conn.execute(update(charge).where(charge.c.id.in_(again)).values(round=charge.c.round + 1))


async def shrink_overallocated(conn: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """After a charge was corrected downwards: what was paid beyond it is free again, newest payment first.

    Where late fee was paid too, all that was paid of the charge: the fee of a smaller bill is smaller.
    """
    over = (
        await conn.execute(
            select(charge.c.id, charge.c.open_fen).where(charge.c.account_id.in_(ids), charge.c.open_fen < 0)
        )
    ).all()
    for row in over:
        await _release(conn, row.id, -row.open_fen, now)


async def _release(conn: AsyncConnection, charge_id: int, excess: int, now: datetime) -> None:
    total = sum_fen(allocation.c.amount_fen)
    paid = (
        await conn.execute(
            select(allocation.c.payment_id, allocation.c.part, total.label("fen"))
            .where(allocation.c.charge_id == charge_id)
            .group_by(allocation.c.payment_id, allocation.c.part)
            .having(total > 0)
            .order_by(allocation.c.payment_id.desc())
        )
    ).all()
    if any(row.part == "late_fee" for row in paid):
        excess = sum(row.fen for row in paid)
    lines = []
    for row in paid:
        back = min(excess, row.fen)
        if back > 0:
            lines.append({"payment_id": row.payment_id, "charge_id": charge_id, "part": row.part, "amount_fen": -back,
                          "at": now})  # fmt: skip
        excess -= back
    await write_allocations(conn, lines)


def _due(now: datetime) -> dict[str, Any]:
    return {"next_look_at": now, "version": account.c.version + 1}


async def look_now(conn: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """A fact changed: the ladder looks at these accounts at the next tick."""
    if ids:
        await conn.execute(update(account).where(account.c.id.in_(ids)).values(**_due(now)))


async def look_person(conn: AsyncConnection, person_id: int, now: datetime) -> None:
    """A fact about a person changed: the ladder looks at all their accounts."""
    await conn.execute(update(account).where(account.c.person_id == person_id).values(**_due(now)))


async def look_community(conn: AsyncConnection, community_id: int | None, now: datetime) -> None:
    """A fact of a whole community (policy, calendar, pause, watermark) changed; None: of every community.

    Every account of ten thousand communities in one statement would hold up payments for minutes: a fact of all of
    them is marked on each community, and spread by the next planning, one community after the other.
    """
    if community_id is None:
        await conn.execute(select(community.c.id).order_by(community.c.id).with_for_update(key_share=True))
        await conn.execute(update(community).values(look_at=now))
    else:
        await _look_open(conn, community_id, now)


async def look_asked(conn: AsyncConnection) -> Sequence[int]:
    """Communities marked to be looked at anew."""
    return (await conn.execute(select(community.c.id).where(community.c.look_at.is_not(None)))).scalars().all()


async def spread_look(conn: AsyncConnection, community_id: int) -> None:
    """Spreads a community's mark over its accounts, unless another does so now. Accounts first, as an import locks."""
    await lock_community(conn, community_id)
    marked = (
        select(community.c.look_at)
        .where(community.c.id == community_id, community.c.look_at.is_not(None))
        .with_for_update(key_share=True, skip_locked=True)
    )
    since = (await conn.execute(marked)).scalar_one_or_none()
    if since is not None:
        await _look_open(conn, community_id, since)
        await conn.execute(update(community).where(community.c.id == community_id).values(look_at=None))


async def _look_open(conn: AsyncConnection, community_id: int, now: datetime) -> None:
    wanted = and_(account.c.closed_on.is_(None), account.c.community_id == community_id)
    await lock_community(conn, community_id)
    await conn.execute(update(account).where(wanted).values(**_due(now)))


async def payment_by_ref(conn: AsyncConnection, source: str, external_ref: str) -> Any:
    query = select(payment_table).where(payment_table.c.source == source, payment_table.c.external_ref == external_ref)
    return (await conn.execute(query)).first()


async def payment(conn: AsyncConnection, payment_id: int) -> Any:
    return (await conn.execute(select(payment_table).where(payment_table.c.id == payment_id))).first()


async def mark_reversed(conn: AsyncConnection, payment_id: int, now: datetime) -> bool:
    """Answers whether it was not reversed before."""
    done = await conn.execute(
        update(payment_table)
        .where(payment_table.c.id == payment_id, payment_table.c.state != "reversed")
        .values(state="reversed", reversed_at=now)
    )
    return bool(done.rowcount == 1)


async def place_payment(conn: AsyncConnection, payment_id: int, account_id: int) -> bool:
    """Answers whether it waited for an account still."""
    done = await conn.execute(
        update(payment_table)
        .where(payment_table.c.id == payment_id, payment_table.c.state == "unidentified")
        .values(account_id=account_id, likely_account_id=None, state="received")
    )
    return bool(done.rowcount == 1)


async def land_in_flight(conn: AsyncConnection, today: date) -> list[int]:
    """Bank collections whose return file was due before ``today`` and that did not bounce are received now.

    Answers their accounts, by number. One that is just being reversed, or received by another tick, is left to it.
    """
    due = (
        select(payment_table.c.id)
        .where(payment_table.c.state == "in_flight", payment_table.c.settles_on < today)
        .with_for_update(skip_locked=True)
    )
    landed = await conn.execute(
        update(payment_table)
        .where(payment_table.c.id.in_(due), payment_table.c.state == "in_flight")
        .values(state="received")
        .returning(payment_table.c.account_id)
    )
    return sorted({row.account_id for row in landed.all() if row.account_id is not None})


async def communities(conn: AsyncConnection, only: Collection[int | None] | None = None) -> Sequence[Any]:
    """All communities, or ``only`` these."""
    query = select(community).order_by(community.c.id)
    if only is not None:
        query = query.where(bulk.among(conn, community.c.id, [number for number in only if number is not None]))
    return (await conn.execute(query)).all()


async def find_accounts(conn: AsyncConnection, code: str, community_name: str | None) -> Sequence[Any]:
    """Accounts by the unit's code as the workbook writes it, open ones first."""
    query = (
        select(account, unit.c.code, unit.c.segment, community.c.name.label("community"))
        .join(unit, unit.c.id == account.c.unit_id)
        .join(community, community.c.id == account.c.community_id)
        .where(unit.c.code == code)
        .order_by(account.c.closed_on.is_not(None), account.c.id.desc())
    )
    if community_name is not None:
        query = query.where(community.c.name == community_name)
    return (await conn.execute(query)).all()


async def charges_of(conn: AsyncConnection, account_id: int) -> Sequence[Any]:
    """All charges of an account that were not cancelled, oldest first, with whether each is disputed."""
    return (
        await conn.execute(
            select(charge, _disputed().label("disputed"))
            .where(charge.c.account_id == account_id, charge.c.cancelled_at.is_(None))
            .order_by(charge.c.due_on, charge.c.id)
        )
    ).all()


async def set_watermark(conn: AsyncConnection, community_id: int, source: str, as_of: date, now: datetime) -> None:
    """Payments of this source are in the book up to ``as_of``; never moves backwards."""
    table = ledger_watermark
    known = (
        await conn.execute(select(table).where(table.c.community_id == community_id, table.c.source == source))
    ).first()
    if known is None:
        await insert_row(conn, table, {"community_id": community_id, "source": source, "as_of": as_of, "at": now})
    elif known.as_of < as_of:
        await conn.execute(update(table).where(table.c.id == known.id).values(as_of=as_of, at=now))


async def paid_on(conn: AsyncConnection, payment_id: int) -> date | None:
    """The local date a payment was made on; None for one that does not exist."""
    query = select(payment_table.c.paid_on).where(payment_table.c.id == payment_id)
    found: date | None = (await conn.execute(query)).scalar()
    return found


async def closed_by(conn: AsyncConnection, payment_id: int) -> Sequence[Any]:
    """What a payment closed: kind, period, due day and fen of each charge."""
    query = (
        select(charge.c.kind, charge.c.period, charge.c.due_on, sum_fen(allocation.c.amount_fen).label("fen"))
        .join(allocation, allocation.c.charge_id == charge.c.id)
        .where(allocation.c.payment_id == payment_id)
        .group_by(charge.c.id, charge.c.kind, charge.c.period, charge.c.due_on)
        .order_by(charge.c.due_on, charge.c.id)
    )
    return (await conn.execute(query)).all()

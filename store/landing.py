"""Where imports land: what the book already holds, read set-wise, and bulk writes without an object per row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.bulk import chunks
from store.tables import metadata
from store.tables.columns import sum_fen

IN_LIST = 5_000
"""Values in one IN list: SQLite takes at most 32,766 bound values."""

_t = metadata.tables
community, unit, account, person = _t["community"], _t["unit"], _t["account"], _t["person"]
owner, contact, party, charge = _t["owner"], _t["contact"], _t["account_party"], _t["charge"]
payment, hold, allocation, waiver = _t["payment"], _t["hold"], _t["allocation"], _t["waiver"]
run, change, watermark = _t["import_run"], _t["import_change"], _t["ledger_watermark"]


async def communities(conn: AsyncConnection) -> Sequence[Any]:
    return (await conn.execute(select(community).order_by(community.c.id))).all()


async def units(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    return (await conn.execute(select(unit).where(unit.c.community_id == community_id))).all()


async def accounts(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    """All accounts with their owner's name and number; those of owners who sold, newest first, after the open ones."""
    query = (
        select(
            account.c.id, account.c.unit_id, account.c.owner_id, account.c.person_id, account.c.bank_collection,
            account.c.closed_on, owner.c.name, owner.c.external_ref,
        )
        .join(owner, owner.c.id == account.c.owner_id)
        .where(account.c.community_id == community_id)
        .order_by(account.c.closed_on.is_not(None), account.c.id.desc())
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def owners(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    query = select(owner.c.id, owner.c.person_id, owner.c.name, owner.c.external_ref)
    return (await conn.execute(query.where(owner.c.community_id == community_id))).all()


async def persons(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    query = select(person.c.id, person.c.name, person.c.locale)
    return (await conn.execute(query.where(person.c.community_id == community_id))).all()


async def contacts(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    query = (
        select(
            contact.c.id, contact.c.person_id, contact.c.channel, contact.c.address_index, contact.c.trust,
            contact.c.dead_reason,
        )
        .join(person, person.c.id == contact.c.person_id)
        .where(person.c.community_id == community_id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def parties(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    query = (
        select(party.c.account_id, party.c.person_id)
        .join(account, account.c.id == party.c.account_id)
        .where(account.c.community_id == community_id)
    )
    return (await conn.execute(query)).all()


async def charges(conn: AsyncConnection, source: str, periods: Sequence[str] | None) -> Sequence[Any]:
    """Charges of a source, of some periods or (None) all."""
    query = select(
        charge.c.id, charge.c.account_id, charge.c.kind, charge.c.amount_fen, charge.c.open_fen, charge.c.due_on,
        charge.c.external_ref, charge.c.cancelled_at, charge.c.previous_manager,
    ).where(charge.c.source == source)  # fmt: skip
    if periods is not None:
        query = query.where(charge.c.period.in_(periods))
    return (await conn.execute(query)).all()


async def waived(conn: AsyncConnection, community_id: int) -> dict[int, int]:
    """Charge → what was given up of its principal, in fen, of a whole community: there are few."""
    query = (
        select(waiver.c.charge_id, sum_fen(waiver.c.amount_fen).label("fen"))
        .join(account, account.c.id == waiver.c.account_id)
        .where(account.c.community_id == community_id, waiver.c.part == "principal", waiver.c.charge_id.is_not(None))
        .group_by(waiver.c.charge_id)
    )
    return {row.charge_id: int(row.fen) for row in (await conn.execute(query)).all()}


async def payments(
    conn: AsyncConnection, community_id: int, first: date | None, last: date | None, refs: Sequence[str]
) -> list[Any]:
    """Payments of a community between two days, and those with one of the references."""
    wanted = payment.c.community_id == community_id
    found: dict[int, Any] = {}
    if first is not None and last is not None:
        between = select(payment).where(wanted, payment.c.paid_on >= first, payment.c.paid_on <= last)
        found.update({row.id: row for row in (await conn.execute(between)).all()})
    for part in chunks(refs, IN_LIST):
        by_ref = select(payment).where(wanted, payment.c.external_ref.in_(part))
        found.update({row.id: row for row in (await conn.execute(by_ref)).all()})
    return list(found.values())


async def holds(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    """Holds an import made that still rest on accounts of the community."""
    query = (
        select(hold.c.id, hold.c.account_id, hold.c.code, hold.c.until)
        .join(account, account.c.id == hold.c.account_id)
        .where(account.c.community_id == community_id, hold.c.ended_at.is_(None), hold.c.source == "import")
    )
    return (await conn.execute(query)).all()


async def owing_exactly(conn: AsyncConnection, community_id: int, fen: int) -> list[int]:
    """Accounts whose whole open debt, or one open charge, is exactly this amount."""
    open_here = and_(account.c.community_id == community_id, charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))
    query = (
        select(charge.c.account_id)
        .join(account, account.c.id == charge.c.account_id)
        .where(open_here)
        .group_by(charge.c.account_id)
        .having(or_(sum_fen(charge.c.open_fen) == fen, func.max(_is(charge.c.open_fen, fen)) == 1))
        .limit(2)
    )
    return [int(row.account_id) for row in (await conn.execute(query)).all()]


def _is(column: Any, value: int) -> Any:
    from sqlalchemy import case

    return case((column == value, 1), else_=0)


async def known_watermark(conn: AsyncConnection, community_id: int) -> date | None:
    """The newest day up to which any source's payments are in the book."""
    newest = select(func.max(watermark.c.as_of)).where(watermark.c.community_id == community_id)
    found = (await conn.execute(newest)).scalar_one()
    return date.fromisoformat(found) if isinstance(found, str) else found


# Writing


async def update_rows(conn: AsyncConnection, table: Table, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Sets some columns of rows by their number."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row_id, values in changes.items():
        line = {"b_id": row_id} | {f"b_{name}": value for name, value in values.items()}
        by_columns.setdefault(tuple(values), []).append(line)
    for names, lines in by_columns.items():
        wanted = {name: bindparam(f"b_{name}", type_=table.c[name].type) for name in names}
        await conn.execute(update(table).where(table.c.id == bindparam("b_id")).values(wanted), lines)


async def rows_by_id(conn: AsyncConnection, table: Table, ids: Sequence[int]) -> list[Any]:
    """Rows by their number."""
    found: list[Any] = []
    for part in chunks(ids, IN_LIST):
        found += (await conn.execute(select(table).where(table.c.id.in_(part)))).all()
    return found


# Runs and their undoing


async def last_run(conn: AsyncConnection, community_id: int) -> Any:
    """The newest import that was not taken back."""
    query = select(run).where(run.c.community_id == community_id, run.c.undone_at.is_(None))
    return (await conn.execute(query.order_by(run.c.id.desc()).limit(1))).first()


async def names_of_runs(conn: AsyncConnection, community_id: int) -> set[str]:
    """Names of the files imported before."""
    rows = await conn.execute(
        select(run.c.names).where(run.c.community_id == community_id, run.c.undone_at.is_(None)).distinct()
    )
    return {name for row in rows.all() for name in row.names.split("\n")}


async def changes_of(conn: AsyncConnection, run_id: int) -> Sequence[Any]:
    """What a run touched, newest first."""
    return (await conn.execute(select(change).where(change.c.run_id == run_id).order_by(change.c.id.desc()))).all()


async def free_of_others(conn: AsyncConnection, table: Table, ids: Sequence[int]) -> set[int]:
    """Which of the rows no other row refers to."""
    free = set(ids)
    for other in metadata.tables.values():
        for column in other.columns:
            if any(key.column is table.c.id for key in column.foreign_keys):
                free -= await _referred(conn, column, sorted(free))
    return free


async def _referred(conn: AsyncConnection, column: Column[Any], ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for part in chunks(ids, IN_LIST):
        found |= {int(row[0]) for row in (await conn.execute(select(column).where(column.in_(part)).distinct())).all()}
    return found


async def remove_rows(conn: AsyncConnection, table: Table, ids: Iterable[int]) -> None:
    for part in chunks(ids, IN_LIST):
        await conn.execute(delete(table).where(table.c.id.in_(part)))


async def remove_allocations(conn: AsyncConnection, column: str, ids: Iterable[int]) -> set[int]:
    """Takes away allocations of charges or payments and opens the charges again; answers the accounts concerned."""
    touched: set[int] = set()
    for part in chunks(ids, IN_LIST):
        mine = allocation.c[column].in_(part)
        fen = sum_fen(allocation.c.amount_fen)
        query = (
            select(allocation.c.charge_id, charge.c.account_id, fen.label("fen"))
            .join(charge, charge.c.id == allocation.c.charge_id)
            .where(mine, allocation.c.part == "principal")
            .group_by(allocation.c.charge_id, charge.c.account_id)
        )
        rows = (await conn.execute(query)).all()
        touched |= {int(row.account_id) for row in rows}
        await conn.execute(delete(allocation).where(mine))
        for row in rows:
            opened = charge.c.open_fen + row.fen
            await conn.execute(update(charge).where(charge.c.id == row.charge_id).values(open_fen=opened))
    return touched


async def accounts_of(conn: AsyncConnection, table: Table, ids: Iterable[int]) -> set[int]:
    """The accounts that charges or payments belong to."""
    found: set[int] = set()
    for part in chunks(ids, IN_LIST):
        rows = await conn.execute(select(table.c.account_id).where(table.c.id.in_(part)).distinct())
        found |= {int(row.account_id) for row in rows.all() if row.account_id is not None}
    return found


async def insert_one(conn: AsyncConnection, table: Table, values: Mapping[str, Any]) -> int:
    """Writes one row and answers its number."""
    made = await conn.execute(insert(table).values(**values))
    return int((made.inserted_primary_key or (0,))[0])


async def mark_undone(conn: AsyncConnection, run_id: int, at: datetime) -> None:
    await conn.execute(update(run).where(run.c.id == run_id).values(undone_at=at))


async def accounts_of_persons(conn: AsyncConnection, ids: Iterable[int]) -> set[int]:
    """Accounts these people answer for or belong to."""
    found: set[int] = set()
    for part in chunks(ids, IN_LIST):
        own = select(account.c.id).where(account.c.person_id.in_(part))
        shared = select(party.c.account_id).where(party.c.person_id.in_(part))
        found |= {int(row[0]) for row in (await conn.execute(own.union(shared))).all()}
    return found


async def accounts_of_units(conn: AsyncConnection, ids: Iterable[int]) -> set[int]:
    """All accounts of units, closed ones too: an old owner may still owe."""
    found: set[int] = set()
    for part in chunks(ids, IN_LIST):
        rows = await conn.execute(select(account.c.id).where(account.c.unit_id.in_(part)))
        found |= {int(row[0]) for row in rows.all()}
    return found


async def spoken_about(conn: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Which of the charges belong to accounts something was said about."""
    item = _t["message_item"]
    found: set[int] = set()
    for part in chunks(ids, IN_LIST):
        query = select(charge.c.id).where(charge.c.id.in_(part), charge.c.account_id.in_(select(item.c.account_id)))
        found |= {int(row[0]) for row in (await conn.execute(query)).all()}
    return found


async def forget_decisions(conn: AsyncConnection, ids: Sequence[int]) -> None:
    """Takes away what was decided for accounts nothing was said about; it can be decided again."""
    item, decision = _t["message_item"], _t["decision"]
    for part in chunks(ids, IN_LIST):
        silent = decision.c.account_id.not_in(select(item.c.account_id))
        await conn.execute(delete(decision).where(decision.c.account_id.in_(part), silent))


async def watermark_of(conn: AsyncConnection, community_id: int, source: str) -> Any:
    """The watermark row of one source, or None."""
    query = select(watermark).where(watermark.c.community_id == community_id, watermark.c.source == source)
    return (await conn.execute(query)).first()


async def billed(conn: AsyncConnection, account_ids: Sequence[int]) -> dict[int, int]:
    """Account → all charges ever billed to it that still stand, paid or open, in fen."""
    found: dict[int, int] = {}
    for part in chunks(account_ids, IN_LIST):
        query = (
            select(charge.c.account_id, sum_fen(charge.c.amount_fen).label("fen"))
            .where(charge.c.account_id.in_(part), charge.c.cancelled_at.is_(None))
            .group_by(charge.c.account_id)
        )
        found.update({row.account_id: int(row.fen) for row in (await conn.execute(query)).all()})
    return found


async def locale_of(conn: AsyncConnection, community_id: int) -> str:
    """The language of a community."""
    return str((await conn.execute(select(community.c.locale).where(community.c.id == community_id))).scalar_one())

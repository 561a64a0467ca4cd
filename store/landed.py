"""The landing place of a long list of charges: temporary tables, laid beside the ledger and written in one statement.

``ref`` of a unit and ``tail`` of a fee together make a charge's external reference. The tables last until the
transaction ends (PostgreSQL) or they are cleared; a rollback takes them back on both.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)  # fmt: skip
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable, DropTable

from store import bulk
from store.core import charge
from store.tables.columns import Instant, sum_fen

Line = tuple[int, int, int, int]
"""Unit, fee, amount in fen, row of the sheet."""


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=False)


_unit = _table("landed_unit", _id(), Column("ref", String))
_fee = _table(
    "landed_fee", _id(), Column("kind", String), Column("period", String), Column("period_from", Date),
    Column("period_to", Date), Column("due_on", Date), Column("due_rule", String), Column("tail", String),
)  # fmt: skip
_line = _table(
    "landed_charge", Column("unit", Integer), Column("fee", Integer), Column("fen", BigInteger), Column("row", Integer)
)
_account = _table("landed_account", _id(), Column("account_id", BigInteger))
_ALL = (_unit, _fee, _line, _account)
_WRITTEN = (
    "account_id", "kind", "period", "period_from", "period_to", "amount_fen", "open_fen", "due_on", "due_rule", "round",
    "source", "external_ref", "entered_at", "previous_manager", "months",
)  # fmt: skip


async def lay(
    conn: AsyncConnection,
    units: Iterable[tuple[int, str]],
    fees: Iterable[tuple[int, str, str, date, date, date, str, str]],
    lines: Iterable[Line],
) -> None:
    """Lands the list. Units are (number, ref), fees (number, kind, period, its days, due day, rule, tail)."""
    await clear(conn)
    for table in _ALL:
        await conn.execute(CreateTable(table))
    for table, rows in ((_unit, units), (_fee, fees), (_line, lines)):
        await bulk.insert_rows(conn, table, [column.name for column in table.columns], rows)


async def clear(conn: AsyncConnection) -> None:
    """The landing place is empty again."""
    for table in _ALL:
        await conn.execute(DropTable(table, if_exists=True))


_REF = _unit.c.ref + _fee.c.tail


def _known(source: str) -> ColumnElement[bool]:
    return and_(charge.c.source == source, charge.c.external_ref == _REF)


async def any_known(conn: AsyncConnection, source: str) -> bool:
    """Whether the ledger holds any charge of the source."""
    return (await conn.execute(select(charge.c.id).where(charge.c.source == source).limit(1))).first() is not None


async def take_known(conn: AsyncConnection, source: str) -> tuple[Sequence[Line], int]:
    """Takes away the lines the ledger knows; answers those it knows otherwise, and how many stand there as told.

    Otherwise: another amount or due day, or cancelled.
    """
    told_due = and_(_fee.c.due_rule == "file", charge.c.due_on != _fee.c.due_on)
    query = (
        select(_line.c.unit, _line.c.fee, _line.c.fen, _line.c.row)
        .join(_unit, _unit.c.id == _line.c.unit)
        .join(_fee, _fee.c.id == _line.c.fee)
        .join(charge, _known(source))
        .where(or_(charge.c.amount_fen != _line.c.fen, charge.c.cancelled_at.is_not(None), told_due))
    )
    differing = [(row.unit, row.fee, row.fen, row.row) for row in (await conn.execute(query)).all()]
    there = exists().where(_unit.c.id == _line.c.unit, _fee.c.id == _line.c.fee, _known(source))
    gone = await conn.execute(delete(_line).where(there))
    return differing, gone.rowcount - len(differing)


async def count_by_unit(conn: AsyncConnection) -> dict[int, int]:
    """Unit → how many lines are left of it."""
    rows = await conn.execute(select(_line.c.unit, func.count().label("lines")).group_by(_line.c.unit))
    return {row.unit: row.lines for row in rows.all()}


async def fen_by_unit(conn: AsyncConnection, units: Sequence[int]) -> dict[int, int]:
    """Unit → the sum of the lines left of it, of some units."""
    if not units:
        return {}
    told = bulk.among(conn, _line.c.unit, units)
    query = select(_line.c.unit, sum_fen(_line.c.fen).label("fen")).where(told).group_by(_line.c.unit)
    return {row.unit: int(row.fen) for row in (await conn.execute(query)).all()}


async def lines_of(conn: AsyncConnection, units: Sequence[int]) -> list[Line]:
    """The lines of some units."""
    query = select(_line.c.unit, _line.c.fee, _line.c.fen, _line.c.row).where(bulk.among(conn, _line.c.unit, units))
    return [(row.unit, row.fee, row.fen, row.row) for row in (await conn.execute(query)).all()]


async def write(
    conn: AsyncConnection, accounts: Iterable[tuple[int, int]], source: str, now: datetime
) -> list[tuple[int, int]]:
    """Writes the lines of the units named with their account; answers runs of the charges' numbers.

    In the order of the index on their reference: a million land four times as fast.
    """
    await bulk.insert_rows(conn, _account, ("id", "account_id"), accounts)
    order = insert(charge).from_select(_WRITTEN, _charges(source, now), include_defaults=False)
    if conn.dialect.name == "postgresql":
        made = order.returning(charge.c.id).cte("made")
        run = (made.c.id - func.row_number().over(order_by=made.c.id)).label("run")
        numbered = select(made.c.id, run).subquery()
        ends = select(func.min(numbered.c.id), func.max(numbered.c.id)).group_by(numbered.c.run)
        return [(int(first), int(last)) for first, last in (await conn.execute(ends)).all()]
    before = (await conn.execute(select(func.max(charge.c.id)))).scalar_one() or 0
    written = (await conn.execute(order)).rowcount
    return [(before + 1, before + written)] if written else []


def _charges(source: str, now: datetime) -> Select[Any]:
    fen = _line.c.fen
    constant = literal(source), _REF.label("ref"), literal(now, Instant()), literal(False), literal("")
    return (
        select(
            _account.c.account_id, _fee.c.kind, _fee.c.period, _fee.c.period_from, _fee.c.period_to, fen,
            fen.label("open_fen"), _fee.c.due_on, _fee.c.due_rule, literal(0), *constant,
        )
        .join_from(_line, _account, _account.c.id == _line.c.unit)
        .join(_unit, _unit.c.id == _line.c.unit)
        .join(_fee, _fee.c.id == _line.c.fee)
        .order_by(_REF)
    )  # fmt: skip

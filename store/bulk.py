"""Many rows in one statement, below the ORM and without an object per row.

SQLite: one prepared statement run over tuples. PostgreSQL: COPY, or one statement over arrays (``unnest``), one per
column.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Table, any_, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK = 10_000
"""Rows per statement."""
Rows = Sequence[Sequence[Any]]


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values in lists of at most ``size``."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


async def take_ids(conn: AsyncConnection, table: Table, count: int) -> list[int]:
    """Numbers for rows about to be written, in order. Inside a writing transaction only."""
    if count == 0:
        return []
    if conn.dialect.name == "sqlite":
        last = (await conn.execute(select(func.max(table.c.id)))).scalar_one() or 0
        return list(range(last + 1, last + 1 + count))
    sequence = text(f"SELECT nextval(pg_get_serial_sequence('\"{table.name}\"', 'id')) FROM generate_series(1, :n)")
    return [int(row[0]) for row in (await conn.execute(sequence, {"n": count})).all()]


async def insert_rows(
    conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Writes rows of values in the order of ``columns``; answers how many (COPY or executemany)."""
    written = 0
    told = [table.c[name] for name in columns]
    for part in chunks(rows):
        written += len(part)
        if conn.dialect.name == "postgresql":
            await _copy(conn, table, columns, part)
        else:
            await _executemany(conn, f'INSERT INTO "{table.name}" ({_names(columns)}) {_places(told)}', told, part)
    return written


async def put_rows(
    conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Rows, *, key: Sequence[str],
    change: Sequence[str] = (),
) -> None:  # fmt: skip
    """Writes rows; one whose ``key`` is there already has the columns of ``change`` replaced, or is left alone."""
    told = [table.c[name] for name in columns]
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in change)
    begin = f'INSERT INTO "{table.name}" ({_names(columns)})'
    end = f"ON CONFLICT ({_names(key)}) DO {f'UPDATE SET {sets}' if change else 'NOTHING'}"
    for part in chunks(rows):
        if conn.dialect.name == "postgresql":
            await _over_arrays(conn, f"{begin} SELECT * FROM {{rows}} {end}", told, part)
        else:
            await _executemany(conn, f"{begin} {_places(told)} {end}", told, part)


async def change_rows(
    conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Rows, *, only: ColumnElement[bool] | None = None
) -> None:
    """Sets the columns after the first on the row that the first one names, where ``only`` holds.

    On PostgreSQL a row must be named once only.
    """
    name, (first, *others) = table.name, columns
    told = [table.c[column] for column in columns]
    also = "" if only is None else f" AND {_plain(conn, only)}"
    for part in chunks(rows):
        if conn.dialect.name == "postgresql":
            sets = ", ".join(f'"{other}" = v."{other}"' for other in others)
            end = f'FROM {{rows}} AS v({_names(columns)}) WHERE "{name}"."{first}" = v."{first}"{also}'
            await _over_arrays(conn, f'UPDATE "{name}" SET {sets} {end}', told, part)
        else:
            sets = ", ".join(f'"{other}" = ?{number}' for number, other in enumerate(others, 2))
            await _executemany(conn, f'UPDATE "{name}" SET {sets} WHERE "{first}" = ?1{also}', told, part)


def _plain(conn: AsyncConnection, clause: ColumnElement[bool]) -> str:
    return str(clause.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True}))


def among(conn: AsyncConnection, column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """``column`` is one of these numbers or texts, as one bound value however many they are.

    The statement's text stays the same, so it is compiled and prepared once.
    """
    told = list(values)
    if conn.dialect.name == "postgresql":
        return column == any_(bindparam(None, told, type_=ARRAY(column.type)))
    return column.in_(select(func.json_each(json.dumps(told)).table_valued("value").c.value))


async def _copy(conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Rows) -> None:
    """The transaction has begun with the first statement before; COPY joins it."""
    await (await _driver(conn)).copy_records_to_table(table.name, records=rows, columns=list(columns))


async def _over_arrays(conn: AsyncConnection, order: str, columns: Sequence[Column[Any]], rows: Rows) -> None:
    """Runs a statement in which ``{rows}`` stands for the rows; it joins the transaction as COPY does."""
    kinds = [column.type.dialect_impl(conn.dialect).compile(dialect=conn.dialect) for column in columns]
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, 1))
    await (await _driver(conn)).execute(order.format(rows=f"unnest({arrays})"), *map(list, zip(*rows, strict=True)))


async def _driver(conn: AsyncConnection) -> Any:
    return (await conn.get_raw_connection()).driver_connection


async def _executemany(conn: AsyncConnection, order: str, columns: Sequence[Column[Any]], rows: Rows) -> None:
    await conn.exec_driver_sql(order, _bound(conn, columns, rows))


def _bound(conn: AsyncConnection, columns: Sequence[Column[Any]], rows: Rows) -> list[tuple[Any, ...]]:
    """The rows as SQLite's driver takes them; a column at a time, each different value worked out once."""
    binds = [_binder(conn, column) for column in columns]
    if not any(binds):
        return [tuple(row) for row in rows]
    lines = zip(*rows, strict=True)
    return list(zip(*[map(bind, line) if bind else line for bind, line in zip(binds, lines, strict=True)], strict=True))


def _binder(conn: AsyncConnection, column: Column[Any]) -> Callable[[Any], Any] | None:
    bind = column.type.dialect_impl(conn.dialect).bind_processor(conn.dialect)
    if bind is None:
        return None
    seen: dict[Any, Any] = {}

    def remembered(value: Any) -> Any:
        if value not in seen:
            seen[value] = bind(value)
        return seen[value]

    return remembered


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _places(columns: Sequence[Column[Any]]) -> str:
    return f"VALUES ({', '.join('?' * len(columns))})"

"""Many rows in one statement, below the ORM and without an object per row.

SQLite: one prepared statement run over tuples. PostgreSQL: COPY, or one statement over arrays (``unnest``), one per
column.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Table, any_, bindparam, func, literal, select, text
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK = 10_000
"""Rows per statement."""
MANY = 10_000
"""Rows written at one go after which a table is another."""
Rows = Sequence[Sequence[Any]]
BEGUN = text("SELECT 1")


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values in lists of at most ``size``."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


async def take_ids(conn: AsyncConnection, table: Table, count: int) -> list[int]:
    """Numbers for rows about to be written, in order. Inside a writing transaction only."""
    if count == 0:
        return []
    found = await driver(conn)
    if conn.dialect.name == "sqlite":
        ((last,),) = await found.execute_fetchall(f'SELECT coalesce(max(id), 0) FROM "{table.name}"')
        return list(range(last + 1, last + 1 + count))
    name = f"SELECT pg_get_serial_sequence('\"{table.name}\"', 'id')::regclass AS it OFFSET 0"
    order = f"SELECT array_agg(nextval(it)) FROM ({name}) AS s, generate_series(1, $1)"
    return sorted(await found.fetchval(order, count))


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
    conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Rows, *, key: Sequence[str] = (),
    change: Sequence[str] = (), same: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """Writes rows; one whose ``key`` is there already has the columns of ``change`` replaced, or is left alone.

    ``same``: further columns with the one value they have in every row. Answers how many rows were written.
    """
    told, fixed = [table.c[name] for name in columns], same or {}
    values = "".join(f", {_told(conn.dialect, table.c[name], value)}" for name, value in fixed.items())
    begin = f'INSERT INTO "{table.name}" ({_names([*columns, *fixed])})'
    end, written = _on_conflict(key, change), 0
    for part in chunks(rows):
        if conn.dialect.name == "postgresql":
            written += await _over_arrays(conn, f"{begin} SELECT v.*{values} FROM {{rows}} AS v {end}", told, part)
        else:
            order = f"{begin} VALUES ({', '.join('?' * len(told))}{values}) {end}"
            written += await _executemany(conn, order, told, part)
    return written


def _on_conflict(key: Sequence[str], change: Sequence[str]) -> str:
    if not key:
        return ""
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in change)
    return f"ON CONFLICT ({_names(key)}) DO {f'UPDATE SET {sets}' if change else 'NOTHING'}"


async def change_rows(
    conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Rows, *, match: int = 1,
    only: ColumnElement[bool] | None = None, how: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Sets the columns on the row that equals in the first ``match`` of them, where ``only`` holds.

    ``how``: plain SQL for a column that is not simply replaced, ``{new}`` standing for the new value. On PostgreSQL a
    row must be named once only.
    """
    postgres, told = conn.dialect.name == "postgresql", [table.c[column] for column in columns]
    order = _change(conn.dialect, table, tuple(columns), match, only, tuple((how or {}).items()))
    for part in chunks(rows):
        await (_over_arrays if postgres else _executemany)(conn, order, told, part)


@lru_cache(maxsize=256)
def _change(
    dialect: Dialect, table: Table, columns: tuple[str, ...], match: int, only: ColumnElement[bool] | None,
    how: tuple[tuple[str, str], ...],
) -> str:  # fmt: skip
    postgres, ways = dialect.name == "postgresql", dict(how)
    new = {name: f'v."{name}"' if postgres else f"?{number}" for number, name in enumerate(columns, 1)}
    sets = ", ".join(f'"{name}" = {ways.get(name, "{new}").format(new=new[name])}' for name in columns[match:])
    same = " AND ".join(f'"{table.name}"."{name}" = {new[name]}' for name in columns[:match])
    also = "" if only is None else f" AND ({_plain(dialect, only)})"
    rest = f" FROM {{rows}} AS v({_names(columns)})" if postgres else ""
    return f'UPDATE "{table.name}" SET {sets}{rest} WHERE {same}{also}'


def _plain(dialect: Dialect, clause: ColumnElement[Any]) -> str:
    return str(clause.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


@lru_cache(maxsize=256)
def _told(dialect: Dialect, column: Column[Any], value: Any) -> str:
    """A value as it stands in SQL."""
    return _plain(dialect, literal(value, column.type))


def among(conn: AsyncConnection, column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """``column`` is one of these numbers or texts, as one bound value however many they are.

    The statement's text stays the same, so it is compiled and prepared once.
    """
    told = list(values)
    if conn.dialect.name == "postgresql":
        return column == any_(bindparam(None, told, type_=ARRAY(column.type)))
    return column.in_(select(func.json_each(json.dumps(told)).table_valued("value").c.value))


async def take_stock(conn: AsyncConnection, tables: Iterable[Table]) -> None:
    """PostgreSQL counts these tables at once, where ``MANY`` rows are new; its own round comes once a minute.

    Till then it takes them for all but empty and reads the whole table for each question (dispatch: 2.5 times slower).
    """
    if conn.dialect.name == "postgresql":
        for name in sorted(table.name for table in tables):
            await conn.exec_driver_sql(f'ANALYZE "{name}"')


async def _copy(conn: AsyncConnection, table: Table, columns: Sequence[str], rows: Rows) -> None:
    await (await driver(conn)).copy_records_to_table(table.name, records=rows, columns=list(columns))


async def _over_arrays(conn: AsyncConnection, order: str, columns: Sequence[Column[Any]], rows: Rows) -> int:
    """Runs a statement in which ``{rows}`` stands for the rows; answers how many it touched."""
    kinds = [column.type.dialect_impl(conn.dialect).compile(dialect=conn.dialect) for column in columns]
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, 1))
    lines = map(list, zip(*rows, strict=True))
    status = await (await driver(conn)).execute(order.replace("{rows}", f"unnest({arrays})"), *lines)
    return int(status.rsplit(" ", 1)[-1])


async def driver(conn: AsyncConnection) -> Any:
    """The driver's own connection, inside our transaction: PostgreSQL's begins with SQLAlchemy's first statement."""
    assert conn.sync_connection is not None
    found: Any = conn.sync_connection.connection.driver_connection
    if conn.dialect.name == "postgresql" and not found.is_in_transaction():
        await conn.execute(BEGUN)
    return found


async def _executemany(conn: AsyncConnection, order: str, columns: Sequence[Column[Any]], rows: Rows) -> int:
    found = await driver(conn)
    touched: int = await found._execute(_run, found._conn, order, _bound(conn, columns, rows))
    return touched


def _run(connection: sqlite3.Connection, order: str, rows: Rows) -> int:
    return connection.executemany(order, rows).rowcount


def _bound(conn: AsyncConnection, columns: Sequence[Column[Any]], rows: Rows) -> list[tuple[Any, ...]]:
    """The rows as SQLite's driver takes them; a column at a time, each different value worked out once."""
    binds = [_binder(conn, column) for column in columns]
    if not any(binds):
        return [tuple(row) for row in rows]
    lines = zip(*rows, strict=True)
    told = [line if bind is None else _each_once(bind, line) for bind, line in zip(binds, lines, strict=True)]
    return list(zip(*told, strict=True))


def _each_once(bind: Callable[[Any], Any], line: Sequence[Any]) -> Iterable[Any]:
    return map({value: bind(value) for value in set(line)}.__getitem__, line)


def _binder(conn: AsyncConnection, column: Column[Any]) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(conn.dialect).bind_processor(conn.dialect)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _places(columns: Sequence[Column[Any]]) -> str:
    return f"VALUES ({', '.join('?' * len(columns))})"

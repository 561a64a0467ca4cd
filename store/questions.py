"""Questions put many times a second: compiled once, handed to the driver itself, several at one go.

Through SQLAlchemy's connection a question costs Python a third of a millisecond whatever it finds; here the driver gets
text and values, on SQLite in one visit to its thread however many questions there are.
"""

import json
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, String, TypeDecorator, any_, bindparam, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from store import bulk

Read = Callable[[Any], Any]
Some = Callable[[Any, str], ColumnElement[bool]]
"""``some(column, name)``: the column is one of the numbers or texts handed in, a tuple, under that name."""
Asked = Select[Any] | ReturningUpdate[Any]
Order = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A question as one database takes it: its text, the values it wants in their order, how its rows are read."""

    text: str
    wants: tuple[tuple[str, Any, Read | None], ...]
    """Name of a value that is given, or no name and the value itself; how the driver wants it."""
    make: Callable[[Iterable[Any]], Any]
    reads: tuple[Read | None, ...]

    def order(self, told: dict[str, Any]) -> Order:
        values = ((told[name] if name else fixed, bind) for name, fixed, bind in self.wants)
        return self.text, [value if bind is None else bind(value) for value, bind in values]

    def rows(self, found: Sequence[Any]) -> list[Any]:
        if found and any(self.reads):
            columns = zip(*found, strict=True)
            read = [
                column if read is None else map(read, column) for column, read in zip(columns, self.reads, strict=True)
            ]
            found = list(zip(*read, strict=True))
        return list(map(self.make, found))


class Question:
    """A select, or a change that returns rows, with values ``given`` by name; built once for each kind of database."""

    def __init__(self, build: Callable[[Some], Asked]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def on(self, dialect: Dialect) -> _Compiled:
        """The question in a database's own words."""
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = _compiled(self._build(SOME[dialect.name]), dialect)
        return known


def given(name: str, kind: Any) -> ColumnElement[Any]:
    """A value handed in with the question."""
    return bindparam(name, None, type_=kind)


def _of_array(column: Any, name: str) -> ColumnElement[bool]:
    told: ColumnElement[bool] = column == any_(given(name, ARRAY(column.type)))
    return told


def _of_json(column: Any, name: str) -> ColumnElement[bool]:
    values = func.json_each(given(name, _List())).table_valued("value").c.value
    told: ColumnElement[bool] = column.in_(select(values))
    return told


class _List(TypeDecorator[Any]):
    """Many numbers or texts, a tuple, as one JSON text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return _json(value)


@lru_cache(maxsize=16)
def _json(values: tuple[Any, ...]) -> str:
    return json.dumps(values)


SOME: dict[str, Some] = {"postgresql": _of_array, "sqlite": _of_json}


def _compiled(query: Asked, dialect: Dialect) -> _Compiled:
    told = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    wants = tuple(_want(told, name, dialect) for name in told.positiontup or ())
    columns = list(query.exported_columns)
    reads = tuple(c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns)
    row = namedtuple("Found", [c.key for c in columns], rename=True)  # type: ignore[misc]
    return _Compiled(str(told), wants, row._make, reads)


def _want(told: Any, name: str, dialect: Dialect) -> tuple[str, Any, Read | None]:
    bind = told.binds.get(name)
    if bind is None or bind.unique:
        return "", told.params[name], None
    as_it_is = isinstance(bind.type, ARRAY)
    return name, None, None if as_it_is else bind.type.dialect_impl(dialect).bind_processor(dialect)


async def ask(conn: AsyncConnection, *asked: tuple[Question, dict[str, Any]]) -> list[list[Any]]:
    """The rows of each question, one after the other inside our transaction."""
    driver = await bulk.driver(conn)
    told = [question.on(conn.dialect) for question, _ in asked]
    orders = [one.order(values) for one, (_, values) in zip(told, asked, strict=True)]
    if conn.dialect.name == "sqlite":
        found = await driver._execute(_at_one_go, driver._conn, orders)
    else:
        found = [await driver.fetch(text, *values) for text, values in orders]
    return [one.rows(rows) for one, rows in zip(told, found, strict=True)]


async def ask_bare(conn: AsyncConnection, question: Question, told: dict[str, Any]) -> Sequence[Any]:
    """The rows of one question as the driver gives them, by place: numbers and texts by the ten thousand."""
    driver = await bulk.driver(conn)
    text, values = question.on(conn.dialect).order(told)
    if conn.dialect.name == "sqlite":
        (found,) = await driver._execute(_at_one_go, driver._conn, [(text, values)])
    else:
        found = await driver.fetch(text, *values)
    rows: Sequence[Any] = found
    return rows


def _at_one_go(connection: sqlite3.Connection, orders: Sequence[Order]) -> list[list[Any]]:
    return [connection.execute(text, values).fetchall() for text, values in orders]

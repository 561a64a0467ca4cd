"""SQLite's driver in one step a statement: run, fetched and closed in a single visit to the connection's thread.

aiosqlite keeps a thread for each connection and SQLAlchemy visits it four or five times for one question: a cursor, the
statement, its rows, the end of the cursor. Each visit costs the event loop more than SQLite needs for the answer.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import await_only

Answer = tuple[Any, int, int | None, Sequence[Any]]
"""Description, rows touched, last row's number, rows."""


def _ask(connection: sqlite3.Connection, order: str, values: Any) -> Answer:
    return _told(connection.execute(order, values if values is not None else ()))


def _ask_many(connection: sqlite3.Connection, order: str, values: Any) -> Answer:
    return _told(connection.executemany(order, values))


def _told(cursor: sqlite3.Cursor) -> Answer:
    rows = cursor.fetchall() if cursor.description else ()
    answer = (cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    cursor.close()
    return answer


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """What SQLAlchemy takes for a cursor: the answer, already here."""

    __slots__ = ("_answer", "arraysize")

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._answer: Answer = (None, -1, None, ())
        self.arraysize = 1

    @property
    def description(self) -> Any:
        return self._answer[0]

    @property
    def rowcount(self) -> int:
        return self._answer[1]

    @property
    def lastrowid(self) -> Any:
        return self._answer[2]

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Runs one statement; its rows are here afterwards."""
        self._visit(_ask, operation, parameters)

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        """Runs one statement over many rows of values."""
        self._visit(_ask_many, operation, seq_of_parameters)

    def _visit(self, work: Callable[..., Answer], order: str, values: Any) -> None:
        try:
            driver: Any = self._connection
            self._answer = await_only(driver._execute(work, driver._conn, order, values))
        except Exception as error:
            self._adapt_connection._handle_exception(error)
        self._rows = deque(self._answer[3])

    async def _async_soft_close(self) -> None:
        """Nothing is open any more."""

    def close(self) -> None:
        self._rows.clear()


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose cursors answer in one step; rolling back what is not begun costs none."""

    __slots__ = ()
    _cursor_cls = OneHopCursor

    def rollback(self) -> None:
        if self._connection._connection and self._connection.in_transaction:
            super().rollback()


class OneHop(AsyncAdapt_aiosqlite_dbapi):
    """The driver as ``create_async_engine(module=…)`` takes it."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> OneHopConnection:
        return OneHopConnection(self, super().connect(*arg, **kw)._connection)

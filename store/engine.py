"""The engine: one database, SQLite as a file or PostgreSQL, behind the same two doors: read and write."""

import asyncio
import contextlib
import os
import sqlite3
import stat
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from store.one_hop import OneHop
from store.vault import Vault


class StoreError(Exception):
    """The database cannot be used as named; the message says what to do."""


def faults() -> tuple[type[Exception], ...]:
    """Every error a database answers with, asked through SQLAlchemy or, where speed counts, by its own driver."""
    asyncpg: Any = sys.modules.get("asyncpg")
    own = (asyncpg.PostgresError, asyncpg.InterfaceError) if asyncpg is not None else ()
    return (SQLAlchemyError, sqlite3.Error, *own)


def async_url(url: str) -> str:
    """``DATABASE_URL`` as people write it → the async driver's form. Raises StoreError for another kind of database."""
    for plain, driver in (
        ("sqlite+aiosqlite:", "sqlite+aiosqlite:"),
        ("sqlite:", "sqlite+aiosqlite:"),
        ("postgresql+asyncpg:", "postgresql+asyncpg:"),
        ("postgresql:", "postgresql+asyncpg:"),
        ("postgres:", "postgresql+asyncpg:"),
    ):
        if url.startswith(plain):
            return driver + url[len(plain) :]
    raise StoreError("DATABASE_URL must begin with sqlite:/// or postgresql://")


def _sqlite_manners(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _manners(idle_seconds: int) -> dict[str, Any]:
    """PostgreSQL ends a session that falls silent in a transaction: a stopped process must not keep its locks."""
    if not idle_seconds:
        return {}
    return {"server_settings": {"idle_in_transaction_session_timeout": str(idle_seconds * 1000)}}


LONGEST = 10
"""No transaction lasts longer than so many times what may pass in silence."""


def _no_longer(engine: AsyncEngine, seconds: int) -> None:
    """A process stopped in mid COPY is not idle to PostgreSQL; from 17 on a transaction may have an end of its own."""
    asked = f"SELECT set_config(name, '{seconds}s', false) FROM pg_settings WHERE name = 'transaction_timeout'"

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(asked)
        cursor.close()
        connection.commit()


RESTED = 5.0
"""Real seconds after which a connection is asked whether it still works."""


def _fit(engine: AsyncEngine) -> None:
    """A connection that was closed is replaced; one that rested is asked first, which costs three trips to the server.

    SQLAlchemy's own look before every use (``pool_pre_ping``) asks those that were used a moment ago as well.
    """

    @event.listens_for(engine.sync_engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the connection was closed")
        if time.monotonic() - record.info.get("rests_since", 0.0) > RESTED:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError("the connection does not answer") from error

    @event.listens_for(engine.sync_engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()


async def hold_still(conn: AsyncConnection) -> None:
    """The rest of this transaction sees one instant of the database, whatever others write meanwhile."""
    if conn.dialect.name == "postgresql":
        await conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _make_folder(folder: Path) -> None:
    """The folder a file of SQLite's lies in. Raises StoreError where we may not make it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"the database's folder {folder} cannot be made ({error.strerror})"
        raise StoreError(f"{why}; set DATABASE_URL=sqlite:////a/folder/of/ours/yinuo.db") from None


class Store:
    """Where everything is remembered. SQLite has one writer at a time; PostgreSQL as many as the pool holds.

    ``idle_seconds``: how long a process may stand still inside a transaction before others get its rows (0: for ever).
    """

    def __init__(self, url: str, vault: Vault, *, pool: int = 8, idle_seconds: int = 0) -> None:
        self.url = make_url(async_url(url))
        self.vault = vault
        self.dialect = self.url.get_backend_name()
        self._turn = asyncio.Lock()
        if self.dialect == "sqlite":
            self._writer = self._sqlite("BEGIN IMMEDIATE", 1)
            self._reader = self._sqlite("BEGIN", 4)
        else:
            self._writer = create_async_engine(
                self.url,
                pool_size=pool,
                max_overflow=pool,
                connect_args=_manners(idle_seconds),
                hide_parameters=True,
            )
            _fit(self._writer)
            if idle_seconds:
                _no_longer(self._writer, idle_seconds * LONGEST)
            self._reader = self._writer

    def _sqlite(self, begin: str, size: int) -> AsyncEngine:
        if self.url.database and self.url.database != ":memory:":
            _make_folder(Path(self.url.database).parent)
        engine = create_async_engine(
            self.url, poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, connect_args={"timeout": 30},
            module=OneHop(), hide_parameters=True,
        )  # fmt: skip
        _sqlite_manners(engine, begin)
        return engine

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations."""
        return self._writer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write; commits at the end, rolls back on any error."""
        if self.dialect == "sqlite":
            async with self._turn, self._writer.begin() as connection:
                yield connection
        else:
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads, beside any writer."""
        async with self._reader.begin() as connection:
            yield connection

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite address, or None."""
    parsed = make_url(async_url(url))
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def private_file(path: Path, content: str, *, as_before: bool = False) -> None:
    """Writes a file only its owner may read, all or nothing. ``as_before``: one it replaces hands on owner and mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(path.suffix + ".new")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if as_before and path.exists():
            _handed_on(path, descriptor)
        file.write(content)
    half.replace(path)


def _handed_on(path: Path, descriptor: int) -> None:
    """Root may write for the service, which must still be able to read what is its own."""
    was = path.stat()
    if sys.platform != "win32":
        if (was.st_uid, was.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(PermissionError):  # only root may give a file away
                os.fchown(descriptor, was.st_uid, was.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(was.st_mode))

"""The letterbox: callbacks that come in together are kept together, in one transaction, and each waits for its commit.

So a hundred providers' requests cost one commit, and still nobody is answered before what they brought is on disk.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import inbound, provider_event
from store.engine import Store
from store.journal import Entry, note_many
from store.told import Key, keep

MOST = 2_000
"""Callbacks that may wait; more are told to come again."""
TOGETHER = 200
"""Callbacks of one transaction."""
Row = dict[str, Any]


class Overfull(Exception):
    """More callbacks wait than can be kept soon: the provider is asked to repeat this one."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The rows of one callback: what was said, and receipts; at least one of them."""

    said: Sequence[Row]
    receipts: Sequence[Row]
    at: datetime


class Letterbox:
    """One per house and process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Letter, asyncio.Future[int]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.arrived = asyncio.Event()
        """Set when something new was kept in this process: whoever hears need not wait for the next tick."""

    async def put(self, letter: Letter) -> int:
        """Answers how many of its rows are new, once they are committed.

        Raises Overfull, or whatever the database said: then nothing of it was kept.
        """
        if len(self._waiting) >= MOST:
            raise Overfull(f"{MOST} callbacks wait")
        kept: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((letter, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await kept

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                await self._together(batch)
        finally:
            self._writing = None

    async def _together(self, batch: list[tuple[Letter, asyncio.Future[int]]]) -> None:
        try:
            counts = await keep_all(self._store, [letter for letter, _ in batch])
        except (DataError, IntegrityError, ProgrammingError) as error:
            # One of them holds what the database does not take: it alone is refused.
            for one in batch if len(batch) > 1 else ():
                await self._together([one])
            _refuse(batch, error)
        except BaseException as error:
            _refuse(batch, error)
            if not isinstance(error, Exception):
                raise
        else:
            if any(counts):
                self.arrived.set()
            for (_, kept), count in zip(batch, counts, strict=True):
                if not kept.done():
                    kept.set_result(count)


def _refuse(batch: list[tuple[Letter, asyncio.Future[int]]], error: BaseException) -> None:
    for _, kept in batch:
        if not kept.done():
            kept.set_exception(error)


async def keep_all(store: Store, letters: Sequence[Letter]) -> list[int]:
    """Keeps callbacks in one transaction, each new row with its line in the journal; how many were new of each."""
    async with store.write() as conn:
        said = await _keep(conn, "inbound", [(row, one.at) for one in letters for row in one.said])
        told = await _keep(conn, "receipt", [(row, one.at) for one in letters for row in one.receipts])
    return [_count(said, one.said) + _count(told, one.receipts) for one in letters]


TABLES = {"inbound": inbound, "receipt": provider_event}
"""Kind of line in the journal → the table it speaks of."""


async def _keep(conn: AsyncConnection, kind: str, rows: Sequence[tuple[Row, datetime]]) -> set[Key]:
    """Which keys are new. Of one key told twice the first row counts."""
    first: dict[Key, tuple[Row, datetime]] = {}
    for row, at in rows:
        first.setdefault(_key(row), (row, at))
    if not first:
        return set()
    table = TABLES[kind]
    numbers = await keep(conn, table, [row for row, _ in first.values()])
    await note_many(conn, [Entry(kind, f"{table.name}:{number}", *first[key]) for key, number in numbers.items()])
    return set(numbers)


def _key(row: Row) -> Key:
    return row["provider"], row["event_key"]


def _count(new: set[Key], rows: Sequence[Row]) -> int:
    """How many of these rows are new; each new key is counted once."""
    mine = {_key(row) for row in rows} & new
    new -= mine
    return len(mine)

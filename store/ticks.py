"""Scheduled tasks: a unique row decides who does a task for an instant, so that it is done once."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import tick_run


async def claim_tick(conn: AsyncConnection, name: str, due: str, by: str, now: datetime) -> bool:
    """Whether this process does the task ``name`` for ``due`` (a local date or an instant); only one ever does."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    made = await conn.execute(
        make(tick_run)
        .values(name=name, due=due, by=by, at=now)
        .on_conflict_do_nothing(index_elements=["name", "due"])
        .returning(tick_run.c.name)
    )
    return made.first() is not None


async def tick_done(conn: AsyncConnection, name: str, due: str, now: datetime) -> None:
    await conn.execute(update(tick_run).where(tick_run.c.name == name, tick_run.c.due == due).values(done_at=now))

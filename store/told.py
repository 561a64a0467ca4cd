"""What a provider tells us, words and receipts alike: kept once, however often it is told."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import inbound, provider_event

Key = tuple[str, str]
"""The provider, and its own number for what it tells."""


async def keep(conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> dict[Key, int]:
    """Stores rows of ``inbound`` or ``provider_event``; answers the numbers of what is new. Told before: left out."""
    made = await conn.execute(_KEEP[conn.dialect.name, table.name], rows)
    return {(row.provider, row.event_key): row.id for row in made}


_KEEP = {
    (dialect, table.name): make(table)
    .on_conflict_do_nothing(index_elements=["provider", "event_key"])
    .returning(table.c.id, table.c.provider, table.c.event_key)
    for dialect, make in (("postgresql", pg_insert), ("sqlite", sqlite_insert))
    for table in (inbound, provider_event)
}

"""The cases' queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import case_, case_event
from store.journal import Entry, note


async def open_one(conn: AsyncConnection, subject: str, cause: str) -> Any:
    """The open case of a subject and cause, or None."""
    query = select(case_).where(case_.c.subject == subject, case_.c.cause == cause, case_.c.state != "resolved")
    return (await conn.execute(query.with_for_update())).first()


async def insert_case(conn: AsyncConnection, values: dict[str, Any]) -> int:
    made = await conn.execute(insert(case_).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def write_event(
    conn: AsyncConnection, case_id: int, version: int, kind: str, now: datetime, *, community_id: int | None,
    staff_id: int | None = None, note_text: str = "",
) -> int:  # fmt: skip
    """Writes one line of a case's history, and into the journal."""
    values = {"case_id": case_id, "version": version, "kind": kind, "staff_id": staff_id, "note": note_text, "at": now}
    made = await conn.execute(insert(case_event).values(**values))
    event_id = int(made.inserted_primary_key[0])  # type: ignore[index]
    who = f"staff:{staff_id}" if staff_id else ""
    await note(conn, Entry("case_event", f"case_event:{event_id}", values, now, community_id, who))
    return event_id


async def join(conn: AsyncConnection, case_id: int, detail: str, now: datetime) -> None:
    """New facts join an open case."""
    await conn.execute(update(case_).where(case_.c.id == case_id).values(detail=detail))

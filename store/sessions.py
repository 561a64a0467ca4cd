"""Who is signed in to the console: sessions, sign-in codes, tries."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    bind_code,
    console_session,
    journal_entry,
    message,
    staff,
)


async def write_session(conn: AsyncConnection, values: dict[str, Any]) -> None:
    await conn.execute(insert(console_session).values(**values))


async def session_of(conn: AsyncConnection, token_hash: str) -> Any:
    """The session of a cookie with its member of staff, or None; people who left have none."""
    query = (
        select(
            console_session, staff.c.name, staff.c.role, staff.c.community_id, staff.c.locale,
        )
        .join(staff, staff.c.id == console_session.c.staff_id)
        .where(console_session.c.token_hash == token_hash, staff.c.left_at.is_(None))
    )  # fmt: skip
    return (await conn.execute(query)).first()


async def end_session(conn: AsyncConnection, token_hash: str) -> None:
    await conn.execute(delete(console_session).where(console_session.c.token_hash == token_hash))


async def end_sessions_of(conn: AsyncConnection, staff_id: int) -> None:
    """Signs a person out everywhere."""
    await conn.execute(delete(console_session).where(console_session.c.staff_id == staff_id))


async def end_old_sessions(conn: AsyncConnection, real_now: datetime) -> None:
    await conn.execute(delete(console_session).where(console_session.c.expires_at < real_now))


async def count_entries(conn: AsyncConnection, kind: str, subject: str, since: datetime) -> int:
    """How often something is in the journal since an instant."""
    query = select(func.count()).where(
        journal_entry.c.subject == subject, journal_entry.c.kind == kind, journal_entry.c.at > since
    )
    return int((await conn.execute(query)).scalar_one())


async def has_admin(conn: AsyncConnection) -> bool:
    """Whether anybody may sign in at all."""
    query = select(staff.c.id).where(staff.c.password_hash != "", staff.c.left_at.is_(None)).limit(1)
    return (await conn.execute(query)).first() is not None


async def write_sign_in_code(conn: AsyncConnection, staff_id: int, index: bytes, expires_at: datetime) -> None:
    """A one-time code for signing in; an older one of the same person is void."""
    mine = and_(bind_code.c.staff_id == staff_id, bind_code.c.kind == "sign_in")
    await conn.execute(delete(bind_code).where(mine))
    values = {"code_index": index, "staff_id": staff_id, "kind": "sign_in", "expires_at": expires_at}
    await conn.execute(insert(bind_code).values(**values))


async def use_sign_in_code(conn: AsyncConnection, index: bytes, staff_id: int, real_now: datetime) -> bool:
    """Whether it is the person's good code; it is used up by this."""
    done = await conn.execute(
        update(bind_code)
        .where(bind_code.c.code_index == index, bind_code.c.staff_id == staff_id, bind_code.c.kind == "sign_in",
               bind_code.c.used_at.is_(None), bind_code.c.expires_at > real_now)
        .values(used_at=real_now)
    )  # fmt: skip
    return bool(done.rowcount == 1)


async def queue_message(conn: AsyncConnection, values: dict[str, Any]) -> None:
    """Puts one message of the house into the outbox."""
    await conn.execute(insert(message).values(**values))

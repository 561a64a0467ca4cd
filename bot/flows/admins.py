"""Accounts of people for the console: made, given a role, given a password, taken back. All of it journaled."""

from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House
from bot.flows.staff import ROLES, StaffError, leave
from store import sessions
from store import staff as shelf
from store.engine import Store
from store.journal import Entry, note

SHORTEST = 8
"""Characters of a password."""


def hash_password(password: str) -> str:
    """The argon2 hash that is kept."""
    return PasswordHasher().hash(password)


def _fits(name: str, password: str, role: str) -> None:
    if not name.strip() or len(name) > 60:
        raise StaffError("a name has 1 to 60 characters")
    if role not in ROLES:
        raise StaffError(f"no role is called {role!r}; one of: {', '.join(ROLES)}")
    if len(password) < SHORTEST or len(password) > 200:
        raise StaffError(f"a password has {SHORTEST} to 200 characters")


async def create_admin(
    store: Store, name: str, password: str, now: datetime, role: str = "admin", *, community_id: int | None = None,
    by: str = "cli",
) -> int:  # fmt: skip
    """Makes an account that may sign in; of an existing colleague without a password it becomes one.

    Raises StaffError for a name that has a password already, an unknown role or a short password.
    """
    _fits(name, password, role)
    hashed = hash_password(password)
    async with store.write() as conn:
        known = await shelf.named(conn, name.strip())
        if known is not None and (known.password_hash or known.left_at is not None):
            raise StaffError(f"{name} has an account already; choose another name or set a new password on People")
        if known is not None:
            await shelf.set_fields(conn, known.id, password_hash=hashed, role=role)
            staff_id = int(known.id)
        else:
            staff_id = await shelf.add(
                conn,
                {"name": name.strip(), "role": role, "community_id": community_id, "password_hash": hashed,
                 "created_at": now},
            )  # fmt: skip
        content = {"name": name.strip(), "role": role}
        await note(conn, Entry("staff_added", f"staff:{staff_id}", content, now, community_id, by, f"role {role}"))
    return staff_id


async def change_role(conn: AsyncConnection, row: Any, role: str, now: datetime, by: str) -> None:
    """Another role, from now on: open sessions follow at their next request. Raises StaffError for an unknown role."""
    if role not in ROLES:
        raise StaffError(f"no role is called {role!r}; one of: {', '.join(ROLES)}")
    await shelf.set_fields(conn, row.id, role=role)
    content = {"name": row.name, "role": role}
    told = f"{row.role} -> {role}"
    await note(conn, Entry("staff_role", f"staff:{row.id}", content, now, row.community_id, by, told))


async def set_password(conn: AsyncConnection, row: Any, password: str, now: datetime, by: str) -> None:
    """A new password; every open session of the person ends."""
    _fits(row.name, password, row.role)
    await shelf.set_fields(conn, row.id, password_hash=hash_password(password))
    await sessions.end_sessions_of(conn, row.id)
    await note(conn, Entry("staff_password", f"staff:{row.id}", {"name": row.name}, now, row.community_id, by))


async def let_go(house: House, conn: AsyncConnection, row: Any, successor: str, now: datetime, by: str) -> int:
    """A person who left: cases go to the successor (or the next on the rota), nobody signs in any more.

    Answers how many cases went over. Raises StaffError when nobody is left to take over.
    """
    count = await leave(house, conn, row.name, now, successor=successor, who=by)
    await shelf.set_fields(conn, row.id, password_hash="")
    await sessions.end_sessions_of(conn, row.id)
    return count

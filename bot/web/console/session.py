"""Passwords, sessions, one-time codes. Only hashes are kept; time-outs run on real time."""

import asyncio
import hashlib
import secrets
from datetime import timedelta
from typing import Annotated, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import real_now
from bot.flows.admins import hash_password
from bot.flows.house import House
from bot.web.console.roles import Who
from store import sessions
from store.journal import Entry, note

COOKIE = "yinuo_session"
LASTS = timedelta(hours=12)
PATIENCE = timedelta(minutes=15)
WRONG_PER_NAME = 6
WRONG_PER_PLACE = 40
CODE_LASTS = timedelta(minutes=5)
_NOBODY = hash_password("nobody has this password")
"""Verified for unknown names, so that they take as long as known ones."""


class NotSignedIn(Exception):
    """Nobody is signed in; the browser is sent to the sign-in page."""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def matches(kept: str, password: str) -> bool:
    """Whether it is the password of a hash; an empty hash matches nothing, and takes as long."""

    def verify() -> bool:
        try:
            return PasswordHasher().verify(kept or _NOBODY, password) and bool(kept)
        except (VerifyMismatchError, InvalidHashError):
            return False

    return await asyncio.to_thread(verify)


async def refused_lately(conn: AsyncConnection, name: str, place: str) -> bool:
    """Whether a name or a place has tried too often within a quarter of an hour."""
    since = real_now() - PATIENCE
    by_name = await sessions.count_entries(conn, "sign_in_refused", f"sign_in:{digest(name)[:24]}", since)
    by_place = await sessions.count_entries(conn, "sign_in_refused", f"sign_in_from:{digest(place)[:24]}", since)
    return by_name >= WRONG_PER_NAME or by_place >= WRONG_PER_PLACE


async def note_refused(conn: AsyncConnection, name: str, place: str) -> None:
    """A wrong try, by name and by place; neither is written in clear."""
    for subject in (f"sign_in:{digest(name)[:24]}", f"sign_in_from:{digest(place)[:24]}"):
        await note(conn, Entry("sign_in_refused", subject, {}, real_now()))


async def begin(conn: AsyncConnection, staff_id: int, *, pending: bool, lasts: timedelta = LASTS) -> str:
    """A fresh session with a fresh token, whatever cookie the browser came with; answers the token."""
    token, now = secrets.token_urlsafe(32), real_now()
    await sessions.end_old_sessions(conn, now)
    await sessions.write_session(
        conn,
        {
            "token_hash": digest(token), "staff_id": staff_id, "csrf": secrets.token_urlsafe(24), "created_at": now,
            "expires_at": now + lasts, "pending": pending,
        },
    )  # fmt: skip
    return token


async def session(request: Request) -> Any:
    """The session's row, pending or not, or None."""
    token = request.cookies.get(COOKIE, "")
    if not token or len(token) > 200:
        return None
    house: House = request.app.state.house
    async with house.store.read() as conn:
        row = await sessions.session_of(conn, digest(token))
    return row if row is not None and row.expires_at > real_now() else None


async def signed_in(request: Request) -> Who:
    """Who is signed in. Raises NotSignedIn."""
    row = await session(request)
    if row is None or row.pending:
        raise NotSignedIn
    return Who(row.staff_id, row.name, row.role, row.community_id, row.locale, row.csrf, row.token_hash)


Signed = Annotated[Who, Depends(signed_in)]


def sign_in_code(house: House, token_hash: str, code: str) -> bytes:
    """What is kept of a one-time code: bound to the session that asked for it."""
    return house.store.vault.index("sign_in", f"{token_hash}:{code}")

"""Systems that push charges, payments and contacts: each with a token of its own, kept as a hash."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from store.core import api_client
from store.engine import Store


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def add_client(
    store: Store, name: str, community_id: int | None, now: datetime, token: str = "", *, live: bool = False
) -> str:
    """A new client; answers its token, which is shown this once. The same name again gets a new token.

    ``live``: it pushes every payment the moment it comes, so the book counts as of today.
    """
    token = token or secrets.token_urlsafe(32)
    async with store.write() as conn:
        known = (await conn.execute(select(api_client.c.id).where(api_client.c.name == name))).scalar()
        values = {"token_hash": token_hash(token), "community_id": community_id, "created_at": now, "revoked_at": None,
                  "live": live}  # fmt: skip
        if known is None:
            await conn.execute(insert(api_client).values(name=name, **values))
        else:
            await conn.execute(api_client.update().where(api_client.c.id == known).values(**values))
    return token


async def client_of(store: Store, token: str) -> Any:
    """The client of a token, or None."""
    async with store.read() as conn:
        query = select(api_client).where(
            api_client.c.token_hash == token_hash(token), api_client.c.revoked_at.is_(None)
        )
        return (await conn.execute(query)).first()

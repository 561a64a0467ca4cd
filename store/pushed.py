"""Look-ups for what other systems push."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account, charge, contact


async def charge_by_ref(conn: AsyncConnection, source: str, external_ref: str) -> Any:
    """The charge a source entered under a reference, with its account's ``unit_id``, or None."""
    query = select(charge, account.c.unit_id).join(account, account.c.id == charge.c.account_id)
    query = query.where(charge.c.source == source, charge.c.external_ref == external_ref)
    return (await conn.execute(query)).first()


async def has_contact(conn: AsyncConnection, person_id: int, channel: str, index: bytes) -> bool:
    """Whether a person has this address already, alive or not."""
    query = select(contact.c.id).where(
        contact.c.person_id == person_id, contact.c.channel == channel, contact.c.address_index == index
    )
    return (await conn.execute(query.limit(1))).first() is not None

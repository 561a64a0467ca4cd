"""Pictures and files people sent: waited for, kept sealed, found again by account. Lists never load the contents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account_party, attachment, inbound

_LIST = tuple(column for column in attachment.c if column.name != "content_sealed")


async def expect(conn: AsyncConnection, values: dict[str, Any]) -> int:
    """A row that waits for its content; answers its number."""
    made = await conn.execute(insert(attachment).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def sent_since(conn: AsyncConnection, person_id: int, since: datetime) -> int:
    """How many a person has sent since an instant."""
    query = select(func.count()).where(attachment.c.person_id == person_id, attachment.c.at >= since)
    return int((await conn.execute(query)).scalar_one())


async def due(conn: AsyncConnection, now: datetime, most: int = 20) -> Sequence[Any]:
    """What waits to be fetched, the oldest first, each with the provider and what it is fetched by."""
    query = (
        select(*_LIST, inbound.c.provider, inbound.c.detail)
        .join(inbound, inbound.c.id == attachment.c.inbound_id)
        .where(attachment.c.state == "waiting", attachment.c.next_at <= now)
    )
    return (await conn.execute(query.order_by(attachment.c.id).limit(most))).all()


async def later(conn: AsyncConnection, number: int, next_at: datetime) -> None:
    """Not fetched this time; the next time is at ``next_at``."""
    values = {"tries": attachment.c.tries + 1, "next_at": next_at}
    await conn.execute(update(attachment).where(_waiting(number)).values(**values))


async def settle(conn: AsyncConnection, number: int, values: dict[str, Any]) -> bool:
    """What became of one that waited; False when another worker, or an erasure, was first."""
    return bool((await conn.execute(update(attachment).where(_waiting(number)).values(**values))).rowcount)


def _waiting(number: int) -> Any:
    return (attachment.c.id == number) & (attachment.c.state == "waiting")


async def of_account(conn: AsyncConnection, account: Any, most: int = 50) -> Sequence[Any]:
    """What was sent about an account, the newest first: by name, or by one of its people about none in particular."""
    query = _about(select(*_LIST, inbound.c.provider, inbound.c.kind, inbound.c.received_at), account)
    rows: Sequence[Any] = (await conn.execute(query.order_by(attachment.c.id.desc()).limit(most))).all()
    return rows


async def content(conn: AsyncConnection, account: Any, number: int) -> Any:
    """One kept content with its kind, if it belongs to the account; else None."""
    wanted = select(attachment.c.id, attachment.c.media_type, attachment.c.digest, attachment.c.content_sealed)
    query = _about(wanted, account).where(attachment.c.id == number, attachment.c.state == "kept")
    return (await conn.execute(query)).first()


def _about(query: Any, account: Any) -> Any:
    parties = select(account_party.c.person_id).where(account_party.c.account_id == account.id)
    mine = or_(attachment.c.person_id == account.person_id, attachment.c.person_id.in_(parties))
    joined = query.join(inbound, inbound.c.id == attachment.c.inbound_id)
    return joined.where(or_(attachment.c.account_id == account.id, attachment.c.account_id.is_(None) & mine))

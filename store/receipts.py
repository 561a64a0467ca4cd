"""Receipts: what providers say of an attempt afterwards, kept before it is believed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import (
    attempt,
    provider_event,
)


async def unapplied(conn: AsyncConnection, forgotten: datetime, most: int = 500) -> Sequence[Any]:
    """Receipts to apply: those whose attempt is known, and those received before ``forgotten``, whose never will be.

    Receipts for messages that are not ours wait without standing before the others.
    """
    ours = exists().where(attempt.c.our_id == provider_event.c.our_id, provider_event.c.our_id != "")
    theirs = exists().where(
        attempt.c.channel == provider_event.c.provider, attempt.c.provider_id == provider_event.c.provider_id,
        provider_event.c.provider_id != "",
    )  # fmt: skip
    query = (
        select(provider_event)
        .where(provider_event.c.applied_at.is_(None), or_(ours, theirs, provider_event.c.received_at <= forgotten))
        .order_by(provider_event.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await conn.execute(query)).all()


async def unheard(conn: AsyncConnection, channels: Sequence[str], first: datetime, last: datetime) -> Sequence[Any]:
    """Accepted attempts of which no receipt told more, begun between two instants and not looked up since ``last``."""
    query = (
        select(attempt)
        .where(
            attempt.c.channel.in_(channels), attempt.c.outcome.in_(("accepted", "sent")),
            attempt.c.provider_id.is_not(None), attempt.c.started_at.between(first, last),
            or_(attempt.c.looked_at.is_(None), attempt.c.looked_at < last),
        )
        .order_by(attempt.c.id.desc())
        .limit(200)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def looked(conn: AsyncConnection, attempt_ids: Sequence[int], now: datetime) -> None:
    """Notes when a provider was asked; of what a receipt is just being applied to nothing need be noted.

    Receipts come in any order: waiting for their rows would now and then wait in a ring.
    """
    free = select(attempt.c.id).where(bulk.among(conn, attempt.c.id, attempt_ids)).with_for_update(skip_locked=True)
    ids = list((await conn.execute(free)).scalars()) if attempt_ids else []
    if ids:
        await conn.execute(update(attempt).where(bulk.among(conn, attempt.c.id, ids)).values(looked_at=now))


async def attempt_for(conn: AsyncConnection, channel: str, our_id: str, provider_id: str) -> Any:
    """The attempt a receipt speaks of, by our id or the provider's."""
    if our_id:
        found = (await conn.execute(select(attempt).where(attempt.c.our_id == our_id))).first()
        if found is not None:
            return found
    if not provider_id:
        return None
    query = select(attempt).where(attempt.c.channel == channel, attempt.c.provider_id == provider_id)
    return (await conn.execute(query.order_by(attempt.c.id.desc()))).first()


async def messages_of(conn: AsyncConnection, events: Sequence[Any]) -> set[int]:
    """The messages that receipts speak of."""
    ours = bulk.among(conn, attempt.c.our_id, {event.our_id for event in events if event.our_id})
    names = bulk.among(conn, attempt.c.channel, {event.provider for event in events})
    theirs = bulk.among(conn, attempt.c.provider_id, {event.provider_id for event in events if event.provider_id})
    query = select(attempt.c.message_id).where(ours).union(select(attempt.c.message_id).where(names, theirs))
    return set((await conn.execute(query)).scalars()) if events else set()


async def set_applied(conn: AsyncConnection, event_id: int, attempt_id: int | None, now: datetime) -> None:
    await conn.execute(
        update(provider_event).where(provider_event.c.id == event_id).values(applied_at=now, attempt_id=attempt_id)
    )


async def raise_attempt(
    conn: AsyncConnection, attempt_id: int, outcome: str, provider_id: str | None, reason: str
) -> None:
    await conn.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id)
        .values(outcome=outcome, provider_id=func.coalesce(attempt.c.provider_id, provider_id or None), reason=reason)
    )

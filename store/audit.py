"""What the audit asks of messages and attempts: counted and compared by the database, only the faults are read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.claims import under_way
from store.core import attempt, message

ACCEPTED = ("accepted", "delivered", "read")
"""States of a message that a provider accepted."""
TOOK = ("accepted", "sent", "delivered", "read")
"""Outcomes of a call that a provider accepted."""
_MAY_HAVE = (*TOOK, "unknown", "in_flight", "failed")
"""Outcomes behind which an accepted message may stand."""


async def first_since(conn: AsyncConnection, instant: datetime) -> int:
    """The number the messages made since an instant begin with: walked back from the newest, no index needed."""
    older = select(message.c.id).where(message.c.created_at < instant).order_by(message.c.id.desc()).limit(1)
    return ((await conn.execute(older)).scalar() or 0) + 1


async def states(conn: AsyncConnection) -> Sequence[Any]:
    """How many messages of each kind are in each state."""
    query = select(message.c.state, message.c.kind, func.count().label("n"))
    return (await conn.execute(query.group_by(message.c.state, message.c.kind))).all()


async def outcomes(conn: AsyncConnection) -> Sequence[Any]:
    """How many calls ended with each outcome, and how many of them crossed a payment on the wire."""
    query = select(attempt.c.outcome, attempt.c.crossed, func.count().label("n"))
    return (await conn.execute(query.group_by(attempt.c.outcome, attempt.c.crossed))).all()


async def calls(conn: AsyncConnection) -> Sequence[Any]:
    """Every call with its words, to be held against the provider's own list."""
    query = select(
        attempt.c.id, attempt.c.our_id, attempt.c.channel, attempt.c.outcome, attempt.c.provider_id, attempt.c.text,
        attempt.c.form,
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def uncertain(conn: AsyncConnection) -> list[int]:
    """Messages nobody knows the fate of yet."""
    return await _numbers(conn, select(message.c.id).where(under_way(), message.c.state == "uncertain"))


async def lapsed(conn: AsyncConnection, real_now: datetime) -> list[int]:
    """Messages being sent by a worker whose lease has ended."""
    late = message.c.lease_until < real_now
    return await _numbers(conn, select(message.c.id).where(under_way(), message.c.state == "sending", late))


async def without_a_call(conn: AsyncConnection, first: int) -> list[tuple[int, str]]:
    """Messages from this number on that are accepted although no call of theirs was: number, state."""
    taken = exists().where(attempt.c.message_id == message.c.id, attempt.c.outcome.in_(_MAY_HAVE))
    query = select(message.c.id, message.c.state).where(message.c.id >= first, message.c.state.in_(ACCEPTED), ~taken)
    return [(row.id, row.state) for row in (await conn.execute(query.order_by(message.c.id))).all()]


async def accepted_twice(conn: AsyncConnection, first: int) -> list[tuple[int, int]]:
    """Messages from this number on that a provider accepted more than once: number, how many times."""
    query = (
        select(attempt.c.message_id, func.count().label("times"))
        .where(attempt.c.message_id >= first, attempt.c.outcome.in_(TOOK), attempt.c.form != "edit")
        .group_by(attempt.c.message_id)
        .having(func.count() > 1)
    )
    return [(row.message_id, row.times) for row in (await conn.execute(query.order_by(attempt.c.message_id))).all()]


async def _numbers(conn: AsyncConnection, query: Select[Any]) -> list[int]:
    return sorted((await conn.execute(query)).scalars())

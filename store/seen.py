"""Figures that show from outside whether the house works: counts and ages, nobody's name."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.claims import OWN_WORDS, REMINDERS, is_
from store.core import (
    api_client,
    attempt,
    case_,
    community,
    inbound,
    journal_entry,
    ledger_watermark,
    message,
    promise_outcome,
    provider_budget,
    unit,
    worker,
)

Rows = Sequence[Any]


async def queue(conn: AsyncConnection, now: datetime, silent: Collection[int]) -> Rows:
    """Messages that are due and have not left, by channel: how many, and since when the oldest is due.

    ``silent``: communities whose reminders wait because nobody has let them go.
    """
    may_leave = or_(
        message.c.priority != REMINDERS, message.c.kind.in_(OWN_WORDS), message.c.community_id.is_(None),
        message.c.community_id.not_in(silent),
    )  # fmt: skip
    query = (
        select(message.c.channel, func.count().label("due"), func.min(message.c.not_before).label("oldest"))
        .where(is_(message.c.state, "queued"), message.c.not_before <= now, may_leave)
        .group_by(message.c.channel)
    )
    return (await conn.execute(query)).all()


async def sends(conn: AsyncConnection, since: datetime) -> Rows:
    """Attempts begun since an instant, by channel and by what is known of them now."""
    query = select(attempt.c.channel, attempt.c.outcome, func.count().label("n")).where(attempt.c.started_at >= since)
    return (await conn.execute(query.group_by(attempt.c.channel, attempt.c.outcome))).all()


async def unheard(conn: AsyncConnection) -> datetime | None:
    """Since when the oldest of what was said to us waits to be heard."""
    query = select(func.min(inbound.c.received_at)).where(inbound.c.handled_at.is_(None))
    oldest: datetime | None = (await conn.execute(query)).scalar_one()
    return oldest


async def unsealed(conn: AsyncConnection) -> datetime | None:
    """Since when the oldest journal entry without a seal waits for it."""
    query = select(func.min(journal_entry.c.at)).where(journal_entry.c.seal_id.is_(None))
    oldest: datetime | None = (await conn.execute(query)).scalar_one()
    return oldest


async def outcomes(conn: AsyncConnection, since: datetime) -> dict[str, int]:
    """How promises ended since an instant."""
    query = select(promise_outcome.c.outcome, func.count().label("n")).where(promise_outcome.c.at >= since)
    rows = (await conn.execute(query.group_by(promise_outcome.c.outcome))).all()
    return {row.outcome: row.n for row in rows}


async def cases_open(conn: AsyncConnection) -> int:
    return int((await conn.execute(select(func.count()).where(case_.c.state != "resolved"))).scalar_one())


async def providers(conn: AsyncConnection) -> Rows:
    """Until when each provider asked for silence, or None."""
    return (await conn.execute(select(provider_budget.c.provider, provider_budget.c.closed_until))).all()


async def watermarks(conn: AsyncConnection) -> Rows:
    """Per community the newest local day its book is known to cover; None where there are units but no such day."""
    dwelt = exists().where(unit.c.community_id == community.c.id)
    town = (community.c.id, community.c.name, community.c.timezone, community.c.created_at)
    query = (
        select(*town, func.max(ledger_watermark.c.as_of).label("as_of"))
        .outerjoin(ledger_watermark, ledger_watermark.c.community_id == community.c.id)
        .where(or_(ledger_watermark.c.as_of.is_not(None), dwelt))
        .group_by(*town)
    )
    return (await conn.execute(query)).all()


async def told_live(conn: AsyncConnection) -> set[int | None]:
    """Communities whose payments are told as they come; None: all of them."""
    query = select(api_client.c.community_id).where(api_client.c.live.is_(True), api_client.c.revoked_at.is_(None))
    return set((await conn.execute(query)).scalars())


async def workers(conn: AsyncConnection, real_now: datetime, within: timedelta) -> int:
    """Workers that were heard of within so long, in real time."""
    return int((await conn.execute(select(func.count()).where(worker.c.seen_at > real_now - within))).scalar_one())

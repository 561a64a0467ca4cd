"""Claims: who may say a message now. A fence and a lease in real time; others' rows are skipped, not waited for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import contact, message, message_item
from store.questions import Question, ask

OWN_WORDS = ("reply", "staff", "code")
"""Kinds that leave whether or not a community is released or paused."""
RANKS = (0, 3, 5)
"""Priorities in the order they are claimed: replies, cards, reminders."""
URGENT = (0, 3)


async def claim(
    conn: AsyncConnection, channel: str, *, now: datetime, real_now: datetime, lease: timedelta, most: int,
    silent: Sequence[int], ranks: Sequence[int] = RANKS,
) -> list[Any]:  # fmt: skip
    """Takes up to ``most`` queued messages of a channel, replies first; ``silent``: communities that may not remind.

    Each gets a new fence and a lease in real time. On PostgreSQL other workers' rows are skipped, not waited for.
    """
    taken: list[Any] = []
    for priority in ranks:
        if len(taken) < most:
            taken += await _claim_rank(conn, channel, priority, now, real_now, lease, most - len(taken), silent)
    return taken


async def _claim_rank(
    conn: AsyncConnection, channel: str, priority: int, now: datetime, real_now: datetime, lease: timedelta,
    most: int, silent: Sequence[int],
) -> list[Any]:  # fmt: skip
    busy = message.alias("busy")
    under_way = select(busy.c.id).where(busy.c.lane == message.c.lane, busy.c.state == "sending").exists()
    may: ColumnElement[bool] = true()
    if silent and priority == 5:
        may = or_(message.c.community_id.not_in(silent), message.c.kind.in_(OWN_WORDS))
    ready = (
        select(message.c.id)
        .where(
            message.c.state == "queued", message.c.channel == channel, message.c.priority == priority,
            message.c.not_before <= now, or_(message.c.retry_at.is_(None), message.c.retry_at <= real_now),
            ~under_way, may,
        )
        .order_by(message.c.not_before, message.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    ids = list((await conn.execute(ready)).scalars())
    if not ids:
        return []
    await conn.execute(
        update(message)
        .where(message.c.id.in_(ids), message.c.state == "queued")
        .values(state="sending", fence=message.c.fence + 1, lease_until=real_now + lease)
    )
    rows = (await conn.execute(select(message).where(message.c.id.in_(ids), message.c.state == "sending"))).all()
    return sorted(rows, key=lambda row: ids.index(row.id)) if len(ids) < 64 else list(rows)


async def waiting(conn: AsyncConnection, now: datetime, real_now: datetime, silent: Sequence[int]) -> set[str]:
    """Channels on which a message could leave at this instant."""
    may: ColumnElement[bool] = true()
    if silent:
        may = or_(message.c.community_id.not_in(silent), message.c.kind.in_(OWN_WORDS))
    query = (
        select(message.c.channel)
        .distinct()
        .where(
            message.c.state == "queued", message.c.not_before <= now,
            or_(message.c.retry_at.is_(None), message.c.retry_at <= real_now), may,
        )
    )  # fmt: skip
    return set((await conn.execute(query)).scalars())


async def next_retry(conn: AsyncConnection, now: datetime) -> datetime | None:
    """The next real instant at which a provider may be asked again for a message that is due."""
    query = select(func.min(message.c.retry_at)).where(
        message.c.state == "queued", message.c.not_before <= now, message.c.retry_at.is_not(None)
    )
    found: datetime | None = (await conn.execute(query)).scalar_one()
    return found


async def hand_back(conn: AsyncConnection, claimed: Sequence[tuple[int, int]]) -> None:
    """Gives claimed messages back unsent: (message, fence)."""
    if claimed:
        await conn.execute(
            update(message)
            .where(message.c.id == bindparam("b_id"), message.c.fence == bindparam("b_fence"),
                   message.c.state == "sending")
            .values(state="queued", lease_until=None),
            [{"b_id": i, "b_fence": f} for i, f in claimed],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """Claimed messages that still carry our fence, with what belongs to them."""

    mine: set[int]
    items: dict[int, list[Any]]
    """Message → what it says for which account."""
    contacts: dict[int, Any]


async def held(conn: AsyncConnection, rows: Sequence[Any]) -> Held:
    """Which claimed rows are still ours: after a pause past the lease others may have taken them."""
    told = {
        "messages": tuple(row.id for row in rows),
        "contacts": tuple(row.contact_id for row in rows if row.contact_id),
    }
    states, items, contacts = await ask(conn, *((question, told) for question in _HELD))
    fences = {row.id: row.fence for row in rows}
    found = Held({row.id for row in states if row.fence == fences[row.id]}, {}, {row.id: row for row in contacts})
    for item in items:
        found.items.setdefault(item.message_id, []).append(item)
    return found


_HELD = (
    Question(
        lambda some: (
            select(message.c.id, message.c.fence)
            .where(some(message.c.id, "messages"), message.c.state == "sending")
            .with_for_update()
        )
    ),
    Question(
        lambda some: select(message_item).where(some(message_item.c.message_id, "messages")).order_by(message_item.c.id)
    ),
    Question(lambda some: select(contact).where(some(contact.c.id, "contacts"))),
)


async def still_held(conn: AsyncConnection, message_id: int, fence: int) -> bool:
    """Whether a message is still as this fence left it: under way or in doubt, and taken up by nobody since."""
    query = select(message.c.id).where(
        message.c.id == message_id, message.c.fence == fence, message.c.state.in_(("sending", "uncertain"))
    )
    return (await conn.execute(query.with_for_update())).first() is not None


async def lapsed(conn: AsyncConnection, real_now: datetime) -> Sequence[Any]:
    """Messages whose worker is gone: the lease is over and nobody settled them."""
    query = (
        select(message)
        .where(message.c.state == "sending", message.c.lease_until < real_now)
        .limit(2_000)
        .with_for_update(skip_locked=True)
    )
    return (await conn.execute(query)).all()

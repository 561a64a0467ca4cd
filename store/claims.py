"""Claims: who may say a message now. A fence and a lease in real time; others' rows are skipped, not waited for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, false, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import contact, message, message_item
from store.questions import Question, Some, ask, given

OWN_WORDS = ("reply", "staff", "code")
"""Kinds that leave whether or not a community is released or paused."""
RANKS = (0, 3, 5)
"""Priorities in the order they are claimed: replies, cards, reminders."""
URGENT = (0, 3)
REMINDERS = 5


async def claim(
    conn: AsyncConnection, channel: str, *, now: datetime, real_now: datetime, lease: timedelta, most: int,
    silent: Sequence[int], ranks: Sequence[int] = RANKS,
) -> list[Any]:  # fmt: skip
    """Takes up to ``most`` queued messages of a channel, replies first; ``silent``: communities that may not remind.

    Each gets a new fence and a lease in real time. On PostgreSQL other workers' rows are skipped, not waited for.
    """
    told = {"channel": channel, "now": now, "real_now": real_now, "lease_until": real_now + lease}
    taken: list[Any] = []
    for rank in ranks:
        if len(taken) < most:
            kept = tuple(silent) if rank == REMINDERS else ()
            (rows,) = await ask(conn, (_CLAIM, told | {"rank": rank, "most": most - len(taken), "silent": kept}))
            taken += sorted(rows, key=lambda row: (row.not_before, row.id))
    return taken


async def waiting(
    conn: AsyncConnection, channels: Collection[str], now: datetime, real_now: datetime, silent: Sequence[int]
) -> list[str]:
    """On which of these channels a message could leave at this instant."""
    places = [(name, rank) for name in channels for rank in RANKS]
    told = {"now": now, "real_now": real_now, "silent": tuple(silent), "most": 1}
    found = await ask(conn, *((_ANY, told | {"channel": name, "rank": rank}) for name, rank in places))
    return sorted({name for (name, _rank), rows in zip(places, found, strict=True) if rows})


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


def is_(column: Any, value: str) -> ColumnElement[bool]:
    """Written out, not bound: only so is an index over part of the rows taken."""
    told: ColumnElement[bool] = column == literal(value, column.type, literal_execute=True)
    return told


def under_way() -> ColumnElement[bool]:
    """Messages under way or of an unknown fate, in the very words of the index of leases (SQLite compares them)."""
    return message.c.state.in_([literal(value, literal_execute=True) for value in ("sending", "uncertain")])


def _ready(some: Some) -> Select[Any]:
    """What may leave on a channel now, longest due first; never to somebody whom another message is on its way to.

    In the very order of the claim's index: PostgreSQL would sort a million messages of one morning to give us a few.
    """
    busy, kind = message.alias("busy"), message.c.not_before.type
    under_way = message.c.lane.in_(select(busy.c.lane).where(is_(busy.c.state, "sending")))
    return (
        select(message.c.id)
        .where(
            is_(message.c.state, "queued"), message.c.channel == given("channel", message.c.channel.type),
            message.c.priority == given("rank", message.c.priority.type), message.c.not_before <= given("now", kind),
            or_(message.c.retry_at.is_(None), message.c.retry_at <= given("real_now", kind)), ~under_way,
            or_(some(message.c.community_id, "silent").is_(false()), message.c.kind.in_(OWN_WORDS)),
        )
        .order_by(message.c.not_before)
        .limit(given("most", Integer()))
    )  # fmt: skip


def _claim(some: Some) -> Any:
    taken = _ready(some).with_for_update(skip_locked=True).cte("taken")
    return (
        update(message)
        .where(message.c.id.in_(select(taken.c.id)))
        .values(
            state="sending", fence=message.c.fence + 1, lease_until=given("lease_until", message.c.lease_until.type)
        )
        .returning(message)
    )


_CLAIM = Question(_claim)
_ANY = Question(_ready)


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


async def lock(conn: AsyncConnection, message_ids: Iterable[int]) -> None:
    """Nobody else changes these messages till the transaction ends; SQLite has one writer anyway.

    By number and before their attempts: who took attempts first waited in a ring with who asked the provider.
    """
    ids = sorted(set(message_ids))
    if ids and conn.dialect.name == "postgresql":
        mine = select(message.c.id).where(bulk.among(conn, message.c.id, ids)).order_by(message.c.id)
        await conn.execute(mine.with_for_update())


async def still_held(conn: AsyncConnection, message_id: int, fence: int) -> bool:
    """Whether a message is still as this fence left it: under way or in doubt, and taken up by nobody since."""
    query = select(message.c.id).where(
        message.c.id == message_id, message.c.fence == fence, message.c.state.in_(("sending", "uncertain"))
    )
    return (await conn.execute(query.with_for_update())).first() is not None


async def in_doubt(conn: AsyncConnection, message_id: int) -> bool:
    """Whether a message is uncertain by now; its row is locked, so that it stays as it is."""
    query = select(message.c.state).where(message.c.id == message_id).with_for_update()
    return bool((await conn.execute(query)).scalar() == "uncertain")


async def lapsed(conn: AsyncConnection, real_now: datetime) -> Sequence[Any]:
    """Messages whose worker is gone: the lease is over and nobody settled them."""
    query = (
        select(message)
        .where(message.c.state == "sending", message.c.lease_until < real_now)
        .order_by(message.c.id)
        .limit(2_000)
        .with_for_update(skip_locked=True)
    )
    return (await conn.execute(query)).all()

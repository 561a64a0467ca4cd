"""What planning writes: messages under their natural keys, decisions, next looks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account, api_client, community, decision, ledger_watermark, message, message_item, pause, payment
from store.outbox import ENDED, one_of

ROWS = 2_000
"""Rows per statement."""


async def watermarks(conn: AsyncConnection) -> dict[int, Any]:
    """Per community the newest day up to which payments are in the book."""
    query = select(ledger_watermark.c.community_id, func.max(ledger_watermark.c.as_of).label("as_of"))
    return {
        r.community_id: r.as_of for r in (await conn.execute(query.group_by(ledger_watermark.c.community_id))).all()
    }


async def live_communities(conn: AsyncConnection) -> set[int | None]:
    """Communities whose payments are told as they come; None: all of them."""
    query = select(api_client.c.community_id).where(api_client.c.live.is_(True), api_client.c.revoked_at.is_(None))
    return set((await conn.execute(query)).scalars())


async def pauses(conn: AsyncConnection, today: Any) -> Sequence[Any]:
    """Brakes in force."""
    query = select(pause).where(pause.c.ended_at.is_(None), pause.c.until >= today)
    return (await conn.execute(query)).all()


async def unreleased(conn: AsyncConnection) -> list[int]:
    """Communities whose first list nobody has let go yet."""
    return list((await conn.execute(select(community.c.id).where(community.c.released_at.is_(None)))).scalars())


async def known_keys(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, Any]:
    """Natural keys that exist, with their message and its state."""
    found: dict[str, Any] = {}
    for start in range(0, len(keys), ROWS):
        query = (
            select(message_item.c.key, message_item.c.id, message.c.id.label("message_id"), message.c.state)
            .join(message, message.c.id == message_item.c.message_id)
            .where(message_item.c.key.in_(keys[start : start + ROWS]))
        )
        found |= {row.key: row for row in (await conn.execute(query)).all()}
    return found


async def last_queued(conn: AsyncConnection, community_id: int, band: str) -> datetime | None:
    """When the last message of a band that still waits is to leave."""
    query = select(func.max(message.c.not_before)).where(
        message.c.community_id == community_id, message.c.band == band, message.c.state == "queued",
        message.c.kind == "reminder",
    )  # fmt: skip
    found: datetime | None = (await conn.execute(query)).scalar_one()
    return found


async def write_messages(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Writes messages and answers their numbers in order."""
    ids: list[int] = []
    for start in range(0, len(rows), 500):
        part = list(rows[start : start + 500])
        made = await conn.execute(insert(message).returning(message.c.id, sort_by_parameter_order=True), part)
        ids += list(made.scalars())
    return ids


async def write_items(conn: AsyncConnection, dialect: str, rows: Sequence[dict[str, Any]]) -> None:
    """Writes items; a natural key that is already there is left alone, a message left without items goes."""
    if not rows:
        return
    make = pg_insert if dialect == "postgresql" else sqlite_insert
    await conn.execute(make(message_item).on_conflict_do_nothing(index_elements=["key"]), list(rows))
    made = sorted({row["message_id"] for row in rows})
    for start in range(0, len(made), ROWS):
        await conn.execute(
            delete(message).where(
                message.c.id.in_(made[start : start + ROWS]),
                ~exists().where(message_item.c.message_id == message.c.id),
            )
        )


async def take_over(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """A key whose earlier message ended unsaid is said by a new one: b_id (item), b_message, b_at."""
    if rows:
        ended = select(message.c.id).where(one_of(message.c.state, *ENDED))
        await conn.execute(
            update(message_item)
            .where(message_item.c.id == bindparam("b_id"), message_item.c.message_id.in_(ended))
            .values(message_id=bindparam("b_message"), at=bindparam("b_at")),
            list(rows),
        )


async def write_decisions(conn: AsyncConnection, dialect: str, rows: Sequence[dict[str, Any]]) -> None:
    """The latest decision per account and step."""
    if not rows:
        return
    make = pg_insert if dialect == "postgresql" else sqlite_insert
    new = make(decision)
    upsert = new.on_conflict_do_update(
        index_elements=["account_id", "step"],
        set_={name: new.excluded[name] for name in ("verdict", "reasons", "until", "at")},
    )
    await conn.execute(upsert, list(rows))


async def set_looks(conn: AsyncConnection, rows: Sequence[dict[str, Any]], seen: datetime) -> None:
    """The next look per account (b_id, b_next), unless a fact changed since ``seen``."""
    if rows:
        await conn.execute(
            update(account)
            .where(account.c.id == bindparam("b_id"), account.c.next_look_at <= seen)
            .values(next_look_at=bindparam("b_next")),
            list(rows),
        )


async def next_look(conn: AsyncConnection) -> datetime | None:
    found: datetime | None = (await conn.execute(select(func.min(account.c.next_look_at)))).scalar_one()
    return found


async def last_payments(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Any]:
    """The newest received payment of each account: id, amount, when it was entered, paid on."""
    if not ids:
        return {}
    newest = (
        select(payment.c.account_id, func.max(payment.c.id).label("id"))
        .where(payment.c.account_id.in_(ids), payment.c.state == "received")
        .group_by(payment.c.account_id)
        .subquery()
    )
    rows = (await conn.execute(select(payment).join(newest, newest.c.id == payment.c.id))).all()
    return {row.account_id: row for row in rows}

"""What planning writes: messages under their natural keys, decisions, next looks."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import account, community, decision, ledger_watermark, message, message_item, payment
from store.outbox import ENDED, one_of


@asynccontextmanager
async def planned_afresh(conn: AsyncConnection) -> AsyncIterator[None]:
    """What is asked inside, PostgreSQL plans for the tables as they are now.

    A plan it kept from when a table was all but empty walks through the whole table once for each row. Not for writing:
    the checks of references would be planned anew for each row too.
    """
    if conn.dialect.name != "postgresql":
        yield
        return
    await conn.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    yield
    await conn.execute(text("SET LOCAL plan_cache_mode = auto"))


async def watermarks(conn: AsyncConnection, communities: Sequence[int] | None = None) -> dict[int, Any]:
    """Per community (all, or these) the newest day up to which payments are in the book."""
    query = select(ledger_watermark.c.community_id, func.max(ledger_watermark.c.as_of).label("as_of"))
    if communities is not None:
        query = query.where(bulk.among(conn, ledger_watermark.c.community_id, communities))
    return {
        r.community_id: r.as_of for r in (await conn.execute(query.group_by(ledger_watermark.c.community_id))).all()
    }


async def unreleased(conn: AsyncConnection) -> list[int]:
    """Communities whose first list nobody has let go yet."""
    return list((await conn.execute(select(community.c.id).where(community.c.released_at.is_(None)))).scalars())


async def known_keys(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, Any]:
    """Natural keys that exist, with their message and its state."""
    query = (
        select(message_item.c.key, message_item.c.id, message.c.id.label("message_id"), message.c.state)
        .join(message, message.c.id == message_item.c.message_id)
        .where(bulk.among(conn, message_item.c.key, keys))
    )
    async with planned_afresh(conn):
        return {row.key: row for row in (await conn.execute(query)).all()}


async def thanks_waiting(conn: AsyncConnection, people: Sequence[int]) -> dict[int, int]:
    """Per person the thanks that has not left yet; nobody takes it while this transaction runs."""
    if not people:
        return {}
    query = select(message.c.person_id, message.c.id).where(
        bulk.among(conn, message.c.person_id, people), message.c.step == "thanks", message.c.state == "queued"
    )
    rows = (await conn.execute(query.order_by(message.c.id).with_for_update(skip_locked=True))).all()
    return {row.person_id: row.id for row in rows}


async def last_queued(conn: AsyncConnection, communities: Collection[int] | None) -> dict[tuple[int, str], datetime]:
    """Per community (None: every one) and band, when the last reminder that still waits is to leave."""
    query = select(message.c.community_id, message.c.band, func.max(message.c.not_before)).where(
        message.c.state == "queued", message.c.kind == "reminder"
    )
    if communities is not None:
        query = query.where(bulk.among(conn, message.c.community_id, communities))
    rows = (await conn.execute(query.group_by(message.c.community_id, message.c.band))).all()
    return {(community_id, band): last for community_id, band, last in rows}


MESSAGE = (
    "id", "community_id", "kind", "person_id", "contact_id", "channel", "step", "band", "locale", "not_before", "lane",
)  # fmt: skip
NEW = {"priority": 5, "state": "queued", "reason": "", "fence": 0, "tries": 0, "text": "", "basket": "", "slots": "",
       "buttons": ""}  # fmt: skip
"""What is the same in every message just planned."""
ITEM = ("message_id", "account_id", "person_id", "step", "occasion", "key", "band", "at")
DECISION = ("account_id", "step", "verdict", "reasons", "until", "at")


async def take_ids(conn: AsyncConnection, count: int) -> list[int]:
    """Numbers for messages about to be written."""
    return await bulk.take_ids(conn, message, count)


async def write_messages(conn: AsyncConnection, rows: bulk.Rows, at: datetime) -> None:
    """Writes messages planned at an instant: rows of ``MESSAGE``."""
    await bulk.put_rows(conn, message, MESSAGE, rows, same=NEW | {"created_at": at, "state_at": at})


async def take_stock(conn: AsyncConnection) -> None:
    """Many messages are new."""
    await bulk.take_stock(conn, (message, message_item))


async def write_items(conn: AsyncConnection, rows: bulk.Rows) -> None:
    """Writes rows of ``ITEM``; a natural key that is already there is left alone, a message left without items goes."""
    if not rows or await bulk.put_rows(conn, message_item, ITEM, rows, key=["key"]) == len(rows):
        return
    mine = bulk.among(conn, message.c.id, {row[0] for row in rows})
    bare = ~exists().where(message_item.c.message_id == message.c.id)
    await conn.execute(delete(message).where(mine, bare))


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


async def write_decisions(conn: AsyncConnection, rows: bulk.Rows) -> None:
    """The latest decision per account and step: rows of ``DECISION``."""
    change = ("verdict", "reasons", "until", "at")
    await bulk.put_rows(conn, decision, DECISION, rows, key=["account_id", "step"], change=change)


async def set_looks(conn: AsyncConnection, rows: bulk.Rows) -> None:
    """The next look per account (account, version, next look), unless a fact changed since that version.

    Instants could not tell: who enters a fact reads the clock before waiting for the transaction's turn.
    """
    await bulk.change_rows(conn, account, ("id", "version", "next_look_at"), rows, match=2)


async def next_look(conn: AsyncConnection) -> datetime | None:
    found: datetime | None = (await conn.execute(select(func.min(account.c.next_look_at)))).scalar_one()
    return found


async def last_payments(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Any]:
    """The newest received payment of each account: id, amount, when it was entered, paid on."""
    if not ids:
        return {}
    newest = (
        select(payment.c.account_id, func.max(payment.c.id).label("id"))
        .where(bulk.among(conn, payment.c.account_id, ids), payment.c.state == "received")
        .group_by(payment.c.account_id)
        .subquery()
    )
    rows = (await conn.execute(select(payment).join(newest, newest.c.id == payment.c.id))).all()
    return {row.account_id: row for row in rows}

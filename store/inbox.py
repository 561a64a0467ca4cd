"""The inbox's queries: everything heard, kept before it is acknowledged, handled once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import account, account_party, contact, conversation, inbound, person


async def unhandled(conn: AsyncConnection, most: int = 100) -> Sequence[Any]:
    """What waits to be understood, oldest first."""
    query = select(inbound).where(inbound.c.handled_at.is_(None)).order_by(inbound.c.id).limit(most)
    return (await conn.execute(query)).all()


async def handled(conn: AsyncConnection, inbound_id: int, now: datetime, **values: Any) -> None:
    await conn.execute(update(inbound).where(inbound.c.id == inbound_id).values(handled_at=now, **values))


async def all_handled(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Several done at once: each with ``id``, ``handled_at``, ``intent`` and whose it was."""
    await _change(conn, inbound, rows)


async def _change(
    conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]], how: dict[str, str] | None = None
) -> None:
    """Sets what rows of equal names say, by ``id``; in the order of the numbers, so that nobody waits in a ring."""
    if rows:
        told = [tuple(row.values()) for row in sorted(rows, key=lambda row: int(row["id"]))]
        await bulk.change_rows(conn, table, list(rows[0]), told, how=how)


async def tried(conn: AsyncConnection, inbound_id: int, reason: str) -> None:
    """Handling failed: counted, so that one bad message never blocks the rest."""
    await conn.execute(
        update(inbound).where(inbound.c.id == inbound_id).values(tries=inbound.c.tries + 1, reason=reason[:300])
    )


async def contacts_at(conn: AsyncConnection, channel: str, index: bytes) -> Sequence[Any]:
    """Everyone reached at an address: people are never merged by phone alone, so there may be several."""
    query = (
        select(contact, person.c.community_id, person.c.name, person.c.locale.label("person_locale"))
        .join(person, person.c.id == contact.c.person_id)
        .where(contact.c.channel == channel, contact.c.address_index == index, contact.c.unbound_at.is_(None))
        .order_by(contact.c.id)
    )
    return (await conn.execute(query)).all()


async def touch(conn: AsyncConnection, contact_ids: Iterable[int], now: datetime) -> None:
    """The people spoke here: the provider's window is open anew."""
    told = {"last_inbound_at": now, "window_opened_at": now, "window_used": 0}
    await _change(conn, contact, [{"id": number} | told for number in set(contact_ids)])


async def prove(conn: AsyncConnection, contact_id: int, how: str, now: datetime) -> None:
    """A contact proved to be the person's (I9)."""
    await conn.execute(
        update(contact)
        .where(contact.c.id == contact_id, contact.c.trust != "proved")
        .values(trust="proved", proved_at=now, proved_by=how)
    )


async def opt(conn: AsyncConnection, contact_id: int, at: datetime | None) -> None:
    """Opts a contact out (an instant) or in again (None)."""
    await conn.execute(update(contact).where(contact.c.id == contact_id).values(opted_out_at=at))


async def revive(conn: AsyncConnection, contact_id: int) -> None:
    """An address that had died speaks again."""
    await conn.execute(update(contact).where(contact.c.id == contact_id).values(dead_at=None, dead_reason=None))


async def accounts_of(conn: AsyncConnection, person_id: int) -> Sequence[Any]:
    """Open accounts a person belongs to: as responsible, or as a party who may see."""
    own = select(account.c.id).where(account.c.person_id == person_id)
    shared = select(account_party.c.account_id).where(
        account_party.c.person_id == person_id, account_party.c.until.is_(None), account_party.c.may_see.is_(True)
    )
    query = select(account).where(account.c.id.in_(own.union(shared)), account.c.closed_on.is_(None))
    return (await conn.execute(query.order_by(account.c.id))).all()


async def conversation_of(conn: AsyncConnection, who: str) -> Any:
    """The conversation with someone, locked for this transaction; made when there is none."""
    query = select(conversation).where(conversation.c.who == who).with_for_update()
    found = (await conn.execute(query)).first()
    if found is None:
        await conn.execute(insert(conversation).values(who=who))
        found = (await conn.execute(query)).first()
    return found


async def set_conversation(conn: AsyncConnection, conversation_id: int, **values: Any) -> None:
    await conn.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id)
        .values(version=conversation.c.version + 1, **values)
    )


async def set_conversations(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """The same for several, each with its ``id``."""
    await _change(
        conn, conversation, [row | {"version": 1} for row in rows], {"version": '"conversation"."version" + {new}'}
    )

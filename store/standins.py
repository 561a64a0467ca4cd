"""Those who stand in for an owner the bot must not write to: written, and ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account_party, contact, person


async def stand_ins(conn: AsyncConnection, account_id: int) -> Sequence[Any]:
    """Who stands in for an account's owner now: person and name, since when, where the owner's consent is kept."""
    query = (
        select(account_party.c.id, account_party.c.person_id, person.c.name, account_party.c.since,
               account_party.c.consent)
        .join(person, person.c.id == account_party.c.person_id)
        .where(account_party.c.account_id == account_id, account_party.c.role == "stand_in",
               account_party.c.until.is_(None))
        .order_by(account_party.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def add_stand_in(
    conn: AsyncConnection, account: Any, name: str, address: dict[str, Any], consent: str, now: datetime
) -> int:  # fmt: skip
    """A person of their own (never merged by phone), their contact, their place at the account; answers the person."""
    told = {"community_id": account.community_id, "name": name, "locale": "", "offline": False}
    made = await conn.execute(insert(person).values(**told))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    await conn.execute(insert(contact).values(person_id=number, created_at=now, **address))
    party = {"account_id": account.id, "person_id": number, "role": "stand_in", "may_see": True, "since": now}
    await conn.execute(insert(account_party).values(**party, consent=consent))
    return number


async def end_stand_ins(conn: AsyncConnection, account_id: int, now: datetime) -> int:
    """Nobody stands in any more; answers how many did."""
    done = await conn.execute(
        update(account_party)
        .where(account_party.c.account_id == account_id, account_party.c.role == "stand_in",
               account_party.c.until.is_(None))
        .values(until=now)
    )  # fmt: skip
    return done.rowcount


async def set_offline(conn: AsyncConnection, person_id: int, offline: bool) -> None:
    """Whether a person is called by day instead of being written to."""
    await conn.execute(update(person).where(person.c.id == person_id).values(offline=offline))

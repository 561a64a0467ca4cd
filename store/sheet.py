"""One account as people look at it: who, what was paid, promised, held, said and done."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    account_party,
    case_,
    case_event,
    community,
    contact,
    decision,
    hold,
    human_contact,
    inbound,
    legal_fact,
    message,
    message_item,
    owner,
    payment,
    person,
    promise,
    promise_outcome,
    staff,
    unit,
)

PAGE = 50
"""Rows of one kind that are shown."""
Rows = Sequence[Any]


async def latest_decisions(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Any]:
    """The newest decision of each account."""
    rows = (await conn.execute(select(decision).where(decision.c.account_id.in_(ids)).order_by(decision.c.at))).all()
    return {row.account_id: row for row in rows}


async def account_sheet(conn: AsyncConnection, account_id: int) -> Any:
    """One account with unit, owner and community."""
    query = (
        select(account, unit.c.code, unit.c.segment, unit.c.building, unit.c.area_cm2, unit.c.remark,
               owner.c.name.label("owner"), community.c.name.label("community"), staff.c.name.label("assistant"))
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .join(community, community.c.id == account.c.community_id)
        .outerjoin(staff, staff.c.id == account.c.assistant_id)
        .where(account.c.id == account_id)
    )  # fmt: skip
    return (await conn.execute(query)).first()


def _people_of(row: Any) -> Any:
    parties = select(account_party.c.person_id).where(
        account_party.c.account_id == row.id, account_party.c.until.is_(None)
    )
    return or_(person.c.id == row.person_id, person.c.id.in_(parties))


async def contacts_of_account(conn: AsyncConnection, row: Any) -> Rows:
    """Contacts of everybody who belongs to an account, without addresses."""
    query = (
        select(contact.c.id, contact.c.person_id, contact.c.channel, contact.c.masked, contact.c.trust,
               contact.c.opted_out_at, contact.c.dead_reason, contact.c.last_inbound_at, person.c.name,
               person.c.locale, person.c.offline)
        .join(person, person.c.id == contact.c.person_id)
        .where(_people_of(row), contact.c.unbound_at.is_(None))
        .order_by(contact.c.person_id, contact.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def sealed_contact(conn: AsyncConnection, row: Any, contact_id: int) -> Any:
    """A contact of an account with its sealed address, or None when it is not theirs."""
    query = (
        select(contact)
        .join(person, person.c.id == contact.c.person_id)
        .where(contact.c.id == contact_id, _people_of(row))
    )
    return (await conn.execute(query)).first()


async def payments_of(conn: AsyncConnection, account_id: int) -> Rows:
    query = select(payment).where(payment.c.account_id == account_id)
    return (await conn.execute(query.order_by(payment.c.paid_on.desc(), payment.c.id.desc()).limit(PAGE))).all()


async def promises_of(conn: AsyncConnection, account_id: int) -> Rows:
    query = (
        select(promise, promise_outcome.c.outcome, promise_outcome.c.paid_fen)
        .outerjoin(promise_outcome, promise_outcome.c.promise_id == promise.c.id)
        .where(promise.c.account_id == account_id)
        .order_by(promise.c.id.desc())
        .limit(PAGE)
    )
    return (await conn.execute(query)).all()


async def holds_of(conn: AsyncConnection, account_id: int, today: date) -> Rows:
    """Holds of an account in force."""
    query = select(hold).where(hold.c.account_id == account_id, hold.c.ended_at.is_(None), hold.c.until >= today)
    return (await conn.execute(query.order_by(hold.c.id.desc()))).all()


async def hold_one(conn: AsyncConnection, hold_id: int) -> Any:
    return (await conn.execute(select(hold).where(hold.c.id == hold_id))).first()


async def write_hold(conn: AsyncConnection, values: dict[str, Any]) -> int:
    made = await conn.execute(insert(hold).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def end_hold(conn: AsyncConnection, hold_id: int, now: datetime) -> bool:
    done = await conn.execute(update(hold).where(hold.c.id == hold_id, hold.c.ended_at.is_(None)).values(ended_at=now))
    return bool(done.rowcount == 1)


async def facts_of(conn: AsyncConnection, account_id: int) -> Rows:
    query = select(legal_fact).where(legal_fact.c.account_id == account_id)
    return (await conn.execute(query.order_by(legal_fact.c.id.desc()))).all()


async def withdraw_fact(conn: AsyncConnection, account_id: int, fact_id: int, now: datetime) -> bool:
    done = await conn.execute(
        update(legal_fact)
        .where(legal_fact.c.id == fact_id, legal_fact.c.account_id == account_id, legal_fact.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    return bool(done.rowcount == 1)


async def said_to_account(conn: AsyncConnection, account_id: int, most: int) -> Rows:
    """Messages that spoke of an account, the newest first."""
    query = (
        select(message.c.id, message.c.kind, message.c.channel, message.c.step, message.c.state, message.c.reason,
               message.c.text, message.c.locale, message_item.c.at, message.c.script_version_id)
        .join(message_item, message_item.c.message_id == message.c.id)
        .where(message_item.c.account_id == account_id)
        .order_by(message_item.c.id.desc())
        .limit(most)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def replies_to_person(conn: AsyncConnection, person_id: int, most: int) -> Rows:
    """What the bot answered a person, the newest first."""
    query = (
        select(message)
        .where(message.c.person_id == person_id, message.c.kind == "reply")
        .order_by(message.c.id.desc())
        .limit(most)
    )
    return (await conn.execute(query)).all()


async def heard_from_person(conn: AsyncConnection, person_id: int, most: int) -> Rows:
    query = select(inbound).where(inbound.c.person_id == person_id).order_by(inbound.c.id.desc()).limit(most)
    return (await conn.execute(query)).all()


async def contacts_by_people(conn: AsyncConnection, account_id: int, most: int) -> Rows:
    """Calls, visits and papers of an account, the newest first."""
    query = select(human_contact).where(human_contact.c.account_id == account_id)
    return (await conn.execute(query.order_by(human_contact.c.id.desc()).limit(most))).all()


async def case_events_of(conn: AsyncConnection, account_id: int, most: int) -> Rows:
    """What happened to the cases of an account, the newest first."""
    query = (
        select(case_event, case_.c.cause)
        .join(case_, case_.c.id == case_event.c.case_id)
        .where(case_.c.account_id == account_id)
        .order_by(case_event.c.id.desc())
        .limit(most)
    )
    return (await conn.execute(query)).all()

"""Everything that ever passed between people and an account, one query per kind of thing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    account_party,
    attempt,
    case_,
    case_event,
    dispute,
    hold,
    human_contact,
    inbound,
    legal_fact,
    message,
    message_item,
    payment,
    person,
    promise,
    promise_outcome,
    staff,
)

Rows = Sequence[Any]


async def said(conn: AsyncConnection, account_id: int) -> Rows:
    """What the bot said of the account, or answered its people, with what became of it."""
    spoken = select(message_item.c.message_id).where(message_item.c.account_id == account_id)
    people = select(account.c.person_id).where(account.c.id == account_id)
    answers = (message.c.kind == "reply") & message.c.person_id.in_(people)
    query = (
        select(message, person.c.name.label("to_name"))
        .outerjoin(person, person.c.id == message.c.person_id)
        .where(or_(message.c.id.in_(spoken), answers), message.c.id.in_(select(attempt.c.message_id)))
        .order_by(message.c.id)
    )
    return (await conn.execute(query)).all()


async def first_tries(conn: AsyncConnection, message_ids: Sequence[int]) -> dict[int, Any]:
    """When each message was first handed to a provider."""
    query = select(attempt.c.message_id, attempt.c.started_at).where(attempt.c.message_id.in_(message_ids))
    found: dict[int, Any] = {}
    for row in (await conn.execute(query.order_by(attempt.c.id))).all():
        found.setdefault(row.message_id, row.started_at)
    return found


async def heard(conn: AsyncConnection, account_id: int) -> Rows:
    """What the account's people said."""
    people = select(account.c.person_id).where(account.c.id == account_id).union(
        select(account_party.c.person_id).where(account_party.c.account_id == account_id)
    )  # fmt: skip
    query = (
        select(inbound, person.c.name.label("from_name"))
        .outerjoin(person, person.c.id == inbound.c.person_id)
        .where(or_(inbound.c.account_id == account_id, inbound.c.person_id.in_(people)))
        .order_by(inbound.c.id)
    )
    return (await conn.execute(query)).all()


async def by_people(conn: AsyncConnection, account_id: int) -> Rows:
    query = (
        select(human_contact, staff.c.name.label("staff_name"))
        .outerjoin(staff, staff.c.id == human_contact.c.staff_id)
        .where(human_contact.c.account_id == account_id)
        .order_by(human_contact.c.id)
    )
    return (await conn.execute(query)).all()


async def case_lines(conn: AsyncConnection, account_id: int) -> Rows:
    """Every move and note of the account's cases."""
    query = (
        select(case_event, case_.c.cause, staff.c.name.label("staff_name"))
        .join(case_, case_.c.id == case_event.c.case_id)
        .outerjoin(staff, staff.c.id == case_event.c.staff_id)
        .where(case_.c.account_id == account_id)
        .order_by(case_event.c.id)
    )
    return (await conn.execute(query)).all()


async def promised(conn: AsyncConnection, account_id: int) -> Rows:
    query = (
        select(promise, promise_outcome.c.outcome, promise_outcome.c.at.label("ended_at"), promise_outcome.c.paid_fen)
        .outerjoin(promise_outcome, promise_outcome.c.promise_id == promise.c.id)
        .where(promise.c.account_id == account_id)
        .order_by(promise.c.id)
    )
    return (await conn.execute(query)).all()


async def paid(conn: AsyncConnection, account_id: int) -> Rows:
    query = select(payment).where(payment.c.account_id == account_id).order_by(payment.c.id)
    return (await conn.execute(query)).all()


async def held(conn: AsyncConnection, account_id: int) -> Rows:
    return (await conn.execute(select(hold).where(hold.c.account_id == account_id).order_by(hold.c.id))).all()


async def disputed(conn: AsyncConnection, account_id: int) -> Rows:
    query = select(dispute).where(dispute.c.account_id == account_id).order_by(dispute.c.id)
    return (await conn.execute(query)).all()


async def facts(conn: AsyncConnection, account_id: int) -> Rows:
    query = select(legal_fact).where(legal_fact.c.account_id == account_id).order_by(legal_fact.c.id)
    return (await conn.execute(query)).all()

"""Facts of many accounts at once: one statement per kind of fact, so that cost follows the work that is due.

``chosen`` is always a select of account ids.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import (
    account,
    account_party,
    case_,
    charge,
    contact,
    dispute,
    hold,
    human_contact,
    legal_fact,
    message,
    message_item,
    owner,
    payment,
    person,
    plan,
    promise,
    unit,
)

Rows = Sequence[Any]
LIVE = ("queued", "sending", "uncertain", "accepted", "delivered", "read")
"""States in which a message counts as said, or about to be."""
HEARD_DAYS = 8


def due(now: datetime, after_person: int, most: int) -> Select[Any]:
    """Accounts whose next look is due, in whole persons, the next ``most`` after a person's id."""
    return (
        select(account.c.person_id)
        .where(account.c.next_look_at <= now, account.c.person_id > after_person)
        .order_by(account.c.person_id)
        .limit(most)
    )


def due_between(now: datetime, first_person: int, last_person: int) -> Select[Any]:
    """Account ids whose next look is due, of persons from first to last."""
    return select(account.c.id).where(
        account.c.next_look_at <= now, account.c.person_id >= first_person, account.c.person_id <= last_person
    )


def named(ids: Sequence[int]) -> Select[Any]:
    """Just these accounts."""
    return select(account.c.id).where(account.c.id.in_(ids))


def listed(conn: AsyncConnection, ids: Sequence[int]) -> Select[Any]:
    """Just these accounts, many a time a second: one bound value however many they are."""
    return select(account.c.id).where(bulk.among(conn, account.c.id, ids))


def of_community(community_id: int) -> Select[Any]:
    """Every open account of a community."""
    return select(account.c.id).where(account.c.community_id == community_id, account.c.closed_on.is_(None))


async def accounts(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    """The accounts with unit, owner and responsible person, ordered by person."""
    query = (
        select(
            account.c.id, account.c.community_id, account.c.person_id, account.c.entered_on, account.c.closed_on,
            account.c.bank_collection, account.c.assistant_id,
            unit.c.code, unit.c.segment, owner.c.name.label("owner"), person.c.locale, person.c.offline,
        )
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .join(person, person.c.id == account.c.person_id)
        .where(account.c.id.in_(chosen))
        .order_by(account.c.person_id, account.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def charges(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    query = (
        select(
            charge.c.account_id, charge.c.id, charge.c.kind, charge.c.period, charge.c.due_on, charge.c.open_fen,
            charge.c.round, charge.c.previous_manager, charge.c.entered_at,
        )
        .where(charge.c.account_id.in_(chosen), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))
        .order_by(charge.c.account_id, charge.c.due_on, charge.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


def _people(chosen: Select[Any]) -> Any:
    return union(
        select(account.c.person_id).where(account.c.id.in_(chosen)),
        select(account_party.c.person_id).where(
            account_party.c.account_id.in_(chosen),
            account_party.c.until.is_(None),
            account_party.c.role.in_(("co_owner", "stand_in")),
        ),
    )


async def parties(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    """Co-owners and stand-ins; the responsible person stands in the account itself."""
    query = (
        select(account_party.c.account_id, account_party.c.person_id, account_party.c.role, person.c.locale,
               person.c.offline)
        .join(person, person.c.id == account_party.c.person_id)
        .where(account_party.c.account_id.in_(chosen), account_party.c.until.is_(None),
               account_party.c.role.in_(("co_owner", "stand_in")))
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def contacts(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    query = (
        select(
            contact.c.id, contact.c.person_id, contact.c.channel, contact.c.trust, contact.c.opted_out_at,
            contact.c.dead_at, contact.c.last_inbound_at,
        )
        .where(contact.c.person_id.in_(_people(chosen)), contact.c.unbound_at.is_(None))
        .order_by(contact.c.person_id, contact.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def said(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    """Every message item that counts as said for these accounts, oldest first."""
    query = (
        select(
            message_item.c.account_id, message_item.c.person_id, message_item.c.step, message_item.c.band,
            message_item.c.occasion, message_item.c.at, message.c.state, message.c.id.label("message_id"),
        )
        .join(message, message.c.id == message_item.c.message_id)
        .where(message_item.c.account_id.in_(chosen), message.c.state.in_(LIVE),
               message.c.kind.in_(("reminder", "nudge")))
        .order_by(message_item.c.at, message_item.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def heard(conn: AsyncConnection, chosen: Select[Any], now: datetime) -> Rows:
    """Per person the messages of the last days, whichever account they were about: (person, message, at)."""
    query = (
        select(message.c.person_id, message.c.id, func.max(message_item.c.at).label("at"))
        .join(message_item, message_item.c.message_id == message.c.id)
        .where(
            message.c.person_id.in_(_people(chosen)),
            message.c.kind.in_(("reminder", "nudge")),
            message.c.state.in_(LIVE),
            message_item.c.at > now - timedelta(days=HEARD_DAYS),
        )
        .group_by(message.c.person_id, message.c.id)
    )
    return (await conn.execute(query)).all()


async def by_people(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    """Calls, visits and papers: (account, person, at)."""
    query = (
        select(human_contact.c.account_id, human_contact.c.person_id, human_contact.c.way, human_contact.c.at)
        .where(human_contact.c.account_id.in_(chosen))
        .order_by(human_contact.c.at)
    )
    return (await conn.execute(query)).all()


async def promises(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    query = (
        select(promise)
        .where(promise.c.account_id.in_(chosen), promise.c.state.in_(("open", "broken")))
        .order_by(promise.c.account_id, promise.c.due_on)
    )
    return (await conn.execute(query)).all()


async def disputes(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    query = select(dispute.c.account_id, dispute.c.charge_id).where(
        dispute.c.account_id.in_(chosen), dispute.c.state == "open"
    )
    return (await conn.execute(query)).all()


async def plans(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    query = select(plan.c.account_id, plan.c.instalments).where(
        plan.c.account_id.in_(chosen), plan.c.state == "on_track"
    )
    return (await conn.execute(query)).all()


async def holds(conn: AsyncConnection, chosen: Select[Any], today: Any) -> Rows:
    """Holds in force: of the account, of one of its charges, of its people, of its community."""
    communities = select(account.c.community_id).where(account.c.id.in_(chosen))
    query = select(
        hold.c.scope, hold.c.account_id, hold.c.charge_id, hold.c.person_id, hold.c.community_id, hold.c.code,
        hold.c.reason, hold.c.until,
    ).where(
        hold.c.ended_at.is_(None),
        hold.c.until >= today,
        or_(
            hold.c.account_id.in_(chosen),
            hold.c.person_id.in_(_people(chosen)),
            hold.c.community_id.in_(communities),
        ),
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def legal_facts(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    query = select(legal_fact.c.account_id, legal_fact.c.kind).where(
        legal_fact.c.account_id.in_(chosen), legal_fact.c.withdrawn_at.is_(None)
    )
    return (await conn.execute(query)).all()


async def money_under_way(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    """Bank collections in flight and transfers nobody can place yet."""
    query = select(
        payment.c.account_id, payment.c.likely_account_id, payment.c.state, payment.c.settles_on, payment.c.paid_on
    ).where(
        or_(
            (payment.c.state == "in_flight") & payment.c.account_id.in_(chosen),
            (payment.c.state == "unidentified") & payment.c.likely_account_id.in_(chosen),
        )
    )
    return (await conn.execute(query)).all()


async def with_people(conn: AsyncConnection, chosen: Select[Any]) -> Rows:
    """Steps of people: which cases were opened for which occasion."""
    query = select(case_.c.account_id, case_.c.cause, case_.c.occasion).where(case_.c.account_id.in_(chosen))
    return (await conn.execute(query)).all()

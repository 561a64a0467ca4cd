"""What the phones page of the sandbox asks: who lives where, at which address, and what happened to an account."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    account_party,
    attempt,
    case_,
    charge,
    community,
    contact,
    decision,
    inbound,
    message,
    message_item,
    owner,
    payment,
    person,
    promise,
    promise_outcome,
    staff,
    staff_contact,
    staff_group,
    unit,
)
from store.tables.columns import sum_fen

Rows = Sequence[Any]


def _owing() -> Any:
    return exists().where(charge.c.account_id == account.c.id, charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))


def _accounts() -> Select[Any]:
    return (
        select(
            account.c.id, account.c.person_id, account.c.community_id, unit.c.code, unit.c.segment,
            owner.c.name.label("owner"), person.c.locale, community.c.name.label("community"),
            community.c.locale.label("town_locale"), community.c.timezone,
        )
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .join(person, person.c.id == account.c.person_id)
        .join(community, community.c.id == account.c.community_id)
    )  # fmt: skip


async def owners(
    conn: AsyncConnection, words: str, indexes: Sequence[bytes], most: int, accounts: Sequence[int] = ()
) -> Rows:
    """Open accounts whose unit or owner contains ``words``, whose person is reached at one of ``indexes``, or these.

    Those who owe something first, then as the workbook has them.
    """
    wanted: ColumnElement[bool] = account.c.closed_on.is_(None)
    named = f"%{words.replace('%', '').replace('_', '')}%"
    ways: list[ColumnElement[bool]] = [unit.c.code.like(named), owner.c.name.like(named)] if words else []
    if indexes:
        ways.append(account.c.id.in_(_reached(indexes)))
    if accounts:
        ways.append(account.c.id.in_(accounts))
    query = _accounts().where(wanted, *([or_(*ways)] if ways else []))
    ordered = query.order_by(case((_owing(), 0), else_=1), account.c.id)
    rows: Rows = (await conn.execute(ordered.limit(most))).all()
    return rows


def _reached(indexes: Sequence[bytes]) -> Select[Any]:
    people = select(contact.c.person_id).where(contact.c.address_index.in_(indexes), contact.c.unbound_at.is_(None))
    by_party = select(account_party.c.account_id).where(
        account_party.c.person_id.in_(people), account_party.c.until.is_(None)
    )
    return select(account.c.id).where(or_(account.c.person_id.in_(people), account.c.id.in_(by_party)))


async def account_row(conn: AsyncConnection, account_id: int) -> Any:
    return (await conn.execute(_accounts().where(account.c.id == account_id))).first()


async def owed(conn: AsyncConnection, ids: Sequence[int], today: date) -> dict[int, tuple[int, int]]:
    """Per account: all open principal, and of it what fell due up to ``today``; fen."""
    due = sum_fen(case((charge.c.due_on <= today, charge.c.open_fen), else_=0)).label("due")
    query = (
        select(charge.c.account_id, sum_fen(charge.c.open_fen).label("owed"), due)
        .where(charge.c.account_id.in_(ids), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))
        .group_by(charge.c.account_id)
    )
    return {row.account_id: (int(row.owed), int(row.due)) for row in (await conn.execute(query)).all()}


async def contacts(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """Addresses of the responsible person and of every party of accounts, still sealed, oldest first."""
    parties = select(account.c.id.label("account_id"), account.c.person_id).where(account.c.id.in_(ids)).union(
        select(account_party.c.account_id, account_party.c.person_id).where(
            account_party.c.account_id.in_(ids), account_party.c.until.is_(None)
        )
    )  # fmt: skip
    who = parties.subquery()
    query = (
        select(
            who.c.account_id, contact.c.channel, contact.c.address_sealed, contact.c.trust, contact.c.opted_out_at,
            contact.c.dead_reason, person.c.name,
        )
        .join(contact, contact.c.person_id == who.c.person_id)
        .join(person, person.c.id == who.c.person_id)
        .where(contact.c.unbound_at.is_(None))
        .order_by(who.c.account_id, contact.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def decisions(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """The latest decision per account and step, newest first."""
    query = select(decision).where(decision.c.account_id.in_(ids))
    return (await conn.execute(query.order_by(decision.c.at.desc(), decision.c.step))).all()


async def messages(conn: AsyncConnection, account: Any, most: int) -> Rows:
    """Messages about an account and answers to its person about no single account, newest first, with their step."""
    unnamed = and_(message_item.c.account_id.is_(None), message_item.c.person_id == account.person_id)
    query = (
        select(
            message.c.id, message.c.kind, message.c.channel, message.c.state, message.c.reason, message.c.not_before,
            message.c.state_at, message.c.text, message.c.tries, message.c.inbound_id, message_item.c.step,
            message_item.c.band,
        )
        .join(message_item, message_item.c.message_id == message.c.id)
        .where(or_(message_item.c.account_id == account.id, unnamed))
        .order_by(message.c.id.desc())
        .limit(most)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def attempts(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """Every try at a provider for these messages, oldest first."""
    query = (
        select(
            attempt.c.message_id, attempt.c.channel, attempt.c.outcome, attempt.c.reason, attempt.c.started_at,
            attempt.c.looked_at, attempt.c.crossed,
        )
        .where(attempt.c.message_id.in_(ids))
        .order_by(attempt.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def promises(conn: AsyncConnection, account_id: int, most: int) -> Rows:
    """Promises with how they ended, newest first."""
    query = (
        select(promise, promise_outcome.c.outcome, promise_outcome.c.at.label("ended_at"))
        .join(promise_outcome, promise_outcome.c.promise_id == promise.c.id, isouter=True)
        .where(promise.c.account_id == account_id)
        .order_by(promise.c.id.desc())
        .limit(most)
    )
    return (await conn.execute(query)).all()


async def payments(conn: AsyncConnection, account_id: int, most: int) -> Rows:
    query = select(payment).where(payment.c.account_id == account_id).order_by(payment.c.id.desc()).limit(most)
    return (await conn.execute(query)).all()


async def cases(conn: AsyncConnection, account_id: int, most: int) -> Rows:
    query = select(case_).where(case_.c.account_id == account_id).order_by(case_.c.id.desc()).limit(most)
    return (await conn.execute(query)).all()


async def heard(conn: AsyncConnection, account: Any, most: int) -> Rows:
    """What the account's person said of it or of no single account and how it was understood, newest first."""
    unnamed = and_(inbound.c.account_id.is_(None), inbound.c.person_id == account.person_id)
    query = (
        select(
            inbound.c.id, inbound.c.provider, inbound.c.kind, inbound.c.text, inbound.c.intent, inbound.c.received_at
        )
        .where(or_(inbound.c.account_id == account.id, unnamed))
        .order_by(inbound.c.id.desc())
        .limit(most)
    )
    return (await conn.execute(query)).all()


async def staff_people(conn: AsyncConnection) -> Rows:
    """Staff who are here, with one row per linked address (none: one row without)."""
    query = (
        select(staff.c.id, staff.c.name, staff.c.role, staff_contact.c.channel, staff_contact.c.address_sealed)
        .join(staff_contact, staff_contact.c.staff_id == staff.c.id, isouter=True)
        .where(staff.c.left_at.is_(None))
        .order_by(staff.c.id, staff_contact.c.id)
    )
    return (await conn.execute(query)).all()


async def staff_groups(conn: AsyncConnection) -> Rows:
    return (await conn.execute(select(staff_group).order_by(staff_group.c.id))).all()

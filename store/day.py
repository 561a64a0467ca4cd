"""The day's figures of a community: promises, money, contacts, cases. Money in fen, bounds in UTC instants."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    case_,
    charge,
    human_contact,
    message,
    owner,
    payment,
    promise,
    promise_outcome,
    unit,
)
from store.tables.columns import sum_fen


def _mine(community_id: int) -> Any:
    return select(account.c.id).where(account.c.community_id == community_id)


async def promises_due(conn: AsyncConnection, community_id: int, on: date) -> Sequence[Any]:
    """Open promises for a local date, with unit and owner."""
    query = (
        select(promise, unit.c.code, owner.c.name.label("owner"))
        .join(account, account.c.id == promise.c.account_id)
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(account.c.community_id == community_id, promise.c.due_on == on, promise.c.state == "open")
        .order_by(unit.c.code)
    )
    return (await conn.execute(query)).all()


async def promises_made(conn: AsyncConnection, community_id: int, start: datetime, end: datetime) -> int:
    query = select(func.count()).where(
        promise.c.account_id.in_(_mine(community_id)), promise.c.made_at >= start, promise.c.made_at < end
    )
    return int((await conn.execute(query)).scalar_one())


async def promises_ended(
    conn: AsyncConnection, community_id: int, start: datetime, end: datetime
) -> dict[str, int]:  # fmt: skip
    """How promises ended between two instants, by outcome."""
    query = (
        select(promise_outcome.c.outcome, func.count().label("n"))
        .join(promise, promise.c.id == promise_outcome.c.promise_id)
        .where(promise.c.account_id.in_(_mine(community_id)), promise_outcome.c.at >= start, promise_outcome.c.at < end)
        .group_by(promise_outcome.c.outcome)
    )
    return {row.outcome: row.n for row in (await conn.execute(query)).all()}


async def collected(conn: AsyncConnection, community_id: int, first: date, last: date) -> tuple[int, int]:
    """Money paid from one local date to another and not given back: fen and number of payments."""
    query = select(func.coalesce(sum_fen(payment.c.amount_fen), 0), func.count()).where(
        payment.c.community_id == community_id, payment.c.state.in_(("received", "unidentified")),
        payment.c.paid_on >= first, payment.c.paid_on <= last,
    )  # fmt: skip
    fen, count = (await conn.execute(query)).one()
    return int(fen), int(count)


async def collected_late(
    conn: AsyncConnection, community_id: int, first: date, before: date, start: datetime, end: datetime
) -> int:  # fmt: skip
    """Fen paid on a local date from ``first`` on and earlier than ``before``, entered between two instants."""
    query = select(func.coalesce(sum_fen(payment.c.amount_fen), 0)).where(
        payment.c.community_id == community_id, payment.c.state.in_(("received", "unidentified")),
        payment.c.paid_on >= first, payment.c.paid_on < before, payment.c.entered_at >= start,
        payment.c.entered_at < end,
    )  # fmt: skip
    return int((await conn.execute(query)).scalar_one())


async def charged(conn: AsyncConnection, community_id: int, until: date) -> tuple[int, int]:
    """What fell due up to a local date, and what of it is still open, in fen."""
    total_fen, left_fen = sum_fen(charge.c.amount_fen), sum_fen(charge.c.open_fen)
    query = select(func.coalesce(total_fen, 0), func.coalesce(left_fen, 0)).where(
        charge.c.account_id.in_(_mine(community_id)), charge.c.due_on <= until, charge.c.cancelled_at.is_(None),
        charge.c.previous_manager.is_(False),
    )  # fmt: skip
    total, left = (await conn.execute(query)).one()
    return int(total), int(left)


async def contacts_by_people(
    conn: AsyncConnection, community_id: int, start: datetime, end: datetime
) -> dict[str, int]:  # fmt: skip
    """Calls, visits, papers between two instants, by way."""
    query = (
        select(human_contact.c.way, func.count().label("n"))
        .where(human_contact.c.account_id.in_(_mine(community_id)), human_contact.c.at >= start,
               human_contact.c.at < end)
        .group_by(human_contact.c.way)
    )  # fmt: skip
    return {row.way: row.n for row in (await conn.execute(query)).all()}


async def contacts_by_bot(
    conn: AsyncConnection, community_id: int, start: datetime, end: datetime
) -> dict[tuple[str, str], int]:  # fmt: skip
    """Reminders between two instants by (channel, state)."""
    query = (
        select(message.c.channel, message.c.state, func.count().label("n"))
        .where(
            message.c.community_id == community_id, message.c.kind == "reminder", message.c.state_at >= start,
            message.c.state_at < end, message.c.state.in_(("accepted", "delivered", "read", "failed", "uncertain")),
        )
        .group_by(message.c.channel, message.c.state)
        .order_by(message.c.channel, message.c.state)
    )  # fmt: skip
    return {(row.channel, row.state): row.n for row in (await conn.execute(query)).all()}


async def cases_between(
    conn: AsyncConnection, community_id: int, start: datetime, end: datetime
) -> tuple[dict[str, int], int]:  # fmt: skip
    """Cases opened between two instants by cause, and how many were resolved."""
    here = case_.c.community_id == community_id
    opened = (
        select(case_.c.cause, func.count().label("n"))
        .where(here, case_.c.opened_at >= start, case_.c.opened_at < end)
        .group_by(case_.c.cause)
        .order_by(func.count().desc(), case_.c.cause)
    )
    resolved = select(func.count()).where(here, and_(case_.c.resolved_at >= start, case_.c.resolved_at < end))
    causes = {row.cause: row.n for row in (await conn.execute(opened)).all()}
    return causes, int((await conn.execute(resolved)).scalar_one())


async def due_cases(conn: AsyncConnection, community_id: int, until: datetime) -> Sequence[Any]:
    """Unresolved cases to be done by an instant, urgent ones first."""
    query = select(case_).where(
        case_.c.community_id == community_id, case_.c.state != "resolved", case_.c.due_at < until
    )
    return (await conn.execute(query.order_by(case_.c.urgent.desc(), case_.c.due_at, case_.c.id))).all()

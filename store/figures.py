"""Figures: sums over charges, payments and promises, grouped in the database."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account, allocation, charge, payment, promise, promise_outcome, staff, unit
from store.tables.columns import sum_fen

Rows = Sequence[Any]
GROUPS = {"building": unit.c.building, "person": staff.c.name, "kind": charge.c.kind, "segment": unit.c.segment}


def _charges(community_id: int) -> Select[Any]:
    return (
        select()
        .select_from(charge)
        .join(account, account.c.id == charge.c.account_id)
        .join(unit, unit.c.id == account.c.unit_id)
        .outerjoin(staff, staff.c.id == account.c.assistant_id)
        .where(account.c.community_id == community_id, charge.c.cancelled_at.is_(None))
    )


async def collected(
    conn: AsyncConnection, community_id: int, by: str, first: date, last: date
) -> Rows:  # fmt: skip
    """Per group: what fell due between two local dates and what of it is still open, in fen."""
    name = func.coalesce(GROUPS[by], "").label("name")
    query = (
        _charges(community_id)
        .add_columns(name, sum_fen(charge.c.amount_fen).label("due_fen"), sum_fen(charge.c.open_fen).label("open_fen"))
        .where(charge.c.due_on >= first, charge.c.due_on <= last)
        .group_by(name)
        .order_by(name)
    )
    return (await conn.execute(query)).all()


def _age(today: date, edges: Sequence[date]) -> ColumnElement[int]:
    """The band of a due date: 0 not due yet, then one more for every edge passed."""
    steps = [(charge.c.due_on >= edge, number) for number, edge in enumerate(edges, 1)]
    return case((charge.c.due_on >= today, 0), *steps, else_=len(edges) + 1)


async def ages(conn: AsyncConnection, community_id: int, today: date, edges: Sequence[date]) -> Rows:
    """Open principal by the age of its charge; ``edges`` are ever earlier dates. Per band: fen, accounts."""
    band = _age(today, edges).label("band")
    query = (
        _charges(community_id)
        .add_columns(
            band, sum_fen(charge.c.open_fen).label("fen"), func.count(func.distinct(charge.c.account_id)).label("n")
        )
        .where(charge.c.open_fen > 0)
        .group_by(band)
        .order_by(band)
    )
    return (await conn.execute(query)).all()


async def money_by_day(conn: AsyncConnection, community_id: int, first: date, last: date) -> Rows:
    """Received payments per local paying day, in fen."""
    query = (
        select(payment.c.paid_on, sum_fen(payment.c.amount_fen).label("fen"), func.count().label("n"))
        .where(payment.c.community_id == community_id, payment.c.state == "received", payment.c.paid_on >= first,
               payment.c.paid_on <= last)
        .group_by(payment.c.paid_on)
        .order_by(payment.c.paid_on)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def promises(conn: AsyncConnection, community_id: int, by: str, first: date, last: date) -> Rows:
    """Per group: promises due between two local dates by outcome (open ones as 'open'): how many and fen."""
    name = func.coalesce(unit.c.building if by == "building" else staff.c.name, "").label("name")
    outcome = func.coalesce(promise_outcome.c.outcome, promise.c.state).label("outcome")
    query: Any = (
        select(name, outcome, func.count().label("n"), sum_fen(promise.c.amount_fen).label("fen"))
        .select_from(promise)
        .join(account, account.c.id == promise.c.account_id)
        .join(unit, unit.c.id == account.c.unit_id)
        .outerjoin(staff, staff.c.id == account.c.assistant_id)
        .outerjoin(promise_outcome, promise_outcome.c.promise_id == promise.c.id)
        .where(account.c.community_id == community_id, promise.c.due_on >= first, promise.c.due_on <= last)
        .group_by(name, outcome)
        .order_by(name)
    )
    return (await conn.execute(query)).all()


async def late_paid(conn: AsyncConnection, community_id: int, first: date, last: date) -> int:
    """Principal in fen of charges due between two dates that was paid after their due date."""
    query = (
        select(func.coalesce(sum_fen(allocation.c.amount_fen), 0))
        .join(payment, payment.c.id == allocation.c.payment_id)
        .join(charge, charge.c.id == allocation.c.charge_id)
        .where(and_(payment.c.community_id == community_id, charge.c.due_on >= first, charge.c.due_on <= last,
                    payment.c.paid_on > charge.c.due_on, allocation.c.part == "principal"))
    )  # fmt: skip
    return int((await conn.execute(query)).scalar_one())

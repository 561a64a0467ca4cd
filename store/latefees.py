"""What a late fee is worked out from: the contract's rates, how the principal fell, what was paid or waived of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import account, allocation, charge, community, late_fee_rate, payment, waiver
from store.tables.columns import sum_fen


async def rates(conn: AsyncConnection, community_ids: Sequence[int]) -> Sequence[Any]:
    """The contracts' clauses, earliest first; none: no late fee is asked for."""
    query = select(late_fee_rate).where(late_fee_rate.c.community_id.in_(community_ids))
    return (await conn.execute(query.order_by(late_fee_rate.c.effective_from, late_fee_rate.c.id))).all()


async def add_rate(conn: AsyncConnection, values: dict[str, Any]) -> int:
    made = await conn.execute(insert(late_fee_rate).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def bearing(conn: AsyncConnection, charge_ids: Sequence[int]) -> Sequence[Any]:
    """Those of the charges whose community has a clause, each with its community's time zone and own policy.

    A previous manager's debts bear none: the clause is of our contract, not of theirs.
    """
    query = (
        select(charge.c.id, charge.c.kind, charge.c.due_on, charge.c.amount_fen, account.c.community_id,
               community.c.timezone, community.c.policy)
        .join(account, account.c.id == charge.c.account_id)
        .join(community, community.c.id == account.c.community_id)
        .where(bulk.among(conn, charge.c.id, charge_ids), charge.c.previous_manager.is_(False),
               exists().where(late_fee_rate.c.community_id == community.c.id))
        .order_by(charge.c.due_on, charge.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def repaid(conn: AsyncConnection, charge_ids: Sequence[int]) -> Sequence[Any]:
    """What was paid of each charge, by part and day of payment: (charge, part, day, fen), earliest first."""
    query = (
        select(allocation.c.charge_id, allocation.c.part, payment.c.paid_on,
               sum_fen(allocation.c.amount_fen).label("fen"))
        .join(payment, payment.c.id == allocation.c.payment_id)
        .where(bulk.among(conn, allocation.c.charge_id, charge_ids))
        .group_by(allocation.c.charge_id, allocation.c.part, payment.c.paid_on)
        .order_by(payment.c.paid_on)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def waived(conn: AsyncConnection, charge_ids: Sequence[int]) -> Sequence[Any]:
    """What was given up of each charge: (charge, part, fen, instant)."""
    query = select(waiver.c.charge_id, waiver.c.part, waiver.c.amount_fen, waiver.c.at)
    return (await conn.execute(query.where(bulk.among(conn, waiver.c.charge_id, charge_ids)))).all()

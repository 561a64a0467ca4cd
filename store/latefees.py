"""What a late fee is worked out from: the contract's rates, how the principal fell, what was paid or waived of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import allocation, charge, late_fee_rate, payment, waiver
from store.tables.columns import sum_fen


async def rates(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    """The contract's rates, earliest first; none: no late fee is asked for."""
    query = select(late_fee_rate).where(late_fee_rate.c.community_id == community_id)
    return (await conn.execute(query.order_by(late_fee_rate.c.effective_from))).all()


async def add_rate(conn: AsyncConnection, values: dict[str, Any]) -> int:
    made = await conn.execute(insert(late_fee_rate).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def charges(conn: AsyncConnection, charge_ids: Sequence[int]) -> Sequence[Any]:
    query = select(charge.c.id, charge.c.kind, charge.c.due_on, charge.c.amount_fen)
    return (await conn.execute(query.where(charge.c.id.in_(charge_ids)))).all()


async def repaid(conn: AsyncConnection, charge_ids: Sequence[int]) -> Sequence[Any]:
    """What was paid of each charge, by part and day of payment: (charge, part, day, fen), earliest first."""
    query = (
        select(allocation.c.charge_id, allocation.c.part, payment.c.paid_on,
               sum_fen(allocation.c.amount_fen).label("fen"))
        .join(payment, payment.c.id == allocation.c.payment_id)
        .where(allocation.c.charge_id.in_(charge_ids))
        .group_by(allocation.c.charge_id, allocation.c.part, payment.c.paid_on)
        .order_by(payment.c.paid_on)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def waived(conn: AsyncConnection, charge_ids: Sequence[int]) -> dict[int, int]:
    """Late fee given up per charge, in fen."""
    query = (
        select(waiver.c.charge_id, sum_fen(waiver.c.amount_fen).label("fen"))
        .where(waiver.c.charge_id.in_(charge_ids), waiver.c.part == "late_fee")
        .group_by(waiver.c.charge_id)
    )
    return {row.charge_id: row.fen for row in (await conn.execute(query)).all()}

"""Who may get a sealed notice on the door: accounts two periods or more behind that nothing else speaks for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account, approval, case_, charge, dispute, hold, owner, promise, unit
from store.tables.columns import sum_fen

PERIODS = 2
"""Periods behind from which a notice is allowed."""


async def behind(
    conn: AsyncConnection, community_id: int, today: date, only: Sequence[int] | None = None
) -> Sequence[Any]:
    """Accounts with their unit, owner, periods and fen overdue; none with a word, a dispute, a hold or a notice open.

    ``only``: these accounts, as they stand now, whatever else speaks for them.
    """
    overdue = (charge.c.open_fen > 0, charge.c.cancelled_at.is_(None), charge.c.due_on < today)
    query = (
        select(account.c.id, unit.c.code, owner.c.name.label("owner"), sum_fen(charge.c.open_fen).label("fen"),
               func.count(charge.c.period.distinct()).label("periods"))
        .join(charge, charge.c.account_id == account.c.id)
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(account.c.community_id == community_id, account.c.closed_on.is_(None), *overdue)
        .group_by(account.c.id, unit.c.code, owner.c.name)
        .order_by(unit.c.code)
    )  # fmt: skip
    if only is not None:
        return (await conn.execute(query.where(account.c.id.in_(only)))).all()
    query = query.where(*_nothing_speaks(today)).having(func.count(charge.c.period.distinct()) >= PERIODS)
    return (await conn.execute(query)).all()


def _nothing_speaks(today: date) -> tuple[Any, ...]:
    mine = account.c.id
    held = or_(hold.c.account_id == mine, hold.c.person_id == account.c.person_id)
    return (
        ~exists().where(promise.c.account_id == mine, promise.c.state == "open"),
        ~exists().where(dispute.c.account_id == mine, dispute.c.state == "open"),
        ~exists().where(held, hold.c.until >= today, hold.c.ended_at.is_(None)),
        ~exists().where(case_.c.account_id == mine, case_.c.cause == "door_notice", case_.c.state != "resolved"),
    )


async def lists(conn: AsyncConnection, community_id: int, most: int = 10) -> Sequence[Any]:
    """The lists asked for, the newest first."""
    query = select(approval).where(approval.c.community_id == community_id, approval.c.kind == "door_notice")
    return (await conn.execute(query.order_by(approval.c.id.desc()).limit(most))).all()

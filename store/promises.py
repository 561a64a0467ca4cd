"""Promises and plans: made, moved, ended once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account, charge, dispute, payment, plan, promise, promise_outcome
from store.journal import Entry, note
from store.tables.columns import sum_fen


async def open_of(conn: AsyncConnection, account_ids: Sequence[int]) -> Sequence[Any]:
    """Open promises of accounts, by account and promised day."""
    query = select(promise).where(promise.c.account_id.in_(account_ids), promise.c.state == "open")
    return (await conn.execute(query.order_by(promise.c.account_id, promise.c.due_on, promise.c.id))).all()


async def one(conn: AsyncConnection, promise_id: int) -> Any:
    return (await conn.execute(select(promise).where(promise.c.id == promise_id))).first()


async def moves(conn: AsyncConnection, promise_id: int) -> int:
    """How often a promise was put off before it stood where it stands; bringing it forward costs nothing, and frees
    nothing."""
    count, row = 0, await one(conn, promise_id)
    while row is not None and row.moved_from_id is not None:
        before = await one(conn, row.moved_from_id)
        count += before is not None and row.due_on > before.due_on
        row = before
    return count


async def moved_from(conn: AsyncConnection, before: Sequence[Any]) -> int | None:
    """Of the promises a new one takes the place of, the one that was put off most, the newest of equals."""
    ranked = [(await moves(conn, row.id), row.id) for row in before]
    return max(ranked)[1] if ranked else None


async def write(conn: AsyncConnection, values: dict[str, Any], community_id: int, who: str) -> int:
    """A promise, and its line in the journal."""
    made = await conn.execute(insert(promise).values(**values))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    await note(conn, Entry("promise", f"promise:{number}", values, values["made_at"], community_id, who))
    return number


async def write_plan(conn: AsyncConnection, values: dict[str, Any], community_id: int, who: str) -> int:
    """A plan, agreed or proposed, and its line in the journal."""
    made = await conn.execute(insert(plan).values(**values))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    await note(conn, Entry("plan", f"plan:{number}", values, values["made_at"], community_id, who))
    return number


async def end(
    conn: AsyncConnection, promise_id: int, state: str, paid_fen: int, now: datetime, *, community_id: int,
    detail: str = "", who: str = "",
) -> bool:  # fmt: skip
    """Ends an open promise with its outcome, once; False when it had ended before."""
    taken = await conn.execute(
        update(promise).where(promise.c.id == promise_id, promise.c.state == "open").values(state=state)
    )
    if taken.rowcount != 1:
        return False
    values = {"promise_id": promise_id, "outcome": state, "paid_fen": paid_fen, "at": now, "detail": detail}
    made = await conn.execute(insert(promise_outcome).values(**values))
    number = made.inserted_primary_key[0]  # type: ignore[index]
    subject = f"promise_outcome:{number}"
    await note(conn, Entry("promise_outcome", subject, values, now, community_id, who, f"promise {promise_id} {state}"))
    return True


async def supersede(
    conn: AsyncConnection, old: Sequence[Any], by: int, now: datetime, *, community_id: int, who: str
) -> None:  # fmt: skip
    """Ends promises whose place another has taken, and cancels a plan on track of which nothing is open any more."""
    for one in old:
        await end(conn, one.id, "superseded", 0, now, community_id=community_id, detail=f"by promise {by}", who=who)
    for plan_id in {one.plan_id for one in old if one.plan_id is not None}:
        still = exists().where(promise.c.plan_id == plan_id, promise.c.state == "open")
        gone = update(plan).where(plan.c.id == plan_id, plan.c.state == "on_track", ~still)
        await conn.execute(gone.values(state="cancelled"))


async def set_plan(
    conn: AsyncConnection, plan_id: int, state: str, *, by: str = "", confirmed_at: datetime | None = None
) -> None:  # fmt: skip
    """A plan's state; with who approved or refused it, or when the owner confirmed it."""
    values: dict[str, Any] = {"state": state}
    if by:
        values["approved_by"] = by
    if confirmed_at is not None:
        values["confirmed_at"] = confirmed_at
    await conn.execute(update(plan).where(plan.c.id == plan_id).values(**values))


async def plan_states(conn: AsyncConnection, plan_id: int) -> list[str]:
    """The states of a plan's promises."""
    return list((await conn.execute(select(promise.c.state).where(promise.c.plan_id == plan_id))).scalars())


async def to_judge(conn: AsyncConnection, now: datetime, after: int, most: int = 500) -> Sequence[Any]:
    """Accounts with an open promise that may be judged, or that saw a payment since it was made."""
    paid = (
        select(payment.c.id)
        .where(payment.c.account_id == promise.c.account_id, payment.c.state == "received",
               payment.c.entered_at >= promise.c.made_at)
        .exists()
    )  # fmt: skip
    query = (
        select(account.c.id, account.c.community_id, account.c.person_id, account.c.assistant_id)
        .where(account.c.id.in_(select(promise.c.account_id).where(
            promise.c.state == "open", or_(promise.c.judge_at <= now, paid))), account.c.id > after)
        .order_by(account.c.id)
        .limit(most)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def history(conn: AsyncConnection, account_id: int) -> Sequence[Any]:
    """Every promise of an account, oldest first."""
    query = select(promise).where(promise.c.account_id == account_id).order_by(promise.c.made_at, promise.c.id)
    return (await conn.execute(query)).all()


async def came_in(conn: AsyncConnection, account_id: int, since: datetime, due_by: date) -> int:
    """Money received for an account and entered from an instant on, in fen; reversed money does not count.

    Nor does money that names a charge which came onto the book after that instant and falls due after ``due_by``.
    """
    for_newer = exists().where(
        charge.c.id == payment.c.named_charge_id, charge.c.entered_at > since, charge.c.due_on > due_by
    )
    query = select(func.coalesce(sum_fen(payment.c.amount_fen), 0)).where(
        payment.c.account_id == account_id, payment.c.state == "received", payment.c.entered_at >= since, ~for_newer
    )
    return int((await conn.execute(query)).scalar_one())


async def still_open(conn: AsyncConnection, account_id: int, known_by: datetime, due_by: date) -> int:
    """Principal still open in fen on charges that stood in the book by an instant, disputed ones apart.

    Or that fall due by a local day: an import taken back and read again brings the same debts under a later instant.
    """
    disputed = exists().where(
        dispute.c.account_id == account_id, dispute.c.state == "open",
        or_(dispute.c.charge_id.is_(None), dispute.c.charge_id == charge.c.id),
    )  # fmt: skip
    query = select(func.coalesce(sum_fen(charge.c.open_fen), 0)).where(
        charge.c.account_id == account_id, charge.c.cancelled_at.is_(None), charge.c.previous_manager.is_(False),
        or_(charge.c.entered_at <= known_by, charge.c.due_on <= due_by), ~disputed,
    )  # fmt: skip
    return int((await conn.execute(query)).scalar_one())

"""The cases' queries: opened once per subject and cause, moved by one UPDATE under their version."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account, approval, case_, case_event, charge, human_contact, owner, payment, promise, unit
from store.journal import Entry, note
from store.tables.columns import sum_fen

UNRESOLVED = ("open", "claimed", "snoozed")


async def open_one(conn: AsyncConnection, subject: str, cause: str) -> Any:
    """The open case of a subject and cause, or None."""
    query = select(case_).where(case_.c.subject == subject, case_.c.cause == cause, case_.c.state != "resolved")
    return (await conn.execute(query.with_for_update())).first()


async def insert_case(conn: AsyncConnection, values: dict[str, Any]) -> int | None:
    """Opens a case; None when its subject and cause have an open one. Waits for whoever is just opening it."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    made = await conn.execute(
        make(case_)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["subject", "cause"], index_where=text("state != 'resolved'"))
        .returning(case_.c.id)
    )
    number: int | None = made.scalar_one_or_none()
    return number


async def write_event(
    conn: AsyncConnection, case_id: int, version: int, kind: str, now: datetime, *, community_id: int | None,
    staff_id: int | None = None, note_text: str = "",
) -> int:  # fmt: skip
    """Writes one line of a case's history, and into the journal."""
    values = {"case_id": case_id, "version": version, "kind": kind, "staff_id": staff_id, "note": note_text, "at": now}
    made = await conn.execute(insert(case_event).values(**values))
    event_id = int(made.inserted_primary_key[0])  # type: ignore[index]
    who = f"staff:{staff_id}" if staff_id else ""
    await note(conn, Entry("case_event", f"case_event:{event_id}", values, now, community_id, who))
    return event_id


async def join(conn: AsyncConnection, case_id: int, detail: str, now: datetime) -> None:
    """New facts join an open case."""
    await conn.execute(update(case_).where(case_.c.id == case_id).values(detail=detail))


async def one(conn: AsyncConnection, case_id: int) -> Any:
    return (await conn.execute(select(case_).where(case_.c.id == case_id))).first()


async def move(
    conn: AsyncConnection, case_id: int, version: int, states: Sequence[str], values: dict[str, Any]
) -> bool:  # fmt: skip
    """One transition, by whoever is first: only from these states and this version, which goes up. Answers whether."""
    done = await conn.execute(
        update(case_)
        .where(case_.c.id == case_id, case_.c.version == version, case_.c.state.in_(states))
        .values(version=version + 1, **values)
    )
    return bool(done.rowcount == 1)


async def set_timer(
    conn: AsyncConnection, row: Any, *, next_at: datetime, alerted: int | None = None, **values: Any
) -> bool:  # fmt: skip
    """Sets when somebody must be told next, unless the case moved or another tick was first. Answers whether."""
    climbed = row.alerted if alerted is None else alerted
    done = await conn.execute(
        update(case_)
        .where(case_.c.id == row.id, case_.c.version == row.version, case_.c.alerted == row.alerted,
               case_.c.next_at == row.next_at, case_.c.state != "resolved")
        .values(next_at=next_at, alerted=climbed, **values)
    )  # fmt: skip
    return bool(done.rowcount == 1)


async def set_fields(conn: AsyncConnection, case_id: int, **values: Any) -> None:
    """Sets what is no transition: the card, the person responsible, the due time."""
    await conn.execute(update(case_).where(case_.c.id == case_id).values(**values))


async def timers_due(conn: AsyncConnection, now: datetime, most: int = 2_000) -> Sequence[Any]:
    """Unresolved cases of which somebody must be told by now, the longest due first; others' locked ones are left."""
    query = (
        select(case_)
        .where(case_.c.state != "resolved", case_.c.next_at <= now)
        .order_by(case_.c.next_at, case_.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await conn.execute(query)).all()


async def overdue(conn: AsyncConnection, now: datetime) -> Sequence[Any]:
    """Unresolved cases past their due time."""
    query = select(case_).where(case_.c.state != "resolved", case_.c.due_at <= now).order_by(case_.c.due_at)
    return (await conn.execute(query.with_for_update(skip_locked=True))).all()


async def events(conn: AsyncConnection, case_id: int, since: int = -1) -> Sequence[Any]:
    """A case's history after a version, oldest first."""
    query = select(case_event).where(case_event.c.case_id == case_id, case_event.c.version > since)
    return (await conn.execute(query.order_by(case_event.c.id))).all()


async def has_event(conn: AsyncConnection, case_id: int, kind: str, note_text: str) -> bool:
    query = select(case_event.c.id).where(
        case_event.c.case_id == case_id, case_event.c.kind == kind, case_event.c.note == note_text
    )
    return (await conn.execute(query.limit(1))).first() is not None


def _listed(community_id: int | None) -> Select[Any]:
    query: Select[Any] = select(case_).where(case_.c.state != "resolved")
    return query if community_id is None else query.where(case_.c.community_id == community_id)


async def _rows(conn: AsyncConnection, query: Select[Any]) -> Sequence[Any]:
    found: Sequence[Any] = (await conn.execute(query)).all()
    return found


async def unclaimed(conn: AsyncConnection, community_id: int | None) -> Sequence[Any]:
    """Unresolved cases that nobody has, oldest first."""
    query = _listed(community_id).where(case_.c.claimed_by.is_(None), case_.c.state == "open")
    return await _rows(conn, query.order_by(case_.c.id))


async def unclaimed_count(conn: AsyncConnection, community_id: int) -> int:
    """How many unresolved cases of a community nobody has."""
    query = select(func.count()).where(
        case_.c.community_id == community_id, case_.c.claimed_by.is_(None), case_.c.state == "open"
    )
    return int((await conn.execute(query)).scalar_one())


async def unresolved(conn: AsyncConnection, community_id: int | None) -> Sequence[Any]:
    return await _rows(conn, _listed(community_id).order_by(case_.c.id))


async def of_staff(conn: AsyncConnection, staff_id: int) -> Sequence[Any]:
    """Unresolved cases somebody has, or is responsible for while nobody has them."""
    mine = or_(case_.c.claimed_by == staff_id, and_(case_.c.claimed_by.is_(None), case_.c.assistant_id == staff_id))
    return await _rows(conn, _listed(None).where(mine).order_by(case_.c.due_at, case_.c.id))


async def of_account(conn: AsyncConnection, account_id: int) -> Sequence[Any]:
    """Unresolved cases of an account, the newest first."""
    query = _listed(None).where(case_.c.account_id == account_id)
    return await _rows(conn, query.order_by(case_.c.id.desc()))


async def of_subject(conn: AsyncConnection, subject: str) -> Sequence[Any]:
    """Unresolved cases of a subject."""
    return await _rows(conn, _listed(None).where(case_.c.subject == subject))


async def standing(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Any]:
    """Cases with unit, owner and account facts, by id."""
    query = (
        select(
            case_, unit.c.code, unit.c.segment, owner.c.name.label("owner"), account.c.person_id,
            account.c.assistant_id.label("account_assistant"), unit.c.building,
        )
        .outerjoin(account, account.c.id == case_.c.account_id)
        .outerjoin(unit, unit.c.id == account.c.unit_id)
        .outerjoin(owner, owner.c.id == account.c.owner_id)
        .where(case_.c.id.in_(ids))
    )  # fmt: skip
    return {row.id: row for row in (await conn.execute(query)).all()}


async def owed(conn: AsyncConnection, account_ids: Sequence[int], today: date) -> dict[int, Any]:
    """What is due by a local date, per account that owes: fen and the oldest due day."""
    query = (
        select(charge.c.account_id, sum_fen(charge.c.open_fen).label("fen"), func.min(charge.c.due_on).label("since"))
        .where(charge.c.account_id.in_(account_ids), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None),
               charge.c.due_on <= today)
        .group_by(charge.c.account_id)
    )  # fmt: skip
    return {row.account_id: row for row in (await conn.execute(query)).all()}


async def last_promises(conn: AsyncConnection, account_ids: Sequence[int]) -> dict[int, Any]:
    """The newest promise of each account, whatever became of it."""
    newest = (
        select(func.max(promise.c.id))
        .where(promise.c.account_id.in_(account_ids), promise.c.state.not_in(("cancelled", "superseded")))
        .group_by(promise.c.account_id)
    )
    rows = (await conn.execute(select(promise).where(promise.c.id.in_(newest)))).all()
    return {row.account_id: row for row in rows}


async def paid_up(conn: AsyncConnection, causes: Sequence[str], today: date) -> Sequence[Any]:
    """Unresolved cases about money whose account owes nothing due any more and has paid since."""
    still = exists().where(
        charge.c.account_id == case_.c.account_id, charge.c.open_fen > 0, charge.c.cancelled_at.is_(None),
        charge.c.due_on <= today,
    )  # fmt: skip
    came = exists().where(
        payment.c.account_id == case_.c.account_id, payment.c.state.in_(("received", "in_flight")),
        payment.c.entered_at >= case_.c.opened_at,
    )  # fmt: skip
    query = select(case_).where(
        case_.c.state != "resolved", or_(case_.c.cause.in_(causes), case_.c.cause.like("step:%")), came, ~still
    )
    return (await conn.execute(query.order_by(case_.c.id))).all()


async def part_payments(conn: AsyncConnection, causes: Sequence[str]) -> Sequence[Any]:
    """Payments that came after an unresolved case about money was opened: (case, payment, amount), each once told."""
    query = (
        select(case_.c.id.label("case_id"), payment.c.id.label("payment_id"), payment.c.amount_fen)
        .join(payment, payment.c.account_id == case_.c.account_id)
        .where(
            case_.c.state != "resolved", or_(case_.c.cause.in_(causes), case_.c.cause.like("step:%")),
            payment.c.state == "received", payment.c.entered_at >= case_.c.opened_at,
        )
        .order_by(payment.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def write_human_contact(conn: AsyncConnection, values: dict[str, Any], community_id: int | None) -> int:
    """A call, a visit, a paper; into the journal too."""
    made = await conn.execute(insert(human_contact).values(**values))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    who = f"staff:{values['staff_id']}" if values.get("staff_id") else ""
    await note(conn, Entry("human_contact", f"human_contact:{number}", values, values["at"], community_id, who))
    return number


async def insert_approval(conn: AsyncConnection, values: dict[str, Any]) -> int:
    made = await conn.execute(insert(approval).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def approval_of(conn: AsyncConnection, approval_id: int) -> Any:
    return (await conn.execute(select(approval).where(approval.c.id == approval_id))).first()


async def open_approvals(conn: AsyncConnection, community_id: int | None) -> Sequence[Any]:
    query = select(approval).where(approval.c.state == "open")
    if community_id is not None:
        query = query.where(approval.c.community_id == community_id)
    return (await conn.execute(query.order_by(approval.c.id))).all()


async def decide(
    conn: AsyncConnection, approval_id: int, state: str, staff_id: int, why: str, now: datetime
) -> bool:  # fmt: skip
    """Approves or refuses, once; never by whoever asked. Answers whether it did."""
    done = await conn.execute(
        update(approval)
        .where(
            approval.c.id == approval_id, approval.c.state == "open",
            or_(approval.c.asked_by.is_(None), approval.c.asked_by != staff_id),
        )
        .values(state=state, decided_by=staff_id, decided_at=now, why=why)
    )  # fmt: skip
    return bool(done.rowcount == 1)

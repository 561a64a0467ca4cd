"""The console's lists, a page at a time: today, owners, messages, cases, the journal."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    api_client,
    case_,
    charge,
    community,
    contact,
    decision,
    import_run,
    journal_entry,
    ledger_watermark,
    message,
    message_item,
    owner,
    pause,
    payment,
    promise,
    provider_budget,
    staff,
    staff_group,
    unit,
    worker,
)
from store.tables.columns import sum_fen

PAGE = 50
"""Rows of a page."""
Rows = Sequence[Any]


# Today


async def communities(conn: AsyncConnection, only: int | None) -> Rows:
    query = select(community).order_by(community.c.id)
    return (await conn.execute(query if only is None else query.where(community.c.id == only))).all()


async def waiting_messages(conn: AsyncConnection, community_id: int, until: datetime) -> dict[str, int]:
    """Queued reminders that may leave until an instant, by step."""
    query = (
        select(message.c.step, func.count().label("n"))
        .where(message.c.community_id == community_id, message.c.state == "queued",
               message.c.kind.in_(("reminder", "nudge")), message.c.not_before <= until)
        .group_by(message.c.step)
    )  # fmt: skip
    return {row.step: row.n for row in (await conn.execute(query)).all()}


async def states_since(conn: AsyncConnection, community_id: int, since: datetime) -> dict[str, int]:
    """Messages by state that changed since an instant."""
    query = (
        select(message.c.state, func.count().label("n"))
        .where(message.c.community_id == community_id, message.c.state_at >= since)
        .group_by(message.c.state)
    )
    return {row.state: row.n for row in (await conn.execute(query)).all()}


async def waiting_reasons(conn: AsyncConnection, community_id: int, since: datetime) -> dict[str, int]:
    """Why accounts wait, by their newest decision's first reason."""
    code = func.substr(decision.c.reasons, 4, 24)
    query = (
        select(code.label("code"), func.count().label("n"))
        .join(account, account.c.id == decision.c.account_id)
        .where(account.c.community_id == community_id, decision.c.verdict == "wait", decision.c.at >= since)
        .group_by(code)
    )
    found: dict[str, int] = {}
    for row in (await conn.execute(query)).all():
        name = str(row.code).split('"')[0]
        found[name] = found.get(name, 0) + row.n
    return found


async def failures(conn: AsyncConnection, community_id: int, since: datetime) -> Rows:
    """Messages that failed since an instant, by channel and reason."""
    query = (
        select(message.c.channel, message.c.reason, func.count().label("n"))
        .where(message.c.community_id == community_id, message.c.state == "failed", message.c.state_at >= since)
        .group_by(message.c.channel, message.c.reason)
        .order_by(func.count().desc())
        .limit(10)
    )
    return (await conn.execute(query)).all()


async def uncertain_count(conn: AsyncConnection, community_id: int) -> int:
    query = select(func.count()).where(message.c.community_id == community_id, message.c.state == "uncertain")
    return int((await conn.execute(query)).scalar_one())


async def watermark(conn: AsyncConnection, community_id: int) -> date | None:
    """The newest local day up to which payments are in the book."""
    query = select(func.max(ledger_watermark.c.as_of)).where(ledger_watermark.c.community_id == community_id)
    found: date | None = (await conn.execute(query)).scalar_one()
    return found


async def brakes(conn: AsyncConnection, today: date) -> Rows:
    """Pauses in force, the newest first."""
    query = select(pause).where(pause.c.ended_at.is_(None), pause.c.until >= today)
    return (await conn.execute(query.order_by(pause.c.id.desc()))).all()


async def troubles(conn: AsyncConnection, real_now: datetime) -> dict[str, Rows]:
    """Groups that cannot be reached, providers that asked for silence, workers last seen."""
    groups = select(staff_group.c.channel, staff_group.c.trouble).where(staff_group.c.trouble != "")
    closed = select(provider_budget).where(provider_budget.c.closed_until > real_now)
    workers = select(worker).order_by(worker.c.seen_at.desc()).limit(5)
    return {
        "groups": (await conn.execute(groups)).all(),
        "closed": (await conn.execute(closed)).all(),
        "workers": (await conn.execute(workers)).all(),
    }


async def promises_due(conn: AsyncConnection, community_id: int, first: date, last: date) -> Rows:
    """Open promises due between two local dates."""
    query = (
        select(promise, unit.c.code, owner.c.name.label("owner"))
        .join(account, account.c.id == promise.c.account_id)
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(account.c.community_id == community_id, promise.c.state == "open", promise.c.due_on >= first,
               promise.c.due_on <= last)
        .order_by(promise.c.due_on, promise.c.id)
        .limit(PAGE)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def paid_since(conn: AsyncConnection, community_id: int, since: datetime) -> tuple[int, int]:
    """Payments entered since an instant: how many, fen."""
    query = select(func.count(), func.coalesce(sum_fen(payment.c.amount_fen), 0)).where(
        payment.c.community_id == community_id, payment.c.entered_at >= since, payment.c.state == "received"
    )
    row = (await conn.execute(query)).one()
    return int(row[0]), int(row[1])


async def first_list_rows(conn: AsyncConnection, community_id: int, after: int) -> Rows:
    """Queued reminders with the units they speak of, a page at a time."""
    query = (
        select(message.c.id, message.c.step, message.c.channel, message.c.locale, message.c.not_before,
               unit.c.code, owner.c.name.label("owner"), message_item.c.account_id)
        .join(message_item, message_item.c.message_id == message.c.id)
        .join(account, account.c.id == message_item.c.account_id)
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(message.c.community_id == community_id, message.c.state == "queued", message.c.id > after,
               message.c.kind.in_(("reminder", "nudge")))
        .order_by(message.c.id)
        .limit(PAGE + 1)
    )  # fmt: skip
    return (await conn.execute(query)).all()


# Owners


def _owes() -> Any:
    return exists().where(charge.c.account_id == account.c.id, charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))


async def search(
    conn: AsyncConnection, community_id: int, *, text: str = "", by: str = "code", index: bytes = b"",
    owing: bool = False, after: int = 0,
) -> Rows:  # fmt: skip
    """Open accounts by the beginning of their unit's code or owner's name, or by a phone's blind index; a page.

    By building, stair and room as people count (2 before 10); the next page begins behind the account ``after``.
    """
    place = _place()
    query = (
        select(account.c.id, account.c.next_look_at, account.c.person_id, unit.c.code, unit.c.segment,
               unit.c.building, owner.c.name.label("owner"))
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(unit.c.community_id == community_id, account.c.closed_on.is_(None))
        .order_by(*place)
        .limit(PAGE + 1)
    )  # fmt: skip
    if text and by == "code":
        query = query.where(unit.c.code.startswith(text, autoescape=True))
    elif text and by == "name":
        query = query.where(owner.c.name.startswith(text, autoescape=True))
    elif by == "phone":
        people = select(contact.c.person_id).where(contact.c.channel == "sms", contact.c.address_index == index)
        query = query.where(account.c.person_id.in_(people))
    if owing:
        query = query.where(_owes())
    last = await _last_place(conn, after) if after else None
    if last is not None:
        query = query.where(tuple_(*place) > tuple_(*(literal(part) for part in last)))
    return (await conn.execute(query)).all()


def _place() -> list[ColumnElement[Any]]:
    """Where an account stands among its neighbours: shorter numbers first, then as written."""
    parts = (unit.c.building, unit.c.stair, unit.c.room, unit.c.code)
    return [*(place for part in parts for place in (func.length(part), part)), account.c.id]


async def _last_place(conn: AsyncConnection, account_id: int) -> Any:
    query = select(*_place()).join_from(account, unit, unit.c.id == account.c.unit_id)
    return (await conn.execute(query.where(account.c.id == account_id))).first()


async def balances(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Any]:
    """What accounts have open: fen and the oldest due day."""
    query = (
        select(charge.c.account_id, sum_fen(charge.c.open_fen).label("fen"), func.min(charge.c.due_on).label("since"))
        .where(charge.c.account_id.in_(ids), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))
        .group_by(charge.c.account_id)
    )
    return {row.account_id: row for row in (await conn.execute(query)).all()}


# Messages


async def outbox(
    conn: AsyncConnection, community_id: int, *, state: str = "", channel: str = "", before: int = 0
) -> Rows:  # fmt: skip
    """Messages of a community, the newest first, a page before a number."""
    where: list[ColumnElement[bool]] = [message.c.community_id == community_id]
    if state:
        where.append(message.c.state == state)
    if channel:
        where.append(message.c.channel == channel)
    if before:
        where.append(message.c.id < before)
    query = select(message).where(*where).order_by(message.c.id.desc()).limit(PAGE + 1)
    return (await conn.execute(query)).all()


async def units_of(conn: AsyncConnection, message_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The units messages speak of."""
    query = (
        select(message_item.c.message_id, message_item.c.account_id, unit.c.code)
        .join(account, account.c.id == message_item.c.account_id)
        .join(unit, unit.c.id == account.c.unit_id)
        .where(message_item.c.message_id.in_(message_ids))
        .order_by(message_item.c.id)
    )
    found: dict[int, list[Any]] = {}
    for row in (await conn.execute(query)).all():
        found.setdefault(row.message_id, []).append(row)
    return found


# Cases


async def cases(conn: AsyncConnection, community_id: int, *, resolved: bool, before: int = 0) -> Rows:
    """Cases of a community with unit and the person who has them, a page."""
    state = case_.c.state == "resolved" if resolved else case_.c.state != "resolved"
    where: list[ColumnElement[bool]] = [case_.c.community_id == community_id, state]
    if before:
        where.append(case_.c.id < before)
    query = (
        select(case_, unit.c.code, owner.c.name.label("owner"), staff.c.name.label("holder"))
        .outerjoin(account, account.c.id == case_.c.account_id)
        .outerjoin(unit, unit.c.id == account.c.unit_id)
        .outerjoin(owner, owner.c.id == account.c.owner_id)
        .outerjoin(staff, staff.c.id == case_.c.claimed_by)
        .where(*where)
        .order_by(case_.c.urgent.desc(), case_.c.id.desc())
        .limit(PAGE + 1)
    )
    return (await conn.execute(query)).all()


# The journal


async def journal(conn: AsyncConnection, *, kinds: Sequence[str], before: int = 0, only: int | None = None) -> Rows:
    """Entries of the journal of some kinds, the newest first, a page; ``only``: of one community."""
    query = select(journal_entry).where(journal_entry.c.kind.in_(kinds)).order_by(journal_entry.c.id.desc())
    if only is not None:
        query = query.where(journal_entry.c.community_id == only)
    if before:
        query = query.where(journal_entry.c.id < before)
    return (await conn.execute(query.limit(PAGE + 1))).all()


# People and systems


async def clients(conn: AsyncConnection, only: int | None) -> Rows:
    """Systems that may push, without their tokens; of one community only its own."""
    query = select(api_client.c.id, api_client.c.name, api_client.c.created_at, api_client.c.revoked_at)
    if only is not None:
        query = query.where(api_client.c.community_id == only)
    return (await conn.execute(query.order_by(api_client.c.id))).all()


async def revoke_client(conn: AsyncConnection, client_id: int, only: int | None, now: datetime) -> bool:
    """Takes a system's token back; False when there is none to take."""
    mine = and_(api_client.c.id == client_id, api_client.c.revoked_at.is_(None))
    if only is not None:
        mine = and_(mine, api_client.c.community_id == only)
    done = await conn.execute(update(api_client).where(mine).values(revoked_at=now))
    return bool(done.rowcount == 1)


async def buildings(conn: AsyncConnection, community_id: int) -> list[str]:
    """The names of a community's buildings."""
    query = select(unit.c.building).where(unit.c.community_id == community_id, unit.c.building != "").distinct()
    return list((await conn.execute(query.order_by(unit.c.building).limit(500))).scalars())


async def import_runs(conn: AsyncConnection, community_id: int) -> Rows:
    """The newest imports of a community."""
    query = select(import_run).where(import_run.c.community_id == community_id)
    return (await conn.execute(query.order_by(import_run.c.id.desc()).limit(10))).all()

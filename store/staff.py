"""The staff's queries: who they are, where they are reached, what they are responsible for, and their groups."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    attempt,
    bind_code,
    case_,
    day_off,
    message,
    responsibility,
    staff,
    staff_contact,
    staff_group,
    tick_run,
    unit,
)
from store.outbox import ENDED


async def add(conn: AsyncConnection, values: dict[str, Any]) -> int:
    made = await conn.execute(insert(staff).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def one(conn: AsyncConnection, staff_id: int) -> Any:
    return (await conn.execute(select(staff).where(staff.c.id == staff_id))).first()


async def named(conn: AsyncConnection, name: str) -> Any:
    return (await conn.execute(select(staff).where(staff.c.name == name))).first()


async def names(conn: AsyncConnection, ids: Sequence[int | None]) -> dict[int | None, str]:
    """Names by id."""
    wanted = [i for i in ids if i is not None]
    rows = (await conn.execute(select(staff.c.id, staff.c.name).where(staff.c.id.in_(wanted)))).all()
    return {row.id: row.name for row in rows}


async def everyone(conn: AsyncConnection, community_id: int | None = None) -> Sequence[Any]:
    """Staff who have not left: of a community with those of the whole house, or all."""
    query = select(staff).where(staff.c.left_at.is_(None)).order_by(staff.c.id)
    if community_id is not None:
        query = query.where(or_(staff.c.community_id.is_(None), staff.c.community_id == community_id))
    return (await conn.execute(query)).all()


async def days_off(conn: AsyncConnection, since: date) -> dict[int, set[date]]:
    """Days off from a local date on, by member of staff."""
    found: dict[int, set[date]] = {}
    for row in (await conn.execute(select(day_off).where(day_off.c.on >= since))).all():
        found.setdefault(row.staff_id, set()).add(row.on)
    return found


async def add_day_off(conn: AsyncConnection, staff_id: int, on: date) -> None:
    await conn.execute(insert(day_off).values(staff_id=staff_id, on=on))


async def set_fields(conn: AsyncConnection, staff_id: int, **values: Any) -> None:
    await conn.execute(update(staff).where(staff.c.id == staff_id).values(**values))


async def contacts(conn: AsyncConnection, staff_id: int | None = None) -> Sequence[Any]:
    """Where staff are reached, the newest link last."""
    query = select(staff_contact).order_by(staff_contact.c.id)
    return (await conn.execute(query if staff_id is None else query.where(staff_contact.c.staff_id == staff_id))).all()


async def at_address(conn: AsyncConnection, channel: str, index: bytes) -> Any:
    """The member of staff linked at an address, or None; with their contact's id and whether it is dead."""
    query = (
        select(staff, staff_contact.c.id.label("contact_id"), staff_contact.c.dead_reason)
        .join(staff_contact, staff_contact.c.staff_id == staff.c.id)
        .where(staff_contact.c.channel == channel, staff_contact.c.address_index == index, staff.c.left_at.is_(None))
    )
    return (await conn.execute(query)).first()


async def link(
    conn: AsyncConnection, staff_id: int, channel: str, sealed: bytes, index: bytes, now: datetime
) -> None:  # fmt: skip
    """One address belongs to one member of staff: a new link takes it over."""
    await conn.execute(
        delete(staff_contact).where(
            staff_contact.c.channel == channel,
            or_(staff_contact.c.address_index == index, staff_contact.c.staff_id == staff_id),
        )
    )
    await conn.execute(
        insert(staff_contact).values(
            staff_id=staff_id, channel=channel, address_sealed=sealed, address_index=index, linked_at=now
        )
    )


async def unlink(conn: AsyncConnection, staff_id: int) -> None:
    await conn.execute(delete(staff_contact).where(staff_contact.c.staff_id == staff_id))


async def mark_unreachable(conn: AsyncConnection, staff_id: int, channel: str, reason: str | None) -> None:
    """Why a private chat cannot be reached; None: it can again."""
    await conn.execute(
        update(staff_contact)
        .where(staff_contact.c.staff_id == staff_id, staff_contact.c.channel == channel)
        .values(dead_reason=reason)
    )


async def write_code(conn: AsyncConnection, staff_id: int, index: bytes, expires_at: datetime) -> None:
    """A one-time code of a member of staff; an older one of theirs is void."""
    await conn.execute(delete(bind_code).where(bind_code.c.staff_id == staff_id, bind_code.c.used_at.is_(None)))
    values = {"code_index": index, "staff_id": staff_id, "kind": "staff", "expires_at": expires_at}
    await conn.execute(insert(bind_code).values(**values))


async def use_code(conn: AsyncConnection, index: bytes, now: datetime) -> int | None:
    """The member of staff whose code it is, if it is good; it is used up by this."""
    query = select(bind_code).where(bind_code.c.code_index == index, bind_code.c.kind == "staff")
    row = (await conn.execute(query)).first()
    if row is None:
        return None
    done = await conn.execute(
        update(bind_code)
        .where(bind_code.c.id == row.id, bind_code.c.used_at.is_(None), bind_code.c.expires_at > now)
        .values(used_at=now)
    )
    return int(row.staff_id) if done.rowcount == 1 else None


async def responsibilities(conn: AsyncConnection, community_id: int | None = None) -> Sequence[Any]:
    query = select(responsibility).order_by(responsibility.c.id)
    if community_id is not None:
        query = query.where(responsibility.c.community_id == community_id)
    return (await conn.execute(query)).all()


async def make_responsible(
    conn: AsyncConnection, staff_id: int, community_id: int, building: str, account_id: int | None
) -> None:  # fmt: skip
    """One person is responsible for a building or an account: a new one takes it over."""
    same = responsibility.c.building == building
    which = responsibility.c.account_id.is_(None) if account_id is None else responsibility.c.account_id == account_id
    await conn.execute(delete(responsibility).where(responsibility.c.community_id == community_id, same, which))
    values = {"staff_id": staff_id, "community_id": community_id, "building": building, "account_id": account_id}
    await conn.execute(insert(responsibility).values(**values))
    mine = select(account.c.id).where(account.c.community_id == community_id)
    if account_id is not None:
        mine = mine.where(account.c.id == account_id)
    elif building:
        own = select(responsibility.c.account_id).where(responsibility.c.account_id.is_not(None))
        mine = mine.join(unit, unit.c.id == account.c.unit_id).where(
            unit.c.building == building, account.c.id.not_in(own)
        )
    await conn.execute(update(account).where(account.c.id.in_(mine)).values(assistant_id=staff_id))


async def hand_everything(conn: AsyncConnection, old: int, new: int) -> None:
    """Responsibilities and accounts of one member of staff go to another."""
    await conn.execute(update(responsibility).where(responsibility.c.staff_id == old).values(staff_id=new))
    await conn.execute(update(account).where(account.c.assistant_id == old).values(assistant_id=new))
    await conn.execute(
        update(case_).where(case_.c.assistant_id == old, case_.c.state != "resolved").values(assistant_id=new)
    )


async def groups(conn: AsyncConnection, community_id: int | None = None) -> Sequence[Any]:
    """Staff groups: of a community with those of the whole house, or all."""
    query = select(staff_group).order_by(staff_group.c.id)
    if community_id is not None:
        query = query.where(or_(staff_group.c.community_id.is_(None), staff_group.c.community_id == community_id))
    return (await conn.execute(query)).all()


async def group(conn: AsyncConnection, group_id: int) -> Any:
    return (await conn.execute(select(staff_group).where(staff_group.c.id == group_id))).first()


async def group_at(conn: AsyncConnection, channel: str, index: bytes) -> Any:
    query = select(staff_group).where(staff_group.c.channel == channel, staff_group.c.address_index == index)
    return (await conn.execute(query)).first()


async def add_group(conn: AsyncConnection, values: dict[str, Any]) -> int:
    made = await conn.execute(insert(staff_group).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def set_group(conn: AsyncConnection, group_id: int, **values: Any) -> None:
    await conn.execute(update(staff_group).where(staff_group.c.id == group_id).values(**values))


async def posts_since(conn: AsyncConnection, group_id: int, since: datetime, most: int) -> Sequence[datetime]:
    """When the last posts of a group leave or left, the latest first; locks the group for this transaction."""
    await conn.execute(select(staff_group.c.id).where(staff_group.c.id == group_id).with_for_update())
    query = (
        select(message.c.not_before)
        .where(message.c.group_id == group_id, message.c.not_before > since, message.c.state.not_in(ENDED))
        .order_by(message.c.not_before.desc())
        .limit(most)
    )
    return list((await conn.execute(query)).scalars())


async def waiting_card(conn: AsyncConnection, case_id: int, group_id: int) -> int | None:
    """A card, or an edit of it, that has not left yet."""
    query = select(message.c.id).where(
        message.c.case_id == case_id, message.c.group_id == group_id, message.c.step == "card",
        message.c.state == "queued",
    )  # fmt: skip
    found: int | None = (await conn.execute(query.order_by(message.c.id.desc()).limit(1))).scalar()
    return found


async def reword(conn: AsyncConnection, message_id: int, text: str, buttons: str) -> bool:
    """New words for a message that has not left yet. Answers whether it was in time."""
    done = await conn.execute(
        update(message)
        .where(message.c.id == message_id, message.c.state == "queued")
        .values(text=text, buttons=buttons)
    )
    return bool(done.rowcount == 1)


async def shown_card(conn: AsyncConnection, case_id: int, group_id: int) -> str | None:
    """The provider's id of a case's newest card in a group, or None while none was accepted."""
    query = (
        select(attempt.c.provider_id)
        .join(message, message.c.id == attempt.c.message_id)
        .where(message.c.case_id == case_id, message.c.group_id == group_id, message.c.step == "card",
               attempt.c.outcome.in_(("accepted", "delivered", "read")), attempt.c.provider_id.is_not(None))
        .order_by(attempt.c.id.desc())
        .limit(1)
    )  # fmt: skip
    found: str | None = (await conn.execute(query)).scalar()
    return found


async def case_shown(conn: AsyncConnection, provider_id: str, group_id: int | None, staff_id: int | None) -> int | None:
    """The case a message in a group or a private chat is about."""
    where = message.c.group_id == group_id if group_id is not None else message.c.staff_id == staff_id
    query = (
        select(message.c.case_id)
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(where, attempt.c.provider_id == provider_id, message.c.case_id.is_not(None))
        .order_by(attempt.c.id.desc())
        .limit(1)
    )
    found: int | None = (await conn.execute(query)).scalar()
    return found


async def cancel_queued(
    conn: AsyncConnection, case_id: int, steps: Sequence[str], reason: str, now: datetime
) -> None:  # fmt: skip
    """Takes back what was about to be said of a case and is no longer true."""
    await conn.execute(
        update(message)
        .where(message.c.case_id == case_id, message.c.step.in_(steps), message.c.state == "queued")
        .values(state="cancelled", reason=reason, state_at=now)
    )


async def cancel_group(conn: AsyncConnection, group_id: int, reason: str, now: datetime) -> None:
    """Nothing more to a group that cannot be reached; its cases are carded anew when it heals."""
    await conn.execute(
        update(message)
        .where(message.c.group_id == group_id, message.c.state == "queued")
        .values(state="cancelled", reason=reason[:200], state_at=now)
    )


async def leave_topic(conn: AsyncConnection, group_id: int, thread: int | None, message_id: int) -> None:
    """What was on its way to a topic that is gone goes to the group itself; ``message_id`` is one of them."""
    await conn.execute(
        update(message)
        .where(message.c.group_id == group_id, message.c.thread == thread,
               or_(message.c.state == "queued", message.c.id == message_id))
        .values(thread=None)
    )  # fmt: skip


async def climb_now(conn: AsyncConnection, case_id: int, now: datetime) -> None:
    """Whoever was told of a case cannot hear it: the next person's turn is now."""
    await conn.execute(
        update(case_).where(case_.c.id == case_id, case_.c.state == "open", case_.c.alerted > 0).values(next_at=now)
    )


async def last_state(conn: AsyncConnection, group_id: int, step: str) -> Any:
    """The newest message of a kind to a group: state and when it was queued."""
    query = select(message.c.id, message.c.state, message.c.created_at).where(
        message.c.group_id == group_id, message.c.step == step
    )
    return (await conn.execute(query.order_by(message.c.id.desc()).limit(1))).first()


async def carded(conn: AsyncConnection, community_id: int | None) -> list[int]:
    """Unresolved cases whose card somewhere stands."""
    query = select(case_.c.id).where(case_.c.state != "resolved", case_.c.card_message_id.is_not(None))
    if community_id is not None:
        query = query.where(case_.c.community_id == community_id)
    return list((await conn.execute(query.order_by(case_.c.id))).scalars())


async def ran(conn: AsyncConnection, name: str, due: str) -> bool:
    """Whether a scheduled task was done for an instant."""
    query = select(tick_run.c.name).where(tick_run.c.name == name, tick_run.c.due == due)
    return (await conn.execute(query)).first() is not None


async def busiest_minute(conn: AsyncConnection) -> int:
    """The most messages any group got within one minute, by when they were accepted."""
    query = (
        select(message.c.group_id, attempt.c.finished_at)
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(message.c.group_id.is_not(None), attempt.c.outcome == "accepted", attempt.c.form == "text")
        .order_by(message.c.group_id, attempt.c.finished_at)
    )
    most = 0
    last: dict[int, list[datetime]] = {}
    for row in (await conn.execute(query)).all():
        window = [at for at in last.get(row.group_id, []) if at > row.finished_at - timedelta(minutes=1)]
        last[row.group_id] = [*window, row.finished_at]
        most = max(most, len(window) + 1)
    return most


async def counted(conn: AsyncConnection) -> dict[str, int]:
    """Cases by state."""
    rows = (await conn.execute(select(case_.c.state, func.count().label("n")).group_by(case_.c.state))).all()
    return {row.state: row.n for row in rows}

"""The outbox's queries: messages and their items, attempts before calls, outcomes after them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import (
    account,
    attempt,
    case_,
    contact,
    inbound,
    message,
    message_item,
    provider_budget,
    staff_contact,
    staff_group,
    worker,
)
from store.vault import Vault

ENDED = ("failed", "skipped", "superseded", "cancelled", "abandoned")


def one_of(column: Any, *values: str) -> ColumnElement[bool]:
    """``column`` is one of these, in a form that executemany takes."""
    return or_(*(column == literal(value) for value in values))


async def mark_crossed(conn: AsyncConnection, account_ids: Sequence[int]) -> None:
    """Money just found a charge of these accounts: calls about them under way or in doubt crossed it on the wire.

    Whatever the instants say: the payment's was read before it waited for the call's row to be committed.
    """
    speaks = (
        select(message_item.c.message_id)
        .join(message, message.c.id == message_item.c.message_id)
        .where(message_item.c.account_id.in_(account_ids), one_of(message.c.state, "sending", "uncertain"),
               message.c.kind.in_(("reminder", "nudge")))
    )  # fmt: skip
    open_ = one_of(attempt.c.outcome, "in_flight", "unknown")
    await conn.execute(update(attempt).where(open_, attempt.c.message_id.in_(speaks)).values(crossed=True))


async def items(conn: AsyncConnection, message_ids: Sequence[int]) -> Sequence[Any]:
    query = select(message_item).where(bulk.among(conn, message_item.c.message_id, message_ids))
    return (await conn.execute(query.order_by(message_item.c.id))).all()


async def addresses(conn: AsyncConnection, contact_ids: Sequence[int]) -> dict[int, Any]:
    """Contacts by id, with what the way out needs."""
    return {
        r.id: r for r in (await conn.execute(select(contact).where(bulk.among(conn, contact.c.id, contact_ids)))).all()
    }


async def staff_address(conn: AsyncConnection, staff_id: int, channel: str) -> bytes | None:
    query = select(staff_contact.c.address_sealed).where(
        staff_contact.c.staff_id == staff_id, staff_contact.c.channel == channel, staff_contact.c.dead_reason.is_(None)
    )
    found: bytes | None = (await conn.execute(query)).scalar()
    return found


async def group_address(conn: AsyncConnection, group_id: int) -> bytes | None:
    found: bytes | None = (
        await conn.execute(select(staff_group.c.address_sealed).where(staff_group.c.id == group_id))
    ).scalar()
    return found


async def sender_address(conn: AsyncConnection, inbound_id: int) -> bytes | None:
    found: bytes | None = (
        await conn.execute(select(inbound.c.sender_sealed).where(inbound.c.id == inbound_id))
    ).scalar()
    return found


ATTEMPT = (
    "id", "message_id", "our_id", "fence", "contact_id", "channel", "form", "script_version_id", "text", "request",
    "started_at", "outcome", "reason", "crossed",
)  # fmt: skip


async def write_attempts(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Writes attempts and answers their numbers in order."""
    ids = await bulk.take_ids(conn, attempt, len(rows))
    told = ((number, *(row[name] for name in ATTEMPT[1:])) for number, row in zip(ids, rows, strict=True))
    await bulk.insert_rows(conn, attempt, ATTEMPT, told)
    return ids


WORDED = ("id", "text", "basket", "locale", "script_version_id", "tries")


async def set_worded(conn: AsyncConnection, rows: bulk.Rows) -> None:
    """The final words on the messages: rows of ``WORDED``."""
    await bulk.change_rows(conn, message, WORDED, rows)


async def set_state(conn: AsyncConnection, ids: Sequence[int], state: str, reason: str, now: datetime) -> None:
    """Ends messages (or gives them another state) with a reason."""
    if ids:
        await conn.execute(
            update(message)
            .where(message.c.id.in_(ids))
            .values(state=state, reason=reason, state_at=now, lease_until=None)
        )


FINISHED = ("our_id", "outcome", "reason", "provider_id", "finished_at")


async def finish(conn: AsyncConnection, rows: bulk.Rows) -> None:
    """Outcomes of attempts: rows of ``FINISHED``. An outcome a receipt already raised stays."""
    how = {
        "outcome": "CASE WHEN attempt.outcome IN ('in_flight', 'unknown') THEN {new} ELSE attempt.outcome END",
        "provider_id": "coalesce({new}, attempt.provider_id)",
    }
    await bulk.change_rows(conn, attempt, FINISHED, rows, how=how)


LIVE = one_of(message.c.state, "sending", "uncertain")
SETTLED = ("id", "fence", "state", "reason", "state_at", "lease_until")


async def settle_state(conn: AsyncConnection, rows: bulk.Rows) -> None:
    """Message states after a call: rows of ``SETTLED``. A stale fence changes nothing."""
    await bulk.change_rows(conn, message, SETTLED, rows, match=2, only=LIVE)


async def requeue(
    conn: AsyncConnection, message_id: int, fence: int, *, not_before: datetime, retry_at: datetime | None, reason: str
) -> None:
    """Not accepted: it goes back, free of charge."""
    await conn.execute(
        update(message)
        .where(message.c.id == message_id, message.c.fence == fence, message.c.state.in_(("sending", "uncertain")))
        .values(state="queued", not_before=not_before, retry_at=retry_at, reason=reason, lease_until=None,
                tries=message.c.tries - 1)
    )  # fmt: skip


async def redirect(
    conn: AsyncConnection, message_id: int, *, contact_id: int, channel: str, reason: str, now: datetime
) -> None:
    """The same message over another contact: a further attempt, not another message."""
    await conn.execute(
        update(message)
        .where(message.c.id == message_id)
        .values(state="queued", contact_id=contact_id, channel=channel, lane=contact_id * 4, reason=reason,
                retry_at=None, lease_until=None, state_at=now)
    )  # fmt: skip


async def put_off(conn: AsyncConnection, message_id: int, until: datetime, reason: str, now: datetime) -> None:
    """The same message over the same contact at a later instant, looked at again before it leaves."""
    await conn.execute(
        update(message)
        .where(message.c.id == message_id)
        .values(state="queued", not_before=until, reason=reason, retry_at=None, lease_until=None, state_at=now)
    )


async def said_now(conn: AsyncConnection, message_ids: Sequence[int], now: datetime) -> None:
    await bulk.change_rows(conn, message_item, ("message_id", "at"), [(number, now) for number in message_ids])


async def attempts_of(conn: AsyncConnection, message_ids: Sequence[int]) -> Sequence[Any]:
    query = select(attempt).where(attempt.c.message_id.in_(message_ids)).order_by(attempt.c.id)
    return (await conn.execute(query)).all()


async def uncertain(conn: AsyncConnection) -> Sequence[Any]:
    return (await conn.execute(select(message).where(message.c.state == "uncertain").order_by(message.c.id))).all()


async def one(conn: AsyncConnection, message_id: int) -> Any:
    return (await conn.execute(select(message).where(message.c.id == message_id))).first()


async def contacts_of(conn: AsyncConnection, person_id: int) -> Sequence[Any]:
    query = select(contact).where(contact.c.person_id == person_id, contact.c.unbound_at.is_(None))
    return (await conn.execute(query.order_by(contact.c.id))).all()


async def mark_dead(conn: AsyncConnection, contact_id: int, reason: str, now: datetime) -> None:
    await conn.execute(
        update(contact).where(contact.c.id == contact_id, contact.c.dead_at.is_(None))
        .values(dead_reason=reason, dead_at=now)
    )  # fmt: skip


async def mark_opted_out(conn: AsyncConnection, contact_id: int, now: datetime) -> None:
    await conn.execute(
        update(contact).where(contact.c.id == contact_id, contact.c.opted_out_at.is_(None)).values(opted_out_at=now)
    )


async def use_window(conn: AsyncConnection, contact_id: int) -> None:
    await conn.execute(update(contact).where(contact.c.id == contact_id).values(window_used=contact.c.window_used + 1))


async def cancel_for_person(
    conn: AsyncConnection, person_id: int, channel: str | None, reason: str, now: datetime
) -> list[int]:
    """Cancels what is queued for a person and not yet under way; answers the messages."""
    wanted = and_(message.c.person_id == person_id, message.c.state == "queued",
                  message.c.kind.in_(("reminder", "nudge")))  # fmt: skip
    if channel is not None:
        wanted = and_(wanted, message.c.channel == channel)
    ids = list((await conn.execute(select(message.c.id).where(wanted))).scalars())
    await set_state(conn, ids, "cancelled", reason, now)
    return ids


async def spoken_with(conn: AsyncConnection, account_id: int) -> list[int]:
    """An account and those that queued reminders speak of together with it, by number."""
    spoken = select(message_item.c.account_id).where(message_item.c.message_id.in_(_queued_about(account_id)))
    found = (await conn.execute(spoken.distinct())).scalars()
    return sorted({account_id, *(number for number in found if number is not None)})


async def cancel_for_account(conn: AsyncConnection, account_id: int, reason: str, now: datetime) -> list[int]:
    """Ends queued reminders that speak of an account; answers them. What else they said is planned anew at once.

    The caller has locked all that is ``spoken_with`` it.
    """
    ended = await conn.execute(
        update(message)
        .where(message.c.id.in_(_queued_about(account_id)), message.c.state == "queued")
        .values(state="superseded", reason=reason, state_at=now, lease_until=None)
        .returning(message.c.id)
    )
    ids = list(ended.scalars())
    spoken = select(message_item.c.account_id).where(message_item.c.message_id.in_(ids))
    await conn.execute(
        update(account).where(account.c.id.in_(spoken)).values(next_look_at=now, version=account.c.version + 1)
    )
    return ids


def _queued_about(account_id: int) -> Any:
    return (
        select(message.c.id)
        .join(message_item, message_item.c.message_id == message.c.id)
        .where(message_item.c.account_id == account_id, message.c.state == "queued",
               message.c.kind.in_(("reminder", "nudge")))
    )  # fmt: skip


async def beat(conn: AsyncConnection, name: str, version: str, real_now: datetime) -> int:
    """Says that a worker lives; answers how many do."""
    seen = (await conn.execute(select(worker.c.name).where(worker.c.name == name))).first()
    if seen is None:
        await conn.execute(insert(worker).values(name=name, seen_at=real_now, version=version))
    else:
        await conn.execute(update(worker).where(worker.c.name == name).values(seen_at=real_now, version=version))
    alive = select(func.count()).where(worker.c.seen_at > real_now - timedelta(seconds=30))
    return int((await conn.execute(alive)).scalar_one())


async def close_provider(conn: AsyncConnection, name: str, until: datetime, why: str) -> None:
    """A provider asked for silence until an instant of real time; the latest it asked for counts."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    asked = make(provider_budget).values(provider=name, closed_until=until, why=why)
    later = or_(provider_budget.c.closed_until.is_(None), provider_budget.c.closed_until < asked.excluded.closed_until)
    new = {"closed_until": asked.excluded.closed_until, "why": asked.excluded.why}
    await conn.execute(asked.on_conflict_do_update(index_elements=["provider"], set_=new, where=later))


async def move_group(conn: AsyncConnection, vault: Vault, group_id: int, channel: str, address: str) -> None:
    """A group chat that got a new address (Telegram: upgraded to a supergroup)."""
    await conn.execute(
        update(staff_group)
        .where(staff_group.c.id == group_id)
        .values(address_sealed=vault.seal(address), address_index=vault.index(channel, address))
    )


async def with_case(conn: AsyncConnection, subjects: Sequence[str]) -> set[str]:
    """Of which of these people were told before."""
    query = select(case_.c.subject).where(bulk.among(conn, case_.c.subject, subjects))
    return set((await conn.execute(query)).scalars())


async def look_for_message(conn: AsyncConnection, message_id: int, now: datetime) -> None:
    """The ladder looks again at the accounts a message spoke of."""
    spoken = select(message_item.c.account_id).where(message_item.c.message_id == message_id)
    await conn.execute(
        update(account).where(account.c.id.in_(spoken)).values(next_look_at=now, version=account.c.version + 1)
    )

"""The conversation's queries: who speaks, what was asked, what their word changed."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import (
    account,
    account_party,
    attempt,
    bind_code,
    case_,
    charge,
    community,
    contact,
    conversation,
    dispute,
    hold,
    inbound,
    message,
    message_item,
    owner,
    payment,
    person,
    unit,
)
from store.questions import Question, ask
from store.tables.columns import sum_fen

REMIND = ("reminder", "nudge")
TAKEN = ("accepted", "delivered", "read")


async def lock(conn: AsyncConnection, name: str) -> None:
    """One at a time for this name until the transaction ends. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _key(name)})


async def try_lock(conn: AsyncConnection, names: Sequence[str]) -> set[str]:
    """Which of these names are ours now, as ``lock``; those somebody else holds are not waited for."""
    if conn.dialect.name != "postgresql":
        return set(names)
    asked = {_key(name): name for name in names}
    found: Sequence[Any] = (await conn.exec_driver_sql(_TRY, (list(asked),))).all()
    return {asked[row[0]] for row in found if row[1]}


_TRY = "SELECT key, pg_try_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key"


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


async def waiting(conn: AsyncConnection, after: int, most: int) -> list[Any]:
    """Inbound rows not yet handled, oldest first, beyond a number: number, provider and sender's index."""
    return list((await conn.execute(_WAITING, {"after": after, "most": most})).all())


_WAITING = (
    select(inbound.c.id, inbound.c.provider, inbound.c.sender_index)
    .where(inbound.c.handled_at.is_(None), inbound.c.id > bindparam("after"))
    .order_by(inbound.c.id)
    .limit(bindparam("most"))
)


async def heard_row(conn: AsyncConnection, inbound_id: int) -> Any:
    return (await conn.execute(select(inbound).where(inbound.c.id == inbound_id))).first()


async def earlier(conn: AsyncConnection, row: Any) -> bool:
    """Whether the same sender said something before that still waits: words are answered in their order."""
    query = select(inbound.c.id).where(
        inbound.c.handled_at.is_(None), inbound.c.id < row.id, inbound.c.provider == row.provider,
        inbound.c.sender_index == row.sender_index,
    )  # fmt: skip
    return (await conn.execute(query.limit(1))).first() is not None


async def town_row(conn: AsyncConnection, community_id: int | None) -> Any:
    """A community; with None the first there is, or None."""
    query = select(community).order_by(community.c.id).limit(1)
    if community_id is not None:
        query = query.where(community.c.id == community_id)
    return (await conn.execute(query)).first()


async def person_row(conn: AsyncConnection, person_id: int) -> Any:
    return (await conn.execute(select(person).where(person.c.id == person_id))).first()


async def set_locale(conn: AsyncConnection, person_id: int, locale: str) -> None:
    await conn.execute(update(person).where(person.c.id == person_id).values(locale=locale))


async def accounts_of(conn: AsyncConnection, person_id: int) -> Sequence[Any]:
    """Open accounts a person is responsible for or may see as a party, with unit, owner and their role."""
    mine = account_party.alias()
    query = (
        select(
            account, unit.c.code, unit.c.segment, owner.c.name.label("owner"),
            func.coalesce(mine.c.role, "responsible").label("role"),
        )
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .outerjoin(mine, (mine.c.account_id == account.c.id) & (mine.c.person_id == person_id)
                   & mine.c.until.is_(None) & (account.c.person_id != person_id))
        .where(account.c.closed_on.is_(None), or_(account.c.person_id == person_id, mine.c.may_see.is_(True)))
        .order_by(account.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def hidden_from(conn: AsyncConnection, person_id: int) -> bool:
    """Whether a person lives in a flat whose owner has not allowed them to see its account."""
    query = select(account_party.c.id).where(
        account_party.c.person_id == person_id, account_party.c.until.is_(None), account_party.c.may_see.is_(False)
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def let_tenants_see(conn: AsyncConnection, account_ids: Sequence[int], may: bool) -> int:
    made = await conn.execute(
        update(account_party)
        .where(account_party.c.account_id.in_(account_ids), account_party.c.role == "tenant",
               account_party.c.until.is_(None))
        .values(may_see=may)
    )  # fmt: skip
    return int(made.rowcount)


async def contact_row(conn: AsyncConnection, contact_id: int) -> Any:
    return (await conn.execute(select(contact).where(contact.c.id == contact_id))).first()


async def contacts_of(conn: AsyncConnection, person_id: int) -> Sequence[Any]:
    """A person's live contacts."""
    query = select(contact).where(contact.c.person_id == person_id, contact.c.unbound_at.is_(None))
    return (await conn.execute(query.order_by(contact.c.id))).all()


async def account_row(conn: AsyncConnection, account_id: int) -> Any:
    return (await conn.execute(select(account).where(account.c.id == account_id))).first()


async def people_at(conn: AsyncConnection, channel: str, index: bytes) -> Sequence[Any]:
    """Every live contact at an address, with whose it is."""
    query = (
        select(contact, person.c.community_id)
        .join(person, person.c.id == contact.c.person_id)
        .where(contact.c.channel == channel, contact.c.address_index == index, contact.c.unbound_at.is_(None),
               person.c.erased_at.is_(None))
        .order_by(contact.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def bind(conn: AsyncConnection, values: dict[str, Any], how: str, now: datetime) -> int:
    """A proved contact of a person: a new one, or the one known before, alive and bound again."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    proved = {"trust": "proved", "proved_at": now, "proved_by": how, "unbound_at": None, "dead_at": None,
              "dead_reason": None, "last_inbound_at": now, "window_opened_at": now, "window_used": 0}  # fmt: skip
    made = await conn.execute(
        make(contact)
        .values(**values, **proved, created_at=now)
        .on_conflict_do_update(index_elements=["person_id", "channel", "address_index"], set_=proved)
        .returning(contact.c.id)
    )
    return int(made.scalar_one())


async def unbind(conn: AsyncConnection, contact_ids: Sequence[int], reason: str, now: datetime) -> None:
    await conn.execute(
        update(contact).where(contact.c.id.in_(contact_ids)).values(unbound_at=now, dead_reason=reason, trust="ledger")
    )


async def died(conn: AsyncConnection, contact_ids: Sequence[int], reason: str, now: datetime) -> None:
    await conn.execute(
        update(contact)
        .where(contact.c.id.in_(contact_ids), contact.c.dead_at.is_(None))
        .values(dead_at=now, dead_reason=reason)
    )


async def cancel_queued(conn: AsyncConnection, contact_ids: Sequence[int], reason: str, now: datetime) -> int:
    """Ends reminders that wait for these contacts; answers how many."""
    made = await conn.execute(
        update(message)
        .where(message.c.contact_id.in_(contact_ids), message.c.state == "queued", message.c.kind.in_(REMIND))
        .values(state="cancelled", reason=reason, state_at=now, lease_until=None)
    )
    return int(made.rowcount)


async def carried(conn: AsyncConnection, person_id: int, carrier: str, step: str) -> tuple[str, datetime | None]:
    """The state of the message with a step's words for a person, "" where there is none, and when a provider took it.

    ``carrier``: ``inbound:<n>`` for the answer to that row, or ``message:<n>``.
    """
    kind, _, number = carrier.partition(":")
    column = message.c.inbound_id if kind == "inbound" else message.c.id
    query = (
        select(message.c.state, func.min(attempt.c.started_at))
        .outerjoin(attempt, (attempt.c.message_id == message.c.id) & attempt.c.outcome.in_(TAKEN))
        .where(message.c.person_id == person_id, column == int(number or 0), message.c.step == step)
        .group_by(message.c.id, message.c.state)
    )
    found = (await conn.execute(query)).first()
    return (found[0], found[1]) if found is not None else ("", None)


async def withdraw(conn: AsyncConnection, message_id: int, now: datetime) -> None:
    """A message that has not left is not sent any more: it was said another way."""
    queued = message.c.id == message_id, message.c.state == "queued"
    await conn.execute(update(message).where(*queued).values(state="cancelled", reason="said_before", state_at=now))


async def load_conversation(conn: AsyncConnection, who: str) -> Any:
    """The conversation with someone, made when there is none; the caller holds the lock of ``who``."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    blank = {"question": "", "question_no": 0, "detail": "{}", "lost": 0, "last_reply": "", "answers": "[]",
             "wrong_codes": 0, "version": 0}  # fmt: skip
    await conn.execute(make(conversation).values(who=who, **blank).on_conflict_do_nothing(index_elements=["who"]))
    return (await conn.execute(select(conversation).where(conversation.c.who == who).with_for_update())).first()


async def put(conn: AsyncConnection, table: Table, values: dict[str, Any]) -> int:
    """Writes one row and answers its number."""
    made = await conn.execute(insert(table).values(**values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


async def put_message(conn: AsyncConnection, values: dict[str, Any], item: dict[str, Any]) -> int | None:
    """Queues one message under its natural key; None when the key was said before (I2)."""
    known = await conn.execute(select(message_item.c.id).where(message_item.c.key == item["key"]))
    if known.first() is not None:
        return None
    number = await put(conn, message, values)
    await put(conn, message_item, {"message_id": number, **item})
    return number


Told = Sequence[tuple[dict[str, Any], dict[str, Any]]]
"""Messages of equal columns, each with its item."""


async def unsaid(conn: AsyncConnection, told: Told) -> Told:
    """Those whose key was not said before (I2)."""
    keys = {"keys": tuple(item["key"] for _, item in told)}
    known = {row.key for row in (await ask(conn, (_SAID, keys)))[0]} if told else set()
    return [(values, item) for values, item in told if item["key"] not in known]


async def put_messages(conn: AsyncConnection, fresh: Told) -> None:
    """Queues messages. Raises what the database says of a key that was said before (I2)."""
    if not fresh:
        return
    numbers = await bulk.take_ids(conn, message, len(fresh))
    rows = [(number, *values.values()) for number, (values, _) in zip(numbers, fresh, strict=True)]
    await bulk.insert_rows(conn, message, ["id", *fresh[0][0]], rows)
    rows = [(number, *item.values()) for number, (_, item) in zip(numbers, fresh, strict=True)]
    await bulk.insert_rows(conn, message_item, ["message_id", *fresh[0][1]], rows)


_SAID = Question(lambda some: select(message_item.c.key).where(some(message_item.c.key, "keys")))


async def said_in(conn: AsyncConnection, account_ids: Sequence[int], bands: Sequence[str], since: datetime) -> bool:
    """Whether anything in these bands reached a provider for one of the accounts since an instant."""
    query = (
        select(message_item.c.id)
        .join(message, message.c.id == message_item.c.message_id)
        .where(message_item.c.account_id.in_(account_ids), message_item.c.band.in_(bands),
               message.c.state.in_(TAKEN), message_item.c.at >= since)
    )  # fmt: skip
    return (await conn.execute(query.limit(1))).first() is not None


async def end_holds(conn: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    if ids:
        await conn.execute(update(hold).where(hold.c.id.in_(ids)).values(ended_at=now))


async def holds_of(conn: AsyncConnection, account_ids: Sequence[int], code: str, since: date) -> Sequence[Any]:
    """Holds of a code on accounts whose last day lies on or after a local date, ended or not."""
    query = select(hold).where(
        hold.c.scope == "account", hold.c.account_id.in_(account_ids), hold.c.code == code, hold.c.until >= since
    )
    return (await conn.execute(query.order_by(hold.c.id))).all()


async def extend_hold(conn: AsyncConnection, hold_id: int, until: date) -> None:
    await conn.execute(update(hold).where(hold.c.id == hold_id, hold.c.until < until).values(until=until))


async def claims_open(conn: AsyncConnection, code: str) -> Sequence[Any]:
    """Holds of a code that nobody has ended, with their community."""
    query = (
        select(hold, account.c.community_id.label("town_id"), account.c.assistant_id)
        .join(account, account.c.id == hold.c.account_id)
        .where(hold.c.code == code, hold.c.ended_at.is_(None))
    )
    return (await conn.execute(query.order_by(hold.c.id))).all()


async def paid_since(conn: AsyncConnection, account_id: int, since: datetime) -> int:
    """Money received for an account and entered after an instant, in fen; reversed money does not count."""
    query = select(func.coalesce(sum_fen(payment.c.amount_fen), 0)).where(
        payment.c.account_id == account_id, payment.c.state == "received", payment.c.entered_at > since
    )
    return int((await conn.execute(query)).scalar_one())


async def owed(conn: AsyncConnection, account_ids: Sequence[int]) -> dict[int, int]:
    """Open principal per account in fen, without the previous manager's charges."""
    query = (
        select(charge.c.account_id, sum_fen(charge.c.open_fen).label("fen"))
        .where(charge.c.account_id.in_(account_ids), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None),
               charge.c.previous_manager.is_(False))
        .group_by(charge.c.account_id)
    )  # fmt: skip
    found = {row.account_id: int(row.fen) for row in (await conn.execute(query)).all()}
    return {account_id: found.get(account_id, 0) for account_id in account_ids}


async def last_intent(conn: AsyncConnection, person_id: int, since: datetime) -> str:
    """What a person wanted last, since an instant; empty when nothing was understood."""
    query = select(inbound.c.intent).where(inbound.c.person_id == person_id, inbound.c.handled_at >= since)
    query = query.where(inbound.c.intent.not_in(("", "none"))).order_by(inbound.c.id.desc()).limit(1)
    return str((await conn.execute(query)).scalar() or "")


async def open_disputes(conn: AsyncConnection, account_id: int) -> Sequence[Any]:
    query = select(dispute).where(dispute.c.account_id == account_id, dispute.c.state == "open")
    return (await conn.execute(query)).all()


async def code_row(conn: AsyncConnection, index: bytes) -> Any:
    query = select(bind_code).where(bind_code.c.code_index == index)
    return (await conn.execute(query.with_for_update())).first()


async def use_code(conn: AsyncConnection, code_id: int, now: datetime) -> bool:
    """Takes a code; False when it was taken before."""
    made = await conn.execute(
        update(bind_code).where(bind_code.c.id == code_id, bind_code.c.used_at.is_(None)).values(used_at=now)
    )
    return bool(made.rowcount == 1)


async def codes_sent(conn: AsyncConnection, contact_ids: Sequence[int], since: datetime) -> int:
    """How many codes that were to expire after an instant were sent to these contacts."""
    query = select(func.count()).where(
        bind_code.c.contact_id.in_(contact_ids), bind_code.c.kind == "sms", bind_code.c.expires_at > since
    )
    return int((await conn.execute(query)).scalar_one())


async def spend_codes(conn: AsyncConnection, account_ids: Sequence[int], now: datetime) -> None:
    """Bill codes printed before and never used lose their force when new ones are printed."""
    for start in range(0, len(account_ids), 5_000):
        await conn.execute(
            update(bind_code)
            .where(bind_code.c.account_id.in_(account_ids[start : start + 5_000]), bind_code.c.kind == "bill",
                   bind_code.c.used_at.is_(None), bind_code.c.expires_at > now)
            .values(expires_at=now)
        )  # fmt: skip


async def write_codes(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 1_000):
        await conn.execute(insert(bind_code), list(rows[start : start + 1_000]))


async def open_accounts(conn: AsyncConnection, community_id: int) -> Sequence[Any]:
    """Open accounts of a community with unit and owner, in the order of the buildings."""
    query = (
        select(account.c.id, unit.c.code, owner.c.name.label("owner"))
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(account.c.community_id == community_id, account.c.closed_on.is_(None))
        .order_by(unit.c.building, unit.c.stair, unit.c.code, account.c.id)
    )
    return (await conn.execute(query)).all()


async def people_know(conn: AsyncConnection, subject: str, cause: str, occasion: str) -> bool:
    """Whether a case of this cause is open, or was opened before for this very occasion."""
    query = select(case_.c.id).where(
        case_.c.subject == subject, case_.c.cause == cause,
        or_(case_.c.state != "resolved", case_.c.occasion == occasion),
    )  # fmt: skip
    return (await conn.execute(query.limit(1))).first() is not None

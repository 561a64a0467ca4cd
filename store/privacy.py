"""One person's data, all of it; and which contents have had their time."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.contents import BATCH, ERASED, newest, owing
from store.core import (
    account,
    account_party,
    allocation,
    attachment,
    attempt,
    case_,
    case_event,
    charge,
    contact,
    conversation,
    dispute,
    hold,
    human_contact,
    inbound,
    journal_entry,
    legal_fact,
    message,
    message_item,
    owner,
    payment,
    person,
    plan,
    promise,
    promise_outcome,
    provider_event,
    unit,
    waiver,
)
from store.journal import erased

MINE: dict[str, tuple[Any, Any]] = {
    "owners": (owner, owner.c.person_id), "contacts": (contact, contact.c.person_id),
    "belongs_to": (account_party, account_party.c.person_id), "messages": (message, message.c.person_id),
    "heard": (inbound, inbound.c.person_id), "sent_to_us": (attachment, attachment.c.person_id),
    "promises": (promise, promise.c.person_id),
    "holds": (hold, hold.c.person_id), "person_contacts": (human_contact, human_contact.c.person_id),
}  # fmt: skip
"""Tables that name a person, by the column that does."""
OF_ACCOUNT: dict[str, tuple[Any, Any]] = {
    "charges": (charge, charge.c.account_id), "payments": (payment, payment.c.account_id),
    "promises_of_account": (promise, promise.c.account_id), "plans": (plan, plan.c.account_id),
    "disputes": (dispute, dispute.c.account_id), "cases": (case_, case_.c.account_id),
    "calls_and_visits": (human_contact, human_contact.c.account_id), "waivers": (waiver, waiver.c.account_id),
    "belong_to_account": (account_party, account_party.c.account_id),
    "legal_facts": (legal_fact, legal_fact.c.account_id), "holds_of_account": (hold, hold.c.account_id),
}  # fmt: skip
"""Tables that name an account a person is responsible for."""
BELOW: dict[str, tuple[str, Any, Any]] = {
    "case_events": ("cases", case_event, case_event.c.case_id),
    "promises_ended": ("promises_of_account", promise_outcome, promise_outcome.c.promise_id),
    "what_payments_closed": ("charges", allocation, allocation.c.charge_id),
    "receipts": ("sent", provider_event, provider_event.c.attempt_id),
}  # fmt: skip
"""Tables that name a row of those: which, and by what column."""


async def person_row(conn: AsyncConnection, person_id: int) -> Any:
    return (await conn.execute(select(person).where(person.c.id == person_id))).one()


def _party(who: Any, *narrower: Any) -> Any:
    """Whether a person belongs to the account asked about; ``narrower``: in a certain role, or still."""
    mine = account_party.c.account_id == account.c.id, account_party.c.person_id == who
    return exists().where(*mine, *narrower).correlate(account, message, inbound)


def _answers(person_id: int) -> Any:
    """Whether the account is one a person owes of: as responsible, as owner, or as one of its owners today.

    Co-owners owe jointly (Civil Code 307): what is open on the account is open on every one of them.
    """
    owned = select(owner.c.id).where(owner.c.person_id == person_id)
    shared = _party(person_id, account_party.c.role == "co_owner", account_party.c.until.is_(None))
    return or_(account.c.person_id == person_id, account.c.owner_id.in_(owned), shared)


async def accounts_of(conn: AsyncConnection, person_id: int) -> Sequence[Any]:
    """Accounts a person answers for, as responsible, owner or co-owner, open and closed, each with its unit's code."""
    query = select(account, unit.c.code).join(unit, unit.c.id == account.c.unit_id).where(_answers(person_id))
    return (await conn.execute(query.order_by(account.c.id))).all()


async def people_of(conn: AsyncConnection, account_id: int) -> Sequence[Any]:
    """Everybody who belongs or belonged to an account: (person_id, name, role), whoever is responsible first."""
    mine = account.c.id == account_id
    of = select(person.c.id.label("person_id"), person.c.name).select_from(account)
    parties = (
        select(person.c.id.label("person_id"), person.c.name, account_party.c.role)
        .join(account_party, account_party.c.person_id == person.c.id)
        .where(account_party.c.account_id == account_id)
        .order_by(account_party.c.id)
    )
    responsible = of.add_columns(literal("responsible").label("role")).join(person, person.c.id == account.c.person_id)
    owning = of.add_columns(literal("owner").label("role")).join(owner, owner.c.id == account.c.owner_id)
    owning = owning.join(person, person.c.id == owner.c.person_id)
    found: dict[int, Any] = {}
    for query in (responsible.where(mine), owning.where(mine), parties):
        for row in (await conn.execute(query)).all():
            found.setdefault(row.person_id, row)
    return list(found.values())


async def stood_in_for(conn: AsyncConnection, person_id: int) -> str | None:
    """The unit whose owner somebody stands in for today; None: nobody's."""
    query = (
        select(unit.c.code)
        .join(account, account.c.unit_id == unit.c.id)
        .join(account_party, account_party.c.account_id == account.c.id)
        .where(account_party.c.person_id == person_id, account_party.c.role == "stand_in",
               account_party.c.until.is_(None), account.c.closed_on.is_(None))
        .order_by(account.c.id)
    )  # fmt: skip
    return (await conn.execute(query.limit(1))).scalar()


async def rows_where(conn: AsyncConnection, table: Any, column: Any, values: Sequence[int | str]) -> Sequence[Any]:
    return (await conn.execute(select(table).where(column.in_(values)).order_by(table.c.id))).all()


async def attempts_of(conn: AsyncConnection, person_id: int) -> Sequence[Any]:
    """Every attempt to tell a person something."""
    mine = select(message.c.id).where(message.c.person_id == person_id)
    return (await conn.execute(select(attempt).where(attempt.c.message_id.in_(mine)).order_by(attempt.c.id))).all()


async def looks_at(conn: AsyncConnection, person_id: int) -> Sequence[Any]:
    """Who asked to see a full address of a person, and when they were handed their data: (at, kind, subject, who)."""
    contacts = (await conn.execute(select(contact.c.id).where(contact.c.person_id == person_id))).scalars()
    subjects = [f"person:{person_id}", *(f"contact:{number}" for number in contacts)]
    told = journal_entry.c.at, journal_entry.c.kind, journal_entry.c.subject, journal_entry.c.who
    query = select(*told).where(journal_entry.c.subject.in_(subjects), journal_entry.c.kind.in_(("look", "export")))
    return (await conn.execute(query.order_by(journal_entry.c.id))).all()


async def needed(conn: AsyncConnection, person_id: int, ids: Sequence[int]) -> list[str]:
    """Why accounts and a person's own word still need their record: what is open, as sentences."""
    word = or_(promise.c.account_id.in_(ids), promise.c.person_id == person_id)
    asked = (
        ("an open charge", select(charge.c.id).where(
            charge.c.account_id.in_(ids), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))),
        ("an open dispute", select(dispute.c.id).where(dispute.c.account_id.in_(ids), dispute.c.state == "open")),
        ("an open promise", select(promise.c.id).where(word, promise.c.state == "open")),
        ("an unresolved case", select(case_.c.id).where(case_.c.account_id.in_(ids), case_.c.state != "resolved")),
    )  # fmt: skip
    return [words for words, query in asked if (await conn.execute(query.limit(1))).first() is not None]


def _owes(who: Any) -> Any:
    """Whether a charge is open on an account a person answers for or belongs to: then the record is needed.

    Whoever belonged to it counts, also a tenant and who left: what was said to them and by them is its evidence.
    """
    mine = charge.c.account_id == account.c.id
    # Each way by itself has an index to go by; one condition over all three had to be tried on every open charge.
    ways: tuple[tuple[Any, ...], ...] = (
        (mine, account.c.person_id == who),
        (mine, account.c.owner_id == owner.c.id, owner.c.person_id == who),
        (charge.c.account_id == account_party.c.account_id, account_party.c.person_id == who),
    )
    return or_(*(exists().where(*way, charge.c.open_fen > 0, charge.c.cancelled_at.is_(None)) for way in ways))


def _unneeded() -> tuple[Any, ...]:
    """Messages that no open charge needs: of their receiver, of an account they name, or of their case's."""
    spoken = exists().where(
        message_item.c.message_id == message.c.id, charge.c.account_id == message_item.c.account_id,
        charge.c.open_fen > 0, charge.c.cancelled_at.is_(None),
    )  # fmt: skip
    case_account = select(case_.c.account_id).where(case_.c.id == message.c.case_id).correlate(message)
    return ~spoken, ~_owes(message.c.person_id), ~owing(case_account.scalar_subquery())


def _about(person_id: int) -> Any:
    """Messages to a person, and cards that told staff of their accounts."""
    mine = select(account.c.id).where(_answers(person_id))
    cards = select(case_.c.id).where(case_.c.account_id.in_(mine))
    return or_(message.c.person_id == person_id, message.c.case_id.in_(cards))


async def old_attempts(conn: AsyncConnection, before: datetime, person_id: int | None) -> list[int]:
    """Attempts older than an instant whose contents no open charge needs; cards to staff too."""
    query = (
        select(attempt.c.id)
        .join(message, message.c.id == attempt.c.message_id)
        .where(attempt.c.started_at < before, attempt.c.text != ERASED, *_unneeded())
    )
    if person_id is not None:
        query = query.where(_about(person_id))
    return list((await conn.execute(query.order_by(attempt.c.id).limit(BATCH))).scalars())


def _never_attempted() -> tuple[Any, ...]:
    """Messages with words that never left and never will."""
    held = or_(message.c.text.not_in(("", ERASED)), message.c.basket != "", message.c.slots != "",
               message.c.picture.is_not(None))  # fmt: skip
    tried = exists().where(attempt.c.message_id == message.c.id)
    return held, ~tried, message.c.state.not_in(("queued", "sending", "uncertain"))


async def old_messages(conn: AsyncConnection, before: datetime, person_id: int | None) -> list[int]:
    """Messages older than an instant that were worded and never attempted, and that no open charge needs."""
    query = select(message.c.id).where(message.c.created_at < before, *_never_attempted(), *_unneeded())
    if person_id is not None:
        query = query.where(_about(person_id))
    return list((await conn.execute(query.order_by(message.c.id).limit(BATCH))).scalars())


def _unneeded_words() -> tuple[Any, ...]:
    """Words no open charge needs: of their speaker, of the account spoken about, or of what came with them.

    A promise or an admission interrupts the limitation (Civil Code 195) whoever said it: it goes with the debt, not
    with the speaker, who may be a co-owner or have been responsible once.
    """
    needed_by = [
        exists().where(
            table.c.inbound_id == inbound.c.id, charge.c.account_id == table.c.account_id, charge.c.open_fen > 0,
            charge.c.cancelled_at.is_(None),
        )
        for table in (promise, dispute, attachment)
    ]  # fmt: skip
    speaker = or_(inbound.c.person_id.is_(None), ~_owes(inbound.c.person_id))
    return speaker, ~owing(inbound.c.account_id), *(~one for one in needed_by)


async def old_inbound(conn: AsyncConnection, before: datetime, person_id: int | None) -> list[int]:
    """What was heard before an instant and nobody needs; from strangers too."""
    query = select(inbound.c.id).where(
        inbound.c.received_at < before, inbound.c.text != ERASED, inbound.c.handled_at.is_not(None), *_unneeded_words()
    )  # fmt: skip
    if person_id is not None:
        query = query.where(inbound.c.person_id == person_id)
    return list((await conn.execute(query.order_by(inbound.c.id).limit(BATCH))).scalars())


async def erase_attempts(conn: AsyncConnection, ids: Sequence[int], now: datetime, who: str) -> None:
    await conn.execute(update(attempt).where(attempt.c.id.in_(ids)).values(text=ERASED, request="{}"))
    await erase_messages(conn, select(attempt.c.message_id).where(attempt.c.id.in_(ids)))
    await erased(conn, "attempt", ids, now, who)


async def erase_messages(conn: AsyncConnection, ids: Any) -> None:
    """Messages are not in the journal, their attempts are."""
    gone = {"text": ERASED, "basket": "", "slots": "", "buttons": "", "picture": None}
    await conn.execute(update(message).where(message.c.id.in_(ids)).values(**gone))


async def erase_inbound(conn: AsyncConnection, ids: Sequence[int], sealed: bytes, now: datetime, who: str) -> None:
    """The words, the file and the sender's address go; ``sealed`` is a sealed nothing."""
    gone = {"text": ERASED, "detail": "{}", "sender_sealed": sealed, "sender_index": os.urandom(20)}
    await conn.execute(update(inbound).where(inbound.c.id.in_(ids)).values(**gone))
    await erased(conn, "inbound", ids, now, who)
    await _erase_attachments(conn, ids, now, who)


async def _erase_attachments(conn: AsyncConnection, inbound_ids: Sequence[int], now: datetime, who: str) -> None:
    """The pictures and files go with the words they came with."""
    mine = select(attachment.c.id).where(attachment.c.inbound_id.in_(inbound_ids), attachment.c.state != "erased")
    ids = (await conn.execute(mine.order_by(attachment.c.id))).scalars().all()
    gone = {"state": "erased", "media_type": "", "size": 0, "digest": b"", "content_sealed": None, "reason": ""}
    await conn.execute(update(attachment).where(attachment.c.id.in_(ids)).values(**gone))
    await erased(conn, "attachment", ids, now, who)


async def erase_person(conn: AsyncConnection, person_id: int, sealed: bytes, now: datetime) -> int:
    """The person's name and addresses go, and their place as tenant or stand-in; answers how many contacts.

    Their debts' figures stay as book-keeping.
    """
    named = select(person.c.name).where(person.c.id == person_id).scalar_subquery()
    accounts = [row.id for row in await accounts_of(conn, person_id)]
    paid = update(payment).where(payment.c.account_id.in_(accounts), payment.c.payer == named)
    await conn.execute(paid.values(payer=ERASED))
    talk = update(conversation).where(conversation.c.who == f"person:{person_id}")
    await conn.execute(talk.values(question="", detail="{}", last_reply=""))
    await conn.execute(update(person).where(person.c.id == person_id).values(name=ERASED, erased_at=now))
    await conn.execute(update(owner).where(owner.c.person_id == person_id).values(name=ERASED, external_ref=""))
    mine = account_party.c.person_id == person_id, account_party.c.role.in_(("tenant", "stand_in"))
    await conn.execute(update(account_party).where(*mine, account_party.c.until.is_(None)).values(until=now))
    rows = (await conn.execute(select(contact.c.id).where(contact.c.person_id == person_id))).scalars().all()
    for contact_id in rows:
        gone = {"address_sealed": sealed, "address_index": os.urandom(20), "masked": "", "unbound_at": now,
                "dead_reason": "erased"}  # fmt: skip
        await conn.execute(update(contact).where(contact.c.id == contact_id).values(**gone))
    return len(rows)


async def newest_content(conn: AsyncConnection, person_id: int) -> datetime | None:
    """When the youngest content that is kept was said or heard."""
    said = (
        select(attempt.c.started_at)
        .join(message, message.c.id == attempt.c.message_id)
        .where(_about(person_id), attempt.c.text != ERASED)
        .order_by(attempt.c.started_at.desc())
        .limit(1)
    )
    heard = (
        select(inbound.c.received_at)
        .where(inbound.c.person_id == person_id, inbound.c.text != ERASED)
        .order_by(inbound.c.received_at.desc())
        .limit(1)
    )
    unsent = select(func.max(message.c.created_at)).where(*_never_attempted(), _about(person_id))
    found = [(await conn.execute(query)).scalar() for query in (said, heard, unsent)]
    found += await newest(conn, [row.id for row in await accounts_of(conn, person_id)])
    return max((at for at in found if at is not None), default=None)

"""What evidence is made of: everything on record about accounts, set-wise, and the journal that proves it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

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
    dispute,
    human_contact,
    inbound,
    journal_entry,
    journal_seal,
    late_fee_rate,
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
    script_version,
    staff,
    unit,
    waiver,
)
from store.journal import ASIDE

Rows = Sequence[Any]
TAKEN = ("accepted", "sent", "delivered", "read")


async def account_of(conn: AsyncConnection, account_id: int) -> Any:
    """An account with its unit and its owner."""
    query = (
        select(account, unit.c.code, unit.c.segment, unit.c.area_cm2, unit.c.remark, owner.c.name.label("owner"),
               owner.c.person_id.label("owner_person_id"), owner.c.external_ref)
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(account.c.id == account_id)
    )  # fmt: skip
    return (await conn.execute(query)).one()


async def parties(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """Who else belongs to the accounts: (account_id, person_id, role, name, since, until)."""
    query = select(account_party, person.c.name).join(person, person.c.id == account_party.c.person_id)
    return (await conn.execute(query.where(account_party.c.account_id.in_(ids)).order_by(account_party.c.id))).all()


async def owners(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """(account id, responsible person, owner's person, owner's name) of accounts."""
    query = select(
        account.c.id, account.c.person_id, owner.c.person_id.label("owner_person_id"), owner.c.name
    ).join(owner, owner.c.id == account.c.owner_id)  # fmt: skip
    return (await conn.execute(query.where(account.c.id.in_(ids)))).all()


async def charges(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """Every charge of accounts that stands, oldest first."""
    query = select(charge).where(charge.c.account_id.in_(ids), charge.c.cancelled_at.is_(None))
    return (await conn.execute(query.order_by(charge.c.account_id, charge.c.due_on, charge.c.id))).all()


async def old_charges(conn: AsyncConnection, community_ids: Sequence[int], due_by: date) -> Rows:
    """Open charges due on or before a local date, with their unit's code and community."""
    query = (
        select(charge, unit.c.code, account.c.community_id)
        .join(account, account.c.id == charge.c.account_id)
        .join(unit, unit.c.id == account.c.unit_id)
        .where(charge.c.open_fen > 0, charge.c.cancelled_at.is_(None), charge.c.due_on <= due_by,
               account.c.community_id.in_(community_ids))
        .order_by(charge.c.due_on, charge.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def allocations(conn: AsyncConnection, charge_ids: Sequence[int]) -> Rows:
    """What closed charges, line by line, with the payment it came from."""
    query = (
        select(allocation, payment.c.paid_on, payment.c.way, payment.c.payer, payment.c.state, payment.c.external_ref)
        .join(payment, payment.c.id == allocation.c.payment_id)
        .where(allocation.c.charge_id.in_(charge_ids))
        .order_by(allocation.c.id)
    )
    return (await conn.execute(query)).all()


async def payments(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    query = select(payment).where(payment.c.account_id.in_(ids))
    return (await conn.execute(query.order_by(payment.c.paid_on, payment.c.id))).all()


async def waivers(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    return (await conn.execute(select(waiver).where(waiver.c.account_id.in_(ids)).order_by(waiver.c.id))).all()


async def rates(conn: AsyncConnection, community_id: int) -> Rows:
    """The contract's clauses of late fee, earliest first."""
    query = select(late_fee_rate).where(late_fee_rate.c.community_id == community_id)
    return (await conn.execute(query.order_by(late_fee_rate.c.effective_from, late_fee_rate.c.id))).all()


async def demands(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """Every attempt to tell the owner of accounts something about money, with what it said and to whom."""
    columns = (
        message_item.c.account_id, message_item.c.step, message_item.c.band, message.c.kind, message.c.basket,
        message.c.person_id, message.c.script_version_id.label("version_id"), person.c.name.label("recipient"),
        contact.c.address_sealed, contact.c.masked, contact.c.trust, contact.c.proved_at, contact.c.proved_by,
    )  # fmt: skip
    query = (
        select(attempt, *columns)
        .join(message, message.c.id == attempt.c.message_id)
        .join(message_item, message_item.c.message_id == message.c.id)
        .outerjoin(contact, contact.c.id == attempt.c.contact_id)
        .outerjoin(person, person.c.id == message.c.person_id)
        .where(message_item.c.account_id.in_(ids), message.c.kind.in_(("reminder", "nudge", "reply")))
        .order_by(attempt.c.started_at, attempt.c.id)
    )
    return (await conn.execute(query)).all()


async def receipts(conn: AsyncConnection, attempt_ids: Sequence[int]) -> Rows:
    """What the providers said of attempts."""
    query = select(provider_event).where(provider_event.c.attempt_id.in_(attempt_ids))
    return (await conn.execute(query.order_by(provider_event.c.received_at, provider_event.c.id))).all()


async def versions(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Any]:
    """Wordings by their number."""
    rows = (await conn.execute(select(script_version).where(script_version.c.id.in_(ids)))).all()
    return {row.id: row for row in rows}


async def heard(conn: AsyncConnection, account_id: int, person_ids: Sequence[int]) -> Rows:
    """What people said about an account, or said when it could have been about it."""
    about = or_(inbound.c.account_id == account_id,
                inbound.c.account_id.is_(None) & inbound.c.person_id.in_(person_ids))  # fmt: skip
    query = (
        select(inbound, person.c.name, contact.c.trust, contact.c.proved_by, contact.c.proved_at)
        .outerjoin(person, person.c.id == inbound.c.person_id)
        .outerjoin(contact, contact.c.id == inbound.c.contact_id)
        .where(about)
        .order_by(inbound.c.received_at, inbound.c.id)
    )
    return (await conn.execute(query)).all()


async def promises(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """Promises with how each ended, where it has."""
    query = (
        select(promise, promise_outcome.c.id.label("outcome_id"), promise_outcome.c.outcome,
               promise_outcome.c.paid_fen, promise_outcome.c.at.label("ended_at"))
        .outerjoin(promise_outcome, promise_outcome.c.promise_id == promise.c.id)
        .where(promise.c.account_id.in_(ids))
        .order_by(promise.c.made_at, promise.c.id)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def plans(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    return (await conn.execute(select(plan).where(plan.c.account_id.in_(ids)).order_by(plan.c.id))).all()


async def disputes(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    return (await conn.execute(select(dispute).where(dispute.c.account_id.in_(ids)).order_by(dispute.c.id))).all()


async def human_contacts(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """Calls, visits and papers, with who did them and whether there is a proof; the proof itself is not read."""
    told = [column for column in human_contact.c if column.name != "proof"]
    query = (
        select(*told, human_contact.c.proof.is_not(None).label("proved"), staff.c.name.label("staff"))
        .outerjoin(staff, staff.c.id == human_contact.c.staff_id)
        .where(human_contact.c.account_id.in_(ids))
        .order_by(human_contact.c.at, human_contact.c.id)
    )
    return (await conn.execute(query)).all()


async def proof(conn: AsyncConnection, human_contact_id: int) -> bytes:
    """The picture or scan kept as proof of a contact."""
    query = select(human_contact.c.proof).where(human_contact.c.id == human_contact_id)
    return bytes((await conn.execute(query)).scalar_one())


async def files_sent(conn: AsyncConnection, account_id: int, inbound_ids: Sequence[int]) -> Rows:
    """Pictures and files that came with what was heard about an account, without their content."""
    told = [column for column in attachment.c if column.name != "content_sealed"]
    mine = or_(attachment.c.account_id == account_id, attachment.c.account_id.is_(None))
    return (await conn.execute(select(*told).where(attachment.c.inbound_id.in_(inbound_ids), mine))).all()


async def file_sealed(conn: AsyncConnection, attachment_id: int) -> bytes:
    """The sealed content of one that is kept."""
    query = select(attachment.c.content_sealed).where(attachment.c.id == attachment_id)
    return bytes((await conn.execute(query)).scalar_one())


async def legal_facts(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    query = select(legal_fact).where(legal_fact.c.account_id.in_(ids))
    return (await conn.execute(query.order_by(legal_fact.c.on, legal_fact.c.id))).all()


async def case_events(conn: AsyncConnection, ids: Sequence[int]) -> Rows:
    """What staff did about accounts."""
    query = (
        select(case_event, case_.c.cause, staff.c.name.label("staff"))
        .join(case_, case_.c.id == case_event.c.case_id)
        .outerjoin(staff, staff.c.id == case_event.c.staff_id)
        .where(case_.c.account_id.in_(ids))
        .order_by(case_event.c.at, case_event.c.id)
    )
    return (await conn.execute(query)).all()


async def sealed_entries(conn: AsyncConnection, subjects: Sequence[str]) -> dict[str, Any]:
    """The journal's newest sealed entry on each subject whose row can be held against it."""
    found: dict[str, Any] = {}
    for start in range(0, len(subjects), 5_000):
        some = subjects[start : start + 5_000]
        mine = (
            journal_entry.c.subject.in_(some),
            journal_entry.c.seal_id.is_not(None),
            journal_entry.c.salt.is_not(None),
            journal_entry.c.kind.not_in(ASIDE),
        )
        query = select(journal_entry).where(*mine).order_by(journal_entry.c.id)
        for row in (await conn.execute(query)).all():
            found[row.subject] = row
    return found


async def chain_from(conn: AsyncConnection, community_id: int | None, first_seal_id: int) -> Rows:
    """A community's seals from one of them to the newest; ``holds`` is how many entries each has."""
    table = journal_seal
    first = select(table.c.number).where(table.c.id == first_seal_id).scalar_subquery()
    mine = table.c.community_id.is_(None) if community_id is None else table.c.community_id == community_id
    query = select(table, table.c["count"].label("holds")).where(mine, table.c.number >= first)
    return (await conn.execute(query.order_by(table.c.number))).all()


async def seal_numbered(conn: AsyncConnection, community_id: int | None, number: int) -> Any:
    """One seal of a chain, or None."""
    table = journal_seal
    mine = table.c.community_id.is_(None) if community_id is None else table.c.community_id == community_id
    return (await conn.execute(select(table).where(mine, table.c.number == number))).first()


async def put_stamp(conn: AsyncConnection, seal_id: int, token: bytes) -> None:
    await conn.execute(update(journal_seal).where(journal_seal.c.id == seal_id).values(stamp=token))

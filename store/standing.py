"""Those whose words wait, and all that is known of them, asked for everyone at one go.

Every question takes plain numbers or names, so that one message costs the same few visits to the database as thirty.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    account_party,
    community,
    contact,
    conversation,
    inbound,
    late_fee_rate,
    ledger_watermark,
    owner,
    person,
    staff_contact,
    unit,
)
from store.ledger import charges_open
from store.questions import Question, Some, ask
from store.words import marks


@dataclass(frozen=True, slots=True)
class Senders:
    """What waits still, and who has the address it came from; by the number of what was heard."""

    rows: Sequence[Any]
    """With ``of_staff``: whether a member of staff has the address."""
    contacts: dict[int, list[Any]]
    """Every live contact at the address, with its person's community."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of people, as it stood when it was read."""

    towns: dict[int, Any]
    """The communities asked for, and the first there is; ``charging``: a late fee is asked for; ``as_of``: the newest
    day up to which payments are in the book."""
    people: dict[int, Any]
    accounts: dict[int, list[Any]]
    """By person: open accounts they are responsible for or may see, with unit, owner and their role."""
    talks: dict[str, Any]
    """Conversations by name; one that was not there has been made."""
    charges: dict[int, list[Any]]
    """By account: what is open, oldest first, each with whether it is disputed."""
    mark: tuple[int, int]
    """Changes whenever other words are out."""


async def senders(conn: AsyncConnection, ids: Iterable[int]) -> Senders:
    """Who said these things, as far as they are not handled."""
    told = {"ids": tuple(ids)}
    rows, contacts = await ask(conn, (_ROWS, told), (_CONTACTS, told))
    return Senders(rows, _grouped(contacts, "inbound_id"))


async def standing(
    conn: AsyncConnection, people: Collection[int], towns: Collection[int], names: Sequence[str]
) -> Standing:
    """All that is known of people, and the conversations of these names. The caller holds the locks of the names."""
    told = {"people": tuple(people), "towns": tuple(towns), "names": tuple(names)}
    town, who, found, talks = await ask(conn, *((one, told) for one in _KNOWN))
    accounts = sorted(found, key=lambda row: row.id)
    if len(talks) < len(names):
        talks = await _make(conn, names, talks)
    numbers = {"accounts": tuple(sorted({row.id for row in accounts}))}
    charges = (await ask(conn, (_CHARGES, numbers)))[0] if accounts else []
    return Standing(
        {row.id: row for row in town}, {row.id: row for row in who}, _grouped(accounts, "asked_by"),
        {row.who: row for row in talks}, _grouped(charges, "account_id"),
        (int(town[0].newest), int(town[0].approved)) if town else (0, 0),
    )  # fmt: skip


async def _make(conn: AsyncConnection, names: Sequence[str], there: Sequence[Any]) -> list[Any]:
    missing = sorted(set(names) - {row.who for row in there})
    await conn.execute(_BLANK[conn.dialect.name], [{"who": name} for name in missing])
    return (await ask(conn, (_TALKS, {"names": tuple(names)})))[0]


def _grouped(rows: Iterable[Any], by: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, by), []).append(row)
    return found


def _rows(some: Some) -> Select[Any]:
    here = (inbound.c.provider == staff_contact.c.channel) & (inbound.c.sender_index == staff_contact.c.address_index)
    query = select(inbound, exists().where(here).label("of_staff"))
    query = query.where(some(inbound.c.id, "ids"), inbound.c.handled_at.is_(None))
    return query.order_by(inbound.c.id).with_for_update(skip_locked=True)


def _contacts(some: Some) -> Select[Any]:
    return (
        select(contact, person.c.community_id, inbound.c.id.label("inbound_id"))
        .join(inbound, (inbound.c.provider == contact.c.channel) & (inbound.c.sender_index == contact.c.address_index))
        .join(person, person.c.id == contact.c.person_id)
        .where(some(inbound.c.id, "ids"), contact.c.unbound_at.is_(None), person.c.erased_at.is_(None))
        .order_by(contact.c.id)
    )


def _towns(some: Some) -> Select[Any]:
    first = select(func.min(community.c.id)).scalar_subquery()
    fresh = select(func.max(ledger_watermark.c.as_of)).where(ledger_watermark.c.community_id == community.c.id)
    charging = exists().where(late_fee_rate.c.community_id == community.c.id)
    words = marks().subquery()
    query = select(community, fresh.scalar_subquery().label("as_of"), charging.label("charging"), words)
    return query.where(or_(some(community.c.id, "towns"), community.c.id == first)).order_by(community.c.id)


def _people(some: Some) -> Select[Any]:
    return select(person).where(some(person.c.id, "people"))


def _account(role: Any, asked_by: Any) -> Select[Any]:
    return (
        select(account, unit.c.code, unit.c.segment, owner.c.name.label("owner"), role.label("role"),
               asked_by.label("asked_by"))
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .where(account.c.closed_on.is_(None))
    )  # fmt: skip


def _own(some: Some) -> Select[Any]:
    return _account(literal("responsible", String), account.c.person_id).where(some(account.c.person_id, "people"))


def _accounts(some: Some) -> Any:
    party = account_party.c
    shared = (
        _account(party.role, party.person_id)
        .join(account_party, party.account_id == account.c.id)
        .where(some(party.person_id, "people"), party.until.is_(None), party.may_see.is_(True),
               account.c.person_id != party.person_id)
    )  # fmt: skip
    return _own(some).union_all(shared)


def _talks(some: Some) -> Select[Any]:
    return select(conversation).where(some(conversation.c.who, "names"))


_ROWS, _CONTACTS, _TALKS = map(Question, (_rows, _contacts, _talks))
_CHARGES = Question(lambda some: charges_open(lambda column: some(column, "accounts")))
_KNOWN = (Question(_towns), Question(_people), Question(_accounts), _TALKS)
_NEW = {"question": "", "question_no": 0, "detail": "{}", "lost": 0, "last_reply": "", "answers": "[]",
        "wrong_codes": 0, "version": 0}  # fmt: skip
_BLANK = {
    name: make(conversation).values(**_NEW).on_conflict_do_nothing(index_elements=["who"])
    for name, make in (("postgresql", pg_insert), ("sqlite", sqlite_insert))
}

"""Accounts of which nothing is on record but charges and contacts: most of an estate, read with one row each.

What else could be on record stands in ``BESIDE``; it names the same kinds of fact as ``store.facts``, or wider ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    case,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import (
    account,
    account_party,
    case_,
    charge,
    contact,
    dispute,
    hold,
    human_contact,
    legal_fact,
    message,
    message_item,
    payment,
    person,
    plan,
    promise,
    unit,
)
from store.facts import due_between
from store.questions import Question, Some, ask, ask_bare, given

Rows = Sequence[Any]
DAY_ONE = date(2000, 1, 1)
NUMBER_BITS = 36
"""A charge's due day and number stand in one integer: days since ``DAY_ONE``, then so many bits for the number."""


@dataclass(frozen=True, slots=True)
class Due:
    """Accounts whose next look is due at an instant: of persons from first to last, or just these, where they are few.

    Few are named by number, so that nothing else is walked through.
    """

    now: datetime
    first: int = 0
    last: int = 0
    few: tuple[int, ...] | None = None

    def told(self) -> dict[str, Any]:
        if self.few is not None:
            return {"accounts": self.few}
        return {"now": self.now, "first": self.first, "last": self.last}


_LOOK = account.c.next_look_at <= given("now", account.c.next_look_at.type)
_RANGE = and_(
    _LOOK,
    account.c.person_id >= given("first", account.c.person_id.type),
    account.c.person_id <= given("last", account.c.person_id.type),
)
Build = Callable[[ColumnElement[bool]], Select[Any]]


def _either(build: Build) -> dict[bool, Question]:
    """The same question of a range of persons, and (True) of few accounts by number."""
    return {
        False: Question(lambda _some: build(_RANGE)),
        True: Question(lambda some: build(some(account.c.id, "accounts"))),
    }


async def _of(conn: AsyncConnection, asked: dict[bool, Question], due: Due) -> Rows:
    return await ask_bare(conn, asked[due.few is not None], due.told())


_HEARS = and_(account_party.c.until.is_(None), account_party.c.role.in_(("co_owner", "stand_in")))
_IN_FORCE = hold.c.ended_at.is_(None)
Beside = tuple[Table, ColumnElement[bool], ColumnElement[bool]]

BESIDE: tuple[Beside, ...] = (
    (message_item, message_item.c.account_id == account.c.id, message_item.c.id > 0),
    (message, message.c.person_id == account.c.person_id, message.c.kind.in_(("reminder", "nudge"))),
    (account_party, account_party.c.account_id == account.c.id, _HEARS),
    (account_party, account_party.c.person_id == account.c.person_id, _HEARS),
    (human_contact, human_contact.c.account_id == account.c.id, human_contact.c.id > 0),
    (promise, promise.c.account_id == account.c.id, promise.c.state.in_(("open", "broken"))),
    (dispute, dispute.c.account_id == account.c.id, dispute.c.state == "open"),
    (plan, plan.c.account_id == account.c.id, plan.c.state == "on_track"),
    (hold, hold.c.account_id == account.c.id, _IN_FORCE),
    (hold, hold.c.person_id == account.c.person_id, _IN_FORCE),
    (hold, hold.c.community_id == account.c.community_id, _IN_FORCE),
    (legal_fact, legal_fact.c.account_id == account.c.id, legal_fact.c.withdrawn_at.is_(None)),
    (payment, payment.c.account_id == account.c.id, payment.c.state == "in_flight"),
    (payment, payment.c.likely_account_id == account.c.id, payment.c.state == "unidentified"),
    (case_, case_.c.account_id == account.c.id, case_.c.id > 0),
)
"""A kind of fact, the account it belongs to, and when it counts."""
_KINDS = {table.name: table for table, _whose, _counts in BESIDE}


def _any(_some: Some) -> Select[Any]:
    there: list[Any] = [select(1).select_from(table).exists().label(name) for name, table in _KINDS.items()]
    return select(*there)


_ANY = Question(_any)


@lru_cache(maxsize=64)
def _beside(there: frozenset[str]) -> dict[bool, Question]:
    """The due accounts of which one of these kinds is on record."""

    def build(due: ColumnElement[bool]) -> Select[Any]:
        asked = [
            select(account.c.id).join(table, whose).where(due, counts)
            for table, whose, counts in BESIDE
            if table.name in there
        ]
        return select(union_all(*asked).subquery().c.id)

    return _either(build)


async def marked(conn: AsyncConnection, due: Due) -> set[int]:
    """The due accounts of which more is on record than charges and contacts. A kind nobody has is not asked for."""
    (found,) = (await ask(conn, (_ANY, {})))[0]
    there = frozenset(name for name in _KINDS if getattr(found, name))
    return {row[0] for row in await _of(conn, _beside(there), due)} if there else set()


def _accounts(dialect: str, due: ColumnElement[bool]) -> Select[Any]:
    day, by = "CAST(julianday(charge.due_on) - 2451544.5 AS INTEGER)", [account.c.person_id, account.c.id]
    if dialect == "postgresql":
        day, by = "CAST(charge.due_on - DATE '2000-01-01' AS BIGINT)", [*by, unit.c.id, person.c.id]
    oldest = literal_column(f"{day} * {1 << NUMBER_BITS} + charge.id", BigInteger)
    odd = case((charge.c.previous_manager.is_(True), 1), else_=charge.c.round)
    return (
        select(
            account.c.id, account.c.community_id, account.c.person_id, unit.c.code, unit.c.segment, person.c.locale,
            type_coerce(person.c.offline, Integer), account.c.version, func.min(oldest), func.min(charge.c.open_fen),
            func.max(odd),
        )
        .join(unit, unit.c.id == account.c.unit_id)
        .join(person, person.c.id == account.c.person_id)
        .outerjoin(charge, and_(charge.c.account_id == account.c.id, charge.c.open_fen > 0,
                                charge.c.cancelled_at.is_(None)))
        .where(due)
        .group_by(*by)
        .order_by(account.c.person_id, account.c.id)
    )  # fmt: skip


_ACCOUNTS = {
    "sqlite": _either(lambda due: _accounts("sqlite", due)),
    "postgresql": _either(lambda due: _accounts("postgresql", due)),
}
_CONTACTS = _either(
    lambda due: select(
        contact.c.id, contact.c.person_id, contact.c.channel, contact.c.trust,
        type_coerce(contact.c.opted_out_at.is_not(None), Integer), type_coerce(contact.c.dead_at.is_not(None), Integer),
        type_coerce(contact.c.last_inbound_at.is_not(None), Integer),
    )
    .where(contact.c.person_id.in_(select(account.c.person_id).where(due)), contact.c.unbound_at.is_(None))
    .order_by(contact.c.person_id, contact.c.id)
)  # fmt: skip


async def accounts(conn: AsyncConnection, due: Due) -> Rows:
    """The due accounts by person, with the least of their open charges: id, community, person, code, segment,
    language, offline, version, oldest charge (day and number in one; None: nothing open), least open fen, odd.

    ``odd`` is above 0 where a charge is another manager's or was opened again.
    """
    return await _of(conn, _ACCOUNTS[conn.dialect.name], due)


async def contacts(conn: AsyncConnection, due: Due) -> Rows:
    """The contacts of the due accounts' people, in order: id, person, channel, trust, opted out, dead, heard from."""
    return await _of(conn, _CONTACTS, due)


_MOST = Integer()
_FIRST_FEW = Question(lambda _some: select(account.c.id).where(_LOOK).limit(given("most", _MOST)))
_LAST = Question(
    lambda _some: select(
        func.max(
            select(account.c.person_id.label("it"))
            .where(_LOOK, account.c.person_id > given("after", account.c.person_id.type))
            .order_by(account.c.person_id)
            .limit(given("most", _MOST))
            .subquery()
            .c.it
        ).label("person_id")
    )
)


async def few(conn: AsyncConnection, now: datetime, most: int) -> Due | None:
    """Everything due, where that is at most so many accounts; else None."""
    found = await ask_bare(conn, _FIRST_FEW, {"now": now, "most": most + 1})
    return Due(now, few=tuple(row[0] for row in found)) if len(found) <= most else None


async def next_ones(conn: AsyncConnection, now: datetime, after: int, most: int) -> Due | None:
    """The next ``most`` due accounts after a person, in whole persons; None: nothing more is due."""
    last = (await ask(conn, (_LAST, {"now": now, "after": after, "most": most})))[0][0].person_id
    return None if last is None else Due(now, after + 1, last)


def every(conn: AsyncConnection, due: Due) -> Select[Any]:
    """All the due accounts."""
    return due_between(due.now, due.first, due.last) if due.few is None else these(conn, due.few)


def these(conn: AsyncConnection, ids: Sequence[int]) -> Select[Any]:
    """Just these accounts, one bound value however many they are."""
    return select(account.c.id).where(bulk.among(conn, account.c.id, ids))

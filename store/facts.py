"""Facts of many accounts at once: one statement per kind of fact, so that cost follows the work that is due."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

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
    owner,
    payment,
    person,
    plan,
    promise,
    unit,
)
from store.questions import Question, Some, ask, given

Rows = Sequence[Any]
LIVE = ("queued", "sending", "uncertain", "accepted", "delivered", "read")
"""States in which a message counts as said, or about to be."""
HEARD_DAYS = 8
Chosen = Select[Any] | Callable[[Any], ColumnElement[bool]]
"""A select of account ids, or what holds of a column that names one of the accounts."""


def _of(column: Any, chosen: Chosen) -> ColumnElement[bool]:
    told: ColumnElement[bool] = column.in_(chosen) if isinstance(chosen, Select) else chosen(column)
    return told


def due(now: datetime, after_person: int, most: int) -> Select[Any]:
    """Accounts whose next look is due, in whole persons, the next ``most`` after a person's id."""
    return (
        select(account.c.person_id)
        .where(account.c.next_look_at <= now, account.c.person_id > after_person)
        .order_by(account.c.person_id)
        .limit(most)
    )


def due_between(now: datetime, first_person: int, last_person: int) -> Select[Any]:
    """Account ids whose next look is due, of persons from first to last."""
    return select(account.c.id).where(
        account.c.next_look_at <= now, account.c.person_id >= first_person, account.c.person_id <= last_person
    )


def named(ids: Sequence[int]) -> Select[Any]:
    """Just these accounts."""
    return select(account.c.id).where(account.c.id.in_(ids))


def of_community(community_id: int) -> Select[Any]:
    """Every open account of a community."""
    return select(account.c.id).where(account.c.community_id == community_id, account.c.closed_on.is_(None))


def accounts(chosen: Chosen) -> Select[Any]:
    """The accounts with unit, owner and responsible person, ordered by person."""
    return (
        select(
            account.c.id, account.c.community_id, account.c.person_id, account.c.entered_on, account.c.closed_on,
            account.c.bank_collection, account.c.assistant_id, account.c.version,
            unit.c.code, unit.c.segment, owner.c.name.label("owner"), person.c.locale, person.c.offline,
        )
        .join(unit, unit.c.id == account.c.unit_id)
        .join(owner, owner.c.id == account.c.owner_id)
        .join(person, person.c.id == account.c.person_id)
        .where(_of(account.c.id, chosen))
        .order_by(account.c.person_id, account.c.id)
    )  # fmt: skip


def charges(chosen: Chosen) -> Select[Any]:
    return (
        select(
            charge.c.account_id, charge.c.id, charge.c.kind, charge.c.period, charge.c.due_on, charge.c.open_fen,
            charge.c.round, charge.c.previous_manager, charge.c.entered_at,
        )
        .where(_of(charge.c.account_id, chosen), charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))
        .order_by(charge.c.account_id, charge.c.due_on, charge.c.id)
    )  # fmt: skip


def _people(chosen: Chosen) -> Any:
    return union(
        select(account.c.person_id).where(_of(account.c.id, chosen)),
        select(account_party.c.person_id).where(
            _of(account_party.c.account_id, chosen),
            account_party.c.until.is_(None),
            account_party.c.role.in_(("co_owner", "stand_in")),
        ),
    )


def parties(chosen: Chosen) -> Select[Any]:
    """Co-owners and stand-ins; the responsible person stands in the account itself."""
    return (
        select(account_party.c.account_id, account_party.c.person_id, account_party.c.role, person.c.locale,
               person.c.offline, person.c.name)
        .join(person, person.c.id == account_party.c.person_id)
        .where(_of(account_party.c.account_id, chosen), account_party.c.until.is_(None),
               account_party.c.role.in_(("co_owner", "stand_in")))
    )  # fmt: skip


def contacts(chosen: Chosen) -> Select[Any]:
    return (
        select(
            contact.c.id, contact.c.person_id, contact.c.channel, contact.c.trust, contact.c.opted_out_at,
            contact.c.dead_at, contact.c.last_inbound_at,
        )
        .where(contact.c.person_id.in_(_people(chosen)), contact.c.unbound_at.is_(None))
        .order_by(contact.c.person_id, contact.c.id)
    )  # fmt: skip


def said(chosen: Chosen) -> Select[Any]:
    """Every message item that counts as said for these accounts, oldest first."""
    return (
        select(
            message_item.c.account_id, message_item.c.person_id, message_item.c.step, message_item.c.band,
            message_item.c.occasion, message_item.c.at, message.c.state, message.c.id.label("message_id"),
        )
        .join(message, message.c.id == message_item.c.message_id)
        .where(_of(message_item.c.account_id, chosen), message.c.state.in_(LIVE),
               message.c.kind.in_(("reminder", "nudge")))
        .order_by(message_item.c.at, message_item.c.id)
    )  # fmt: skip


def heard(chosen: Chosen) -> Select[Any]:
    """Per person the messages of the last days, whichever account they were about: (person, message, at)."""
    return (
        select(message.c.person_id, message.c.id, func.max(message_item.c.at).label("at"))
        .join(message_item, message_item.c.message_id == message.c.id)
        .where(
            message.c.person_id.in_(_people(chosen)),
            message.c.kind.in_(("reminder", "nudge")),
            message.c.state.in_(LIVE),
            message_item.c.at > given("since", message_item.c.at.type),
        )
        .group_by(message.c.person_id, message.c.id)
    )


def by_people(chosen: Chosen) -> Select[Any]:
    """Calls, visits and papers: (account, person, at)."""
    return (
        select(human_contact.c.account_id, human_contact.c.person_id, human_contact.c.way, human_contact.c.at)
        .where(_of(human_contact.c.account_id, chosen))
        .order_by(human_contact.c.at)
    )


def _by_tenant() -> ColumnElement[bool]:
    """Whether a promise is a tenant's word, which does not bind the owner."""
    return exists().where(
        account_party.c.account_id == promise.c.account_id, account_party.c.person_id == promise.c.person_id,
        account_party.c.role == "tenant",
    )  # fmt: skip


def promises(chosen: Chosen) -> Select[Any]:
    """Promises of who owns the flat, open or broken."""
    return (
        select(promise)
        .where(_of(promise.c.account_id, chosen), promise.c.state.in_(("open", "broken")), ~_by_tenant())
        .order_by(promise.c.account_id, promise.c.due_on)
    )


def disputes(chosen: Chosen) -> Select[Any]:
    return select(dispute.c.account_id, dispute.c.charge_id).where(
        _of(dispute.c.account_id, chosen), dispute.c.state == "open"
    )


def plans(chosen: Chosen) -> Select[Any]:
    """Plans on track; not one a tenant made."""
    by_tenant = exists().where(promise.c.plan_id == plan.c.id, _by_tenant())
    return select(plan.c.account_id, plan.c.instalments).where(
        _of(plan.c.account_id, chosen), plan.c.state == "on_track", ~by_tenant
    )


def holds(chosen: Chosen) -> Select[Any]:
    """Holds in force: of the account, of one of its charges, of its people, of its community."""
    communities = select(account.c.community_id).where(_of(account.c.id, chosen))
    return select(
        hold.c.scope, hold.c.account_id, hold.c.charge_id, hold.c.person_id, hold.c.community_id, hold.c.code,
        hold.c.reason, hold.c.until,
    ).where(
        hold.c.ended_at.is_(None),
        hold.c.until >= given("today", hold.c.until.type),
        or_(
            _of(hold.c.account_id, chosen),
            hold.c.person_id.in_(_people(chosen)),
            hold.c.community_id.in_(communities),
        ),
    )  # fmt: skip


def legal_facts(chosen: Chosen) -> Select[Any]:
    return select(legal_fact.c.account_id, legal_fact.c.kind).where(
        _of(legal_fact.c.account_id, chosen), legal_fact.c.withdrawn_at.is_(None)
    )


def money_under_way(chosen: Chosen) -> Select[Any]:
    """Bank collections in flight and transfers nobody can place yet."""
    return select(
        payment.c.account_id, payment.c.likely_account_id, payment.c.state, payment.c.settles_on, payment.c.paid_on
    ).where(
        or_(
            (payment.c.state == "in_flight") & _of(payment.c.account_id, chosen),
            (payment.c.state == "unidentified") & _of(payment.c.likely_account_id, chosen),
        )
    )


def with_people(chosen: Chosen) -> Select[Any]:
    """Steps of people: which cases were opened for which occasion."""
    return select(case_.c.account_id, case_.c.cause, case_.c.occasion).where(_of(case_.c.account_id, chosen))


COMMON = {"charges": charges, "contacts": contacts, "said": said, "heard": heard}
"""What is known of nearly every account."""
RARE = {
    "parties": parties, "by_people": by_people, "promises": promises, "disputes": disputes, "plans": plans,
    "holds": holds, "legal": legal_facts, "money": money_under_way, "with_people": with_people,
}  # fmt: skip
"""What few accounts have."""
Found = Mapping[str, Rows]
"""Rows by the kind of fact; a kind that nothing is known of may be missing."""


async def gather(conn: AsyncConnection, chosen: Select[Any], today: date, now: datetime) -> Found:
    """Every kind of fact of the chosen accounts. ``today``: the earliest of their local dates."""
    told = _told(today, now)
    return {name: (await conn.execute(kind(chosen), told)).all() for name, kind in (COMMON | RARE).items()}


def _told(today: date, now: datetime) -> dict[str, Any]:
    return {"today": today, "since": now - timedelta(days=HEARD_DAYS)}


def _question(kind: Callable[[Chosen], Select[Any]]) -> Question:
    return Question(lambda some: kind(_among(some)))


def _among(some: Some) -> Chosen:
    return lambda column: some(column, "accounts")


def _probe(some: Some) -> Select[Any]:
    """Of which rare kinds there is any fact at all."""
    there: list[Any] = [kind(_among(some)).order_by(None).exists().label(name) for name, kind in RARE.items()]
    return select(*there)


_ASKED = {name: _question(kind) for name, kind in {"accounts": accounts, **COMMON, **RARE}.items()}
_PROBE = Question(_probe)


async def of_accounts(conn: AsyncConnection, ids: Sequence[int], today: date, now: datetime) -> Found:
    """These accounts and all that is known of them, asked many a time a second."""
    told = _told(today, now) | {"accounts": tuple(ids)}
    first = ("accounts", *COMMON)
    (probed,), *rest = await ask(conn, (_PROBE, told), *((_ASKED[name], told) for name in first))
    there = [name for name in RARE if getattr(probed, name)]
    more = await ask(conn, *((_ASKED[name], told) for name in there)) if there else []
    return dict(zip((*first, *there), (*rest, *more), strict=True))

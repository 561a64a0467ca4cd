"""Words about an account that are kept for a time: where they stand, when they were written, what is left of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, case, cast, exists, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account_party,
    approval,
    case_,
    case_event,
    charge,
    dispute,
    hold,
    human_contact,
    payment,
    plan,
    waiver,
)
from store.journal import SEALED, erased

ERASED = "[erased]"
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Content:
    """The words of one table. ``held``: a row still has some. ``over``: only such a row's words may go.

    ``until``: the local day a row is in force through, which must be as long ago as its words.
    """

    table: Table
    at: Any
    account: Any
    held: ColumnElement[bool]
    gone: Mapping[str, Any]
    over: ColumnElement[bool] = field(default_factory=true)
    until: Any = None


def _words(*columns: Any) -> ColumnElement[bool]:
    return or_(*(column.not_in(("", ERASED)) for column in columns))


_calls, _event = human_contact.c, case_event.c
_case_of_event = select(case_).where(case_.c.id == _event.case_id).correlate(case_event)
_charge = charge.alias()
_held_charge = select(_charge.c.account_id).where(_charge.c.id == hold.c.charge_id).correlate(hold).scalar_subquery()
_last_day = case((hold.c.ended_at.is_not(None), date.min), else_=hold.c.until)
_asked = approval.c.subject
_asked_plan = select(plan.c.account_id).where(plan.c.id == cast(func.substr(_asked, 6), BigInteger)).correlate(approval)
_asked_account = case((_asked.like("account:%"), cast(func.substr(_asked, 9), BigInteger)),
                      (_asked.like("plan:%"), _asked_plan.scalar_subquery()))  # fmt: skip
CONTENTS = (
    Content(human_contact, _calls.at, _calls.account_id,
            or_(_words(_calls.content, _calls.answer, _calls.next_step), _calls.proof.is_not(None)),
            {"content": ERASED, "answer": "", "next_step": "", "proof": None, "proof_digest": None}),
    Content(case_event, _event.at, _case_of_event.with_only_columns(case_.c.account_id).scalar_subquery(),
            _words(_event.note), {"note": ERASED}, _case_of_event.where(case_.c.state == "resolved").exists()),
    Content(case_, case_.c.opened_at, case_.c.account_id, case_.c.detail.not_in(("", "{}")), {"detail": "{}"},
            case_.c.state == "resolved"),
    Content(dispute, dispute.c.opened_at, dispute.c.account_id, _words(dispute.c.reason), {"reason": ERASED},
            dispute.c.state != "open"),
    Content(payment, payment.c.entered_at, payment.c.account_id, _words(payment.c.payer), {"payer": ERASED},
            payment.c.state != "unidentified"),
    Content(waiver, waiver.c.at, waiver.c.account_id, _words(waiver.c.why), {"why": ERASED}),
    Content(hold, hold.c.at, func.coalesce(hold.c.account_id, _held_charge), _words(hold.c.reason), {"reason": ERASED},
            or_(hold.c.account_id.is_not(None), hold.c.charge_id.is_not(None)), _last_day),
    Content(account_party, account_party.c.until, account_party.c.account_id, _words(account_party.c.consent),
            {"consent": ERASED}),
    Content(approval, approval.c.asked_at, _asked_account,
            or_(approval.c.detail.not_in(("", "{}")), _words(approval.c.why)), {"detail": "{}", "why": ""},
            (approval.c.state != "open") & or_(_asked.like("account:%"), _asked.like("plan:%"))),
)  # fmt: skip
"""Every table whose words speak of an account; the figures beside them stay as book-keeping.

A pause of everybody, a list for the doors and a wording that was asked for speak of no account: theirs stay.
"""
HASHED = frozenset(SEALED) | {"approval"}
"""Tables whose words the journal holds a hash of: its salt goes with them, so that nobody can test guesses."""


def owing(account_id: Any) -> ColumnElement[bool]:
    """Whether a charge of this account is still open: then the record is needed."""
    return exists().where(charge.c.account_id == account_id, charge.c.open_fen > 0, charge.c.cancelled_at.is_(None))


async def sweep(
    conn: AsyncConnection, before: datetime, account_ids: Sequence[int] | None, now: datetime, who: str
) -> int:  # fmt: skip
    """Erases a batch of each table's words from before an instant on accounts that owe nothing; answers how many."""
    count = 0
    for one in CONTENTS:
        ids = await _old(conn, one, before, account_ids)
        await conn.execute(update(one.table).where(one.table.c.id.in_(ids)).values(**one.gone))
        if one.table.name in HASHED:
            await erased(conn, one.table.name, ids, now, who)
        count += len(ids)
    return count


async def _old(
    conn: AsyncConnection, one: Content, before: datetime, account_ids: Sequence[int] | None
) -> Sequence[int]:  # fmt: skip
    query = select(one.table.c.id).where(one.at < before, one.held, one.over, ~owing(one.account))
    if one.until is not None:
        query = query.where(one.until < before.date())
    if account_ids is not None:
        query = query.where(one.account.in_(account_ids))
    return (await conn.execute(query.order_by(one.table.c.id).limit(BATCH))).scalars().all()


async def newest(conn: AsyncConnection, account_ids: Sequence[int]) -> list[datetime]:
    """When the youngest words on these accounts were written, of each table that holds any."""
    found = []
    for one in CONTENTS:
        query = select(func.max(one.at)).where(one.held, one.account.in_(account_ids))
        found.append((await conn.execute(query)).scalar())
    return [at for at in found if at is not None]

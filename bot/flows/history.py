"""The record: every contact by anyone over any way, one line each, in order [002][004].

Time, way, who, content, the answer, the next step: what staff read before they call, and what a court is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.talk.money import yuan
from store import history as shelf

BOT, OWNER, HOUSE = "bot", "owner", "house"


@dataclass(frozen=True, slots=True)
class Line:
    """One contact or event. ``way``: the channel, call, visit, paper, case, promise, payment, hold, dispute, fact."""

    at: datetime
    way: str
    who: str
    content: str
    answer: str = ""
    next_step: str = ""


async def account_history(conn: AsyncConnection, account_id: int) -> list[Line]:
    """Everything on record for an account, oldest first; for staff only: full words, no masks."""
    lines = [
        *await _said(conn, account_id), *_heard(await shelf.heard(conn, account_id)),
        *_people(await shelf.by_people(conn, account_id)), *_cases(await shelf.case_lines(conn, account_id)),
        *_promises(await shelf.promised(conn, account_id)), *_payments(await shelf.paid(conn, account_id)),
        *_holds(await shelf.held(conn, account_id)), *_disputes(await shelf.disputed(conn, account_id)),
        *_facts(await shelf.facts(conn, account_id)),
    ]  # fmt: skip
    return sorted(lines, key=lambda line: line.at)


async def _said(conn: AsyncConnection, account_id: int) -> list[Line]:
    rows = await shelf.said(conn, account_id)
    tried = await shelf.first_tries(conn, [row.id for row in rows])
    return [
        Line(tried[row.id], row.channel, f"{BOT} → {row.to_name or ''}".strip(), row.text, _became(row), row.step)
        for row in rows
    ]  # fmt: skip


def _became(row: Any) -> str:
    return f"{row.state}: {row.reason}" if row.reason else str(row.state)


def _heard(rows: Any) -> Iterator[Line]:
    for row in rows:
        content = row.text or f"[{row.kind}]"
        yield Line(row.received_at, row.provider, row.from_name or OWNER, content, row.intent)


def _people(rows: Any) -> Iterator[Line]:
    for row in rows:
        yield Line(row.at, row.way, row.staff_name or "", row.content, row.answer, row.next_step)


def _cases(rows: Any) -> Iterator[Line]:
    for row in rows:
        yield Line(row.at, "case", row.staff_name or HOUSE, f"#{row.case_id} {row.cause}: {row.kind}", row.note)


def _promises(rows: Any) -> Iterator[Line]:
    for row in rows:
        who = f"staff:{row.by_staff_id}" if row.by_staff_id else OWNER
        yield Line(row.made_at, "promise", who, f"¥{yuan(row.amount_fen)} by {row.due_on}", row.channel)
        if row.outcome:
            paid = f"¥{yuan(row.paid_fen)} paid" if row.paid_fen else ""
            yield Line(row.ended_at, "promise", HOUSE, f"¥{yuan(row.amount_fen)} by {row.due_on}: {row.outcome}", paid)


def _payments(rows: Any) -> Iterator[Line]:
    for row in rows:
        yield Line(row.entered_at, "payment", OWNER, f"¥{yuan(row.amount_fen)} {row.way}", f"paid on {row.paid_on}")
        if row.reversed_at is not None:
            yield Line(row.reversed_at, "payment", HOUSE, f"¥{yuan(row.amount_fen)} given back")


def _holds(rows: Any) -> Iterator[Line]:
    for row in rows:
        yield Line(row.at, "hold", row.who, f"{row.code}: {row.reason}", "", f"until {row.until}")


def _disputes(rows: Any) -> Iterator[Line]:
    for row in rows:
        yield Line(row.opened_at, "dispute", OWNER, row.reason)
        if row.closed_at is not None:
            yield Line(row.closed_at, "dispute", HOUSE, row.state)


def _facts(rows: Any) -> Iterator[Line]:
    for row in rows:
        yield Line(row.at, "fact", row.who, f"{row.kind} {row.ref}", "", "withdrawn" if row.withdrawn_at else "")

"""Everything about one account as a person looks at it: what it owes, whose it is, what happened, what is next."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.find import NotFound
from bot.flows.house import House, Town
from bot.flows.ledger import LedgerError
from bot.flows.why import Why, why
from store import cases, ledger
from store import sheet as shelf
from store.journal import Entry, note
from store.standins import stand_ins

HISTORY = 200
"""Lines of history that are shown."""


_INWARD = ("carded", "alerted", "looked")
"""What the house told its own staff about a case: on the case's page, not in the account's history."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an account's history."""

    at: datetime
    kind: str
    """said, reply, heard, paid, promise, person, case, fact."""
    title: str
    text: str
    state: str = ""
    channel: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One account; ``next`` is the same decision as `yinuo why`."""

    row: Any
    charges: list[Any]
    payments: list[Any]
    contacts: list[Any]
    promises: list[Any]
    holds: list[Any]
    facts: list[Any]
    cases: list[Any]
    stand_ins: list[Any]
    credit_fen: int
    next: Why
    history: list[Event]

    @property
    def open_fen(self) -> int:
        return sum(c.open_fen for c in self.charges)


async def account_row(conn: AsyncConnection, account_id: int, community_id: int | None) -> Any:
    """The account's row, if it is of a community the reader may see. Raises NotFound."""
    row = await shelf.account_sheet(conn, account_id)
    if row is None or (community_id is not None and row.community_id != community_id):
        raise NotFound(f"there is no account {account_id}; search for it on Owners")
    return row


async def sheet(house: House, conn: AsyncConnection, row: Any, town: Town, now: datetime) -> Sheet:
    """Reads the whole sheet of an account's row."""
    return Sheet(
        row=row, charges=list(await ledger.charges_of(conn, row.id)),
        payments=list(await shelf.payments_of(conn, row.id)),
        contacts=list(await shelf.contacts_of_account(conn, row)),
        promises=list(await shelf.promises_of(conn, row.id)),
        holds=list(await shelf.holds_of(conn, row.id, town.today(now))),
        facts=list(await shelf.facts_of(conn, row.id)),
        cases=list(await cases.of_account(conn, row.id)),
        stand_ins=list(await stand_ins(conn, row.id)),
        credit_fen=await ledger.credit(conn, row.id), next=await why(house, conn, row, now),
        history=await _history(conn, row),
    )  # fmt: skip


async def _history(conn: AsyncConnection, row: Any) -> list[Event]:
    said = await shelf.said_to_account(conn, row.id, HISTORY)
    events = [Event(m.at, "said", m.step, m.text, m.state, m.channel, m.id) for m in said]
    mine = {m.id for m in said}
    for m in [m for m in await shelf.replies_to_person(conn, row.person_id, HISTORY) if m.id not in mine]:
        events.append(Event(m.created_at, "reply", m.step, m.text, m.state, m.channel, m.id))
    for i in await shelf.heard_from_person(conn, row.person_id, HISTORY):
        events.append(Event(i.received_at, "heard", i.intent or i.kind, i.text, channel=i.provider))
    for p in await shelf.payments_of(conn, row.id):
        events.append(Event(p.entered_at, "paid", p.way, "", p.state, number=p.amount_fen))
    for p in await shelf.promises_of(conn, row.id):
        state = p.outcome or p.state
        events.append(Event(p.made_at, "promise", p.due_on.isoformat(), "", state, p.channel, p.amount_fen))
    for h in await shelf.contacts_by_people(conn, row.id, HISTORY):
        told = "；".join(part for part in (h.content, h.answer, h.next_step) if part)
        events.append(Event(h.at, "person", h.way, told, number=h.staff_id or 0))
    for e in [e for e in await shelf.case_events_of(conn, row.id, HISTORY) if e.kind not in _INWARD]:
        events.append(Event(e.at, "case", e.cause, e.note, e.kind, number=e.case_id))
    for f in await shelf.facts_of(conn, row.id):
        events.append(Event(f.at, "fact", f.kind, f.ref))
    return sorted(events, key=lambda e: e.at, reverse=True)[:HISTORY]


async def lay_hold(
    conn: AsyncConnection, row: Any, until: date, why: str, who: str, now: datetime, today: date
) -> None:
    """Silences one account until the end of a local date. Raises LedgerError without a reason or for a day gone by."""
    if not why.strip() or until < today:
        raise LedgerError("a pause of an account needs a reason and a day from today on")
    values = {
        "scope": "account", "account_id": row.id, "code": "ON_HOLD", "reason": why, "until": until, "who": who,
        "at": now, "source": "console",
    }  # fmt: skip
    number = await shelf.write_hold(conn, values)
    await note(conn, Entry("hold", f"hold:{number}", values, now, row.community_id, who, f"until {until}"))
    await ledger.look_now(conn, [row.id], now)


async def end_hold(conn: AsyncConnection, row: Any, hold_id: int, who: str, now: datetime) -> None:
    """Lets an account's pause go before its end. Raises NotFound for one that is not theirs or over."""
    held = await shelf.hold_one(conn, hold_id)
    if held is None or held.account_id != row.id or not await shelf.end_hold(conn, hold_id, now):
        raise NotFound("this pause is over already; reload the page")
    content = {"ended": now, "until": held.until}
    await note(conn, Entry("hold_ended", f"ended_hold:{hold_id}", content, now, row.community_id, who, "ended early"))
    await ledger.look_now(conn, [row.id], now)


async def withdraw_fact(conn: AsyncConnection, row: Any, fact_id: int, who: str, now: datetime) -> None:
    """A legal fact that turned out not to be one: from now on no text may say so. Raises NotFound."""
    if not await shelf.withdraw_fact(conn, row.id, fact_id, now):
        raise NotFound("this fact is withdrawn already; reload the page")
    content = {"withdrawn": now}
    await note(conn, Entry("fact_withdrawn", f"withdrawn_fact:{fact_id}", content, now, row.community_id, who))
    await ledger.look_now(conn, [row.id], now)


async def see_address(house: House, conn: AsyncConnection, row: Any, contact_id: int, who: str, now: datetime) -> str:
    """The full address of a contact; that somebody looked is journaled. Raises NotFound."""
    found = await shelf.sealed_contact(conn, row, contact_id)
    if found is None:
        raise NotFound("this contact is not of this account; reload the page")
    content = {"contact": contact_id, "account": row.id}
    await note(conn, Entry("look", f"contact:{contact_id}", content, now, row.community_id, who, "full address"))
    return house.store.vault.open(found.address_sealed)

"""Money in the book: payments find their charges, a bounce opens them again, the ladder looks at once.

Allocations are append-only: a reversal or a correction is a negative line, never an erased one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.running_fees import running
from bot.rules.allocation import PRINCIPAL, Owed, Part, allocate
from bot.rules.latefee import Running
from store import ledger as book
from store import outbox
from store.core import payment as payment_table
from store.journal import Entry, note


class LedgerError(Exception):
    """The payment cannot be entered as told; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payment did. ``rest_fen`` stays as credit."""

    payment_id: int
    account_id: int | None
    amount_fen: int
    rest_fen: int
    new: bool = True


async def reallocate(conn: AsyncConnection, account_ids: Sequence[int], now: datetime) -> None:
    """Lets money that is not yet allocated close open charges, and re-opens what reversed payments had closed.

    Undirected money goes to the oldest undisputed charge, principal before late fee (Civil Code 560-561).
    Set-wise: cost follows the accounts named. Each account's next look becomes ``now``.
    """
    for start in range(0, len(account_ids), book.CHUNK):
        ids = list(account_ids[start : start + book.CHUNK])
        await book.lock_accounts(conn, ids)
        await book.reopen_reversed(conn, ids, now)
        await book.shrink_overallocated(conn, ids, now)
        paid = await _allocate_rest(conn, ids, now)
        await book.look_now(conn, ids, now)
        await outbox.mark_crossed(conn, paid)


async def _allocate_rest(conn: AsyncConnection, ids: list[int], now: datetime) -> list[int]:
    """Answers the accounts of which money found a charge."""
    money = await book.unallocated(conn, ids)
    if not money:
        return []
    charges = await book.open_charges(conn, sorted({m.account_id for m in money}))
    owed: dict[int, list[Owed]] = {}
    for row in charges:
        owed.setdefault(row.account_id, []).append(Owed(row.id, row.due_on, row.open_fen, bool(row.disputed)))
    fees = await _fees_within_reach(conn, money, charges)
    lines: list[dict[str, object]] = []
    paid: set[int] = set()
    for m in money:
        open_ones = owed.get(m.account_id, [])
        asked = {c.id: fees[c.id].fee(m.paid_on).fee_fen for c in open_ones if c.id in fees}
        parts, _rest = allocate(m.rest_fen, open_ones, named=m.named_charge_id, late_fees=asked)
        for p in parts:
            lines.append({"payment_id": m.id, "charge_id": p.charge_id, "part": p.part, "amount_fen": p.fen, "at": now})
            if p.charge_id in fees:
                fees[p.charge_id].take(p.part, p.fen, m.paid_on)
            paid.add(m.account_id)
        owed[m.account_id] = _still_open(open_ones, parts)
    await book.write_allocations(conn, lines)
    return sorted(paid)


async def _fees_within_reach(
    conn: AsyncConnection, money: Sequence[Any], charges: Sequence[Any]
) -> dict[int, Running]:  # fmt: skip
    """The late fees that money could come to: of charges it closes with some left, where one is asked for.

    A fee is booked with the charge it was asked with, as of the day of payment; what is credit already stays credit.
    """
    left: dict[int, int] = {}
    for m in money:
        left[m.account_id] = left.get(m.account_id, 0) + m.rest_fen
    within = [
        row.id for row in charges
        if row.open_fen < left[row.account_id] and not row.disputed and not row.previous_manager
    ]  # fmt: skip
    return await running(conn, within)


def _still_open(charges: Iterable[Owed], parts: Iterable[Part]) -> list[Owed]:
    taken = {part.charge_id: part.fen for part in parts if part.part == PRINCIPAL}
    rest = (replace(one, open_fen=one.open_fen - taken.get(one.id, 0)) for one in charges)
    return [one for one in rest if one.open_fen > 0]


async def pay(
    conn: AsyncConnection, *, account_id: int | None, community_id: int, amount_fen: int, way: str, paid_on: date,
    source: str, external_ref: str, now: datetime, who: str = "", named_charge_id: int | None = None,
    likely_account_id: int | None = None, state: str = "received", settles_on: date | None = None, payer: str = "",
) -> Paid:  # fmt: skip
    """Enters one payment; twice with the same source and reference changes nothing. Stops the ladder at once (I1).

    Raises LedgerError when the amount is not positive.
    """
    if amount_fen <= 0:
        raise LedgerError("a payment is more than zero; for money given back reverse the payment by its reference")
    touched = [a for a in (account_id, likely_account_id) if a is not None]
    await book.lock_accounts(conn, touched)
    known = await book.payment_by_ref(conn, source, external_ref)
    if known is not None:
        return Paid(known.id, known.account_id, known.amount_fen, 0, new=False)
    row = {
        "community_id": community_id, "account_id": account_id, "likely_account_id": likely_account_id,
        "amount_fen": amount_fen, "way": way, "state": state, "paid_on": paid_on, "named_charge_id": named_charge_id,
        "payer": payer, "source": source, "external_ref": external_ref, "entered_at": now, "settles_on": settles_on,
    }  # fmt: skip
    payment_id = await book.insert_row(conn, payment_table, row)
    await note(conn, Entry("payment", f"payment:{payment_id}", row, now, community_id, who))
    await reallocate(conn, touched, now)
    rest = await book.rest_of(conn, payment_id) if account_id is not None else amount_fen
    return Paid(payment_id, account_id, amount_fen, rest)


async def pay_in_person(conn: AsyncConnection, *, account_id: int, now: datetime, **told: Any) -> tuple[Paid, int]:
    """Money handed to a colleague: entered as ``pay`` does, and what is queued about the account stops at once (I1).

    Answers the payment and how many reminders it stopped; the other flats these spoke of are looked at anew (I3).
    """
    await book.lock_accounts(conn, await outbox.spoken_with(conn, account_id))
    paid = await pay(conn, account_id=account_id, now=now, **told)
    stopped = await outbox.cancel_for_account(conn, account_id, "PAID", now) if paid.new else []
    return paid, len(stopped)


async def reverse(conn: AsyncConnection, source: str, external_ref: str, now: datetime, who: str = "") -> int | None:
    """A payment given back (a bounced bank collection): what it had closed is open again, as a new round.

    Answers the account, or None for money that was never placed. Raises LedgerError for an unknown reference.
    """
    known: Any = await book.payment_by_ref(conn, source, external_ref)
    if known is None:
        raise LedgerError(f"no payment with reference {external_ref!r}; see the reference in the payments list")
    account_id = int(known.account_id) if known.account_id is not None else None
    if not await book.mark_reversed(conn, known.id, now):
        return account_id
    await note(
        conn, Entry("reversal", f"payment:{known.id}", dict(known._mapping), now, known.community_id, who, "reversed")
    )
    if account_id is not None:
        await reallocate(conn, [account_id], now)
    return account_id


async def place(conn: AsyncConnection, payment_id: int, account_id: int, now: datetime, who: str) -> None:
    """Says whose an unidentified transfer was."""
    payment = await book.payment(conn, payment_id)
    if payment is None or not await book.place_payment(conn, payment_id, account_id):
        raise LedgerError(f"payment {payment_id} does not wait for an account")
    await note(
        conn,
        Entry("placed", f"payment:{payment_id}", dict(payment._mapping), now, payment.community_id, who,
              f"account {account_id}"),
    )  # fmt: skip
    others: Iterable[int] = {account_id, *([payment.likely_account_id] if payment.likely_account_id else [])}
    await reallocate(conn, sorted(others), now)


async def settle_in_flight(conn: AsyncConnection, today: date, now: datetime) -> list[int]:
    """Bank collections whose return file is due and not bounced become received; answers the accounts."""
    accounts = await book.land_in_flight(conn, today)
    await reallocate(conn, accounts, now)
    return accounts

"""Payments far larger than everything ever billed to their account: most likely a slip of the keyboard."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.importing.book import Book
from bot.flows.importing.outcome import NewPayment, Outcome
from bot.flows.importing.sentences import sentence
from bot.flows.importing.standing import Holding
from bot.talk.money import yuan
from store import landed, landing

TIMES = 10
"""So many times what was billed in all."""
LEAST_FEN = 1_000_000
"""Below 10,000 yuan nothing is said."""
NAMED = 5


async def warn_of_large(conn: AsyncConnection, book: Book, outcome: Outcome) -> None:
    """Warns of every new payment of over 10,000 yuan and ten times its account's whole billed sum."""
    large = [p for p in outcome.payments if p.amount_fen > LEAST_FEN and p.place is not None and p.state != "reversed"]
    placed = [(p, _account(p)) for p in large]
    billed = await _billed(conn, outcome, {account for _p, account in placed if account is not None})
    strange = [(p, billed[a]) for p, a in placed if a is not None and p.amount_fen > TIMES * billed[a]]
    for payment, fen in strange[:NAMED]:
        assert payment.place is not None
        sheet, row, unit = payment.place
        book.warnings.append(
            sentence("large_payment", sheet=sheet, row=row, unit=unit, paid=yuan(payment.amount_fen), billed=yuan(fen))
        )
    if len(strange) > NAMED:
        book.warnings.append(sentence("large_payments_more", count=len(strange) - NAMED))


Account = Holding | int
"""An account as it will be written, or as the ledger numbers it."""


def _account(payment: NewPayment) -> Account | None:
    holding = payment.holding
    if holding is not None:
        return holding.id or holding
    return payment.account_id


async def _billed(conn: AsyncConnection, outcome: Outcome, accounts: set[Account]) -> dict[Account, int]:
    """Account → all that was billed to it, in the ledger and in these files, in fen."""
    if not accounts:
        return {}
    known = await landing.billed(conn, sorted(a for a in accounts if isinstance(a, int)))
    billed = {account: known.get(account, 0) if isinstance(account, int) else 0 for account in accounts}
    for charge in outcome.charges:
        account = charge.holding.id or charge.holding
        if account in billed:
            billed[account] += charge.row.amount_fen
    listed = {number: holding.id or holding for number, holding in outcome.listed}
    wanted = [number for number, account in listed.items() if account in billed]
    for number, fen in (await landed.fen_by_unit(conn, wanted)).items():
        billed[listed[number]] += fen
    return billed

"""The payment of a line: one of a list of payments, or beside a charge with a reference of its own."""

from datetime import date, timedelta

from bot.flows.importing import remarks
from bot.flows.importing.cells import amount_fen, blank, day
from bot.flows.importing.fees import fee
from bot.flows.importing.line import Line
from bot.flows.importing.periods import find
from bot.flows.importing.rows import ChargeRow, PaymentRow, UnitRow
from bot.flows.importing.sentences import sentence


def read_payment(line: Line, unit: UnitRow | None, charges: list[ChargeRow]) -> PaymentRow | None:
    """A payment of its own: in a list of payments, or beside a charge with a reference."""
    if line.sheet.bills and not is_event(line):
        return None
    fen = line.take("paid", amount_fen, None)
    state = remarks.state(line.words("state")) if line.words("state") else None
    if fen is None or fen == 0:
        if not line.sheet.bills and not line.bad:
            line.problem("paid", sentence("amount_missing" if fen is None else "payment_of_nothing"))
        return None
    if state == "open":
        return None
    bounced = fen < 0 or state == "bounced"
    flying = state == "in_flight"
    paid_on = _paid_on(line, flying)
    ref = line.words("ref")
    named = charges[0] if len(charges) == 1 else None
    row = PaymentRow(
        unit.key if unit else "", abs(fen), way(line), paid_on or line.sheet.years.today, ref,
        line.words("original_ref"), line.words("payer") or line.words("owner"), bounced, flying,
        line.take("settles_on", day, None),
        named.label if named else _named_label(line), named.period.name if named else _named_period(line),
        line.sheet.name, line.number, unit.code if unit else "", remarks.failed(line.words("state")),
    )  # fmt: skip
    told = (row.unit, row.amount_fen, row.paid_on, row.bounced)
    own = f"{ref}|{row.label}|{row.period}" if named else ref
    if ref and not bounced and not line.fresh("payment", own, told):
        return None
    if named and ref:
        row.ref = own
    return row


def is_event(line: Line) -> bool:
    """A payment with a reference beside the charge is a payment of its own."""
    return bool(line.words("ref")) and "paid" in line.sheet.at and not blank(line.cell("paid"))


def _paid_on(line: Line, flying: bool) -> date | None:
    when = line.take("paid_on", day, None)
    if when is None and "paid_on" in line.sheet.at and blank(line.cell("paid_on")):
        line.problem("paid_on", sentence("paid_on_missing"))
    if when is not None and when > line.sheet.years.today + timedelta(days=1) and not flying:
        line.problem("paid_on", sentence("paid_in_future"))
    return when


def way(line: Line) -> str:
    """How the line's money came in."""
    said = line.words("way")
    known = remarks.way(said) if said else "other" if line.sheet.bills else "transfer"
    if known is None:
        line.book.seen("unknown_ways")
    return known or "other"


def _named_label(line: Line) -> str:
    """The fee the payer names, if the list says one."""
    said = line.words("kind")
    named = fee(said) if said else None
    return named[1] if named else ""


def _named_period(line: Line) -> str:
    found = find(line.words("period"), line.sheet.years) if line.words("period") else None
    return found[0].name if found else ""

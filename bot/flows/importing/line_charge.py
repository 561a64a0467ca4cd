"""The charges of a line: one of a list, or every fee of a wide table."""

from datetime import date, timedelta

from bot.flows.importing import remarks
from bot.flows.importing.cells import amount_fen, blank, day
from bot.flows.importing.fees import fee, late_fee
from bot.flows.importing.line import Line
from bot.flows.importing.line_payment import is_event, way
from bot.flows.importing.periods import Period, find, month_end
from bot.flows.importing.rows import ChargeRow, UnitRow
from bot.flows.importing.sentences import sentence
from bot.flows.importing.wide import FeeColumn


def read_charges(line: Line, unit: UnitRow | None) -> list[ChargeRow]:
    """The charges of the line; none without a unit. Problems are named on the line."""
    if unit is None and line.bad:
        _check_amounts(line)
        return []
    if line.sheet.fees:
        found = [_wide_charge(line, unit, fee) for fee in line.sheet.fees]
        charges = [charge for charge in found if charge is not None]
        _share_out(line, charges)
        return charges
    one = _listed_charge(line, unit)
    return [] if one is None else [one]


def _share_out(line: Line, charges: list[ChargeRow]) -> None:
    """A wide table with one column for all that was paid: it closes the oldest fees first."""
    if "paid" not in line.sheet.at or is_event(line) or any(c.told_paid is not None for c in charges):
        return
    left = line.money(line.sheet.at["paid"])
    if left is None:
        return
    for charge in sorted(charges, key=lambda c: (c.period.first, c.kind != "management")):
        charge.told_paid = min(left, charge.amount_fen)
        charge.paid_on, charge.way = line.take("paid_on", day, None), way(line)
        left -= charge.told_paid
    if left and charges:
        charges[-1].told_paid = (charges[-1].told_paid or 0) + left


def _check_amounts(line: Line) -> None:
    """A row without a unit is bad already; its amounts are named all the same."""
    for name in ("amount", "arrears"):
        line.take(name, amount_fen, None)


def _wide_charge(line: Line, unit: UnitRow | None, column: FeeColumn) -> ChargeRow | None:
    amount = line.money(column.column, may_say_paid=column.paid is None)
    paid = line.money(column.paid) if column.paid is not None else None
    left = line.money(column.unpaid) if column.unpaid is not None else None
    if not amount or unit is None:
        return None
    named = (column.kind, column.label) if column.kind else _fee(line)
    period = column.period or _period(line)
    if named is None or named[0] is None or period is None:
        return None
    paid = paid if paid is not None or left is None else amount - left
    return _charge(line, unit, (named[0], named[1]), period, amount, paid)


def _listed_charge(line: Line, unit: UnitRow | None) -> ChargeRow | None:
    amount, paid = _owed_and_paid(line)
    told = line.words("kind") or line.words("period")
    if amount is None:
        if told and not line.bad:
            line.problem("amount" if "amount" in line.sheet.at else "arrears", sentence("amount_missing"))
        return None
    named, period = _fee(line), _period(line)
    if unit is None or named is None or period is None or amount == 0:
        return None
    return _charge(line, unit, named, period, amount, paid)


def _owed_and_paid(line: Line) -> tuple[int | None, int | None]:
    """What the row charges and what it says was paid of it so far (None: says nothing of payments)."""
    at = line.sheet.at
    amount = line.money(at["amount"]) if "amount" in at else None
    left = line.money(at["arrears"]) if "arrears" in at else None
    discount = line.money(at["discount"]) if "discount" in at else None
    paid = None if is_event(line) else _paid_so_far(line, amount)
    if "amount" not in at:
        return left, None
    if amount is not None and discount:
        amount -= discount
    if amount is not None and left is not None and not discount and not line.bad:
        if paid is not None and amount - paid != left:
            line.problem("arrears", sentence("does_not_add_up"))
        elif left > amount:
            line.problem("arrears", sentence("more_left"))
        elif paid is None and not is_event(line):
            paid = amount - left
    return amount, paid


def _paid_so_far(line: Line, amount: int | None) -> int | None:
    if "paid" in line.sheet.at:
        return line.money(line.sheet.at["paid"])
    said = remarks.state(line.words("state")) if line.words("state") else None
    if said == "received" or (said is None and not blank(line.cell("paid_on"))):
        return amount
    return None


def _charge(
    line: Line, unit: UnitRow, named: tuple[str, str], period: Period, amount: int, paid: int | None
) -> ChargeRow | None:
    due = line.take("due", day, None)
    if due is not None and not period.first - timedelta(days=400) <= due <= period.last + timedelta(days=1_100):
        line.problem("due", sentence("due_far", period=period.name))
    ref = "" if is_event(line) else line.words("ref")
    row = ChargeRow(
        unit.key, named[0], named[1], period, amount, due, line.take("posted", day, None), ref, paid,
        line.take("paid_on", day, None) if paid else None, way(line) if paid else "other",
        remarks.remark(line.words("remark")).previous_manager, line.sheet.name, line.number, unit.code,
        f"{unit.key}|{named[1]}|{period.name}", bool(line.sheet.fees), line.words("ref") if is_event(line) else "",
    )  # fmt: skip
    if (
        ref
        and not line.sheet.fees
        and not line.fresh("charge", f"{ref}|{row.label}|{period.name}", (row.key, amount, due))
    ):
        return None
    return row


def _fee(line: Line) -> tuple[str, str] | None:
    said = line.words("kind")
    if not said:
        if "kind" in line.sheet.at and not line.sheet.fees and line.sheet.fee is None:
            line.problem("kind", sentence("fee_missing"))
            return None
        return line.sheet.fee or ("management", "management")
    if late_fee(said):
        line.book.seen("late_fee_rows")
        return None
    dated = find(said, line.sheet.years)
    named = fee(dated[1]) if dated else fee(said)
    if named is None:
        line.problem("kind", sentence("fee"))
    return named


def _period(line: Line) -> Period | None:
    found = _told_period(line)
    if found is None and not line.bad:
        column = next((f for f in ("period", "period_from", "kind", "amount") if f in line.sheet.at), "unit")
        line.problem(column, sentence("no_period"))
    elif found is not None and not date(2000, 1, 1) <= found.first <= line.sheet.years.today + timedelta(days=800):
        line.problem("period" if "period" in line.sheet.at else "unit", sentence("period_wrong", period=found.name))
        return None
    return found


def _told_period(line: Line) -> Period | None:
    first, last = line.take("period_from", day, None), line.take("period_to", day, None)
    if first is not None and last is not None:
        if last < first:
            line.problem("period_to", sentence("period_backwards"))
            return None
        return Period(first, last)
    said = " ".join(w for w in (_year(line.words("year")), line.words("period")) if w)
    if said:
        return _written_period(line, said)
    if "period" in line.sheet.at and not line.sheet.fees and line.sheet.period is None:
        return None
    return _implied_period(line, first)


def _written_period(line: Line, said: str) -> Period | None:
    found = find(said, line.sheet.years)
    if found is None or (found[1].strip(" 年度期月份()-.") and not line.words("year")):
        line.problem("period" if line.words("period") else "year", sentence("period"))
        return None
    return found[0]


def _implied_period(line: Line, first: date | None) -> Period | None:
    """No period told: in the fee's name, from its first day, in the title, or the month it falls due."""
    if in_kind := find(line.words("kind"), line.sheet.years):
        return in_kind[0]
    if first is None and line.sheet.period is not None:
        return line.sheet.period
    anchor = first or line.take("due", day, None) or line.take("posted", day, None)
    if anchor is None:
        return None
    line.book.seen("month_of_date")
    return Period(anchor.replace(day=1), month_end(anchor.year, anchor.month))


def _year(said: str) -> str:
    return f"{said}年" if said.isdigit() else said

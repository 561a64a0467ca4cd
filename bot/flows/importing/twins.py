"""Charges that stand twice in the files with nothing that tells them apart.

A wide table has one row for each unit: the same row twice is a slip, named as an error and never billed twice. In a
list two equal charges may be two parking spaces: they are told apart by count, and named in a note.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.flows.importing.book import Book
from bot.flows.importing.fees import fee_name
from bot.flows.importing.report import Problem
from bot.flows.importing.rows import ChargeRow
from bot.flows.importing.sentences import Place, Sentence, sentence
from bot.flows.importing.standing import Debt, Standing
from bot.talk.money import yuan

Row = tuple[str, int]
"""Sheet and row."""
MOST_FEES = 4
"""Fees named in one error."""


def drop_twins(book: Book, standing: Standing) -> None:
    """Names rows of a wide table that stand twice and leaves them out; notes equal charges that are all counted.

    What the ledger holds that often already is only noted: nobody is billed anew by it.
    """
    again = _told_again(book.charges)
    if not again:
        return
    whole = _whole(book.charges, again)
    twice: dict[Row, Row] = {}
    counted: list[Place] = []
    for group in _alike(book.charges, again):
        known = sum(1 for debt in standing.alike.get(group[0].key, ()) if _holds(debt, group[0]))
        for number, row in enumerate(group[1:], 1):
            same = next((one for one in group[:number] if whole[_at(one)] == whole[_at(row)]), None)
            if row.wide and same is not None and number >= known:
                twice.setdefault(_at(row), _at(same))
            else:
                counted.append(_beside(row, group[0], standing))
    sheets = list(book.unit_headings)
    for place in sorted(counted, key=lambda place: (sheets.index(place[0]), place[1])):
        book.seen_at("twins_counted", place)
    for at, first in twice.items():
        _name(book, [row for row in book.charges if _at(row) == at], first)
    if twice:
        book.charges = [row for row in book.charges if _at(row) not in twice]
        book.payments = [row for row in book.payments if (row.sheet, row.row) not in twice]


def _at(row: ChargeRow) -> Row:
    return row.sheet, row.row


def _told_again(charges: Iterable[ChargeRow]) -> set[str]:
    """Keys that several charges without a number of their own share."""
    met: set[str] = set()
    again: set[str] = set()
    for row in charges:
        if not row.ref:
            (again if row.key in met else met).add(row.key)
    return again


def _whole(charges: Iterable[ChargeRow], again: set[str]) -> dict[Row, set[object]]:
    """Everything that each row with such a charge bills."""
    rows = {_at(row) for row in charges if row.key in again}
    whole: dict[Row, set[object]] = defaultdict(set)
    for row in charges:
        if _at(row) in rows:
            whole[_at(row)].add((row.key, row.amount_fen, row.due_on, row.posted, row.ref, row.event))
    return whole


def _alike(charges: Iterable[ChargeRow], again: set[str]) -> list[list[ChargeRow]]:
    """Charges equal in unit, fee, period, amount and days, where there are several."""
    groups: dict[object, list[ChargeRow]] = defaultdict(list)
    for row in charges:
        if row.key in again and not row.ref:
            groups[(row.key, row.amount_fen, row.due_on, row.posted)].append(row)
    return [group for group in groups.values() if len(group) > 1]


def _holds(debt: Debt, row: ChargeRow) -> bool:
    """Whether the ledger holds the charge of a row."""
    return not debt.cancelled and debt.amount_fen == row.amount_fen and row.due_on in (None, debt.due_on)


def _beside(row: ChargeRow, first: ChargeRow, standing: Standing) -> Place:
    unit = f"{standing.houses[row.unit].code} {yuan(row.amount_fen)}"
    return row.sheet, row.row, Sentence.of(f"{unit}, as row {first.row}", f"{unit}，同第{first.row}行")


def _name(book: Book, charges: Sequence[ChargeRow], first: Row) -> None:
    row, named = charges[0], [(fee_name(charge.label), charge.period.name) for charge in charges[:MOST_FEES]]
    more = "" if len(charges) <= MOST_FEES else " …"
    fees = Sentence.of(
        ", ".join(f"{fee} {period}" for fee, period in named) + more,
        "、".join(f"{fee.zh} {period}" for fee, period in named) + more,
    )
    reason = sentence("row_twice", unit=row.unit_code, row=first[1], fees=fees)
    book.errors.append(Problem(row.sheet, row.row, book.unit_headings.get(row.sheet, "房号"), row.unit_code, reason))

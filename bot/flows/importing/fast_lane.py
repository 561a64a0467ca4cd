"""The fast lane of long lists of charges: cells seen before need not be understood again, only the amount is new.

A line is split into the cells that tell the unit and its people, and the cells that tell the fee and its dates. Lines
are taken in blocks, a column at a time: the first line that tells something new goes the careful way and is learnt
from; the others are looked up. Whatever is not understood goes the careful way as well.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import itemgetter
from typing import Any

from bot.flows.importing.book import Book
from bot.flows.importing.cells import Unreadable, amount_fen
from bot.flows.importing.line import Line, Sheet
from bot.flows.importing.report import Cell
from bot.flows.importing.rows import ChargeRow, UnitRow
from bot.flows.importing.unitcode import key

Careful = Callable[[int, Sequence[Cell]], None]
"""Reads the line of that row the careful way."""

STRANGE = -1
"""Not known, or not as plain as the lane needs it."""
_FEE = ("kind", "period", "year", "period_from", "period_to", "due", "posted")
_CAREFUL = ("paid", "paid_on", "arrears", "discount", "state", "ref", "remark", "late_fee")
"""Columns that make every line its own story."""
_CODE = re.compile(r"[A-Za-z]{0,3}\d{1,5}(-[A-Za-z]{0,3}\d{1,6}){1,3}")


class FastLane:
    """Remembers what the cells of one sheet's good lines meant."""

    def __init__(self, sheet: Sheet, book: Book) -> None:
        at = sheet.at
        self.open = "amount" in at and not sheet.fees and not any(name in at for name in _CAREFUL)
        if not self.open:
            return
        self.sheet = sheet
        self.book = book
        self.amount = itemgetter(at["amount"])
        fee = [at[name] for name in _FEE if name in at]
        self.fee_cells = _getter(fee)
        self.unit_cells = _getter([i for i in sorted(at.values()) if i not in fee and i != at["amount"]])
        self.bare = len(at) == len(fee) + 2
        """Beside the fee and the amount stands only the unit."""
        self.width = max(at.values()) + 1
        self.units: dict[Hashable, int] = {}
        self.fees: dict[Hashable, int] = {}

    def take(self, first: int, lines: Sequence[Sequence[Cell]], careful: Careful) -> int:
        """Takes the block of lines that begins at row ``first``; what it does not understand goes to ``careful``.

        Answers how many it took itself.
        """
        lines = self._padded(lines)
        told_units, told_fees = list(map(self.unit_cells, lines)), list(map(self.fee_cells, lines))
        done = _firsts(told_fees, self.fees) | self._new_units(told_units, first)
        for place in sorted(done):
            careful(first + place, lines[place])
        columns = (
            [self.units.get(told, STRANGE) for told in told_units],
            [self.fees.get(told, STRANGE) for told in told_fees],
            list(map(_owed, map(self.amount, lines))),
        )
        strange = {place for column in columns for place in _strange(column)} - done
        taken = self._take_over(first, columns, done | strange)
        for place in sorted(strange):
            careful(first + place, lines[place])
        return taken

    def _padded(self, lines: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
        """Lines that end early go on with blanks."""
        if min(map(len, lines)) >= self.width:
            return lines
        return [[*line, *[""] * (self.width - len(line))] for line in lines]

    def _take_over(self, first: int, columns: tuple[list[int], ...], but: set[int]) -> int:
        """The lines of the block go to the long list, but for some places; answers how many went."""
        stays = bytearray(b"\1") * len(columns[0])
        for place in but:
            stays[place] = 0
        rows = range(first, first + len(stays))
        units, fees, fens, numbers = (list(compress(column, stays)) for column in (*columns, rows))
        self.book.billing.add(units, fees, fens, numbers)
        return len(numbers)

    def _new_units(self, told: Sequence[Hashable], first: int) -> set[int]:
        """Where units are told that this sheet did not tell before. In a bare list a plain code needs no more care."""
        firsts = _firsts(told, self.units)
        if not self.bare:
            return firsts
        plain = {place for place in firsts if isinstance(said := told[place], str) and _CODE.fullmatch(said)}
        for place in sorted(plain):
            self.units[told[place]] = self._met(str(told[place]), first + place)
        return firsts - plain

    def _met(self, code: str, row: int) -> int:
        fresh = UnitRow(key(code), code, self.sheet.name, row)
        return self.book.billing.unit(self.book.units.setdefault(fresh.key, fresh))

    def learn(self, line: Line, unit: UnitRow | None, charges: list[ChargeRow]) -> None:
        """Remembers a good line by its one charge, which is moved to the long list."""
        if not self.open or line.bad or unit is None or len(charges) != 1 or "|" in charges[0].label:
            return
        (like,) = charges
        billing, told_unit, told_fee = self.book.billing, self.unit_cells(line.cells), self.fee_cells(line.cells)
        if told_unit not in self.units:
            self.units[told_unit] = billing.unit(self.book.units[unit.key])
        if told_fee not in self.fees:
            self.fees[told_fee] = billing.fee(like)
        self.book.charges.pop()
        billing.add([self.units[told_unit]], [self.fees[told_fee]], [like.amount_fen], [line.number])


def _getter(columns: list[int]) -> Callable[[Sequence[Cell]], Any]:
    return itemgetter(*columns) if columns else lambda cells: ()


def _firsts(told: Sequence[Hashable], known: Mapping[Hashable, int]) -> set[int]:
    """Where each thing not yet known is told first."""
    if all(map(known.__contains__, told)):
        return set()
    new = set(told) - known.keys()
    where = dict(zip(reversed(told), range(len(told) - 1, -1, -1), strict=True))
    return {where[one] for one in new}


def _strange(column: list[int]) -> list[int]:
    if STRANGE not in column:
        return []
    return [place for place, told in enumerate(column) if told == STRANGE]


@lru_cache(maxsize=65_536, typed=True)
def _owed(cell: Cell) -> int:
    """A plain amount above zero in fen, else STRANGE: the line needs care."""
    try:
        fen = amount_fen(cell)
    except Unreadable:
        return STRANGE
    return fen if fen is not None and fen > 0 else STRANGE

"""The fast lane of long lists of charges: cells seen before need not be understood again, only the amount is new.

A line is split into the cells that tell the unit and its people, and the cells that tell the fee and its dates. When
both were met on good lines before, the charge is built from what was learnt; anything else goes the careful way.
"""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from bot.flows.importing.cells import Unreadable, amount_fen
from bot.flows.importing.line import Line, Sheet
from bot.flows.importing.report import Cell
from bot.flows.importing.rows import Book, ChargeRow, UnitRow
from bot.flows.importing.unitcode import key

_FEE = ("kind", "period", "year", "period_from", "period_to", "due", "posted")
_CAREFUL = ("paid", "paid_on", "arrears", "discount", "state", "ref", "remark", "late_fee")
"""Columns that make every line its own story."""
_CODE = re.compile(r"[A-Za-z]{0,3}\d{1,5}(-[A-Za-z]{0,3}\d{1,6}){1,3}")


class FastLane:
    """Remembers what the cells of one sheet's good lines meant."""

    def __init__(self, sheet: Sheet, book: Book) -> None:
        at = sheet.at
        self.open = "amount" in at and not sheet.fees and not any(name in at for name in _CAREFUL)
        self.sheet = sheet
        self.book = book
        if not self.open:
            return
        self.amount = at["amount"]
        fee = [at[name] for name in _FEE if name in at]
        self.fee_cells = _getter(fee)
        self.unit_cells = _getter([i for i in sorted(at.values()) if i not in fee and i != self.amount])
        self.bare = len(at) == len(fee) + 2
        """Beside the fee and the amount stands only the unit."""
        self.width = max(at.values()) + 1
        self.units: dict[Any, UnitRow] = {}
        self.fees: dict[Any, tuple[ChargeRow, str]] = {}

    def take(self, number: int, cells: Sequence[Cell]) -> bool:
        """Whether the line was understood here and its charge taken over."""
        if not self.open or len(cells) < self.width:
            return False
        known = self.fees.get(self.fee_cells(cells))
        if known is None:
            return False
        told = self.unit_cells(cells)
        unit = self.units.get(told) or (self._met(told, number) if self.bare else None)
        if unit is None:
            return False
        try:
            fen = amount_fen(cells[self.amount])
        except Unreadable:
            return False
        if fen is None or fen <= 0:
            return False
        like, tail = known
        self.book.charges.append(
            ChargeRow(
                unit.key, like.kind, like.label, like.period, fen, like.due_on, like.posted, "", None, None, "other",
                False, self.sheet.name, number, unit.code, unit.key + tail,
            )
        )  # fmt: skip
        return True

    def _met(self, told: Cell, number: int) -> UnitRow | None:
        """A unit not met in this sheet, in a list that says no more of it than a plain code."""
        if not isinstance(told, str) or _CODE.fullmatch(told) is None:
            return None
        fresh = UnitRow(key(told), told, self.sheet.name, number)
        unit = self.units[told] = self.book.units.setdefault(fresh.key, fresh)
        return unit

    def learn(self, line: Line, unit: UnitRow | None, charges: list[ChargeRow]) -> None:
        """Remembers a good line with its one charge."""
        if self.open and not line.bad and unit is not None and len(charges) == 1 and len(line.cells) >= self.width:
            self.units[self.unit_cells(line.cells)] = unit
            self.fees[self.fee_cells(line.cells)] = charges[0], f"|{charges[0].label}|{charges[0].period.name}"


def _getter(columns: list[int]) -> Callable[[Sequence[Cell]], Any]:
    return itemgetter(*columns) if columns else lambda cells: ()

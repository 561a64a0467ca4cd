"""Finding the headings: titles above are skipped, two rows of headings are read as one, columns get their meaning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.flows.importing.cells import text
from bot.flows.importing.fields import exact, loose, named, plain
from bot.flows.importing.periods import Years, year_told
from bot.flows.importing.report import Cell
from bot.flows.importing.sheets import Merge
from bot.flows.importing.wide import WideColumn, read_heading

_ANY_YEAR = Years(2000, date(2000, 1, 1))
LOOK = 30
"""Headings stand within the first rows of a sheet."""

_GENERIC_AMOUNT = frozenset(("金额", "amount", "费用金额", "收费金额"))
_GENERIC_DATE = frozenset(("日期", "date"))
_PAYMENT_SHEET = re.compile(
    r"缴费|收款|实收|支付|到账|收费流水|流水|交费|payment|receipt|paid|collection", re.IGNORECASE
)
_CHARGE_SHEET = re.compile(r"应收|欠费|账单|收费大表|催缴|charge|bill|arrears|receivable", re.IGNORECASE)


@dataclass(slots=True)
class Headings:
    """Where a sheet's columns are. ``first`` is the index of the first data row."""

    first: int
    names: list[str]
    columns: dict[str, int] = field(default_factory=dict)
    wide: dict[int, WideColumn] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    title: str = ""
    written: list[str] = field(default_factory=list)
    """The names as the file has them: full-width marks, ㎡ and all."""
    whole_codes: bool = False
    """The unit column holds whole codes, though building and room stand beside it."""

    def has(self, *fields: str) -> bool:
        """Whether any of the fields has a column."""
        return any(f in self.columns for f in fields)

    def name(self, column: int) -> str:
        """The heading of a column as written, else its letter."""
        names = self.written or self.names
        if 0 <= column < len(names) and names[column]:
            return names[column]
        return _letter(column)


def _letter(column: int) -> str:
    letters = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(slots=True)
class Reading:
    """What the headings are read with."""

    years: Years
    fixed: Mapping[str, str]
    """Headings fixed by hand (--map): heading → our field, a usual heading, 'ignore', or a fee and period."""


def find_headings(
    rows: Sequence[Sequence[Cell]], merges: Sequence[Merge], sheet: str, reading: Reading
) -> Headings | None:
    """The headings among a sheet's first rows; None when no row looks like headings of units, charges or payments."""
    top = [[text(cell) for cell in row] for row in rows[:LOOK]]
    best: tuple[int, int, Headings, int] | None = None
    for index in range(len(top)):
        for depth in (1, 2):
            names = _names(top, index, depth, merges)
            if names is None:
                continue
            found, score = _read(names, index + depth, _title(top, index, sheet), reading)
            if score >= 4 and (best is None or (score, -depth) > best[:2]):
                best = (score, -depth, found, index)
    if best is None:
        return None
    _score, depth, found, index = best
    found.written = _written(rows, index, -depth, merges, found.names)
    _settle(found, sheet)
    return found if found.has("unit") else None


def _written(
    rows: Sequence[Sequence[Cell]], index: int, depth: int, merges: Sequence[Merge], names: list[str]
) -> list[str]:
    """The same headings as the file has them; ``names``, where they cannot be told column by column."""
    as_they_stand = [[cell.strip() if isinstance(cell, str) else text(cell) for cell in row] for row in rows[:LOOK]]
    found = _names(as_they_stand, index, depth, merges) or []
    return [name.replace("\n", "") for name in found] if len(found) == len(names) else names


def _names(top: list[list[str]], index: int, depth: int, merges: Sequence[Merge]) -> list[str] | None:
    """The names of one row of headings, or of two laid over each other (``上\n下``)."""
    if sum(1 for name in top[index] if name) < 2:
        return None
    if depth == 1:
        return top[index]
    if index + 1 >= len(top) or any(
        re.fullmatch(r"[-\d.,]{4,}", cell) for cell in top[index + 1][1:] if len(cell) != 6
    ):
        return None
    above, below = _spread(top[index], index, merges), top[index + 1]
    width = max(len(above), len(below))
    above, below = above + [""] * (width - len(above)), below + [""] * (width - len(below))
    if not any(a and b for a, b in zip(above, below, strict=True)):
        return None
    above = _carried(above, below)
    return [f"{a}\n{b}" if a and b and a != b else a or b for a, b in zip(above, below, strict=True)]


def _spread(row: list[str], index: int, merges: Sequence[Merge]) -> list[str]:
    """A merged heading stands over all its columns."""
    spread = list(row)
    for first_row, first, last_row, last in merges:
        if first_row <= index <= last_row and first < len(row) and last > first:
            for column in range(first + 1, min(last, len(row) - 1) + 1):
                spread[column] = spread[column] or row[first]
    return spread


def _carried(above: list[str], below: list[str]) -> list[str]:
    """A fee or a period above stands over the columns to its right too, though nobody merged the cells."""
    carried, running = list(above), ""
    for column, (over, under) in enumerate(zip(above, below, strict=True)):
        if over:
            running = over if read_heading(over, _ANY_YEAR) else ""
        elif under and running and exact(under) is None:
            carried[column] = running
    return carried


def _title(top: list[list[str]], index: int, sheet: str) -> str:
    above = [cell for row in top[:index] for cell in row if cell]
    return " ".join([*above, sheet])


def _read(names: list[str], first: int, title: str, reading: Reading) -> tuple[Headings, int]:
    """The columns and how much this row looks like headings."""
    told = [y for y in (year_told(name) for name in names) if y] + [y for y in (year_told(title),) if y]
    years = reading.years if reading.years.told or not told else Years(told[0], reading.years.today)
    found = Headings(first, [name.replace("\n", "") for name in names], title=title)
    score = 0
    for column, name in enumerate(names):
        if name:
            score += _place(found, column, name, years, reading)
    return found, score


def _place(found: Headings, column: int, name: str, years: Years, reading: Reading) -> int:
    """Gives one heading its meaning; answers its weight."""
    if len(name) > 60:
        return -2
    flat = name.replace("\n", "")
    by_hand = reading.fixed.get(plain(flat))
    if by_hand is not None:
        return _place_by_hand(found, column, by_hand, years)
    above, _, below = name.rpartition("\n")
    grouped = read_heading(above, years) if above else None
    if grouped is None and (known := exact(below) or exact(flat)):
        return _take(found, column, known)
    if wide := read_heading(flat, years):
        found.wide[column] = wide
        return 2 if wide.kind and wide.period else 1
    if grouped is None and (guess := loose(below) or loose(flat)):
        return min(1, _take(found, column, guess))
    if grouped is None:
        found.unknown.append(column)
    return -1 if re.fullmatch(r"[-+\d.,/:年月日\s]+", flat) or len(flat) > 20 else 0


def _place_by_hand(found: Headings, column: int, word: str, years: Years) -> int:
    if known := named(word):
        found.columns[known] = column
    elif wide := read_heading(word, years):
        found.wide[column] = wide
    return 3


def _take(found: Headings, column: int, known: str) -> int:
    """The first column of a name keeps it; a second telephone is a second telephone."""
    if known == "ignore":
        return 1
    if known == "phone" and "phone" in found.columns:
        known = "phone2"
    if known in found.columns:
        found.unknown.append(column)
        return 0
    found.columns[known] = column
    return 2


def _settle(found: Headings, sheet: str) -> None:
    """Settles words that mean one thing or another by what stands beside them."""
    columns = found.columns
    for stand_in in ("room", "stair", "building"):
        if "unit" not in columns and stand_in in columns:
            columns["unit"] = columns.pop(stand_in)
    if "unit" in columns and columns.pop("room", None) is not None:
        found.whole_codes = True
    _settle_dates(found)
    _settle_amount(found, sheet)
    if "identity" in columns and "owner_ref" not in columns:
        columns["owner_ref"] = columns["identity"]


def _settle_dates(found: Headings) -> None:
    columns = found.columns
    if "due" in columns and "period_from" in columns and "period_to" not in columns and not found.has("period"):
        name = plain(found.name(columns["due"]))
        if name in ("截止日期", "截止日"):
            columns["period_to"] = columns.pop("due")
    generic = "paid_on" in columns and plain(found.name(columns["paid_on"])) in _GENERIC_DATE
    if generic and found.has("amount") and not found.has("paid", "way", "ref", "payer"):
        columns["posted"] = columns.pop("paid_on")


def _settle_amount(found: Headings, sheet: str) -> None:
    """A plain 金额 beside a way or a date of payment is money received."""
    columns = found.columns
    if "amount" not in columns or "paid" in columns or "due" in columns:
        return
    generic = plain(found.name(columns["amount"])) in _GENERIC_AMOUNT
    paying = found.has("way", "paid_on", "payer", "original_ref") or _PAYMENT_SHEET.search(sheet) is not None
    if generic and paying and not _CHARGE_SHEET.search(sheet):
        columns["paid"] = columns.pop("amount")

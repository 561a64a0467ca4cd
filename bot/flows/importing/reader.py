"""Reads one sheet after another into the book: skips titles, blanks and totals, and hands every other row on."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, islice

from bot.flows.importing.book import Book
from bot.flows.importing.cells import Unreadable, amount_fen, blank, text
from bot.flows.importing.fast_lane import FastLane
from bot.flows.importing.fees import fee
from bot.flows.importing.fold import folded
from bot.flows.importing.headings import LOOK, Headings, Reading, find_headings
from bot.flows.importing.line import Line, Sheet
from bot.flows.importing.line_charge import read_charges
from bot.flows.importing.line_payment import read_payment
from bot.flows.importing.line_unit import keep_holds, keep_unit, read_unit
from bot.flows.importing.periods import Years, find, year_told
from bot.flows.importing.profile import is_profile, read_profile
from bot.flows.importing.report import Cell
from bot.flows.importing.rows import ChargeRow, UnitRow
from bot.flows.importing.sentences import sentence
from bot.flows.importing.sheets import Grid
from bot.flows.importing.wide import fee_columns

Progress = Callable[[str, int, int], None]
"""(what, done, of how many; 0: not known)."""

_TOTAL = re.compile(
    r"^(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|本页|本栋|全部合计|.{0,8}(?:合计|小计|总计)$|(?:grand\s*|sub-?\s*)?total\b)",
    re.IGNORECASE,
)
_FOOT = re.compile(
    r"^(?:制\s*表|审\s*核|填\s*表|打\s*印|复\s*核|编\s*制|负责人|财务|经办|备\s*注[:：]|说\s*明[:：]|注[:：]|note|prepared|printed|checked)",
    re.IGNORECASE,
)
_FILLED = ("building", "stair", "unit", "owner", "phone", "phone2", "segment", "owner_ref", "remark")
"""Columns where a cell merged over several rows counts for all of them. Never money."""
_AS_OF = re.compile(r"(?:截至|截止|as of|as at)[^0-9]{0,6}(20\d{2})[-/.年](1[0-2]|0?[1-9])[-/.月]([12]\d|30|0?[1-9])")
_TITLE_END = re.compile(r"(?:收费|缴费|欠费|应收|催缴|收缴)?(?:大|明细|清|统计|汇总|一览|台)?[表单账册]$")
BLOCK = 10_000
"""Lines read at a time."""


@dataclass(slots=True)
class Work:
    """What every sheet of one import is read with."""

    reading: Reading
    region: str
    book: Book
    progress: Progress | None = None
    by_column: bool = False
    """Whether plain charges of long lists go to the book's billing; a list of debts is read row by row."""


def read_if_profile(grid: Grid, name: str, book: Book) -> None:
    """Reads the sheet when it is the community's profile, which the other sheets are read with."""
    top = list(islice(grid.rows(), LOOK))
    if is_profile(top):
        read_profile(top, name, book)


def read_grid(grid: Grid, name: str, work: Work) -> None:
    """Reads one sheet; ``name`` is how problems call it."""
    rows = grid.rows()
    top = list(islice(rows, LOOK))
    found = find_headings(top, grid.merges, name, work.reading)
    if found is not None:
        grid.data_from = found.first
        _read_table(chain(top, rows), grid, name, found, work)
    elif is_profile(top):
        return
    elif any(not blank(cell) for row in top for cell in row):
        work.book.warnings.append(sentence("no_headings", sheet=name))


def _read_table(rows: Iterator[list[Cell]], grid: Grid, name: str, found: Headings, work: Work) -> None:
    table = _Table(grid, name, found, work)
    if told := _AS_OF.search(folded(found.title)):
        work.book.as_of = date(int(told[1]), int(told[2]), int(told[3]))
    work.book.unit_headings[name] = found.name(found.columns["unit"])
    if "owner" in found.columns:
        work.book.owner_headings[name] = found.name(found.columns["owner"])
    for index, cells in enumerate(islice(rows, found.first)):
        table.fill.pass_by(index, cells)
    index = found.first
    while block := list(islice(rows, BLOCK)):
        table.read(index, block)
        index += len(block)
        if work.progress is not None:
            work.progress(name, index, 0)
    _warn_of_unread(name, found, table.numbers, table.rows_read, work.book)


class _Table:
    """One table being read."""

    def __init__(self, grid: Grid, name: str, found: Headings, work: Work) -> None:
        self.found, self.book = found, work.book
        self.sheet = _sheet(name, found, work)
        self.fill = _Fill(grid, found)
        self.lane = FastLane(self.sheet, work.book)
        self.by_column = work.by_column and self.lane.open and self.fill.idle
        self.rows_read = 0
        self.numbers = dict.fromkeys(found.unknown, 0)
        """Column nobody understood → how many numbers stand in it."""

    def read(self, index: int, block: Sequence[list[Cell]]) -> None:
        """A block of lines; ``index`` is where the first of them stands."""
        if self.by_column:
            self.rows_read += self.lane.take(index + 1, block, self._careful)
        else:
            for place, cells in enumerate(block, index):
                self._careful(place + 1, self.fill(place, cells))
        for column in self.numbers:
            self.numbers[column] += sum(_is_money(cells, column) for cells in block)

    def _careful(self, row: int, cells: Sequence[Cell]) -> None:
        if not _is_data(cells, self.found, row - 1, self.sheet, self.book):
            return
        self.rows_read += 1
        line = Line(self.sheet, self.book, row, cells)
        unit, charges = read_line(line)
        if self.by_column:
            self.lane.learn(line, unit, charges)


def read_line(line: Line) -> tuple[UnitRow | None, list[ChargeRow]]:
    """Takes one line over into the book; a bad one leaves only its problems. Answers its unit and charges."""
    sheet, book = line.sheet, line.book
    unit = read_unit(line)
    charges = read_charges(line, unit) if sheet.bills else []
    payment = read_payment(line, unit, charges) if "paid" in sheet.at else None
    if unit is not None and not line.bad:
        keep_holds(line, unit)
        keep_unit(line, unit)
    if line.bad:
        if unit is not None:
            book.bad_units.add(unit.key)
        return unit, []
    book.charges += charges
    if payment is not None:
        book.payments.append(payment)
    return unit, charges


def _sheet(name: str, found: Headings, work: Work) -> Sheet:
    told = year_told(found.title)
    years = work.reading.years
    if told is not None and years.told is None:
        years = type(years)(told, years.today)
    in_title = find(found.title, years)
    title_fee = _title_fee(found.title, years)
    period_column = found.has("period", "year", "period_from")
    if not period_column and not (in_title and any(w.sure for w in found.wide.values())):
        for column in [i for i, w in found.wide.items() if w.period is None]:
            del found.wide[column]
            found.unknown.append(column)
    return Sheet(name, found, fee_columns(found.wide), years, in_title[0] if in_title else None, title_fee, work.region)


def _title_fee(title: str, years: Years) -> tuple[str, str] | None:
    """The fee a title names: 2026年物业费收费台账 is about the management fee."""
    for word in re.split(r"[\s,，、;；()（）]+", title):
        dated = find(word, years)
        named = fee(_TITLE_END.sub("", dated[1] if dated else word))
        if named is not None:
            return named
    return None


class _Fill:
    """Cells merged downwards: the value of the first row counts for all."""

    def __init__(self, grid: Grid, found: Headings) -> None:
        wanted = {found.columns[f] for f in _FILLED if f in found.columns}
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._running: list[tuple[int, int, Cell]] = []
        for first_row, first, last_row, _last in grid.merges:
            if last_row > first_row and first in wanted:
                self._starts.setdefault(first_row, []).append((last_row, first))

    @property
    def idle(self) -> bool:
        return not self._starts

    def pass_by(self, index: int, cells: Sequence[Cell]) -> None:
        for last_row, column in self._starts.get(index, ()):
            if column < len(cells):
                self._running.append((last_row, column, cells[column]))

    def __call__(self, index: int, cells: list[Cell]) -> list[Cell]:
        self.pass_by(index, cells)
        if not self._running:
            return cells
        self._running = [run for run in self._running if run[0] >= index]
        if not any(not blank(cell) for cell in cells):
            return cells
        filled = list(cells)
        for _last_row, column, value in self._running:
            if column < len(filled) and blank(filled[column]):
                filled[column] = value
        return filled


def _is_data(cells: Sequence[Cell], found: Headings, index: int, sheet: Sheet, book: Book) -> bool:
    """Whether the row is neither blank, nor a total, a foot note, or the headings once more."""
    said = [i for i, cell in enumerate(cells) if not blank(cell)]
    if not said:
        return False
    first, unit_at = said[0], found.columns["unit"]
    if any(_is_total(cells[i]) for i in said[:4] if isinstance(cells[i], str)) or _is_foot(cells[first]):
        return False
    if len(said) == 1 and (first != unit_at or len(text(cells[first])) > 24):
        return False
    if _is_heading(cells, found, first) and sum(_is_heading(cells, found, i) for i in said) >= max(2, len(said) - 1):
        return False
    if unit_at not in said and all(_is_money(cells, i) for i in said):
        book.warnings.append(sentence("without_unit", sheet=sheet.name, row=index + 1))
        return False
    return True


@lru_cache(maxsize=65_536)
def _is_total(cell: str) -> bool:
    return _TOTAL.match(folded(cell)) is not None


def _is_foot(cell: Cell) -> bool:
    return isinstance(cell, str) and _FOOT.match(folded(cell)) is not None


def _is_heading(cells: Sequence[Cell], found: Headings, column: int) -> bool:
    return column < len(found.names) and text(cells[column]) == found.names[column]


def _is_money(cells: Sequence[Cell], column: int) -> bool:
    if column >= len(cells) or blank(cells[column]) or isinstance(cells[column], bool):
        return False
    try:
        return amount_fen(cells[column]) is not None
    except Unreadable:
        return False


def _warn_of_unread(name: str, found: Headings, numbers: dict[int, int], rows: int, book: Book) -> None:
    for column, times in numbers.items():
        heading = found.name(column)
        if rows and times * 2 > rows:
            book.warnings.append(sentence("numbers_unread", sheet=name, heading=heading))
        elif heading:
            book.counts.setdefault(sentence("column_unread", sheet=name, heading=heading), 1)
    if found.has("late_fee"):
        book.counts.setdefault(sentence("late_fee_column", sheet=name), 1)

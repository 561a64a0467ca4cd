"""Reading files: every sheet as a grid of cells. Formulas and macros never run; a formula is its last saved result."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from bot.flows.importing.bounds import measure
from bot.flows.importing.report import Cell, Refused
from bot.flows.importing.sentences import sentence

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, all counting from 0 within the grid's columns."""


@dataclass(slots=True)
class Grid:
    """One sheet. ``name`` is the sheet's (a CSV's file name); row 0 is the spreadsheet's row 1."""

    name: str
    file: Path
    book: CalamineWorkbook | None = None
    encoding: str = ""
    delimiter: str = ","
    merges: list[Merge] = field(default_factory=list)
    data_from: int = 0
    """Rows before the first row of data, once the headings were found."""
    loaded: CalamineSheet | None = None

    def rows(self) -> Iterator[list[Cell]]:
        """All rows from the top, empty ones too. Raises Refused when the sheet is damaged."""
        return self._sheet_rows() if self.book is not None else self._text_rows()

    def _sheet_rows(self) -> Iterator[list[Cell]]:
        assert self.book is not None
        try:
            sheet = self.loaded = self.loaded or self.book.get_sheet_by_name(self.name)
            left = sheet.start[1] if sheet.start else 0
            self.merges = [(a, b - left, c, d - left) for (a, b), (c, d) in sheet.merged_cell_ranges or []]
            yield from sheet.iter_rows()
        except CalamineError as error:
            raise Refused(sentence("sheet_unreadable", name=self.file.name, sheet=self.name)) from error

    def _text_rows(self) -> Iterator[list[Cell]]:
        with self.file.open(encoding=self.encoding, newline="") as file:
            try:
                yield from csv.reader(file, delimiter=self.delimiter)
            except (csv.Error, UnicodeDecodeError) as error:
                raise Refused(sentence("csv_unreadable", name=self.file.name, why=error)) from error


def open_file(path: Path) -> list[Grid]:
    """The grids of a file, in order; hidden sheets too, macro and chart sheets not.

    Raises Refused for a file that is too large, damaged, encrypted or of another kind.
    """
    measure(path)
    return _workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else [_text(path)]


def _workbook(path: Path) -> list[Grid]:
    try:
        book = CalamineWorkbook.from_path(path)
    except CalamineError as error:
        raise Refused(sentence("not_a_workbook", name=path.name)) from error
    sheets = [s.name for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    return [Grid(name, path, book) for name in sheets]


def _text(path: Path) -> Grid:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        head = [line for line in (file.readline(65_536) for _ in range(10)) if line]
    if any("\0" in line for line in head):
        raise Refused(sentence("not_text", name=path.name))
    return Grid(path.name, path, encoding=encoding, delimiter=_delimiter(head))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        mark = file.read(4)
    if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise Refused(sentence("encoding", name=path.name))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(head: list[str]) -> str:
    counts = {mark: sum(line.count(mark) for line in head) for mark in (",", "\t", ";")}
    return max(counts, key=lambda mark: counts[mark])

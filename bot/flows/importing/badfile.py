"""The bad rows of a file, written beside it with their reasons, to be corrected and imported again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from bot.flows.importing.report import Cell, Problem
from bot.flows.importing.sentences import sentence
from bot.flows.importing.sheets import Grid


def write_bad_file(
    path: Path,
    grids: Mapping[str, Grid],
    errors: Sequence[Problem],
    left_out: Sequence[tuple[str, int]],
    *,
    chinese: bool = False,
) -> Path | None:
    """Writes ``NAME.bad.xlsx`` beside ``path``; ``grids`` are its sheets as problems call them. None: no bad rows."""
    left = sentence("bad_unit_row")
    reasons: dict[str, dict[int, list[str]]] = {}
    for problem in errors:
        if problem.sheet in grids:
            words = f"{problem.column}: {problem.said(chinese=chinese)}"
            reasons.setdefault(problem.sheet, {}).setdefault(problem.row, []).append(words)
    for sheet, row in left_out:
        if sheet in grids:
            reasons.setdefault(sheet, {}).setdefault(row, []).append(left.zh if chinese else left)
    if not reasons:
        return None
    book = Workbook(write_only=True)
    for sheet, rows in reasons.items():
        _write_sheet(book, grids[sheet], rows)
    target = path.with_name(f"{path.stem}.bad.xlsx")
    book.save(target)
    return target


def _write_sheet(book: Workbook, grid: Grid, rows: Mapping[int, Sequence[str]]) -> None:
    """The rows above the first bad one that may be headings are kept, so that the file can be read again."""
    page = book.create_sheet(grid.name[:31].translate(str.maketrans("[]:*?/\\", "-------")))
    first = min(rows)
    for number, cells in enumerate(grid.rows(), 1):
        if number < min(first, grid.data_from + 1):
            page.append([_plain(page, cell) for cell in cells])
        elif number in rows:
            page.append([*(_plain(page, cell) for cell in cells), _plain(page, "；".join(rows[number]))])


def _plain(page: Any, cell: Cell) -> Any:
    """Text stays text: what begins with = is no formula here either."""
    value = str(cell) if isinstance(cell, timedelta) else cell
    written = WriteOnlyCell(page, value=None if value == "" else value)
    if isinstance(value, str) and value.startswith("="):
        written.data_type = "s"
    return written

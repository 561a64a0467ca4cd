"""Uploaded workbooks: kept while they are looked over, shown beside their faults, mended cell by cell."""

import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from openpyxl import Workbook

from bot.flows.importing.report import Cell, Problem, Refused
from bot.flows.importing.sentences import sentence
from bot.flows.importing.sheets import Grid, open_file

KEPT = timedelta(hours=24)
AROUND = 1
"""Rows shown above and below a bad one."""
SHOWN = 60
"""Bad rows shown at once."""
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,40}$")
_NAME = re.compile(r"[^\w.一-鿿-]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet as it stands in the file; ``bad``: column number → what is wrong there."""

    number: int
    cells: tuple[str, ...]
    bad: Mapping[int, str]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """The bad rows of one sheet with their headings and neighbours."""

    sheet: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def folder_of(var: Path | None) -> Path:
    """Where uploads wait."""
    return (var or Path(gettempdir())) / "yinuo-uploads"


def keep(folder: Path, name: str, data: bytes) -> str:
    """Keeps an uploaded file under a name nobody can guess; answers its token. Raises Refused for a strange kind."""
    plain = _NAME.sub("_", Path(name).name)[-80:] or "workbook.xlsx"
    if Path(plain).suffix.lower() not in (".xlsx", ".xlsm", ".csv", ".tsv", ".txt"):
        raise Refused(sentence("strange_upload", name=plain))
    token = secrets.token_urlsafe(20)
    place = folder / token
    place.mkdir(parents=True, mode=0o700)
    (place / plain).write_bytes(data)
    return token


def kept(folder: Path, token: str) -> Path:
    """The file of a token. Raises Refused when it is gone."""
    place = folder / token
    found = sorted(place.glob("*")) if _TOKEN.match(token) and place.is_dir() else []
    if not found:
        raise Refused(sentence("upload_gone"))
    return found[0]


def forget(folder: Path, token: str) -> None:
    """Throws an upload away."""
    if _TOKEN.match(token):
        shutil.rmtree(folder / token, ignore_errors=True)


def tidy(folder: Path, now: datetime) -> None:
    """Throws uploads nobody came back for away."""
    for place in folder.glob("*") if folder.is_dir() else ():
        if place.is_dir() and place.stat().st_mtime < (now - KEPT).timestamp():
            shutil.rmtree(place, ignore_errors=True)


def bad_rows(path: Path, problems: Sequence[Problem], *, chinese: bool = False) -> list[Leaf]:
    """The bad rows beside the sheet they stand in, their reasons in Chinese or in English."""
    found = []
    for grid in open_file(path):
        mine = [p for p in problems if p.sheet == grid.name or p.sheet.endswith(f":{grid.name}")]
        if mine:
            found.append(_leaf(grid, mine, chinese=chinese))
    return found


def _leaf(grid: Grid, problems: Sequence[Problem], *, chinese: bool) -> Leaf:
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    wanted = {r + near for r in sorted(by_row)[:SHOWN] for near in range(-AROUND, AROUND + 1)}
    rows, titles = {}, {p.column for p in problems}
    headings: tuple[str, ...] = ()
    for number, cells in enumerate(grid.rows(), 1):
        shown = tuple(_shown(cell) for cell in cells)
        if not headings and titles & set(shown):
            headings = shown
        if number in wanted:
            rows[number] = shown
        if number > max(wanted):
            break
    lines = (_line(n, cells, headings, by_row.get(n, []), chinese=chinese) for n, cells in rows.items())
    return Leaf(grid.name, headings, tuple(lines))


def _line(
    number: int, cells: tuple[str, ...], headings: tuple[str, ...], problems: Sequence[Problem], *, chinese: bool
) -> Line:
    bad: dict[int, str] = {}
    for problem in problems:
        at = headings.index(problem.column) if problem.column in headings else _where(cells, problem.value)
        if at is not None:
            bad[at] = problem.said(chinese=chinese)
    return Line(number, cells, bad, tuple(f"{p.column}: {p.said(chinese=chinese)}" for p in problems))


def _where(cells: Sequence[str], value: str) -> int | None:
    return next((n for n, cell in enumerate(cells) if cell == value and value), None)


def _shown(cell: Cell) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


Mends = Mapping[tuple[str, int, int], str]
"""(sheet, row from 1, column from 0) → what the cell should say."""


def mend(folder: Path, token: str, mends: Mends) -> str:
    """A copy of an upload with some cells said anew; answers its token, the old one is thrown away."""
    path = kept(folder, token)
    book = Workbook(write_only=True)
    for grid in open_file(path):
        page = book.create_sheet(grid.name[:31].translate(str.maketrans("[]:*?/\\", "-------")))
        for number, cells in enumerate(grid.rows(), 1):
            page.append([_mended(cell, mends.get((grid.name, number, at))) for at, cell in enumerate(cells)])
    made = secrets.token_urlsafe(20)
    (folder / made).mkdir(parents=True, mode=0o700)
    book.save(folder / made / f"{path.stem}.xlsx")
    forget(folder, token)
    return made


def _mended(cell: Cell, said: str | None) -> Any:
    value = cell if said is None else said.strip()
    if isinstance(value, str) and value.startswith("="):
        return f"'{value}"
    if isinstance(value, timedelta):
        return str(value)
    return None if value == "" else value

"""Columns whose heading says nothing to us, with what stands in them, so that a person can say what each one is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from bot.flows.importing.cells import blank, text
from bot.flows.importing.fields import exact, loose, named, plain
from bot.flows.importing.headings import LOOK, Headings, Reading, find_headings
from bot.flows.importing.periods import Years, find
from bot.flows.importing.profile import is_profile
from bot.flows.importing.report import Cell
from bot.flows.importing.sheets import open_file
from bot.flows.importing.wide import read_heading

SAMPLES = 3
MOST = 40
"""Strange columns asked about at once."""
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Strange:
    """One column nobody understood: its heading and the first values in it."""

    sheet: str
    heading: str
    samples: tuple[str, ...]


def known_word(word: str) -> bool:
    """Whether a word says what a column is: a field, a usual heading, or a fee with its period."""
    return named(word) is not None or read_heading(word, Years(2000, date(2000, 1, 1))) is not None


def strange_columns(path: Path, told: Mapping[str, str], today: date) -> list[Strange]:
    """The columns of a workbook that hold something and mean nothing to us; ``told``: heading → what a person said.

    A sheet in which no row looks like headings offers the row that comes nearest. Raises Refused for a damaged file.
    """
    reading = Reading(Years(None, today), {plain(heading): word for heading, word in told.items()})
    found: list[Strange] = []
    for grid in open_file(path):
        rows = list(islice(grid.rows(), LOOK + SAMPLES))
        headings = find_headings(rows, grid.merges, grid.name, reading)
        if headings is not None:
            found += _columns(grid.name, headings.names, headings.first, _unread(headings, reading.years), rows)
        elif not is_profile(rows) and (at := _nearest(rows)) is not None:
            names = [text(cell) for cell in rows[at]]
            asked = [n for n, name in enumerate(names) if name and plain(name) not in reading.fixed and not exact(name)]
            found += _columns(grid.name, names, at + 1, asked, rows)
    return list({plain(one.heading): one for one in reversed(found)}.values())[::-1][:MOST]


def _unread(headings: Headings, years: Years) -> list[int]:
    """Columns without a meaning; a second column of a known name is no riddle."""
    dated = headings.has("period", "year", "period_from") or find(headings.title, years) is not None
    bare = [] if dated else [n for n, wide in headings.wide.items() if wide.period is None]
    unknown = [n for n in headings.unknown if not (exact(headings.name(n)) or loose(headings.name(n)))]
    return sorted({*unknown, *bare})


def _nearest(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The row of a sheet without known headings that looks most like them: the most words, the first of its kind."""
    counts = [sum(isinstance(cell, str) and 0 < len(cell.strip()) <= 20 for cell in row) for row in rows[:LOOK]]
    best = max(counts, default=0)
    return counts.index(best) if best > 1 else None


def _columns(
    sheet: str, names: Sequence[str], first: int, asked: Sequence[int], rows: Sequence[Sequence[Cell]]
) -> list[Strange]:  # fmt: skip
    found = []
    for column in asked:
        values = [row[column] for row in rows[first:] if column < len(row) and not blank(row[column])]
        if names[column] and values:
            samples = tuple(text(value)[:_LONGEST] for value in values[:SAMPLES])
            found.append(Strange(sheet, names[column].replace("\n", ""), samples))
    return found

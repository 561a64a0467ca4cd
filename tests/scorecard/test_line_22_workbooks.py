"""Line 22: the same workbook twice; a workbook broken in thirty ways."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from scorecard_estate import START
from sqlalchemy import func, select

from bot.flows.importing.run import import_files
from store import core
from store.engine import Store

ROOM = Path(__file__).parents[1] / "bot" / "flows" / "importing" / "test_broken.py"
TABLES = (core.unit, core.owner, core.contact, core.charge, core.payment, core.account)


def breaks() -> Any:
    """The importer's own list of ways to break a workbook."""
    spec = importlib.util.spec_from_file_location("scorecard_breaks", ROOM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BROKEN = breaks()


@pytest.fixture
def kind(store_url: str) -> str:
    return "sqlite" if store_url.startswith("sqlite") else "postgresql"


def book(path: Path, *names: str) -> Path:
    sheets = {"房屋": BROKEN.UNITS, "应收": BROKEN.CHARGES, "缴费": BROKEN.PAYMENTS}
    pages = {name: [list(row) for row in rows] for name, rows in sheets.items()}
    for name in names:
        sheet, row, column, value, _reason = BROKEN.BREAKS[name]
        pages[sheet][row - 1][column] = value
    made = Workbook()
    made.remove(made.active)
    for title, rows in pages.items():
        page = made.create_sheet(title)
        for row in rows:
            page.append(row)
    made.save(path)
    return path


async def bring(store: Store, path: Path, **more: Any) -> Any:
    return await import_files(store, [path], community="试验小区", now=START, who="scorecard", **more)


async def counts(store: Store) -> list[int]:
    async with store.read() as conn:
        return [(await conn.execute(select(func.count()).select_from(table))).scalar_one() for table in TABLES]


async def test_line_22_broken_in_thirty_ways_and_the_same_twice(store: Store, tmp_path: Path, figure: Any) -> None:
    named = 0
    for number, name in enumerate(BROKEN.BREAKS):
        report = await bring(store, book(tmp_path / f"b{number}.xlsx", name))
        sheet, row, _column, _value, reason = BROKEN.BREAKS[name]
        assert not report.written, name
        assert [(p.sheet, p.row) for p in report.errors] == [(sheet, row)], name
        assert reason in report.errors[0].reason
        named += 1
    assert await counts(store) == [0] * len(TABLES)
    good = book(tmp_path / "good.xlsx")
    first = await bring(store, good)
    after = await counts(store)
    again = await bring(store, good)
    dialect = store.dialect
    figure(22, f"{dialect}: {named} broken workbooks, each row named and nothing written; the good one twice: "
               f"{first.did.new} new, then {again.did.new} new and {again.did.changed} changed")  # fmt: skip
    assert named >= 30
    assert first.written
    assert await counts(store) == after
    assert (again.did.new, again.did.changed) == (0, 0)

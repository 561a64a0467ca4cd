"""Workbooks and imports for the tests of this room."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from bot.flows.importing.report import ImportReport
from bot.flows.importing.run import import_files
from store.engine import Store

Rows = list[list[Any]]
Sheets = dict[str, Rows]
COMMUNITY = "试验小区"


def write_book(path: Path, sheets: Sheets) -> Path:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


@pytest.fixture
def make_book(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str = "book.xlsx", **sheets: Rows) -> Path:
        return write_book(tmp_path / name, sheets)

    return make


@pytest.fixture
def bring(store: Store, now: datetime) -> Callable[..., Awaitable[ImportReport]]:
    """Imports files into the one community of the test."""

    async def run(*paths: Path, **options: Any) -> ImportReport:
        options.setdefault("community", COMMUNITY)
        options.setdefault("now", now)
        return await import_files(store, paths, who="test", **options)

    return run


@pytest.fixture
def ask(store: Store) -> Callable[..., Awaitable[list[tuple[Any, ...]]]]:
    """Rows of a plain question to the database."""

    async def run(question: str) -> list[tuple[Any, ...]]:
        async with store.read() as conn:
            return [tuple(row) for row in (await conn.execute(text(question))).all()]

    return run

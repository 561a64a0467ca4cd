"""Import of a long list of charges, beside the bare reader and writer, and beside the ORM."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bench.estate import ENTERED, NOW, TODAY, fill
from bot.bench.ground import Ground, databases, fresh
from bot.bench.ratio import Watch, alternate
from bot.flows.importing.run import import_files
from store import bulk, core
from store.engine import Store
from store.tables.ledger import Charge

ACCOUNTS = 2_000
ORM_ROWS = 5_000
XLSX_ROWS = 100_000
HEADINGS = ("房号", "费用名称", "账期", "应收金额", "缴费截止")
FEES = ("物业费", "水费", "电费", "车位费")
COLUMNS = ("account_id", "kind", "period", "period_from", "period_to", "amount_fen", "open_fen", "due_on", "due_rule",
           "round", "source", "external_ref", "entered_at", "previous_manager", "months")  # fmt: skip


async def measure(place: Ground, size: int = 100_000, rounds: int = 2) -> list[dict[str, Any]]:
    """A CSV of ``size`` charges on every database; a workbook of 100,000."""
    path, book = place.folder / "charges.csv", place.folder / "charges.xlsx"
    write(path, size)
    found: list[dict[str, Any]] = []
    for dialect in databases(place):
        found += await _one(place, dialect, path, size, rounds)
    found.append(await _xlsx(place, book, XLSX_ROWS, rounds))
    return found


def write(path: Path, size: int) -> None:
    """Months of charges for the estate's units."""
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(HEADINGS)
        sheet.writerows(_rows(size))


def _rows(size: int) -> Iterator[tuple[str, str, str, str, str]]:
    """Month after month back in time, fee after fee, unit after unit."""
    for number in range(size):
        n, turn = number % ACCOUNTS + 1, number // ACCOUNTS
        ago, fee = divmod(turn, len(FEES))
        year, month = 2026 - ago // 12, ago % 12 + 1
        code = f"{n % 40 + 1}-{n % 3 + 1}-{n}"
        yield code, FEES[fee], f"{year}-{month:02d}", f"{300 + number % 500}.50", f"{year}-{month:02d}-28"


async def _one(place: Ground, dialect: str, path: Path, size: int, rounds: int) -> list[dict[str, Any]]:
    async with fresh(place, dialect) as store:
        await fill(store, ACCOUNTS)

        async def ours() -> float:
            await _empty(store)
            watch = Watch()
            report = await import_files(store, [path], community=None, now=NOW, as_of=TODAY)
            taken = watch.seconds()
            if report.errors or not report.written:
                raise RuntimeError(f"the import was refused: {report.errors[:2]}")
            return taken

        async def floor() -> float:
            await _empty(store)
            return await bare(store, path)

        ratio = await alternate(f"import ÷ bare, {dialect}", size, ours, floor, rounds)
        await _empty(store)
        orm = await _orm(store, path)
    share = ratio.json()["candidate_s"] / size
    slower = {"name": f"ORM ÷ import, {dialect}", "size": ORM_ROWS, "ratio": round(orm / ORM_ROWS / share, 2)}
    return [ratio.json(), slower]


async def _empty(store: Store) -> None:
    async with store.write() as conn:
        for name in ("import_change", "import_run", "charge"):
            order = f"TRUNCATE {name} CASCADE" if store.dialect == "postgresql" else f"DELETE FROM {name}"
            await conn.execute(text(order))


async def bare(store: Store, path: Path) -> float:
    """csv and executemany (COPY on PostgreSQL): nothing is checked, compared or remembered."""
    watch = Watch()
    with path.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        next(lines)
        rows = [_charge(number, line) for number, line in enumerate(lines)]
    async with store.write() as conn:
        await conn.execute(text("SELECT 1"))
        await bulk.insert_rows(conn, core.charge, COLUMNS, rows)
    return watch.seconds()


def _charge(number: int, line: list[str]) -> tuple[Any, ...]:
    account, due = int(line[0].rsplit("-", 1)[1]), date.fromisoformat(line[4])
    fen = round(float(line[3]) * 100)
    return (account, "management", line[2], due, due, fen, fen, due, "file", 0, "bare", str(number), ENTERED, False, "")


async def _orm(store: Store, path: Path) -> float:
    """An object per row."""
    watch = Watch()
    async with AsyncSession(store.engine) as session:
        with path.open(newline="", encoding="utf-8") as file:
            lines = csv.reader(file)
            next(lines)
            for number, line in zip(range(ORM_ROWS), lines, strict=False):
                session.add(Charge(**dict(zip(COLUMNS, _charge(number, line), strict=True))))
                await session.flush()
        await session.commit()
    return watch.seconds()


async def _xlsx(place: Ground, path: Path, size: int, rounds: int) -> dict[str, Any]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("应收")
    for row in (HEADINGS, *_rows(size)):
        sheet.append(row)
    book.save(path)
    async with fresh(place, "sqlite") as store:
        await fill(store, ACCOUNTS)

        async def ours() -> float:
            await _empty(store)
            watch = Watch()
            await import_files(store, [path], community=None, now=NOW, as_of=TODAY)
            return watch.seconds()

        async def calamine() -> float:
            watch = Watch()
            CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
            return watch.seconds()

        return (await alternate("XLSX import ÷ calamine alone", size, ours, calamine, rounds)).json()

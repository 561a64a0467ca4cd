"""The judge's own reading of the sample workbook: what each unit owes before the first day, by plain addition."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def owed_by_unit(workbook: Path) -> dict[str, int]:
    """Charges less payments per unit code, in fen."""
    book = load_workbook(workbook, read_only=True, data_only=True)
    owed: dict[str, int] = {}
    for unit, amount in _amounts(book["应收"], "应收金额"):
        owed[unit] = owed.get(unit, 0) + amount
    for unit, amount in _amounts(book["缴费"], "实收金额"):
        owed[unit] = owed.get(unit, 0) - amount
    book.close()
    return owed


def _amounts(sheet: Any, heading: str) -> list[tuple[str, int]]:
    rows = list(sheet.iter_rows(values_only=True))
    headings = list(rows[1])
    unit, amount = headings.index("房号"), headings.index(heading)
    return [
        (str(row[unit]), int((Decimal(str(row[amount])) * 100).to_integral_value()))
        for row in rows[2:]
        if row[unit] and row[amount] is not None and row[unit] != "合计"
    ]

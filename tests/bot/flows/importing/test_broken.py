"""Broken workbooks: every bad cell is named with sheet, row, column, value and reason, and nothing is written."""

from typing import Any

import pytest
from openpyxl import load_workbook

from bot.flows.importing.report import Refused

on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""The file decides, not the database: once is enough."""
UNITS = [
    ["房号", "业主", "手机", "类型", "面积"],
    *([f"1-{n}01", f"业主{chr(0x7532 + n)}", f"1990000{n:04d}", "住宅", 80] for n in range(1, 10)),
]
CHARGES = [
    ["房号", "费用名称", "账期", "应收金额", "缴费截止", "账单号"],
    *([f"1-{n}01", "物业费", "2026Q3", 300 + n, "2026-09-30", f"Z{n}"] for n in range(1, 9)),
]
PAYMENTS = [
    ["房号", "实收金额", "缴费日期", "缴费方式", "流水号"],
    *([f"1-{n}01", 100 + n, "2026-11-20", "微信", f"L{n}"] for n in range(1, 5)),
]

BREAKS: dict[str, tuple[str, int, int, Any, str]] = {
    "amount in words": ("应收", 3, 3, "三百元整", "amount"),
    "amount with misplaced commas": ("应收", 3, 3, "12,34,5", "amount"),
    "amount with three decimals": ("应收", 3, 3, "12.345", "amount"),
    "amount missing": ("应收", 3, 3, None, "missing"),
    "amount below zero": ("应收", 3, 3, -300, "below zero"),
    "amount a date": ("应收", 3, 3, __import__("datetime").date(2026, 9, 30), "amount"),
    "amount too large": ("应收", 3, 3, 10**13, "too large"),
    "no such day": ("应收", 4, 4, "2026-02-30", "no such day"),
    "no date at all": ("应收", 4, 4, "月底", "not a date"),
    "day or month first": ("应收", 4, 4, "03/04/2026", "day or month"),
    "due far from the period": ("应收", 4, 4, "2062-09-30", "far from"),
    "a year that cannot be": ("应收", 4, 4, "1026-09-30", "year"),
    "fee missing": ("应收", 5, 1, None, "missing"),
    "fee unknown": ("应收", 5, 1, "abc", "not a fee"),
    "period missing": ("应收", 6, 2, None, "no period"),
    "period nonsense": ("应收", 6, 2, "第五季度", "period"),
    "period out of reach": ("应收", 6, 2, "2096Q3", "cannot be right"),
    "unit missing": ("应收", 7, 0, None, "missing"),
    "unit unknown": ("应收", 7, 0, "9-999", "no such unit"),
    "unit taken for a date": ("应收", 7, 0, __import__("datetime").date(2026, 3, 12), "date"),
    "reference twice": ("应收", 8, 5, "Z1", "stands already"),
    "phone too short": ("房屋", 3, 2, "1990000", "telephone"),
    "phone rounded": ("房屋", 3, 2, "1.99E+10", "rounded"),
    "phone in words": ("房屋", 3, 2, "问前台", "telephone"),
    "name of digits": ("房屋", 4, 1, "19900000003", "name"),
    "owner missing": ("房屋", 4, 1, None, "owner"),
    "kind of property unknown": ("房屋", 5, 3, "飞船", "property"),
    "area in words": ("房屋", 5, 4, "很大", "area"),
    "two owners of one unit": ("房屋", 10, 0, "1-101", "belongs to"),
    "payment without a date": ("缴费", 2, 2, None, "missing"),
    "payment in the future": ("缴费", 2, 2, "2027-03-01", "future"),
    "payment of nothing": ("缴费", 3, 1, 0, "nothing"),
    "payment amount missing": ("缴费", 3, 1, None, "missing"),
    "payment for no such unit": ("缴费", 4, 0, "9-999", "no such unit"),
    "payment reference twice": ("缴费", 5, 4, "L1", "stands already"),
}


def broken(make_book: Any, *names: str) -> Any:
    sheets = {"房屋": [list(r) for r in UNITS], "应收": [list(r) for r in CHARGES], "缴费": [list(r) for r in PAYMENTS]}
    for name in names:
        sheet, row, column, value, _reason = BREAKS[name]
        sheets[sheet][row - 1][column] = value
    return make_book(**sheets)


@on_sqlite
@pytest.mark.parametrize("name", BREAKS)
async def test_each_way_of_breaking_is_named_and_nothing_is_written(
    name: str, make_book: Any, bring: Any, ask: Any
) -> None:
    report = await bring(broken(make_book, name))
    sheet, row, column, _value, reason = BREAKS[name]
    headings = {"房屋": UNITS[0], "应收": CHARGES[0], "缴费": PAYMENTS[0]}[sheet]
    assert [(p.sheet, p.row) for p in report.errors] == [(sheet, row)], report.errors
    problem = report.errors[0]
    assert reason in problem.reason
    expected = {"two owners of one unit": "业主", "phone in words": "手机"}.get(name, headings[column])
    assert problem.column == expected
    assert not report.written
    assert await ask("SELECT count(*) FROM community") == [(0,)]


@on_sqlite
async def test_a_file_broken_in_ten_ways_names_all_ten(make_book: Any, bring: Any) -> None:
    ten = (
        "amount in words",
        "no such day",
        "fee unknown",
        "period nonsense",
        "unit missing",
        "reference twice",
        "phone too short",
        "kind of property unknown",
        "payment in the future",
        "payment of nothing",
    )
    report = await bring(broken(make_book, *ten))
    assert {(p.sheet, p.row) for p in report.errors} == {BREAKS[name][:2] for name in ten}
    assert len(report.errors) == 10


async def test_skip_bad_writes_the_rest_and_a_file_of_the_bad_rows(make_book: Any, bring: Any, ask: Any) -> None:
    path = broken(make_book, "amount in words", "phone too short", "payment in the future")
    report = await bring(path, skip_bad=True)
    assert report.written
    assert await ask("SELECT count(*) FROM unit") == [(8,)]
    assert await ask("SELECT count(*) FROM charge") == [(7,)]
    assert await ask("SELECT count(*) FROM payment") == [(2,)]
    bad = load_workbook(report.bad_files[0])
    assert report.bad_files == [str(path.with_name("book.bad.xlsx"))]
    assert [cell.value for cell in bad["应收"][2]][:4] == ["1-201", "物业费", "2026Q3", "三百元整"] or bad[
        "应收"
    ].max_row == 3
    words = [str(row[-1]) for page in bad for row in page.iter_rows(min_row=2, values_only=True)]
    assert any("不是金额" in w for w in words), "a Chinese workbook gets its reasons in Chinese"
    assert any("电话号码" in w for w in words)


async def test_a_corrected_file_of_bad_rows_brings_the_rest(make_book: Any, bring: Any, ask: Any) -> None:
    report = await bring(broken(make_book, "amount in words"), skip_bad=True)
    bad = load_workbook(report.bad_files[0])
    bad["应收"]["D2"] = 302
    bad.save(report.bad_files[0])
    from pathlib import Path

    again = await bring(Path(report.bad_files[0]))
    assert again.errors == []
    assert again.did.new == 1
    assert await ask("SELECT count(*) FROM charge") == [(8,)]


@on_sqlite
async def test_a_formula_in_a_bad_row_stays_text(make_book: Any, bring: Any) -> None:
    path = make_book(应收=[["房号", "业主", "费用名称", "账期", "应收金额"], ["1-1", "=乙", "物业费", "2026Q3", "x"]])
    book = load_workbook(path)
    book["应收"]["B2"].data_type = "s"
    book.save(path)
    report = await bring(path, skip_bad=True)
    bad = load_workbook(report.bad_files[0])
    assert all(cell.data_type != "f" for row in bad["应收"].iter_rows() for cell in row)


@on_sqlite
async def test_a_workbook_without_anything_we_know_is_refused(make_book: Any, bring: Any) -> None:
    with pytest.raises(Refused, match="nothing to import"):
        await bring(make_book(日记=[["今天", "天气"], ["晴", "好"]]))

"""What stands twice: a flat of a wide table is never billed double, equal charges of a list are counted and named."""

from typing import Any

import pytest
from openpyxl import load_workbook

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
HEAD = ["房号", "业主", "手机", "物业费2026Q3", "水费2026Q3"]
WIDE = [
    HEAD,
    ["1-101", "甲一", "19900000001", 300, 20],
    ["1-102", "乙二", "19900000002", 280, 30],
    ["1-101", "甲一", "19900000001", 300, 20],
]
OWED = "SELECT u.code, sum(c.amount_fen) FROM charge c JOIN account a ON a.id = c.account_id \
JOIN unit u ON u.id = a.unit_id GROUP BY u.code ORDER BY u.code"


async def test_a_flat_that_stands_twice_in_a_wide_table_is_an_error_with_two_ways_out(
    make_book: Any, bring: Any, ask: Any
) -> None:
    report = await bring(make_book(大表=WIDE))
    (problem,) = report.errors
    assert (problem.sheet, problem.row, problem.column, problem.value) == ("大表", 4, "房号", "1-101")
    assert "row 2" in problem.reason
    assert "management fee 2026Q3, water 2026Q3" in problem.reason
    assert "Delete one" in problem.reason
    assert "账单号" in problem.reason
    assert "第2行" in problem.said(chinese=True)
    assert not report.written
    assert await ask("SELECT count(*) FROM charge") == [(0,)]


async def test_skipped_it_counts_once_and_the_row_is_in_the_file_of_bad_rows(
    make_book: Any, bring: Any, ask: Any
) -> None:
    path = make_book(大表=WIDE)
    report = await bring(path, skip_bad=True)
    assert report.says.charged_fen == 63000
    assert await ask(OWED) == [("1-101", 32000), ("1-102", 31000)]
    assert load_workbook(report.bad_files[0])["大表"]["A2"].value == "1-101"
    again = await bring(path, skip_bad=True)
    assert (again.did.new, again.did.changed) == (0, 0)


async def test_a_number_of_its_own_makes_the_second_row_a_second_bill(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [[*HEAD, "账单号"], *([*row, number] for row, number in zip(WIDE[1:], ("", "", "B-2"), strict=True))]
    report = await bring(make_book(大表=rows))
    assert report.errors == []
    assert await ask(OWED) == [("1-101", 64000), ("1-102", 31000)]


async def test_two_spaces_in_two_rows_of_a_wide_table_are_counted_and_named(
    make_book: Any, bring: Any, ask: Any
) -> None:
    rows = [["房号", "业主", "物业费2026Q3", "车位费2026Q3"], ["1-101", "甲", 300, 150], ["1-101", "甲", "", 150]]
    report = await bring(make_book(大表=rows))
    assert report.errors == []
    assert await ask(OWED) == [("1-101", 60000)]
    assert any("sheet '大表' row 3 (1-101 150" in note for note in report.warnings)


async def test_equal_charges_of_a_list_are_each_counted_and_every_row_is_named(
    make_book: Any, bring: Any, ask: Any
) -> None:
    rows = [["房号", "业主", "费用名称", "账期", "应收金额"], ["1-101", "甲", "车位费", "2026-10", 150]]
    path = make_book(应收=[*rows, *rows[1:] * 7])
    report = await bring(path)
    assert await ask(OWED) == [("1-101", 120000)]
    (note,) = [note for note in report.warnings if "stand twice" in note]
    assert "sheet '应收' row 3 (1-101 150" in note
    assert "as row 2" in note
    assert "and 2 more" in note
    assert "yinuo undo" in note
    assert "同第2行" in note.zh
    again = await bring(path)
    assert (again.did.new, again.did.changed, again.did.unchanged) == (0, 0, report.did.new)


async def test_what_was_billed_twice_before_is_noted_and_not_refused(make_book: Any, bring: Any, ask: Any) -> None:
    listed = [["房号", "业主", "费用名称", "账期", "应收金额"], *[["1-101", "甲一", "物业费", "2026Q3", 300]] * 2]
    await bring(make_book("list.xlsx", 应收=listed))
    rows = [["房号", "业主", "物业费2026Q3"], *[["1-101", "甲一", 300]] * 2]
    report = await bring(make_book(大表=rows))
    assert (report.errors, report.did.new) == ([], 0)
    assert await ask(OWED) == [("1-101", 60000)]
    three = await bring(make_book("three.xlsx", 大表=[*rows, rows[1]]))
    assert [problem.row for problem in three.errors] == [4]

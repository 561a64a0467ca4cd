"""Wide tables as offices keep them: invented headings, the right totals."""

from datetime import date
from typing import Any

import pytest

from bot.flows.importing.book import Book
from bot.flows.importing.headings import Reading
from bot.flows.importing.periods import Years
from bot.flows.importing.reader import Work, read_grid
from bot.flows.importing.sheets import open_file

TODAY = date(2026, 11, 25)

Rows = list[list[Any]]
VARIANTS: dict[str, tuple[Rows, dict[str, int]]] = {
    "kind and period in one word": (
        [
            ["房号", "业主", "物业费2026Q3", "水费7-9月", "合计"],
            ["1-101", "甲一", 300, 20.5, 320.5],
            ["1-102", "乙二", 280, "", 280],
        ],
        {"management|2026Q3": 58000, "water|2026Q3": 2050},
    ),
    "three columns for the unit, title above, total below": (
        [
            ["锦绣花园2026年收费大表"],
            [],
            ["栋", "单元", "房间号", "姓名", "联系电话", "2026年第三季度物业费", "车位费2026年10月", "小计"],
            ["3栋", "2单元", "1201室", "甲一", "19900000001", "￥1,234.50", "３００", "1,534.50"],
            ["3栋", "2单元", "1202室", "乙二", "19900000002", 1000, "-", 1000],
            ["合计", "", "", "", "", "2,234.50", 300, "2,534.50"],
        ],
        {"management|2026Q3": 223450, "parking|2026-10": 30000},
    ),
    "two rows of headings, fee over periods": (
        [
            ["房屋", "业主信息", "", "物业服务费", "", "停车费"],
            ["", "姓名", "手机", "2026Q2", "2026Q3", "2026年10月"],
            ["1-101", "甲一", "19900000001", 300, 310, 150],
            ["1-102", "乙二", "19900000002", 280, 290, 0],
        ],
        {"management|2026Q2": 58000, "management|2026Q3": 60000, "parking|2026-10": 15000},
    ),
    "two rows of headings, period over fees": (
        [
            ["房号", "户主", "2026年7-9月", "", "2026年10-12月", ""],
            ["", "", "物管费", "水费", "物管费", "水费"],
            ["1-101", "甲一", 300, 10, 310, 11],
            ["1-102", "乙二", 280, 20, 290, 21],
        ],
        {"management|2026Q3": 58000, "water|2026Q3": 3000, "management|2026Q4": 60000, "water|2026Q4": 3200},
    ),
    "english": (
        [
            ["Unit No.", "Owner Name", "Mobile", "Mgmt fee Q3/26", "Water Jul-Sep 2026", "Parking Oct 2026", "Total"],
            ["A-1201", "Emma Clarke", "+852 5550 0001", 900, 45.25, 200, 1145.25],
        ],
        {"management|2026Q3": 90000, "water|2026Q3": 4525, "parking|2026-10": 20000},
    ),
    "traditional": (
        [
            ["單位", "業主姓名", "聯絡電話", "2026三季度管理費", "停車費 2026年9月"],
            ["A-1201", "陳大文", "+852 5550 0001", "1,200.00", 350],
            ["總計", "", "", 1200, 350],
        ],
        {"management|2026Q3": 120000, "parking|2026-09": 35000},
    ),
    "months only, fee in the title": (
        [
            ["2026年物业费收费台账"],
            ["楼号", "室号", "业主姓名", "7月", "8月", "9月"],
            ["5", "301", "甲一", 100, 100, 100],
            ["5", "302", "乙二", 90, 90, ""],
        ],
        {"management|2026-07": 19000, "management|2026-08": 19000, "management|2026-09": 10000},
    ),
    "fees only, period in the title": (
        [
            ["2026年第三季度收费大表"],
            ["门牌号", "业主", "物业费", "公摊电费", "垃圾清运费"],
            ["1-101", "甲一", 300, 12.3, 15],
            ["1-102", "乙二", 280, 11, 15],
        ],
        {"management|2026Q3": 58000, "公摊电费|2026Q3": 2330, "垃圾清运费|2026Q3": 3000},
    ),
    "a line per unit and month, a column per fee": (
        [
            ["房号", "姓名", "所属月份", "物业费", "水费"],
            ["1-101", "甲一", "2026年8月", 100, 10],
            ["1-101", "甲一", "2026年9月", 100, 12],
            ["1-102", "乙二", "2026年9月", 90, ""],
        ],
        {"management|2026-08": 10000, "water|2026-08": 1000, "management|2026-09": 19000, "water|2026-09": 1200},
    ),
    "odd order and marks": (
        [
            [
                "序号",
                "户号",
                "产权人",
                "7-9月水费(元)",
                "（2026Q3）物业服务费【元】",
                "车位管理费_202610",
                "电梯维护费26年三季度",
            ],
            [1, "8-2-0905", "甲一", 33, 410, 120, 25],
        ],
        {"water|2026Q3": 3300, "management|2026Q3": 41000, "parking|2026-10": 12000, "电梯维护费|2026Q3": 2500},
    ),
    "owed, paid and left beside each other": (
        [
            ["房号", "业主", "物业费2026Q3应收", "物业费2026Q3实收", "物业费2026Q3欠费"],
            ["1-101", "甲一", 300, 100, 200],
            ["1-102", "乙二", 280, "", 280],
        ],
        {"management|2026Q3": 58000},
    ),
    "arrears by year": (
        [["房号", "业主", "2024年物业费欠费", "2025年物业费欠费", "欠费合计"], ["1-101", "甲一", 1200, 1300, 2500]],
        {"management|2024": 120000, "management|2025": 130000},
    ),
    "dates for headings": (
        [["房号", "业主", "物业费2026.7-9", "物业费 2026-10", "泊车费2026/11"], ["1-101", "甲一", 300, 100, 50]],
        {"management|2026Q3": 30000, "management|2026-10": 10000, "parking|2026-11": 5000},
    ),
}


def read(rows: Rows, make_book: Any, name: str = "Sheet1") -> Book:
    book = Book()
    for grid in open_file(make_book(**{name: rows})):
        read_grid(grid, grid.name, Work(Reading(Years(None, TODAY), {}), "mainland", book))
    return book


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_wide_table_gives_the_right_totals(variant: str, make_book: Any) -> None:
    rows, totals = VARIANTS[variant]
    book = read(rows, make_book)
    found: dict[str, int] = {}
    for charge in book.charges:
        key = f"{charge.label}|{charge.period.name}"
        found[key] = found.get(key, 0) + charge.amount_fen
    assert book.errors == []
    assert found == totals


def test_building_stair_and_room_become_one_code(make_book: Any) -> None:
    rows, _ = VARIANTS["three columns for the unit, title above, total below"]
    book = read(rows, make_book)
    assert [unit.code for unit in book.units.values()] == ["3-2-1201", "3-2-1202"]


def test_paid_beside_owed_is_told_with_the_charge(make_book: Any) -> None:
    rows, _ = VARIANTS["owed, paid and left beside each other"]
    assert [charge.told_paid for charge in read(rows, make_book).charges] == [10000, 0]


def test_a_cell_that_says_paid_is_nothing_owed(make_book: Any) -> None:
    book = read([["房号", "业主", "物业费2026Q3", "物业费2026Q4"], ["1-101", "甲一", "已缴", 300]], make_book)
    assert [charge.amount_fen for charge in book.charges] == [30000]
    assert not book.errors


def test_words_in_a_fee_cell_are_named(make_book: Any) -> None:
    book = read([["房号", "业主", "物业费2026Q3"], ["1-101", "甲一", "三百"], ["1-102", "乙二", 280]], make_book)
    (problem,) = book.errors
    assert (problem.sheet, problem.row, problem.column, problem.value) == ("Sheet1", 2, "物业费2026Q3", "三百")


def test_a_column_of_numbers_that_nobody_understands_is_warned_of(make_book: Any) -> None:
    rows = [["房号", "业主", "物业费2026Q3", "神秘列"], ["1-101", "甲一", 300, 55], ["1-102", "乙二", 280, 66]]
    assert any("神秘列" in warning for warning in read(rows, make_book).warnings)


def test_a_merged_building_counts_for_all_its_rows(make_book: Any, tmp_path: Any) -> None:
    from openpyxl import load_workbook

    rows = [
        ["楼栋", "房号", "业主", "物业费2026Q3"],
        ["7栋", "101", "甲一", 300],
        [None, "102", "乙二", 280],
        [None, "103", "丙三", None],
    ]
    path = make_book(大表=rows)
    opened = load_workbook(path)
    opened["大表"].merge_cells("A2:A4")
    opened["大表"].merge_cells("D3:D4")
    opened.save(path)
    book = Book()
    for grid in open_file(path):
        read_grid(grid, grid.name, Work(Reading(Years(None, TODAY), {}), "mainland", book))
    assert [unit.code for unit in book.units.values()] == ["7-101", "7-102", "7-103"]
    assert sum(charge.amount_fen for charge in book.charges) == 58000

"""Awkward cells: amounts, dates, areas, names, telephones, codes, periods, remarks."""

from datetime import date, datetime
from typing import Any

import pytest

from bot.flows.importing import people, remarks
from bot.flows.importing.cells import Unreadable, amount_fen, area_cm2, day, text
from bot.flows.importing.fees import fee
from bot.flows.importing.periods import Years, find
from bot.flows.importing.unitcode import code, key
from bot.rules.due import SHIPPED, due_date

YEARS = Years(None, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("1,234.50", 123450),
        ("￥1234.5", 123450),
        ("¥ 1,234", 123400),
        ("１２３４．５０", 123450),
        ("1234.5元", 123450),
        ("RMB 88", 8800),
        ("(1,234.50)", -123450),
        ("（100）", -10000),
        ("-5", -500),
        ("−5", -500),
        (486, 48600),
        (486.1, 48610),
        (0.1 + 0.2, 30),
        (234.387, 23439),
        ("", None),
        ("-", None),
        ("无", None),
        (" 7 ", 700),
        ("HK$12.3", 1230),
    ],
)
def test_amounts_are_read_to_the_fen(cell: Any, fen: int | None) -> None:
    assert amount_fen(cell) == fen


@pytest.mark.parametrize(
    "cell",
    ["12,34", "1.234,50", "三百", "12.345", "1e5", "12 34 x", True, date(2026, 1, 1), float("nan"), "1234567890123"],
)
def test_what_is_no_amount_is_not_guessed(cell: Any) -> None:
    with pytest.raises(Unreadable):
        amount_fen(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2026/9/30",
        "2026年9月30日",
        "2026-9-30",
        "20260930",
        "2026.09.30",
        46295,
        "46295",
        46295.5,
        "2026-09-30 12:00:01",
        "30/9/2026",
        "30 Sep 2026",
        "September 30, 2026",
        "２０２６年９月３０日",
        date(2026, 9, 30),
        datetime(2026, 9, 30, 8),
    ],
)
def test_dates_in_every_usual_form(cell: Any) -> None:
    assert day(cell) == date(2026, 9, 30)


@pytest.mark.parametrize("cell", ["2026-02-30", "月底", "03/04/2026", "1026-09-30", "12", 12, True])
def test_what_is_no_date_is_not_guessed(cell: Any) -> None:
    with pytest.raises(Unreadable):
        day(cell)


def test_a_number_cell_loses_its_point_zero() -> None:
    assert text(13800000001.0) == "13800000001"
    assert area_cm2("89.50㎡") == 895_000


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("19900000001/19900000002", 2),
        ("199 0000 0001", 1),
        ("+86 199-0000-0001", 1),
        (19900000001.0, 1),
        ("19900000001(张三)", 1),
        ("19900000001 19900000002", 2),
        ("0086 19900000001", 1),
        ("手机：19900000001；19900000002", 2),
        ("0755-0000 1234", 0),
        ("无", 0),
        ("+852 5550 1234", 1),
        ("(852) 5550 1234", 1),
        ("+44 7700 900123", 1),
        ("19900000001、0755-00001234", 1),
    ],
)
def test_telephones_of_one_cell(cell: Any, numbers: int) -> None:
    assert len(people.phones(cell).mobiles) == numbers


def test_telephones_become_e164() -> None:
    assert people.phones("86-19900000001").mobiles == ("+8619900000001",)
    assert people.phones("5550 1234", "elsewhere").mobiles == ("+85255501234",)


@pytest.mark.parametrize("cell", ["1990000", "1.99E+10", "199000000012", "问前台", "12345"])
def test_what_is_no_telephone_is_named(cell: str) -> None:
    with pytest.raises(Unreadable):
        people.phones(cell)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("张三、李四", ("张三", "李四")),
        ("张三（已故）", ("张三",)),
        ("Smith, John", ("Smith, John",)),
        ("和珅", ("和珅",)),
        ("John Smith & Mary Smith", ("John Smith", "Mary Smith")),
        ("欧阳一,李四", ("欧阳一", "李四")),
    ],
)
def test_owners_of_one_cell(cell: str, names: tuple[str, ...]) -> None:
    assert people.names(cell) == names


def test_a_courtesy_title_makes_no_other_person() -> None:
    assert people.same_name("王五先生") == people.same_name("王 五")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1201", "3栋", "2单元"), "3-2-1201"),
        (("1201室", "3号楼", 2.0), "3-2-1201"),
        (("3-2-1201", "3", "2"), "3-2-1201"),
        (("S-01", "商业街"), "S-01"),
        ((1201.0, "A座"), "A-1201"),
        (("A-1201",), "A-1201"),
    ],
)
def test_codes_of_units(cells: tuple[Any, ...], expected: str) -> None:
    assert code(*cells) == expected


def test_spellings_of_one_unit_meet() -> None:
    assert (
        key("3栋2单元1201室")
        == key("3-2-1201")
        == key("3 - 2 - 1201")
        == key("３－２－１２０１".replace("－", "-").translate(str.maketrans("３２１０", "3210")))
    )


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("2026Q3", "2026Q3"),
        ("2026年第三季度", "2026Q3"),
        ("7-9月", "2026Q3"),
        ("202607-202609", "2026Q3"),
        ("Jul-Sep 2026", "2026Q3"),
        ("2026/7/1-2026/9/30", "2026Q3"),
        ("2026年7、8、9月", "2026Q3"),
        ("2026年7月", "2026-07"),
        ("2026-07", "2026-07"),
        ("202607", "2026-07"),
        ("十二月", "2026-12"),
        ("2026上半年", "2026H1"),
        ("2026年度", "2026"),
        ("2025年12月-2026年2月", "2025-12~2026-02"),
        ("third quarter 2026", "2026Q3"),
        ("2026-07-05", "2026-07"),
        ("Q3'26", "2026Q3"),
    ],
)
def test_periods_in_every_usual_form(said: str, name: str) -> None:
    found = find(said, YEARS)
    assert found is not None
    assert found[0].name == name


def test_a_word_with_a_month_in_it_is_no_period() -> None:
    assert find("marketing fee", YEARS) is None


def test_the_usual_names_of_a_fee_are_one_and_others_stay_apart() -> None:
    assert fee("物业管理费(元)") == fee("Mgmt Fee") == ("management", "management")
    assert fee("公摊水费") == ("water", "公摊水费")
    assert fee("垃圾清运费") == ("other", "垃圾清运费")
    assert fee("abc") is None


def test_the_due_rule_of_domain_md() -> None:
    quarter = find("2026Q3", YEARS)
    assert quarter is not None
    assert due_date("management", quarter[0].first, quarter[0].last, None, SHIPPED) == date(2026, 7, 31)
    assert due_date("water", quarter[0].first, quarter[0].last, None, SHIPPED) == date(2026, 10, 31)
    assert due_date("management", quarter[0].first, quarter[0].last, date(2026, 8, 1), SHIPPED) == date(2026, 8, 16)


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("起诉中", ("SUIT_FILED",)),
        ("未起诉", ()),
        ("已去世", ("DECEASED",)),
        ("分期已结清", ()),
        ("已协商分期，未起诉", ("PLAN_ON_TRACK",)),
        ("", ()),
    ],
)
def test_remarks_are_holds_only_while_they_hold(said: str, holds: tuple[str, ...]) -> None:
    assert remarks.remark(said).holds == holds

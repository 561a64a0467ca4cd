"""Payments told again: after a sale, month after month under one file name, and money given back in part."""

from pathlib import Path
from typing import Any

import pytest

UNITS = [["房号", "业主", "手机"], ["1-101", "甲一", "19900000001"], ["1-102", "乙二", "19900000002"]]
SOLD = [UNITS[0], ["1-101", "丙三", "19900000003"]]
HEAD = ["房号", "费用名称", "账期", "应收金额", "缴费截止"]
CHARGES = [HEAD, ["1-101", "物业费", "2026Q1", 500, "2026-04-01"]]
PAID = ["房号", "金额", "缴费日期", "缴费方式", "流水号", "状态", "原流水号"]
MONEY = "SELECT account_id, amount_fen, state FROM payment ORDER BY id"


def paid(fen: int, day: str, ref: str | None = None, **told: str) -> list[Any]:
    """A row of a list of payments."""
    unit, way, state, original = (told.get(name) for name in ("unit", "way", "state", "original"))
    return [unit or "1-101", fen, day, way or "转账", ref, state, original]


# A flat sold


@pytest.mark.parametrize("ref", ["R1", None])
async def test_money_of_who_sold_stays_theirs_when_it_is_told_again(
    ref: str | None, make_book: Any, bring: Any, ask: Any
) -> None:
    money = [PAID, paid(500, "2026-04-10", ref)]
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=money))
    await bring(make_book("sold.xlsx", 房屋=SOLD), accept_owners={"1-101"})
    again = await bring(make_book("again.xlsx", 缴费=money))
    assert (again.did.new, again.did.changed, again.did.unchanged) == (0, 0, 1)
    assert await ask(MONEY) == [(1, 50_000, "received")]
    assert await ask("SELECT open_fen, round FROM charge") == [(0, 0)]


async def test_a_sale_and_the_old_list_in_one_import_leave_the_money_where_it_was(
    make_book: Any, bring: Any, ask: Any
) -> None:
    money = [PAID, paid(500, "2026-04-10", "R1"), paid(20, "2026-04-11")]
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=money))
    told = await bring(
        make_book("sold.xlsx", 房屋=SOLD, 缴费=[*money, paid(70, "2026-11-20")]), accept_owners={"1-101"}
    )
    assert told.errors == []
    assert await ask(MONEY) == [(1, 50_000, "received"), (1, 2_000, "received"), (3, 7_000, "received")]


async def test_money_that_names_a_charge_of_who_sold_closes_it(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES))
    await bring(make_book("sold.xlsx", 房屋=SOLD), accept_owners={"1-101"})
    head = ["房号", "费用名称", "账期", "实收金额", "缴费日期", "流水号"]
    named = [head, ["1-101", "物业费", "2026Q1", 500, "2026-11-24", "N1"]]
    path = make_book("named.xlsx", 缴费=named)
    await bring(path)
    assert await ask(MONEY) == [(1, 50_000, "received")]
    assert await ask("SELECT open_fen FROM charge") == [(0,)]
    assert (await bring(path)).did.changed == 0


async def test_money_told_with_the_name_of_who_sold_is_theirs(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES))
    await bring(make_book("sold.xlsx", 房屋=SOLD), accept_owners={"1-101"})
    rows = [
        ["1-101", 300, "2026-11-23", "甲一"],
        ["1-101", 40, "2026-11-24", "丙三"],
        ["1-101", 5, "2026-11-24", "某人"],
    ]
    path = make_book("payers.xlsx", 缴费=[["房号", "实收金额", "缴费日期", "付款人"], *rows])
    await bring(path)
    assert await ask(MONEY) == [(1, 30_000, "received"), (3, 4_000, "received"), (3, 500, "received")]
    assert ((await bring(path)).did.new, await ask("SELECT open_fen FROM charge")) == (0, [(20_000,)])


async def test_what_bounced_of_who_sold_opens_their_charge(make_book: Any, bring: Any, ask: Any) -> None:
    money = [PAID, paid(500, "2026-04-10")]
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=money))
    await bring(make_book("sold.xlsx", 房屋=SOLD), accept_owners={"1-101"})
    path = make_book("back.xlsx", 缴费=[*money, paid(-500, "2026-04-12")])
    assert (await bring(path)).errors == []
    assert await ask(MONEY) == [(1, 50_000, "reversed")] * 2
    assert await ask("SELECT open_fen FROM charge") == [(50_000,)]
    assert (await bring(path)).did.changed == 0


async def test_a_payment_names_a_charge_of_an_earlier_import(make_book: Any, bring: Any, ask: Any) -> None:
    later = [*CHARGES, ["1-101", "物业费", "2026Q4", 500, "2026-12-31"]]
    await bring(make_book(房屋=UNITS, 应收=later))
    named = [["房号", "费用名称", "账期", "实收金额", "缴费日期"], ["1-101", "物业费", "2026Q4", 500, "2026-11-24"]]
    await bring(make_book("named.xlsx", 缴费=named))
    assert await ask("SELECT period FROM charge WHERE open_fen = 0") == [("2026Q4",)]


# The same name every month


def month(folder: Path, make_book: Any, **sheets: Any) -> Path:
    folder.mkdir()
    path: Path = make_book(f"{folder.name}/收款.xlsx", **sheets)
    return path


async def test_each_months_list_is_money_of_its_own_whatever_the_file_is_called(
    tmp_path: Path, make_book: Any, bring: Any, ask: Any
) -> None:
    await bring(make_book(房屋=UNITS))
    first = [PAID, paid(200, "2026-09-10"), paid(200, "2026-09-11", unit="1-102", way="银行托收")]
    await bring(month(tmp_path / "09", make_book, 缴费=first))
    second = [PAID, paid(200, "2026-10-10"), paid(200, "2026-10-12", unit="1-102", way="银行托收", state="退票")]
    path = month(tmp_path / "10", make_book, 缴费=second)
    await bring(path)
    days = "SELECT paid_on FROM payment WHERE account_id = 1 ORDER BY paid_on"
    assert [str(day) for (day,) in await ask(days)] == ["2026-09-10", "2026-10-10"]
    assert (await bring(path)).did.changed == 0


async def test_a_file_of_the_same_name_corrects_no_other_day(
    tmp_path: Path, make_book: Any, bring: Any, ask: Any
) -> None:
    """The second list begins on the last day of the first: the name alone does not make two payments one."""
    await bring(make_book(房屋=UNITS))
    await bring(month(tmp_path / "09", make_book, 缴费=[PAID, paid(200, "2026-09-30")]))
    later = [PAID, paid(90, "2026-09-30", unit="1-102"), paid(200, "2026-10-10")]
    await bring(month(tmp_path / "10", make_book, 缴费=later))
    assert await ask("SELECT count(*), sum(amount_fen) FROM payment WHERE account_id = 1") == [(2, 40_000)]


async def test_an_amount_corrected_under_the_same_name_is_no_second_payment(
    tmp_path: Path, make_book: Any, bring: Any, ask: Any
) -> None:
    await bring(make_book(房屋=UNITS))
    await bring(month(tmp_path / "a", make_book, 缴费=[PAID, paid(200, "2026-09-10")]))
    await bring(month(tmp_path / "b", make_book, 缴费=[PAID, paid(180, "2026-09-10")]))
    assert await ask("SELECT amount_fen FROM payment") == [(18_000,)]


# Given back in part


@pytest.mark.parametrize(
    "back",
    [
        paid(-50, "2026-10-12", "T9", original="T1"),
        paid(-50, "2026-10-12", original="T1"),
        paid(-50, "2026-10-12", "T1"),
        paid(-50, "2026-10-12", "T9"),
        paid(50, "2026-10-12", "T9", state="退款"),
        paid(-250, "2026-10-12", "T9", original="T1"),
        paid(-50, "2026-10-12", "T9", original="T7"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_part_given_back_is_refused_with_what_to_do(
    back: list[Any], at_once: bool, make_book: Any, bring: Any, ask: Any
) -> None:
    money = [PAID, paid(200, "2026-09-10", "T1")]
    if at_once:
        report = await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=[*money, back]))
        assert await ask("SELECT count(*) FROM payment") == [(0,)]
    else:
        await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=money))
        report = await bring(make_book("back.xlsx", 缴费=[PAID, back]))
        assert await ask(MONEY) == [(1, 20_000, "received")]
        assert await ask("SELECT open_fen FROM charge") == [(30_000,)]
    (problem,) = report.errors
    assert "原流水号" in problem.reason
    assert "原流水号" in problem.reason.zh


async def test_the_way_a_refusal_names_is_taken_once(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=[PAID, paid(200, "2026-09-10", "T1")]))
    back = [PAID, paid(-200, "2026-10-12", "T9", original="T1"), paid(150, "2026-09-10", "T1-1")]
    path = make_book("back.xlsx", 缴费=back)
    assert (await bring(path)).errors == []
    assert await ask(MONEY) == [(1, 20_000, "reversed"), (1, 15_000, "received")]
    assert await ask("SELECT open_fen, round FROM charge") == [(35_000, 1)]
    assert ((await bring(path)).did.new, (await bring(path)).did.changed) == (0, 0)


async def test_a_part_of_what_is_given_back_already_changes_nothing_and_is_noted(
    make_book: Any, bring: Any, ask: Any
) -> None:
    money = [PAID, paid(200, "2026-09-10", "T1"), paid(-200, "2026-09-11", "T2", original="T1")]
    await bring(make_book(房屋=UNITS, 缴费=money))
    report = await bring(make_book("back.xlsx", 缴费=[PAID, paid(-50, "2026-10-12", "T9", original="T1")]))
    assert report.errors == []
    assert any("row 2" in warning and "T1" in warning for warning in report.warnings)
    assert await ask(MONEY) == [(1, 20_000, "reversed")]


async def test_a_collection_that_was_never_told_as_paid_may_bounce_by_its_own_number(
    make_book: Any, bring: Any, ask: Any
) -> None:
    path = make_book(房屋=UNITS, 缴费=[PAID, paid(200, "2026-09-10", "T1", way="银行托收", state="扣款失败")])
    assert (await bring(path)).errors == []
    assert await ask(MONEY) == [(1, 20_000, "reversed")]
    assert (await bring(path)).did.new == 0

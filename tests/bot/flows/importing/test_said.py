"""What an import says to the office: payments too large, landlines by row, counts that agree, the office's language."""

import json
from datetime import datetime
from typing import Any

import pytest

from bot.flows.importing.report import Refused
from bot.flows.importing.run import undo_last
from bot.flows.importing.sayings import SAYINGS
from bot.flows.importing.sheets import open_file
from bot.flows.uploads import bad_rows
from store.engine import Store

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
UNITS = [["房号", "业主", "手机"], ["1-101", "甲一", "19900000001"], ["1-102", "乙二", "19900000002"]]
CHARGES = [
    ["房号", "费用名称", "账期", "应收金额"],
    ["1-101", "物业费", "2026Q3", 2000],
    ["1-102", "物业费", "2026Q3", 900],
]
PAID = ["房号", "实收金额", "缴费日期", "流水号"]


@pytest.fixture(autouse=True)
def english_house(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


async def test_a_payment_far_above_all_that_was_billed_is_warned_of_with_its_row(make_book: Any, bring: Any) -> None:
    rows = [PAID, ["1-101", 9999999, "2026-11-20", "A1"], ["1-102", 9000, "2026-11-20", "A2"]]
    trial = await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=rows), dry_run=True)
    (note,) = [note for note in trial.warnings if "slip" in note]
    assert "sheet '缴费', row 2: 1-101 paid 9,999,999" in note
    assert "2,000" in note
    assert "应收 2,000" in note.zh
    assert (await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=rows))).written


async def test_what_the_ledger_billed_before_counts_too(make_book: Any, bring: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES))
    paid = [PAID, ["1-101", 19999, "2026-11-20", "A1"], ["1-102", 10001, "2026-11-20", "A2"]]
    report = await bring(make_book("paid.xlsx", 缴费=paid))
    assert ["1-102" in note for note in report.warnings if "slip" in note] == [True]


async def test_a_paid_amount_beside_its_charge_is_looked_at_too(make_book: Any, bring: Any) -> None:
    rows = [
        ["房号", "业主", "费用名称", "账期", "应收金额", "已收金额"],
        ["1-101", "甲", "物业费", "2026Q3", 300, 300000],
    ]
    report = await bring(make_book(台账=rows))
    assert any("sheet '台账', row 2: 1-101 paid 300,000" in note for note in report.warnings)


async def test_landlines_left_out_are_named_by_row_and_a_mobile_with_a_zero_is_a_mobile(
    make_book: Any, bring: Any, ask: Any
) -> None:
    rows = [["房号", "业主", "手机"], ["1-1", "甲", "０１３８０００００００４"], ["1-2", "乙", "013800000005"]]
    rows += [[f"2-{n}", f"业主{n}", f"0755-8300000{n}"] for n in range(1, 8)]
    report = await bring(make_book(房屋=rows))
    assert await ask("SELECT count(*) FROM contact") == [(2,)]
    (note,) = [note for note in report.warnings if "landline" in note]
    assert "sheet '房屋' row 4 (2-1), sheet '房屋' row 5 (2-2)" in note
    assert "and 2 more" in note
    assert "房屋 第4行（2-1）" in note.zh


async def test_a_mobile_with_a_zero_and_a_digit_too_few_is_named_and_not_taken_for_a_landline(
    make_book: Any, bring: Any
) -> None:
    report = await bring(make_book(房屋=[["房号", "业主", "手机"], ["1-1", "甲", "０１３８００００００４"]]))
    assert [(problem.row, problem.value) for problem in report.errors] == [(2, "０１３８００００００４")]


async def test_import_the_same_again_and_undo_count_the_same_things(
    store: Store, make_book: Any, bring: Any, now: datetime
) -> None:
    rows = [
        ["房号", "业主", "手机", "费用名称", "账期", "应收金额", "已收金额"],
        *([f"1-{n}", f"业主{n}", f"1990000000{n}", "物业费", "2026Q3", 300, 100 * (n % 2)] for n in range(1, 8)),
    ]
    path = make_book(台账=rows)
    first, second = await bring(path), await bring(path)
    assert first.words().endswith("written: 18 new (7 units, 7 charges, 4 payments), 0 changed, 0 unchanged")
    assert second.words().endswith("nothing changed: 18 are as they were (7 units, 7 charges, 4 payments)")
    gone = await undo_last(store, 1, now, "test")
    assert (gone.removed, gone.json()["removed"]) == (18, 18)
    assert "; 18 (7 units, 7 charges, 4 payments) removed, 0 restored, 0 closed; with them 7 people" in gone.words()
    assert "去掉 18（7 户、7 笔应收、4 笔缴费）" in gone.words()


async def test_units_made_by_charges_alone_are_counted_again_too(make_book: Any, bring: Any) -> None:
    path = make_book(应收=CHARGES)
    first, second = await bring(path), await bring(path)
    assert (second.did.new, second.did.changed, second.did.unchanged) == (0, 0, first.did.new)


async def test_headings_and_values_are_printed_as_the_file_has_them(make_book: Any, bring: Any) -> None:
    rows = [["房号", "业主", "建筑面积(㎡)", "手机（移动）"], ["1-1", "甲", "很大", "１２３"]]
    report = await bring(make_book(房屋=rows))
    assert [(problem.column, problem.value) for problem in report.errors] == [
        ("建筑面积(㎡)", "很大"),
        ("手机（移动）", "１２３"),
    ]


async def test_a_chinese_workbook_is_answered_in_chinese_and_json_stays_english(make_book: Any, bring: Any) -> None:
    rows = [["房号", "业主", "费用名称", "账期", "应收金额"], ["1-1", "甲", "物业费", "2026Q3", "三百"]]
    report = await bring(make_book(应收=rows))
    assert "  有误：应收 第2行，应收金额“三百”：不是金额，请写成 1234.50 这样" in report.words().splitlines()
    assert report.words().splitlines()[-1].startswith("nothing was written"), "whoever helps reads the end too"
    (problem,) = json.loads(json.dumps(report.json(), ensure_ascii=False))["errors"]
    assert problem["reason"] == "not an amount; write it like 1234.50"
    assert problem["message_zh"] == "不是金额，请写成 1234.50 这样"
    assert len(report.json()["warnings"]) == len(report.json()["warnings_zh"])


async def test_an_english_workbook_is_answered_in_english_unless_the_house_speaks_chinese(
    make_book: Any, bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["Unit", "Owner", "Fee", "Period", "Amount"], ["A-1", "Emma", "management fee", "2026Q3", "many"]]
    report = await bring(make_book(charges=rows))
    assert "  bad: charges row 2, Amount 'many': not an amount; write it like 1234.50" in report.words()
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "有误：" in report.words()
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert "有误：" not in report.words()


async def test_the_import_page_finds_the_cell_under_its_heading_and_says_why_in_chinese(
    make_book: Any, bring: Any
) -> None:
    path = make_book(房屋=[["房号", "业主", "建筑面积(㎡)"], ["1-1", "甲", "很大"]])
    report = await bring(path)
    ((_head, line),) = [leaf.lines for leaf in bad_rows(path, report.errors, chinese=True)]
    assert line.bad == {2: "不是面积（平方米），请写成 89.50 这样"}
    assert bad_rows(path, report.errors)[0].lines[1].reasons[0].startswith("建筑面积(㎡): not an area")


def test_a_refusal_says_both_languages(tmp_path: Any) -> None:
    with pytest.raises(Refused) as refusal:
        open_file(tmp_path / "a.xlsx")
    assert str(refusal.value) == "a.xlsx: there is no such file / a.xlsx：没有这个文件"


def test_every_sentence_says_the_same_facts_in_both_languages() -> None:
    import re

    slots = re.compile(r"\{(\w+)(?:![rs])?\}")
    for code, both in SAYINGS.items():
        assert set(slots.findall(both.en)) == set(slots.findall(both.zh)), code


async def test_ways_to_pay_keep_their_full_width_marks(make_book: Any, bring: Any, ask: Any) -> None:
    said = "微信公众号“锦绣花园”菜单：物业缴费；银行转账：锦绣物业 0000，备注房号"
    profile = [["小区名称", "试验小区"], ["缴费方式", said], ["办公时间", "周一至周五：９点—17点"]]
    await bring(make_book(资料=profile, 房屋=UNITS), community=None)
    ((ways, hours),) = await ask("SELECT pay_ways, office_hours FROM community")
    assert ways == "微信公众号“锦绣花园”菜单：物业缴费\n银行转账：锦绣物业 0000，备注房号"
    assert hours == "周一至周五：９点—17点"

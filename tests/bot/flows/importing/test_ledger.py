"""Importing again: the same file changes nothing, a corrected one just the difference; money, owners, holds, undo."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.flows.importing.report import Refused
from bot.flows.importing.run import undo_last
from store.engine import Store
from store.privacy import erase_person

on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""The file decides, not the database: once is enough."""
UNITS = [["房号", "业主", "手机"], ["1-101", "甲一", "19900000001"], ["1-102", "乙二", "19900000002"]]
CHARGES = [
    ["房号", "费用名称", "账期", "应收金额", "缴费截止"],
    ["1-101", "物业费", "2026Q3", 300, "2026-09-30"],
    ["1-101", "车位费", "2026-10", 150, "2026-10-31"],
    ["1-101", "车位费", "2026-10", 150, "2026-10-31"],
    ["1-102", "物业费", "2026Q3", 280.5, "2026-09-30"],
]
PAYMENTS = [
    ["房号", "实收金额", "缴费日期", "缴费方式"],
    ["1-102", 100, "2026-11-24", "现金"],
    ["1-102", 100, "2026-11-24", "现金"],
]
OPEN = "SELECT sum(open_fen), count(*) FROM charge WHERE cancelled_at IS NULL"


async def test_the_same_file_twice_changes_nothing(make_book: Any, bring: Any, ask: Any) -> None:
    path = make_book(房屋=UNITS, 应收=CHARGES, 缴费=PAYMENTS)
    first = await bring(path)
    assert first.json() | {"warnings": [], "warnings_zh": [], "questions": []} == {
        "accounts": 2,
        "owners": 2,
        "charges": 4,
        "charged_fen": 88050,
        "payments": 2,
        "paid_fen": 20000,
        "new": 8,
        "changed": 0,
        "unchanged": 0,
        "errors": [],
        "warnings": [],
        "warnings_zh": [],
        "questions": [],
    }
    assert [(int(a), b) for a, b in await ask(OPEN)] == [(68050, 4)]
    second = await bring(path)
    assert (second.did.new, second.did.changed, second.did.unchanged) == (0, 0, 8)
    assert not second.written
    assert [(int(a), b) for a, b in await ask(OPEN)] == [(68050, 4)]
    assert await ask("SELECT count(*) FROM import_run") == [(1,)]


async def test_rows_in_another_order_change_nothing(make_book: Any, bring: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=PAYMENTS))
    turned = make_book(
        "turned.xlsx", 缴费=PAYMENTS, 应收=[CHARGES[0], *reversed(CHARGES[1:])], 房屋=[UNITS[0], *reversed(UNITS[1:])]
    )
    report = await bring(turned)
    assert (report.did.new, report.did.changed, report.did.unchanged) == (0, 0, 8)


async def test_a_corrected_amount_changes_just_that_charge(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=PAYMENTS))
    corrected = [*CHARGES[:4], ["1-102", "物业费", "2026Q3", 150, "2026-09-30"]]
    report = await bring(make_book(房屋=UNITS, 应收=corrected, 缴费=PAYMENTS))
    assert (report.did.new, report.did.changed, report.did.unchanged) == (0, 1, 7)
    assert await ask("SELECT amount_fen, open_fen FROM charge WHERE kind='management' ORDER BY amount_fen") == [
        (15000, 0),
        (30000, 30000),
    ]
    again = await bring(make_book(房屋=UNITS, 应收=corrected, 缴费=PAYMENTS))
    assert (again.did.new, again.did.changed) == (0, 0)


async def test_a_corrected_payment_without_a_reference_is_no_second_payment(
    make_book: Any, bring: Any, ask: Any
) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=PAYMENTS))
    corrected = [*PAYMENTS[:2], ["1-102", 180, "2026-11-24", "现金"]]
    report = await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=corrected))
    assert (report.did.new, report.did.changed) == (0, 1)
    assert await ask("SELECT amount_fen FROM payment ORDER BY amount_fen") == [(10000,), (18000,)]
    assert await ask("SELECT open_fen FROM charge WHERE amount_fen = 28050") == [(50,)]
    again = await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=corrected))
    assert (again.did.new, again.did.changed) == (0, 0)


async def test_a_new_quarter_only_adds(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES))
    report = await bring(make_book("q4.xlsx", 应收=[CHARGES[0], ["1-101", "物业费", "2026Q4", 300, "2026-12-31"]]))
    assert report.errors == []
    assert (report.did.new, report.did.changed) == (1, 0)
    assert await ask("SELECT count(*) FROM charge") == [(5,)]


async def test_a_bounced_payment_opens_its_charge_again_as_a_new_round(make_book: Any, bring: Any, ask: Any) -> None:
    head = ["房号", "实收金额", "缴费日期", "缴费方式", "流水号", "状态"]
    paid = [head, ["1-102", 280.5, "2026-11-20", "银行托收", "T1", "成功"]]
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=paid))
    assert await ask("SELECT open_fen, round FROM charge WHERE amount_fen = 28050") == [(0, 0)]
    back = make_book("back.xlsx", 缴费=[head, ["1-102", 280.5, "2026-11-23", "银行托收", "T1", "退票"]])
    report = await bring(back)
    assert report.did.changed == 1
    assert await ask("SELECT open_fen, round FROM charge WHERE amount_fen = 28050") == [(28050, 1)]
    assert (await bring(back)).did.changed == 0
    first = await bring(make_book("first.xlsx", 缴费=paid))
    assert (first.did.new, first.did.changed) == (0, 0)


async def test_a_negative_row_reverses_the_payment_it_belongs_to_once(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [PAYMENTS[0], ["1-102", 100, "2026-11-20", "现金"], ["1-102", -100, "2026-11-22", "现金"]]
    path = make_book(房屋=UNITS, 应收=CHARGES, 缴费=rows)
    report = await bring(path)
    assert (report.says.payments, report.says.paid_fen) == (1, 0)
    assert await ask("SELECT open_fen FROM charge WHERE amount_fen = 28050") == [(28050,)]
    assert await ask("SELECT DISTINCT state FROM payment") == [("reversed",)]


async def test_a_bank_collection_in_flight_closes_nothing_yet(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [
        ["房号", "金额", "缴费日期", "缴费方式", "流水号", "状态"],
        ["1-102", 280.5, "2026-11-24", "托收", "T9", "托收中"],
    ]
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=rows))
    assert await ask("SELECT state, way FROM payment") == [("in_flight", "bank_collection")]
    assert await ask("SELECT open_fen FROM charge WHERE amount_fen = 28050") == [(28050,)]
    rows[1][5] = "成功"
    report = await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=rows))
    assert report.did.changed == 1
    assert await ask("SELECT open_fen FROM charge WHERE amount_fen = 28050") == [(0,)]


async def test_a_transfer_nobody_can_place_waits_with_the_likely_account(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [
        ["房号", "到账金额", "到账时间", "支付方式", "流水号", "付款人"],
        ["", 280.5, "2026-11-24", "转账", "X1", "某人"],
        ["未知", 77, "2026-11-24", "转账", "X2", ""],
    ]
    path = make_book(房屋=UNITS, 应收=CHARGES, 缴费=rows)
    await bring(path)
    found = await ask(
        "SELECT p.state, u.code FROM payment p LEFT JOIN account a ON a.id = p.likely_account_id "
        "LEFT JOIN unit u ON u.id = a.unit_id ORDER BY p.external_ref"
    )
    assert found == [("unidentified", "1-102"), ("unidentified", None)]
    assert (await bring(path)).did.new == 0


async def test_a_payment_that_names_its_charge_closes_that_one(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [
        ["房号", "费用名称", "账期", "实收金额", "缴费日期", "流水号"],
        ["1-101", "物业费", "2026Q4", 300, "2026-11-24", "N1"],
    ]
    charges = [*CHARGES, ["1-101", "物业费", "2026Q4", 300, "2026-12-31"]]
    await bring(make_book(房屋=UNITS, 应收=charges, 缴费=rows))
    assert await ask("SELECT period FROM charge WHERE open_fen = 0") == [("2026Q4",)]


async def test_cash_already_entered_at_the_desk_is_not_counted_again(
    store: Store, make_book: Any, bring: Any, ask: Any, now: datetime
) -> None:
    from bot.flows.ledger import pay

    await bring(make_book(房屋=UNITS, 应收=CHARGES))
    async with store.write() as conn:
        await pay(
            conn,
            account_id=2,
            community_id=1,
            amount_fen=10000,
            way="cash",
            paid_on=date(2026, 11, 24),
            source="desk",
            external_ref="d1",
            now=now,
        )
    report = await bring(make_book("p.xlsx", 缴费=PAYMENTS[:2]))
    assert (report.did.new, report.did.unchanged) == (0, 1)
    assert await ask("SELECT count(*) FROM payment") == [(1,)]


async def test_paid_so_far_is_a_level_and_moves_by_the_difference(make_book: Any, bring: Any, ask: Any) -> None:
    head = ["房号", "业主", "费用名称", "账期", "应收金额", "已收金额", "欠费金额"]
    await bring(make_book(台账=[head, ["1-101", "甲一", "物业费", "2026Q3", 300, 100, 200]]))
    assert await ask("SELECT open_fen FROM charge") == [(20000,)]
    path = make_book(台账=[head, ["1-101", "甲一", "物业费", "2026Q3", 300, 250, 50]])
    report = await bring(path)
    assert (report.did.new, report.did.changed) == (0, 1)
    assert await ask("SELECT open_fen FROM charge") == [(5000,)]
    assert (await bring(path)).did.changed == 0


# A list of debts


async def test_in_a_list_of_debts_absence_means_paid(make_book: Any, bring: Any, ask: Any) -> None:
    head = ["房号", "业主", "手机", "费用名称", "账期", "欠费金额"]
    one = [
        head,
        ["1-101", "甲一", "19900000001", "物业费", "2026Q2", 300],
        ["1-102", "乙二", "19900000002", "物业费", "2026Q2", 280],
    ]
    first = await bring(make_book(欠费=one), arrears=True, as_of=date(2026, 11, 20))
    assert first.did.new == 4
    two = [head, ["1-102", "乙二", "19900000002", "物业费", "2026Q2", 180]]
    second = await bring(make_book("two.xlsx", 欠费=two), arrears=True, as_of=date(2026, 11, 24))
    assert second.did.changed == 2
    assert await ask("SELECT amount_fen, open_fen FROM charge ORDER BY amount_fen") == [(28000, 18000), (30000, 0)]
    assert sorted(await ask("SELECT amount_fen, source, way FROM payment")) == [
        (10000, "arrears:1", "other"),
        (30000, "arrears:1", "other"),
    ]
    third = await bring(make_book("two.xlsx", 欠费=two), arrears=True, as_of=date(2026, 11, 24))
    assert (third.did.new, third.did.changed) == (0, 0)
    assert await ask("SELECT count(*) FROM ledger_watermark") == [(1,)]


async def test_an_arrear_that_comes_back_after_it_was_paid_names_its_row_and_the_next_step(
    bring: Any, make_book: Any
) -> None:
    head = ["房号", "业主", "费用名称", "账期", "欠费金额"]
    both = [head, ["3-2-1201", "王一", "物业费", "2026Q1", 100], ["3-2-1202", "李二", "物业费", "2026Q1", 300]]
    await bring(make_book(欠费=both), arrears=True, as_of=date(2026, 11, 20))
    await bring(make_book("two.xlsx", 欠费=both[:2]), arrears=True, as_of=date(2026, 11, 22))
    again = await bring(make_book("three.xlsx", 欠费=both), arrears=True, as_of=date(2026, 11, 24))
    (told,) = [warning for warning in again.warnings if "3-2-1202" in warning]
    assert "sheet '欠费', row 3" in told
    assert "300.00 yuan" in told or "300 yuan" in told
    assert "yinuo undo" in told
    assert (again.did.new, again.did.changed) == (0, 0), "nothing is guessed"


async def test_a_heading_nobody_knows_says_how_it_is_told(bring: Any, make_book: Any) -> None:
    rows = [["房号", "业主", "费用名称", "账期", "应收金额", "楼长意见"],
            ["3-2-1201", "王一", "物业费", "2026Q1", 100, "好说话"]]  # fmt: skip
    told = await bring(make_book(应收=rows), as_of=date(2026, 11, 20))
    assert any('--map "楼长意见=房号"' in warning and "remembered" in warning for warning in told.warnings)
    odd = [["门户代号", "当家人", "本月数"], ["3-2-1201", "王一", 100]]
    with pytest.raises(Refused, match="--map"):
        await bring(make_book("odd.xlsx", 台账=odd))


async def test_a_list_of_debts_leaves_other_fees_and_later_ones_alone(make_book: Any, bring: Any, ask: Any) -> None:
    charges = [*CHARGES, ["1-102", "物业费", "2026Q4", 280, "2026-12-31"]]
    await bring(make_book(房屋=UNITS, 应收=charges))
    listed = [["房号", "费用名称", "账期", "欠费金额"], ["1-101", "物业费", "2026Q3", 300]]
    await bring(make_book("list.xlsx", 欠费=listed), arrears=True, as_of=date(2026, 11, 24))
    closed = await ask("SELECT kind, period FROM charge WHERE open_fen = 0")
    assert closed == [("management", "2026Q3")]


# Owners


async def test_a_changed_owner_is_asked_about_and_never_merged(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES))
    sold = [UNITS[0], ["1-101", "丙三", "19900000003"]]
    fresh = [CHARGES[0], *CHARGES[1:2], ["1-101", "物业费", "2026Q4", 300, "2026-12-31"]]
    path = make_book("sold.xlsx", 房屋=sold, 应收=fresh)
    report = await bring(path)
    assert [(q.code, q.was, q.now, q.waiting) for q in report.questions] == [("1-101", "甲一", "丙三", 1)]
    assert await ask("SELECT count(*) FROM charge") == [(4,)]
    assert await ask("SELECT count(*) FROM contact") == [(2,)]
    accepted = await bring(path, accept_owners={"1-101"})
    assert accepted.questions == []
    owed = await ask(
        "SELECT o.name, c.period, c.kind FROM charge c JOIN account a ON a.id = c.account_id "
        "JOIN owner o ON o.id = a.owner_id JOIN unit u ON u.id = a.unit_id WHERE u.code = '1-101' ORDER BY c.id"
    )
    assert owed[-1] == ("丙三", "2026Q4", "management")
    assert {name for name, *_ in owed[:-1]} == {"甲一"}
    assert await ask("SELECT count(*) FROM account WHERE closed_on IS NOT NULL") == [(1,)]
    assert (await bring(path, accept_owners={"1-101"})).did.new == 0


async def erased_before(store: Store, ask: Any) -> None:
    """The owner of 1-101, erased by a version that let it be while the flat is theirs."""
    ((person_id,),) = await ask("SELECT person_id FROM owner WHERE name = '甲一'")
    async with store.write() as conn:
        await erase_person(conn, person_id, store.vault.seal(""), datetime(2026, 11, 1, tzinfo=UTC))


async def test_an_owner_erased_while_the_flat_is_theirs_is_billed_again_and_never_asked_about(
    make_book: Any, bring: Any, ask: Any, store: Store
) -> None:
    await bring(make_book(房屋=UNITS))
    await erased_before(store, ask)
    again = await bring(make_book("again.xlsx", 房屋=UNITS, 应收=CHARGES))
    assert again.questions == []
    assert [(int(a), b) for a, b in await ask(OPEN)] == [(88050, 4)]
    assert await ask("SELECT name, erased_at FROM person ORDER BY id") == [("甲一", None), ("乙二", None)]
    assert await ask("SELECT count(*) FROM contact WHERE dead_reason IS NULL AND unbound_at IS NULL") == [(2,)]
    assert not (await bring(make_book("again.xlsx", 房屋=UNITS, 应收=CHARGES))).written


async def test_an_erased_owners_flat_that_was_sold_is_the_new_owners_if_so_told(
    make_book: Any, bring: Any, ask: Any, store: Store
) -> None:
    await bring(make_book(房屋=UNITS))
    await erased_before(store, ask)
    await bring(make_book("again.xlsx", 房屋=UNITS), accept_owners={"1-101"})
    assert await ask("SELECT name FROM owner ORDER BY id") == [("[erased]",), ("乙二",), ("甲一",)]
    assert await ask("SELECT count(*) FROM account WHERE closed_on IS NOT NULL") == [(1,)]


async def test_same_name_and_same_phone_is_one_owner_and_nothing_less_is(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [
        ["房号", "业主", "手机"],
        ["1-1", "王五", "19900000005"],
        ["B-1", "王五", "19900000005"],
        ["1-2", "王五", "19900000006"],
        ["1-3", "王五", ""],
        ["1-4", "赵六", "19900000005"],
    ]
    report = await bring(make_book(房屋=rows))
    assert report.says.owners == 4
    assert await ask("SELECT count(*) FROM person") == [(4,)]
    again = await bring(make_book(房屋=rows))
    assert (again.did.new, again.did.changed) == (0, 0)


async def test_an_owners_number_tells_owners_apart_and_together(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [["房号", "业主", "业主编号"], ["1-1", "王五", "A1"], ["1-2", "王五", "A1"], ["1-3", "王五", "A2"]]
    await bring(make_book(房屋=rows))
    assert await ask("SELECT count(*) FROM owner") == [(2,)]


async def test_an_identity_number_is_never_kept(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=[["房号", "业主", "身份证号"], ["1-1", "王五", "000000190001010000"]]))
    ((kept,),) = await ask("SELECT external_ref FROM owner")
    assert "000000190001010000" not in kept


async def test_several_owners_and_phones_in_one_cell(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=[["房号", "业主", "手机"], ["1-1", "甲一、乙二", "19900000001/19900000002"]]))
    assert await ask("SELECT p.name, c.masked FROM contact c JOIN person p ON p.id = c.person_id ORDER BY c.id") == [
        ("甲一", "199****0001"),
        ("乙二", "199****0002"),
    ]
    assert await ask("SELECT role FROM account_party") == [("co_owner",)]


async def test_a_number_no_longer_told_is_not_written_to_any_more(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book(房屋=UNITS))
    path = make_book(房屋=[UNITS[0], ["1-101", "甲一", "19900000009"]])
    report = await bring(path)
    assert report.did.changed == 1
    assert await ask("SELECT masked, dead_reason FROM contact WHERE person_id = 1 ORDER BY id") == [
        ("199****0001", "replaced"),
        ("199****0009", None),
    ]
    assert (await bring(path)).did.changed == 0


async def test_bindings_told_by_the_file_are_proved_and_phones_are_not(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [
        ["房号", "业主", "手机", "微信openid", "Telegram", "语言"],
        ["1-1", "Emma", "+852 5550 0001", "oABC", "700000001", "English"],
    ]
    await bring(make_book(房屋=rows))
    assert sorted(await ask("SELECT channel, trust FROM contact")) == [
        ("sms", "ledger"),
        ("telegram", "proved"),
        ("wechat", "proved"),
    ]
    assert await ask("SELECT locale FROM person") == [("en",)]


# Holds, due dates, profile, watermark


async def test_remarks_that_are_holds_become_holds_and_end_with_the_remark(
    make_book: Any, bring: Any, ask: Any
) -> None:
    head = ["房号", "业主", "备注"]
    rows = [
        head,
        ["1", "甲", "起诉中"],
        ["2", "乙", "已去世"],
        ["3", "丙", "分期"],
        ["4", "丁", "开发商未售"],
        ["5", "戊", "已撤诉"],
        ["6", "己", "空置"],
    ]
    await bring(make_book(房屋=rows))
    assert await ask("SELECT code FROM hold ORDER BY id") == [
        ("SUIT_FILED",),
        ("DECEASED",),
        ("PLAN_ON_TRACK",),
        ("ON_HOLD",),
    ]
    assert await ask("SELECT segment FROM unit WHERE code = '6'") == [("vacant",)]
    rows[1][2] = ""
    report = await bring(make_book(房屋=rows))
    assert report.did.changed >= 1
    assert await ask("SELECT count(*) FROM hold WHERE ended_at IS NULL") == [(3,)]
    assert (await bring(make_book(房屋=rows))).did.changed == 0


async def test_a_charge_without_a_due_date_takes_the_communitys_rule(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [
        ["房号", "业主", "费用名称", "账期", "应收金额", "账单日期"],
        ["1", "甲", "物业费", "2026Q3", 1, ""],
        ["1", "甲", "水费", "7-9月", 2, ""],
        ["1", "甲", "电费", "2026-09", 3, "2026-10-28"],
    ]
    await bring(make_book(应收=rows))
    due = [str(day) for (day,) in await ask("SELECT due_on FROM charge ORDER BY amount_fen")]
    assert due == ["2026-07-31", "2026-10-31", "2026-11-12"]


async def test_the_profile_sheet_fills_the_community(make_book: Any, bring: Any, ask: Any) -> None:
    profile = [
        ["小区名称", "试验小区"],
        ["服务电话", "0755-0000 1234"],
        ["缴费方式", "微信；前台"],
        ["时区", "Asia/Hong_Kong"],
        ["语言", "繁體"],
        ["数据截至", date(2026, 11, 24)],
    ]
    await bring(make_book(资料=profile, 房屋=UNITS), community=None)
    assert await ask("SELECT name, service_phone, pay_ways, timezone, locale, region FROM community") == [
        ("试验小区", "0755-0000 1234", "微信\n前台", "Asia/Hong_Kong", "zh-Hant", "elsewhere")
    ]
    assert [str(d) for (d,) in await ask("SELECT as_of FROM ledger_watermark")] == ["2026-11-24"]


async def test_a_stale_watermark_is_warned_of_before_it_mutes(make_book: Any, bring: Any) -> None:
    report = await bring(make_book(房屋=UNITS, 应收=CHARGES), as_of=date(2026, 11, 12))
    assert any("warm, talk, formal" in warning for warning in report.warnings)
    charges_only = await bring(make_book("c.xlsx", 应收=[CHARGES[0], ["1-101", "水费", "2026-10", 5, None]]))
    assert any("2026-11-12" in warning for warning in charges_only.warnings)


@on_sqlite
async def test_no_word_about_payments_at_all_is_warned_of(make_book: Any, bring: Any) -> None:
    report = await bring(make_book(房屋=UNITS, 应收=CHARGES))
    assert any("no reminder will go out" in warning for warning in report.warnings)


@on_sqlite
async def test_a_heading_fixed_by_hand_is_remembered(make_book: Any, bring: Any, ask: Any) -> None:
    rows = [["房号", "业主", "大件儿", "小件儿"], ["1", "甲", 100, 7]]
    report = await bring(make_book(表=rows), heading_map={"大件儿": "物业费2026Q3", "小件儿": "ignore"})
    assert report.says.charged_fen == 10000
    rows.append(["2", "乙", 200, 8])
    again = await bring(make_book(表=rows))
    assert again.says.charged_fen == 30000
    with pytest.raises(Refused, match="no column we know"):
        await bring(make_book(表=rows), heading_map={"大件儿": "xyz"})


# Dry runs, communities, undo


async def test_a_dry_run_counts_and_writes_nothing(make_book: Any, bring: Any, ask: Any) -> None:
    report = await bring(make_book(房屋=UNITS, 应收=CHARGES), dry_run=True)
    assert (report.did.new, report.written) == (6, False)
    assert await ask("SELECT count(*) FROM unit") == [(0,)]


@on_sqlite
async def test_an_empty_database_asks_for_the_community_and_a_wrong_name_is_refused(make_book: Any, bring: Any) -> None:
    path = make_book(房屋=UNITS)
    with pytest.raises(Refused, match="--community NAME"):
        await bring(path, community=None)
    await bring(path)
    assert (await bring(path, community=None)).did.new == 0
    with pytest.raises(Refused, match="no community is called"):
        await bring(path, community="别的小区")


async def test_undo_takes_the_last_import_back(
    store: Store, make_book: Any, bring: Any, ask: Any, now: datetime
) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=PAYMENTS))
    before = await ask("SELECT amount_fen, open_fen, due_on FROM charge ORDER BY id")
    changed = [
        CHARGES[0],
        ["1-101", "物业费", "2026Q3", 333, "2026-10-15"],
        ["1-101", "物业费", "2026Q4", 300, "2026-12-31"],
    ]
    await bring(make_book("b.xlsx", 应收=changed, 缴费=[PAYMENTS[0], ["1-101", 50, "2026-11-24", "现金"]]))
    assert await ask("SELECT amount_fen, open_fen, due_on FROM charge ORDER BY id") != before
    report = await undo_last(store, 1, now, "test")
    assert (report.names, report.kept) == ("b.xlsx", 0)
    assert await ask("SELECT amount_fen, open_fen, due_on FROM charge ORDER BY id") == before
    assert await ask("SELECT count(*) FROM payment") == [(2,)]
    await undo_last(store, 1, now, "test")
    assert await ask("SELECT count(*) FROM unit") == [(0,)]
    assert await ask("SELECT count(*) FROM charge") == [(0,)]
    with pytest.raises(Refused, match="no import"):
        await undo_last(store, 1, now, "test")
    assert (await bring(make_book("c.xlsx", 房屋=UNITS, 应收=CHARGES))).did.new == 6


async def test_touched_accounts_are_looked_at_and_money_is_journalled(
    make_book: Any, bring: Any, ask: Any, now: datetime
) -> None:
    await bring(make_book(房屋=UNITS, 应收=CHARGES, 缴费=PAYMENTS))
    assert await ask("SELECT count(*) FROM account WHERE next_look_at IS NULL") == [(0,)]
    kinds = dict(await ask("SELECT kind, count(*) FROM journal_entry GROUP BY kind"))
    assert (kinds["payment"], kinds["import"]) == (2, 1)


async def test_a_flat_file_brings_unit_owner_phone_charge_and_payment(tmp_path: Any, bring: Any, ask: Any) -> None:
    path = tmp_path / "flat.csv"
    path.write_bytes(
        "房号,业主,联系电话,收费项目,账期,本期应收,缴费截止,实收金额,缴费日期,流水号\n"
        "1-1,甲一,19900000001,物业费,2026Q3,300,2026/9/30,300,2026/11/24,F1\n"
        "1-2,乙二,19900000002,物业费,2026Q3,280,2026/9/30,,,\n".encode("gb18030")
    )
    report = await bring(path)
    assert report.errors == []
    assert await ask("SELECT open_fen FROM charge ORDER BY id") == [(0,), (28000,)]
    assert (await bring(path)).did.new == 0

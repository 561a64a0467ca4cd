"""Scripts and slots become text; money, days and baskets in three languages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.basket import period_words
from bot.talk.lengths import field_fault, fit_field, sms_segments
from bot.talk.money import day, money
from bot.talk.scripts import Script
from bot.talk.standard import courtesy
from bot.talk.wording import Basket, BasketLine, CommunityProfile, Unrenderable, slots_for, word

DUE = date(2026, 9, 30)
TODAY = date(2026, 11, 25)
HOUSE = CommunityProfile("锦绣花园", "000-1234", "9:00-18:00", "陈主任", "微信", "微信")


def script(body: str, locale: str = "zh-Hans", fields: dict[str, str] | None = None) -> Script:
    return Script(
        "reminders", "warm_4", locale, None, "", (), (), "t" if fields else None, fields or {}, None, body, body
    )


def basket(*lines: BasketLine) -> Basket:
    return Basket(lines or (BasketLine("3-2-1201", "management", "2026Q3", DUE, 48_600),), TODAY)


@pytest.mark.parametrize(
    ("fen", "locale", "form", "said"),
    [
        (48_600, "zh-Hans", "text", "486元"),
        (48_650, "zh-Hant", "text", "486.50元"),
        (1, "zh-Hans", "text", "0.01元"),
        (1_200_000_000, "zh-Hans", "text", "12,000,000元"),
        (48_600, "en", "text", "RMB 486.00"),
        (48_600, "en", "field", "￥486.00"),
        (1_200_000_000, "zh-Hans", "field", "￥12000000.00"),
    ],
)
def test_money_is_said_as_the_language_writes_it(fen: int, locale: str, form: str, said: str) -> None:
    assert money(fen, locale, form) == said


@pytest.mark.parametrize("wrong", [486.0, "486", None, True])
def test_what_is_not_whole_fen_is_never_said_as_money(wrong: object) -> None:
    with pytest.raises(Unrenderable) as fault:
        word(script("{{ total|money }}"), {"total": wrong})
    assert fault.value.slot == "total"


def test_a_day_is_said_with_its_weekday_where_asked() -> None:
    when = date(2026, 12, 4)
    assert day(when, "zh-Hans") == "2026年12月4日"
    assert day(when, "zh-Hans", style="weekday") == "2026年12月4日（周五）"
    assert day(when, "zh-Hant", style="weekday") == "2026年12月4日（星期五）"
    assert day(when, "en", style="weekday") == "Friday 4 December 2026"
    assert day(when, "en", "field") == "2026年12月4日"


def test_a_missing_slot_stops_the_message_and_is_named() -> None:
    with pytest.raises(Unrenderable) as fault:
        word(script("{{ owner }}您好"), {})
    assert fault.value.slot == "owner"


def test_code_in_a_template_is_never_run() -> None:
    for body in ("{{ owner.__class__ }}", "{% for x in owner %}{% endfor %}", "{{ owner|upper }}", "{{ 7*7 }}", "{{"):
        with pytest.raises(Unrenderable):
            word(script(body), {"owner": "x"})


def test_markup_and_template_signs_in_a_name_stay_what_they_are() -> None:
    assert word(script("{{ owner }}您好"), {"owner": "<b>{{ total }}</b>"}).text == "<b>{{ total }}</b>您好"


def test_a_name_cannot_add_lines_or_turn_the_text_round() -> None:
    assert word(script("{{ owner }}您好"), {"owner": "王\n敏\u202e\x00"}).text == "王 敏您好"


def test_an_empty_link_takes_its_sentence_with_it() -> None:
    body = "甲{% if link %}\n明细：{{ link }}{% endif %}"
    assert word(script(body), {"link": ""}).text == "甲"
    assert word(script(body), {"link": "L"}).text == "甲\n明细：L"


def test_fields_are_filled_in_the_providers_form_and_cut_to_its_limits() -> None:
    fields = {"thing1": "{{ units }}", "amount2": "{{ total|money }}", "time3": "{{ as_of|day }}"}
    worded = word(script("x", "en", fields), {"units": "商" * 30, "total": 5, "as_of": TODAY})
    assert worded.fields == {"thing1": "商" * 19 + "…", "amount2": "￥0.05", "time3": "2026年11月25日"}
    assert all(field_fault(key, value) is None for key, value in worded.fields.items())


def test_the_basket_comes_back_from_its_json_as_it_was() -> None:
    kept = basket(BasketLine("A", "water", "7-9月", DUE, 1, 2), BasketLine("B", "gas", "2026-07", TODAY, 3))
    assert Basket.from_json(kept.to_json()) == kept
    assert (kept.principal, kept.late_fee, kept.total, kept.oldest_due) == (4, 2, 6, DUE)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**6)), max_size=30))
def test_no_charge_is_lost_from_the_list_however_long(amounts: list[tuple[int, int]]) -> None:
    lines = [BasketLine("3-2-1201", "water", "2026-07", DUE, fen, late) for fen, late in amounts]
    slots = slots_for(Basket(tuple(lines), TODAY), locale="zh-Hans", owner="王敏", community=HOUSE)
    charges = str(slots["charges"]).split("\n")
    assert len(charges) <= 12
    if len(lines) > 12:
        rest = sum(line.open_fen + line.late_fee_fen for line in lines[11:])
        assert charges[-1] == f"· 另有{len(lines) - 11}项，共{money(rest, 'zh-Hans')}"


def test_the_standard_slots_say_one_unit_and_several() -> None:
    one = slots_for(basket(), locale="zh-Hans", owner="王敏", community=HOUSE)
    assert (one["owner"], one["units"], one["charges_short"]) == ("王敏业主", "3-2-1201室", "7至9月物业费")
    assert one["charges"] == "· 2026年7至9月物业费 486元，2026年9月30日到期"
    assert (one["days"], one["total"]) == (56, 48_600)
    assert "deadline" not in one
    two = basket(*basket().lines, BasketLine("B1-88", "parking", "2025-12", date(2026, 1, 1), 100))
    both = slots_for(two, locale="en", owner="王敏", community=HOUSE, unit_names={"B1-88": "Space B1-88"})
    assert both["units"] == "Flat 3-2-1201 and 1 more"
    assert both["charges_short"] == "parking Dec 2025 and 1 more"


@pytest.mark.parametrize(
    ("period", "hans", "english"),
    [
        ("2026Q3", "2026年7至9月", "Jul-Sep 2026"),
        ("2026-07", "2026年7月", "Jul 2026"),
        ("2025-12..2026-02", "2025年12月至2026年2月", "Dec 2025-Feb 2026"),
        ("2026", "2026年", "2026"),
        ("2026-13", "2026-13", "2026-13"),
        ("7-9月", "7-9月", "7-9月"),
    ],
)
def test_a_period_is_said_in_words_or_as_the_ledger_writes_it(period: str, hans: str, english: str) -> None:
    assert period_words(period, "zh-Hans") == hans
    assert period_words(period, "en") == english


def test_nobody_is_guessed_to_be_a_mr_or_a_ms() -> None:
    assert courtesy("王敏", "zh-Hans") == "王敏业主"
    assert courtesy("王女士", "zh-Hans") == "王女士"
    assert courtesy("某置业有限公司", "zh-Hans") == "某置业有限公司"
    assert courtesy("王敏", "zh-Hant") == "王敏業主"


@pytest.mark.parametrize(
    ("text", "segments"),
    [("水" * 70, 1), ("水" * 71, 2), ("水" * 135, 3), ("a" * 160, 1), ("a" * 161, 2), ("[" * 81, 2), ("🌸" * 35, 1)],
)
def test_sms_are_counted_as_the_carrier_counts_them(text: str, segments: int) -> None:
    assert sms_segments(text) == segments


def test_a_field_that_fits_is_left_alone() -> None:
    assert fit_field("thing1", "3-2-1201室") == "3-2-1201室"

"""Owners talk and are understood: issue 4's stories, each on every channel where it applies, each ending in silence.

The town judges silence when it closes: a message nobody expected fails the story.
"""

import re
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from stories_kit import Owner, Town

from store.core import attachment, charge, dispute, inbound, promise

FEE = ("物业费", "2026Q3", "486.00", "2026-11-22")
PARKING = ("停车费", "2026Q3", "300.00", "2026-11-22")
WATER = ("水费", "2026-09", "62.00", "2026-11-22")
on = partial(pytest.mark.parametrize, "channel")
FEW_DAYS = {"days": 9}


def reminded(town: Town, *, owes: tuple[Any, ...] = (FEE,), units: tuple[str, ...] = ("3-2-1201",)) -> Owner:
    """An owner who heard the first reminder; it is Thursday 26 November, eleven o'clock."""
    owner = town.has(*units, owes=owes)
    town.to("2026-11-26 11:00")
    return owner.hears(step="warm_4")


def promises(town: Town) -> list[tuple[str, str, int]]:
    """State, date and fen of every promise on record, oldest first."""
    rows = town.rows(select(promise.c.state, promise.c.due_on, promise.c.amount_fen).order_by(promise.c.id))
    return [(row.state, row.due_on.isoformat(), row.amount_fen) for row in rows]


def pays_and_is_thanked(town: Town, owner: Owner, *words: str) -> None:
    """All is paid, one thanks in the next hours in which we may write, and then nothing for days."""
    town.pays(owner)
    town.forward(days=1)
    owner.hears(*words, step="thanks")
    town.forward(**FEW_DAYS)


def choices(owner: Owner) -> list[str]:
    """What the last message lets one choose from: its buttons, or by SMS its numbered lines."""
    buttons = [button["label"] for row in owner.last.get("buttons") or [] for button in row]
    return buttons or [line.removeprefix("【云杉苑】") for line in owner.last["text"].split("\n") if line[:1].isdigit()]


# Promises


def test_asks_promises_pays_and_is_thanked(town: Town) -> None:
    wang = reminded(town)
    wang.says("我欠多少钱？").hears("486")
    wang.says("下周五交").hears("2026年12月4日", "周五", "486")
    assert promises(town) == []
    wang.says("1").hears("记下了", "12月4日")
    assert promises(town) == [("open", "2026-12-04", 48_600)]
    town.to("2026-12-03 20:00")
    wang.hears("12月4日", "486", step="promise_eve")
    pays_and_is_thanked(town, wang, "486")
    assert promises(town) == [("kept", "2026-12-04", 48_600)]


@on(["sms"])
def test_promises_by_digits_alone(town: Town) -> None:
    wang = reminded(town)
    wang.says("过几天吧").hears("1 ", "2 ", "3 ")
    wang.says("2").hears("12月3日", "周四", "对回1")
    wang.says("1").hears("记下了", "12月3日")
    assert promises(town) == [("open", "2026-12-03", 48_600)]
    town.to("2026-12-02 20:00")
    wang.hears("12月3日", step="promise_eve")
    pays_and_is_thanked(town, wang)


def test_corrects_the_date_before_it_counts(town: Town) -> None:
    wang = reminded(town)
    wang.says("这周五交").hears("11月27日", "周五")
    wang.says("不是这周五，是下周五").hears("12月4日", "周五")
    wang.says("对").hears("记下了", "12月4日")
    assert promises(town) == [("open", "2026-12-04", 48_600)]
    pays_and_is_thanked(town, wang)


def test_moves_a_promise_that_stands(town: Town) -> None:
    wang = reminded(town)
    wang.says("12月2号交").hears("12月2日").says("1").hears("12月2日")
    wang.says("改到12月4号可以吗").hears("12月4日").says("1").hears("改好了", "12月4日")
    assert promises(town) == [("superseded", "2026-12-02", 48_600), ("open", "2026-12-04", 48_600)]
    pays_and_is_thanked(town, wang)


def test_promises_too_far_and_is_offered_the_latest_date(town: Town) -> None:
    wang = reminded(town)
    wang.says("明年1月15日交").hears("12月27日", "周日")
    assert promises(town) == []
    wang.says("那就12月27日").hears("12月27日", "486").says("1").hears("记下了")
    assert promises(town) == [("open", "2026-12-27", 48_600)]
    pays_and_is_thanked(town, wang)


def test_pays_part_of_what_was_promised_and_hears_what_is_left(town: Town) -> None:
    wang = reminded(town)
    wang.says("12月4号交").hears("12月4日").says("1").hears("记下了")
    town.pays(wang, "200.00")
    town.forward(hours=6)
    wang.hears("200元", "286元")
    town.to("2026-12-03 20:00")
    wang.hears(step="promise_eve")
    assert promises(town)[0][0] == "open"
    pays_and_is_thanked(town, wang, "286")
    assert promises(town) == [("kept", "2026-12-04", 48_600)]


# Something is wrong


def test_disputes_one_of_three_charges_and_hears_of_the_other_two(town: Town) -> None:
    wang = reminded(town, owes=(FEE, PARKING, WATER))
    wang.says("停车费不对，我家没有车").hears("编号")
    named = select(charge.c.kind).join(dispute, dispute.c.charge_id == charge.c.id)
    assert [row.kind for row in town.rows(named)] == ["parking"]
    assert town.causes() == ["dispute"]
    town.to("2026-12-04 12:00")
    wang.hears("548", step="warm_11", without=["300", "848"])
    town.pays(wang)
    town.forward(days=1)
    wang.hears(step="thanks")
    town.forward(**FEW_DAYS)


def test_complains_of_a_leak_names_no_charge_and_the_account_rests(town: Town) -> None:
    wang = reminded(town, owes=(FEE, PARKING))
    wang.says("楼上漏水半年了你们没人管，修好再说").hears("编号")
    assert [row.charge_id for row in town.rows(select(dispute.c.charge_id))] == [None]
    assert town.causes() == ["dispute"]
    town.forward(days=14)


def test_claims_to_have_paid_and_is_believed_until_the_money_shows(town: Town) -> None:
    wang = reminded(town)
    wang.says("我已经交了").hears("哪天")
    wang.says("昨天微信转的").hears("核对")
    town.to("2026-11-30 12:00")
    wang.hears_nothing_more()
    pays_and_is_thanked(town, wang, "486")
    assert town.causes() == []


def test_sends_a_picture_of_the_slip_and_it_is_kept_with_the_account(town: Town) -> None:
    wang = reminded(town)
    wang.says("我已经交了").hears("哪天")
    wang.says(picture=True).hears("凭证", step="slip_noted")
    rows = town.rows(select(attachment.c.state, attachment.c.media_type, attachment.c.account_id))
    assert [tuple(row) for row in rows] == [("kept", "image/png", town.account_of("3-2-1201").id)]
    pays_and_is_thanked(town, wang, "486")
    assert town.causes() == []


@on(["sms", "telegram"])
def test_claims_to_have_paid_and_no_money_comes_so_people_look(town: Town) -> None:
    wang = reminded(town)
    wang.says("我昨天已经转账了").hears("核对")
    town.to("2026-12-02 09:00")
    assert town.causes() == ["paid_claim_unseen"]
    wang.hears_nothing_more()
    pays_and_is_thanked(town, wang)
    assert town.causes() == []


# Whose debt


def test_two_units_one_person_and_each_promise_is_for_its_own(town: Town) -> None:
    wang = town.has("3-2-1201", "B1-017", owes=[FEE])
    town.owes(wang, *PARKING, unit="B1-017")
    town.to("2026-11-26 11:00")
    wang.hears("786", step="warm_4")
    wang.says("一共欠多少").hears("786")
    wang.says("B1-017的12月3号交").hears("300", "12月3日", without=["786"])
    wang.says("1").hears("300", without=["486"])
    assert promises(town) == [("open", "2026-12-03", 30_000)]
    town.pays(wang, unit="B1-017")
    town.to("2026-11-27 12:00")
    wang.hears("300", step="thanks")
    town.pays(wang)
    town.forward(days=7)  # two words a week are the most; thanks count too
    wang.hears("486", step="thanks")
    town.forward(**FEW_DAYS)


def test_two_units_one_person_and_a_part_is_asked_about(town: Town) -> None:
    wang = town.has("3-2-1201", "B1-017", owes=[FEE])
    town.owes(wang, *PARKING, unit="B1-017")
    town.to("2026-11-26 11:00")
    wang.hears(step="warm_4")
    wang.says("12月3号先交400").hears("哪一处")
    assert choices(wang) == ["1 3-2-1201室", "2 B1-017室"]
    wang.says("1").hears("12月3日", "400").says("1").hears("记下了", "400")
    assert promises(town) == [("open", "2026-12-03", 40_000)]
    for unit in ("3-2-1201", "B1-017"):
        town.pays(wang, unit=unit)
    town.forward(days=1)
    wang.hears("786", step="thanks")
    town.forward(**FEW_DAYS)


def test_an_unknown_sender_fishing_for_a_unit_learns_nothing(town: Town, channel: str) -> None:
    town.has("3-2-1201", owes=[FEE], on=[])
    town.to("2026-11-25 10:00")
    asked = ("3-2-1201欠多少钱？", "9-9-9999欠多少钱？", "王小明住几楼，欠费吗")
    answers = set()
    for number, words in enumerate(asked):
        stranger = town.has(on=[channel], name=f"陌生人{number}")
        stranger.says(words).hears(without=["486", "小明", "3-2-1201", "9-9-9999"])
        answers.add(stranger.last["text"])
    assert len(answers) == 1
    assert promises(town) == []


def test_two_owners_of_one_flat_the_responsible_one_is_reminded_both_may_ask(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    li = town.has("3-2-1201", name="李小红", role="共有人")
    town.to("2026-11-26 11:00")
    wang.hears(step="warm_4")
    li.hears_nothing_more()
    li.says("我家欠多少钱").hears("486")
    li.says("12月3号交").hears("12月3日").says("1").hears("记下了")
    wang.says("12月4号交").hears("12月4日").says("1").hears("改好了")
    assert promises(town) == [("superseded", "2026-12-03", 48_600), ("open", "2026-12-04", 48_600)]
    pays_and_is_thanked(town, wang, "486")
    li.hears_nothing_more()


# Stop, restart, repetition


@on(["wechat", "telegram"])
def test_stop_in_mid_question_ends_the_question_too(town: Town, channel: str) -> None:
    wang = reminded(town)
    wang.says("12月4号交").hears("12月4日")
    wang.says({"wechat": "退订", "telegram": "STOP"}[channel]).hears("不再给您发提醒")
    assert promises(town) == []
    town.forward(days=14)
    wang.hears_nothing_more()
    assert promises(town) == []
    assert town.causes() == ["opted_out"]


@on(["sms"])
def test_stop_by_sms_in_mid_question_is_answered_by_the_carrier_alone(town: Town) -> None:
    wang = reminded(town)
    wang.says("12月4号交").hears("12月4日")
    wang.says("TD")
    town.forward(days=14)
    wang.hears_nothing_more()
    assert promises(town) == []


@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
def test_the_word_our_goodbye_names_brings_reminders_back(town: Town, locale: str) -> None:
    goodbye, names = {"zh-Hans": ("别再给我发消息了", r"回“?(\w+)”?。$"), "en": ("stop texting me", r"(\w+)\"?\.$")}[
        locale
    ]
    wang = town.has("3-2-1201", owes=[FEE], locale=locale)
    town.to("2026-11-26 11:00")
    wang.hears(step="warm_4")
    wang.says(goodbye).hears(step="stopped")
    word = re.search(names, wang.last["text"])
    assert word is not None, wang.last["text"]
    wang.says(word[1]).hears(step="started")
    town.to("2026-12-04 12:00")
    wang.hears("486", step="warm_11")
    pays_and_is_thanked(town, wang, "486")


@on(["sms"])
@pytest.mark.parametrize("word", ["START", "YES"])
def test_after_the_carriers_own_stop_its_own_word_brings_reminders_back(town: Town, word: str) -> None:
    wang = reminded(town)
    wang.says("TD")
    wang.says(word).hears(step="started")
    town.to("2026-12-04 12:00")
    wang.hears("486", step="warm_11")
    pays_and_is_thanked(town, wang, "486")


@on(["sms"])
def test_a_yes_that_the_carrier_takes_for_its_start_still_confirms_a_promise(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE], locale="en")
    town.to("2026-11-26 11:00")
    wang.hears(step="warm_4")
    wang.says("I'll pay on 4 December").hears("4 December")
    wang.says("YES").hears(step="promise_made")
    assert promises(town) == [("open", "2026-12-04", 48_600)]
    pays_and_is_thanked(town, wang)


def test_a_restart_in_mid_question_loses_nothing(town: Town) -> None:
    wang = reminded(town)
    wang.says("12月4号交").hears("12月4日", "486")
    town.restarts()
    wang.says("1").hears("记下了", "12月4日")
    assert promises(town) == [("open", "2026-12-04", 48_600)]
    pays_and_is_thanked(town, wang)


def test_the_same_update_three_times_is_one_word_and_one_answer(town: Town) -> None:
    wang = reminded(town)
    wang.says("12月4号交").hears("12月4日")
    town.comes_again()
    town.comes_again()
    wang.hears_nothing_more()
    wang.says("1").hears("记下了")
    town.comes_again()
    town.comes_again()
    wang.hears_nothing_more()
    assert promises(town) == [("open", "2026-12-04", 48_600)]
    assert town.rows(select(func.count()).select_from(inbound))[0][0] == 2
    pays_and_is_thanked(town, wang)

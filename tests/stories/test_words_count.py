"""What an owner says counts: promises, objections, claims and questions silence the ladder for what they cover."""

from functools import partial

import pytest
from sqlalchemy import select
from stories_kit import Town

from store.core import promise

FEE = ("物业费", "2026Q3", "486.00", "2026-11-22")
on = partial(pytest.mark.parametrize, "channel")


def promises(town: Town) -> list[tuple[str, str, int]]:
    """State, date and fen of every promise on record."""
    rows = town.rows(select(promise.c.state, promise.c.due_on, promise.c.amount_fen).order_by(promise.c.id))
    return [(row.state, row.due_on.isoformat(), row.amount_fen) for row in rows]


def test_asks_promises_pays_and_is_thanked(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears("486", step="warm_4")
    wang.says("我欠多少钱？").hears("486")
    wang.says("下周五交").hears("12月4日", "486")
    assert promises(town) == []
    wang.says("1").hears("12月4日")
    assert promises(town) == [("open", "2026-12-04", 48_600)]
    town.to("2026-12-03 20:00")
    wang.hears("486", step="promise_eve")
    town.pays(wang)
    town.to("2026-12-06 20:00")
    wang.hears("486")
    assert promises(town)[0][0] == "kept"


def test_what_was_not_confirmed_is_no_promise(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    wang.says("下周五交").hears("12月4日")
    town.to("2026-12-03 20:00")
    assert promises(town) == []
    wang.hears("486", step="warm_11")


@on(["telegram", "wechat"])
def test_yes_by_a_button(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    wang.says("12月4号交").hears("12月4日").presses("对")
    wang.sees("12月4日") if wang.channel == "telegram" else wang.hears("记下了", "12月4日")
    assert promises(town) == [("open", "2026-12-04", 48_600)]


@on(["sms", "telegram"])
def test_a_promise_silences_until_it_is_broken(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    wang.says("12月10日交").hears("12月10日").says("1").hears("12月10日")
    town.to("2026-12-09 20:00")
    wang.hears(step="promise_eve").hears_nothing_more()
    town.to("2026-12-16 20:00")
    assert promises(town)[0][0] == "broken"
    assert "broken_promise" in town.causes()
    wang.hears("486", step="broken_promise")


@on(["wechat", "sms"])
def test_too_far_ahead_is_answered_with_the_latest_day(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    wang.says("明年1月15日交").hears("12月27日")
    assert promises(town) == []


@on(["telegram", "sms"])
def test_an_objection_to_the_service_rests_the_account(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    wang.says("楼上漏水半年了你们没人管，修好再说").hears()
    assert "dispute" in town.causes()
    town.forward(days=15)


@on(["wechat", "sms"])
def test_i_have_paid_already_is_looked_into_first(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-12-03 12:00")
    wang.hears(step="warm_4").hears(step="warm_11")
    wang.says("我昨天已经转账了").hears("核对")
    town.forward(days=1)
    wang.hears_nothing_more()
    town.pays(wang)
    town.forward(days=3)
    wang.hears("486", step="thanks")


def test_a_stranger_learns_nothing_not_even_whether_a_unit_exists(town: Town, channel: str) -> None:
    town.has("3-2-1201", owes=[FEE])
    fishers = [town.has(on=[channel], name=name) for name in ("陌生人甲", "陌生人乙")]
    town.forward(minutes=5)
    answers = []
    for stranger, unit in zip(fishers, ("3-2-1201", "9-9-9999"), strict=True):
        stranger.says(f"{unit}欠多少钱？").hears(without=["486", "小明", unit])
        answers.append(stranger.last["text"])
    assert answers[0] == answers[1]


@on(["telegram", "sms"])
def test_not_me_stops_at_once(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4").says("你打错了，我不是业主").hears()
    assert "not_me" in town.causes()
    town.forward(days=15)


def test_the_same_callback_three_times_is_one_word(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    wang.says("我欠多少钱？").hears("486")
    town.comes_again()
    town.comes_again()
    wang.hears_nothing_more()

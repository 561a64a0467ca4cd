"""What must not be taken for a word: an unseen question answered, a day of the past, a sum that was not said."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from stories_kit import Owner, Town
from stories_staff import Office
from test_talk import promises

from bot.flows.talk import page
from store.core import contact, dispute, hold, plan, promise

FEE = ("物业费", "2026Q3", "486.00", "2026-11-22")
PARKING = ("停车费", "2026Q3", "300.00", "2026-11-22")
WATER = ("水费", "2026-09", "62.00", "2026-11-22")
on = partial(pytest.mark.parametrize, "channel")


def reminded(town: Town, *units: str, owes: tuple[Any, ...] = (FEE,), locale: str = "") -> Owner:
    """An owner who heard the first reminder; it is Thursday 26 November, eleven o'clock."""
    owner = town.has(*(units or ("3-2-1201",)), owes=owes, locale=locale)
    town.to("2026-11-26 11:00")
    return owner.hears(step="warm_4")


# A yes counts only for words that were heard


@on(["telegram"])
def test_a_yes_to_words_that_never_left_has_them_said_first(town: Town) -> None:
    wang = reminded(town)
    town.fault("refuse_before", channel="telegram", for_seconds=1500)
    wang.says("12月4号交")
    town.to("2026-11-26 11:40")
    wang.hears_nothing_more()
    wang.says("好").hears("12月4日", "486", step="promise_confirm")
    assert promises(town) == []
    wang.says("好").hears("记下了", "12月4日")
    assert promises(town) == [("open", "2026-12-04", 48_600)]


@on(["telegram"])
def test_a_yes_after_too_many_answers_has_the_day_said_first(town: Town) -> None:
    wang = reminded(town)
    for text in ("我欠多少", "怎么交") * 10:
        wang.says(text).hears()
    wang.says("12月4号交").hears(step="too_many")
    wang.says("好的").hears_nothing_more()
    town.to("2026-11-26 12:30")
    wang.says("好的").hears("12月4日", "486", step="promise_confirm")
    assert promises(town) == []
    wang.says("好的").hears("记下了")


@on(["telegram"])
def test_words_read_on_the_page_were_heard(town: Town) -> None:
    wang = reminded(town)
    mine = town.rows(select(contact))[0]
    fields = {"date": "2026-12-04", "amount": ""}
    view = town.run(page.act(town.house, mine.person_id, mine.id, "promise", fields))
    assert "12月4日" in view.notice
    wang.says("好").hears("记下了", "12月4日")
    assert promises(town) == [("open", "2026-12-04", 48_600)]


@on(["telegram"])
def test_a_plan_that_waits_for_the_morning_is_said_before_a_yes_counts(town: Town) -> None:
    wang, office = reminded(town), Office(town)
    wang.says("分6次，12月5号开始每月5号").hears()
    wang.says("转人工").hears()
    town.to("2026-11-26 19:30")
    office.everyone_catches_up()
    zhou, head = office["周助理"], office["林主管"]
    zhou.presses("认领", office.card(1))
    zhou.presses("解决", office.card(1))
    zhou.presses("分期", zhou.posts()[-1])
    office.everyone_catches_up()
    town.to("2026-11-26 20:25")
    zhou.says("12月10日 243\n1月17日 243")
    wang.says("12月4号交").hears("12月4日", step="promise_confirm")
    town.to("2026-11-26 20:30")
    head.catches_up()
    head.presses("同意", next(post for post in reversed(head.posts()) if "请您批准" in post["text"]))
    town.to("2026-11-26 20:31")
    wang.says("对").hears("12月10日", "1月17日", "243", step="instalments_confirm")
    assert promises(town) == []
    wang.says("对").hears(step="instalments_made")
    town.to("2026-11-27 12:00")
    wang.hears_nothing_more()
    assert [row.state for row in town.rows(select(plan).where(plan.c.approved_by != ""))] == ["on_track"]
    office.everyone_catches_up()


# A day that was


@on(["telegram"])
@pytest.mark.parametrize("day", ["20号", "昨天", "周一", "11月20号", "11.20"])
def test_a_bare_day_says_when_it_was_paid(town: Town, day: str) -> None:
    wang = reminded(town)
    wang.says("我已经交了").hears(step="paid_claim_when")
    wang.says(day).hears(step="paid_claim_thanks")
    assert promises(town) == []


@on(["telegram"])
def test_a_bare_weekday_in_english_says_when_it_was_paid(town: Town) -> None:
    wang = reminded(town, locale="en")
    wang.says("I paid").hears(step="paid_claim_when")
    wang.says("on Friday").hears(step="paid_claim_thanks")


@on(["telegram"])
@pytest.mark.parametrize("day", ["下周五", "明天", "12月4号", "周五再交"])
def test_a_day_ahead_is_still_a_word(town: Town, day: str) -> None:
    wang = reminded(town)
    wang.says("我已经交了").hears(step="paid_claim_when")
    wang.says(day).hears(step="promise_confirm")


@on(["telegram"])
def test_a_day_no_calendar_has_is_asked_for_again(town: Town) -> None:
    wang = reminded(town)
    wang.says("11月31号交").hears(step="promise_ask_date")
    assert promises(town) == []


# Claims


@on(["telegram"])
def test_a_claim_that_came_true_leaves_the_next_one_believed(town: Town) -> None:
    wang = reminded(town)
    wang.says("我昨天微信转了200").hears(step="paid_claim_thanks")
    town.forward(minutes=5)
    town.pays(wang, "200.00")
    town.to("2026-12-02 08:30")
    for _ in wang.unheard():
        wang.hears()
    wang.says("剩下的286我昨天也转了，支付宝").hears(step="still_noted")
    assert town.causes() == []
    assert [row.ended_at is None for row in town.rows(select(hold).order_by(hold.c.id))] == [False, True]
    town.to("2026-12-08 08:00")
    assert town.causes() == ["paid_claim_unseen"]
    wang.says("我昨天真的转了").hears(step="paid_claim_again")


# Sums


def instalments(town: Town) -> list[tuple[str, int]]:
    """Day and fen of each open promise, by day."""
    return sorted((day, fen) for state, day, fen in promises(town) if state == "open")


@on(["telegram"])
@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("分两次，12月4号200，12月20号286", [("2026-12-04", 20_000), ("2026-12-20", 28_600)]),
        ("12月20号交386，12月5号交100", [("2026-12-05", 10_000), ("2026-12-20", 38_600)]),
        ("12月20号交286，剩下的12月4号", [("2026-12-04", 24_300), ("2026-12-20", 24_300)]),
        ("12月4号先交200，剩下的12月20号", [("2026-12-04", 20_000), ("2026-12-20", 28_600)]),
    ],
)
def test_each_sum_is_said_with_its_own_day(town: Town, words: str, parts: list[tuple[str, int]]) -> None:
    wang = reminded(town)
    wang.says(words).hears(step="instalments_confirm")
    wang.says("1").hears(step="instalments_made")
    assert instalments(town) == parts


# The charge that was named


@on(["telegram"])
@pytest.mark.parametrize(
    ("words", "step", "sum_said"),
    [
        ("物业费周五交", "promise_confirm", "486元"),
        ("水费周五交", "part_too_small", "274元"),
        ("水费和物业费周五交", "promise_confirm", "548元"),
        ("周五交", "promise_confirm", "548元"),
    ],
)
def test_a_charge_that_is_named_is_what_is_promised(town: Town, words: str, step: str, sum_said: str) -> None:
    wang = reminded(town, owes=(FEE, WATER))
    wang.says(words).hears(sum_said, step=step)


@on(["telegram"])
def test_the_flat_that_owes_the_named_charge_is_meant(town: Town) -> None:
    wang = town.has("3-2-1201", "B1-017", owes=[FEE])
    town.owes(wang, *PARKING, unit="B1-017")
    town.to("2026-11-26 11:00")
    wang.hears()
    wang.says("车位的周五交").hears("300元", step="promise_confirm", without=["786"])
    wang.says("对").hears("300元", step="promise_made")
    assert [(row.due_on.isoformat(), row.amount_fen) for row in town.rows(select(promise))] == [("2026-11-27", 30_000)]
    assert town.rows(select(promise.c.account_id))[0][0] == town.account_of("B1-017").id


@on(["telegram"])
def test_a_named_charge_keeps_its_sum_while_its_day_is_asked_for(town: Town) -> None:
    wang = reminded(town, owes=(FEE, WATER))
    wang.says("物业费过几天交").hears(step="promise_ask_date")
    wang.says("周五").hears("486元", step="promise_confirm")


# Other things taken for what they are not


@on(["telegram"])
def test_the_third_of_the_month_is_not_the_third_choice(town: Town) -> None:
    wang = reminded(town)
    wang.says("过几天吧").hears(step="promise_ask_date")
    wang.says("3号").hears("12月3日", step="promise_confirm", without=["12月10日"])


@on(["telegram"])
def test_tomorrow_is_the_day_after_it_was_said_however_late_it_is_heard(town: Town) -> None:
    wang = reminded(town)
    town.to("2026-11-26 23:50")
    town.run(town.listen(False))
    town.control("say", channel="telegram", address=wang.addresses["telegram"], text="明天交")
    town.control("clock", forward=10 * 3600)
    town.run(town.listen())
    town.turn()
    wang.hears("11月27日", step="promise_confirm")


@on(["telegram"])
def test_one_flat_that_is_not_theirs_leaves_the_other(town: Town) -> None:
    wang = town.has("3-2-1201", "B1-017", owes=[FEE])
    town.owes(wang, *PARKING, unit="B1-017")
    town.to("2026-11-26 11:00")
    wang.hears()
    wang.says("B1-017不是我的").hears("编号", step="dispute_noted")
    assert [row.account_id for row in town.rows(select(dispute))] == [town.account_of("B1-017").id]
    assert town.causes() == ["dispute"]
    wang.says("3-2-1201欠多少").hears("486")


@on(["telegram"])
@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("已经交不起了", "hardship_noted"),
        ("对不起", "greeting"),
        ("房子还没卖掉，下周五交", "promise_confirm"),
    ],
)
def test_a_sentence_is_taken_for_what_it_says(town: Town, words: str, step: str) -> None:
    wang = reminded(town)
    wang.says(words).hears(step=step)


@on(["telegram"])
def test_a_leak_to_be_stopped_is_a_repair_and_no_stop(town: Town) -> None:
    wang = reminded(town, locale="en")
    wang.says("stop the water leak!").hears(step="repair_noted")
    assert town.causes() == ["repair"]


# One putting off is one, whatever lies between


@on(["telegram"])
def test_bringing_a_promise_forward_frees_no_second_putting_off(town: Town) -> None:
    wang = reminded(town)
    for words in ("12月2号交", "改到12月4号交", "提前到12月3号交"):
        wang.says(words).hears()
        wang.says("对").hears()
    wang.says("改到12月20号交").hears("12月3日", step="promise_move_refused")
    wang.says("对")
    assert [(state, day) for state, day, _fen in promises(town)] == [
        ("superseded", "2026-12-02"), ("superseded", "2026-12-04"), ("open", "2026-12-03"),
    ]  # fmt: skip

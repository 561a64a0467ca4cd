"""How a word ends: kept with the money that was promised, whatever else the book learns meanwhile."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from stories_kit import Town

from bot.flows.hear import hear_all
from store.core import dispute, plan, promise

FEE = ("物业费", "2026Q3", "486.00", "2026-11-22")
OLDER = ("物业费", "2026Q2", "300.00", "2026-08-22")
NEXT = ("物业费", "2026Q4", "486.00", "2027-01-15")
PARKING = ("停车费", "2026Q3", "300.00", "2026-11-22")
on = partial(pytest.mark.parametrize, "channel")


def ends(town: Town) -> list[tuple[str, str, int]]:
    """State, date and fen of every promise on record."""
    rows = town.rows(select(promise.c.state, promise.c.due_on, promise.c.amount_fen).order_by(promise.c.id))
    return [(row.state, row.due_on.isoformat(), row.amount_fen) for row in rows]


async def answered(conn: Any) -> None:
    """Staff answer every dispute: what was disputed is owed again."""
    await conn.execute(update(dispute).values(state="answered"))


@on(["telegram"])
def test_an_answered_dispute_takes_nothing_from_a_word_that_was_kept(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE, PARKING])
    town.to("2026-11-26 11:00")
    wang.hears("786", step="warm_4")
    wang.says("停车费不对，我家没有车").hears()
    wang.says("物业费12月4号交").hears("12月4日", "486").says("1").hears("12月4日")
    town.to("2026-12-01 10:00")
    town.does(answered)
    town.to("2026-12-03 20:30")
    wang.hears("486元", step="promise_eve")
    town.pays(wang, "486.00")
    assert ends(town) == [("kept", "2026-12-04", 48_600)]
    town.to("2026-12-04 12:00")
    wang.hears(step="thanks")
    assert "broken_promise" not in town.causes()


@on(["telegram"])
def test_an_older_charge_that_comes_up_later_does_not_eat_the_word(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4").says("12月4号交").hears("486").says("1").hears("12月4日")
    town.to("2026-11-30 10:00")
    town.owes(wang, *OLDER)
    town.to("2026-12-02 10:00")
    town.pays(wang, "486.00")
    assert ends(town) == [("kept", "2026-12-04", 48_600)]
    town.to("2026-12-03 20:00")
    wang.hears(step="thanks").hears_nothing_more()
    assert "broken_promise" not in town.causes()


@on(["telegram"])
def test_what_is_disputed_after_the_word_need_not_be_paid_and_is_not_asked_for(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE, PARKING])
    town.to("2026-11-26 11:00")
    wang.hears("786", step="warm_4").says("12月4号交").hears("786").says("1").hears("12月4日")
    wang.says("停车费不对，我家没有车").hears()
    town.to("2026-12-03 20:30")
    wang.hears("486元", step="promise_eve", without=["786"])
    town.pays(wang, "486.00")
    assert ends(town)[0][0] == "kept"
    town.to("2026-12-14 20:00")
    wang.hears(step="thanks").hears_nothing_more()
    assert "broken_promise" not in town.causes()


@on(["telegram"])
def test_a_co_owner_is_held_to_their_word_and_the_owner_is_not(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    li = town.has("3-2-1201", name="李小红", role="共有人")
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4")
    li.says("12月3号交").hears("486").says("1").hears("12月3日")
    town.to("2026-12-02 20:00")
    li.hears("李小红", "您约定", step="promise_eve", without=["小明"])
    town.to("2026-12-08 20:00")
    assert ends(town) == [("broken", "2026-12-03", 48_600)]
    li.hears("李小红", "您约定", "还没看到入账", step="broken_promise", without=["小明"])
    wang.hears_nothing_more()
    town.to("2026-12-16 20:00")
    wang.hears("486", step="talk_17", without=["您约定"])


@on(["telegram"])
def test_a_co_owner_who_wants_no_messages_is_told_nothing_and_holds_nobody_up(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    li = town.has("3-2-1201", name="李小红", role="共有人")
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4")
    li.says("12月3号交").hears("486").says("1").hears("12月3日").says("STOP").hears()
    town.to("2026-12-14 20:00")
    assert ends(town)[0][0] == "broken"
    li.hears_nothing_more()
    wang.hears("486", step="warm_11", without=["您约定"])


@on(["telegram"])
def test_a_tenants_word_does_not_silence_what_the_owner_is_told(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    zhao = town.has("3-2-1201", name="赵租客", role="租客")
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4").says("允许租客查看").hears()
    zhao.says("12月5号交").hears("486").says("1").hears("12月5日")
    town.to("2026-12-03 20:00")
    wang.hears("486", step="warm_11", without=["您约定"])
    zhao.hears_nothing_more()


@on(["telegram"])
def test_a_nudge_already_queued_does_not_follow_the_condolences(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4").says("12月4号交").hears("486").says("1").hears("12月4日")
    town.plans_only("2026-12-03 09:30")
    assert town.states()[-1] == "queued"
    town.control("say", channel="telegram", address=wang.addresses["telegram"], text="我父亲昨晚去世了")
    town.run(hear_all(town.house))
    town.turn()
    wang.hears("节哀")
    town.to("2026-12-14 20:00")
    wang.hears_nothing_more()
    assert town.states()[-1] == "cancelled"


@on(["telegram"])
def test_a_plan_replaced_by_one_promise_silences_no_more(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4")
    wang.says("分两次，12月4号200，12月20号286").hears("200", "286").says("1").hears()
    wang.says("算了，12月3号一次交清").hears("12月3日", "486").says("1").hears("12月3日")
    assert [state for state, _on, _fen in ends(town)] == ["superseded", "superseded", "open"]
    assert [row.state for row in town.rows(select(plan))] == ["cancelled"]
    town.to("2026-12-09 20:00")
    wang.hears(step="promise_eve").hears("12月3日", step="broken_promise")


@on(["telegram"])
def test_who_says_on_the_day_that_it_is_paid_is_not_called_a_breaker_while_the_money_is_on_its_way(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4").says("12月4号交").hears("486").says("1").hears("12月4日")
    town.to("2026-12-04 16:00")
    wang.hears(step="promise_eve").says("已经交了，刚才银行转账").hears("核对")
    wang.says(picture=True).hears()
    town.to("2026-12-10 10:00")
    assert ends(town)[0][0] == "open"
    town.pays(wang)
    town.to("2026-12-11 20:00")
    wang.hears("486", step="thanks")
    assert ends(town)[0][0] == "kept"
    assert town.causes() == []


@on(["telegram"])
def test_a_reminder_claims_no_more_than_the_book_knows(open_town: Any) -> None:
    with open_town(live=False) as town:
        wang = town.has("3-2-1201", owes=[FEE])
        town.lands(as_of=date(2026, 11, 23))
        town.to("2026-11-26 11:00")
        wang.hears("到11月23日我们还没看到入账", step="warm_4")


@on(["telegram"])
def test_a_formal_demand_names_the_books_day_and_gives_its_period_from_today(open_town: Any) -> None:
    with open_town(live=False) as town:
        wang = town.has("3-2-1201", owes=[FEE])
        town.lands(as_of=date(2026, 11, 24))
        for days in range(29):
            today = date(2026, 11, 26) + timedelta(days=days)
            town.to(f"{today} 08:00")
            town.lands(as_of=today - timedelta(days=1))
        town.to("2026-12-24 18:00")
        for step in ("warm_4", "warm_11", "talk_17", "talk_25"):
            wang.hears("486", step=step)
        wang.hears("截至2026年12月23日", "2027年1月8日", step="formal_31")


@on(["telegram"])
def test_a_day_is_agreed_for_what_is_overdue_and_not_for_what_falls_due_next_year(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE, NEXT])
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4", without=["972"])
    wang.says("下周五交").hears("486", without=["972"]).says("1").hears("486")
    town.pays(wang, "486.00")
    assert ends(town) == [("kept", "2026-12-04", 48_600)]
    town.to("2026-12-04 20:00")
    wang.hears("486", step="thanks")
    assert town.causes() == []


@on(["telegram"])
def test_who_offers_all_of_it_may_promise_all_of_it(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE, NEXT])
    town.to("2026-11-26 11:00")
    wang.hears("486", step="warm_4")
    wang.says("下周五交972元").hears("972").says("1").hears("972")
    assert ends(town) == [("open", "2026-12-04", 97_200)]
    wang.says("分两次，12月4号486元，12月20号486元").hears("972").says("1").hears("486")
    assert [fen for state, _on, fen in ends(town) if state == "open"] == [48_600, 48_600]

"""A broken promise reaches a person: told in the staff's group, with the clock in the hand."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from stories_kit import Owner, Town
from stories_staff import Colleague, Ear, Office, number_of

from bot.flows.staff import leave
from store.core import approval, case_, case_event, plan, promise, waiver

FEE = ("物业费", "2026Q3", "486.00", "2026-11-22")
pytestmark = pytest.mark.parametrize("channel", ["telegram"])


def gives_word(town: Town, words: str = "12月1号交", said: str = "12月1日") -> Owner:
    """An owner who owes 486 promises all of it on the first day after the first reminder."""
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-11-26 11:00")
    wang.hears(step="warm_4")
    wang.says(words).hears(said, "486").says("1").hears("记下了", said)
    return wang


def breaks_word(town: Town) -> tuple[Owner, Office]:
    """The word given for 1 December is judged in the night to the 4th; at ten its card stands in the group."""
    wang = gives_word(town)
    town.to("2026-12-04 08:30")
    wang.hears(step="promise_eve")
    office = Office(town)
    town.to("2026-12-04 10:00")
    wang.hears(step="broken_promise")
    office["周助理"].presses("#1", office.group.hears("早上好"))
    office.group.hears("#1 承诺未兑现", "待认领")
    return wang, office


def settles(town: Town, wang: Owner, days: int = 4) -> None:
    """All is paid; there is one thanks as soon as the week's two words leave room for it, then silence."""
    town.pays(wang)
    town.forward(days=days)
    wang.hears(step="thanks")


def the_case(town: Town, number: int = 1) -> Any:
    return town.rows(select(case_).where(case_.c.id == number))[0]


def moves(town: Town, number: int = 1) -> list[str]:
    """What happened to a case, oldest first."""
    query = select(case_event.c.kind).where(case_event.c.case_id == number).order_by(case_event.c.id)
    return [row.kind for row in town.rows(query)]


def promises(town: Town) -> list[tuple[str, str, int]]:
    rows = town.rows(select(promise.c.state, promise.c.due_on, promise.c.amount_fen).order_by(promise.c.id))
    return [(row.state, row.due_on.isoformat(), row.amount_fen) for row in rows]


def local(town: Town, at: Any) -> str:
    return f"{at.astimezone(town.now.tzinfo):%m-%d %H:%M:%S}"


# When it comes


def test_a_promise_judged_in_staff_hours_is_one_card_within_a_minute(open_town: Any, channel: str) -> None:
    with open_town(live=False) as town:
        wang = gives_word(town)
        town.to("2026-11-30 09:40")
        wang.hears(step="promise_eve")
        town.to("2026-12-04 09:59")
        office = Office(town)
        assert town.causes() == []
        town.lands(as_of=date(2026, 12, 3))
        town.forward(minutes=1)
        card = office.group.hears("#1 承诺未兑现", "3-2-1201", "¥0–500", "12月1日", "待认领", without=("小明",))
        assert card["at"] <= town.house.clock.now().isoformat()
        assert (the_case(town).opened_at - town.house.clock.now()).total_seconds() <= 60
        wang.hears(step="broken_promise")
        office.is_quiet()
        settles(town, wang)


def test_a_promise_judged_at_night_is_in_the_nine_oclock_list(town: Town) -> None:
    wang = gives_word(town)
    town.to("2026-12-03 20:00")
    wang.hears(step="promise_eve")
    office = Office(town)
    town.to("2026-12-03 23:59:59")
    assert town.causes() == []
    town.to("2026-12-04 08:59")
    assert town.causes() == ["broken_promise"]
    office.group.catches_up()
    town.to("2026-12-04 09:00")
    office.group.hears("早上好", "新工单：1", "#1 3-2-1201", "承诺未兑现", without=("小明", "486"))
    office.group.hears_nothing_more()
    settles(town, wang)
    assert the_case(town).outcome == "paid"


# Who has it


def test_five_press_claim_at_once_and_one_has_it(town: Town) -> None:
    wang, office = breaks_word(town)
    card = office.card(1)
    told = office.at_once(card, dict.fromkeys(office.people, "认领"))
    having = [name for name, text in told.items() if "归您了" in text]
    assert len(having) == 1
    assert all(f"在 {having[0]} 手上" in text for name, text in told.items() if name != having[0])
    assert moves(town).count("claimed") == 1
    office[having[0]].catches_up()
    assert f"{having[0]} 处理中" in office.card(1)["text"]
    assert office.card(1)["n"] == card["n"]
    settles(town, wang)


def test_details_are_for_whoever_has_it_and_in_private(town: Town) -> None:
    wang, office = breaks_word(town)
    assert "归您了" in office["吴助理"].presses("认领", office.card(1))
    office["吴助理"].hears(wang.name, "486", "3-2-1201", "怎么说")
    assert not [post for post in office.group.posts() if wang.name in post["text"]]
    assert moves(town)[-2:] == ["claimed", "looked"]
    settles(town, wang)


def test_a_silent_claim_lapses_at_its_exact_minute(town: Town) -> None:
    wang, office = breaks_word(town)
    office["周助理"].presses("认领", office.card(1))
    office.everyone_catches_up()
    assert local(town, the_case(town).claimed_until) == "12-07 10:00:00"
    town.to("2026-12-04 17:00")
    office["周助理"].hears("还没有进展", "12-07 10:00")
    town.to("2026-12-07 09:59:59")
    assert the_case(town).state == "claimed"
    wang.hears_nothing_more()
    office.group.catches_up()
    town.to("2026-12-07 10:00:00")
    assert the_case(town).state == "open"
    office.group.hears("#1", "周助理 的认领已过期")
    assert "待认领" in office.card(1)["text"]
    lapsed = [row for row in town.rows(select(case_event)) if row.kind == "lapsed"]
    assert [local(town, row.at) for row in lapsed] == ["12-07 10:00:00"]
    town.to("2026-12-07 12:00")
    office["周助理"].hears("还没有人认领", "您是责任人")
    settles(town, wang)


def test_a_payment_lands_while_the_card_is_open(town: Town) -> None:
    wang, office = breaks_word(town)
    office["周助理"].presses("认领", office.card(1))
    office.everyone_catches_up()
    town.pays(wang)
    office["周助理"].hears("#1", "已到账")
    assert "已解决：已缴" in office.card(1)["text"]
    assert not office.card(1)["buttons"]
    office.is_quiet()
    town.forward(days=4)
    wang.hears(step="thanks")


def test_a_new_promise_taken_down_by_staff_rests_the_ladder(town: Town) -> None:
    wang, office = breaks_word(town)
    zhou = office["周助理"]
    zhou.presses("认领", office.card(1))
    office.everyone_catches_up()
    assert "私聊" in zhou.presses("新承诺", office.card(1))
    zhou.hears("#1", "哪天缴")
    zhou.says("他说12月15号交").hears("12月15日", "486", "回“是”")
    assert promises(town) == [("broken", "2026-12-01", 48_600)]
    zhou.says("是").hears("已记下", "12月15日")
    assert promises(town) == [("broken", "2026-12-01", 48_600), ("open", "2026-12-15", 48_600)]
    assert "已解决：新承诺（周助理）" in office.card(1)["text"]
    town.to("2026-12-14 20:00")
    wang.hears("12月15日", step="promise_eve")
    settles(town, wang)
    assert promises(town)[-1][0] == "kept"


def test_an_outsider_presses_and_is_told_how_to_be_linked(town: Town) -> None:
    wang, office = breaks_word(town)
    stranger = Colleague(town, "路人", "8999999", office.group.address)
    town.control("telegram/member", chat=office.group.address, user=stranger.address, status="member")
    town.staff.add(stranger.address)
    told = stranger.presses("认领", office.card(1))
    assert "还没有登记" in told
    assert wang.name not in told
    assert the_case(town).claimed_by is None
    stranger.hears_nothing_more()
    settles(town, wang)


def test_a_press_on_a_card_that_just_moved_is_told_what_happened_since(town: Town) -> None:
    wang, office = breaks_word(town)
    told = office.at_once(office.card(1), {"周助理": "认领", "吴助理": "延后"})
    late = [text for text in told.values() if "已有变化" in text or "在 周助理 手上" in text]
    assert late or the_case(town).claimed_by is None
    assert moves(town).count("snoozed") == 0
    settles(town, wang)


# Again, and too late


def test_a_second_broken_promise_goes_straight_to_the_supervisor(town: Town) -> None:
    wang, office = breaks_word(town)
    zhou = office["周助理"]
    zhou.presses("认领", office.card(1))
    zhou.presses("新承诺", office.card(1))
    zhou.says("12月8号").says("是")
    town.to("2026-12-10 20:00")
    wang.hears(step="promise_eve")
    office.everyone_catches_up()
    town.to("2026-12-11 09:10")
    assert town.causes() == ["second_broken_promise"]
    office.group.hears("早上好", "承诺再次未兑现")
    office["林主管"].hears("需要您安排", "#2 承诺再次未兑现")
    town.to("2026-12-11 10:00")
    wang.hears(step="broken_promise")
    settles(town, wang)


def test_a_dispute_answered_late_reaches_the_supervisor(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-11-26 11:00")
    wang.hears(step="warm_4")
    office = Office(town)
    wang.says("楼上漏水半年了你们没人管，修好再说").hears("编号1")
    office.group.hears("#1 业主有异议", without=("漏水",))
    office["周助理"].presses("认领", office.card(1))
    office.everyone_catches_up()
    office["周助理"].says("延后 1 12月3日").hears("#1 延后")
    town.to("2026-12-03 08:59")
    office.everyone_catches_up()
    town.to("2026-12-03 09:00")
    office.group.hears("早上好", "今日到期的工单：1", "#1 3-2-1201")
    assert any("已到办结时间" in text for text in office["周助理"].catches_up()), town.told("no reminder")
    office["周助理"].says("延后 1 12月11日").hears("#1 延后")
    office.everyone_catches_up()
    town.to("2026-12-11 08:59")
    office["林主管"].hears_nothing_more()
    town.to("2026-12-11 09:00")
    office["林主管"].hears("已到办结时间", "#1 业主有异议")
    office["林主管"].says("解决 1 异议已答复")
    assert the_case(town).outcome == "dispute_answered"
    town.to("2026-12-14 12:00")
    wang.hears("486")
    settles(town, wang)


# What must be approved


def asks_for_a_waiver(town: Town) -> tuple[Owner, Office]:
    wang, office = breaks_word(town)
    zhou = office["周助理"]
    zhou.presses("认领", office.card(1))
    office.everyone_catches_up()
    zhou.presses("解决", office.card(1))
    zhou.hears("结果是哪一种")
    zhou.presses("申请减免")
    zhou.hears("减免多少")
    zhou.says("100 楼道漏水期间补偿").hears("已记下")
    office["陈主任"].hears("请您批准：减免", "李**", "100", "楼道漏水期间补偿", "周助理")
    return wang, office


def test_a_waiver_is_approved_by_the_head_and_taken_off(town: Town) -> None:
    wang, office = asks_for_a_waiver(town)
    assert "已批准" in office["陈主任"].presses("同意")
    office["周助理"].hears("已批准（陈主任）", "100")
    assert [(row.amount_fen, row.part, row.why) for row in town.rows(select(waiver))] == [
        (10_000, "principal", "楼道漏水期间补偿")
    ]
    assert "办过了" in office["陈主任"].presses("不同意")
    town.owed["3-2-1201"] -= 10_000
    wang.says("还欠多少").hears("386")
    settles(town, wang)


def test_a_waiver_is_refused_and_the_ladder_goes_on(town: Town) -> None:
    wang, office = asks_for_a_waiver(town)
    office["陈主任"].presses("不同意")
    office["周助理"].hears("未批准（陈主任）")
    assert town.rows(select(waiver)) == []
    assert town.rows(select(approval))[0].state == "refused"
    town.to("2026-12-10 12:00")
    wang.hears("486")
    settles(town, wang)


def test_nobody_approves_their_own_request(town: Town) -> None:
    wang, office = breaks_word(town)
    head = office["陈主任"]
    head.presses("认领", office.card(1))
    head.presses("解决", office.card(1))
    head.catches_up()
    head.presses("申请减免", head.posts()[-1])
    head.says("100 补偿")
    office.everyone_catches_up()
    request = next(post for post in office.group.posts() if "请您批准" in post["text"])
    assert "请别人批" in head.presses("同意", request)
    assert "有权的人" in office["周助理"].presses("同意", request)
    assert town.rows(select(waiver)) == []
    settles(town, wang)


def test_a_plan_is_agreed_and_its_second_instalment_broken(town: Town) -> None:
    wang, office = breaks_word(town)
    zhou = office["周助理"]
    zhou.presses("认领", office.card(1))
    zhou.presses("解决", office.card(1))
    zhou.presses("分期", zhou.posts()[-1])
    office.everyone_catches_up()
    zhou.says("12月10日 243\n12月17日 243").hears("已记下")
    office["林主管"].hears("请您批准：分期", "243")
    office["林主管"].presses("同意")
    zhou.hears("已批准（林主管）")
    wang.hears("12月10日", "12月17日", "243")
    wang.says("1").hears("12月10日", "12月17日")
    assert [(row.state, row.approved_by) for row in town.rows(select(plan))] == [("on_track", "staff:2")]
    town.to("2026-12-09 20:00")
    wang.hears("12月10日", step="promise_eve")
    town.pays(wang, "243.00")
    town.to("2026-12-11 12:00")
    wang.hears("243", step="thanks")
    town.to("2026-12-16 20:00")
    wang.hears("12月17日", step="promise_eve")
    office.everyone_catches_up()
    town.to("2026-12-22 10:00")
    assert [row.state for row in town.rows(select(plan))] == ["broken"]
    assert town.causes() == ["second_broken_promise"]
    office["林主管"].hears("需要您安排")
    wang.hears("12月17日", "243", step="broken_promise")
    settles(town, wang)


# The staff themselves


def test_a_person_leaves_and_everything_is_handed_over(town: Town) -> None:
    wang, office = breaks_word(town)
    office["周助理"].presses("认领", office.card(1))
    office.everyone_catches_up()
    house = town.house
    assert town.does(lambda conn: leave(house, conn, "周助理", house.clock.now(), who="陈主任")) == 1
    row = the_case(town)
    assert (row.state, row.claimed_by) == ("open", None)
    office["吴助理"].hears("周助理 的", "现在归您")
    office["吴助理"].hears("没有人认领")
    assert "责任人：吴助理" in office.card(1)["text"]
    assert "还没有登记" in office["周助理"].presses("认领", office.card(1))
    settles(town, wang)


def test_nobody_takes_it_and_the_alerts_climb(town: Town) -> None:
    wang, office = breaks_word(town)
    office.everyone_catches_up()
    town.to("2026-12-04 11:00")
    office["周助理"].hears("还没有人认领", "您是责任人")
    town.to("2026-12-04 13:00")
    office["吴助理"].hears("还没有人接手")
    town.to("2026-12-07 10:00")
    office["林主管"].hears("需要您安排")
    wang.hears_nothing_more()
    settles(town, wang)


# The day in the group


def test_the_morning_list_says_what_the_day_holds(town: Town) -> None:
    wang = gives_word(town, "11月30号交", "11月30日")
    town.to("2026-11-29 20:00")
    office = Office(town)
    wang.hears(step="promise_eve")
    wang.says("发票开好了吗").hears()
    town.to("2026-11-30 08:59")
    office.group.hears_nothing_more()
    town.to("2026-11-30 09:00")
    office.group.hears("早上好，云杉苑", "11月30日", "今日到期的承诺：1", "3-2-1201 李** 486", "新工单：1", "要发票",
                       without=(wang.name,))  # fmt: skip
    office.is_quiet()
    settles(town, wang, days=5)


def test_the_daily_report_comes_at_six_with_its_chart(town: Town) -> None:
    wang = gives_word(town, "11月30号交", "11月30日")
    office = Office(town)
    town.pays(wang)
    town.to("2026-11-26 17:59")
    office.group.hears_nothing_more()
    town.to("2026-11-26 18:00")
    office.group.hears("云杉苑 收缴日报", "11月26日", "今日收缴 486", "1 笔", "100.0%", "新增 1，兑现 1，未兑现 0")
    picture = office.group.hears("11月26日 收缴")
    assert picture["file"]
    office.group.hears_nothing_more()
    town.to("2026-11-29 20:00")
    wang.hears(step="thanks")
    days = [text for text in office.group.catches_up() if "收缴日报" in text]
    assert len(days) == 1, "Friday has its report, the weekend has none"


# Bad luck


def test_a_group_upgraded_to_a_supergroup_goes_on_there(town: Town) -> None:
    wang = gives_word(town)
    town.to("2026-12-03 20:00")
    wang.hears(step="promise_eve")
    office = Office(town, kind="group")
    told = town.control("telegram/migrate", chat=office.group.address)
    town.staff.add(str(told["chat"]))
    new = Ear(town, "the supergroup", str(told["chat"]))
    town.to("2026-12-04 10:00")
    wang.hears(step="broken_promise")
    office["周助理"].group = new.address
    office["周助理"].presses("#1", new.hears("早上好", "#1"))
    assert "归您了" in office["周助理"].presses("认领", office.card(1, group=new))
    assert "周助理 处理中" in office.card(1, group=new)["text"]
    settles(town, wang)


def test_a_deleted_card_is_put_up_again(town: Town) -> None:
    wang, office = breaks_word(town)
    town.refused.add(400)
    old = office.card(1)
    town.control("telegram/delete", chat=office.group.address, message=number_of(old))
    office["周助理"].says("认领 1", to_group=True)
    office.group.catches_up()
    assert office.card(1)["n"] != old["n"]
    assert "周助理 处理中" in office.card(1)["text"]
    office["周助理"].presses("已联系", office.card(1))
    settles(town, wang)


def test_a_deleted_topic_leaves_the_group_itself(town: Town) -> None:
    wang = gives_word(town)
    town.to("2026-12-04 08:30")
    wang.hears(step="promise_eve")
    office = Office(town, topic=7)
    town.refused.add(400)
    town.control("telegram/delete", chat=office.group.address, topic=7)
    town.to("2026-12-04 10:00")
    wang.hears(step="broken_promise")
    office.group.hears("早上好", "#1")
    settles(town, wang)


def test_the_bot_is_removed_and_admins_know_within_a_minute(town: Town) -> None:
    wang, office = breaks_word(town)
    office.everyone_catches_up()
    town.control("telegram/bot", chat=office.group.address, status="kicked", by=office["周助理"].address)
    town.forward(minutes=1)
    for name in ("陈主任", "林主管"):
        office[name].hears("工作群", "发不出")
    assert sorted(town.causes()) == ["broken_promise", "group_trouble"]
    town.to("2026-12-04 11:10")
    assert any("还没有人认领" in text for text in office["周助理"].catches_up())
    town.control("telegram/bot", chat=office.group.address, status="administrator", by=office["周助理"].address)
    town.turn()
    assert town.causes() == ["broken_promise"]
    office.group.hears("#1 承诺未兑现")
    settles(town, wang)


def test_a_colleague_who_blocked_the_bot_is_passed_over(town: Town) -> None:
    wang, office = breaks_word(town)
    office.everyone_catches_up()
    town.control("block", channel="telegram", address=office["周助理"].address)
    town.to("2026-12-04 11:01")
    office["林主管"].hears("周助理 收不到")
    office["吴助理"].hears("还没有人接手")
    settles(town, wang)


def test_a_revoked_robot_key_alarms_and_loses_no_case(town: Town) -> None:
    wang = gives_word(town)
    town.to("2026-12-04 08:30")
    wang.hears(step="promise_eve")
    office = Office(town, robot=True)
    town.refused.add(93000)
    town.fault("refuse_before", channel="wecom", code=93000, times=1)
    town.to("2026-12-04 09:01")
    office.group.hears("早上好", "#1")
    for name in ("陈主任", "林主管"):
        office[name].hears("wecom", "发不出")
    town.to("2026-12-04 10:00")
    wang.hears(step="broken_promise")
    settles(town, wang)

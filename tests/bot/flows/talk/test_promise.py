"""A word counts once it was said back and confirmed (I5, I6)."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from store import core

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""What is proved here does not depend on the database; the stories run on both."""


WEDNESDAY = date(2026, 11, 25)


async def test_a_promise_is_said_back_with_date_weekday_and_amount_before_it_counts(estate: Any) -> None:
    await estate.owner()
    said = await estate.hears("下周五交")
    assert len(said) == 1
    assert "12月4日（周五）" in said[0] or "12月4日" in said[0]
    assert "486元" in said[0]
    assert await estate.all(core.promise) == []
    said = await estate.hears("1")
    assert "12月4日" in said[0]
    made = (await estate.all(core.promise))[0]
    assert (made.due_on, made.amount_fen, made.state, made.channel) == (date(2026, 12, 4), 48_600, "open", "sms")
    assert made.judge_at.isoformat() == "2026-12-08T16:00:00+00:00"
    assert (await estate.all(core.account))[0].next_look_at == estate.clock.at


async def test_a_no_stores_nothing(estate: Any) -> None:
    await estate.owner()
    await estate.hears("下周五交")
    assert len(await estate.hears("2")) == 1
    assert await estate.all(core.promise) == []
    assert await estate.hears("1") != []
    assert await estate.all(core.promise) == []


async def test_a_corrected_date_is_said_back_anew_and_only_that_one_counts(estate: Any) -> None:
    await estate.owner()
    await estate.hears("这周五交")
    said = await estate.hears("不是这周五，是下周五交")
    assert "12月4日" in said[0]
    await estate.hears("好的")
    assert [p.due_on for p in await estate.all(core.promise)] == [date(2026, 12, 4)]


async def test_too_far_names_the_latest_day_and_yes_takes_it(estate: Any) -> None:
    await estate.owner()
    said = await estate.hears("我三月一号交")
    assert "12月26日" in said[0]
    said = await estate.hears("好的")
    assert "12月26日" in said[0]
    assert "486元" in said[0]
    await estate.hears("1")
    assert [p.due_on for p in await estate.all(core.promise)] == [date(2026, 12, 26)]


async def test_in_formal_the_limit_is_shorter(estate: Any) -> None:
    owner = await estate.owner()
    from store.talk import put

    async with estate.store.write() as conn:
        message = await put(conn, core.message, {
            "community_id": estate.community_id, "kind": "reminder", "person_id": owner.person_id, "channel": "sms",
            "step": "formal_31", "band": "formal", "locale": "", "priority": 5, "state": "delivered", "reason": "",
            "not_before": estate.clock.at, "lane": 0, "fence": 0, "tries": 0, "text": "", "basket": "", "slots": "",
            "buttons": "", "created_at": estate.clock.at, "state_at": estate.clock.at,
        })  # fmt: skip
        await put(conn, core.message_item, {
            "message_id": message, "account_id": owner.account_id, "person_id": owner.person_id, "step": "formal_31",
            "occasion": "charge:1:0", "key": "k", "band": "formal", "at": estate.clock.at,
        })  # fmt: skip
    said = await estate.hears("12月20号交")
    assert "12月9日" in said[0]


async def test_without_a_day_three_are_offered_and_a_number_chooses(estate: Any) -> None:
    await estate.owner()
    said = await estate.hears("过两天发工资就交")
    assert said[0].count("2026年") == 3
    said = await estate.hears("2")
    assert "12月2日" in said[0]
    await estate.hears("1")
    assert [p.due_on for p in await estate.all(core.promise)] == [date(2026, 12, 2)]


async def test_a_small_part_is_told_the_least_that_would_do(estate: Any) -> None:
    await estate.owner()
    said = await estate.hears("这周五先交100元")
    assert "243元" in said[0]
    said = await estate.hears("可以")
    assert "243元" in said[0]
    assert "11月27日" in said[0]
    await estate.hears("1")
    made = (await estate.all(core.promise))[0]
    assert (made.amount_fen, made.owed_fen) == (24_300, 48_600)


async def test_a_promise_is_moved_once_and_then_people_decide(estate: Any) -> None:
    await estate.owner()
    for text in ("这周五交", "1", "改到下周一交", "1"):
        await estate.hears(text)
    promises = await estate.all(core.promise)
    assert [(p.due_on, p.state) for p in promises] == [
        (date(2026, 11, 27), "superseded"), (date(2026, 11, 30), "open"),
    ]  # fmt: skip
    assert promises[1].moved_from_id == promises[0].id
    said = await estate.hears("再改到下周五交")
    assert "11月30日" in said[0]
    assert len(await estate.all(core.promise)) == 2
    assert [o.outcome for o in await estate.all(core.promise_outcome)] == ["superseded"]


async def test_bringing_a_promise_forward_is_always_welcome(estate: Any) -> None:
    await estate.owner()
    for text in ("下周五交", "1", "还是下周一交", "1", "这周五就交", "1"):
        await estate.hears(text)
    assert [p.state for p in await estate.all(core.promise)] == ["superseded", "superseded", "open"]


async def test_two_flats_of_one_person_are_promised_together_unless_one_is_named(estate: Any) -> None:
    one = await estate.owner("3-2-1201")
    two = await estate.owner("3-2-1202", phone="+8613900000009", person_id=one.person_id,
                             owed=(("management", "2026Q3", 30_000),))  # fmt: skip
    said = await estate.hears("下周五交")
    assert "786元" in said[0]
    await estate.hears("1")
    assert sorted((p.account_id, p.amount_fen) for p in await estate.all(core.promise)) == [
        (one.account_id, 48_600), (two.account_id, 30_000),
    ]  # fmt: skip


async def test_a_named_flat_is_promised_alone(estate: Any) -> None:
    one = await estate.owner("3-2-1201")
    await estate.owner("3-2-1202", phone="+8613900000009", person_id=one.person_id)
    await estate.hears("1201的下周五交")
    await estate.hears("1")
    assert [p.account_id for p in await estate.all(core.promise)] == [one.account_id]


async def test_a_part_of_two_flats_asks_which_and_goes_on_from_there(estate: Any) -> None:
    one = await estate.owner("3-2-1201")
    await estate.owner("3-2-1202", phone="+8613900000009", person_id=one.person_id)
    said = await estate.hears("下周五先交300元")
    assert "3-2-1202" in said[0]
    said = await estate.hears("2")
    assert "300元" in said[0]
    await estate.hears("1")
    assert [(p.amount_fen, p.owed_fen) for p in await estate.all(core.promise)] == [(30_000, 48_600)]


async def test_when_it_is_paid_before_the_yes_nothing_is_promised(estate: Any) -> None:
    owner = await estate.owner()
    await estate.hears("下周五交")
    await estate.pay(owner.account_id, 48_600)
    await estate.hears("1")
    assert await estate.all(core.promise) == []


async def test_an_open_question_expires_after_a_day(estate: Any) -> None:
    await estate.owner()
    await estate.hears("下周五交")
    estate.later(hours=25)
    assert len(await estate.hears("1")) == 1
    assert await estate.all(core.promise) == []


@pytest.mark.parametrize("channel", ["telegram", "wechat"])
async def test_a_button_answers_its_own_question_and_no_other(estate: Any, channel: str) -> None:
    await estate.owner(phone="77", channel=channel, trust="proved")
    await estate.hears("这周五交", sender="77", channel=channel)
    await estate.hears("下周五交", sender="77", channel=channel)
    said = await estate.hears("q:1:yes", sender="77", channel=channel, kind="press", press_id="p1", message_id="5")
    assert await estate.all(core.promise) == []
    assert len(said) == 1
    await estate.hears("q:2:yes", sender="77", channel=channel, kind="press", press_id="p2", message_id="6")
    assert [p.due_on for p in await estate.all(core.promise)] == [date(2026, 12, 4)]
    last = (await estate.messages())[-1]
    assert ('"edits": "6"' in last.slots) is (channel == "telegram")
    assert estate.house.channels[channel].pressed == ["p1", "p2"]
    assert await estate.hears("q:2:yes", sender="77", channel=channel, kind="press", press_id="p3") == []


async def test_one_person_on_two_channels_continues_one_conversation(estate: Any) -> None:
    owner = await estate.owner()
    await estate.contact(owner.person_id, "telegram", "77")
    await estate.hears("下周五交")
    await estate.hears("好的", sender="77", channel="telegram")
    assert [p.channel for p in await estate.all(core.promise)] == ["telegram"]


async def test_instalments_inside_the_policy_are_said_back_and_become_a_plan(estate: Any) -> None:
    await estate.owner()
    said = await estate.hears("分两期，12月5号交一半，12月20号交一半")
    assert said[0].count("243元") == 2
    await estate.hears("1")
    plan = (await estate.all(core.plan))[0]
    assert plan.state == "on_track"
    assert [(p.due_on, p.amount_fen, p.plan_id) for p in await estate.all(core.promise)] == [
        (date(2026, 12, 5), 24_300, plan.id), (date(2026, 12, 20), 24_300, plan.id),
    ]  # fmt: skip


async def test_instalments_beyond_the_policy_wait_for_people(estate: Any) -> None:
    await estate.owner()
    said = await estate.hears("想分期，1月15号交一半，3月15号交一半")
    assert "12月26日" in said[0]
    assert [c.cause for c in await estate.all(core.case_)] == ["plan_request"]
    assert [p.state for p in await estate.all(core.plan)] == ["proposed"]
    assert await estate.rows(select(core.promise)) == []

"""What owners say, what they hear and what it changes: told as short stories."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from bot.flows.dispatch import drain
from bot.flows.hear import hear_all
from bot.flows.plan import plan
from bot.flows.promises import judge
from bot.flows.receive import keep
from bot.flows.talk import claims
from channels.contract import Heard, Said
from store import core
from store import talk as shelf

THREE = (("management", "2026Q3", 48_600), ("water", "2026-09", 3_150), ("parking", "2026-09", 15_000))
ALL_CHANNELS = pytest.mark.parametrize("channel", ["sms", "wechat", "telegram"])


@ALL_CHANNELS
async def test_asks_promises_pays_and_is_thanked(estate: Any, channel: str) -> None:
    owner = await estate.owner(phone="77", channel=channel, trust="proved")
    assert "486元" in (await estate.hears("我欠多少钱", sender="77", channel=channel))[0]
    assert "12月4日" in (await estate.hears("下周五交", sender="77", channel=channel))[0]
    assert "12月4日" in (await estate.hears("好的", sender="77", channel=channel))[0]
    estate.later(days=3)
    await estate.pay(owner.account_id, 48_600)
    await judge(estate.house)
    assert [m.step for m in await estate.messages() if m.kind == "nudge"] == ["thanks"]
    estate.later(days=1)
    assert "486" not in "".join(await estate.hears("还欠多少", sender="77", channel=channel))


async def test_every_charge_and_what_it_is_for_are_told_on_request(estate: Any) -> None:
    await estate.owner(owed=THREE)
    assert "667.50元" in (await estate.hears("欠多少"))[0]
    detail = (await estate.hears("明细"))[0]
    assert "停车费" in detail
    assert "31.50元" in detail
    explained = (await estate.hears("这个停车费是什么"))[0]
    assert "车位" in explained
    assert "486" not in explained


async def test_a_dispute_of_one_charge_rests_on_that_charge_alone(estate: Any) -> None:
    owner = await estate.owner(owed=THREE)
    said = await estate.hears("停车费收错了，我没有车位")
    assert [d.charge_id for d in await estate.all(core.dispute)] == [owner.charges[2]]
    case = (await estate.all(core.case_))[0]
    assert case.cause == "dispute"
    assert str(case.id) in said[0]


async def test_a_leak_that_names_no_charge_rests_the_whole_account(estate: Any) -> None:
    await estate.owner(owed=THREE)
    await estate.hears("楼上漏水没人管，不给你们交")
    disputes = await estate.all(core.dispute)
    if not disputes:
        await estate.hears("费用有问题")
        await estate.hears("漏水没修好")
        disputes = await estate.all(core.dispute)
    assert [d.charge_id for d in disputes] == [None]


async def test_a_dispute_of_a_period_takes_only_that_period(estate: Any) -> None:
    owner = await estate.owner(owed=(("water", "2026-08", 2_000), ("management", "2026Q3", 48_600)))
    await estate.hears("你们的物业费算错了，不对")
    assert [d.charge_id for d in await estate.all(core.dispute)] == [owner.charges[1]]


async def test_i_have_paid_rests_the_ladder_for_the_lag_and_is_looked_up(estate: Any) -> None:
    await estate.owner()
    assert len(await estate.hears("我昨天微信缴过了")) == 1
    hold = (await estate.all(core.hold))[0]
    assert (hold.code, hold.until) == ("PAID_CLAIM", date(2026, 11, 30))
    assert await claims.check(estate.house) == 0
    estate.clock.at = datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert await claims.check(estate.house) == 1
    assert [c.cause for c in await estate.all(core.case_)] == ["paid_claim_unseen"]
    await estate.hears("我真的缴过了")
    assert len(await estate.all(core.hold)) == 1


async def test_when_the_money_came_the_claim_ends_without_a_case(estate: Any) -> None:
    owner = await estate.owner()
    await estate.hears("我昨天微信缴过了")
    estate.later(days=1)
    await estate.pay(owner.account_id, 48_600)
    assert await claims.check(estate.house) == 1
    assert await estate.all(core.case_) == []


async def test_a_picture_after_a_claim_is_the_slip_and_is_believed_longer(estate: Any) -> None:
    owner = await estate.owner(phone="77", channel="wechat", trust="proved")
    await estate.hears("我缴过了", sender="77", channel="wechat")
    await estate.hears("", sender="77", channel="wechat", kind="picture")
    assert [h.until for h in await estate.all(core.hold)] == [date(2026, 12, 2)]
    assert (await estate.all(core.inbound))[-1].account_id == owner.account_id


@pytest.mark.parametrize(
    ("text", "cause", "hold"),
    [
        ("我要找人工", "person", None), ("你们周六上午能上门吗", "visit", None), ("请给我开发票", "invoice", None),
        ("家里水管爆了要报修", "repair", None), ("房子已经卖了", "sold", "ON_HOLD"),
        ("业主上个月去世了", "deceased", "DECEASED"), ("我失业了，实在交不起", "hardship", "ON_HOLD"),
        ("就是不交，你们去告吧", "refusal", None), ("你们这帮混蛋", "abuse", None),
    ],
)  # fmt: skip
async def test_what_needs_people_becomes_a_case(estate: Any, text: str, cause: str, hold: str | None) -> None:
    await estate.owner()
    assert len(await estate.hears(text)) == 1
    assert [c.cause for c in await estate.all(core.case_)] == [cause]
    assert [h.code for h in await estate.all(core.hold)] == ([hold] if hold else [])


async def test_the_words_of_hardship_are_never_in_the_case(estate: Any) -> None:
    await estate.owner()
    await estate.hears("我失业了，得了重病，实在交不起")
    assert "重病" not in (await estate.all(core.case_))[0].detail


@pytest.mark.parametrize("text", ["是不是骗子", "怎么缴费", "谢谢", "你好", "帮助", "你们这帮混蛋", "换成英文", "账单"])
async def test_everyday_words_get_one_answer(estate: Any, text: str) -> None:
    await estate.owner()
    assert len(await estate.hears(text)) == 1


async def test_the_language_follows_the_owner_and_a_wish_stays(estate: Any) -> None:
    await estate.owner()
    assert "RMB 486.00" in (await estate.hears("How much do I owe?"))[0]
    assert "486元" in (await estate.hears("我想知道欠多少钱"))[0]
    assert "English" in (await estate.hears("请用英文"))[0]
    assert (await estate.all(core.person))[0].locale == "en"
    assert "RMB" in (await estate.hears("明细"))[0]


async def test_after_two_misunderstandings_a_person_is_offered(estate: Any) -> None:
    await estate.owner()
    await estate.hears("哇啦哇啦呜")
    second = await estate.hears("叽里咕噜哦")
    assert "陈主任" in second[0]
    await estate.hears("好的")
    assert [c.cause for c in await estate.all(core.case_)] == ["person"]


async def test_a_menu_is_answered_by_its_number(estate: Any) -> None:
    await estate.owner()
    await estate.hears("你好")
    assert "486元" in (await estate.hears("1"))[0]


async def test_the_same_sentence_is_never_said_twice_in_a_row(estate: Any) -> None:
    await estate.owner(owed=THREE)
    said: list[str] = []
    for text in ("欠多少", "欠多少", "欠多少", "下周五交", "下周五交", "下周五交", "找人工", "找人工", "谢谢", "谢谢"):
        said += await estate.hears(text)
    assert all(one != two for one, two in pairwise(said))
    assert len(said) >= 8


async def test_two_robots_do_not_thank_each_other_for_long(estate: Any) -> None:
    await estate.owner()
    said = 0
    for n in range(30):
        said += len(await estate.hears("谢谢" if n % 2 else "你好"))
    assert said <= 21
    assert [c.cause for c in await estate.all(core.case_)] == ["too_many_messages"]
    estate.later(hours=2)
    assert len(await estate.hears("欠多少")) == 1


async def test_stop_in_mid_question_stops_and_the_question_is_left_alone(estate: Any) -> None:
    await estate.owner()
    await estate.hears("下周五交")
    assert len(await estate.hears("退订")) == 1
    assert (await estate.all(core.contact))[0].opted_out_at is not None
    assert await estate.all(core.promise) == []


async def test_a_new_process_goes_on_where_the_old_one_stopped(estate: Any) -> None:
    await estate.owner()
    await estate.hears("下周五交")
    estate.house.memory = {key: book for key, book in estate.house.memory.items() if key.startswith("book")}
    await estate.hears("1")
    assert len(await estate.all(core.promise)) == 1


async def test_two_workers_at_once_answer_once_and_in_order(estate: Any) -> None:
    import asyncio

    await estate.owner()
    await estate.hears("下周五交")
    for n, text in enumerate(("1", "我欠多少钱", "谢谢")):
        await keep(estate.house, "sms", Heard(said=(Said(f"k{n}", "+8613900000001", "text", text),)))
    await asyncio.gather(*(hear_all(estate.house) for _ in range(4)))
    await hear_all(estate.house)
    steps = [m.step for m in await estate.messages()]
    assert steps == ["promise_confirm", "promise_made", "balance", "thanks_back"]
    assert len(await estate.all(core.promise)) == 1


async def test_two_owners_of_one_flat_each_speak_for_themselves(estate: Any) -> None:
    owner = await estate.owner()
    async with estate.store.write() as conn:
        wife = await shelf.put(conn, core.person, {"community_id": estate.community_id, "name": "李雪", "locale": "",
                                                   "offline": False})  # fmt: skip
        party = {"account_id": owner.account_id, "person_id": wife, "role": "co_owner", "may_see": True}
        await shelf.put(conn, core.account_party, party | {"since": estate.clock.at})
    await estate.contact(wife, "telegram", "88")
    assert "486" in (await estate.hears("欠多少", sender="88", channel="telegram"))[0]
    await estate.hears("下周五交", sender="88", channel="telegram")
    await estate.hears("1")
    assert await estate.all(core.promise) == []
    await estate.hears("1", sender="88", channel="telegram")
    assert [p.person_id for p in await estate.all(core.promise)] == [wife]


async def test_one_that_cannot_be_handled_is_set_aside_and_blocks_nobody(
    estate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.flows.talk import turn

    await estate.owner()
    await estate.owner("3-2-1202", phone="+8613900000002")
    real = turn.take

    async def trips(talk: Any) -> Any:
        if talk.text == "boom":
            raise RuntimeError("tripped")
        return await real(talk)

    monkeypatch.setattr(turn, "take", trips)
    for n, (sender, text) in enumerate((("+8613900000001", "boom"), ("+8613900000002", "你好"))):
        await keep(estate.house, "sms", Heard(said=(Said(f"k{n}", sender, "text", text),)))
    await hear_all(estate.house)
    rows = await estate.all(core.inbound)
    assert [(r.tries, r.handled_at is not None) for r in rows] == [(3, True), (0, True)]
    assert rows[0].reason.startswith("RuntimeError at test_stories.py:"), "the fault and its place, never its words"
    assert [c.cause for c in await estate.rows(select(core.case_))] == ["not_handled"]
    assert len(await estate.messages()) == 1


async def days(estate: Any, until: date) -> list[str]:
    """Lives through the days, twice a day; answers the steps that were said."""
    before = await estate.last_message()
    while estate.clock.at.date() < until:
        estate.later(hours=12)
        await estate.watermark(estate.clock.at.date())
        await judge(estate.house)
        await claims.check(estate.house)
        await plan(estate.house)
        await drain(estate.house)
    return [f"{m.step} {m.state}" for m in await estate.messages(before)]


async def test_a_promise_brings_silence_one_nudge_on_the_eve_thanks_and_silence(estate: Any) -> None:
    owner = await estate.owner()
    for text in ("下周五交", "1"):
        await estate.hears(text)
    await drain(estate.house)
    said = await days(estate, date(2026, 12, 4))
    assert said == ["promise_eve accepted"]
    nudge = estate.house.channels["sms"].sent[-1].text
    assert "12月4日" in nudge
    assert "486元" in nudge
    await estate.pay(owner.account_id, 48_600)
    assert await days(estate, date(2026, 12, 20)) == ["thanks accepted"]


async def test_a_broken_word_gets_its_own_step_and_a_case_never_step_one(estate: Any) -> None:
    await estate.owner()
    for text in ("这周五交", "1"):
        await estate.hears(text)
    await drain(estate.house)
    said = await days(estate, date(2026, 12, 4))
    assert "broken_promise accepted" in said
    assert not any(step.startswith(("before", "warm_4", "due_day")) for step in said)
    assert "broken_promise" in [c.cause for c in await estate.all(core.case_)]


async def test_a_disputed_account_is_silent(estate: Any) -> None:
    await estate.owner()
    await estate.hears("你们漏水一直没修，服务太差，我有意见")
    await drain(estate.house)
    if await estate.all(core.dispute):
        assert await days(estate, date(2026, 12, 4)) == []

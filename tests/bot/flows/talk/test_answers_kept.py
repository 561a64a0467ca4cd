"""What an owner would not accept to hear, once heard in rehearsal: each a sentence that must stay right."""

from datetime import date
from typing import Any

import pytest

from channels.contract import Heard, Said
from store import core

THREE = (("management", "2026Q3", 48_600), ("water", "2026-09", 3_150), ("parking", "2026-09", 15_000))
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""What is proved here does not depend on the database; the stories run on both."""


async def hears(estate: Any, text: str, channel: str = "telegram") -> str:
    said: list[str] = await estate.hears(text, sender="77", channel=channel)
    return said[-1] if said else ""


async def sends_picture(estate: Any, caption: str = "") -> str:
    from bot.flows.hear import hear_all
    from bot.flows.receive import keep

    estate.number += 1
    before = await estate.last_message()
    said = Said(f"p{estate.number}", "77", "picture", caption)
    await keep(estate.house, "telegram", Heard(said=(said,)))
    await hear_all(estate.house)
    return str((await estate.messages(before))[-1].step)


@pytest.fixture
async def owner(estate: Any) -> Any:
    return await estate.owner(phone="77", channel="telegram", trust="proved", owed=THREE)


@pytest.mark.usefixtures("owner")
async def test_who_disputes_everything_is_never_told_that_nothing_is_owed(estate: Any) -> None:
    await hears(estate, "你们服务太差，账也乱，不交")
    for words in ("下周五交", "想分三次交", "先交100"):
        said = await hears(estate, words)
        assert "没有未缴" not in said
        assert "异议" in said or "跟进" in said
    assert "667.50元" in await hears(estate, "一共欠多少")


@pytest.mark.usefixtures("owner")
async def test_who_disputes_everything_and_then_has_paid_is_believed(estate: Any) -> None:
    await hears(estate, "你们服务太差，账也乱，不交")
    assert "不再提醒" in await hears(estate, "昨天微信转了")
    assert [h.code for h in await estate.all(core.hold)] == ["PAID_CLAIM"]


@pytest.mark.usefixtures("owner")
async def test_a_second_claim_that_holds_nothing_promises_no_silence(estate: Any) -> None:
    from bot.flows.talk import claims

    await hears(estate, "昨天微信转了")
    estate.later(days=10)
    await claims.check(estate.house)
    said = await hears(estate, "我昨天已经用支付宝交了")
    assert "还没见到" in said
    assert "不再提醒" not in said


@pytest.mark.parametrize("question", ["违约金怎么算的", "为什么有滞纳金", "why is there a late fee"])
@pytest.mark.usefixtures("owner")
async def test_a_question_about_a_late_fee_there_is_not_is_answered_and_disputes_nothing(
    estate: Any, question: str
) -> None:
    said = await hears(estate, question)
    assert "没有违约金" in said or "no late fee" in said
    assert await estate.all(core.dispute) == []


@pytest.mark.usefixtures("owner")
async def test_a_question_with_a_complaint_in_it_is_a_dispute(estate: Any) -> None:
    await hears(estate, "停车费不对，为什么要收我停车费，我没车")
    assert len(await estate.all(core.dispute)) == 1


@pytest.mark.parametrize("asked", ["9月水费多少", "水费多少钱"])
@pytest.mark.usefixtures("owner")
async def test_who_asks_about_one_charge_hears_of_that_one(estate: Any, asked: str) -> None:
    said = await hears(estate, asked)
    assert "31.50元" in said
    assert "486" not in said


@pytest.mark.usefixtures("owner")
async def test_the_name_of_a_charge_alone_is_answered_with_what_it_is(estate: Any) -> None:
    assert "车位" in await hears(estate, "停车费")


async def test_a_bill_of_a_period_holds_that_period_and_none_says_so(estate: Any) -> None:
    mine = await estate.owner(phone="77", channel="telegram", trust="proved", owed=THREE)
    async with estate.store.write() as conn:
        august = {"period_from": date(2026, 5, 1), "period_to": date(2026, 5, 31)}
        await conn.execute(core.charge.update().where(core.charge.c.id == mine.charges[2]).values(**august))
    said = await hears(estate, "5月的账单")
    assert "150元" in said
    assert "486" not in said
    assert "没有未缴" in await hears(estate, "1月的账单")


@pytest.mark.parametrize("others", [True, False])
async def test_a_bill_of_a_period_that_is_paid_says_so(estate: Any, others: bool) -> None:
    mine = await estate.owner(phone="77", channel="telegram", trust="proved", owed=THREE)
    async with estate.store.write() as conn:
        paid = mine.charges[2:] if others else mine.charges
        period = {"period_from": date(2026, 5, 1), "period_to": date(2026, 5, 31), "open_fen": 0}
        await conn.execute(core.charge.update().where(core.charge.c.id.in_(paid)).values(**period))
    said = await hears(estate, "5月的账单")
    assert "都已入账" in said
    assert "150元" in said
    assert "150" not in await hears(estate, "1月的账单")


@pytest.mark.usefixtures("owner")
async def test_no_sentence_about_a_promise_that_stands_is_left_without_an_answer(estate: Any) -> None:
    for words in ("12月2号交", "1", "改到12月4号", "1", "改到12月8号", "再改到12月9号"):
        assert await hears(estate, words), words


@pytest.mark.usefixtures("owner")
async def test_asking_for_yet_another_way_to_pay_does_not_bring_up_the_menu(estate: Any) -> None:
    await hears(estate, "怎么缴费")
    assert "021-5555 0100" in await hears(estate, "能用支付宝吗")


@pytest.mark.usefixtures("owner")
async def test_question_marks_alone_are_no_sticker(estate: Any) -> None:
    assert "表情" not in await hears(estate, "？？？")


@pytest.mark.usefixtures("owner")
async def test_a_picture_after_a_repair_is_no_slip_though_one_is_expected(estate: Any) -> None:
    await hears(estate, "昨天微信转了")
    assert await sends_picture(estate) == "slip_noted"
    await hears(estate, "厨房漏水报修")
    assert await sends_picture(estate) == "picture_noted"


@pytest.mark.usefixtures("owner")
async def test_a_caption_is_heard_like_any_sentence(estate: Any) -> None:
    assert await sends_picture(estate, "厨房漏水，要修") == "repair_noted"
    assert await sends_picture(estate, "停车费收错了") == "dispute_noted"


async def test_what_stands_on_buttons_is_not_said_again_in_the_text(estate: Any) -> None:
    await estate.owner(phone="77", channel="telegram", trust="proved")
    said = await hears(estate, "菜单")
    message = (await estate.messages())[-1]
    assert "查余额" not in said
    assert "1 查余额" in message.buttons


async def test_without_buttons_the_list_stands_in_the_text(estate: Any) -> None:
    await estate.owner(phone="77", channel="sms", trust="proved")
    assert "1 查余额" in await hears(estate, "菜单", channel="sms")

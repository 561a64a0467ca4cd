"""The record of an account: every contact by anyone over any way, one line each, in order."""

from datetime import date, timedelta
from typing import Any

from bot.flows import cases
from bot.flows.history import account_history
from bot.flows.ledger import pay
from store import core


async def test_every_contact_is_one_line_in_order(estate: Any) -> None:
    account = await estate.flat()
    person = (await estate.rows(core.account, core.account.c.id == account))[0].person_id
    at = estate.clock.now()
    message = await estate.row(
        core.message, kind="reminder", person_id=person, channel="sms", step="warm_4", band="warm", locale="zh-Hans",
        priority=5, state="delivered", reason="", not_before=at, lane=0, fence=0, tries=1, text="提醒的话", basket="",
        slots="", buttons="", created_at=at, state_at=at,
    )  # fmt: skip
    await estate.row(
        core.message_item, message_id=message, account_id=account, person_id=person, step="warm_4", occasion="c",
        key="k", band="warm", at=at,
    )  # fmt: skip
    await estate.row(
        core.attempt, message_id=message, our_id="o", fence=1, channel="sms", form="text", text="提醒的话",
        request="{}", started_at=at, outcome="delivered", reason="", crossed=False,
    )  # fmt: skip
    await estate.row(
        core.inbound, provider="sms", event_key="h1", sender_index=b"x", sender_sealed=b"x", person_id=person,
        kind="text", text="周五缴", detail="{}", intent="promise", received_at=at + timedelta(minutes=1), tries=0,
        reason="",
    )  # fmt: skip
    estate.clock.at = at + timedelta(minutes=2)
    case = await estate.open(account)
    async with estate.house.store.write() as conn:
        estate.clock.at = at + timedelta(minutes=3)
        await cases.contacted(estate.house, conn, case, 0, estate.staff["赵一"], "call", estate.clock.now(),
                              content="问了情况", answer="周五缴", next_step="周五再看")  # fmt: skip
        await pay(conn, account_id=account, community_id=estate.community, amount_fen=48_600, way="cash",
                  paid_on=date(2026, 11, 25), source="t", external_ref="1",
                  now=at + timedelta(minutes=4))  # fmt: skip
    async with estate.house.store.read() as conn:
        lines = await account_history(conn, account)
    assert [line.way for line in lines if line.way != "case"] == ["sms", "sms", "call", "payment"]
    said, heard = lines[0], lines[1]
    assert (said.content, said.answer, said.next_step) == ("提醒的话", "delivered", "warm_4")
    assert (heard.content, heard.answer) == ("周五缴", "promise")
    call = next(line for line in lines if line.way == "call")
    assert (call.who, call.content, call.answer, call.next_step) == ("赵一", "问了情况", "周五缴", "周五再看")
    assert [line.at for line in lines] == sorted(line.at for line in lines)


async def test_what_was_planned_and_never_left_is_not_on_record(estate: Any) -> None:
    account = await estate.flat()
    person = (await estate.rows(core.account, core.account.c.id == account))[0].person_id
    at = estate.clock.now()
    await estate.row(
        core.message, kind="reply", person_id=person, channel="sms", step="menu", band="", locale="zh-Hans", priority=0,
        state="queued", reason="", not_before=at, lane=0, fence=0, tries=0, text="x", basket="", slots="", buttons="",
        created_at=at, state_at=at,
    )  # fmt: skip
    async with estate.house.store.read() as conn:
        assert await account_history(conn, account) == []

"""Stop, start, unfollow, "not me": obeyed at once."""

from typing import Any

import pytest

from store import core

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""What is proved here does not depend on the database; the stories run on both."""


@pytest.mark.parametrize("word", ["退订", "STOP", "T", "td", "停止", "ＳＴＯＰ", " stop. "])
async def test_every_spelling_of_stop_ends_the_reminders_and_says_so(estate: Any, word: str) -> None:
    await estate.owner()
    said = await estate.hears(word)
    assert len(said) == 1
    assert (await estate.all(core.contact))[0].opted_out_at == estate.clock.at


async def test_stop_tells_staff_when_money_is_owed_and_only_then(estate: Any) -> None:
    await estate.owner()
    await estate.owner("3-2-1202", phone="+8613900000002", owed=())
    await estate.hears("退订")
    await estate.hears("退订", sender="+8613900000002")
    cases = await estate.all(core.case_)
    assert [(c.cause, c.state) for c in cases] == [("opted_out", "open")]


async def test_stop_said_twice_is_answered_once(estate: Any) -> None:
    await estate.owner()
    assert len(await estate.hears("退订")) == 1
    assert await estate.hears("退订") == []


async def test_stop_cancels_what_waits_and_start_brings_reminders_back(estate: Any) -> None:
    owner = await estate.owner()
    from store.talk import put

    async with estate.store.write() as conn:
        await put(conn, core.message, {
            "community_id": estate.community_id, "kind": "reminder", "person_id": owner.person_id,
            "contact_id": owner.contact_id, "channel": "sms", "step": "warm_4", "band": "warm", "locale": "",
            "priority": 5, "state": "queued", "reason": "", "not_before": estate.clock.at, "lane": 4, "fence": 0,
            "tries": 0, "text": "", "basket": "", "slots": "", "buttons": "", "created_at": estate.clock.at,
            "state_at": estate.clock.at,
        })  # fmt: skip
    await estate.hears("退订")
    assert (await estate.messages())[0].state == "cancelled"
    assert (await estate.messages())[0].reason == "OPTED_OUT"
    said = await estate.hears("恢复")
    assert len(said) == 1
    assert (await estate.all(core.contact))[0].opted_out_at is None


async def test_stop_in_a_sentence_is_obeyed_too(estate: Any) -> None:
    await estate.owner()
    await estate.hears("别再给我发短信了")
    assert (await estate.all(core.contact))[0].opted_out_at is not None


async def test_a_stop_from_a_number_we_do_not_know_is_answered_politely(estate: Any) -> None:
    await estate.owner()
    assert len(await estate.hears("STOP", sender="+8613911112222")) == 1
    assert (await estate.all(core.contact))[0].opted_out_at is None


async def test_unfollow_silences_without_an_answer_and_a_follow_revives(estate: Any) -> None:
    owner = await estate.owner(channel="wechat", phone="openid-1", trust="proved")
    assert await estate.hears("", sender="openid-1", channel="wechat", kind="unfollow") == []
    assert (await estate.all(core.contact))[0].dead_reason == "unfollowed"
    assert len(await estate.hears("", sender="openid-1", channel="wechat", kind="follow")) == 1
    assert (await estate.all(core.contact))[0].dead_at is None
    assert owner.contact_id


async def test_an_sms_from_the_ledgers_own_number_proves_it(estate: Any) -> None:
    await estate.owner()
    await estate.hears("你好")
    contact = (await estate.all(core.contact))[0]
    assert (contact.trust, contact.proved_by, contact.last_inbound_at) == ("proved", "sms", estate.clock.at)


async def test_not_me_is_obeyed_at_once_and_opens_a_case(estate: Any) -> None:
    await estate.owner()
    said = await estate.hears("你们发错了，我不是业主")
    assert len(said) == 1
    contact = (await estate.all(core.contact))[0]
    assert contact.unbound_at == estate.clock.at
    assert [c.cause for c in await estate.all(core.case_)] == ["not_me"]
    message = (await estate.messages())[-1]
    assert (message.contact_id, message.inbound_id is not None) == (None, True)


async def test_a_stranger_gets_the_same_answer_whatever_he_asks_for(estate: Any) -> None:
    await estate.owner()
    there = await estate.hears("3-2-1201欠多少", sender="+8613911110001")
    not_there = await estate.hears("9-9-9999欠多少", sender="+8613911110002")
    assert there == not_there
    assert "486" not in there[0]


async def test_the_same_update_three_times_is_answered_once(estate: Any) -> None:
    await estate.owner()
    said = [await estate.hears("你好", key="same") for _ in range(3)]
    assert [len(s) for s in said] == [1, 0, 0]

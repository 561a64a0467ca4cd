"""WeChat's wire, through wechatpy's own methods."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.contract import Button, Outgoing, Passing, Permanent, Unknown
from channels.wechat.send import WeChatChannel, WeChatSettings
from channels.wechat.tokens import MemoryTokenStore, Token, good_for

OPENID = "oABCDEFGHIJKLMNOPQRSTUVWXY12"
SECRET = "wechat-app-secret-0123456789"
NOW = 1795572000


def settings(**more: Any) -> WeChatSettings:
    return WeChatSettings("wx0", SECRET, "callback-token", **({"timeout": 1.0} | more))


@pytest.fixture
async def wechat(provider: Any) -> AsyncIterator[WeChatChannel]:
    tokens(provider, "T1", "T2", "T3")
    channel = WeChatChannel(settings(base_url=provider.url))
    yield channel
    await channel.close()


def tokens(provider: Any, *values: str) -> None:
    answers = [provider.Reply({"access_token": value, "expires_in": 7200}) for value in values]
    provider.will("stable_token", *answers)


def ok(provider: Any, **more: Any) -> Any:
    return provider.Reply({"errcode": 0, "errmsg": "ok"} | more)


def refusal(provider: Any, code: int) -> Any:
    return provider.Reply({"errcode": code, "errmsg": f"no {OPENID} rid: 1-2-3"})


def out(**more: Any) -> Outgoing:
    return Outgoing(**({"to": OPENID, "text": "您好", "our_id": "a-1", "attempted_at": NOW} | more))


def template(**more: Any) -> Outgoing:
    return out(template_id="TPL", fields={"thing1": "物业费", "amount2": "￥12.50"}, **more)


async def test_a_template_carries_our_id_and_fields(wechat: WeChatChannel, provider: Any) -> None:
    provider.will("template/send", ok(provider, msgid=2**60))
    accepted = await wechat.send(template(url="https://example.org/p"))
    assert accepted.provider_id == str(2**60)
    (asked,) = provider.asked_of("template/send")
    assert asked.query == {"access_token": "T1"}
    assert asked.json == {
        "touser": OPENID,
        "template_id": "TPL",
        "data": {"thing1": {"value": "物业费"}, "amount2": {"value": "￥12.50"}},
        "client_msg_id": "a-1",
        "url": "https://example.org/p",
    }


async def test_a_field_that_wechat_would_cut_is_not_sent(wechat: WeChatChannel, provider: Any) -> None:
    with pytest.raises(Permanent) as caught:
        await wechat.send(out(template_id="TPL", fields={"thing1": "长" * 21}))
    assert caught.value.fault == "request"
    assert "thing1" in caught.value.reason
    assert provider.asked == []


async def test_text_and_menu_go_by_customer_service(wechat: WeChatChannel, provider: Any) -> None:
    provider.will("custom/send", ok(provider))
    assert (await wechat.send(out())).provider_id == ""
    rows = ((Button("今天交", "promise:today"),), (Button("看账单", "", url="https://example.org/b"),))
    await wechat.send(out(buttons=rows))
    text, menu = (asked.json for asked in provider.asked_of("custom/send"))
    assert text == {"touser": OPENID, "msgtype": "text", "text": {"content": "您好"}}
    assert menu["msgmenu"] == {
        "head_content": "您好",
        "list": [{"id": "promise:today", "content": "今天交"}],
        "tail_content": "看账单: https://example.org/b",
    }


async def test_fifty_sends_at_once_fetch_one_token(wechat: WeChatChannel, provider: Any) -> None:
    provider.will("custom/send", ok(provider))
    await asyncio.gather(*(wechat.send(out()) for _ in range(50)))
    (asked,) = provider.asked_of("stable_token")
    assert asked.json["force_refresh"] is False
    assert len(provider.asked_of("custom/send")) == 50


async def test_two_processes_share_one_token(provider: Any) -> None:
    tokens(provider, "T1", "T2")
    provider.will("custom/send", ok(provider))
    store = MemoryTokenStore()
    both = [WeChatChannel(settings(base_url=provider.url), store) for _ in range(2)]
    await asyncio.gather(*(channel.send(out()) for channel in both for _ in range(5)))
    assert len(provider.asked_of("stable_token")) == 1
    for channel in both:
        await channel.close()


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_stale_token_is_replaced_once(wechat: WeChatChannel, provider: Any, code: int) -> None:
    provider.will("custom/send", refusal(provider, code), ok(provider))
    await wechat.send(out())
    assert [a.query["access_token"] for a in provider.asked_of("custom/send")] == ["T1", "T2"]


async def test_a_token_that_stays_stale_ends_after_one_retry(wechat: WeChatChannel, provider: Any) -> None:
    provider.will("custom/send", refusal(provider, 42001))
    with pytest.raises(Passing):
        await wechat.send(out())
    assert len(provider.asked_of("custom/send")) == 2


async def test_the_same_token_again_is_forced_anew(wechat: WeChatChannel, provider: Any) -> None:
    tokens(provider, "T1", "T1", "T2")
    provider.will("custom/send", refusal(provider, 40001), ok(provider))
    await wechat.send(out())
    assert [a.json["force_refresh"] for a in provider.asked_of("stable_token")] == [False, False, True]


async def test_many_with_one_stale_token_replace_it_together(wechat: WeChatChannel, provider: Any) -> None:
    provider.will("custom/send", ok(provider))
    await wechat.send(out())
    provider.will("custom/send", *[refusal(provider, 42001)] * 10, ok(provider))
    await asyncio.gather(*(wechat.send(out()) for _ in range(10)))
    assert len(provider.asked_of("stable_token")) == 2


@pytest.mark.parametrize(
    ("code", "kind", "fault"),
    [
        (-1, Unknown, None),
        (45009, Passing, None),
        (45011, Passing, None),
        (40003, Permanent, "address"),
        (43004, Permanent, "address"),
        (45015, Permanent, "window"),
        (45047, Permanent, "window"),
        (43101, Permanent, "window"),
        (40037, Permanent, "request"),
        (47003, Permanent, "request"),
        (48001, Permanent, "sender"),
        (99999, Permanent, "request"),
    ],
)
async def test_codes_are_told_apart(
    wechat: WeChatChannel, provider: Any, code: int, kind: type[Exception], fault: str | None
) -> None:
    provider.will("template/send", refusal(provider, code))
    with pytest.raises(kind) as caught:
        await wechat.send(template())
    assert getattr(caught.value, "fault", None) == fault
    assert getattr(caught.value, "until_midnight", False) == (code == 45009)
    assert not re.search(f"{OPENID}|T1|{SECRET}", str(caught.value))
    assert len(provider.asked_of("template/send")) == 1


@pytest.mark.parametrize("lost", [{"status": 502}, {"fault": "hang"}, {"fault": "reset"}, {"body": "<html>"}])
async def test_a_lost_answer_is_unknown_and_never_repeated(
    wechat: WeChatChannel, provider: Any, lost: dict[str, Any]
) -> None:
    provider.will("template/send", provider.Reply(**lost))
    with pytest.raises(Unknown):
        await wechat.send(template())
    assert len(provider.asked_of("template/send")) == 1


@pytest.mark.parametrize(
    "lost",
    [
        {"status": 502},
        {"fault": "hang"},
        {"fault": "reset"},
        {"body": "<html>"},
        {"body": {}},
        {"body": {"errcode": -1}},
    ],
)
async def test_without_a_token_nothing_was_sent(wechat: WeChatChannel, provider: Any, lost: dict[str, Any]) -> None:
    provider.will("stable_token", provider.Reply(**lost))
    with pytest.raises(Passing):
        await wechat.send(template())
    assert provider.asked_of("template/send") == []


@pytest.mark.parametrize("code", [40001, 40125, 40013, 40164])
async def test_a_wrong_secret_is_the_senders_fault(wechat: WeChatChannel, provider: Any, code: int) -> None:
    provider.will("stable_token", refusal(provider, code))
    for ask in (wechat.check(), wechat.send(out())):
        with pytest.raises(Permanent) as caught:
            await ask
        assert caught.value.fault == "sender"


async def test_settling_repeats_a_template_within_ten_minutes_only(wechat: WeChatChannel, provider: Any) -> None:
    provider.will("template/send", ok(provider, msgid=7))
    assert await wechat.settle(template(), None, NOW + 100) == ("accepted", "7")
    assert provider.asked_of("template/send")[0].json["client_msg_id"] == "a-1"
    for later, one in ((601, template()), (-1, template()), (100, out()), (100, template(attempted_at=None))):
        assert await wechat.settle(one, None, NOW + later) == ("unknown", None)
    assert await wechat.settle(template(), None) == ("unknown", None)
    assert len(provider.asked_of("template/send")) == 1


async def test_a_code_to_bind_by_is_made(wechat: WeChatChannel, provider: Any) -> None:
    provider.will(
        "qrcode/create", provider.Reply({"ticket": "t", "expire_seconds": 60, "url": "https://example.org/q"})
    )
    assert await wechat.bind_code("once", 60) == "https://example.org/q"
    assert provider.asked_of("qrcode/create")[0].json["action_info"] == {"scene": {"scene_str": "once"}}


async def test_a_token_in_the_store_ends_when_its_time_is_over() -> None:
    store = MemoryTokenStore()
    assert await store.get() is None
    await store.put(Token("T", 0.02))
    shared = await store.get()
    assert shared is not None
    assert shared.value == "T"
    await asyncio.sleep(0.03)
    assert await store.get() is None
    assert (good_for(7200), good_for(300)) == (6900, 150)


def test_a_key_of_the_wrong_length_is_refused_and_secrets_are_not_shown() -> None:
    with pytest.raises(ValueError, match="43"):
        settings(aes_key="short")
    assert SECRET not in repr(settings())

"""The WeCom app's wire and what is believed of its callbacks."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.contract import Button, Forged, Malformed, Outgoing, Passing, Permanent, RawRequest, Unknown
from channels.wecom.app import WeComApp, WeComAppSettings
from channels.wecom.cards import card, task_id
from channels.wecom.receive import read

NOW = 1795572000
KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPA"


@pytest.fixture
async def app(provider: Any) -> AsyncIterator[WeComApp]:
    answers = [provider.Reply({"errcode": 0, "access_token": f"T{n}", "expires_in": 7200}) for n in (1, 2)]
    provider.will("gettoken", *answers)
    channel = WeComApp(WeComAppSettings("ww0", 7, "secret", "callback-token", KEY, base_url=provider.url, timeout=1.0))
    yield channel
    await channel.close()


def out(**more: Any) -> Outgoing:
    return Outgoing(**({"to": "zhang", "text": "您好", "our_id": "a-1", "attempted_at": NOW} | more))


async def test_a_text_asks_wecom_to_look_for_duplicates(app: WeComApp, provider: Any) -> None:
    provider.will("message/send", provider.Reply({"errcode": 0, "msgid": "m1"}))
    assert (await app.send(out())).provider_id == "m1"
    (asked,) = provider.asked_of("message/send")
    assert asked.query == {"access_token": "T1"}
    assert asked.json["enable_duplicate_check"] == 1
    assert (asked.json["touser"], asked.json["agentid"], asked.json["text"]) == ("zhang", 7, {"content": "您好"})


async def test_a_stale_token_is_replaced_once(app: WeComApp, provider: Any) -> None:
    provider.will("message/send", provider.Reply({"errcode": 42001}), provider.Reply({"errcode": 0, "msgid": "m1"}))
    await app.send(out())
    assert [a.query["access_token"] for a in provider.asked_of("message/send")] == ["T1", "T2"]
    provider.will("message/send", provider.Reply({"errcode": 42001}))
    with pytest.raises(Passing):
        await app.send(out())
    assert len(provider.asked_of("message/send")) == 4


async def test_settling_repeats_the_identical_request_within_half_an_hour(app: WeComApp, provider: Any) -> None:
    provider.will("message/send", provider.Reply(fault="reset"), provider.Reply({"errcode": 0, "msgid": "m1"}))
    with pytest.raises(Unknown):
        await app.send(out())
    assert await app.settle(out(), None, NOW + 1000) == ("accepted", "m1")
    first, second = (asked.body for asked in provider.asked_of("message/send"))
    assert first == second
    for late, one in ((1800, out()), (-1, out()), (10, out(attempted_at=None)), (10, out(edits="code"))):
        assert await app.settle(one, None, NOW + late) == ("unknown", None)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [({"body": {"errcode": 40001}}, Permanent), ({"body": {"errcode": -1}}, Passing), ({"status": 502}, Passing)],
)
async def test_without_a_token_nothing_is_sent(
    app: WeComApp, provider: Any, reply: dict[str, Any], kind: type[Exception]
) -> None:
    provider.will("gettoken", provider.Reply(**reply))
    with pytest.raises(kind):
        await app.send(out())
    assert provider.asked_of("message/send") == []


def test_a_card_shows_title_words_and_buttons() -> None:
    rows = ((Button("认领", "claim:1"), Button("打开", "", url="https://example.org")),)
    shown = card(out(text="标题\n第一行\n第二行", buttons=rows))
    assert shown["main_title"] == {"title": "标题"}
    assert shown["sub_title_text"] == "第一行\n第二行"
    assert shown["button_list"][0]["key"] == "claim:1"
    assert shown["button_list"][1]["url"] == "https://example.org"
    assert json.dumps(shown)
    assert task_id("case:1/ä@b") == "case_1__@b"


@pytest.mark.parametrize("body", [b"", b"<xml></xml>", b"x", b"\xff", b"<xml><MsgType>text</MsgType></xml>"])
def test_garbage_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


async def test_what_is_not_sealed_is_forged(app: WeComApp) -> None:
    query = {"timestamp": str(NOW), "nonce": "n", "msg_signature": "0" * 40}
    for method, body in (("POST", b"<xml><MsgType>text</MsgType></xml>"), ("POST", b""), ("GET", b"")):
        with pytest.raises(Forged):
            app.hear(RawRequest(method, "https://example.org", query, {}, body), NOW)

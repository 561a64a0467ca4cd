"""Our own channels against the sandbox: a send, a lost answer settled or owned to be unknown, and what comes back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from channels.contract import Button, Outgoing, Permanent, RawRequest, Unknown
from channels.sms.send import SmsChannel, SmsSettings
from channels.telegram.send import TelegramChannel, TelegramSettings
from channels.wechat.send import WeChatChannel, WeChatSettings
from channels.wecom.app import WeComApp, WeComAppSettings

ADDRESSES = {"telegram": "5550001", "sms": "+8613800000001", "wechat": "oSandbox0000000000000000001", "wecom": "zhao"}
FIELDS = {"thing1": "1栋2单元301", "amount2": "1234.50元", "time3": "2026年10月31日", "thing4": "到物业前台缴费"}
CHANNELS = ["telegram", "sms", "wechat", "wecom"]


def connect(name: str, base: str, account: Any, public: str) -> Any:
    if name == "telegram":
        token, secret = account.telegram_token, account.telegram_secret
        return TelegramChannel(TelegramSettings(token, secret, base_url=f"{base}/telegram", public_url=public))
    if name == "sms":
        sid, token = account.twilio_account_sid, account.twilio_auth_token
        number, address = account.twilio_from, f"{base}/twilio"
        settings = SmsSettings(sid, token, "k" * 32, from_number=number, base_url=address, public_url=public)
        return SmsChannel(replace(settings, status_path="/sms"))
    if name == "wechat":
        appid, secret = account.wechat_appid, account.wechat_secret
        token, key = account.wechat_token, account.wechat_aes_key
        return WeChatChannel(WeChatSettings(appid, secret, token, key, base_url=f"{base}/wechat"))
    corp, agent, secret = account.wecom_corp_id, account.wecom_agent_id, account.wecom_secret
    token, key = account.wecom_token, account.wecom_aes_key
    return WeComApp(WeComAppSettings(corp, agent, secret, token, key, base_url=f"{base}/wecom"))


@pytest.fixture(params=CHANNELS)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
async def channel(town: Any, service: Any, name: str) -> AsyncIterator[Any]:
    await town.control("people", people=[{"channel": c, "address": a} for c, a in ADDRESSES.items()])
    await town.control("limits", on=False)
    hooks = {"twilio_inbound": "sms", "wechat": "wechat", "wecom": "wecom"}
    await town.control("webhooks", wechat_mode="aes", **{hook: f"{service.base}/{at}" for hook, at in hooks.items()})
    telegram = {"url": f"{service.base}/telegram", "secret_token": town.credentials.telegram_secret}
    await town.http.post(f"/telegram/bot{town.credentials.telegram_token}/setWebhook", data=telegram)
    channel = connect(name, town.base, town.credentials, service.base)
    yield channel
    await channel.close()


def outgoing(town: Any, name: str) -> Outgoing:
    at = int(town.world.clock.now().timestamp())
    template = {"template_id": "SANDBOX-FEE-NOTICE", "fields": FIELDS} if name == "wechat" else {}
    return Outgoing(to=ADDRESSES[name], text="您好", our_id="a1", attempted_at=at, **template)  # type: ignore[arg-type]


def heard(channel: Any, service: Any, name: str, now: int) -> Any:
    _, request, body = [entry for entry in service.heard if entry[0] == name][-1]
    url = f"{service.base}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
    raw = RawRequest(request.method, url, dict(request.query_params), dict(request.headers), body)
    return channel.hear(raw, now)


async def test_a_send_is_accepted_and_its_receipt_understood(town: Any, service: Any, channel: Any, name: str) -> None:
    accepted = await channel.send(outgoing(town, name))
    assert [line["channel"] for line in town.ledger()] == [name]
    if name in ("sms", "wechat"):
        await town.control("clock", forward=10)
        receipt = heard(channel, service, name, town.world.unix()).receipts[0]
        assert (receipt.state, receipt.provider_id) == ("delivered", accepted.provider_id)
        assert receipt.our_id == ("a1" if name == "sms" else "")


async def test_an_answer_lost_is_unknown_and_settled_without_a_second_message(
    town: Any, channel: Any, name: str
) -> None:
    await town.control("faults", point="accept_then_lose", channel=name, times=1)
    out = outgoing(town, name)
    with pytest.raises(Unknown):
        await channel.send(out)
    verdict, provider_id = await channel.settle(out, None, town.world.unix() + 30)
    assert (verdict, bool(provider_id)) == (("unknown", False) if name == "telegram" else ("accepted", True))
    assert len(town.ledger()) == 1


async def test_words_come_back_signed_and_are_believed(town: Any, service: Any, channel: Any, name: str) -> None:
    await town.control("say", channel=name, address=ADDRESSES[name], text="多少钱")
    said = heard(channel, service, name, town.world.unix()).said[0]
    assert (said.kind, said.text, said.sender) == ("text", "多少钱", ADDRESSES[name])


async def test_a_press_comes_back(town: Any, service: Any, channel: Any, name: str) -> None:
    if name == "sms":
        return
    await town.control("say", channel=name, address=ADDRESSES[name], text="在吗")
    out = Outgoing(ADDRESSES[name], "何时付款？", "a2", buttons=((Button("今天", "pay:1"),),))
    await channel.send(out)
    shown = (await town.inbox(name, ADDRESSES[name]))[-1]
    assert shown["buttons"] == [[{"label": "今天", "data": "pay:1", "url": None}]]
    message = shown["provider_id"].split(":")[1 if name == "telegram" else 0]
    await town.control("say", channel=name, address=ADDRESSES[name], press="pay:1", message=message)
    said = heard(channel, service, name, town.world.unix()).said[0]
    assert (said.kind, said.text) == ("press", "pay:1")


async def test_who_does_not_want_it_is_refused_for_good(town: Any, channel: Any, name: str) -> None:
    if name == "wechat":
        await town.control("say", channel=name, address=ADDRESSES[name], unfollow=True)
    else:
        await town.control("block", channel=name, address=ADDRESSES[name])
    with pytest.raises(Permanent) as refused:
        await channel.send(outgoing(town, name))
    assert refused.value.fault in ("address", "opted_out")

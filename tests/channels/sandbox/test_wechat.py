"""The fake service account, spoken to by wechatpy; its callbacks read by wechatpy's own parser and crypto."""

import asyncio
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import Response
from wechatpy import WeChatClient, parse_message
from wechatpy.client.base import BaseWeChatClient
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatClientException
from wechatpy.utils import check_signature

from channels.sandbox.pushes import RULES, Rule

OPENID = "oSandbox0000000000000000001"
FIELDS = {
    "thing1": {"value": "1栋2单元301"},
    "amount2": {"value": "1234.50元"},
    "time3": {"value": "2026年10月31日"},
    "thing4": {"value": "到物业前台缴费"},
}


class OurClient(WeChatClient):  # type: ignore[misc]
    """wechatpy with the two addresses it hard-codes turned to the sandbox."""

    base = ""

    def fetch_access_token(self) -> Any:
        self.API_BASE_URL = f"{self.base}/wechat/cgi-bin/"
        params = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._fetch_access_token(url=f"{self.base}/wechat/cgi-bin/token", params=params)


@pytest.fixture
async def client(town: Any) -> Any:
    await town.control("people", people=[{"channel": "wechat", "address": OPENID, "name": "李梅"}])
    assert issubclass(OurClient, BaseWeChatClient)
    client = OurClient(town.credentials.wechat_appid, town.credentials.wechat_secret, auto_retry=False)
    client.base = town.base
    client.API_BASE_URL = f"{town.base}/wechat/cgi-bin/"
    yield client
    client._http.close()


async def call(deed: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return await asyncio.to_thread(deed, *args, **kwargs)


async def template(client: Any, **more: Any) -> Any:
    data = {"touser": OPENID, "template_id": "SANDBOX-FEE-NOTICE", "data": FIELDS, **more}
    return await call(client.post, "message/template/send", data=data)


async def test_a_template_is_taken_shown_and_its_job_result_told(town: Any, client: Any, service: Any) -> None:
    await town.control("webhooks", wechat=f"{service.base}/wechat")
    sent = await template(client, client_msg_id="m1")
    line = town.ledger()[0]
    assert (line["our_id"], line["provider_id"]) == ("m1", str(sent["msgid"]))
    assert "1栋2单元301" in line["text"]
    assert "1234.50元" in line["text"]
    assert (await town.inbox("wechat", OPENID))[0]["fields"]["amount2"] == "1234.50元"
    await town.control("clock", forward=3)
    _, request, body = service.heard[0]
    query = request.query_params
    check_signature(town.credentials.wechat_token, query["signature"], query["timestamp"], query["nonce"])
    event = parse_message(body)
    assert (event.event, event.status, event.id) == ("templatesendjobfinish", "success", sent["msgid"])


async def test_the_same_client_msg_id_is_sent_once_in_ten_minutes(town: Any, client: Any) -> None:
    first, second = await template(client, client_msg_id="m1"), await template(client, client_msg_id="m1")
    assert first["msgid"] == second["msgid"]
    assert len(town.ledger()) == 1
    await town.control("clock", forward=601)
    assert (await template(client, client_msg_id="m1"))["msgid"] != first["msgid"]


async def test_free_text_needs_an_open_window_and_has_five_places(town: Any, client: Any) -> None:
    with pytest.raises(WeChatClientException) as shut:
        await call(client.message.send_text, OPENID, "您好")
    assert shut.value.errcode == 45015
    await town.control("say", channel="wechat", address=OPENID, text="多少钱")
    for _ in range(5):
        await call(client.message.send_text, OPENID, "您好")
    with pytest.raises(WeChatClientException) as used:
        await call(client.message.send_text, OPENID, "您好")
    assert used.value.errcode == 45047
    await town.control("say", channel="wechat", address=OPENID, text="在吗")
    await town.control("clock", forward=48 * 3600 + 1)
    client.session.delete(client.access_token_key)
    with pytest.raises(WeChatClientException) as old:
        await call(client.message.send_text, OPENID, "您好")
    assert old.value.errcode == 45015


async def test_a_menu_tap_opens_three_places_for_a_minute(town: Any, client: Any, service: Any) -> None:
    await town.control("webhooks", wechat=f"{service.base}/wechat")
    await town.control("say", channel="wechat", address=OPENID, text="在吗")
    menu = {"head_content": "何时付款？", "list": [{"id": "pay", "content": "今天付"}], "tail_content": ""}
    await call(client.message.send_msg_menu, OPENID, menu)
    await town.control("clock", forward=48 * 3600 + 1)
    client.session.delete(client.access_token_key)
    await town.control("say", channel="wechat", address=OPENID, press="pay")
    tapped = parse_message(service.bodies("wechat")[-1])
    assert (tapped.content, tapped._data["bizmsgmenuid"]) == ("今天付", "pay")
    for _ in range(3):
        await call(client.message.send_text, OPENID, "好")
    with pytest.raises(WeChatClientException) as used:
        await call(client.message.send_text, OPENID, "好")
    assert used.value.errcode == 45047


async def test_in_aes_mode_only_the_key_opens_it(town: Any, client: Any, service: Any) -> None:
    await town.control("webhooks", wechat=f"{service.base}/wechat", wechat_mode="aes")
    await town.control("say", channel="wechat", address=OPENID, text="秘密")
    _, request, body = service.heard[0]
    assert "秘密" not in body.decode()
    query, account = request.query_params, town.credentials
    crypto = WeChatCrypto(account.wechat_token, account.wechat_aes_key, account.wechat_appid)
    plain = crypto.decrypt_message(body.decode(), query["msg_signature"], query["timestamp"], query["nonce"])
    assert parse_message(plain).content == "秘密"


async def test_an_unanswered_message_comes_three_times_with_the_same_msgid(
    town: Any, client: Any, service: Any
) -> None:
    service.status = 500
    await town.control("webhooks", wechat=f"{service.base}/wechat")
    await town.control("say", channel="wechat", address=OPENID, text="在吗")
    await town.control("clock", forward=60)
    numbers = [ElementTree.fromstring(body).findtext("MsgId") for body in service.bodies("wechat")]
    assert len(numbers) == 3
    assert len(set(numbers)) == 1


async def test_a_slow_answer_is_cut_and_asked_for_again_at_once(
    town: Any, client: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RULES, "wechat", Rule(cut=0.1, waits=RULES["wechat"].waits))

    async def sleepy(request: Any, body: bytes) -> Response:
        await asyncio.sleep(0.3)
        return Response("success")

    service.answers["wechat"] = sleepy
    await town.control("webhooks", wechat=f"{service.base}/wechat")
    await town.control("say", channel="wechat", address=OPENID, text="在吗")
    await town.control("settle")
    assert [push["error"] for push in (await town.look("pushes"))["pushes"]] == ["cut"] * 3


async def test_a_scan_by_a_newcomer_carries_the_scene_and_a_made_up_one_leads_nowhere(
    town: Any, client: Any, service: Any
) -> None:
    await town.control("webhooks", wechat=f"{service.base}/wechat")
    scene = {"action_name": "QR_STR_SCENE", "expire_seconds": 600, "action_info": {"scene": {"scene_str": "t1"}}}
    assert (await call(client.qrcode.create, scene))["ticket"]
    await town.control("say", channel="wechat", address="oNew00000000000000000000001", follow="t1")
    assert parse_message(service.bodies("wechat")[-1]).scene_id == "t1"
    await town.control("say", 404, channel="wechat", address=OPENID, scan="made-up")


async def test_an_unfollower_is_refused_and_one_who_refuses_fails_later(town: Any, client: Any, service: Any) -> None:
    await town.control("webhooks", wechat=f"{service.base}/wechat")
    await town.control("block", channel="wechat", address=OPENID)
    await template(client)
    await town.control("clock", forward=3)
    assert parse_message(service.bodies("wechat")[-1]).status == "failed:user block"
    await town.control("say", channel="wechat", address=OPENID, unfollow=True)
    with pytest.raises(WeChatClientException) as refused:
        await template(client)
    assert refused.value.errcode == 43004


async def test_a_one_time_consent_is_worth_one_send(town: Any, client: Any) -> None:
    fields = {key: FIELDS[key] for key in ("thing1", "amount2", "time3")}
    with pytest.raises(WeChatClientException) as none:
        await call(client.message.send_subscribe_message, OPENID, "SANDBOX-ONE-TIME", fields)
    assert none.value.errcode == 43101
    await town.control("say", channel="wechat", address=OPENID, consent="SANDBOX-ONE-TIME")
    await call(client.message.send_subscribe_message, OPENID, "SANDBOX-ONE-TIME", fields)
    with pytest.raises(WeChatClientException) as again:
        await call(client.message.send_subscribe_message, OPENID, "SANDBOX-ONE-TIME", fields)
    assert again.value.errcode == 43101


async def test_a_token_lives_7200_seconds_and_a_stable_one_stays_the_same(town: Any, client: Any) -> None:
    account = town.credentials
    asked = {"grant_type": "client_credential", "appid": account.wechat_appid, "secret": account.wechat_secret}
    post = town.http.post
    first = (await post("/wechat/cgi-bin/stable_token", json=asked)).json()
    assert first["expires_in"] == 7200
    assert (await post("/wechat/cgi-bin/stable_token", json=asked)).json()["access_token"] == first["access_token"]
    await town.control("clock", forward=7000)
    renewed = (await post("/wechat/cgi-bin/stable_token", json=asked)).json()["access_token"]
    assert renewed != first["access_token"]
    look = "/wechat/cgi-bin/user/info"
    for token in (first["access_token"], renewed):
        answer = await town.http.get(look, params={"access_token": token, "openid": OPENID})
        assert answer.json()["subscribe"] == 1
    await town.control("clock", forward=300)
    answer = await town.http.get(look, params={"access_token": first["access_token"], "openid": OPENID})
    assert answer.json()["errcode"] == 42001


async def test_an_oauth_code_is_good_once(town: Any, client: Any) -> None:
    account = town.credentials
    code = (await town.control("wechat/code", openid=OPENID))["code"]
    asked = {
        "appid": account.wechat_appid,
        "secret": account.wechat_secret,
        "code": code,
        "grant_type": "authorization_code",
    }
    answers = [(await town.http.get("/wechat/sns/oauth2/access_token", params=asked)).json() for _ in range(2)]
    assert answers[0]["openid"] == OPENID
    assert answers[1]["errcode"] == 40163

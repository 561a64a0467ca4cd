"""The fake WeCom: robot, app messages, cards that come back encrypted, app chats."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "1栋301 要求回电"},
    "task_id": "case-1",
    "button_list": [{"text": "我来", "key": "claim:1"}],
}


@pytest.fixture
async def token(town: Any) -> str:
    people = [{"channel": "wecom", "address": name} for name in ("zhao", "qian")]
    await town.control("people", people=people)
    account = town.credentials
    asked = {"corpid": account.wecom_corp_id, "corpsecret": account.wecom_secret}
    answer = await town.http.get("/wecom/cgi-bin/gettoken", params=asked)
    token: str = answer.json()["access_token"]
    return token


async def post(town: Any, name: str, token: str, data: dict[str, Any]) -> dict[str, Any]:
    answer = await town.http.post(f"/wecom/cgi-bin/{name}", params={"access_token": token}, json=data)
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


def message(town: Any, **more: Any) -> dict[str, Any]:
    agent = town.credentials.wecom_agent_id
    return {"touser": "zhao", "agentid": agent, "msgtype": "text", "text": {"content": "您好"}, **more}


async def test_the_robot_takes_twenty_a_minute(town: Any) -> None:
    params = {"key": town.credentials.wecom_robot_key}
    data = {"msgtype": "text", "text": {"content": "新的个案"}}
    codes = [
        (await town.http.post("/wecom/cgi-bin/webhook/send", params=params, json=data)).json()["errcode"]
        for _ in range(21)
    ]
    assert codes == [0] * 20 + [45009]
    assert len(town.ledger()) == 20


async def test_a_press_on_a_card_comes_encrypted_and_its_code_updates_the_card_once(
    town: Any, token: str, service: Any
) -> None:
    await town.control("webhooks", wecom=f"{service.base}/wecom")
    sent = await post(town, "message/send", token, message(town, msgtype="template_card", template_card=CARD) | {})
    assert sent["errcode"] == 40058  # a part that the type does not name is an unknown parameter
    card = {key: value for key, value in message(town).items() if key != "text"}
    sent = await post(town, "message/send", token, card | {"msgtype": "template_card", "template_card": CARD})
    await town.control("say", channel="wecom", address="zhao", press="claim:1", message=sent["msgid"])
    _, request, body = service.heard[0]
    account, query = town.credentials, request.query_params
    crypto = WeChatCrypto(account.wecom_token, account.wecom_aes_key, account.wecom_corp_id)
    plain = crypto.decrypt_message(body.decode(), query["msg_signature"], query["timestamp"], query["nonce"])
    event = ElementTree.fromstring(plain)
    assert (event.findtext("Event"), event.findtext("EventKey")) == ("template_card_event", "claim:1")
    update = {
        "agentid": account.wecom_agent_id,
        "response_code": event.findtext("ResponseCode"),
        "button": {"replace_name": "已认领"},
    }
    answers = [await post(town, "message/update_template_card", token, update) for _ in range(2)]
    assert [answer["errcode"] for answer in answers] == [0, 40058]


async def test_the_duplicate_check_swallows_the_identical_message_for_thirty_minutes(town: Any, token: str) -> None:
    data = message(town, enable_duplicate_check=1)
    first, second = [await post(town, "message/send", token, data) for _ in range(2)]
    assert first["msgid"] == second["msgid"]
    assert len(town.ledger()) == 1
    await town.control("clock", forward=1801)
    assert (await post(town, "message/send", token, data))["msgid"] != first["msgid"]


async def test_an_app_chat_is_made_and_written_to(town: Any, token: str) -> None:
    made = await post(town, "appchat/create", token, {"name": "前台", "userlist": ["zhao", "qian"]})
    data = {"chatid": made["chatid"], "msgtype": "text", "text": {"content": "早上好"}}
    assert (await post(town, "appchat/send", token, data))["errcode"] == 0
    assert town.ledger()[0]["to"] == made["chatid"]


async def test_an_address_is_verified_by_an_encrypted_challenge(town: Any, service: Any) -> None:
    account = town.credentials
    crypto = WeChatCrypto(account.wecom_token, account.wecom_aes_key, account.wecom_corp_id)

    def echo(request: Any, body: bytes) -> Any:
        from starlette.responses import PlainTextResponse

        query = request.query_params
        signed = (query["msg_signature"], query["timestamp"], query["nonce"])
        return PlainTextResponse(crypto.check_signature(*signed, query["echostr"]))

    service.answers["wecom"] = echo
    hooks = await town.control("webhooks", wecom=f"{service.base}/wecom", verify=True)
    assert hooks["verified"] == {"wecom": True}

"""Every error each fake can give, with status and body, from the providers' documentation."""

import base64
from typing import Any

import pytest

OWNER, PHONE, OPENID = "5550001", "+8613800000001", "oSandbox0000000000000000001"
LONG = "长" * 4097
PRESS = '{"inline_keyboard":[[{"text":"按","callback_data":"%s"}]]}'


@pytest.fixture
async def street(town: Any) -> Any:
    """A town with somebody on every channel, and no rates."""
    await town.control("limits", on=False)
    people = [("telegram", OWNER), ("wechat", OPENID), ("sms", PHONE), ("wecom", "zhao")]
    await town.control("people", people=[{"channel": channel, "address": address} for channel, address in people])
    gone = {"channel": "telegram", "address": "5550002", "deactivated": True}
    shy = {"channel": "telegram", "address": "5550003", "started": False}
    blocked = {"channel": "telegram", "address": "5550004", "blocked": True}
    opted = {"channel": "sms", "address": "+8613800000009", "opted_out": True}
    left = {"channel": "wechat", "address": "oLeft", "following": False}
    refuses = {"channel": "wechat", "address": "oRefuses", "refuses": True}
    await town.control("people", people=[gone, shy, blocked, opted, left, refuses])
    return town


TELEGRAM = [
    ("sendMessage", {"text": "x"}, 400, "Bad Request: chat_id is empty"),
    ("sendMessage", {"chat_id": "999", "text": "x"}, 400, "Bad Request: chat not found"),
    ("sendMessage", {"chat_id": "@nobody", "text": "x"}, 400, "Bad Request: chat not found"),
    ("sendMessage", {"chat_id": OWNER}, 400, "Bad Request: message text is empty"),
    ("sendMessage", {"chat_id": OWNER, "text": LONG}, 400, "Bad Request: message is too long"),
    ("sendMessage", {"chat_id": OWNER, "text": "x", "colour": "red"}, 400, "Bad Request: unknown parameter colour"),
    ("sendMessage", {"chat_id": "5550002", "text": "x"}, 403, "Forbidden: user is deactivated"),
    ("sendMessage", {"chat_id": "5550003", "text": "x"}, 403, "Forbidden: bot can't initiate conversation with a user"),
    ("sendMessage", {"chat_id": "5550004", "text": "x"}, 403, "Forbidden: bot was blocked by the user"),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "x", "reply_markup": PRESS % ("d" * 65)},
        400,
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "x", "reply_markup": PRESS % ("水" * 22)},
        400,
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "x", "reply_markup": "{"},
        400,
        "Bad Request: can't parse reply keyboard markup JSON object",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "x", "reply_markup": '{"inline_keyboard":[[{"text":"按"}]]}'},
        400,
        "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "x", "message_thread_id": 7},
        400,
        "Bad Request: message thread not found",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "x", "reply_parameters": '{"message_id":77}'},
        400,
        "Bad Request: message to be replied not found",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "<i>x", "parse_mode": "HTML"},
        400,
        "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"i\"",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "<blink>x</blink>", "parse_mode": "HTML"},
        400,
        "Bad Request: can't parse entities: Unsupported start tag \"blink\" at byte offset 0",
    ),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "1.5", "parse_mode": "MarkdownV2"},
        400,
        "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    ),
    ("sendMessage", {"chat_id": OWNER, "text": "x", "parse_mode": "RTF"}, 400, "Bad Request: unsupported parse_mode"),
    ("sendPhoto", {"chat_id": OWNER}, 400, "Bad Request: there is no photo in the request"),
    (
        "sendPhoto",
        {"chat_id": OWNER, "photo": "nope"},
        400,
        "Bad Request: wrong file identifier/HTTP URL specified",
    ),
    ("editMessageText", {"chat_id": OWNER, "text": "x"}, 400, "Bad Request: message identifier is not specified"),
    (
        "editMessageText",
        {"chat_id": OWNER, "message_id": 77, "text": "x"},
        400,
        "Bad Request: message to edit not found",
    ),
    (
        "editMessageText",
        {"chat_id": OWNER, "message_id": "one", "text": "x"},
        400,
        "Bad Request: invalid message_id specified",
    ),
    ("deleteMessage", {"chat_id": OWNER, "message_id": 77}, 400, "Bad Request: message to delete not found"),
    (
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    ("getChatMember", {"chat_id": OWNER}, 400, "Bad Request: invalid user_id specified"),
    ("createForumTopic", {"chat_id": OWNER, "name": "x"}, 400,
     "Bad Request: method is available for supergroup and channel chats only"),
    ("getFile", {"file_id": "nope"}, 400, "Bad Request: invalid file_id"),
    ("setWebhook", {"url": "ftp://127.0.0.1/x"}, 400,
     "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
    ("setWebhook", {"url": "https://example.org/x"}, 400,
     "Bad Request: bad webhook: Failed to resolve host: the sandbox knows loopback addresses only"),
    (
        "setWebhook",
        {"url": "http://127.0.0.1:1/x", "secret_token": "with space"},
        400,
        "Bad Request: secret token contains unallowed characters",
    ),
    ("sendGalaxy", {}, 404, "Not Found"),
]  # fmt: skip


async def test_telegram_refuses_in_its_own_words(street: Any) -> None:
    for method, params, code, description in TELEGRAM:
        answer = await street.http.post(f"/telegram/bot{street.credentials.telegram_token}/{method}", data=params)
        body = {"ok": False, "error_code": code, "description": description}
        assert (method, answer.status_code, answer.json()) == (method, code, body), params
    assert street.ledger() == []


async def test_telegram_knows_its_bots(street: Any) -> None:
    wrong = await street.http.get("/telegram/bot1:wrong/getMe")
    assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized")
    assert (await street.http.get("/telegram/botwrong/getMe")).status_code == 404


async def test_telegram_hears_by_webhook_or_by_polling_never_both(street: Any) -> None:
    bot = f"/telegram/bot{street.credentials.telegram_token}"
    await street.http.post(f"{bot}/setWebhook", data={"url": "http://127.0.0.1:1/x"})
    answer = await street.http.get(f"{bot}/getUpdates")
    assert answer.status_code == 409
    assert answer.json()["description"] == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )


async def test_telegram_groups_throw_the_bot_out_and_close_topics(street: Any) -> None:
    bot = f"/telegram/bot{street.credentials.telegram_token}"
    group = (await street.control("telegram/groups", title="g", topics=True, members={OWNER: "creator"}))["id"]
    topic = (await street.http.post(f"{bot}/createForumTopic", data={"chat_id": group, "name": "一"})).json()["result"]
    data = {"chat_id": group, "message_thread_id": topic["message_thread_id"]}
    assert (await street.http.post(f"{bot}/closeForumTopic", data=data)).json()["result"] is True
    again = await street.http.post(f"{bot}/closeForumTopic", data=data)
    assert again.json()["description"] == "Bad Request: TOPIC_NOT_MODIFIED"
    await street.control("telegram/bot", chat=group, status="kicked", by=OWNER)
    out = await street.http.post(f"{bot}/sendMessage", data={"chat_id": group, "text": "x"})
    assert out.json()["description"] == "Forbidden: bot was kicked from the supergroup chat"


TWILIO = [
    ({"To": PHONE, "Body": "x"}, 400, 21603),
    ({"From": "+15005550006", "Body": "x"}, 400, 21604),
    ({"To": PHONE, "From": "+15005550006"}, 400, 21602),
    ({"To": "13800000001", "From": "+15005550006", "Body": "x"}, 400, 21211),
    ({"To": PHONE, "From": "+15005550006", "Body": "x" * 1601}, 400, 21617),
    ({"To": PHONE, "From": "+15005550001", "Body": "x"}, 400, 21212),
    ({"To": PHONE, "From": "+15005550007", "Body": "x"}, 400, 21606),
    ({"To": PHONE, "From": "+15005550008", "Body": "x"}, 400, 21611),
    ({"To": PHONE, "From": "+15551234567", "Body": "x"}, 400, 21606),
    ({"To": "+15005550001", "From": "+15005550006", "Body": "x"}, 400, 21211),
    ({"To": "+15005550002", "From": "+15005550006", "Body": "x"}, 400, 21612),
    ({"To": "+15005550003", "From": "+15005550006", "Body": "x"}, 400, 21408),
    ({"To": "+15005550004", "From": "+15005550006", "Body": "x"}, 400, 21610),
    ({"To": "+15005550009", "From": "+15005550006", "Body": "x"}, 400, 21614),
    ({"To": "+15005550006", "From": "+15005550006", "Body": "x"}, 400, 21266),
    ({"To": "+8613800000009", "From": "+15005550006", "Body": "x"}, 400, 21610),
    ({"To": PHONE, "From": "+15005550006", "Body": "x", "StatusCallback": "nowhere"}, 400, 21609),
    ({"To": PHONE, "From": "+15005550006", "Body": "x", "ValidityPeriod": "36001"}, 400, 90007),
    ({"To": PHONE, "From": "+15005550006", "Body": "x", "Colour": "red"}, 400, 20001),
    ({"To": PHONE, "MessagingServiceSid": "MG" + "0" * 32, "Body": "x"}, 400, 21701),
    ({"To": PHONE, "From": "+15005550006", "Body": "x", "ScheduleType": "fixed"}, 400, 35111),
    ({"To": PHONE, "From": "+15005550006", "Body": "x", "SendAt": "2026-10-13T00:00:00Z"}, 400, 35117),
    (
        {"To": PHONE, "From": "+15005550006", "Body": "x", "ScheduleType": "fixed", "SendAt": "2026-10-13T00:00:00Z"},
        400,
        35118,
    ),
    (
        {
            "To": PHONE,
            "MessagingServiceSid": "MG" + "5a4db0c5" * 4,
            "Body": "x",
            "ScheduleType": "fixed",
            "SendAt": "2026-10-12T02:01:00Z",
        },
        400,
        35114,
    ),
]


async def test_twilio_refuses_in_its_own_codes(street: Any) -> None:
    account = street.credentials
    url = f"/twilio/2010-04-01/Accounts/{account.twilio_account_sid}/Messages.json"
    for form, status, code in TWILIO:
        answer = await street.http.post(url, data=form, auth=(account.twilio_account_sid, account.twilio_auth_token))
        body = answer.json()
        assert (answer.status_code, body["code"], body["status"]) == (status, code, status), form
        assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
        assert set(body) == {"code", "message", "more_info", "status"}
    assert street.ledger() == []


async def test_twilio_wants_to_know_who_calls_and_what_for(street: Any) -> None:
    account = street.credentials
    base = f"/twilio/2010-04-01/Accounts/{account.twilio_account_sid}"
    good = {"Authorization": "Basic " + base64.b64encode(
        f"{account.twilio_account_sid}:{account.twilio_auth_token}".encode()).decode()}  # fmt: skip
    nobody = await street.http.post(f"{base}/Messages.json", data={})
    assert (nobody.status_code, nobody.json()["code"], nobody.json()["message"]) == (401, 20003, "Authenticate")
    missing = await street.http.get(f"{base}/Messages/SM{'0' * 32}.json", headers=good)
    assert (missing.status_code, missing.json()["code"]) == (404, 20404)
    odd = await street.http.get(f"{base}/Messages.json?Colour=red", headers=good)
    assert (odd.status_code, odd.json()["code"]) == (400, 20001)


def template(openid: str = OPENID, template_id: str = "SANDBOX-FEE-NOTICE", **values: str) -> dict[str, Any]:
    fields = {"thing1": "1栋301", "amount2": "12.50元", "time3": "2026年10月31日", "thing4": "前台", **values}
    data = {key: {"value": value} for key, value in fields.items() if value != "-"}
    return {"touser": openid, "template_id": template_id, "data": data}


def text(openid: str, content: Any = "您好") -> dict[str, Any]:
    return {"touser": openid, "msgtype": "text", "text": {"content": content}}


def qr(**more: Any) -> dict[str, Any]:
    scene = {"scene": {"scene_str": "t"}}
    return {"action_name": "QR_STR_SCENE", "expire_seconds": 60, "action_info": scene} | more


TEMPLATE_SEND, CUSTOM = "message/template/send", "message/custom/send"
WECHAT = [
    (TEMPLATE_SEND, template("oStranger"), 40003),
    (TEMPLATE_SEND, template("oLeft"), 43004),
    (TEMPLATE_SEND, template(template_id="nope"), 40037),
    (TEMPLATE_SEND, template(template_id="SANDBOX-ONE-TIME"), 40037),
    (TEMPLATE_SEND, template(thing1="长" * 21), 47003),
    (TEMPLATE_SEND, template(thing1="两\n行"), 47003),
    (TEMPLATE_SEND, template(thing1=""), 47003),
    (TEMPLATE_SEND, template(thing4="-"), 47003),
    (TEMPLATE_SEND, template(thing9="多"), 47003),
    (TEMPLATE_SEND, template(amount2="一百元"), 47003),
    (TEMPLATE_SEND, template(amount2="12345678901元"), 47003),
    (TEMPLATE_SEND, template(time3="明天"), 47003),
    (TEMPLATE_SEND, template() | {"colour": "red"}, 40035),
    (TEMPLATE_SEND, template() | {"url": "weixin://x"}, 40036),
    (TEMPLATE_SEND, template() | {"data": "x"}, 47001),
    ("message/subscribe/bizsend", template(template_id="SANDBOX-ONE-TIME", thing4="-"), 43101),
    (CUSTOM, text("oStranger"), 40003),
    (CUSTOM, text("oLeft"), 43004),
    (CUSTOM, text("oRefuses"), 48002),
    (CUSTOM, text(OPENID), 45015),
    (CUSTOM, text(OPENID, ""), 44004),
    (CUSTOM, text(OPENID, "长" * 683), 45002),
    (CUSTOM, text(OPENID) | {"msgtype": "smoke"}, 40008),
    (CUSTOM, {"touser": OPENID, "msgtype": "text"}, 47001),
    ("qrcode/create", qr(expire_seconds=2_592_001), 40054),
    ("qrcode/create", qr(action_name="QR_CODE"), 40052),
    ("qrcode/create", qr(action_info={"scene": {"scene_str": "x" * 65}}), 40053),
    ("menu/create", {"button": []}, 40016),
    ("message/nothing", {}, 40066),
]


async def test_wechat_refuses_with_http_200_and_its_errcode(street: Any) -> None:
    account = street.credentials
    asked = {"grant_type": "client_credential", "appid": account.wechat_appid, "secret": account.wechat_secret}
    token = (await street.http.get("/wechat/cgi-bin/token", params=asked)).json()["access_token"]
    for call, data, errcode in WECHAT:
        answer = await street.http.post(f"/wechat/cgi-bin/{call}", params={"access_token": token}, json=data)
        assert (answer.status_code, answer.json()["errcode"]) == (200, errcode), (call, data)
        assert " rid: " in answer.json()["errmsg"]
    assert street.ledger() == []


DOORS = [
    ({"grant_type": "client_credential", "appid": "wx0", "secret": "x"}, 40013),
    ({"grant_type": "client_credential", "appid": "wx5a4db0c55a4db0c5", "secret": "x"}, 40125),
    ({"grant_type": "client_credential", "secret": "x"}, 41002),
    ({"grant_type": "client_credential", "appid": "wx0"}, 41004),
    ({"grant_type": "password", "appid": "wx0", "secret": "x"}, 40002),
]


async def test_wechat_gives_tokens_to_its_account_only_and_wants_one(street: Any) -> None:
    for params, errcode in DOORS:
        answer = await street.http.get("/wechat/cgi-bin/token", params=params)
        assert answer.json()["errcode"] == errcode, params
    for token, errcode in [("", 41001), ("short", 40014), ("x" * 64, 40001)]:
        url = f"/wechat/cgi-bin/{TEMPLATE_SEND}"
        answer = await street.http.post(url, params={"access_token": token}, json=template())
        assert answer.json()["errcode"] == errcode


async def test_wechat_reads_json_only(street: Any) -> None:
    account = street.credentials
    url = "/wechat/cgi-bin/stable_token"
    assert (await street.http.post(url, content=b"")).json()["errcode"] == 44002
    assert (await street.http.post(url, content=b"{")).json()["errcode"] == 47001
    asked = {"grant_type": "client_credential", "appid": account.wechat_appid, "secret": account.wechat_secret}
    await street.control("limits", on=True)
    codes = [(await street.http.post(url, json=asked | {"force_refresh": True})).json().get("errcode") for _ in "ab"]
    assert codes == [None, 45011]


def app(**more: Any) -> dict[str, Any]:
    return {"touser": "zhao", "agentid": 1000002, "msgtype": "text", "text": {"content": "x"}, **more}


WECOM = [
    ("message/send", app(touser="nobody"), 81013),
    ("message/send", app(agentid=1), 40056),
    ("message/send", app(msgtype="smoke"), 40008),
    ("message/send", app(text={"content": ""}), 44004),
    ("message/send", app(text={"content": "长" * 683}), 45002),
    ("message/send", app(colour="red"), 40058),
    ("appchat/create", {"userlist": ["zhao"]}, 86006),
    ("appchat/create", {"userlist": ["zhao", "nobody"]}, 40031),
    ("appchat/send", {"chatid": "none", "msgtype": "text", "text": {"content": "x"}}, 86003),
    ("message/update_template_card", {"response_code": "none"}, 40058),
]


async def test_wecom_refuses_with_its_errcode(street: Any) -> None:
    account = street.credentials
    asked = {"corpid": account.wecom_corp_id, "corpsecret": account.wecom_secret}
    token = (await street.http.get("/wecom/cgi-bin/gettoken", params=asked)).json()["access_token"]
    for call, data, errcode in WECOM:
        answer = await street.http.post(f"/wecom/cgi-bin/{call}", params={"access_token": token}, json=data)
        assert (answer.status_code, answer.json()["errcode"]) == (200, errcode), (call, data)
    assert street.ledger() == []


async def test_wecom_knows_its_corp_and_its_robot(street: Any) -> None:
    account = street.credentials
    wrong = {"corpid": account.wecom_corp_id, "corpsecret": "x"}
    assert (await street.http.get("/wecom/cgi-bin/gettoken", params=wrong)).json()["errcode"] == 40001
    robot = "/wecom/cgi-bin/webhook/send"
    data = {"msgtype": "text", "text": {"content": "x"}}
    assert (await street.http.post(robot, params={"key": "x"}, json=data)).json()["errcode"] == 93000
    card = {"msgtype": "template_card", "template_card": {"card_type": "button_interaction"}}
    answer = await street.http.post(robot, params={"key": account.wecom_robot_key}, json=card)
    assert answer.json()["errcode"] == 40058


STORMS = [("telegram", 429), ("sms", 429), ("wechat", 45009)]


@pytest.mark.parametrize(("channel", "code"), STORMS)
async def test_a_storm_is_worded_as_the_provider_words_it(street: Any, channel: str, code: int) -> None:
    await street.control("faults", point="storm", channel=channel, retry_after=17, seconds=60)
    answer = await _send(street, channel)
    body = answer.json()
    if channel == "telegram":
        assert body["parameters"] == {"retry_after": 17}
        assert body["error_code"] == code
    elif channel == "sms":
        assert (answer.status_code, body["code"], answer.headers["retry-after"]) == (429, 20429, "17")
    else:
        assert body["errcode"] == code
    assert street.ledger() == []
    await street.control("clock", forward=61)
    assert (await _send(street, channel)).status_code < 300
    assert len(street.ledger()) == 1


async def _send(street: Any, channel: str) -> Any:
    account, http = street.credentials, street.http
    if channel == "telegram":
        return await http.post(
            f"/telegram/bot{account.telegram_token}/sendMessage", data={"chat_id": OWNER, "text": "x"}
        )
    if channel == "sms":
        form = {"To": PHONE, "From": account.twilio_from, "Body": "x"}
        sid = account.twilio_account_sid
        url = f"/twilio/2010-04-01/Accounts/{sid}/Messages.json"
        return await http.post(url, data=form, auth=(sid, account.twilio_auth_token))
    asked = {"grant_type": "client_credential", "appid": account.wechat_appid, "secret": account.wechat_secret}
    token = (await http.get("/wechat/cgi-bin/token", params=asked)).json()["access_token"]
    return await http.post(f"/wechat/cgi-bin/{TEMPLATE_SEND}", params={"access_token": token}, json=template())

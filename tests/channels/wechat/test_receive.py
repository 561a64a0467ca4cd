"""What is believed and read of WeChat's callbacks."""

import hashlib
import random
from typing import Any

import pytest
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from channels.contract import Forged, Heard, Malformed, RawRequest
from channels.wechat.send import WeChatChannel, WeChatSettings

NOW = 1795572000
TOKEN = "callback-token"
KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPA"
OPENID = "oABCDEFGHIJKLMNOPQRSTUVWXY12"
PLAIN = WeChatChannel(WeChatSettings("wx0", "s", TOKEN))
SEALED = WeChatChannel(WeChatSettings("wx0", "s", TOKEN, KEY))


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def query(at: int = NOW, token: str = TOKEN, **more: str) -> dict[str, str]:
    return {"timestamp": str(at), "nonce": "n1", "signature": sign(token, str(at), "n1")} | more


def xml(**elements: Any) -> str:
    base = {"ToUserName": "gh_1", "FromUserName": OPENID, "CreateTime": NOW}
    return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in (base | elements).items()) + "</xml>"


def plain(body: str | bytes, **more: Any) -> RawRequest:
    raw = body if isinstance(body, bytes) else body.encode()
    return RawRequest("POST", "https://example.org/hooks/wechat", query(**more), {}, raw)


def sealed(body: str, appid: str = "wx0", key: str = KEY, token: str = TOKEN) -> RawRequest:
    crypto = WeChatCrypto(token, key, appid)
    encrypted = PrpCrypto(crypto.key).encrypt(body, appid).decode()
    asked = query() | {"encrypt_type": "aes", "msg_signature": sign(token, str(NOW), "n1", encrypted)}
    whole = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return RawRequest("POST", "https://example.org/hooks/wechat", asked, {}, whole.encode())


def hear(**elements: Any) -> Heard:
    return PLAIN.hear(plain(xml(**elements)), NOW)


def test_the_address_check_is_echoed() -> None:
    asked = RawRequest("GET", "https://example.org/hooks/wechat", query(echostr="4711"), {}, b"")
    for channel in (PLAIN, SEALED):
        assert channel.hear(asked, NOW).answer.body == b"4711"


def test_words_are_heard_and_taken() -> None:
    heard = hear(MsgType="text", Content="周五交", MsgId=12)
    (said,) = heard.said
    assert (said.sender, said.kind, said.text, said.event_key, said.at) == (OPENID, "text", "周五交", "12", NOW)
    assert heard.answer.body == b"success"


def test_the_same_words_are_heard_through_the_seal() -> None:
    body = xml(MsgType="text", Content="周五交", MsgId=12)
    assert SEALED.hear(sealed(body), NOW) == PLAIN.hear(plain(body), NOW)


@pytest.mark.parametrize(
    ("elements", "kind", "text"),
    [
        ({"MsgType": "text", "Content": "退订", "MsgId": 1}, "stop", "退订"),
        ({"MsgType": "text", "Content": "今天", "MsgId": 1, "bizmsgmenuid": "promise:1"}, "press", "promise:1"),
        ({"MsgType": "text", "Content": "【收到不支持的消息类型，暂无法显示】", "MsgId": 1}, "sticker", ""),
        ({"MsgType": "image", "MediaId": "m", "PicUrl": "u", "MsgId": 1}, "picture", ""),
        ({"MsgType": "voice", "MediaId": "m", "Recognition": "下周", "MsgId": 1}, "voice", "下周"),
        ({"MsgType": "location", "MsgId": 1}, "location", ""),
        ({"MsgType": "link", "MsgId": 1}, "other", ""),
        ({"MsgType": "event", "Event": "subscribe", "EventKey": ""}, "follow", ""),
        ({"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_abc"}, "scan", "abc"),
        ({"MsgType": "event", "Event": "SCAN", "EventKey": "abc"}, "scan", "abc"),
        ({"MsgType": "event", "Event": "unsubscribe"}, "unfollow", ""),
        ({"MsgType": "event", "Event": "CLICK", "EventKey": "menu:1"}, "press", "menu:1"),
        ({"MsgType": "event", "Event": "VIEW", "EventKey": "https://example.org"}, "other", ""),
    ],
)
def test_messages_and_events_have_their_kind(elements: dict[str, Any], kind: str, text: str) -> None:
    (said,) = hear(**elements).said
    assert (said.kind, said.text) == (kind, text)


def test_an_event_is_known_again_and_its_key_names_nobody() -> None:
    first = hear(MsgType="event", Event="CLICK", EventKey="a").said[0].event_key
    assert first == hear(MsgType="event", Event="CLICK", EventKey="a").said[0].event_key
    assert first != hear(MsgType="event", Event="CLICK", EventKey="b").said[0].event_key
    assert OPENID not in first


@pytest.mark.parametrize(
    ("status", "state", "fault"),
    [
        ("success", "delivered", None),
        ("failed:user block", "failed", "address"),
        ("failed: user block", "failed", "address"),
        ("failed: system failed", "failed", None),
        ("failed:freq limit", "failed", None),
    ],
)
def test_a_finished_template_is_a_receipt(status: str, state: str, fault: str | None) -> None:
    heard = hear(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID=2**60, Status=status)
    (receipt,) = heard.receipts
    assert (receipt.state, receipt.fault, receipt.provider_id) == (state, fault, str(2**60))
    assert heard.said == ()


def test_subscriptions_are_heard_one_or_several() -> None:
    one = "<List><TemplateId>A</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"
    two = "<List><TemplateId>B</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List>"
    heard = hear(MsgType="event", Event="subscribe_msg_popup_event", SubscribeMsgPopupEvent=one + two)
    assert [(s.kind, s.text) for s in heard.said] == [("subscribed", "A"), ("other", "B")]
    assert len({s.event_key for s in heard.said}) == 2
    single = hear(MsgType="event", Event="subscribe_msg_popup_event", SubscribeMsgPopupEvent=one)
    assert [s.text for s in single.said] == ["A"]
    sent = "<List><TemplateId>A</TemplateId><MsgID>5</MsgID><ErrorCode>0</ErrorCode></List>"
    receipts = hear(MsgType="event", Event="subscribe_msg_sent_event", SubscribeMsgSentEvent=sent).receipts
    assert [(r.state, r.provider_id) for r in receipts] == [("delivered", "5")]


def forgeries() -> list[tuple[WeChatChannel, RawRequest]]:
    body = xml(MsgType="text", Content="x", MsgId=1)
    good = sealed(body)
    return [
        (PLAIN, plain(body, token="other")),
        (PLAIN, plain(body, at=NOW - 601)),
        (PLAIN, plain(body, at=NOW + 601)),
        (PLAIN, plain(body, timestamp="soon")),
        (PLAIN, plain(body, timestamp="")),
        (PLAIN, plain(body, nonce="n2")),
        (PLAIN, plain(body, signature="ｘ")),
        (SEALED, plain(body)),
        (SEALED, sealed(body, token="other")),
        (SEALED, sealed(body, appid="wx1")),
        (SEALED, sealed(body, key=KEY[::-1][1:] + "A")),
        (SEALED, RawRequest("POST", good.url, dict(good.query) | {"nonce": "n2"}, {}, good.body)),
        (WeChatChannel(WeChatSettings("wx0", "s", "")), plain(body, token="")),
    ]


@pytest.mark.parametrize(("channel", "asked"), forgeries())
def test_a_forgery_is_refused(channel: WeChatChannel, asked: RawRequest) -> None:
    with pytest.raises(Forged):
        channel.hear(asked, NOW)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<xml></xml>",
        "<xml>",
        "x",
        b"\xff\xfe",
        "<xml><MsgType>text</MsgType></xml>",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        "<a><b/></a>",
    ],
)
def test_garbage_is_malformed(body: str | bytes) -> None:
    with pytest.raises(Malformed):
        PLAIN.hear(plain(body), NOW)


def test_mangled_messages_never_crash() -> None:
    dice = random.Random(20261122)
    good = xml(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID=5, Status="success").encode()
    for _ in range(2000):
        body = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        try:
            PLAIN.hear(plain(bytes(body)), NOW)
        except Malformed:
            continue

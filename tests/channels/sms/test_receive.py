"""What is believed and read of Twilio's callbacks."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from channels.contract import Forged, Heard, Malformed, RawRequest
from channels.sms.our_id import signed
from channels.sms.send import SmsChannel, SmsSettings

SECRET = "twilio-secret-token"
SID = "SM" + "1" * 32
URL = "https://example.org/hooks/twilio"
CHANNEL = SmsChannel(SmsSettings("AC" + "0" * 32, SECRET, "key"))


def request(pairs: list[tuple[str, str]], url: str = URL, secret: str = SECRET, **headers: str) -> RawRequest:
    signature = RequestValidator(secret).compute_signature(url, MultiDict(pairs))
    query = dict(part.split("=", 1) for part in url.partition("?")[2].split("&") if part)
    given = {"x-twilio-signature": signature} | headers
    return RawRequest("POST", url, query, given, urlencode(pairs).encode())


def hear(**params: str) -> Heard:
    return CHANNEL.hear(request(list({"MessageSid": SID, **params}.items())), 0)


def test_an_inbound_text_is_heard_and_answered_in_twiml() -> None:
    heard = hear(From="+8613800000001", To="+1", Body="周五交", NumMedia="0")
    (said,) = heard.said
    assert (said.sender, said.kind, said.text, said.event_key) == ("+8613800000001", "text", "周五交", SID)
    assert heard.answer.body.endswith(b"<Response/>")
    assert heard.answer.content_type.startswith("text/xml")


def test_a_picture_is_heard_with_what_it_is_fetched_by() -> None:
    heard = hear(From="+8613800000001", Body="", NumMedia="1", MediaUrl0="https://api.twilio.com/2010-04-01/x")
    assert (heard.said[0].kind, heard.said[0].file_id) == ("picture", "https://api.twilio.com/2010-04-01/x")


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({"Body": "TD"}, "stop"),
        ({"Body": "whatever", "OptOutType": "STOP"}, "stop"),
        ({"Body": "START"}, "start"),
        ({"Body": "恢复", "OptOutType": "START"}, "start"),
        ({"Body": "YES"}, "maybe_start"),
        ({"Body": "yes", "OptOutType": "START"}, "maybe_start"),
        ({"Body": "帮助"}, "help"),
        ({"Body": "", "NumMedia": "1"}, "picture"),
        ({"Body": ""}, "text"),
    ],
)
def test_opt_words_and_pictures_have_their_kind(params: dict[str, str], kind: str) -> None:
    assert hear(From="+8613800000001", **params).said[0].kind == kind


@pytest.mark.parametrize(
    ("status", "code", "state", "fault"),
    [
        ("queued", "", "accepted", None),
        ("sent", "", "sent", None),
        ("delivered", "", "delivered", None),
        ("read", "", "read", None),
        ("undelivered", "30005", "failed", "address"),
        ("undelivered", "30003", "failed", None),
        ("failed", "21610", "failed", "opted_out"),
        ("failed", "", "failed", None),
    ],
)
def test_a_status_becomes_a_receipt_that_names_our_attempt(
    status: str, code: str, state: str, fault: str | None
) -> None:
    pairs = [("MessageSid", SID), ("MessageStatus", status), ("ErrorCode", code), ("Added", "without notice")]
    url = f"{URL}/status?our_id={quote(signed('a-1', 'key'), safe='')}"
    (receipt,) = CHANNEL.hear(request(pairs, url), 0).receipts
    assert (receipt.state, receipt.fault, receipt.our_id) == (state, fault, "a-1")
    assert (receipt.provider_id, receipt.event_key) == (SID, f"{SID}:{status}")
    assert bool(receipt.reason) == (state == "failed")


def test_an_unsigned_our_id_is_not_believed() -> None:
    pairs = [("MessageSid", SID), ("MessageStatus", "sent")]
    assert CHANNEL.hear(request(pairs, f"{URL}/status?our_id=a-1"), 0).receipts[0].our_id == ""


def test_repeated_and_blank_parameters_are_signed_too() -> None:
    pairs = [("MessageSid", SID), ("From", "+1"), ("Body", ""), ("Tag", "b"), ("Tag", "a")]
    assert CHANNEL.hear(request(pairs), 0).said


def test_the_port_may_be_there_or_not() -> None:
    pairs = [("MessageSid", SID), ("From", "+1"), ("Body", "x")]
    signature = RequestValidator(SECRET).compute_signature(URL.replace("org/", "org:443/"), MultiDict(pairs))
    asked = request(pairs)
    headers = {"x-twilio-signature": signature}
    assert CHANNEL.hear(RawRequest("POST", asked.url, {}, headers, asked.body), 0).said


def test_forgeries_are_refused() -> None:
    pairs = [("MessageSid", SID), ("From", "+1"), ("Body", "x")]
    good = request(pairs)
    forged: list[RawRequest] = [
        request(pairs, secret="other"),
        RawRequest("POST", "http://internal/hooks/twilio", {}, good.headers, good.body),
        RawRequest("POST", good.url, {}, {}, good.body),
        RawRequest("POST", good.url, {}, good.headers, good.body + b"&Body=y"),
        RawRequest("POST", good.url, {}, {"x-twilio-signature": "ｘ"}, good.body),
        request(pairs, **{"x-twilio-webhooks-signature-settings": "key=1,algorithm=NONE"}),
    ]
    for one in forged:
        with pytest.raises(Forged):
            CHANNEL.hear(one, 0)


def test_without_a_token_of_ours_nothing_is_believed() -> None:
    open_door = SmsChannel(SmsSettings("AC1", "", "key"))
    with pytest.raises(Forged):
        open_door.hear(request([("MessageSid", SID), ("From", "+1")], secret=""), 0)


@pytest.mark.parametrize(
    "pairs", [[], [("Body", "x")], [("MessageSid", SID)], [("MessageSid", SID), ("MessageStatus", "?")]]
)
def test_a_proven_callback_that_says_nothing_is_malformed(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Malformed):
        CHANNEL.hear(request(pairs), 0)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}", b"&" * 10, b"a=1&" * 1000])
def test_garbage_is_refused(body: bytes) -> None:
    asked: Any = RawRequest("POST", URL, {}, {"x-twilio-signature": "x"}, body)
    with pytest.raises((Forged, Malformed)):
        CHANNEL.hear(asked, 0)

"""SMS on Twilio's wire, the SDK's own way."""

import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from channels.contract import Outgoing, Passing, Permanent, Unknown
from channels.sms.our_id import signed, unsigned
from channels.sms.send import SmsChannel, SmsSettings

AC = "AC" + "0" * 32
SECRET = "twilio-secret-token"
PHONE = "+8613800000001"
SID = "SM" + "1" * 32
WEDNESDAY = 1795572000  # 2026-11-25 02:00 UTC


def settings(**more: Any) -> SmsSettings:
    return SmsSettings(AC, SECRET, "key", from_number="+15005550006", **({"timeout": 1.0} | more))


@pytest.fixture
async def sms(provider: Any) -> AsyncIterator[SmsChannel]:
    channel = SmsChannel(settings(base_url=provider.url, public_url="https://example.org", second_look_after=0.05))
    yield channel
    await channel.close()


def message(**more: Any) -> dict[str, Any]:
    base = {"sid": SID, "status": "queued", "body": "您好", "to": PHONE, "direction": "outbound-api"}
    return base | {"date_created": "Wed, 25 Nov 2026 02:00:05 +0000"} | more


def listed(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages), "next_page_uri": None, "page": 0, "page_size": 50}


def out(**more: Any) -> Outgoing:
    return Outgoing(**({"to": PHONE, "text": "您好", "our_id": "a-1", "attempted_at": WEDNESDAY} | more))


async def test_a_text_is_posted_once_with_a_signed_way_back(sms: SmsChannel, provider: Any) -> None:
    provider.will("Messages.json", provider.Reply(message(), 201))
    assert (await sms.send(out())).provider_id == SID
    (asked,) = provider.asked
    assert (asked.method, asked.path) == ("POST", f"/2010-04-01/Accounts/{AC}/Messages.json")
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(f"{AC}:{SECRET}".encode()).decode()
    assert asked.form["To"] == PHONE
    assert asked.form["From"] == "+15005550006"
    assert asked.form["Body"] == "您好"
    assert asked.form["ValidityPeriod"] == "3600"
    callback = urlsplit(asked.form["StatusCallback"])
    assert callback.path == "/hooks/twilio/status"
    assert unsigned(parse_qs(callback.query)["our_id"][0], "key") == "a-1"


async def test_a_template_and_a_messaging_service_are_named(provider: Any) -> None:
    sms = SmsChannel(settings(base_url=provider.url, messaging_service_sid="MG1"))
    provider.will("Messages.json", provider.Reply(message(), 201))
    await sms.send(out(template_id="HX1", fields={"1": "王"}))
    form = provider.asked[0].form
    assert (form["MessagingServiceSid"], form["ContentSid"]) == ("MG1", "HX1")
    assert json.loads(form["ContentVariables"]) == {"1": "王"}
    assert not {"From", "Body", "StatusCallback"} & form.keys()
    await sms.close()


@pytest.mark.parametrize(
    ("status", "code", "kind", "fault"),
    [
        (400, 21211, Permanent, "address"),
        (400, 21614, Permanent, "address"),
        (400, 21610, Permanent, "opted_out"),
        (400, 21617, Permanent, "request"),
        (400, 21408, Permanent, "sender"),
        (401, 20003, Permanent, "sender"),
        (400, 99999, Permanent, "request"),
        (403, None, Permanent, "sender"),
        (429, 20429, Passing, None),
        (500, 20500, Unknown, None),
        (503, None, Unknown, None),
    ],
)
async def test_codes_are_told_apart_and_nothing_is_posted_twice(
    sms: SmsChannel, provider: Any, status: int, code: int | None, kind: type[Exception], fault: str | None
) -> None:
    body = {"code": code, "message": f"The 'To' number {PHONE} …", "status": status} if code else "<html>no</html>"
    provider.will("Messages.json", provider.Reply(body, status, {"Retry-After": "7"}))
    with pytest.raises(kind) as caught:
        await sms.send(out())
    assert getattr(caught.value, "fault", None) == fault
    assert not re.search(r"\d{6,}|secret", str(caught.value))
    assert getattr(caught.value, "retry_after", 7) == 7
    assert len(provider.asked) == 1


@pytest.mark.parametrize("fault", ["hang", "reset"])
async def test_a_lost_answer_is_unknown_and_not_posted_twice(sms: SmsChannel, provider: Any, fault: str) -> None:
    provider.will("Messages.json", provider.Reply(message(), 201, fault=fault))
    with pytest.raises(Unknown):
        await sms.send(out())
    assert len(provider.asked) == 1


@pytest.mark.parametrize("body", ["not json", "{}", '{"sid": null}', "[]"])
async def test_an_answer_that_cannot_be_read_is_unknown(sms: SmsChannel, provider: Any, body: str) -> None:
    provider.will("Messages.json", provider.Reply(body, 201))
    with pytest.raises(Unknown):
        await sms.send(out())


async def test_settling_finds_the_text_among_the_numbers_messages(sms: SmsChannel, provider: Any) -> None:
    provider.will("Messages.json", provider.Reply(listed(message(body="别的"), message())))
    assert await sms.settle(out(), None) == ("accepted", SID)
    assert provider.asked[0].query["To"] == PHONE


async def test_the_same_text_of_last_month_or_of_the_person_does_not_count(sms: SmsChannel, provider: Any) -> None:
    old = message(date_created="Sun, 25 Oct 2026 02:00:05 +0000")
    theirs = message(direction="inbound")
    provider.will("Messages.json", provider.Reply(listed(old, theirs)))
    assert await sms.settle(out(), None) == ("unknown", None)


async def test_only_a_second_later_look_says_not_accepted(sms: SmsChannel, provider: Any) -> None:
    import asyncio

    provider.will("Messages.json", provider.Reply(listed()))
    assert await sms.settle(out(), None) == ("unknown", None)
    assert await sms.settle(out(), None) == ("unknown", None)
    await asyncio.sleep(0.06)
    assert await sms.settle(out(our_id="a-2"), None) == ("unknown", None)
    assert await sms.settle(out(), None) == ("not_accepted", None)


async def test_a_text_that_shows_up_late_is_accepted(sms: SmsChannel, provider: Any) -> None:
    provider.will("Messages.json", provider.Reply(listed()), provider.Reply(listed(message())))
    assert await sms.settle(out(), None) == ("unknown", None)
    assert await sms.settle(out(), None) == ("accepted", SID)


async def test_a_template_text_with_some_message_there_stays_unknown(sms: SmsChannel, provider: Any) -> None:
    import asyncio

    provider.will("Messages.json", provider.Reply(listed(message())))
    one = out(template_id="HX1")
    assert await sms.settle(one, None) == ("unknown", None)
    await asyncio.sleep(0.06)
    assert await sms.settle(one, None) == ("unknown", None)


async def test_the_check_asks_for_the_account(sms: SmsChannel, provider: Any) -> None:
    provider.will(f"{AC}.json", provider.Reply({"sid": AC, "status": "active"}))
    assert "active" in await sms.check()
    provider.will(f"{AC}.json", provider.Reply({"code": 20003, "status": 401}, 401))
    with pytest.raises(Permanent) as caught:
        await sms.check()
    assert caught.value.fault == "sender"


async def test_a_region_in_the_environment_does_not_move_us(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    sms = SmsChannel(settings(base_url=provider.url + "/twilio"))
    provider.will("Messages.json", provider.Reply(message(), 201))
    await sms.send(out())
    assert provider.asked[0].path.startswith("/twilio/2010-04-01/")
    await sms.close()


def test_a_changed_id_is_not_ours() -> None:
    token = signed("a-1", "key")
    assert unsigned(token, "key") == "a-1"
    assert unsigned(token.replace("a-1", "a-2"), "key") == ""
    assert unsigned(token, "other") == ""
    assert unsigned("", "key") == ""

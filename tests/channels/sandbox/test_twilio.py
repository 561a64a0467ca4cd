"""The fake Twilio, spoken to by Twilio's own SDK; its callbacks judged by Twilio's own validator."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

OWNER = "+8613800000001"


@pytest.fixture
async def client(town: Any) -> AsyncIterator[Client]:
    account = town.credentials
    async with AsyncTwilioHttpClient() as http:
        client = Client(account.twilio_account_sid, account.twilio_auth_token, http_client=http)
        client.api.base_url = f"{town.base}/twilio"
        yield client


async def send(town: Any, client: Client, body: str = "您好", to: str = OWNER, **more: Any) -> Any:
    return await client.messages.create_async(to=to, from_=town.credentials.twilio_from, body=body, **more)


def forms(service: Any, name: str) -> list[dict[str, str]]:
    return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for body in service.bodies(name)]


async def test_a_send_is_queued_then_sent_then_delivered_and_only_those_are_called_back(
    town: Any, client: Client, service: Any
) -> None:
    callback = f"{service.base}/status?our_id=m7"
    message = await send(town, client, status_callback=callback)
    assert (message.status, message.num_segments, message.direction) == ("queued", "1", "outbound-api")
    assert town.ledger()[0]["our_id"] == "m7"
    turned = await town.control("clock", forward=10)
    assert turned["steps"] >= 3
    assert [form["MessageStatus"] for form in forms(service, "status")] == ["sent", "delivered"]
    assert (await client.messages(message.sid).fetch_async()).status == "delivered"
    validator = RequestValidator(town.credentials.twilio_auth_token)
    for _, request, body in service.heard:
        params = dict(parse_qsl(body.decode(), keep_blank_values=True))
        assert validator.validate(callback, params, request.headers["x-twilio-signature"])
        assert request.headers["i-twilio-idempotency-token"]


async def test_a_messaging_service_accepts_first_and_counts_no_segments(town: Any, client: Client) -> None:
    sid = town.credentials.twilio_service_sid
    message = await client.messages.create_async(to=OWNER, messaging_service_sid=sid, body="您好")
    assert (message.status, message.num_segments) == ("accepted", "0")


@pytest.mark.parametrize(("body", "segments"), [("a" * 160, "1"), ("a" * 161, "2"), ("水" * 70, "1"), ("水" * 71, "2")])
async def test_segments_are_counted_by_alphabet(town: Any, client: Client, body: str, segments: str) -> None:
    assert (await send(town, client, body)).num_segments == segments


async def test_a_failed_callback_is_tried_once_more_with_the_same_token(
    town: Any, client: Client, service: Any
) -> None:
    service.status = 500
    await town.control("webhooks", twilio_inbound=f"{service.base}/inbound")
    await town.control("say", channel="sms", address=OWNER, text="多少钱？")
    await town.control("clock", forward=60)
    tokens = [request.headers["i-twilio-idempotency-token"] for _, request, _ in service.heard]
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]


@pytest.mark.parametrize("word", ["STOP", " stop ", "退订", "td"])
async def test_an_opt_out_is_told_remembered_and_lifted_by_start(
    town: Any, client: Client, service: Any, word: str
) -> None:
    await town.control("webhooks", twilio_inbound=f"{service.base}/inbound")
    await town.control("say", channel="sms", address=OWNER, text=word)
    assert forms(service, "inbound")[0]["OptOutType"] == "STOP"
    with pytest.raises(TwilioRestException) as refused:
        await send(town, client)
    assert (refused.value.status, refused.value.code) == (400, 21610)
    await town.control("say", channel="sms", address=OWNER, text="START")
    assert (await send(town, client)).status == "queued"


async def test_the_list_comes_in_pages_newest_first_and_filtered(town: Any, client: Client) -> None:
    sids = [(await send(town, client, f"第{number}条")).sid for number in range(5)]
    await send(town, client, to="+8613800000002")
    found = await client.messages.list_async(to=OWNER, page_size=2)
    assert [message.sid for message in found] == sids[::-1]


async def test_a_dead_number_is_taken_and_then_undelivered(town: Any, client: Client) -> None:
    await town.control("dead", channel="sms", address=OWNER, code=30005)
    message = await send(town, client)
    await town.control("clock", forward=10)
    fetched = await client.messages(message.sid).fetch_async()
    assert (fetched.status, fetched.error_code) == ("undelivered", 30005)


async def test_a_scheduled_message_can_be_canceled(town: Any, client: Client) -> None:
    at = town.world.clock.now().replace(hour=4)
    message = await client.messages.create_async(
        to=OWNER,
        messaging_service_sid=town.credentials.twilio_service_sid,
        body="一会儿",
        schedule_type="fixed",
        send_at=at,
    )
    assert message.status == "scheduled"
    assert (await client.messages(message.sid).update_async(status="canceled")).status == "canceled"
    await town.control("clock", forward=86400)
    assert await town.inbox("sms", OWNER) == []


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("receipt_double", ["sent", "sent", "delivered", "delivered"]),
        ("receipt_shuffle", ["delivered", "sent"]),
        ("receipt_lost", []),
        ("receipt_early", ["sent", "delivered"]),
    ],
)
async def test_receipts_are_spoilt_at_their_named_points(
    town: Any, client: Client, service: Any, point: str, expected: list[str]
) -> None:
    await town.control("faults", point=point, channel="sms")
    message = await send(town, client, status_callback=f"{service.base}/status")
    if point == "receipt_early":
        assert [form["MessageStatus"] for form in forms(service, "status")] == expected
    await town.control("clock", forward=10)
    assert [form["MessageStatus"] for form in forms(service, "status")] == expected
    assert (await client.messages(message.sid).fetch_async()).status == "delivered"


async def test_a_badly_signed_receipt_does_not_validate(town: Any, client: Client, service: Any) -> None:
    await town.control("faults", point="receipt_bad_signature", channel="sms")
    await send(town, client, status_callback=f"{service.base}/status")
    await town.control("clock", forward=10)
    _, request, body = service.heard[0]
    validator = RequestValidator(town.credentials.twilio_auth_token)
    signature = request.headers["x-twilio-signature"]
    assert not validator.validate(f"{service.base}/status", dict(parse_qsl(body.decode())), signature)


async def test_faults_strike_by_text_and_by_seeded_chance(town: Any, client: Client) -> None:
    await town.control("faults", point="error_though_accepted", channel="sms", text="催", times=1)
    await send(town, client, "别的")
    with pytest.raises(TwilioRestException):
        await send(town, client, "催缴")
    assert [line["text"] for line in town.ledger()] == ["别的", "催缴"]
    await town.control("faults", point="refuse_before", channel="sms", probability=0.5, seed=7)
    outcomes = await asyncio.gather(*(send(town, client, f"{n}") for n in range(20)), return_exceptions=True)
    taken = sum(not isinstance(outcome, TwilioRestException) for outcome in outcomes)
    assert {outcome.status for outcome in outcomes if isinstance(outcome, TwilioRestException)} == {503}
    assert 0 < taken < 20
    assert len(town.ledger()) == 2 + taken

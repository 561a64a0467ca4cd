"""Telegram on the wire, the SDK's own way."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.contract import Button, Outgoing, Passing, Permanent, Unknown
from channels.telegram.send import TelegramChannel, TelegramSettings

TOKEN = "123456789:AAE-test-token-test-token-test-tokenXY"


def message(number: int = 42) -> dict[str, Any]:
    chat = {"id": 1001, "type": "private"}
    return {"ok": True, "result": {"message_id": number, "date": 1790000000, "chat": chat, "text": "x"}}


def refusal(code: int, description: str, **parameters: int) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": description, "parameters": parameters}


@pytest.fixture
async def telegram(provider: Any) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(TelegramSettings(TOKEN, "hook-secret", base_url=provider.url, timeout=1.0))
    yield channel
    await channel.close()


def reply_to(provider: Any, body: Any, status: int = 200, **more: Any) -> None:
    provider.will("", provider.Reply(body, status, **more))


def out(**more: Any) -> Outgoing:
    return Outgoing(**({"to": "1001", "text": "您好 <b>&", "our_id": "a-1"} | more))


async def test_text_goes_as_a_plain_form_without_markup(telegram: TelegramChannel, provider: Any) -> None:
    reply_to(provider, message(42))
    assert (await telegram.send(out())).provider_id == "42"
    asked = provider.asked[0]
    assert asked.path == f"/bot{TOKEN}/sendMessage"
    assert asked.form["chat_id"] == "1001"
    assert asked.form["text"] == "您好 <b>&"
    assert "parse_mode" not in asked.form
    assert "message_thread_id" not in asked.form


async def test_buttons_reply_and_topic_are_carried(telegram: TelegramChannel, provider: Any) -> None:
    reply_to(provider, message())
    rows = ((Button("认领", "claim:1"), Button("开", "", url="https://example.org/c")),)
    await telegram.send(out(to="-1002", buttons=rows, reply_to="7", thread=5))
    form = provider.asked[0].form
    keys = json.loads(form["reply_markup"])["inline_keyboard"][0]
    assert keys[0] == {"text": "认领", "callback_data": "claim:1"}
    assert keys[1]["url"] == "https://example.org/c"
    assert form["message_thread_id"] == "5"
    assert json.loads(form["reply_parameters"]) == {"message_id": 7, "allow_sending_without_reply": True}


async def test_the_general_topic_is_not_named(telegram: TelegramChannel, provider: Any) -> None:
    reply_to(provider, message())
    await telegram.send(out(to="-1002", thread=1))
    assert "message_thread_id" not in provider.asked[0].form


async def test_a_picture_goes_as_a_photo_with_caption(telegram: TelegramChannel, provider: Any) -> None:
    reply_to(provider, message())
    await telegram.send(out(picture=b"\x89PNG\r\n\x1a\nxyz"))
    asked = provider.asked[0]
    assert asked.path.endswith("/sendPhoto")
    assert asked.headers["Content-Type"].startswith("multipart/form-data")
    assert b"\x89PNG\r\n\x1a\nxyz" in asked.body
    assert "您好".encode() in asked.body


async def test_an_edit_keeps_the_id_and_unchanged_words_are_fine(telegram: TelegramChannel, provider: Any) -> None:
    reply_to(provider, refusal(400, "Bad Request: message is not modified: specified new message content …"), 400)
    assert (await telegram.send(out(edits="9"))).provider_id == "9"
    assert provider.asked[0].path.endswith("/editMessageText")
    assert provider.asked[0].form["message_id"] == "9"
    assert await telegram.settle(out(edits="9"), None) == ("accepted", "9")


@pytest.mark.parametrize(
    ("code", "description", "fault"),
    [
        (403, "Forbidden: bot was blocked by the user", "address"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "address"),
        (400, "Bad Request: chat not found", "address"),
        (400, "Bad Request: message text is empty", "request"),
        (400, "Bad Request: message thread not found", "request"),
        (400, "Bad Request: message to edit not found", "request"),
        (401, "Unauthorized", "sender"),
        (404, "Not Found", "sender"),
    ],
)
async def test_a_refusal_is_permanent_and_says_where_the_fault_lies(
    telegram: TelegramChannel, provider: Any, code: int, description: str, fault: str
) -> None:
    reply_to(provider, refusal(code, description), code)
    with pytest.raises(Permanent) as caught:
        await telegram.send(out())
    assert caught.value.fault == fault


async def test_a_grown_group_names_its_new_address(telegram: TelegramChannel, provider: Any) -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    reply_to(provider, refusal(400, words, migrate_to_chat_id=-1009), 400)
    with pytest.raises(Permanent) as caught:
        await telegram.send(out(to="-55"))
    assert caught.value.moved_to == "-1009"


@pytest.mark.parametrize("status", [429, 200])
async def test_a_flood_names_the_seconds_even_with_status_200(
    telegram: TelegramChannel, provider: Any, status: int
) -> None:
    reply_to(provider, refusal(429, "Too Many Requests: retry after 37", retry_after=37), status)
    with pytest.raises(Passing) as caught:
        await telegram.send(out())
    assert caught.value.retry_after == 37


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"ok": True}, 200, ""),
        ("<html>bad gateway</html>", 502, ""),
        ("not json", 200, ""),
        ([], 200, ""),
        ({"ok": True, "result": 5}, 200, ""),
        (refusal(500, "Internal Server Error"), 500, ""),
        ({}, 200, "hang"),
        ({}, 200, "reset"),
    ],
)
async def test_an_answer_that_says_nothing_leaves_it_unknown(
    telegram: TelegramChannel, provider: Any, body: Any, status: int, fault: str
) -> None:
    reply_to(provider, body, status, fault=fault)
    with pytest.raises(Unknown) as caught:
        await telegram.send(out())
    assert TOKEN not in str(caught.value)
    assert len(provider.asked) == 1
    assert await telegram.settle(out(), None) == ("unknown", None)


async def test_a_refused_connection_costs_nothing() -> None:
    channel = TelegramChannel(TelegramSettings(TOKEN, "s", base_url="http://127.0.0.1:1"))
    with pytest.raises(Passing):
        await channel.send(out())
    await channel.close()


async def test_a_press_is_answered_and_one_too_old_is_let_go(telegram: TelegramChannel, provider: Any) -> None:
    reply_to(provider, {"ok": True, "result": True})
    await telegram.answer_press("77", "好" * 300, alert=True)
    assert provider.asked[0].form == {"callback_query_id": "77", "text": "好" * 200, "show_alert": "true"}
    reply_to(provider, refusal(400, "Bad Request: query is too old and response timeout expired"), 400)
    await telegram.answer_press("77")


async def test_polling_hands_over_updates_as_they_came(telegram: TelegramChannel, provider: Any) -> None:
    update = {"update_id": 10, "message": {"from": {"id": 5}}, "strange": 1}
    reply_to(provider, {"ok": True, "result": [update]})
    ((number, raw),) = await telegram.poll(10, wait=0)
    assert number == 10
    assert json.loads(raw) == update
    assert provider.asked[0].form["offset"] == "10"


async def test_the_webhook_is_set_with_our_secret(telegram: TelegramChannel, provider: Any) -> None:
    reply_to(provider, {"ok": True, "result": True})
    await telegram.set_webhook("https://example.org/hooks/telegram")
    form = provider.asked[0].form
    assert form["secret_token"] == "hook-secret"
    assert "callback_query" in json.loads(form["allowed_updates"])


async def test_the_check_tells_about_privacy_mode(telegram: TelegramChannel, provider: Any) -> None:
    me = {"id": 1, "is_bot": True, "first_name": "Y", "username": "y_bot", "can_read_all_group_messages": False}
    reply_to(provider, {"ok": True, "result": me})
    assert "privacy mode" in await telegram.check()
    reply_to(provider, refusal(401, "Unauthorized"), 401)
    with pytest.raises(Permanent):
        await telegram.check()


def test_settings_keep_their_secrets_out_of_sight() -> None:
    assert TOKEN not in repr(TelegramSettings(TOKEN, "hook-secret"))

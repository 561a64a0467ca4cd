"""The fake Bot API, spoken to by python-telegram-bot and, foreign to us, by aiogram."""

import asyncio
import json
from typing import Any

import pytest
from aiogram import Bot as ForeignBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton as ForeignButton
from aiogram.types import InlineKeyboardMarkup as ForeignKeyboard
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter

OWNER = "5550001"


@pytest.fixture
async def bot(town: Any) -> Any:
    await town.control("limits", on=False)
    await town.control("people", people=[{"channel": "telegram", "address": OWNER, "name": "王芳"}])
    token = town.credentials.telegram_token
    bot = Bot(token, base_url=f"{town.base}/telegram/bot", base_file_url=f"{town.base}/telegram/file/bot")
    async with bot:
        yield bot


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"按 {word}", callback_data=word) for word in data]])


async def test_a_send_is_in_the_ledger_and_on_the_phone(town: Any, bot: Bot) -> None:
    sent = await bot.send_message(OWNER, "您好", reply_markup=keyboard("pay", "later"))
    line = town.ledger()[0]
    assert (line["channel"], line["to"], line["text"]) == ("telegram", OWNER, "您好")
    assert line["provider_id"] == f"{OWNER}:{sent.message_id}"
    assert line["at"] == "2026-10-12T02:00:00+00:00"
    assert [button["data"] for button in (await town.inbox("telegram", OWNER))[0]["buttons"][0]] == ["pay", "later"]


async def test_words_and_presses_come_by_long_polling_and_are_confirmed_by_offset(town: Any, bot: Bot) -> None:
    sent = await bot.send_message(OWNER, "何时付款？", reply_markup=keyboard("pay"))
    polling = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    await town.control("say", channel="telegram", address=OWNER, text="/start abc")
    first = (await polling)[0]
    assert first.message is not None
    assert first.message.text == "/start abc"
    await town.control("say", channel="telegram", address=OWNER, press="pay", message=sent.message_id)
    second = (await bot.get_updates(offset=first.update_id + 1))[0]
    assert second.callback_query is not None
    assert second.callback_query.data == "pay"
    assert await second.callback_query.answer("好的")
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await bot.answer_callback_query(second.callback_query.id)


async def test_a_webhook_gets_the_update_with_its_secret_until_it_answers_2xx(
    town: Any, bot: Bot, service: Any
) -> None:
    await bot.set_webhook(f"{service.base}/telegram", secret_token="s3cret")
    service.status = 500
    said = await town.control("say", channel="telegram", address=OWNER, text="在吗")
    assert said["delivered"] is False
    service.status = 200
    await town.control("clock", forward=1)
    bodies = service.bodies("telegram")
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert service.heard[0][1].headers["x-telegram-bot-api-secret-token"] == "s3cret"
    assert service.heard[0][1].headers["content-type"] == "application/json"
    assert json.loads(bodies[0])["message"]["text"] == "在吗"
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_a_picture_goes_out_and_one_comes_in_and_can_be_fetched(town: Any, bot: Bot) -> None:
    picture = (await bot.send_photo(OWNER, b"\x89PNG 12345", caption="缴费单")).photo[0]
    assert bytes(await (await bot.get_file(picture.file_id)).download_as_bytearray()) == b"\x89PNG 12345"
    await town.control("say", channel="telegram", address=OWNER, picture=True)
    update = (await bot.get_updates())[0]
    assert update.message is not None
    assert update.message.photo


async def test_an_edit_replaces_the_words_and_an_unchanged_one_is_refused(town: Any, bot: Bot) -> None:
    sent = await bot.send_message(OWNER, "一", reply_markup=keyboard("a"))
    await bot.edit_message_text("二", OWNER, sent.message_id, reply_markup=keyboard("b"))
    assert (await town.inbox("telegram", OWNER))[0]["text"] == "二"
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text("二", OWNER, sent.message_id, reply_markup=keyboard("b"))


async def test_blocking_is_told_and_felt(town: Any, bot: Bot) -> None:
    await town.control("block", channel="telegram", address=OWNER)
    update = (await bot.get_updates())[0]
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match=r"(?i)bot was blocked by the user"):
        await bot.send_message(OWNER, "您好")
    assert town.ledger() == []


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_one_message_a_second_to_a_chat_then_429(town: Any, bot: Bot) -> None:
    await town.control("limits", on=True)
    await bot.send_message(OWNER, "一")
    with pytest.raises(RetryAfter):
        await bot.send_message(OWNER, "二")


async def test_a_group_that_became_a_supergroup_names_its_new_id(town: Any, bot: Bot) -> None:
    group = await town.control("telegram/groups", title="员工群", type="group", members={"5550009": "creator"})
    moved = await town.control("telegram/migrate", chat=group["id"])
    with pytest.raises(ChatMigrated) as raised:
        await bot.send_message(group["id"], "卡片")
    assert str(raised.value.new_chat_id) == moved["chat"]


async def test_topics_are_made_written_to_and_gone_when_deleted(town: Any, bot: Bot) -> None:
    group = await town.control("telegram/groups", title="员工群", topics=True, members={"5550009": "administrator"})
    topic = await bot.create_forum_topic(group["id"], "3栋")
    sent = await bot.send_message(group["id"], "卡片", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message
    await town.control("telegram/delete", chat=group["id"], topic=topic.message_thread_id)
    with pytest.raises(BadRequest, match=r"(?i)message thread not found"):
        await bot.send_message(group["id"], "卡片", message_thread_id=topic.message_thread_id)


async def test_accepted_with_the_answer_lost_is_in_the_ledger(town: Any, bot: Bot) -> None:
    await town.control("faults", point="accept_then_lose", channel="telegram", times=1)
    with pytest.raises(NetworkError):
        await bot.send_message(OWNER, "您好")
    assert len(town.ledger()) == 1
    await bot.send_message(OWNER, "再见")
    assert len(town.ledger()) == 2


async def test_a_client_none_of_us_wrote_has_the_same_conversation(town: Any, bot: Bot) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(f"{town.base}/telegram"))
    async with ForeignBot(town.credentials.telegram_token, session=session) as foreign:
        assert (await foreign.get_me()).username == town.credentials.telegram_username
        button = ForeignButton(text="付款", callback_data="pay")
        sent = await foreign.send_message(
            int(OWNER), "<b>您好</b>", parse_mode="HTML", reply_markup=ForeignKeyboard(inline_keyboard=[[button]])
        )
        assert sent.text == "您好"
        await town.control("say", channel="telegram", address=OWNER, press="pay", message=sent.message_id)
        update = (await foreign.get_updates(timeout=1))[0]
        assert update.callback_query is not None
        assert await foreign.answer_callback_query(update.callback_query.id)
        edited = await foreign.edit_message_text("谢谢", chat_id=int(OWNER), message_id=sent.message_id)
        assert edited is not True
        assert edited.text == "谢谢"

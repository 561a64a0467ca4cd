"""What is believed and read of a Telegram bot's updates."""

import json
import random
from typing import Any

import pytest

from channels.contract import Forged, Heard, Malformed, RawRequest, Said
from channels.telegram.receive import _plain_words
from channels.telegram.send import TelegramChannel, TelegramSettings

OWNER = {"id": 1001, "is_bot": False, "first_name": "Wang", "last_name": "Li"}
PRIVATE = {"id": 1001, "type": "private", "first_name": "Wang"}
GROUP = {"id": -100200, "type": "supergroup", "title": "Staff"}
CHANNEL = TelegramChannel(TelegramSettings("123:abc", "hook-secret"))


def hear(update: Any, secret: str = "hook-secret", method: str = "POST") -> Heard:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"x-telegram-bot-api-secret-token": secret} if secret else {}
    return CHANNEL.hear(RawRequest(method, "https://example.org/hooks/telegram", {}, headers, body), 0)


def said(**message: Any) -> Said:
    base = {"message_id": 3, "date": 1790000000, "chat": PRIVATE, "from": OWNER}
    (one,) = hear({"update_id": 9, "message": base | message}).said
    return one


def test_plain_words_are_heard_with_sender_time_and_key() -> None:
    assert said(text="周五交") == Said(
        event_key="9", sender="1001", kind="text", text="周五交", at=1790000000, message_id="3", name="Wang Li"
    )


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("/start abc_DEF-1", "start", "abc_DEF-1"),
        ("/start@y_bot abc", "start", "abc"),
        ("/start", "start", ""),
        ("START", "start", ""),
        ("/stop", "stop", "/stop"),
        ("退 订", "stop", "退 订"),
        ("帮助", "help", "帮助"),
        ("/balance", "text", "/balance"),
    ],
)
def test_commands_and_opt_words_have_their_kind(text: str, kind: str, words: str) -> None:
    one = said(text=text)
    assert (one.kind, one.text) == (kind, words)


def test_a_word_in_a_group_is_never_an_opt_out() -> None:
    one = said(text="stop", chat=GROUP, message_thread_id=5, is_topic_message=True)
    assert (one.kind, one.chat, one.thread) == ("text", "-100200", 5)


def test_a_reply_names_what_it_replies_to() -> None:
    first = {"message_id": 2, "date": 1790000000, "chat": PRIVATE, "text": "?"}
    assert said(text="好", reply_to_message=first).reply_to == "2"


@pytest.mark.parametrize(
    ("content", "kind", "file_id"),
    [
        ({"photo": [{"file_id": i, "file_unique_id": i, "width": 1, "height": 1} for i in "ab"]}, "picture", "b"),
        ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}}, "voice", "v"),
        ({"document": {"file_id": "d", "file_unique_id": "d"}}, "file", "d"),
        ({"location": {"latitude": 1.0, "longitude": 2.0}}, "location", ""),
        ({"dice": {"emoji": "🎲", "value": 3}}, "other", ""),
    ],
)
def test_what_is_not_words_has_a_kind(content: Any, kind: str, file_id: str) -> None:
    one = said(**content)
    assert (one.kind, one.file_id) == (kind, file_id)


def test_a_press_carries_data_message_and_what_answers_it() -> None:
    message = {"message_id": 8, "date": 1, "chat": GROUP, "text": "card", "message_thread_id": 5}
    query = {"id": "q1", "from": OWNER, "chat_instance": "x", "data": "claim:1"}
    (one,) = hear({"update_id": 1, "callback_query": query | {"message": message | {"is_topic_message": True}}}).said
    assert (one.kind, one.text, one.message_id, one.press_id) == ("press", "claim:1", "8", "q1")
    assert (one.chat, one.thread, one.sender) == ("-100200", 5, "1001")
    inaccessible = {"message_id": 8, "date": 0, "chat": GROUP}
    (one,) = hear({"update_id": 1, "callback_query": query | {"message": inaccessible}}).said
    assert (one.message_id, one.chat) == ("8", "-100200")


@pytest.mark.parametrize(
    ("chat", "status", "kind"),
    [
        (PRIVATE, "kicked", "unfollow"),
        (PRIVATE, "member", "follow"),
        (GROUP, "left", "left_group"),
        (GROUP, "member", "joined_group"),
    ],
)
def test_blocking_and_removal_are_heard(chat: Any, status: str, kind: str) -> None:
    bot = {"id": 123, "is_bot": True, "first_name": "Y"}
    old, new = {"user": bot, "status": "left"}, {"user": bot, "status": status}
    if status == "kicked":
        new["until_date"] = 0
    change = {"chat": chat, "from": OWNER, "date": 1790000000, "old_chat_member": old, "new_chat_member": new}
    (one,) = hear({"update_id": 1, "my_chat_member": change}).said
    assert (one.kind, one.chat) == (kind, "" if chat is PRIVATE else "-100200")


def test_both_tidings_of_a_migration_read_the_same() -> None:
    old = said(chat={"id": -55, "type": "group", "title": "Staff"}, migrate_to_chat_id=-100200)
    new = said(chat=GROUP, migrate_from_chat_id=-55)
    assert (old.kind, old.chat, old.text) == ("migrated", "-55", "-100200") == (new.kind, new.chat, new.text)


def test_updates_of_other_kinds_and_of_bots_are_heard_as_nothing() -> None:
    edited = {"message_id": 3, "date": 1, "edit_date": 2, "chat": PRIVATE, "from": OWNER, "text": "hi"}
    assert hear({"update_id": 1, "edited_message": edited}) == Heard()
    base = {"message_id": 3, "date": 1, "chat": GROUP, "from": {"id": 2, "is_bot": True, "first_name": "B"}}
    assert hear({"update_id": 1, "message": base | {"text": "hi"}}) == Heard()


@pytest.mark.parametrize("secret", ["", "wrong", "hook-secret ", "ｈook-secret"])
def test_a_wrong_secret_is_forged(secret: str) -> None:
    with pytest.raises(Forged):
        hear({"update_id": 1}, secret=secret)


def test_without_a_secret_of_ours_nothing_is_believed() -> None:
    open_door = TelegramChannel(TelegramSettings("123:abc", ""))
    headers = {"x-telegram-bot-api-secret-token": ""}
    with pytest.raises(Forged):
        open_door.hear(RawRequest("POST", "https://example.org", {}, headers, b'{"update_id": 1}'), 0)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b'{"update_id": "1"}', b"\xff", b'{"update_id": 1, "message": 5}', b"[" * 99999]
)
def test_garbage_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        hear(body)


WORDS = ("我欠多少钱？", "/start abc", "/start", "START", "退 订", "help", "", "\ud83d")


def test_bare_words_read_without_the_sdk_say_what_the_sdk_says() -> None:
    """The same message with something more to it goes the SDK's way."""
    dice = random.Random(20261125)
    for _ in range(300):
        writer = OWNER | {"last_name": dice.choice(["", "Li", "李 四"])} | dice.choice([{}, {"username": "wl"}])
        if not writer["last_name"]:
            del writer["last_name"]
        message = {"message_id": dice.randrange(1, 10**9), "date": dice.randrange(1, 1 << 33), "chat": PRIVATE,
                   "from": writer, "text": dice.choice(WORDS)}  # fmt: skip
        told = {"update_id": dice.randrange(10**9), "message": message}
        by_the_sdk = told | {"message": message | {"link_preview_options": {"is_disabled": True}}}
        assert _plain_words(told) is not None
        assert _plain_words(by_the_sdk) is None
        assert hear(told) == hear(by_the_sdk)


@pytest.mark.parametrize(
    "strange",
    [{"date": True}, {"date": 0}, {"text": None}, {"chat": GROUP}, {"from": OWNER | {"is_bot": True}}, {"from": None},
     {"photo": []}, {"chat": {"id": 1}}, {"from": {"id": "1"}}, {"date": 1 << 40}, {"reply_to_message": {}}],
)  # fmt: skip
def test_whatever_is_not_bare_words_is_the_sdks_to_read(strange: dict[str, Any]) -> None:
    message = {"message_id": 3, "date": 1790000000, "chat": PRIVATE, "from": OWNER, "text": "hi"}
    assert _plain_words({"update_id": 9, "message": message}) is not None
    assert _plain_words({"update_id": 9, "message": message | strange}) is None


def test_mangled_updates_never_crash() -> None:
    dice = random.Random(20261122)
    message = {"message_id": 3, "date": 1790000000, "chat": PRIVATE, "from": OWNER, "text": "/start x"}
    good = json.dumps({"update_id": 9, "message": message}).encode()
    for _ in range(2000):
        body = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        try:
            hear(bytes(body))
        except Malformed:
            continue

"""Hears a Telegram bot: the secret header, then one update."""

import hmac
import json
from collections.abc import Iterator
from typing import Any

from telegram import (
    Audio,
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    Document,
    Message,
    Sticker,
    Update,
    Video,
    Voice,
)
from telegram.constants import ChatMemberStatus, ChatType

from channels.contract import Forged, Heard, Malformed, RawRequest, Said, SaidKind
from channels.optout import opt_word

SECRET_HEADER = "x-telegram-bot-api-secret-token"
PRESENT = {ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED}


def proven(request: RawRequest, secret: str) -> None:
    """Raises Forged unless the request carries our secret; without a secret of our own nothing is believed."""
    given = request.headers.get(SECRET_HEADER, "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise Forged("the secret header is not ours")
    if request.method != "POST":
        raise Malformed("an update comes by POST")


def read(body: bytes) -> Heard:
    """What one update says; update kinds we do not listen to are heard as nothing. Raises Malformed."""
    try:
        told = json.loads(body)
        words = _plain_words(told)
        if words is not None:
            return Heard(said=(words,))
        update = Update.de_json(told, None)
        if not isinstance(update.update_id, int):
            raise TypeError("update_id")
        return Heard(said=tuple(_said(update)))
    # The SDK's parser fails on odd input with whatever it stumbles over; each of them means the same here.
    except Exception as error:
        raise Malformed(f"not a Telegram update ({type(error).__name__})") from None


_BARE = frozenset({"message_id", "date", "chat", "from", "text", "entities"})
_LATEST = 1 << 33
"""An instant beyond which the SDK knows no date."""


def _has(told: Any, **kinds: type) -> bool:
    """Whether an object has these names, each with a value of its kind."""
    return type(told) is dict and all(type(told.get(name)) is kind for name, kind in kinds.items())


def _plain_words(told: Any) -> Said | None:
    """A person's bare words in a private chat, read without the SDK's objects, which cost twenty times as much.

    None for whatever has anything more to it: that is the SDK's to read, and both read the same (a test holds them
    against each other).
    """
    if type(told) is not dict or told.keys() != {"update_id", "message"} or type(told["update_id"]) is not int:
        return None
    message = told["message"]
    if not _has(message, message_id=int, date=int, chat=dict, text=str) or message.keys() - _BARE:
        return None
    writer, chat, at = message.get("from"), message["chat"], message["date"]
    if not _has(writer, id=int, is_bot=bool, first_name=str) or not _has(chat, id=int, type=str):
        return None
    if chat["type"] != ChatType.PRIVATE or writer["is_bot"] or not 0 < at < _LATEST:
        return None
    kind, words = _words(message["text"])
    last = writer.get("last_name")
    return Said(
        event_key=str(told["update_id"]), sender=str(writer["id"]), kind=kind, text=words, at=at,
        message_id=str(message["message_id"]), name=f"{writer['first_name']} {last}" if last else writer["first_name"],
    )  # fmt: skip


def _said(update: Update) -> Iterator[Said]:
    key = str(update.update_id)
    if update.callback_query:
        yield _press(key, update.callback_query)
    elif update.my_chat_member:
        yield _membership(key, update.my_chat_member)
    elif update.message and (update.message.migrate_to_chat_id or update.message.migrate_from_chat_id):
        yield _migration(key, update.message)
    elif update.message and update.message.from_user and not update.message.from_user.is_bot:
        yield _message(key, update.message)


def _group(chat: Chat) -> str:
    return "" if chat.type == ChatType.PRIVATE else str(chat.id)


def _press(key: str, query: CallbackQuery) -> Said:
    message = query.message
    return Said(
        event_key=key,
        sender=str(query.from_user.id),
        kind="press",
        text=query.data or "",
        chat=_group(message.chat) if message else "",
        thread=message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None,
        message_id=str(message.message_id) if message else "",
        press_id=query.id,
        name=query.from_user.full_name,
    )


def _membership(key: str, change: ChatMemberUpdated) -> Said:
    """The bot itself was added or removed in a group, blocked or let back in by a person."""
    group = _group(change.chat)
    present = change.new_chat_member.status in PRESENT
    kinds: tuple[SaidKind, SaidKind] = ("joined_group", "left_group") if group else ("follow", "unfollow")
    return Said(
        event_key=key,
        sender=str(change.from_user.id),
        kind=kinds[0] if present else kinds[1],
        text=(change.chat.title or "") if group else "",
        at=int(change.date.timestamp()),
        chat=group,
        name=change.from_user.full_name,
    )


def _migration(key: str, message: Message) -> Said:
    """Told twice, in the old group and in the new; both read the same: ``chat`` is the old id, ``text`` the new."""
    old, new = message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id:
        old, new = message.migrate_from_chat_id, message.chat.id
    sender = str(message.from_user.id) if message.from_user else ""
    at = int(message.date.timestamp())
    return Said(event_key=key, sender=sender, kind="migrated", text=str(new), at=at, chat=str(old))


def _message(key: str, message: Message) -> Said:
    assert message.from_user is not None
    kind, text, file_id = _content(message)
    return Said(
        event_key=key,
        sender=str(message.from_user.id),
        kind=kind,
        text=text,
        at=int(message.date.timestamp()),
        chat=_group(message.chat),
        thread=message.message_thread_id if message.is_topic_message else None,
        message_id=str(message.message_id),
        reply_to=str(message.reply_to_message.message_id) if message.reply_to_message else "",
        file_id=file_id,
        name=message.from_user.full_name,
    )


def _content(message: Message) -> tuple[SaidKind, str, str]:
    """Kind, words and file id. Opt words and /start count in a private chat only."""
    if message.text is not None:
        kind, words = _words(message.text) if message.chat.type == ChatType.PRIVATE else ("text", message.text)
        return kind, words, ""
    caption = message.caption or ""
    if message.photo:
        return "picture", caption, message.photo[-1].file_id
    for kind, thing in _attachments(message):
        if thing:
            return kind, caption, thing.file_id
    return ("location" if message.location else "other"), caption, ""


def _attachments(message: Message) -> Iterator[tuple[SaidKind, Voice | Audio | Sticker | Document | Video | None]]:
    yield "voice", message.voice
    yield "voice", message.audio
    yield "sticker", message.sticker
    yield "file", message.document
    yield "file", message.video


def _words(text: str) -> tuple[SaidKind, str]:
    """``/start TICKET`` gives its ticket; START and its like give an empty one: the person opens up to us again."""
    command, _, rest = text.partition(" ")
    match command.partition("@")[0].lower() if command.startswith("/") else opt_word(text):
        case "/start":
            return "start", rest.strip()
        case "start":
            return "start", ""
        case "/stop" | "stop":
            return "stop", text
        case "/help" | "help":
            return "help", text
        case _:
            return "text", text

"""What a bot does with messages: send, edit, delete, answer a press; judged as the Bot API judges."""

from datetime import timedelta
from typing import Any

from channels.sandbox.clock import parse_instant
from channels.sandbox.files import Files
from channels.sandbox.shelves import Record
from channels.sandbox.telegram_chats import TelegramChats
from channels.sandbox.telegram_markup import formatted, units
from channels.sandbox.telegram_words import (
    Params,
    Upload,
    bad,
    flag_of,
    json_of,
    keyboard_of,
    number_of,
    too_many,
    words_of,
)  # fmt: skip
from channels.sandbox.world import Sandbox, Send

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
QUERY_LIVES = timedelta(seconds=60)
DELETABLE_FOR = timedelta(hours=48)
LARGEST_DOWNLOAD = 20 * 2**20
"""What a bot may fetch (core.telegram.org/bots/api#getfile)."""
MEDIA = {"sendMessage": "", "sendPhoto": "photo", "sendDocument": "document"}


class TelegramMethods:
    """The methods that change what stands in a chat."""

    def __init__(self, world: Sandbox, chats: TelegramChats) -> None:
        self._world = world
        self._chats = chats
        self.queries = world.memory.shelf("telegram.queries")
        self.files = Files(world)

    async def send(self, method: str, params: Params) -> dict[str, Any]:
        """Judges, counts against the rates, writes the ledger and answers the Message."""
        address = self._chats.writable(params)
        media = MEDIA[method]
        text, entities = _text(params, "caption" if media else "text", empty_ok=bool(media))
        keyboard = keyboard_of(params)
        reply = self._replied(address, params)
        file = self._file(params, media) if media else None
        self._within_rates(address)
        wire = self._message(address, self._chats.bot())
        wire |= _content(media, text, entities, file)
        if keyboard and "inline_keyboard" in keyboard:
            wire["reply_markup"] = keyboard
        if thread := number_of(params, "message_thread_id"):
            wire |= {"message_thread_id": thread, "is_topic_message": True}
        if reply:
            wire["reply_to_message"] = reply["wire"]
        await self._accept(method, address, text, params, wire, keyboard, file)
        return wire

    async def _accept(
        self, method: str, address: str, text: str, params: Params, wire: dict[str, Any],
        keyboard: dict[str, Any] | None, file: Record | None,
    ) -> None:  # fmt: skip
        provider_id = f"{address}:{wire['message_id']}"
        request = {name: f"<{value.name}>" if isinstance(value, Upload) else value for name, value in params.items()}
        await self._world.record(Send("telegram", method, address, text, request, provider_id))
        self.keep(address, wire, "out", text, keyboard=keyboard, file=file["id"] if file else None)

    def keep(
        self, address: str, wire: dict[str, Any], direction: str, text: str, kind: str = "text",
        keyboard: dict[str, Any] | None = None, file: str | None = None,
    ) -> Record:  # fmt: skip
        """Puts a message into the chat, for phones and for later edits."""
        return self._world.messages.add(
            "telegram", address, f"{address}:{wire['message_id']}", direction, text,
            self._world.clock.now().isoformat(), kind=kind, wire=wire, buttons=buttons_of(keyboard), file=file,
            sender=str(wire["from"]["id"]), thread=wire.get("message_thread_id"), deleted=False, edited=False,
        )  # fmt: skip

    def _message(self, address: str, sender: dict[str, Any]) -> dict[str, Any]:
        number = self._world.memory.number(f"telegram.message.{address}") + 1
        chat = self._chats.chat(address)
        return {"message_id": number, "from": sender, "chat": chat, "date": self._world.unix()}

    def said(self, address: str, sender: str) -> dict[str, Any]:
        """The bare message of a person in a chat."""
        return self._message(address, self._chats.user(sender))

    def _within_rates(self, address: str) -> None:
        rates, limits = self._world.rates, self._world.rates.limits
        if not limits.on:
            return
        group = address.startswith("-")
        per_chat = (limits.telegram_group_per_minute, 60.0) if group else (limits.telegram_chat_per_second, 1.0)
        wait = max(
            rates.wait("telegram", limits.telegram_per_second, 1.0), rates.wait(f"telegram:{address}", *per_chat)
        )
        if wait > 0:
            raise too_many(max(1, int(wait) + (wait % 1 > 0)))
        rates.take("telegram", f"telegram:{address}")

    def _replied(self, address: str, params: Params) -> Record | None:
        reply = json_of(params, "reply_parameters", "can't parse reply parameters JSON object") or {}
        if not isinstance(reply, dict):
            raise bad("object expected as reply parameters")
        number = number_of(reply, "message_id") or number_of(params, "reply_to_message_id")
        if not number:
            return None
        message = self._world.messages.find("telegram", f"{address}:{number}")
        if message is None or message["deleted"]:
            if reply.get("allow_sending_without_reply") or flag_of(params, "allow_sending_without_reply"):
                return None
            raise bad("message to be replied not found")
        return message

    def _file(self, params: Params, media: str) -> Record:
        value = params.get(media)
        if isinstance(value, str) and value.startswith("attach://"):
            value = params.get(value.removeprefix("attach://"))
        if isinstance(value, Upload):
            return self.store_file(value.name, value.content, media)
        known = self.files.get(value) if isinstance(value, str) and value else None
        if known is None:
            raise bad(
                f"there is no {media} in the request" if not value else "wrong file identifier/HTTP URL specified"
            )
        return known

    def store_file(self, name: str, content: bytes, media: str) -> Record:
        """Keeps a file's bytes in the sandbox folder. Raises TelegramError for an empty one."""
        if not content:
            raise bad("file must be non-empty")
        return self.files.keep(name, content, media)

    def edit(self, method: str, params: Params) -> dict[str, Any]:
        """Edits the bot's own message. Raises TelegramError also when nothing would change."""
        message = self._editable(params)
        wire = dict(message["wire"])
        if method != "editMessageReplyMarkup":
            field = "caption" if method == "editMessageCaption" else "text"
            if (field == "text") != ("text" in wire):
                raise bad(
                    "there is no text in the message to edit"
                    if field == "text"
                    else "there is no caption in the message to edit"
                )
            text, entities = _text(params, field, empty_ok=field == "caption")
            wire = {key: value for key, value in wire.items() if key not in ("entities", "caption_entities")}
            wire |= {field: text} | (
                {("" if field == "text" else "caption_") + "entities": entities} if entities else {}
            )
        keyboard = keyboard_of(params)
        wire.pop("reply_markup", None)
        if keyboard and keyboard.get("inline_keyboard"):
            wire["reply_markup"] = keyboard
        if _same(wire, message["wire"]):
            words = "specified new message content and reply markup are exactly the same as a current content"
            raise bad(f"message is not modified: {words} and reply markup of the message")
        wire["edit_date"] = self._world.unix()
        text = wire.get("text", wire.get("caption", ""))
        facts = {"wire": wire, "text": text, "buttons": buttons_of(keyboard), "edited": True}
        self._world.messages.change("telegram", message["provider_id"], **facts)
        return wire

    def _editable(self, params: Params) -> Record:
        address = self._chats.named(params)
        number = number_of(params, "message_id")
        if not number:
            raise bad("message identifier is not specified")
        message = self._world.messages.find("telegram", f"{address}:{number}")
        if message is None or message["deleted"]:
            raise bad("message to edit not found")
        if message["direction"] != "out":
            raise bad("message can't be edited")
        return message

    def delete(self, params: Params) -> bool:
        address = self._chats.named(params)
        number = number_of(params, "message_id")
        if not number:
            raise bad("message identifier is not specified")
        message = self._world.messages.find("telegram", f"{address}:{number}")
        if message is None or message["deleted"]:
            raise bad("message to delete not found")
        if self._world.clock.now() - parse_instant(message["at"]) > DELETABLE_FOR:
            raise bad("message can't be deleted for everyone")
        self._world.messages.change("telegram", message["provider_id"], deleted=True)
        return True

    def answer_query(self, params: Params) -> bool:
        """Once per press and within a minute of virtual time. Raises TelegramError after that."""
        number = words_of(params, "callback_query_id")
        if len(words_of(params, "text")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        query = self.queries.get(number) if number else None
        old = query is not None and self._world.clock.now() - parse_instant(query["at"]) > QUERY_LIVES
        if query is None or old or query["answered"]:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        facts = {"answered": True, "text": words_of(params, "text"), "alert": flag_of(params, "show_alert")}
        self.queries.put(number, {**query, **facts})
        self._world.stream.publish("query_answered", id=number, **facts)
        return True

    def get_file(self, params: Params) -> dict[str, Any]:
        file = self.files.get(words_of(params, "file_id"))
        if file is None:
            raise bad("invalid file_id")
        if file["size"] > LARGEST_DOWNLOAD:
            raise bad("file is too big")
        self.files.link(file)
        return {
            "file_id": file["id"], "file_unique_id": file["unique"], "file_size": file["size"],
            "file_path": file["path"],
        }  # fmt: skip


def _text(params: Params, field: str, empty_ok: bool) -> tuple[str, list[dict[str, Any]]]:
    """The words of a message, plain, with their entities, within 4096 (caption 1024) UTF-16 units."""
    raw = words_of(params, field)
    if not raw.strip() and not empty_ok:
        raise bad("message text is empty")
    entities = json_of(
        params, "entities" if field == "text" else "caption_entities", "can't parse entities JSON object"
    )
    text, marked = formatted(raw, "" if entities else words_of(params, "parse_mode"))
    if not text.strip() and not empty_ok:
        raise bad("text must be non-empty")
    if units(text) > (LONGEST_TEXT if field == "text" else LONGEST_CAPTION):
        raise bad("message is too long" if field == "text" else "message caption is too long")
    return text.strip(), entities or marked


def _content(media: str, text: str, entities: list[dict[str, Any]], file: Record | None) -> dict[str, Any]:
    if not media or file is None:
        return {"text": text} | ({"entities": entities} if entities else {})
    shown = {"file_id": file["id"], "file_unique_id": file["unique"], "file_size": file["size"]}
    whole: Any = [shown | {"width": 800, "height": 600}] if media == "photo" else shown | {"file_name": file["name"]}
    caption = {"caption": text} if text else {}
    return {media: whole} | caption | ({"caption_entities": entities} if entities else {})


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    parts = ("text", "caption", "entities", "caption_entities", "reply_markup")
    return all((one.get(part) or None) == (other.get(part) or None) for part in parts)


def buttons_of(keyboard: dict[str, Any] | None) -> list[list[dict[str, Any]]]:
    """The inline buttons as a phone shows them."""
    rows = (keyboard or {}).get("inline_keyboard", [])
    return [
        [{"label": button["text"], "data": button.get("callback_data", ""), "url": button.get("url")} for button in row]
        for row in rows
    ]

"""Speaks through a Telegram bot: python-telegram-bot's ExtBot on our transport."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from channels.contract import Accepted, Button, Heard, Outgoing, Passing, RawRequest, Traits, Unknown, Verdict
from channels.telegram.errors import TOO_OLD, UNCHANGED, judged
from channels.telegram.receive import proven, read
from channels.telegram.request import AioRequest
from channels.transport import Failure, Transport, body_of, by_status, failed, too_large

T = TypeVar("T")

GENERAL_TOPIC = 1
"""The General topic's thread; naming it on a send is refused ("message thread not found")."""
UPDATES = ["message", "callback_query", "my_chat_member"]

TELEGRAM_TRAITS = Traits(
    two_way=True,
    max_length=4096,
    buttons=True,
    edits=True,
    templates=False,
    free_text_hours=None,
    can_be_asked=False,
)


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """``base_url`` without ``/bot``; ``public_url`` is where Telegram finds us; time-out in seconds."""

    token: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base_url: str = "https://api.telegram.org"
    public_url: str = ""
    concurrency: int = 64
    timeout: float = 10.0
    proxy: str | None = field(default=None, repr=False)


class TelegramChannel:
    """One bot. ``provider_id`` is the message id, which Telegram makes unique within a chat only."""

    name = "telegram"
    traits = TELEGRAM_TRAITS

    def __init__(self, settings: TelegramSettings) -> None:
        self._settings = settings
        self._transport = Transport(settings.concurrency, settings.timeout, settings.proxy)
        base = settings.base_url.rstrip("/")
        self._bot: ExtBot[None] = ExtBot(
            settings.token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=AioRequest(self._transport),
            get_updates_request=AioRequest(self._transport),
        )

    async def send(self, out: Outgoing) -> Accepted:
        """A new message, or with ``edits`` the old one in new words. Raises Passing, Permanent or Unknown."""
        try:
            return Accepted(await (self._edit(out) if out.edits else self._post(out)))
        except TelegramError as error:
            raise judged(error) from None
        except (TypeError, KeyError, AttributeError) as error:
            raise Unknown(f"Telegram's answer cannot be read ({type(error).__name__})") from None

    async def _post(self, out: Outgoing) -> str:
        common: dict[str, Any] = {
            "chat_id": out.to,
            "reply_markup": _keyboard(out.buttons),
            "message_thread_id": None if out.thread == GENERAL_TOPIC else out.thread,
            "reply_parameters": _reply(out.reply_to),
        }
        if out.picture is not None:
            photo = InputFile(out.picture, filename="picture.png")
            sent: Message = await self._bot.send_photo(photo=photo, caption=out.text, **common)
        else:
            plain = LinkPreviewOptions(is_disabled=True)
            sent = await self._bot.send_message(text=out.text, link_preview_options=plain, **common)
        return str(sent.message_id)

    async def _edit(self, out: Outgoing) -> str:
        """Replaces words and buttons; a message that already reads so is what was wanted."""
        target: dict[str, Any] = {
            "chat_id": out.to,
            "message_id": int(out.edits or 0),
            "reply_markup": _keyboard(out.buttons),
        }
        try:
            if out.picture is not None:
                await self._bot.edit_message_caption(caption=out.text, **target)
            else:
                plain = LinkPreviewOptions(is_disabled=True)
                await self._bot.edit_message_text(text=out.text, link_preview_options=plain, **target)
        except BadRequest as error:
            if UNCHANGED not in error.message.lower():
                raise
        return str(out.edits)

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        """A Bot API send cannot be looked up; only an edit may be repeated, being the same however often it is done."""
        if not out.edits:
            return ("accepted", provider_id) if provider_id else ("unknown", None)
        return "accepted", (await self.send(out)).provider_id

    def hear(self, request: RawRequest, now: int) -> Heard:
        """Verifies the secret header and reads one update. Raises Forged or Malformed."""
        proven(request, self._settings.webhook_secret)
        return read(request.body)

    def read(self, update: bytes) -> Heard:
        """Reads an update that ``poll`` fetched. Raises Malformed."""
        return read(update)

    async def answer_press(self, press_id: str, text: str = "", alert: bool = False) -> None:
        """Acknowledges a press with up to 200 characters; one that Telegram holds too old has nobody waiting for it."""

        async def answer() -> None:
            try:
                await self._bot.answer_callback_query(press_id, text=text[:200] or None, show_alert=alert)
            except BadRequest as error:
                if not any(words in error.message.lower() for words in TOO_OLD):
                    raise

        await _asked(answer)

    async def fetch(self, file_id: str, most: int) -> bytes:
        """A picture or file somebody sent. The bot's token is in the address: it stays out of every error.

        Raises Passing, Permanent (gone, or beyond Telegram's own 20 MB) or Unknown.
        """
        file = await _asked(lambda: self._bot.get_file(file_id))
        if (file.file_size or 0) > most:
            raise too_large(most)
        try:
            async with self._transport.session().get(str(file.file_path)) as answer:
                error = by_status(answer.status)
                if error is None and answer.status != 200:
                    error = Passing(f"the file's address is over ({answer.status})")
                body = b"" if error else await body_of(answer, most)
        except Failure as failure:
            raise failed(failure) from None
        if error is not None:
            raise error
        return body

    async def poll(self, offset: int | None, wait: int = 25) -> list[tuple[int, bytes]]:
        """The updates from ``offset`` on, as they came, waiting up to ``wait`` seconds for the first.

        Asking with an offset confirms all before it: persist what came before asking again with the last id + 1.
        """
        asked: dict[str, Any] = {"timeout": wait, "allowed_updates": UPDATES}
        if offset is not None:
            asked["offset"] = offset

        async def fetch() -> Any:
            # get_updates itself would parse the updates, and we persist them as they came.
            limit = wait + self._settings.timeout
            return await self._bot._post("getUpdates", asked, read_timeout=limit)

        updates = await _asked(fetch)
        try:
            return [(int(update["update_id"]), json.dumps(update, ensure_ascii=False).encode()) for update in updates]
        except (TypeError, KeyError, ValueError):
            raise Unknown("Telegram's list of updates cannot be read") from None

    async def set_webhook(self, url: str) -> None:
        """Has updates pushed to ``url`` with our secret header; what waits is kept."""
        secret = self._settings.webhook_secret
        await _asked(lambda: self._bot.set_webhook(url, secret_token=secret, allowed_updates=UPDATES))

    async def delete_webhook(self) -> None:
        """Needed before polling; what waits is kept."""
        await _asked(self._bot.delete_webhook)

    async def check(self) -> str:
        """Whether the token is good and whether plain words in groups reach the bot. Raises a ChannelError."""
        me = await _asked(self._bot.get_me)
        groups = (
            "plain words in groups reach it"
            if me.can_read_all_group_messages
            else "plain words in groups do not reach it: turn its privacy mode off at @BotFather, or make it an admin"
        )
        return f"Telegram knows the bot @{me.username}; {groups}."

    async def close(self) -> None:
        await self._transport.close()


async def _asked(ask: Callable[[], Awaitable[T]]) -> T:
    try:
        return await ask()
    except TelegramError as error:
        raise judged(error) from None


def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup([[_key(button) for button in row] for row in rows]) if rows else None


def _key(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)


def _reply(to: str | None) -> ReplyParameters | None:
    """An answer whose question was deleted meanwhile is still sent."""
    return ReplyParameters(int(to), allow_sending_without_reply=True) if to else None

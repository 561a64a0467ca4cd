"""The fake Bot API server: ``/telegram/bot<token>/<method>`` and ``/telegram/file/bot<token>/<path>``.

Takes GET, form, multipart and JSON like the real one. Stricter than it in one thing: an unknown parameter is refused.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from channels.sandbox.faults import before_accept, through
from channels.sandbox.telegram_chats import TelegramChats
from channels.sandbox.telegram_methods import MEDIA, TelegramMethods
from channels.sandbox.telegram_updates import TelegramUpdates
from channels.sandbox.telegram_words import (
    FAULT_WORDS,
    Params,
    TelegramError,
    bad,
    error_answer,
    json_of,
    ok,
    read_params,
)  # fmt: skip
from channels.sandbox.world import Sandbox

LINK_LIVES = timedelta(hours=1)
"""How long the address that getFile names holds."""
Method = Callable[[Params], Awaitable[Any]]

SENDING = (
    "business_connection_id chat_id message_thread_id direct_messages_topic_id parse_mode disable_notification "
    "protect_content allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup "
    "reply_to_message_id allow_sending_without_reply"
)
EDITING = "business_connection_id chat_id message_id inline_message_id reply_markup"
TOPIC = "chat_id message_thread_id"
KNOWN: dict[str, frozenset[str]] = {
    name.lower(): frozenset(words.split())
    for name, words in {
        "getMe": "",
        "getUpdates": "offset limit timeout allowed_updates",
        "setWebhook": "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token",
        "deleteWebhook": "drop_pending_updates",
        "getWebhookInfo": "",
        "sendMessage": f"{SENDING} text entities link_preview_options disable_web_page_preview",
        "sendPhoto": f"{SENDING} photo caption caption_entities show_caption_above_media has_spoiler",
        "sendDocument": f"{SENDING} document thumbnail caption caption_entities disable_content_type_detection",
        "sendChatAction": "business_connection_id chat_id message_thread_id action",
        "editMessageText": f"{EDITING} text parse_mode entities link_preview_options disable_web_page_preview",
        "editMessageCaption": f"{EDITING} caption parse_mode caption_entities show_caption_above_media",
        "editMessageReplyMarkup": EDITING,
        "answerCallbackQuery": "callback_query_id text show_alert url cache_time",
        "deleteMessage": "chat_id message_id",
        "pinChatMessage": "business_connection_id chat_id message_id disable_notification",
        "unpinChatMessage": "business_connection_id chat_id message_id",
        "getChat": "chat_id",
        "getChatMember": "chat_id user_id",
        "getChatAdministrators": "chat_id return_bots",
        "getChatMemberCount": "chat_id",
        "leaveChat": "chat_id",
        "createForumTopic": "chat_id name icon_color icon_custom_emoji_id",
        "editForumTopic": f"{TOPIC} name icon_custom_emoji_id",
        "closeForumTopic": TOPIC,
        "reopenForumTopic": TOPIC,
        "deleteForumTopic": TOPIC,
        "getFile": "file_id",
        "setMyCommands": "commands scope language_code",
        "getMyCommands": "scope language_code",
        "deleteMyCommands": "scope language_code",
    }.items()
}
CANONICAL = {name.lower(): name for name in MEDIA}
ACTIONS = frozenset(
    {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"}
    | {"choose_sticker", "find_location", "record_video_note", "upload_video_note"}
)


class TelegramServer:
    """One bot on one fake server."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self.chats = TelegramChats(world)
        self.methods = TelegramMethods(world, self.chats)
        self.updates = TelegramUpdates(world)
        self._others = self._table()

    def _table(self) -> dict[str, Method]:
        chats, methods, updates = self.chats, self.methods, self.updates
        plain: dict[str, Callable[[Params], Any]] = {
            "getMe": lambda _: self._me(),
            "deleteWebhook": updates.delete_webhook,
            "getWebhookInfo": lambda _: updates.webhook_info(),
            "sendChatAction": self._action,
            "editMessageText": lambda params: methods.edit("editMessageText", params),
            "editMessageCaption": lambda params: methods.edit("editMessageCaption", params),
            "editMessageReplyMarkup": lambda params: methods.edit("editMessageReplyMarkup", params),
            "answerCallbackQuery": methods.answer_query,
            "deleteMessage": methods.delete,
            "pinChatMessage": lambda params: bool(chats.named(params)),
            "unpinChatMessage": lambda params: bool(chats.named(params)),
            "getChat": chats.get_chat,
            "getChatMember": chats.get_member,
            "getChatAdministrators": chats.administrators,
            "getChatMemberCount": chats.member_count,
            "leaveChat": chats.leave,
            "createForumTopic": chats.create_topic,
            "editForumTopic": chats.edit_topic,
            "closeForumTopic": lambda params: chats.close_topic(params, closed=True),
            "reopenForumTopic": lambda params: chats.close_topic(params, closed=False),
            "deleteForumTopic": chats.delete_topic,
            "getFile": methods.get_file,
            "setMyCommands": self._set_commands,
            "getMyCommands": lambda _: (self._world.settings.get("telegram.commands") or {"list": []})["list"],
            "deleteMyCommands": lambda _: bool(self._world.settings.put("telegram.commands", {"list": []})),
        }
        table = {name.lower(): _soon(method) for name, method in plain.items()}
        return table | {"getupdates": updates.get_updates, "setwebhook": updates.set_webhook}

    def routes(self) -> list[Route]:
        return [
            Route("/telegram/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            Route("/telegram/file/bot{token}/{path:path}", self._download, methods=["GET"]),
        ]

    async def _call(self, request: Request) -> Response:
        method, to, code = request.path_params["method"], "", 0
        try:
            self._authorise(request.path_params["token"])
            params = await read_params(request)
            to = str(params.get("chat_id", ""))
            answer = await self._answer(method.lower(), params, to)
            code = answer.status_code if answer.status_code >= 400 else 0
        except TelegramError as error:
            answer, code = error_answer(error), error.code
        self._world.called("telegram", method, to, answer.status_code, code)
        return answer

    def _authorise(self, token: str) -> None:
        number, colon, secret = token.partition(":")
        if not number.isdigit() or not colon or not secret:
            raise TelegramError(404, "Not Found")
        if token != self._world.credentials.telegram_token:
            raise TelegramError(401, "Unauthorized")

    async def _answer(self, method: str, params: Params, to: str) -> Response:
        if method not in KNOWN:
            raise TelegramError(404, "Not Found")
        _refuse_unknown(method, params)
        text = str(params.get("text", params.get("caption", "")))
        if method in CANONICAL:
            send = self.methods.send

            async def accept() -> Response:
                return ok(await send(CANONICAL[method], params))

            return await through(self._world.faults, FAULT_WORDS, "telegram", to, text, accept)
        down = await before_accept(self._world.faults, FAULT_WORDS, "telegram", to, text) if self._outage() else None
        return down or ok(await self._others[method](params))

    def _outage(self) -> bool:
        """Whether other calls than sends suffer too: only when the whole provider is down."""
        return any(fault["point"] == "down" for fault in self._world.faults.list())

    def _me(self) -> dict[str, Any]:
        privacy = self._world.settings.get("telegram.privacy") or {"on": False}
        return self.chats.bot() | {
            "can_join_groups": True, "can_read_all_group_messages": not privacy["on"], "supports_inline_queries": False,
            "can_connect_to_business": False, "has_main_web_app": False, "has_topics_enabled": False,
        }  # fmt: skip

    def _action(self, params: Params) -> bool:
        self.chats.writable(params)
        if params.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        return True

    def _set_commands(self, params: Params) -> bool:
        commands = json_of(params, "commands", "can't parse commands JSON object")
        if not isinstance(commands, list):
            raise bad("can't parse commands: Expected an Array of BotCommand")
        self._world.settings.put("telegram.commands", {"list": commands})
        return True

    async def _download(self, request: Request) -> Response:
        try:
            self._authorise(request.path_params["token"])
        except TelegramError as error:
            return error_answer(error)
        files = self.methods.files
        file = files.by_path(request.path_params["path"])
        if file is None or files.older(file["linked"], LINK_LIVES):
            return error_answer(TelegramError(404, "Not Found"))
        return FileResponse(files.on_disk(file), media_type="application/octet-stream")


def _soon(method: Callable[[Params], Any]) -> Method:
    async def call(params: Params) -> Any:
        return method(params)

    return call


def _refuse_unknown(method: str, params: Params) -> None:
    attached = {value.removeprefix("attach://") for value in params.values() if isinstance(value, str)}
    unknown = sorted(set(params) - KNOWN[method] - attached)
    if unknown:
        raise bad(f"unknown parameter {unknown[0]}")

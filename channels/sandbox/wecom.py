"""The fake WeCom API: ``/wecom/cgi-bin/…``: app messages with interactive cards, app chats, and the group robot."""

import hmac
import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.sandbox.clock import parse_instant
from channels.sandbox.faults import before_accept, through
from channels.sandbox.shelves import Record
from channels.sandbox.wechat_tokens import Tokens
from channels.sandbox.wechat_words import FAULT_WORDS, WeChatError, code_of, error_answer, json_of, ok, only
from channels.sandbox.wecom_cards import buttons_of, judge_part, text_of
from channels.sandbox.world import Sandbox, Send

CHAT_ID = re.compile(r"^[0-9A-Za-z]{1,32}$")
APP_KINDS = frozenset({"text", "markdown", "textcard", "image", "file", "news", "template_card"})
CHAT_KINDS = APP_KINDS - {"template_card"}
ROBOT_KINDS = frozenset({"text", "markdown", "markdown_v2", "image", "news", "file", "voice", "template_card"})
CARD_LIVES = timedelta(hours=72)
MESSAGE_FIELDS = (
    "touser", "toparty", "totag", "msgtype", "agentid", "safe", "enable_id_trans", "enable_duplicate_check",
    "duplicate_check_interval",
)  # fmt: skip
Call = Callable[[dict[str, Any]], Awaitable[Response]]


class WeComServer:
    """One corp with one app and one group robot."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self.tokens = Tokens(world, "wecom")
        self.chats = world.memory.shelf("wecom.chats")
        self.cards = world.memory.shelf("wecom.cards")
        self._duplicates = world.memory.shelf("wecom.duplicates")

    def routes(self) -> list[Route]:
        base = "/wecom/cgi-bin"
        posts: dict[str, Call] = {
            "message/send": self._send,
            "message/update_template_card": self._update_card,
            "appchat/create": self._create_chat,
            "appchat/update": self._update_chat,
            "appchat/send": self._send_chat,
        }
        gets: dict[str, Call] = {"appchat/get": self._get_chat, "user/get": self._get_user}
        return [
            Route(f"{base}/gettoken", self._token, methods=["GET"]),
            *(Route(f"{base}/{name}", self._guarded(name, call), methods=["POST"]) for name, call in posts.items()),
            *(Route(f"{base}/{name}", self._guarded(name, call), methods=["GET"]) for name, call in gets.items()),
            Route(f"{base}/webhook/send", self._robot, methods=["POST"]),
            Route("/wecom/{rest:path}", self._nowhere, methods=["GET", "POST"]),
        ]

    async def _nowhere(self, request: Request) -> Response:
        return error_answer(WeChatError(40066, "invalid url"))

    def _guarded(self, name: str, call: Call) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            to = ""
            try:
                self.tokens.check(request.query_params.get("access_token"))
                query = {key: value for key, value in request.query_params.items() if key != "access_token"}
                data = await json_of(request) if request.method == "POST" else query
                to = str(data.get("touser", data.get("chatid", "")))
                answer = await call(data)
            except WeChatError as error:
                answer = error_answer(error)
            self._world.called("wecom", name, to, answer.status_code, code_of(answer))
            return answer

        return endpoint

    async def _token(self, request: Request) -> Response:
        query, account = request.query_params, self._world.credentials
        if query.get("corpid") != account.wecom_corp_id:
            return error_answer(WeChatError(40013, "invalid corpid"))
        if not hmac.compare_digest(query.get("corpsecret", "").encode(), account.wecom_secret.encode()):
            return error_answer(WeChatError(40001, "invalid credential"))
        if any(fault["point"] == "down" for fault in self._world.faults.list()):
            down = await before_accept(self._world.faults, FAULT_WORDS, "wecom", "", "")
            if down:
                return down
        token = self.tokens.stable(force=False)
        return ok(**token)

    async def _send(self, data: dict[str, Any]) -> Response:
        to, text = str(data.get("touser", "")), text_of(data)

        async def accept() -> Response:
            kind = _kind(data, APP_KINDS)
            only(data, *MESSAGE_FIELDS, kind, errcode=40058)
            if data.get("agentid") != self._world.credentials.wecom_agent_id:
                raise WeChatError(40056, "invalid agentid")
            judge_part(kind, data[kind], robot=False)
            members, invalid = self._members(to)
            before = self._said_before(data)
            if before is not None:
                return ok(**before)
            answer = await self._accept_app(data, kind, text, members, invalid)
            return ok(**answer)

        return await through(self._world.faults, FAULT_WORDS, "wecom", to, text, accept)

    def _members(self, to: str) -> tuple[list[str], list[str]]:
        """Who of ``a|b`` or ``@all`` can be reached and who not. Raises WeChatError 81013."""
        everybody = [person["address"] for person in self._world.people.all("wecom") if person["active"]]
        wanted = everybody if to == "@all" else [name for name in to.split("|") if name]
        invalid = [name for name in wanted if name not in everybody]
        if not wanted or len(invalid) == len(wanted):
            raise WeChatError(81013, "user & party & tag all invalid")
        return [name for name in wanted if name in everybody], invalid

    def _said_before(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The answer already given to the same JSON within the duplicate check's interval (default 30 minutes)."""
        if data.get("enable_duplicate_check") != 1:
            return None
        seconds = data.get("duplicate_check_interval", 1800)
        if not isinstance(seconds, int) or not 1 <= seconds <= 14400:
            raise WeChatError(40058, "duplicate_check_interval out of range")
        sent = self._duplicates.get(_print(data))
        if sent is None or self._world.clock.now() - parse_instant(sent["at"]) >= timedelta(seconds=seconds):
            return None
        answer: dict[str, Any] = sent["answer"]
        return answer

    async def _accept_app(
        self, data: dict[str, Any], kind: str, text: str, members: list[str], invalid: list[str]
    ) -> dict[str, Any]:
        msgid = self._world.code("wecom.msgid", 40)
        answer: dict[str, Any] = {"msgid": msgid} | ({"invaliduser": "|".join(invalid)} if invalid else {})
        card = data[kind] if kind == "template_card" else None
        if card and card["card_type"].endswith("_interaction"):
            answer["response_code"] = self._new_card(card, members, msgid)
        if data.get("enable_duplicate_check") == 1:
            self._duplicates.put(_print(data), {"at": self._world.clock.now().isoformat(), "answer": answer})
        to = str(data["touser"])
        await self._world.record(Send("wecom", "message/send", to, text, data, msgid))
        for member in members:
            self._deliver(member, f"{msgid}:{member}", text, kind, buttons_of(card), card)
        return answer

    def _new_card(self, card: dict[str, Any], members: list[str], msgid: str) -> str:
        task = card.get("task_id", "")
        if any(known["task_id"] == task for known in self.cards.values()):
            raise WeChatError(40058, "duplicate task_id")
        code = self._world.code("wecom.card", 64)
        at = self._world.clock.now().isoformat()
        self.cards.put(
            code, {"code": code, "task_id": task, "members": members, "msgid": msgid, "at": at, "used": False}
        )
        return code

    def _deliver(
        self, member: str, number: str, text: str, kind: str, buttons: list[list[dict[str, Any]]], card: Any = None
    ) -> None:
        """On the phone, unless the member already got 30 this minute: then WeCom drops it without a word."""
        rates, limits = self._world.rates, self._world.rates.limits
        if rates.wait(f"wecom:{member}", limits.wecom_member_per_minute, 60.0) > 0:
            self._world.stream.publish("dropped", channel="wecom", address=member, text=text)
            return
        rates.take(f"wecom:{member}")
        at = self._world.clock.now().isoformat()
        self._world.messages.add("wecom", member, number, "out", text, at, kind=kind, buttons=buttons, card=card)

    async def _update_card(self, data: dict[str, Any]) -> Response:
        only(data, "userids", "partyids", "tagids", "atall", "agentid", "response_code", "button", "template_card",
             "enable_id_trans", errcode=40058)  # fmt: skip
        card = self.cards.get(data.get("response_code"))
        if card is None or self._world.clock.now() - parse_instant(card["at"]) > CARD_LIVES:
            raise WeChatError(40058, "response_code invalid or expired")
        if card["used"]:
            raise WeChatError(40058, "response_code has been used")
        self.cards.put(card["code"], {**card, "used": True})
        new = data.get("template_card")
        for member in card["members"]:
            facts = {"edited": True, "buttons": buttons_of(new)} | (
                {"card": new} if new else {"button": data.get("button")}
            )
            if self._world.messages.find("wecom", f"{card['msgid']}:{member}"):
                self._world.messages.change("wecom", f"{card['msgid']}:{member}", **facts)
        return ok(invaliduser=[])

    async def _create_chat(self, data: dict[str, Any]) -> Response:
        only(data, "name", "owner", "userlist", "chatid", errcode=40058)
        members = data.get("userlist")
        if not isinstance(members, list) or not 2 <= len(members) <= 2000:
            raise WeChatError(86006, "chat member count out of range")
        self._known(members)
        chat = data.get("chatid") or self._world.code("wecom.chat", 32)
        if not isinstance(chat, str) or not CHAT_ID.match(chat):
            raise WeChatError(86001, "invalid chatid")
        if chat in self.chats:
            raise WeChatError(86215, "chatid existed")
        owner = data.get("owner") or members[0]
        self.chats.put(chat, {"chatid": chat, "name": data.get("name", ""), "owner": owner, "userlist": members})
        return ok(chatid=chat)

    def _known(self, members: list[Any]) -> None:
        if any(self._world.people.find("wecom", str(member)) is None for member in members):
            raise WeChatError(40031, "invalid userid list")

    def _chat(self, data: dict[str, Any]) -> Record:
        chat = self.chats.get(data.get("chatid"))
        if chat is None:
            raise WeChatError(86003, "chatid not exist")
        return chat

    async def _update_chat(self, data: dict[str, Any]) -> Response:
        only(data, "chatid", "name", "owner", "add_user_list", "del_user_list", errcode=40058)
        chat = self._chat(data)
        added, gone = data.get("add_user_list", []), data.get("del_user_list", [])
        self._known(added)
        members = [name for name in [*chat["userlist"], *added] if name not in gone]
        changes: Record = {key: data[key] for key in ("name", "owner") if key in data}
        self.chats.put(chat["chatid"], {**chat, **changes, "userlist": members})
        return ok()

    async def _get_chat(self, data: dict[str, Any]) -> Response:
        return ok(chat_info=self._chat(data))

    async def _get_user(self, data: dict[str, Any]) -> Response:
        person = self._world.people.find("wecom", str(data.get("userid", "")))
        if person is None:
            raise WeChatError(60111, "userid not found")
        return ok(userid=person["address"], name=person["name"], status=1 if person["active"] else 2)

    async def _send_chat(self, data: dict[str, Any]) -> Response:
        to, text = str(data.get("chatid", "")), text_of(data)

        async def accept() -> Response:
            chat = self._chat(data)
            kind = _kind(data, CHAT_KINDS)
            only(data, "chatid", "msgtype", "safe", kind, errcode=40058)
            judge_part(kind, data[kind], robot=False)
            msgid = self._world.code("wecom.msgid", 40)
            await self._world.record(Send("wecom", "appchat/send", chat["chatid"], text, data, msgid))
            self._deliver(chat["chatid"], msgid, text, kind, [])
            return ok(msgid=msgid)

        return await through(self._world.faults, FAULT_WORDS, "wecom", to, text, accept)

    async def _robot(self, request: Request) -> Response:
        key, to = request.query_params.get("key", ""), ""
        try:
            if not hmac.compare_digest(key.encode(), self._world.credentials.wecom_robot_key.encode()):
                raise WeChatError(93000, "invalid webhook url")
            to = key
            answer = await self._robot_send(key, await json_of(request))
        except WeChatError as error:
            answer = error_answer(error)
        self._world.called("wecom", "webhook/send", to, answer.status_code, code_of(answer))
        return answer

    async def _robot_send(self, key: str, data: dict[str, Any]) -> Response:
        text = text_of(data)

        async def accept() -> Response:
            kind = _kind(data, ROBOT_KINDS)
            only(data, "msgtype", kind, errcode=40058)
            judge_part(kind, data[kind], robot=True)
            if self._world.rates.wait("wecom.robot", self._world.rates.limits.wecom_robot_per_minute, 60.0) > 0:
                raise WeChatError(45009, "api freq out of limit")
            self._world.rates.take("wecom.robot")
            number = f"robot-{self._world.memory.number('wecom.robot')}"
            await self._world.record(Send("wecom", "webhook/send", key, text, data, number))
            at = self._world.clock.now().isoformat()
            card = data[kind] if kind == "template_card" else None
            self._world.messages.add("wecom", key, number, "out", text, at, kind=kind, buttons=[], card=card)
            return ok()

        return await through(self._world.faults, FAULT_WORDS, "wecom", key, text, accept)


def _kind(data: dict[str, Any], kinds: frozenset[str]) -> str:
    kind = data.get("msgtype")
    if not isinstance(kind, str) or kind not in kinds:
        raise WeChatError(40008, "invalid message type")
    if not isinstance(data.get(kind), dict):
        raise WeChatError(44004 if kind == "text" else 40058, f"missing {kind}")
    return kind


def _print(data: dict[str, Any]) -> str:
    """What two sends must share to be the same for the duplicate check."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False)

"""The fake service-account API: ``/wechat/cgi-bin/…`` and ``/wechat/sns/…``, HTTP 200 always, errors by ``errcode``."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from channels.sandbox.clock import parse_instant
from channels.sandbox.faults import before_accept, through
from channels.sandbox.files import Files
from channels.sandbox.shelves import Record
from channels.sandbox.wechat_oauth import WeChatOAuth
from channels.sandbox.wechat_push import WeChatPush
from channels.sandbox.wechat_templates import DEFAULTS, filled
from channels.sandbox.wechat_tokens import Tokens, check_account
from channels.sandbox.wechat_windows import spend
from channels.sandbox.wechat_words import FAULT_WORDS, WeChatError, code_of, error_answer, json_of, ok, only, part_of
from channels.sandbox.world import Sandbox, Send

REMEMBERED = timedelta(minutes=10)
"""How long the same client_msg_id to the same openid is not sent again."""
LONGEST_TEXT = 2048
MEDIA_KEPT = timedelta(days=3)
"""Temporary media, a follower's pictures among them."""
Call = Callable[[dict[str, Any]], Awaitable[Response]]


class WeChatServer:
    """One certified service account (服务号)."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self.tokens = Tokens(world, "wechat")
        self.push = WeChatPush(world)
        self.templates = world.memory.shelf("wechat.templates")
        self.scenes = world.memory.shelf("wechat.scenes")
        self.oauth = WeChatOAuth(world)
        self.files = Files(world)
        self._client_ids = world.memory.shelf("wechat.client_ids")
        self._one_at_a_time = asyncio.Lock()
        """Two requests of one client_msg_id at the same instant are one message."""
        self.restock()

    def restock(self) -> None:
        """The templates the sandbox ships, where none of that id is registered."""
        for template in DEFAULTS:
            if template["id"] not in self.templates:
                self.templates.put(template["id"], dict(template))

    def routes(self) -> list[Route]:
        base = "/wechat/cgi-bin"
        posts: dict[str, Call] = {
            "message/custom/send": self._custom,
            "message/template/send": self._template,
            "message/subscribe/bizsend": self._subscribe,
            "qrcode/create": self._qrcode,
            "menu/create": self._menu,
        }
        gets: dict[str, Call] = {
            "user/info": self._user,
            "media/get": self._media,
            "template/get_all_private_template": self._all_templates,
        }
        return [
            Route(f"{base}/token", self._token, methods=["GET"]),
            Route(f"{base}/stable_token", self._stable, methods=["POST"]),
            *(Route(f"{base}/{name}", self._guarded(name, call), methods=["POST"]) for name, call in posts.items()),
            *(Route(f"{base}/{name}", self._guarded(name, call), methods=["GET"]) for name, call in gets.items()),
            *self.oauth.routes(),
            Route("/wechat/{rest:path}", self._nowhere, methods=["GET", "POST"]),
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
                to = str(data.get("touser", ""))
                down = await self._down() if "message/" not in name else None
                answer = down or await call(data)
            except WeChatError as error:
                answer = error_answer(error)
            self._world.called("wechat", name, to, answer.status_code, code_of(answer))
            return answer

        return endpoint

    async def _down(self) -> Response | None:
        if any(fault["point"] == "down" for fault in self._world.faults.list()):
            return await before_accept(self._world.faults, FAULT_WORDS, "wechat", "", "")
        return None

    async def _token(self, request: Request) -> Response:
        return await self._issue(dict(request.query_params), lambda: self.tokens.fresh("token"))

    async def _stable(self, request: Request) -> Response:
        try:
            data = await json_of(request)
            only(data, "grant_type", "appid", "secret", "force_refresh")
            force = data.get("force_refresh", False)
            if not isinstance(force, bool):
                raise WeChatError(47001, "data format error")
        except WeChatError as error:
            return error_answer(error)
        return await self._issue(data, lambda: self.tokens.stable(force))

    async def _issue(self, data: dict[str, Any], make: Callable[[], dict[str, Any]]) -> Response:
        account = self._world.credentials
        try:
            if data.get("grant_type") != "client_credential":
                raise WeChatError(40002, "invalid grant_type")
            check_account(
                str(data.get("appid", "")), str(data.get("secret", "")), account.wechat_appid, account.wechat_secret
            )
            return await self._down() or JSONResponse(make())
        except WeChatError as error:
            return error_answer(error)

    async def _media(self, data: dict[str, Any]) -> Response:
        """What a follower sent in the last three days, as bytes."""
        only(data, "media_id")
        file = self.files.get(data.get("media_id", ""))
        if file is None or file["media"] != "wechat" or self.files.older(file["at"], MEDIA_KEPT):
            raise WeChatError(40007, "invalid media_id")
        return FileResponse(self.files.on_disk(file), media_type=self.files.type_of(file), filename="media")

    async def _custom(self, data: dict[str, Any]) -> Response:
        text = _words_of(data)
        openid = str(data.get("touser", ""))

        async def accept() -> Response:
            self._judge_custom(data)
            if self._follower(openid)["refuses"]:
                raise WeChatError(48002, "user refuse to accept the msg")
            spend(self._world, openid)
            number = f"kf-{self._world.memory.number('wechat.custom')}"
            await self._world.record(Send("wechat", "message/custom/send", openid, text, data, number))
            self._show(openid, number, text, str(data["msgtype"]), buttons=_menu_of(data))
            return ok()

        return await through(self._world.faults, FAULT_WORDS, "wechat", openid, text, accept)

    def _judge_custom(self, data: dict[str, Any]) -> None:
        kind = data.get("msgtype")
        if kind not in ("text", "msgmenu", "image", "news"):
            raise WeChatError(40008, "invalid message type")
        only(data, "touser", "msgtype", kind, "customservice")
        if kind == "text":
            content = part_of(data, "text", "content").get("content")
            if not isinstance(content, str) or not content:
                raise WeChatError(44004, "empty content")
            if len(content.encode()) > LONGEST_TEXT:
                raise WeChatError(45002, "content size out of limit")
        elif kind == "msgmenu":
            _judge_menu(part_of(data, "msgmenu", "head_content", "list", "tail_content"))
        else:
            part_of(data, kind, "media_id", "articles")

    def _follower(self, openid: str) -> Record:
        """Raises WeChatError 40003 for a stranger, 43004 for one who does not follow, 48002 for one who refuses."""
        person = self._world.people.find("wechat", openid)
        if person is None:
            raise WeChatError(40003, "invalid openid")
        if not person["following"]:
            raise WeChatError(43004, "require subscribe")
        return person

    def _show(self, openid: str, number: str, text: str, kind: str, **more: Any) -> None:
        at = self._world.clock.now().isoformat()
        self._world.messages.add("wechat", openid, number, "out", text, at, kind=kind, **more)

    async def _template(self, data: dict[str, Any]) -> Response:
        openid, text = str(data.get("touser", "")), _fields_text(data)

        async def accept() -> Response:
            only(data, "touser", "template_id", "url", "miniprogram", "client_msg_id", "data", "topcolor")
            self._follower(openid)
            template, values = self._filled(data, "template")
            _judge_link(data)
            async with self._one_at_a_time:
                known = self._sent_before(openid, data.get("client_msg_id"))
                if known is not None:
                    return ok(msgid=known)
                msgid = await self._accept_template("message/template/send", openid, text, data, template, values)
                self._remember(openid, data.get("client_msg_id"), msgid)
            await self.push.plan_job(openid, text, msgid)
            return ok(msgid=msgid)

        return await through(self._world.faults, FAULT_WORDS, "wechat", openid, text, accept)

    def _filled(self, data: dict[str, Any], kind: str) -> tuple[Record, dict[str, str]]:
        template = self.templates.get(data.get("template_id"))
        if template is None or template["kind"] != kind:
            raise WeChatError(40037, "invalid template_id")
        return template, filled(template, data.get("data"))

    async def _accept_template(
        self, method: str, openid: str, text: str, data: dict[str, Any], template: Record, values: dict[str, str]
    ) -> int:
        msgid = 3_000_000_000_000_000_000 + self._world.memory.number("wechat.template_msgid")
        our_id = str(data.get("client_msg_id", ""))
        await self._world.record(Send("wechat", method, openid, text, data, str(msgid), our_id))
        more = {"fields": values, "template_id": template["id"], "title": template["title"], "url": data.get("url")}
        self._show(openid, str(msgid), text, "template", status="sent", **more)
        return msgid

    def _sent_before(self, openid: str, client_id: Any) -> int | None:
        if client_id is None:
            return None
        if not isinstance(client_id, str) or not client_id:
            raise WeChatError(47001, "data format error")
        sent = self._client_ids.get(f"{openid}:{client_id}")
        if sent is None or self._world.clock.now() - parse_instant(sent["at"]) >= REMEMBERED:
            return None
        return int(sent["msgid"])

    def _remember(self, openid: str, client_id: str | None, msgid: int) -> None:
        if client_id:
            record = {"at": self._world.clock.now().isoformat(), "msgid": msgid}
            self._client_ids.put(f"{openid}:{client_id}", record)

    async def _subscribe(self, data: dict[str, Any]) -> Response:
        openid, text = str(data.get("touser", "")), _fields_text(data)

        async def accept() -> Response:
            only(data, "touser", "template_id", "page", "miniprogram", "data")
            person = self._world.people.find("wechat", openid)
            if person is None:
                raise WeChatError(40003, "invalid openid")
            template, values = self._filled(data, "subscribe")
            consents = person["subscriptions"].get(template["id"], 0)
            if consents < 1:
                raise WeChatError(43101, "user refuse to accept the msg")
            left = {**person["subscriptions"], template["id"]: consents - 1}
            self._world.people.change("wechat", openid, subscriptions=left)
            msgid = await self._accept_template("message/subscribe/bizsend", openid, text, data, template, values)
            await self.push.plan_job(openid, text, msgid, subscribed=template["id"])
            return ok(msgid=msgid)

        return await through(self._world.faults, FAULT_WORDS, "wechat", openid, text, accept)

    async def _qrcode(self, data: dict[str, Any]) -> Response:
        only(data, "expire_seconds", "action_name", "action_info")
        name = data.get("action_name")
        if name not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
            raise WeChatError(40052, "invalid action name")
        scene = _scene_of(data, text="STR" in name)
        seconds = data.get("expire_seconds", 60)
        if not isinstance(seconds, int) or not 1 <= seconds <= 2_592_000:
            raise WeChatError(40054, "invalid expire_seconds")
        lasting = "LIMIT" in name
        until = None if lasting else (self._world.clock.now() + timedelta(seconds=seconds)).isoformat()
        ticket = "gQ" + self._world.code("wechat.ticket", 60)
        self.scenes.put(scene, {"scene": scene, "until": until, "ticket": ticket})
        answer = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[:22]}"}
        return JSONResponse(answer if lasting else answer | {"expire_seconds": seconds})

    async def _menu(self, data: dict[str, Any]) -> Response:
        only(data, "button")
        buttons = data.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise WeChatError(40016, "invalid button size")
        for button in buttons:
            if not isinstance(button, dict) or not isinstance(button.get("name"), str):
                raise WeChatError(40018, "invalid button name size")
            if len(button.get("sub_button", [])) > 5:
                raise WeChatError(40023, "invalid sub button size")
        self._world.settings.put("wechat.menu", {"button": buttons})
        return ok()

    async def _user(self, query: dict[str, Any]) -> Response:
        person = self._world.people.find("wechat", str(query.get("openid", "")))
        if person is None:
            raise WeChatError(40003, "invalid openid")
        if not person["following"]:
            return JSONResponse({"subscribe": 0, "openid": person["address"]})
        facts = {"subscribe": 1, "openid": person["address"], "language": query.get("lang", "zh_CN")}
        more = {"subscribe_time": self._world.unix(), "remark": "", "groupid": 0, "tagid_list": []}
        return JSONResponse(facts | more | {"subscribe_scene": "ADD_SCENE_QR_CODE", "qr_scene": 0, "qr_scene_str": ""})

    async def _all_templates(self, _: dict[str, Any]) -> Response:
        shown = [
            {"template_id": template["id"], "title": template["title"], "content": _example(template["keys"])}
            for template in self.templates.values()
        ]
        return JSONResponse({"template_list": shown})


def _words_of(data: dict[str, Any]) -> str:
    """What a person would read of a customer-service message."""
    part = data.get(str(data.get("msgtype")))
    if not isinstance(part, dict):
        return ""
    if data.get("msgtype") != "msgmenu":
        return str(part.get("content", ""))
    entries = part.get("list") if isinstance(part.get("list"), list) else []
    lines = [str(entry.get("content", "")) for entry in entries or [] if isinstance(entry, dict)]
    return "\n".join([str(part.get("head_content", "")), *lines, str(part.get("tail_content", ""))]).strip()


def _menu_of(data: dict[str, Any]) -> list[list[dict[str, Any]]]:
    if data.get("msgtype") != "msgmenu":
        return []
    return [[{"label": entry["content"], "data": entry["id"], "url": None}] for entry in data["msgmenu"]["list"]]


def _judge_menu(menu: dict[str, Any]) -> None:
    entries = menu.get("list")
    if not isinstance(entries, list) or not 1 <= len(entries) <= 10:
        raise WeChatError(47001, "data format error")
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != {"id", "content"}:
            raise WeChatError(47001, "data format error")
        if not all(isinstance(value, str) and value for value in entry.values()):
            raise WeChatError(47001, "data format error")


def _judge_link(data: dict[str, Any]) -> None:
    url = data.get("url")
    if url is not None and (not isinstance(url, str) or (url and not url.startswith(("http://", "https://")))):
        raise WeChatError(40036, "invalid template url")


def _fields_text(data: dict[str, Any]) -> str:
    fields = data.get("data")
    if not isinstance(fields, dict):
        return ""
    return " ".join(str(field.get("value", "")) for field in fields.values() if isinstance(field, dict))


def _scene_of(data: dict[str, Any], text: bool) -> str:
    info = data.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        raise WeChatError(47001, "data format error")
    value = scene.get("scene_str" if text else "scene_id")
    good = isinstance(value, str) and 1 <= len(value) <= 64 if text else isinstance(value, int) and value > 0
    if not good:
        raise WeChatError(40053, "invalid action info")
    return str(value)


def _example(keys: list[str]) -> str:
    return "\n".join(f"{{{{{key}.DATA}}}}" for key in keys)

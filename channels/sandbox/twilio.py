"""The fake Twilio REST API: ``/twilio/2010-04-01/Accounts/{AC}/Messages…``, Basic auth, forms in, JSON out."""

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from channels.sandbox.faults import before_accept, through
from channels.sandbox.shelves import Record
from channels.sandbox.twilio_messages import TwilioMessages
from channels.sandbox.twilio_push import TwilioPush, media_sid
from channels.sandbox.twilio_words import FAULT_WORDS, TwilioError, error_answer, form_of
from channels.sandbox.world import Sandbox

FILTERS = frozenset({"To", "From", "DateSent", "DateSent>", "DateSent<", "PageSize", "Page", "PageToken"})

LINK_LIVES = timedelta(hours=4)
"""How long a media address without credentials holds (support article 223183748)."""


class TwilioServer:
    """One account."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self.messages = TwilioMessages(world)
        self.push = TwilioPush(world, self.messages)

    def routes(self) -> list[Route]:
        base = "/twilio/2010-04-01/Accounts/{account}"
        return [
            Route(f"{base}/Messages.json", self._collection, methods=["GET", "POST"]),
            Route(f"{base}/Messages/{{sid}}.json", self._one, methods=["GET", "POST", "DELETE"]),
            Route(f"{base}/Messages/{{sid}}/Media/{{media}}", self._media, methods=["GET"]),
            Route("/twilio/cdn/{media}", self._cdn, methods=["GET"]),
            Route(f"{base}.json", self._account, methods=["GET"]),
            Route("/twilio/{rest:path}", self._nowhere, methods=["GET", "POST", "DELETE", "PUT"]),
        ]

    async def _nowhere(self, request: Request) -> Response:
        return error_answer(_not_found(request))

    async def _account(self, request: Request) -> Response:
        try:
            self._authorise(request)
        except TwilioError as error:
            return error_answer(error)
        sid = self._world.credentials.twilio_account_sid
        facts = {"sid": sid, "friendly_name": "sandbox", "status": "active", "type": "Full"}
        return JSONResponse({**facts, "uri": f"/2010-04-01/Accounts/{sid}.json"})

    def _authorise(self, request: Request) -> None:
        """Raises TwilioError 20003 without the right Basic auth, 20404 for another account."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = password = ""
        account = self._world.credentials
        right = hmac.compare_digest(password.encode(), account.twilio_auth_token.encode())
        if scheme.lower() != "basic" or user != account.twilio_account_sid or not right:
            raise TwilioError(401, 20003, "Authenticate")
        if request.path_params["account"] != account.twilio_account_sid:
            raise _not_found(request)

    async def _collection(self, request: Request) -> Response:
        try:
            self._authorise(request)
            if request.method == "GET":
                return await self._down(request) or JSONResponse(self._page(request))
            return await self._create(request)
        except TwilioError as error:
            to, _ = _glance(await request.body())
            self._world.called("sms", "Messages.create", to, error.status, error.code)
            return error_answer(error)

    async def _down(self, request: Request) -> Response | None:
        if any(fault["point"] == "down" for fault in self._world.faults.list()):
            return await before_accept(self._world.faults, FAULT_WORDS, "sms", "", "")
        return None

    async def _create(self, request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
            raise TwilioError(415, 20415, "Unsupported Media Type")
        body = await request.body()
        to, text = _glance(body)

        async def accept() -> Response:
            message = await self.messages.accept(self.messages.judge(body))
            answer = JSONResponse(self.messages.resource(message), 201)
            await self.push.plan(message)
            return answer

        answer = await through(self._world.faults, FAULT_WORDS, "sms", to, text, accept)
        self._world.called(
            "sms", "Messages.create", to, answer.status_code, 0 if answer.status_code < 400 else answer.status_code
        )
        return answer

    async def _one(self, request: Request) -> Response:
        try:
            self._authorise(request)
            message = self.messages.shelf.get(request.path_params["sid"])
            if message is None:
                raise _not_found(request)
            return await self._down(request) or await self._act(request, message)
        except TwilioError as error:
            return error_answer(error)

    async def _media(self, request: Request) -> Response:
        """Proves who asks, then sends on to an address that needs no proof and holds for four hours."""
        try:
            self._authorise(request)
            message = self.messages.shelf.get(request.path_params["sid"])
            sids = {media_sid(number): number for number in (message or {}).get("media", ())}
            file = self.push.files.get(sids.get(request.path_params["media"], ""))
            if file is None:
                raise _not_found(request)
            down = await self._down(request)
        except TwilioError as error:
            return error_answer(error)
        if down is not None:
            return down
        self.push.files.link(file)
        return RedirectResponse(str(request.url.replace(path=f"/twilio/cdn/{file['id']}")), 307)

    async def _cdn(self, request: Request) -> Response:
        """The bytes themselves; credentials brought along are a leak, refused as Amazon does."""
        file = self.push.files.get(request.path_params["media"])
        if file is None or "authorization" in request.headers or self.push.files.older(file["linked"], LINK_LIVES):
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        return FileResponse(self.push.files.on_disk(file), media_type=self.push.files.type_of(file))

    async def _act(self, request: Request, message: Record) -> Response:
        if request.method == "DELETE":
            self.messages.shelf.drop(message["sid"])
            return Response(status_code=204)
        if request.method == "POST":
            self._update(form_of(await request.body(), frozenset({"Status", "Body"})), message)
        return JSONResponse(self.messages.resource(message))

    def _update(self, form: dict[str, str], message: Record) -> None:
        if "Status" in form:
            if form["Status"] != "canceled":
                raise TwilioError(400, 30410, "Status must be 'canceled'")
            if message["status"] not in ("scheduled", "accepted"):
                raise TwilioError(400, 30409, "Message is not in a cancelable state")
            self.messages.step(message["sid"], "canceled")
        if form.get("Body") == "":
            self.messages.shelf.put(message["sid"], message | {"body": ""})
        elif "Body" in form:
            raise TwilioError(400, 21714, "Body can only be updated to an empty string")

    def _page(self, request: Request) -> dict[str, Any]:
        """Newest first, filtered, in pages with a link to the next. Raises TwilioError 20001."""
        query = dict(request.query_params)
        unknown = sorted(set(query) - FILTERS)
        if unknown:
            raise TwilioError(400, 20001, f"Unknown parameter: {unknown[0]}")
        size, page = _number(query, "PageSize", 50, 1, 1000), _number(query, "Page", 0, 0, 10_000)
        found = [message for message in reversed(self.messages.shelf.values()) if _matches(message, query)]
        start, account = page * size, self._world.credentials.twilio_account_sid
        uri = f"/2010-04-01/Accounts/{account}/Messages.json"

        def link(number: int) -> str:
            token = {"PageToken": f"PASM{number}"} if number else {}
            return f"{uri}?{urlencode({**query, 'PageSize': size, 'Page': number, **token})}"

        return {
            "messages": [self.messages.resource(message) for message in found[start : start + size]],
            "page": page, "page_size": size, "start": start, "end": max(start, min(start + size, len(found)) - 1),
            "uri": link(page), "first_page_uri": link(0),
            "next_page_uri": link(page + 1) if start + size < len(found) else None,
            "previous_page_uri": link(page - 1) if page else None,
        }  # fmt: skip


def _glance(body: bytes) -> tuple[str, str]:
    """Receiver and words of a raw form, for the faults, before anything is judged."""
    form = dict(parse_qsl(body.decode("utf-8", "replace")))
    return form.get("To", ""), form.get("Body", "")


def _number(query: dict[str, str], name: str, otherwise: int, low: int, high: int) -> int:
    value = query.get(name, str(otherwise))
    if not value.isdigit() or not low <= int(value) <= high:
        raise TwilioError(400, 20001, f"{name} must be between {low} and {high}")
    return int(value)


def _matches(message: Record, query: dict[str, str]) -> bool:
    if query.get("To", message["to"]) != message["to"] or query.get("From", message["from"]) != message["from"]:
        return False
    for name, keeps in (("DateSent", 0), ("DateSent>", 1), ("DateSent<", -1)):
        if name in query and not _dated(message, query[name], keeps):
            return False
    return True


def _dated(message: Record, wanted: str, keeps: int) -> bool:
    """Whether the message was sent on (0), on or after (1), or on or before (-1) that UTC date or instant."""
    if message["sent"] is None:
        return False
    try:
        border = datetime.fromisoformat(wanted)
    except ValueError:
        raise TwilioError(400, 20001, f"Invalid date {wanted}") from None
    sent = datetime.fromisoformat(message["sent"])
    if len(wanted) > 10:
        aware = border if border.tzinfo else border.replace(tzinfo=sent.tzinfo)
        return sent >= aware if keeps > 0 else sent <= aware if keeps < 0 else sent == aware
    days = (sent.date() - border.date()).days
    return days == 0 if not keeps else days * keeps >= 0


def _not_found(request: Request) -> TwilioError:
    path = request.url.path.removeprefix("/twilio")
    return TwilioError(404, 20404, f"The requested resource {path} was not found")

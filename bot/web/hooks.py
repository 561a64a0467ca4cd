"""Webhooks: raw bytes and headers go to the receive flow, the channel's own bytes come back.

They stand before the rest of the web and use none of it: a callback costs its proof, its parsing and its row.
"""

from urllib.parse import parse_qsl

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.flows.house import House
from bot.flows.letterbox import Overfull
from bot.flows.receive import receive
from channels.contract import Forged, Malformed, RawAnswer, RawRequest
from store.engine import faults

log = structlog.get_logger()
AT = "/hooks/"
LARGEST = 1_000_000
"""Bytes of a callback; providers' are a few thousand."""
DOORS = {"telegram": "telegram", "wechat": "wechat", "twilio": "sms", "wecom": "wecom"}
METHODS = frozenset({"GET", "POST"})


class TooLarge(Exception):
    """A body beyond what any provider sends."""


class Gone(Exception):
    """The provider hung up before all of its request had come."""


class Hooks:
    """ASGI: answers what is below ``/hooks/`` and leaves everything else to the app behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(AT):
            await self._app(scope, receive, send)
            return
        try:
            answer = await _answer(scope["app"].state.house, scope, receive)
        except Gone:
            return
        await _say(send, answer)


async def _answer(house: House, scope: Scope, inward: Receive) -> RawAnswer:
    """One callback of a provider. 401 forged, 400 unreadable, 413 too large, 503 so that the provider tries again."""
    provider = scope["path"][len(AT) :].split("/", 1)[0]
    name = DOORS.get(provider, "")
    if name not in house.channels or scope["path"].count("/") > 3:
        return RawAnswer(404, b"no such door")
    if scope["method"] not in METHODS:
        return RawAnswer(405, b"by GET or POST")
    try:
        return await receive(house, name, _raw(house, scope, await _body(inward)))
    except TooLarge:
        return RawAnswer(413, b"too large")
    except Forged:
        log.warning("a forged callback was refused", action="hook.forged", provider=provider)
        return RawAnswer(401, b"not proven")
    except Malformed:
        log.warning("an unreadable callback was refused", action="hook.malformed", provider=provider)
        return RawAnswer(400, b"unreadable")
    except _passing():
        log.exception("a callback could not be kept; the provider will repeat it", action="hook.not_kept")
        return RawAnswer(503, b"try again")


def _passing() -> tuple[type[Exception], ...]:
    """What may be over when the provider tries again: the database is away, or too much waits."""
    return (*faults(), OSError, Overfull)


async def _body(inward: Receive) -> bytes:
    held = bytearray()
    while True:
        part = await inward()
        if part["type"] != "http.request":
            raise Gone
        held += part.get("body", b"")
        if len(held) > LARGEST:
            raise TooLarge
        if not part.get("more_body", False):
            return bytes(held)


def _raw(house: House, scope: Scope, body: bytes) -> RawRequest:
    """``url`` as the provider called it: escapes in path and query stay as they came, because some sign them."""
    asked = scope["query_string"].decode("latin-1")
    path = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0].decode("latin-1")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    url = house.public_url + path + (f"?{asked}" if asked else "")
    return RawRequest(scope["method"], url, dict(parse_qsl(asked, keep_blank_values=True)), headers, body)


async def _say(send: Send, answer: RawAnswer) -> None:
    headers = [
        (b"content-type", answer.content_type.encode("latin-1")),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

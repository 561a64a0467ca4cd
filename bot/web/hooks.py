"""Webhooks: raw bytes and headers go to the receive flow, the channel's own bytes come back."""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from bot.flows.house import House
from bot.flows.receive import receive
from channels.contract import Forged, Malformed, RawRequest

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()
LARGEST = 1_000_000
"""Bytes of a callback; providers' are a few thousand."""
DOORS = {"telegram": "telegram", "wechat": "wechat", "twilio": "sms", "wecom": "wecom"}


class TooLarge(Exception):
    """A body beyond what any provider sends."""


async def _body(request: Request) -> bytes:
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > LARGEST:
            raise TooLarge
    return bytes(held)


def _raw(house: House, request: Request, body: bytes) -> RawRequest:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return RawRequest(request.method, house.public_url + path, dict(request.query_params), headers, body)


@router.api_route("/hooks/{provider}", methods=["GET", "POST"])
@router.api_route("/hooks/{provider}/{what}", methods=["GET", "POST"])
async def hook(request: Request, provider: str, what: str = "") -> Response:
    """One callback of a provider. 401 forged, 400 unreadable, 413 too large, 503 so that the provider tries again."""
    house: House = request.app.state.house
    name = DOORS.get(provider, "")
    if name not in house.channels:
        return PlainTextResponse("no such door", 404)
    try:
        answer = await receive(house, name, _raw(house, request, await _body(request)))
    except TooLarge:
        return PlainTextResponse("too large", 413)
    except Forged:
        log.warning("a forged callback was refused", action="hook.forged", provider=provider)
        return PlainTextResponse("not proven", 401)
    except Malformed:
        log.warning("an unreadable callback was refused", action="hook.malformed", provider=provider)
        return PlainTextResponse("unreadable", 400)
    except (DBAPIError, InterfaceError, PoolTimeout, OSError):
        log.exception("a callback could not be kept; the provider will repeat it", action="hook.not_kept")
        return PlainTextResponse("try again", 503)
    return Response(answer.body, answer.status, media_type=answer.content_type)

"""The page's questions to the service, handed on by the sandbox so that the page has one origin.

The service is the registered listener; without one the sandbox answers with the people it knows itself.
"""

from typing import Any
from urllib.parse import urlsplit

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels.sandbox.pushes import NotLoopback, require_loopback
from channels.sandbox.world import Sandbox

WITHIN = aiohttp.ClientTimeout(total=15.0)
CHANNELS = ("wechat", "sms", "telegram")


async def owners(request: Request) -> Response:
    """``?search=`` words, or ``?at=channel:address`` (repeated): the accounts, as the service knows them."""
    return await _asked(request, "owners", {"owners": _strangers(request)})


async def person(request: Request) -> Response:
    """``?channel=&address=``: what the sandbox knows of one phone; null for one nobody has heard of."""
    channel, address = request.query_params.get("channel", ""), request.query_params.get("address", "")
    if channel not in CHANNELS:
        return JSONResponse({"error": f"channel is one of {', '.join(CHANNELS)}"}, 400)
    return JSONResponse({"person": _world(request).people.find(channel, address)})


async def timeline(request: Request) -> Response:
    return await _asked(request, "timeline", {"entries": [], "next": None})


async def staff(request: Request) -> Response:
    return await _asked(request, "staff", {"staff": [], "groups": []})


def _world(request: Request) -> Sandbox:
    world: Sandbox = request.app.state.sandbox
    return world


async def _asked(request: Request, what: str, alone: dict[str, Any]) -> Response:
    listener = _world(request).settings.get("listener")
    if not listener:
        return JSONResponse({**alone, "service": "none"})
    parts = urlsplit(require_loopback(listener["tick_url"]))
    url = f"{parts.scheme}://{parts.netloc}/sandbox/{what}"
    try:
        async with (
            aiohttp.ClientSession(timeout=WITHIN, headers={"X-Sandbox-Token": listener.get("token", "")}) as session,
            session.get(url, params=list(request.query_params.multi_items())) as answer,
        ):
            if answer.status != 200:
                return JSONResponse({**alone, "service": f"answered {answer.status}"})
            return JSONResponse({**await answer.json(), "service": "reached"})
    except (aiohttp.ClientError, TimeoutError):
        return JSONResponse({**alone, "service": "unreachable"})


def _strangers(request: Request) -> list[dict[str, Any]]:
    """Everybody with a phone, one account each, while no service says who they are."""
    query = request.query_params
    wanted, at = query.get("search", "").strip().lower(), query.getlist("at")
    return [
        _stranger(person)
        for person in _world(request).people.all()
        if person["channel"] in CHANNELS
        and (not at or f"{person['channel']}:{person['address']}" in at)
        and wanted in f"{person['name']} {person['address']}".lower()
    ][:60]


def _stranger(person: dict[str, Any]) -> dict[str, Any]:
    contact = {
        "channel": person["channel"], "address": person["address"], "name": person["name"], "proved": False,
        "opted_out": False, "dead": None,
    }  # fmt: skip
    return {
        "account": f"{person['channel']}:{person['address']}", "unit": "", "owner": person["name"], "segment": "",
        "community": "", "locale": "zh-Hans", "timezone": "Asia/Shanghai", "owed_fen": 0, "due_fen": 0,
        "contacts": [contact], "next": None,
    }  # fmt: skip


async def reset(request: Request) -> Response:
    """The first day again: the service sets its stage anew if it can, else only the providers forget."""
    listener = _world(request).settings.get("listener")
    if listener and await _reset_by_service(listener):
        return JSONResponse({"reset": "service"})
    request.app.state.stage.reset()
    return JSONResponse({"reset": "sandbox"})


async def _reset_by_service(listener: dict[str, Any]) -> bool:
    parts = urlsplit(require_loopback(listener["tick_url"]))
    headers = {"X-Sandbox-Token": listener.get("token", "")}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120.0), headers=headers) as session,
            session.post(f"{parts.scheme}://{parts.netloc}/sandbox/reset") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def frame(request: Request) -> Response:
    """Whether the page at ``?url=`` lets itself be shown inside a phone; other machines are never asked."""
    try:
        url = require_loopback(request.query_params.get("url", ""))
        async with aiohttp.ClientSession(timeout=WITHIN) as session, session.get(url) as answer:
            return JSONResponse({"frame": answer.status < 500 and _may_stand(answer.headers)})
    except (NotLoopback, ValueError, aiohttp.ClientError, TimeoutError):
        return JSONResponse({"frame": False})


def _may_stand(headers: Any) -> bool:
    policy = str(headers.get("Content-Security-Policy", ""))
    return "X-Frame-Options" not in headers and ("frame-ancestors" not in policy or "http://127.0.0.1:*" in policy)

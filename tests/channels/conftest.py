"""A provider that answers from a script and remembers what was asked; for the details of the wire."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    """``hang``: no answer; ``reset``: taken, then the connection is cut."""


class Provider:
    """Give it replies with ``will``; the last one of a path is repeated."""

    Reply = Reply

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._replies: dict[str, deque[Reply]] = {}
        self.url = ""

    def will(self, path_end: str, *replies: Reply) -> None:
        self._replies[path_end] = deque(replies)

    def asked_of(self, path_end: str) -> list[Asked]:
        return [a for a in self.asked if a.path.endswith(path_end)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.method, request.path, dict(request.query), dict(request.headers), body))
        reply = self._next(request.path)
        if reply.fault == "hang":
            await asyncio.sleep(3)
        if reply.fault == "reset" and request.transport:
            request.transport.abort()
        if isinstance(reply.body, str):
            return web.Response(text=reply.body, status=reply.status, headers=reply.headers)
        return web.json_response(reply.body, status=reply.status, headers=reply.headers)

    def _next(self, path: str) -> Reply:
        for path_end, replies in self._replies.items():
            if path.endswith(path_end):
                return replies.popleft() if len(replies) > 1 else replies[0]
        return Reply("no such place", 404)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    fake = Provider()
    app = web.Application(client_max_size=1 << 22)
    app.router.add_route("*", "/{path:.*}", fake.answer)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0)
    fake.url = str(server.make_url("")).rstrip("/")
    yield fake
    await server.close()

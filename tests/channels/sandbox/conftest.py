"""A sandbox on a real loopback socket, a frozen clock, and a service that records what it is told."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.sandbox.app import create_sandbox
from channels.sandbox.credentials import DEFAULT
from channels.sandbox.stage import Stage
from channels.sandbox.world import Sandbox

START = "2026-10-12T02:00:00+00:00"


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """Serves an app on a free loopback port; gives its base address."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    await server.shutdown(sockets=[listening])


class Town:
    """A running sandbox and the means to play it."""

    def __init__(self, base: str, app: Starlette, http: httpx.AsyncClient) -> None:
        self.base = base
        self.http = http
        self.app = app
        self.world: Sandbox = app.state.sandbox
        self.stage: Stage = app.state.stage
        self.credentials = DEFAULT

    async def control(self, name: str, expect: int = 200, /, **data: Any) -> dict[str, Any]:
        answer = await self.http.post(f"/control/{name}", json=data)
        assert answer.status_code == expect, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def look(self, name: str, **query: Any) -> dict[str, Any]:
        answer = await self.http.get(f"/control/{name}", params=query)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def inbox(self, channel: str, address: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.look("inbox", channel=channel, address=address))["messages"]
        return found

    def ledger(self) -> list[dict[str, Any]]:
        return list(self.world.ledger.lines())


@asynccontextmanager
async def town_in(folder: Path, **settings: Any) -> AsyncIterator[Town]:
    app = create_sandbox(folder, durable=False, **settings)
    app.state.sandbox.clock.freeze()
    async with served(app) as base, httpx.AsyncClient(base_url=base, timeout=30, verify=False) as http:
        yield Town(base, app, http)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_in(tmp_path / "sandbox") as town:
        town.world.clock.set(START)
        yield town


@pytest.fixture
def open_town() -> Callable[..., AbstractAsyncContextManager[Town]]:
    """Opens a town in a folder, also a second time."""
    return town_in


class Service:
    """Stands for our own service: keeps every request, answers what a test tells it to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Request, bytes]] = []
        self.status = 200
        self.answers: dict[str, Callable[[Request, bytes], Awaitable[Response] | Response]] = {}
        self.base = ""

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        name = request.path_params["name"]
        self.heard.append((name, request, body))
        answer = self.answers.get(name)
        if answer is None:
            return JSONResponse({}, self.status)
        reply = answer(request, body)
        return reply if isinstance(reply, Response) else await reply

    def bodies(self, name: str) -> list[bytes]:
        return [body for heard, _, body in self.heard if heard == name]


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = Starlette(routes=[Route("/{name:path}", service.hear, methods=["GET", "POST"])])
    async with served(app) as base:
        service.base = base
        yield service

"""The sandbox: every provider's fake on one loopback port. Run it with uvicorn on 127.0.0.1 and nowhere else."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from channels.sandbox.control import Control
from channels.sandbox.credentials import DEFAULT, Credentials
from channels.sandbox.limits import Limits
from channels.sandbox.stage import Stage
from channels.sandbox.stream import Stream
from channels.sandbox.world import Sandbox, refuse_production

HEARTBEAT = 15.0


class SandboxApp(Starlette):
    """Starlette that hands its fakes the server's own ``send``, by which a fault can close the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sandbox.send"] = send
        await super().__call__(scope, receive, send)


def create_sandbox(
    folder: Path,
    *,
    seed: int = 1,
    environment: str = "sandbox",
    credentials: Credentials = DEFAULT,
    limits: Limits | None = None,
    durable: bool = True,
    pages: Sequence[BaseRoute] | None = None,
) -> Starlette:
    """The ASGI app; ``app.state.sandbox`` is its world, ``app.state.stage`` the providers and people on it.

    Everything lives in ``folder``: clock.json, ledger.jsonl, payments.jsonl, memory.sqlite, files/. ``pages`` are the
    routes of a page at the root. ``durable`` waits for the disk at every accepted send. Raises RuntimeError in
    production.
    """
    refuse_production(environment)
    world = Sandbox(Path(folder), seed, credentials, limits or Limits(), durable)
    stage = Stage(world)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        world.timers.start()
        yield
        await world.close()

    parts = (stage.telegram, stage.twilio, stage.wechat, stage.wecom, Control(stage))
    routes: list[BaseRoute] = [route for part in parts for route in part.routes()]
    app = SandboxApp(routes=[*routes, Route("/events", events_of(world.stream)), *(pages or [])], lifespan=lifespan)
    app.state.sandbox = world
    app.state.stage = stage
    return app


def events_of(stream: Stream) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of the live stream as server-sent events."""

    async def endpoint(request: Request) -> Response:
        last = request.headers.get("last-event-id") or request.query_params.get("after")
        after = int(last) if last and last.isdigit() else None
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(stream, after), media_type="text/event-stream", headers=headers)

    return endpoint


async def _events(stream: Stream, after: int | None) -> AsyncIterator[str]:
    yield ": welcome\n\n"
    happenings = stream.listen(after).__aiter__()
    waiting = asyncio.ensure_future(anext(happenings, None))
    try:
        while True:
            done, _ = await asyncio.wait({waiting}, timeout=HEARTBEAT)
            if not done:
                yield ": still here\n\n"
                continue
            happening = waiting.result()
            if happening is None:
                return
            data = json.dumps(happening, ensure_ascii=False)
            yield f"id: {happening['id']}\nevent: {happening['event']}\ndata: {data}\n\n"
            waiting = asyncio.ensure_future(anext(happenings, None))
    finally:
        waiting.cancel()

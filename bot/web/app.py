"""The service's doors on one port: webhooks, the API, the owner's page, the console, health."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response

from bot.flows.house import House
from bot.web import api_ledger, console, hooks, metrics, owner, payments, staffcase, stage
from bot.web.door import Door

Turn = Callable[[House], Awaitable[datetime | None]]
Reset = Callable[[], Awaitable[None]]


def create_app(
    house: House, *, turn: Turn | None = None, turn_token: str = "", reset: Reset | None = None,
    lifespan: Callable[[FastAPI], AsyncIterator[None]] | None = None,
) -> FastAPI:  # fmt: skip
    """The ASGI app of one house. ``turn`` is the sandbox's hand on the clock, ``reset`` begins its story anew."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        if lifespan is None:
            yield
            return
        async for _ in lifespan(app):
            yield

    app = FastAPI(title="Yinuo", version="0.1", docs_url="/api/docs", openapi_url="/api/openapi.json", lifespan=living)
    app.state.house = house
    app.include_router(payments.router)
    app.include_router(api_ledger.router)
    app.include_router(owner.router)
    app.include_router(metrics.router)
    app.include_router(staffcase.router)
    console.mount(app)
    _health(app)
    if turn is not None and house.sandbox:
        app.state.turn_token = turn_token
        app.include_router(stage.router)
        _clock_hand(app, house, turn, reset, turn_token)
    app.add_middleware(Door)
    app.add_middleware(hooks.Hooks)
    return app


def _health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")


def _clock_hand(app: FastAPI, house: House, turn: Turn, reset: Reset | None, token: str) -> None:
    def proven(request: Request) -> bool:
        return hmac.compare_digest(request.headers.get("x-sandbox-token", "").encode(), token.encode())

    @app.post("/sandbox/turn", include_in_schema=False)
    async def turned(request: Request) -> Response:
        if not proven(request):
            return JSONResponse({"error": "the sandbox's token is wrong"}, 403)
        following = await turn(house)
        return JSONResponse({"next": following.isoformat() if following else None})

    @app.post("/sandbox/reset", include_in_schema=False)
    async def begun_anew(request: Request) -> Response:
        if reset is None or not proven(request):
            return JSONResponse({"error": "this story cannot be begun anew from here"}, 403)
        await reset()
        return JSONResponse({"reset": True})

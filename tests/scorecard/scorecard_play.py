"""A world in one process, for the lines about clock, calendar and ladder: the same sandbox, ledger, doors and book.

Only the clock is turned, by the sandbox, which drives the service from one instant that is due to the next.
"""

import socket
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from pydantic import SecretStr
from scorecard_world import Verdict, World
from stories_kit import served

from bot.assembly import opened
from bot.flows.clients import add_client
from bot.flows.house import House
from bot.flows.welcome import welcome
from bot.runner import turn
from bot.settings import Settings
from bot.web.app import create_app
from channels.sandbox.app import create_sandbox

TOKEN = "scorecard-token-of-the-bank"


class Play(World):
    """A world whose clock is in our hand: ``async with Play(…) as play: … await play.to(instant)``."""

    async def __aenter__(self) -> "Play":
        self._stack = AsyncExitStack()
        enter = self._stack.enter_async_context
        doors = [socket.socket() for _ in range(2)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
        sandbox, service = (f"http://127.0.0.1:{door.getsockname()[1]}" for door in doors)
        self.settings = Settings(
            environment="sandbox", database_url=self.database_url, var=self.folder, keys=SecretStr(self.keys),
            public_url=service, sandbox_url=sandbox,
        )  # fmt: skip
        app = create_sandbox(self.settings.sandbox_folder, durable=False)
        app.state.sandbox.clock.freeze()
        app.state.sandbox.clock.set(self.start)
        self.outside = app.state.sandbox
        await enter(served(app, doors[0]))
        self.own = await enter(opened(self.settings, speaking=True))
        self.own.budgets = {}
        self.store = self.own.store
        await enter(served(create_app(self.own, turn=turn, turn_token=TOKEN), doors[1]))
        self.http = await enter(aiohttp.ClientSession())
        await self.control("limits", on=False)
        await self.control("templates", templates=self.templates)
        await welcome(self.own, self.settings)
        await self.control("webhooks", twilio_inbound=f"{service}/hooks/twilio/inbound",
                           wechat=f"{service}/hooks/wechat", wechat_mode="aes")  # fmt: skip
        await self.listens()
        return self

    async def __aexit__(self, *_told: Any) -> None:
        await self._stack.aclose()

    @property
    def base(self) -> str:
        return f"{self.settings.sandbox_base}/control"

    def house(self, now: datetime | None = None, channels: tuple[str, ...] = ()) -> House:
        return self.own

    async def listens(self, on: bool = True) -> None:
        """Whether the clock drives the service; off: it is down."""
        public = self.settings.public
        told = {"tick_url": f"{public}/sandbox/turn", "token": TOKEN, "pay_url": f"{public}/api/v1/payments"}
        await self.control("listener", **(told if on else {}))

    async def fresh_book(self, community_id: int = 1) -> None:
        """A bank that tells of every payment as it comes: the book counts as of today."""
        await add_client(self.store, "sandbox-bank", community_id, self.now, token=TOKEN, live=True)

    @property
    def now(self) -> datetime:
        now: datetime = self.outside.clock.now()
        return now

    async def to(self, instant: datetime) -> None:
        """Turns the clock; the service does whatever falls due on the way."""
        await self.control("clock", to=instant.isoformat())

    async def forward(self, **delta: float) -> None:
        await self.to(self.now + timedelta(**delta))

    async def jump(self, **delta: float) -> None:
        """The clock jumps: nothing happens on the way."""
        await self.control("clock", set=(self.now + timedelta(**delta)).isoformat())
        await self.control("clock", forward=0)


__all__ = ["TOKEN", "Play", "Verdict"]

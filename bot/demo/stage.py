"""The stage: database, sandbox and service of a sample community, in one process on loopback."""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from sqlalchemy import select, update

from bot.assembly import open_store, opened
from bot.clock import WallClock
from bot.demo.crew import hire
from bot.demo.people import move_people_in
from bot.flows.admins import create_admin
from bot.flows.brakes import release
from bot.flows.clients import add_client
from bot.flows.house import House
from bot.flows.importing.run import import_files
from bot.flows.sample.workbook import write_sample
from bot.flows.welcome import welcome
from bot.flows.words import approve_all
from bot.runner import turn
from bot.serving import serving
from bot.settings import Settings
from bot.web.app import create_app
from channels.sandbox.app import create_sandbox
from store.core import community
from store.engine import sqlite_path
from store.ledger import communities
from store.tables import metadata

ZONE = ZoneInfo("Asia/Shanghai")
NAME = "锦绣花园"
ADMIN, PASSWORD = "demo", "demo-only-1"
"""The demo's own sign-in; its database is thrown away with the next demo."""


class Occupied(Exception):
    """The database holds somebody's own data; the demo leaves it alone."""


@dataclass
class Stage:
    """Everything a demo plays with."""

    house: House
    settings: Settings
    http: aiohttp.ClientSession
    base: str
    token: str
    workbook: Path
    seed: int
    started: datetime
    group: str = ""
    """The staff group's chat."""

    async def control(self, path: str, **told: Any) -> Any:
        """A wish to the sandbox. Raises RuntimeError with its sentence when it refuses."""
        async with self.http.post(f"{self.base}/control/{path}", json=told) as reply:
            data = await reply.json()
            if reply.status >= 400:
                raise RuntimeError(f"sandbox {path}: {data.get('error', data)}")
            return data

    async def ask(self, path: str) -> Any:
        async with self.http.get(f"{self.base}/control/{path}") as reply:
            return await reply.json()

    @property
    def ledger(self) -> Path:
        return self.settings.sandbox_folder / "ledger.jsonl"

    @property
    def payments(self) -> Path:
        return self.settings.sandbox_folder / "payments.jsonl"


@contextlib.asynccontextmanager
async def staged(settings: Settings, seed: int, *, any_port: bool = False) -> AsyncIterator[Stage]:
    """Sets the stage on day 0 at 08:00 local and clears it away. Raises Occupied over somebody's own data."""
    await _sweep(settings)
    opening = datetime.combine(WallClock().now().astimezone(ZONE).date(), time(8, 0), ZONE).astimezone(UTC)
    app = create_sandbox(settings.sandbox_folder, seed=seed, pages=_pages(), durable=False)
    app.state.sandbox.clock.set(opening)
    app.state.sandbox.clock.freeze()
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(app, "127.0.0.1", 0 if any_port else settings.port + 1))
        settings = settings.model_copy(update={"sandbox_url": f"http://127.0.0.1:{port}"})
        house = await stack.enter_async_context(opened(settings, speaking=True))
        token = secrets.token_urlsafe(24)
        held: list[Stage] = []

        async def reset() -> None:
            await begin_anew(held[0])

        service = create_app(house, turn=turn, turn_token=token, reset=reset)
        door = await stack.enter_async_context(serving(service, settings.host, 0 if any_port else settings.port))
        _told_where(house, settings, door)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        stage = Stage(house, settings, http, settings.sandbox_base, token, Path(), seed, opening)
        held.append(stage)
        if any_port:
            await _hurry(stage)
        await _furnish(stage, door)
        yield stage


async def begin_anew(stage: Stage) -> None:
    """Day 0 once more: an empty database, empty phones, the same sample."""
    await stage.control("reset")
    await stage.control("clock", set=stage.started.isoformat())
    async with stage.house.store.write() as conn:
        for table in reversed(metadata.sorted_tables):
            await conn.execute(table.delete())
    for name in [key for key in stage.house.memory if key.startswith("book:")]:
        del stage.house.memory[name]
    await _furnish(stage, int(stage.house.public_url.rsplit(":", 1)[1]))


async def _hurry(stage: Stage) -> None:
    """Sixty days in a minute: the providers' limits per real second would only make us wait."""
    stage.house.budgets = {}
    await stage.control("limits", on=False)


def _pages() -> list[Any] | None:
    from channels.sandbox.page import page_routes

    return page_routes()


def _told_where(house: House, settings: Settings, door: int) -> None:
    """The channels were built before the port was known; the public address follows it."""
    public = f"http://127.0.0.1:{door}"
    if house.public_url == public:
        return
    from bot.assembly import sandbox_channels

    house.public_url = public
    moved = settings.model_copy(update={"public_url": public})
    house.channels.update(sandbox_channels(moved, house.store, house.secret))


async def _sweep(settings: Settings) -> None:
    """An empty database and an empty sandbox; only what an earlier demo left is thrown away."""
    store = await open_store(settings)
    try:
        async with store.read() as conn:
            for row in await communities(conn):
                if not json.loads(row.profile).get("demo"):
                    raise Occupied(
                        f"the database holds {row.name}, which is no demo; give the demo one of its own: "
                        "DATABASE_URL=sqlite:///var/demo.db yinuo demo"
                    )
        path = sqlite_path(settings.database_url) if store.dialect == "sqlite" else None
        if path is None:
            async with store.write() as conn:
                for table in reversed(metadata.sorted_tables):
                    await conn.execute(table.delete())
    finally:
        await store.close()
    if path is not None:
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
    shutil.rmtree(settings.sandbox_folder, ignore_errors=True)
    os.makedirs(settings.sandbox_folder, exist_ok=True)


def put_away(settings: Settings) -> str:
    """After a demo that was played by hand: its book is set aside and its clock stopped, so that one's own begins anew.

    Answers what to tell about it.
    """
    (settings.sandbox_folder / "clock.json").unlink(missing_ok=True)
    book = sqlite_path(settings.database_url) if settings.database_url.startswith("sqlite") else None
    if book is None:
        return "the demo is over; its book stays in the database until the next demo"
    aside = book.with_name("demo.db")
    for ending in ("", "-wal", "-shm"):
        here, there = Path(f"{book}{ending}"), Path(f"{aside}{ending}")
        there.unlink(missing_ok=True)
        if here.exists():
            here.rename(there)
    return f"the demo is over; its book lies in {aside}, your own begins empty: yinuo import WORKBOOK --community NAME"


async def _furnish(stage: Stage, door: int) -> None:
    """Words approved, workbook imported, people moved in, the first list released, the clock in the sandbox's hand."""
    house, now = stage.house, stage.started
    await welcome(house, stage.settings)
    await _approve(stage)
    folder = stage.settings.var / "demo"
    stage.workbook = write_sample(folder, seed=stage.seed, today=now.astimezone(ZONE).date())[0]
    await import_files(house.store, [stage.workbook], community=NAME, now=now, as_of=now.astimezone(ZONE).date(),
                       who="demo")  # fmt: skip
    async with house.store.write() as conn:
        town = (await communities(conn))[0]
        profile = json.loads(town.profile) | {"demo": True}
        await conn.execute(update(community).where(community.c.id == town.id).values(profile=json.dumps(profile)))
        await release(conn, town, "demo", now)
    await add_client(house.store, "sandbox-bank", town.id, now, token=stage.token, live=True)
    public = f"http://127.0.0.1:{door}"
    await stage.control("webhooks", twilio_inbound=f"{public}/hooks/twilio/inbound", wechat=f"{public}/hooks/wechat",
                        wechat_mode="aes")  # fmt: skip
    await stage.control("listener", tick_url=f"{public}/sandbox/turn", token=stage.token,
                        pay_url=f"{public}/api/v1/payments")  # fmt: skip
    await move_people_in(stage)
    stage.group = await hire(stage, town.id)
    await create_admin(house.store, ADMIN, PASSWORD, now, by="demo")


async def _approve(stage: Stage) -> None:
    """What a provider must approve is approved: WeChat templates under their own names, +86 texts."""
    templates = await approve_all(stage.house)
    await stage.control("templates", templates=[{"id": n, "keys": keys, "title": n} for n, keys in templates.items()])


async def open_amounts(house: House) -> dict[int, int]:
    """Open principal per account, in fen."""
    from store.core import charge

    async with house.store.read() as conn:
        rows = (await conn.execute(select(charge.c.account_id, charge.c.open_fen).where(charge.c.open_fen > 0))).all()
    found: dict[int, int] = {}
    for row in rows:
        found[row.account_id] = found.get(row.account_id, 0) + row.open_fen
    return found

"""One walk through every page on PostgreSQL, at its own door."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from bot.clock import SetClock
from bot.flows.admins import create_admin
from bot.flows.house import House
from bot.flows.words import bring_in, read_files
from bot.settings import Settings
from bot.web.app import create_app
from store import core
from store.engine import Store
from store.ledger import insert_row

FILES = read_files(Settings().scripts)


@pytest.fixture
def store_url(postgres: str, postgres_template: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    head, _, tail = postgres.partition("?")
    yield head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")
    asyncio.run(run_sql(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


async def run_sql(server: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(server.replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_page_stands_on_postgresql(store: Store, now: datetime) -> None:
    await bring_in(store, FILES, now)
    await create_admin(store, "lin", "a-good-password", now)
    async with store.write() as conn:
        await insert_row(
            conn, core.community,
            {"name": "t", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland", "service_phone": "",
             "office_hours": "", "contact_person": "", "pay_ways": "", "profile": "{}", "policy": "{}",
             "heading_map": "{}", "released_by": "", "created_at": now},
        )  # fmt: skip
    app = create_app(House(store, SetClock(now), {}, FILES["ladder.yaml"], sandbox=True, secret="s"))
    transport: Any = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://pg.test", follow_redirects=True) as client:
        await client.post("/console/sign-in", data={"name": "lin", "password": "a-good-password"})
        for page in ("", "/owners?q=1-", "/owners?q=王", "/owners?q=13800000000&owing=1", "/messages?state=failed",
                     "/cases", "/words", "/words/edit/reminders/warm_4/en.md", "/ladder", "/figures?by=person",
                     "/people", "/import", "/settings", "/me", "/first-list"):  # fmt: skip
            answer = await client.get(f"/console{page}")
            assert answer.status_code == 200, (page, answer.text[:500])

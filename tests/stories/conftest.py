"""Stories: the product told as conversations. ``channel`` and ``database`` may be chosen by a story's own mark."""

import asyncio
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stories_furniture import furnish
from stories_kit import Setting, Town

from bot.bench.ground import named, run_sql

CHANNELS = ("wechat", "sms", "telegram")
Opener = Callable[..., Town]


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    """On which phone the story is told; each is told on all three unless its mark says otherwise."""
    return str(request.param)


@pytest.fixture
def database() -> str:
    """SQLite, unless a story asks for PostgreSQL."""
    return "sqlite"


@pytest.fixture(scope="session")
def furnished_sqlite(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, vault: Any
) -> tuple[Path, list[dict[str, Any]]]:
    """A migrated database with the shipped words published and approved, and the templates to tell the providers."""
    path = tmp_path_factory.mktemp("stories") / "words.db"
    shutil.copy(sqlite_template, path)
    return path, asyncio.run(furnish(f"sqlite:///{path}", vault))


@pytest.fixture(scope="session")
def furnished_postgres(request: pytest.FixtureRequest, vault: Any) -> tuple[str, list[dict[str, Any]]]:
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    name = f"words_{uuid.uuid4().hex[:8]}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    return name, asyncio.run(furnish(named(server, name), vault))


@pytest.fixture
def open_town(
    request: pytest.FixtureRequest, channel: str, database: str, keys: str, tmp_path: Path
) -> Iterator[Opener]:
    """Opens towns, each in a folder and a database of its own: ``with open_town(released=False) as town``."""
    dropped: list[str] = []

    def open_one(**told: Any) -> Town:
        folder = tmp_path / f"town{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        url, templates = _database(request, database, folder, dropped)
        return Town(Setting(url, folder, keys, templates, told.pop("channel", channel), **told))

    yield open_one
    for name in dropped:
        asyncio.run(run_sql(request.getfixturevalue("postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


def _database(
    request: pytest.FixtureRequest, kind: str, folder: Path, dropped: list[str]
) -> tuple[str, list[dict[str, Any]]]:
    if kind == "sqlite":
        path, templates = request.getfixturevalue("furnished_sqlite")
        shutil.copy(path, folder / "yinuo.db")
        return f"sqlite:///{folder / 'yinuo.db'}", templates
    server = request.getfixturevalue("postgres")
    template, templates = request.getfixturevalue("furnished_postgres")
    name = f"s_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    dropped.append(name)
    return named(server, name), templates


@pytest.fixture
def town(request: pytest.FixtureRequest, open_town: Opener) -> Iterator[Town]:
    """A released town on Wednesday 25 November 2026, eight in the morning."""
    with open_town() as opened:
        yield opened
        opened.failed = request.node.stash.get(FAILED, False)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """A story that failed in its middle is not judged at its end as well."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report

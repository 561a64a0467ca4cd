"""The scorecard: every line of the reliability page as a test, judged by the sandbox's ledger.

Quick form: part of the suite. Full form: ``SCORECARD=full`` (``make scorecard``). A line prints its figure with the
fixture ``figure``; the table stands at the end of a run that is given this folder.
"""

import asyncio
import json
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "stories")]

from scorecard_play import Play  # noqa: E402
from scorecard_world import Nursery, World  # noqa: E402
from stories_furniture import furnish  # noqa: E402

from bot.bench.ground import named, run_sql  # noqa: E402

FULL = os.environ.get("SCORECARD") == "full"
SEED = int(os.environ.get("SCORECARD_SEED", "20261125"))
WorldOpener = Callable[..., World]
Figure = Callable[[int, str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The lines of one kind share a process when tests run side by side: they wait more than they work."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.scorecard_line)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "scorecard_line: one line of the reliability page")


@pytest.fixture
def full() -> bool:
    """Whether this is the long form."""
    return FULL


@pytest.fixture
def seed() -> int:
    """The seed of every random choice; SCORECARD_SEED chooses another."""
    return SEED


@pytest.fixture
def figure(record_property: Callable[[str, object], None], request: pytest.FixtureRequest) -> Figure:
    """``figure(line, words)``: the figure of a line, printed and kept for the table."""

    def say(line: int, words: str) -> None:
        database = request.node.callspec.params.get("kind", "") if hasattr(request.node, "callspec") else ""
        print(f"scorecard line {line} {database}: {words} (seed {SEED})")
        told = {"line": line, "figure": words, "database": database, "seed": SEED}
        record_property("scorecard", json.dumps(told, ensure_ascii=False))

    return say


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a line runs on; most run on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where the processes are born."""
    one = Nursery(tmp_path_factory.mktemp("nursery"))
    yield one
    one.close()


@pytest.fixture(scope="session")
def worded_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, vault: Any) -> tuple[Path, Any]:
    """A database with the shipped words published and approved."""
    path = tmp_path_factory.mktemp("scorecard") / "words.db"
    shutil.copy(sqlite_template, path)
    return path, asyncio.run(furnish(f"sqlite:///{path}", vault))


@pytest.fixture(scope="session")
def worded_postgres(request: pytest.FixtureRequest, vault: Any) -> tuple[str, Any]:
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    name = f"words_{uuid.uuid4().hex[:8]}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    return name, asyncio.run(furnish(named(server, name), vault))


@pytest.fixture
def base(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """A fresh worded database: its address, and the templates the providers know."""
    if kind == "sqlite":
        path, templates = request.getfixturevalue("worded_sqlite")
        shutil.copy(path, tmp_path / "yinuo.db")
        yield f"sqlite:///{tmp_path / 'yinuo.db'}", templates
        return
    server = request.getfixturevalue("postgres")
    template, templates = request.getfixturevalue("worded_postgres")
    name = f"sc_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield named(server, name), templates
    asyncio.run(run_sql(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def world(base: tuple[str, Any], keys: str, tmp_path: Path, nursery: Nursery) -> World:
    """The world of a line, not yet opened: ``async with world: …``."""
    url, templates = base
    return World(tmp_path, url, keys, templates, nursery)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table: line, figure, pass or fail."""
    rows = []
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, words in getattr(report, "user_properties", ()):
                if name == "scorecard" and report.when == "call":
                    told = json.loads(words)
                    rows.append((told["line"], told["database"], outcome, told["figure"]))
    if not rows:
        return
    terminalreporter.section("scorecard")
    for line, database, outcome, words in sorted(rows):
        terminalreporter.write_line(f"{line:>3}  {database:<11} {outcome:<7} {words}")


@pytest.fixture
def play(base: tuple[str, Any], keys: str, tmp_path: Path, nursery: Nursery) -> Play:
    """A world in this process, its clock in our hand, not yet opened."""
    url, templates = base
    return Play(tmp_path, url, keys, templates, nursery)

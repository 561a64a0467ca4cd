"""An upgrade while an old worker still sends: the database gets a newer shape, and nothing is lost or said twice."""

from scorecard_estate import fill
from scorecard_world import World

from store.engine import Store

COUNT = 120
NEWER = (
    "ALTER TABLE message ADD COLUMN of_a_newer_version VARCHAR(20) NOT NULL DEFAULT ''",
    "ALTER TABLE attempt ADD COLUMN of_a_newer_version INTEGER",
    "ALTER TABLE account ADD COLUMN of_a_newer_version INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE of_a_newer_version (id INTEGER PRIMARY KEY)",
    "CREATE INDEX of_a_newer_version_index ON message (state, person_id)",
    "UPDATE alembic_version SET version_num = '9999'",
)
"""What docs/deploy.md allows a migration: it only adds."""


async def test_an_old_worker_goes_on_through_the_upgrade_and_is_not_started_again(world: World) -> None:
    world.environment["YINUO_CONCURRENCY"] = "4"
    async with world:
        await world.meet(await fill(world.store, COUNT))
        await world.plan()
        await world.control("faults", point="slow", seconds=0.3, probability=1.0)
        old = world.begin("work")
        await world.until(lambda: sent(world, COUNT // 6), 30)
        await upgrade(world.store)
        at_upgrade = world.written()
        await world.until(world.idle, 60)
        told = await world.verdict()
        assert old.code() is None
        late = world.begin("work")
        assert await late.ends(60) == 1
        words = late.log.read_text()
    assert at_upgrade < COUNT
    assert (told.accepted, told.lost, told.doubled, told.unexplained) == (COUNT, 0, 0, [])
    assert told.listed  # a busy machine may give a call up: then it is uncertain, and known to be
    assert "start the newer version" in words


async def sent(world: World, most: int) -> bool:
    return world.written() >= most


async def upgrade(store: Store) -> None:
    async with store.engine.begin() as conn:
        for statement in NEWER:
            await conn.exec_driver_sql(statement)

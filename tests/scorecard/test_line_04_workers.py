"""Line 4: two, then five workers on PostgreSQL, and somebody who kills one of them at random."""

import asyncio
import os
import random
import signal

import pytest
from scorecard_estate import fill
from scorecard_world import PATIENCE, Child, World
from sqlalchemy import func, select

from store import core

MINUTES_10 = "600" if os.environ.get("SCORECARD") == "full" else "0"
SECONDS = float(os.environ.get("SCORECARD_KILLER_SECONDS", MINUTES_10))
"""How long the killer is about at least, and until everything is sent."""


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_line_04_workers_and_a_random_killer(world: World, full: bool, seed: int, figure: object) -> None:
    count = 10_000 if full else 400
    dice = random.Random(seed)
    world.environment["YINUO_CONCURRENCY"] = "16" if full else "4"
    async with world:
        await world.meet(await fill(world.store, count))
        await world.plan()
        await world.control("faults", point="slow", seconds=0.3, probability=1.0)
        kills, workers = 0, [world.begin("work") for _ in range(2)]
        begun = asyncio.get_running_loop().time()
        slowest = 0.0
        while not await world.idle() or asyncio.get_running_loop().time() - begun < SECONDS:
            await progress(world, dice.randint(20, 60) * (10 if full else 1))
            if not kills % 3 and len(workers) < 5:
                workers.append(world.begin("work"))
            await kill_one(world, workers, dice)
            kills += 1
            slowest = max(slowest, await overdue(world))
            assert asyncio.get_running_loop().time() - begun < (7200 if full else 90 * PATIENCE)
        await world.until(world.idle, 60)
        told = await world.verdict()
    figure(4, f"{count} messages, 2 to 5 workers, {kills} kills: {told.words()}; "
              f"takeover at the latest {slowest:.1f} s after the lease")  # fmt: skip
    assert (told.lost, told.doubled, told.unexplained, told.rings) == (0, 0, [], 0)
    assert told.listed
    assert slowest < world.lease


async def progress(world: World, words: int) -> None:
    """Waits until so many more are accepted, or everything is."""
    before = world.written()

    if await world.idle():
        await asyncio.sleep(1)

    async def further() -> bool:
        return world.written() >= before + words or await world.idle()

    await world.until(further, 60, 0.1)


async def kill_one(world: World, workers: list[Child], dice: random.Random) -> None:
    victim = dice.choice(workers)
    victim.send(signal.SIGKILL)
    workers.remove(victim)
    workers.append(world.begin("work"))


async def overdue(world: World) -> float:
    """How many seconds ago the oldest lapsed lease ended that nobody has taken over."""
    from bot.clock import real_now

    query = select(func.min(core.message.c.lease_until)).where(core.message.c.state == "sending")
    oldest = (await world.rows(query))[0][0]
    return 0.0 if oldest is None else max(0.0, (real_now() - oldest).total_seconds())

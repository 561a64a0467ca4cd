"""Line 5: a worker stopped (SIGSTOP) past its lease, then resumed: its stale writes are refused by the fence.

On SQLite a process that is stopped while one of its threads writes keeps the file's one lock: nobody can take over
until it wakes. That is counted, and shown; on PostgreSQL the takeover must succeed.
"""

import asyncio
import random
import signal
from typing import Any

from scorecard_estate import fill
from scorecard_world import Child, World
from sqlalchemy import select

from store import core

STOPS = ("after_claim", "after_commit", "in_call", "after_answer")
"""Points at which no transaction is open: what a stopped process holds locked nobody can take from it."""
SECOND_LOOK = 12.0
"""Longer than a call may take, as in the product: a text that is not in Twilio's list by then was never sent."""


async def test_line_05_a_worker_stopped_past_its_lease(world: World, full: bool, seed: int, figure: object) -> None:
    count, rounds = (10_000, 4) if full else (400, 1)
    dice = random.Random(seed)
    world.environment["YINUO_CONCURRENCY"] = "8"
    stops = stale = 0
    async with world:
        await world.meet(await fill(world.store, count))
        await world.plan()
        if not full:  # so that something is left to stop over
            await world.control("faults", point="slow", seconds=1.0)
        for _round in range(rounds):
            for point in STOPS:
                sleeper = world.begin("work", kill=(point, dice.randint(1, 6), "SIGSTOP"))
                if await asleep(world, sleeper):
                    stops += 1
                    stale += await overtaken(world, sleeper)
                sleeper.send(signal.SIGKILL)
        await world.control("faults", point="slow", seconds=0, times=0)
        world.begin("work", second_look=SECOND_LOOK)
        await world.until(world.idle, 300, 0.2)
        await world.until(lambda: only_telegram(world), 60, 0.3)
        told = await world.verdict()
    figure(5, f"{count} messages, {stops} stops, {stale} messages taken over meanwhile: {told.words()}")
    assert stops >= 2
    assert stale > 0 or world.store.dialect == "sqlite"
    assert (told.lost, told.doubled, told.unexplained) == (0, 0, [])
    assert told.listed


async def asleep(world: World, child: Child) -> bool:
    """Waits until the process stands still; False when it found nothing more to do."""

    def state() -> str:
        with open(f"/proc/{child.pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]

    async def over() -> bool:
        return state() == "T" or await world.idle()

    await world.until(over, 60, 0.02)
    return state() == "T"


async def overtaken(world: World, sleeper: Child) -> int:
    """Another worker takes over what the sleeper held; then the sleeper wakes. Answers how many were taken over."""
    held = await world.rows(select(core.message.c.id, core.message.c.fence).where(core.message.c.state == "sending"))
    other = world.begin("work", second_look=SECOND_LOOK)

    async def taken() -> bool:
        rows = await messages(world, [row.id for row in held])
        fences = {row.id: row.fence for row in held}
        return not [row for row in rows if row.state == "sending" and row.fence == fences[row.id]]

    try:
        await world.until(taken, 30 if world.store.dialect == "postgresql" else world.lease, 0.1)
    except AssertionError:
        assert world.store.dialect == "sqlite"
        held = []
    before = {row.id: (row.state, row.fence) for row in await messages(world, [row.id for row in held])}
    sleeper.send(signal.SIGCONT)
    await asyncio.sleep(0.7)
    after = {row.id: (row.state, row.fence) for row in await messages(world, [row.id for row in held])}
    again = [i for i, (state, fence) in before.items() if state == "accepted" and after[i] not in (
        ("accepted", fence), ("delivered", fence))]  # fmt: skip
    assert not again, f"a stale write moved messages {again}"
    other.send(signal.SIGKILL)
    return len(held)


async def messages(world: World, ids: list[int]) -> list[Any]:
    return await world.rows(select(core.message).where(core.message.c.id.in_(ids)))


async def only_telegram(world: World) -> bool:
    rows = await world.rows(select(core.message.c.channel).where(core.message.c.state == "uncertain"))
    return {row.channel for row in rows} <= {"telegram"} and await world.idle()

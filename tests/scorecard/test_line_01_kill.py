"""Line 1: `kill -9` at each numbered point of a send, on three channels."""

import random
import signal

import pytest
from scorecard_estate import fill
from scorecard_world import World
from worker import POINTS

SLICE = 16
IN_FLIGHT = SLICE * 3
"""At a kill: one slice on each of the three channels."""


async def test_line_01_kill_at_each_point_of_a_send(world: World, full: bool, seed: int, figure: object) -> None:
    count, rounds = (10_000, 4) if full else (300, 1)
    dice = random.Random(seed)
    async with world:
        await world.meet(await fill(world.store, count))
        assert await world.plan() == count
        await world.serves()
        kills = 0
        for _round in range(rounds):
            for point in POINTS.values():
                kills += await killed_at(world, point, dice)
        world.begin("work")
        await world.until(world.idle, 600 if full else 40, 0.2)
        await settled(world)
        told = await world.verdict()
    words = f"{count} messages, {kills} kills at {len(POINTS)} points: {told.words()}"
    figure(1, words)
    assert (told.lost, told.doubled) == (0, 0)
    assert told.uncertain <= kills * IN_FLIGHT
    assert told.listed
    assert told.unexplained == []
    assert kills >= len(POINTS) * rounds * 0.6


async def killed_at(world: World, point: str, dice: random.Random) -> int:
    """Starts a worker with its trap and waits for its death; a trap that nothing springs is not counted."""
    worker = world.begin("work", kill=(point, dice.randint(1, 5)))

    async def over() -> bool:
        return worker.code() is not None or await world.idle()

    await world.until(over, 60, 0.02)
    if worker.code() is None:
        worker.send(signal.SIGKILL)
    return int(await worker.ends(10) == -signal.SIGKILL)


async def settled(world: World) -> None:
    """What can be asked at the provider is asked: only the channels that cannot tell stay uncertain."""
    from sqlalchemy import select

    from store import core

    async def asked() -> bool:
        query = select(core.message.c.channel).where(core.message.c.state == "uncertain")
        return {row.channel for row in await world.rows(query)} <= {"telegram"} and await world.idle()

    await world.until(asked, 60, 0.2)


@pytest.fixture(autouse=True)
def _room(world: World) -> None:
    world.environment["YINUO_CONCURRENCY"] = str(SLICE)

"""Line 2: accepted, then the answer is lost: reset, cut in half, 5xx, and (long form) a time-out."""

from scorecard_estate import fill
from scorecard_world import World
from sqlalchemy import select

from store import core

FAULTS = ("accept_then_lose", "cut_answer", "error_though_accepted")
MINUTES = (60, 60)
"""Virtual seconds in two steps; within them Twilio and WeChat templates must be known."""


async def test_line_02_accepted_then_the_answer_is_lost(world: World, full: bool, seed: int, figure: object) -> None:
    count = 10_000 if full else 240
    async with world:
        await world.meet(await fill(world.store, count))
        await world.plan()
        for number, point in enumerate(FAULTS):
            await world.control("faults", point=point, probability=0.25, seed=seed + number)
        if full:
            await world.control("faults", point="slow", seconds=11, times=30)
        world.begin("work")
        await world.until(world.idle, 900 if full else 60, 0.1)
        await world.control("faults", point="slow", seconds=0, times=0)
        struck = sum(fault["struck"] for fault in (await world.ask("faults"))["faults"])
        for seconds in MINUTES:
            await forward(world, seconds)
        left = {row.channel for row in await unsure(world)}
        told = await world.verdict()
    figure(
        2, f"{count} messages, {struck} answers lost: {told.words()}; still unsure after two minutes: {sorted(left)}"
    )
    assert struck > count / 4
    assert (told.accepted, told.lost, told.doubled, told.unexplained) == (count, 0, 0, [])
    assert left == {"telegram"}
    assert told.listed


async def unsure(world: World) -> list[object]:
    return await world.rows(select(core.message.c.channel).where(core.message.c.state == "uncertain"))


async def forward(world: World, seconds: float) -> None:
    """So many virtual seconds; then the ticks of real time get their turn."""
    await world.control("clock", forward=seconds)

    async def asked() -> bool:
        return {row.channel for row in await unsure(world)} <= {"telegram"}  # type: ignore[attr-defined]

    await world.until(asked, 60, 0.1)

"""Line 3: a storm of 429 (Twilio, Telegram) and 45009 (WeChat) for thirty virtual minutes over part of the estate."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from scorecard_estate import fill
from scorecard_world import World
from sqlalchemy import select

from store import core

STORM = 1800
"""Virtual seconds."""


async def test_line_03_a_storm_of_refusals_for_thirty_minutes(world: World, full: bool, figure: object) -> None:
    count, struck = (10_000, 200) if full else (210, 42)
    async with world:
        people = await fill(world.store, count)
        await world.meet(people)
        await world.plan()
        waits = {}
        for number, one in enumerate(people[:struck]):
            channel, to = one.first
            waits[one.first] = (1 + number * 299 // struck // 10) if full else 1 + number % 3
            await world.control("faults", point="storm", channel=channel, to=to, for_seconds=STORM,
                                retry_after=waits[one.first])  # fmt: skip
        world.begin("work")
        others = {one.first for one in people[struck:]}

        async def spared() -> bool:
            return others <= set(world.accepted())

        await world.until(spared, 600 if full else 60, 0.1)
        during = set(world.accepted()) & set(waits)
        await world.until(lambda: hit(world, set(waits), 3), 120, 0.2)
        await world.control("clock", forward=STORM + 1)
        await world.control("clock", forward=6 * 3600)
        await world.until(world.idle, 120, 0.2)
        calls = await all_calls(world)
        told = await world.verdict()
        tries = await world.rows(select(core.message.c.tries).where(core.message.c.state != "uncertain"))
    early = too_early(calls, waits)
    refused = sum(1 for call in calls if call["status"] == 429 or call["code"] == 45009)
    figure(3, f"{struck} of {count} in the storm, {refused} refusals: {told.words()}; {early} calls too early")
    assert not during
    assert refused >= struck * 2
    assert (told.lost, told.doubled, told.unexplained, told.rings) == (0, 0, [], 0)
    assert told.accepted + told.uncertain >= count, "a call given up on a busy machine is uncertain, and shown"
    assert early == 0
    assert {row.tries for row in tries} == {1}


async def all_calls(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.ask("calls"))["calls"]
    return found


async def hit(world: World, people: set[tuple[str, str]], times: int) -> bool:
    """Whether Twilio and Telegram refused each of these so often; WeChat says it once a day."""
    refused: dict[tuple[str, str], int] = defaultdict(int)
    for call in await all_calls(world):
        refused[call["channel"], call["to"]] += bool(call["code"] or call["status"] == 429)
    return all(refused[one] >= (1 if one[0] == "wechat" else times) for one in people)


def too_early(calls: list[dict[str, Any]], waits: dict[tuple[str, str], int]) -> int:
    """Calls to a recipient before the seconds the provider had asked for were over, in real time."""
    until: dict[tuple[str, str], datetime] = {}
    early = 0
    for call in calls:
        key = (call["channel"], call["to"])
        at = datetime.fromisoformat(call["real_at"])
        early += key in until and at < until[key]
        if call["status"] == 429 and key in waits:
            until[key] = at + timedelta(seconds=waits[key])
    return early

"""Line 15: fifty colleagues press Claim at once; a stale button; the losers are told who has it; all in the log."""

import asyncio
import random
from typing import Any

from scorecard_estate import START, fill
from scorecard_world import World
from sqlalchemy import func, select

from bot.flows import cases
from store import core

STAFF = 50


async def test_line_15_fifty_press_claim_at_once(world: World, full: bool, seed: int, figure: Any) -> None:
    rounds = 1_000 if full else 20
    dice = random.Random(seed)
    async with world:
        await fill(world.store, 1)
        house = world.house()
        people = await hired(world)
        winners = told_who = stale = 0
        for number in range(rounds):
            async with world.store.write() as conn:
                case, _new = await cases.open_case(conn, community_id=1, cause="person", now=START,
                                                   subject=f"sender:{number}")  # fmt: skip
            dice.shuffle(people)

            async def press(who: Any, case: int = case) -> cases.Moved:
                async with world.store.write() as conn:
                    return await cases.claim(house, conn, case, 0, who, START)

            told = await asyncio.gather(*(press(who) for who in people))
            won = [who for who, moved in zip(people, told, strict=True) if moved.ok]
            assert len(won) == 1
            winners += 1
            told_who += sum(moved.case.claimed_by == won[0].id for moved in told if not moved.ok)
            async with world.store.write() as conn:
                late = await cases.claim(house, conn, case, 0, people[0], START)
            stale += not late.ok and late.case.claimed_by == won[0].id
        events = await world.rows(select(func.count()).where(core.case_event.c.kind == "claimed"))
        journal = await world.rows(select(func.count()).where(core.journal_entry.c.kind == "case_event"))
    figure(15, f"{rounds} rounds of {STAFF}: {winners} owners, {told_who} told who, {stale} stale presses refused, "
               f"{events[0][0]} claims in the log")  # fmt: skip
    assert winners == stale == events[0][0] == rounds
    assert told_who == rounds * (STAFF - 1)
    assert journal[0][0] == 2 * rounds


async def hired(world: World) -> list[Any]:
    async with world.store.write() as conn:
        await conn.execute(core.staff.insert(), [
            {"name": f"同事{n}", "role": "assistant", "community_id": 1, "created_at": START, "password_hash": "",
             "locale": "zh-Hans", "hours": "{}"} for n in range(STAFF)
        ])  # fmt: skip
        return list((await conn.execute(select(core.staff))).all())

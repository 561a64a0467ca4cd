"""Line 14: a payment, a promise, a dispute or a claim lands while the message is queued, claimed or on the wire."""

import asyncio
import random
from datetime import UTC, date, datetime
from typing import Any

from scorecard_estate import START, Resident, fill
from scorecard_world import World
from sqlalchemy import select

from bot.flows.desk import pay_at_desk
from store import core

PAUSE = 0.02
"""Real seconds between two facts: as many land before their message, beside it and after it."""
KINDS = ("payment", "promise", "dispute", "claim")


async def test_line_14_facts_land_while_the_message_is_under_way(
    world: World, full: bool, seed: int, figure: Any
) -> None:
    count = 4_000 if full else 240
    dice = random.Random(seed)
    world.environment["YINUO_CONCURRENCY"] = "6"
    async with world:
        people = await fill(world.store, count)
        await world.meet(people)
        await world.plan()
        await world.control("faults", point="slow", seconds=0.5 if full else 0.6)
        world.begin("work")
        landed: dict[int, tuple[str, datetime]] = {}
        touched = sorted(dice.sample(people, count * 2 // 3), key=lambda one: one.account_id)
        await world.until(lambda: begun(world), 30, 0.02)
        for number, one in enumerate(touched):
            what = KINDS[number % len(KINDS)]
            landed[one.account_id] = (what, await land(world, one, what))
            await asyncio.sleep(PAUSE)
        await world.until(world.idle, 900 if full else 60, 0.1)
        attempts = await world.rows(
            select(core.attempt.c.our_id, core.attempt.c.text, core.attempt.c.crossed, core.message_item.c.account_id)
            .join(core.message_item, core.message_item.c.message_id == core.attempt.c.message_id)
        )  # fmt: skip
        states = await world.states()
        late = after(world.ledger(), people, landed)
    crossed = {row.account_id for row in attempts if row.crossed}
    paid_late = {account for account in late if landed[account][0] == "payment"}
    figure(14, f"{len(landed)} facts in {count} sends: {states['cancelled']} cancelled, {states['skipped']} skipped "
               f"and {states['superseded']} superseded; {len(late)} crossed on the wire, of payments {len(paid_late)}, "
               f"{len(crossed)} marked")  # fmt: skip
    assert paid_late <= crossed
    assert crossed <= set(landed)
    assert states["cancelled"] + states["skipped"] + states["superseded"] > 0


async def begun(world: World) -> bool:
    return world.written() > 0


async def land(world: World, one: Resident, what: str) -> datetime:
    """The fact is committed; answers the real instant just after."""
    if what == "payment":
        await pay_at_desk(world.house(), one.unit, 48_600, way="cash", who="scorecard")
    else:
        async with world.store.write() as conn:
            await conn.execute(fact(one, what))
            await conn.execute(
                core.account.update().where(core.account.c.id == one.account_id).values(next_look_at=START)
            )
    return now()


def now() -> datetime:
    from bot.clock import real_now

    return real_now()


def fact(one: Resident, what: str) -> Any:
    """A row that silences the account."""
    if what == "promise":
        return core.promise.insert().values(
            account_id=one.account_id, person_id=one.person_id, amount_fen=48_600, owed_fen=48_600, state="open",
            due_on=date(2026, 12, 4), made_at=START, judge_at=datetime(2026, 12, 8, tzinfo=UTC), channel="sms",
        )  # fmt: skip
    if what == "dispute":
        return core.dispute.insert().values(account_id=one.account_id, reason="quality", state="open", opened_at=START)
    return core.hold.insert().values(
        scope="account", account_id=one.account_id, code="PAID_CLAIM", reason="says it is paid",
        until=date(2026, 12, 4), who="owner", at=START, source="talk",
    )  # fmt: skip


def after(lines: list[dict[str, Any]], people: list[Resident], landed: dict[int, tuple[str, datetime]]) -> set[int]:
    """Accounts whose owner was reached after the fact was committed, by the providers' own clock."""
    owner = {way: one.account_id for one in people for way in one.addresses}
    found = set()
    for line in lines:
        account = owner[line["channel"], line["to"]]
        if account in landed and datetime.fromisoformat(line["real_at"]) > landed[account][1]:
            found.add(account)
    return found

"""Line 6: receipts before our commit, five times, shuffled, lost; and a crowd of receipts that are not ours."""

import asyncio

from scorecard_estate import fill
from scorecard_world import World
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from channels.sandbox.credentials import DEFAULT
from store import core

STRANGERS = 520
"""More receipts for unknown ids than one run of the tick looks at."""


async def test_line_06_receipts_in_every_disorder(world: World, full: bool, seed: int, figure: object) -> None:
    count = 10_000 if full else 150
    strangers = STRANGERS * (5 if full else 1)
    async with world:
        await world.meet(await fill(world.store, count, channels=("sms",)))
        await world.plan()
        for number, point in enumerate(("receipt_early", "receipt_double", "receipt_shuffle")):
            await world.control("faults", point=point, channel="sms", probability=0.5, seed=seed + number)
        await world.control("faults", point="receipt_lost", channel="sms", probability=0.3, seed=seed)
        await world.serves(YINUO_CONCURRENCY="16")
        await asyncio.gather(
            *(strange(world, first, strangers // 10) for first in range(0, strangers, strangers // 10))
        )
        worker = world.begin("work")
        await world.until(world.idle, 900 if full else 60, 0.1)
        await world.until(lambda: quiet(world), 120, 0.2)
        before = await world.states()
        for _again in range(5):
            await repeat(world)
        await world.until(lambda: quiet(world), 60, 0.2)
        await world.control("clock", forward=16 * 60)
        await world.until(lambda: all_delivered(world, count), 120, 0.2)
        told = await world.verdict()
        assert worker.code() is None
    lost = count - before["delivered"]
    figure(6, f"{count} messages, {strangers} strange receipts: {before['delivered']} delivered by receipts, "
              f"{lost} lost ones found by asking; {told.words()}")  # fmt: skip
    assert lost > 0
    assert (told.accepted, told.lost, told.doubled, told.unexplained) == (count, 0, 0, [])


async def strange(world: World, first: int, count: int) -> None:
    for number in range(first, first + count):
        assert await posted(world, f"SM{number:032x}", "delivered") == 200


async def posted(world: World, sid: str, status: str, query: str = "") -> int:
    """A receipt as Twilio signs it; answers the HTTP status."""
    url = f"http://127.0.0.1:{world.port}/hooks/twilio/status{query}"
    form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": DEFAULT.twilio_account_sid}
    signature = RequestValidator(DEFAULT.twilio_auth_token).compute_signature(url, form)
    async with world.http.post(url, data=form, headers={"X-Twilio-Signature": signature}) as reply:
        return reply.status


async def repeat(world: World) -> None:
    """The first receipts once more, the lower state after the higher one."""
    for line in world.ledger()[:8]:
        for status in ("delivered", "sent", "queued"):
            assert await posted(world, line["provider_id"], status) == 200


async def quiet(world: World) -> bool:
    """Every receipt of a message of ours is applied."""
    open_ones = await world.rows(
        select(func.count()).select_from(
            core.provider_event.join(core.attempt, core.attempt.c.provider_id == core.provider_event.c.provider_id)
        ).where(core.provider_event.c.applied_at.is_(None))
    )  # fmt: skip
    return int(open_ones[0][0]) == 0


async def all_delivered(world: World, count: int) -> bool:
    return (await world.states())["delivered"] == count

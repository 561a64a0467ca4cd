"""Line 8: the same words of an owner three times at once, kept and answered by two slow processes: one reply each."""

import asyncio

from scorecard_estate import fill
from scorecard_posts import telegram_update
from scorecard_world import World
from sqlalchemy import func, select

from channels.sandbox.credentials import DEFAULT
from store import core

WORDS = ("11月27日交", "1")
"""A promise, then yes to what was said back."""


async def test_line_08_the_same_update_three_times(world: World, full: bool, figure: object) -> None:
    count = 300 if full else 12
    async with world:
        people = await fill(world.store, count, channels=("telegram",), trust="proved")
        await world.meet(people)
        await silent(world)
        await world.serves("--with-worker")
        world.begin("work")
        for turn, words in enumerate(WORDS):
            updates = [telegram_update(turn * count + n, one.first[1], words) for n, one in enumerate(people)]
            statuses = await asyncio.gather(*(posted(world, told) for told in updates for _ in range(3)))
            assert set(statuses) <= {200, 503}
            await asyncio.gather(*(posted(world, told) for told in updates))
            await world.until(lambda turn=turn: answered(world, (turn + 1) * count), 90, 0.1)  # type: ignore[misc]
        promises = await world.rows(select(core.promise.c.account_id, core.promise.c.amount_fen))
        replies = [line for line in world.ledger() if line["channel"] == "telegram"]
        heard = (await world.rows(select(func.count()).select_from(core.inbound)))[0][0]
    figure(8, f"{count} owners, each word four times: {heard} kept, {len(replies)} replies, {len(promises)} promises")
    assert heard == len(WORDS) * count
    assert len({row.account_id for row in promises}) == len(promises) == count
    assert len(replies) == len(WORDS) * count


async def silent(world: World) -> None:
    """No reminder leaves a community that is not released: what the ledger shows are replies."""
    async with world.store.write() as conn:
        await conn.execute(core.community.update().values(released_at=None))


async def posted(world: World, body: bytes) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": DEFAULT.telegram_secret}
    async with world.http.post(f"http://127.0.0.1:{world.port}/hooks/telegram", data=body, headers=headers) as reply:
        return reply.status


async def answered(world: World, count: int) -> bool:
    rows = await world.rows(select(func.count()).where(core.inbound.c.handled_at.is_not(None)))
    return int(rows[0][0]) >= count and world.written() >= count

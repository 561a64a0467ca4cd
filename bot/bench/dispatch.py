"""Dispatch: the durable way out against the same SDK's bare loop, 64 in flight, on a provider that only answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from sqlalchemy import select, text

from bot.bench.estate import NOW, fill, household
from bot.bench.ground import Ground, databases, fresh, ground
from bot.bench.provider import provider
from bot.bench.ratio import Watch, alternate, machine, say
from bot.flows.dispatch import drain
from bot.flows.house import House
from bot.flows.plan import plan
from bot.flows.undisturbed import settled_in
from channels.contract import Channel, Outgoing
from channels.telegram.send import TelegramChannel, TelegramSettings
from store import core
from store.engine import Store

SIZES = (10_000, 100_000)
IN_FLIGHT = 64
SENT = 4_000
"""Messages sent a round; the rest of the backlog waits behind them."""
SQLITE_NOW = NOW.strftime("%Y-%m-%d %H:%M:%S.%f")


def telegram(base: str) -> TelegramChannel:
    """The product's own Telegram channel, pointed at the bench's provider."""
    return TelegramChannel(TelegramSettings("1:bench", "bench", base, concurrency=IN_FLIGHT))


async def measure(
    place: Ground, sizes: tuple[int, ...] = SIZES, rounds: int = 3, delays: tuple[float, ...] = (0.0, 50.0)
) -> list[dict[str, Any]]:
    """Every database and backlog at a provider of 0 ms, and the smallest backlog at slower ones too."""
    found: list[dict[str, Any]] = []
    for dialect in databases(place):
        for size in sizes:
            async with fresh(place, dialect) as store:
                await backlog(store, size)
                for delay in delays if size == sizes[0] else delays[:1]:
                    found.append(await _one(store, size, delay, rounds))
        for row in found:
            say(f"{row['name']} {row['size']}: durable {row['throughput']:.2f} of bare, {row['per_second']}/s")
    return found


async def backlog(store: Store, size: int) -> None:
    """So many messages that may leave at once, planned by the product."""
    house = await household(store)  # first: each approval touches every account there is
    await fill(store, size, channels=("telegram",))
    await plan(house, keep=False)
    await requeue(store)


async def requeue(store: Store) -> None:
    """Everything waits again as it was planned; nothing was tried."""
    at = NOW if store.dialect == "postgresql" else SQLITE_NOW
    async with store.write() as conn:
        await conn.execute(text("DELETE FROM attempt"))
        await conn.execute(text("DELETE FROM journal_entry WHERE kind = 'attempt'"))
        await conn.execute(
            text(
                "UPDATE message SET state = 'queued', fence = 0, not_before = :at, retry_at = NULL, "
                "lease_until = NULL, text = '', basket = '' WHERE state <> 'queued' OR not_before <> :at"
            ),
            {"at": at},
        )
    if store.dialect == "postgresql":
        async with store.engine.connect() as conn:
            fast = await conn.execution_options(isolation_level="AUTOCOMMIT")
            await fast.execute(text("VACUUM ANALYZE message"))
            await fast.execute(text("VACUUM ANALYZE attempt"))


async def _one(store: Store, size: int, delay: float, rounds: int) -> dict[str, Any]:
    with provider(delay) as base:
        channel = telegram(base)
        house = await household(store, {"telegram": channel})
        house.concurrency = IN_FLIGHT
        said = await _texts(store, house)
        settled_in()
        name = f"durable ÷ bare loop, {store.dialect}, provider {delay:.0f} ms"
        ratio = await alternate(name, size, durable(house), bare(channel, said), rounds)
        await channel.close()
    told = ratio.json()
    return told | {"throughput": round(1 / told["ratio"], 3), "per_second": round(SENT / told["candidate_s"])}


def durable(house: House) -> Callable[[], Awaitable[float]]:
    """Claim, look again, word, commit the attempts, call, settle."""

    async def work() -> float:
        await requeue(house.store)
        watch = Watch()
        sent = await drain(house, most=SENT)
        taken = watch.seconds()
        await _all_accepted(house.store, sent)
        return taken * SENT / sent

    return work


async def _all_accepted(store: Store, sent: int) -> None:
    async with store.read() as conn:
        query = select(core.message.c.state).where(core.message.c.state != "queued")
        states = list((await conn.execute(query)).scalars())
    if states.count("accepted") != sent:
        raise RuntimeError(f"{sent} handled, {states.count('accepted')} accepted: the measure is void")


async def _texts(store: Store, house: House) -> list[str]:
    """The very texts the product sends, for the bare loop."""
    await requeue(store)
    await drain(house, most=1)
    async with store.read() as conn:
        query = select(core.attempt.c.text).limit(100)
        return list((await conn.execute(query)).scalars())


def bare(channel: Channel, said: list[str]) -> Callable[[], Awaitable[float]]:
    """The same sends with nothing around them."""

    async def work() -> float:
        numbers = iter(range(SENT))
        watch = Watch()
        await asyncio.gather(*(_hand(channel, said, numbers) for _ in range(IN_FLIGHT)))
        return watch.seconds()

    return work


async def _hand(channel: Channel, said: list[str], numbers: Iterator[int]) -> None:
    for number in numbers:
        words = said[number % len(said)]
        await channel.send(Outgoing(to=str(700_000_000 + number), text=words, our_id=f"{number:032d}"))


async def run(size: int | None = None) -> dict[str, Any]:
    """What `yinuo bench dispatch` prints; ``throughput`` is durable ÷ bare in messages a second."""
    with ground() as place:
        results = await measure(place, (size,) if size else SIZES)
    return {"bench": "dispatch", "ratio": results[0]["throughput"], "machine": machine(), "results": results}

"""The way out: claim, look again, word, commit the attempts, call, settle (I12: the only one).

Two hands work at one batch, each with slices of half the provider's concurrency: while one waits for its calls the
other looks again and words. So what is "in flight" is never more than the concurrency, a slice's attempts are
committed just before its calls, and its answers are settled as soon as they are there. Whatever a killed worker left
is found by its lapsed lease: with an attempt it is uncertain, without one it was never said.
"""

import asyncio
from collections.abc import Sequence, Set
from datetime import timedelta
from typing import Any

import structlog

from bot.clock import real_now
from bot.flows.climate import weather
from bot.flows.house import House
from bot.flows.outcome import Told, settle
from bot.flows.prepare import Ready, prepare
from channels.contract import Channel, ChannelError, Outgoing, Passing, Unknown
from store import claims
from store import outbox as shelf
from store import plan as brakes

log = structlog.get_logger()
HANDS = 2
SAFE = 0.6
"""Part of a lease in which calls are begun; the rest is for them to end."""


async def dispatch(house: House, name: str, *, urgent: bool = False) -> int:
    """Claims one batch of a channel's queue and sends it; answers how many were handled.

    ``urgent``: replies and cards only, so that nobody who asked waits behind a broadcast.
    """
    channel = house.channels[name]
    begun = asyncio.get_running_loop().time()
    async with house.store.write() as conn:
        silent = await brakes.unreleased(conn)
        rest = await claims.claim(
            conn, name, now=house.clock.now(), real_now=real_now(), lease=timedelta(seconds=house.lease_seconds),
            most=house.batch, silent=silent, ranks=claims.URGENT if urgent else claims.RANKS,
        )  # fmt: skip
    batch, hands = _Batch(rest), min(HANDS, house.concurrency)
    most = house.concurrency // hands
    deadline = begun + house.lease_seconds * SAFE
    try:
        told = await asyncio.gather(
            *(_work(house, channel, batch, most, deadline) for _ in range(hands)), return_exceptions=True
        )
    finally:
        if batch.rest:
            async with house.store.write() as conn:
                await claims.hand_back(conn, [(row.id, row.fence) for row in batch.rest])
    for fault in told:
        if isinstance(fault, BaseException):
            raise fault
    return batch.count


class _Batch:
    """Claimed rows that no hand has taken yet, and the recipients the hands are busy with."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rest = list(rows)
        self.count = len(self.rest)
        self.busy: set[int] = set()


async def _work(house: House, channel: Channel, batch: _Batch, most: int, deadline: float) -> None:
    """One hand: slice after slice until nothing is left that is free."""
    while batch.rest and asyncio.get_running_loop().time() < deadline:
        part, batch.rest = _slice(batch.rest, most, batch.busy)
        if not part:
            return
        lanes = {row.lane for row in part if row.lane}
        batch.busy |= lanes
        await _send_slice(house, channel, part, deadline)
        batch.busy -= lanes


def _slice(rows: Sequence[Any], most: int, busy: Set[int] = frozenset()) -> tuple[list[Any], list[Any]]:
    """The next rows to send together: at most one per recipient, none to a recipient who is ``busy``."""
    part: list[Any] = []
    lanes = set(busy)
    rest: list[Any] = []
    for row in rows:
        if len(part) < most and (row.lane == 0 or row.lane not in lanes):
            part.append(row)
            lanes.add(row.lane)
        else:
            rest.append(row)
    return part, rest


async def _send_slice(house: House, channel: Channel, rows: Sequence[Any], deadline: float) -> None:
    now = house.clock.now()
    async with house.store.write() as conn:
        around = await weather(house, conn, now, {row.community_id for row in rows})
        ready = (await prepare(house, conn, around, channel, rows, now)).ready
    if not ready:
        return
    told = await asyncio.gather(*(_call(house, channel, one, deadline) for one in ready))
    async with house.store.write() as conn:
        await settle(house, conn, told, house.clock.now(), real_now())


async def _call(house: House, channel: Channel, ready: Ready, deadline: float) -> Told:
    """One call. Past the lease it is not made: another worker may have taken the message up by then."""
    loop = asyncio.get_running_loop()
    budget = house.budgets.get(channel.name)
    wait = budget.reserve(ready.out.to, loop.time()) if budget is not None else 0.0
    late = loop.time() + wait >= deadline
    if wait > 0 and not late:
        await asyncio.sleep(wait)
    if late or loop.time() >= deadline:
        return Told(ready, Passing("our turn comes later", retry_after=0.0))
    try:
        return Told(ready, await channel.send(ready.out))
    except ChannelError as refusal:
        return Told(ready, refusal)
    except Exception:
        # A fault of ours in the middle of a call: whether the provider took it is not known.
        log.exception("a call broke; its outcome is unknown", action="send.broke", channel=channel.name)
        return Told(ready, Unknown("a fault of ours during the call"))


async def drain(house: House, *, most: int | None = None) -> int:
    """Sends until nothing is due on any channel; answers how many messages were handled."""
    total = 0
    while True:
        async with house.store.read() as conn:
            silent = await brakes.unreleased(conn)
            due = await claims.waiting(conn, house.clock.now(), real_now(), silent)
        names = sorted(due & set(house.channels))
        counts = await asyncio.gather(*(dispatch(house, name) for name in names))
        total += sum(counts)
        if not sum(counts) or (most is not None and total >= most):
            return total


async def recover(house: House) -> int:
    """Messages of workers that are gone: uncertain if an attempt was committed, else queued again."""
    now, real = house.clock.now(), real_now()
    async with house.store.write() as conn:
        rows = await claims.lapsed(conn, real)
        tried: dict[int, Any] = {a.message_id: a for a in await shelf.attempts_of(conn, [r.id for r in rows])}
        told, back = [], []
        for row in rows:
            attempt = tried.get(row.id)
            if attempt is not None and attempt.fence == row.fence and attempt.outcome == "in_flight":
                told.append(Told(_left(row, attempt), Unknown("the worker stopped before the answer")))
            elif attempt is not None and attempt.fence == row.fence and attempt.outcome == "accepted":
                await shelf.set_state(conn, [row.id], "accepted", "", now)
            else:
                back.append((row.id, row.fence))
        await settle(house, conn, told, now, real)
        await claims.hand_back(conn, back)
    return len(rows)


def _left(row: Any, attempt: Any) -> Ready:
    return Ready(row, Outgoing(to="", text=attempt.text, our_id=attempt.our_id), attempt.our_id, attempt.form)

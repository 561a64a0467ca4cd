"""The way out: claim, look again, word, commit the attempts, call, settle (I12: the only one).

Three hands work at one queue, each with slices of a third of the provider's concurrency: while one waits for its calls
the others look again and word, and the next batch is claimed meanwhile. So what is "in flight" is never more than the
concurrency, a slice's attempts are committed just before its calls, and its answers are settled as soon as they are
there. Whatever a killed worker left is found by its lapsed lease: with an attempt it is uncertain, without one it was
never said.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.clock import real_now
from bot.flows.climate import weather
from bot.flows.house import House
from bot.flows.outcome import OurTurn, Told, settle
from bot.flows.prepare import Ready, prepare
from channels.contract import Channel, ChannelError, Outgoing, Passing, Unknown
from channels.transport import begin
from store import claims
from store import outbox as shelf
from store import plan as brakes

log = structlog.get_logger()
HANDS = 3
LOOK, SAFE = 0.5, 0.6
"""Parts of a lease in which messages are looked at, and calls about them begun; the rest is for the calls to end."""
AHEAD = {True: 2.0, False: 0.5}
"""Seconds of a provider's line that may be taken before nothing more is looked at; urgent ones stand further ahead."""
AT_ONCE = 0.5
"""Seconds in which the calls of one slice can begin: what was looked at must not wait long for its call (I1)."""


def once(_claimed: int) -> bool:
    """One batch is enough."""
    return False


async def dispatch(
    house: House, name: str, *, urgent: bool = False, more: Callable[[int], bool] = once
) -> int:  # fmt: skip
    """Claims batches of a channel's queue and sends them; answers how many messages were handled.

    ``urgent``: replies and cards only, so that nobody who asked waits behind a broadcast. ``more``: whether to claim
    again after so many; the next batch is fetched while the last of this one is on the wire.
    """
    queue = _Queue(house, name, urgent, more)
    hands = min(HANDS, house.concurrency)
    await queue.claim()
    try:
        working = (_work(house, queue, house.concurrency // hands) for _ in range(hands))
        told = await asyncio.gather(*working, return_exceptions=True)
    finally:
        await queue.hand_back()
    for fault in told:
        if isinstance(fault, BaseException):
            raise fault
    return queue.count


@dataclass(slots=True)
class _Batch:
    """Claimed rows that no hand has taken yet; until when (loop time) they are taken, and calls about them begun."""

    rest: list[Any]
    taken_until: float
    deadline: float


class _Queue:
    """What was claimed of one channel, and the recipients the hands are busy with."""

    def __init__(self, house: House, name: str, urgent: bool, more: Callable[[int], bool]) -> None:
        self.house, self.name, self.urgent, self.more = house, name, urgent, more
        self.batches: list[_Batch] = []
        self.count = 0
        self.busy: set[int] = set()
        self.over = False
        """Nothing more is claimed."""
        self._broken = False
        self._coming: asyncio.Task[None] | None = None
        self._freed = asyncio.Event()

    async def claim(self) -> None:
        """Takes a batch; the last one if nothing is there."""
        house, began = self.house, asyncio.get_running_loop().time()
        async with house.store.write() as conn:
            silent = await brakes.unreleased(conn)
            rows = await claims.claim(
                conn, self.name, now=house.clock.now(), real_now=real_now(), most=house.batch, silent=silent,
                lease=timedelta(seconds=house.lease_seconds), ranks=claims.URGENT if self.urgent else claims.RANKS,
            )  # fmt: skip
        self.count += len(rows)
        self.batches.append(_Batch(rows, began + house.lease_seconds * LOOK, began + house.lease_seconds * SAFE))
        self.over = self.over or not rows
        self._coming = None

    async def take(self, most: int) -> tuple[list[Any], float] | None:
        """The next rows to send together and their deadline; waits while it is only the other hand that is in the way.

        None when nothing is left, or this process is to end.
        """
        while not self.house.stopping.is_set():
            self._look_ahead()
            for batch in self.batches:
                if asyncio.get_running_loop().time() < batch.taken_until:
                    part, batch.rest = _slice(batch.rest, most, self.busy)
                    if part:
                        self.busy |= {row.lane for row in part if row.lane}
                        return part, batch.deadline
            if self._coming is not None:
                await self._coming
            elif self.busy and not self._broken and any(batch.rest for batch in self.batches):
                await self._freed.wait()
            else:
                return None
        return None

    def at_once(self, most: int) -> int:
        """So many of ``most`` as the provider's rate lets begin at once."""
        budget = self.house.budgets.get(self.name)
        return most if budget is None else max(1, min(most, budget.within(AT_ONCE)))

    async def turn(self) -> None:
        """Waits until the provider's line is all but free, before anything is looked at or an attempt is written."""
        while (budget := self.house.budgets.get(self.name)) is not None and not self.house.stopping.is_set():
            wait = budget.wait(None, asyncio.get_running_loop().time()) - AHEAD[self.urgent]
            if wait <= 0:
                return
            await _rest(self.house, min(wait, 1.0))

    def _look_ahead(self) -> None:
        self.batches = [batch for batch in self.batches if batch.rest] or self.batches[-1:]
        left = sum(len(batch.rest) for batch in self.batches)
        if self._coming is None and not self.over and left <= self.house.concurrency and self.more(self.count):
            self._coming = asyncio.create_task(self.claim())

    def free(self, part: Sequence[Any]) -> None:
        """A hand has settled these."""
        self.busy -= {row.lane for row in part}
        self._tell()

    def stop(self) -> None:
        """A hand failed: nothing more is claimed, and nobody waits for what it had."""
        self.over = self._broken = True
        self._tell()

    def _tell(self) -> None:
        self._freed.set()
        self._freed = asyncio.Event()

    async def hand_back(self) -> None:
        """Gives back what nobody took."""
        self.over = True
        if self._coming is not None:
            await asyncio.gather(self._coming, return_exceptions=True)
        rest = [(row.id, row.fence) for batch in self.batches for row in batch.rest]
        if rest:
            async with self.house.store.write() as conn:
                await claims.hand_back(conn, rest)


async def _rest(house: House, seconds: float) -> None:
    """Waits so long, or until this process is to end."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(house.stopping.wait(), seconds)


async def _work(house: House, queue: _Queue, most: int) -> None:
    """One hand: slice after slice until nothing is left. Where one fails nothing more is claimed."""
    try:
        await queue.turn()
        while (taken := await queue.take(queue.at_once(most))) is not None:
            part, deadline = taken
            await _send_slice(house, house.channels[queue.name], part, deadline)
            queue.free(part)
            await queue.turn()
    except BaseException:
        queue.stop()
        raise


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
    """One call. Past the lease, or once we are to end, it is not made: others may have taken the message up by then."""
    loop = asyncio.get_running_loop()
    budget, to = house.budgets.get(channel.name), ready.out.to
    wait = budget.reserve(to, loop.time(), deadline) if budget is not None else 0.0
    if wait:
        await _rest(house, wait)
    if wait is None or house.stopping.is_set() or loop.time() >= deadline:
        later = budget.wait(to, loop.time()) if budget is not None else 0.0
        return Told(ready, OurTurn("our turn comes later", retry_after=later))
    begin()
    try:
        return Told(ready, await channel.send(ready.out))
    except ChannelError as refusal:
        if budget is not None and isinstance(refusal, Passing) and refusal.retry_after:
            budget.hold(to, loop.time() + refusal.retry_after)
        return Told(ready, refusal)
    except Exception:
        # A fault of ours in the middle of a call: whether the provider took it is not known.
        log.exception("a call broke; its outcome is unknown", action="send.broke", channel=channel.name)
        return Told(ready, Unknown("a fault of ours during the call"))


async def drain(house: House, *, most: int | None = None) -> int:
    """Sends until nothing is due on any channel; answers how many messages were handled."""
    total = 0

    def more(claimed: int) -> bool:
        return most is None or total + claimed < most

    while True:
        async with house.store.read() as conn:
            silent = await brakes.unreleased(conn)
            names = await claims.waiting(conn, list(house.channels), house.clock.now(), real_now(), silent)
        counts = await asyncio.gather(*(dispatch(house, name, more=more) for name in names))
        total += sum(counts)
        if not sum(counts) or (most is not None and total >= most):
            return total


async def recover(house: House) -> int:
    """Messages of workers that are gone: uncertain if an attempt was committed, else queued again."""
    now, real = house.clock.now(), real_now()
    async with house.store.write() as conn:
        rows = await claims.lapsed(conn, real)
        if not rows:
            return 0
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

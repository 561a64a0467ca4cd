"""What the providers will do later, in virtual time: receipts, redeliveries, payments on their way.

Kept across restarts. While the clock runs, the loop fires what falls due; while it is being turned, the turner does.
"""

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from channels.sandbox.clock import SandboxClock, parse_instant
from channels.sandbox.shelves import Memory

Handler = Callable[[dict[str, Any]], Awaitable[None]]
GLANCE = 0.2
"""Real seconds after which a sleeping loop looks at the clock again."""
AT_ONCE = 16
"""How many timers run side by side."""

logger = logging.getLogger(__name__)


class Timers:
    """The agenda. A handler is named, so that a timer can wait on disk."""

    def __init__(self, memory: Memory, clock: SandboxClock) -> None:
        self._memory = memory
        self._shelf = memory.shelf("timers")
        self._clock = clock
        self._handlers: dict[str, Handler] = {}
        self._heap: list[tuple[datetime, int]] = []
        self._wake = asyncio.Event()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self.turning = False
        """While set, only the turner fires."""
        self.refill()

    def refill(self) -> None:
        """Reads the agenda anew from memory."""
        self._heap = [(parse_instant(timer["due"]), int(key)) for key, timer in self._shelf.items()]
        heapq.heapify(self._heap)

    def on(self, kind: str, handler: Handler) -> None:
        self._handlers[kind] = handler

    def after(self, seconds: float, kind: str, data: dict[str, Any]) -> None:
        """Sets a timer ``seconds`` of virtual time from now."""
        due = self._clock.now() + timedelta(seconds=seconds)
        number = self._memory.number("timer")
        self._shelf.put(number, {"due": due.isoformat(), "kind": kind, "data": data})
        heapq.heappush(self._heap, (due, number))
        self._wake.set()

    def next_due(self) -> datetime | None:
        return self._heap[0][0] if self._heap else None

    def pending(self) -> list[dict[str, Any]]:
        return self._shelf.values()

    async def fire_due(self) -> int:
        """Fires all that is due, instant by instant, and what falls due by that; returns how many once all ended."""
        fired = 0
        await self._idle()
        while batch := self._pop_instant():
            self._launch(batch)
            fired += len(batch)
            await self._idle()
        return fired

    def _pop_instant(self) -> list[int]:
        """The numbers of the timers of the earliest instant that is due."""
        if not self._heap or self._heap[0][0] > self._clock.now():
            return []
        due = self._heap[0][0]
        batch = []
        while self._heap and self._heap[0][0] == due:
            batch.append(heapq.heappop(self._heap)[1])
        return batch

    def _launch(self, batch: list[int]) -> None:
        for number in batch:
            task = asyncio.create_task(self._fire(number))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _idle(self) -> None:
        while self._running:
            await asyncio.wait(self._running)

    async def _fire(self, number: int) -> None:
        timer = self._shelf.get(number)
        if timer is None:
            return
        async with self._gate:
            try:
                await self._handlers[timer["kind"]](timer["data"])
            except Exception:
                logger.exception("a timer of kind %s failed", timer["kind"])
        self._shelf.drop(number)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, *self._running, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            while not self.turning and (batch := self._pop_instant()):
                self._launch(batch)
            await self._sleep()

    async def _sleep(self) -> None:
        due = self.next_due()
        left = GLANCE if due is None else min(GLANCE, max(0.001, (due - self._clock.now()).total_seconds()))
        try:
            await asyncio.wait_for(self._wake.wait(), left)
        except TimeoutError:
            return

    async def settled(self, within: float = 60.0) -> None:
        """Returns once nothing is due and nothing is firing. Raises TimeoutError after ``within`` real seconds."""
        async with asyncio.timeout(within):
            while await self.fire_due():
                continue

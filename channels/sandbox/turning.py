"""Turning the clock drives the service: the sandbox walks to the target from one due instant to the next.

At each step its own timers fire, then the registered listener is asked ``POST tick_url {"now": ISO}`` (header
``X-Sandbox-Token``); it runs every tick due, and answers ``{"next": ISO | null}`` once its dispatch is idle.
"""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

from channels.sandbox.clock import SandboxClock, parse_instant
from channels.sandbox.ledger import JsonLines
from channels.sandbox.pushes import Pusher
from channels.sandbox.shelves import Shelf
from channels.sandbox.stream import Stream
from channels.sandbox.timers import Timers

LEAST = timedelta(seconds=1)
MOST_STEPS = 50_000
ASK_WITHIN = 600.0
"""Real seconds the service may take for the ticks of one instant."""
TELL_EVERY = 0.15
"""Real seconds between two words about how far a turn has come."""
PULSE = 0.25
"""Real seconds between two turns while the clock runs fast."""


class CannotTurn(RuntimeError):
    """The clock stopped before the target; says why and where."""


class Turner:
    """Walks the clock. One turn at a time; a fast run is a chain of turns."""

    def __init__(
        self, clock: SandboxClock, timers: Timers, pusher: Pusher, settings: Shelf, ledger: JsonLines, stream: Stream
    ) -> None:
        self._clock = clock
        self._timers = timers
        self._pusher = pusher
        self._settings = settings
        self._ledger = ledger
        self._stream = stream
        self._turn = asyncio.Lock()
        self._run: asyncio.Task[None] | None = None
        self._telling: asyncio.TimerHandle | None = None
        self.rate = 0.0

    async def to(self, target: datetime) -> dict[str, Any]:
        """Turns forward to ``target``. Raises CannotTurn when it lies in the past or the service fails on the way."""
        async with self._turn:
            if target < self._clock.now():
                raise CannotTurn(f"the clock is at {self._clock.now().isoformat()}, it only turns forward")
            return await self._walk(target)

    async def to_next(self) -> dict[str, Any]:
        """Turns to the next instant at which anything is due; stays where it is when nothing is."""
        async with self._turn:
            return await self._walk(None)

    async def _walk(self, target: datetime | None) -> dict[str, Any]:
        before, frozen = self._ledger.count, self._clock.frozen
        self._clock.freeze()
        self._timers.turning = True
        try:
            steps, heard = await self._steps(target)
        finally:
            self._hush()
            self._timers.turning = False
            self._clock.freeze(frozen)
        sent = self._ledger.count - before
        answer = {"now": self._clock.now().isoformat(), "steps": steps, "sent": sent, "listener": heard}
        self._stream.publish("clock", **answer)
        return answer

    async def _steps(self, target: datetime | None) -> tuple[int, str]:
        following, heard = await self._step()
        steps = 1
        while True:
            stop = self._stop(following, target)
            if stop is None or (target is not None and self._clock.now() >= target):
                return steps, heard
            if steps >= MOST_STEPS:
                raise CannotTurn(
                    f"{MOST_STEPS} steps and still at {self._clock.now().isoformat()}: something is due for ever"
                )
            self._clock.set(stop)
            self._tell_passing()
            following, heard = await self._step()
            steps += 1
            if target is None:
                return steps, heard

    def _tell_passing(self) -> None:
        """A long turn shows how far it has come; a quick one tells only its end."""
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(TELL_EVERY, self._passing)

    def _passing(self) -> None:
        self._telling = None
        self._stream.publish("passing", now=self._clock.now().isoformat())

    def _hush(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    def _stop(self, following: datetime | None, target: datetime | None) -> datetime | None:
        """The next instant to stop at, at least a second on and never beyond the target."""
        due = [instant for instant in (following, self._timers.next_due()) if instant is not None]
        if not due:
            return target
        soonest = max(min(due), self._clock.now() + LEAST)
        return min(soonest, target) if target is not None else soonest

    async def _step(self) -> tuple[datetime | None, str]:
        """All that is due now, at the providers and at the service, until neither causes anything more."""
        await self._timers.settled()
        following, heard = await self._ask()
        if await self._timers.fire_due() and heard == "reached":
            following, heard = await self._ask()
        return following, heard

    async def _ask(self) -> tuple[datetime | None, str]:
        listener = self._settings.get("listener")
        if not listener:
            return None, "none"
        question = {"now": self._clock.now().isoformat()}
        try:
            reply = await self._pusher.ask(listener["tick_url"], listener.get("token", ""), question, ASK_WITHIN)
        except RuntimeError as error:
            raise CannotTurn(f"stopped at {question['now']}: {error}") from error
        if reply is None:
            return None, "unreachable"
        following = reply.get("next")
        return (parse_instant(following) if following else None), "reached"

    def run(self, rate: float) -> None:
        """Lets the time run ``rate`` virtual seconds per real second through turns; 0 stops that."""
        self.rate = rate
        if rate > 0 and (self._run is None or self._run.done()):
            self._run = asyncio.create_task(self._keep_running())

    async def _keep_running(self) -> None:
        """A turn that takes long is not made up for by a longer one, so that a stop is soon felt."""
        last = time.monotonic()
        while self.rate > 0:
            await asyncio.sleep(PULSE)
            passed = time.monotonic() - last
            try:
                await self.to(self._clock.now() + timedelta(seconds=self.rate * passed))
            except CannotTurn as error:
                self.rate = 0.0
                self._stream.publish("stopped", why=str(error))
            last = time.monotonic()

    async def stop(self) -> None:
        self.rate = 0.0
        if self._run:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)

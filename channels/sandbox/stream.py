"""Everything that happens, as a live stream: ``{"id", "event", "facts"}``.

Events: message, changed (edited, deleted, delivered), person, group, push, refused, query_answered, payment, clock,
passing (the instant a turn has reached), stopped, dropped, reset.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

Happening = dict[str, Any]
KEPT = 5000
QUEUED = 10_000


class Stream:
    """Numbered happenings; a listener that lost its connection goes on after the number it saw last."""

    def __init__(self) -> None:
        self._kept: deque[Happening] = deque(maxlen=KEPT)
        self._listeners: set[asyncio.Queue[Happening | None]] = set()
        self._count = 0

    def publish(self, event: str, /, **facts: Any) -> Happening:
        """Tells all listeners. One who reads nothing for thousands of happenings is let go."""
        self._count += 1
        happening = {"id": self._count, "event": event, "facts": facts}
        self._kept.append(happening)
        for queue in list(self._listeners):
            if queue.qsize() >= QUEUED:
                self._listeners.discard(queue)
            else:
                queue.put_nowait(happening)
        return happening

    def since(self, number: int) -> list[Happening]:
        return [happening for happening in self._kept if happening["id"] > number]

    async def listen(self, after: int | None = None) -> AsyncIterator[Happening]:
        """Happenings from now on, or after that number as far as they are still kept; ends on ``close``."""
        queue: asyncio.Queue[Happening | None] = asyncio.Queue()
        for happening in self.since(after) if after is not None else []:
            queue.put_nowait(happening)
        self._listeners.add(queue)
        try:
            while (news := await queue.get()) is not None:
                yield news
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        for queue in self._listeners:
            queue.put_nowait(None)

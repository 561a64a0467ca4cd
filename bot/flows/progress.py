"""How far a long piece of work is, and the way to stop it."""

import asyncio
from dataclasses import dataclass


class Cancelled(Exception):
    """Somebody stopped the work; nothing was changed by it."""


@dataclass(slots=True)
class Progress:
    """Shared by the work and whoever watches it."""

    total: int = 0
    done: int = 0
    cancelled: bool = False

    async def step(self, count: int) -> None:
        """So many more are done; lets others run. Raises Cancelled."""
        self.done += count
        await asyncio.sleep(0)
        if self.cancelled:
            raise Cancelled

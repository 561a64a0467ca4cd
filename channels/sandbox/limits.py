"""The providers' rate limits, counted in real seconds over a sliding window."""

import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls a provider takes. ``on`` = False or a ``scale`` above 1 is for load runs only."""

    on: bool = True
    scale: float = 1.0
    telegram_per_second: int = 30
    telegram_chat_per_second: int = 1
    telegram_group_per_minute: int = 20
    wecom_robot_per_minute: int = 20
    wecom_member_per_minute: int = 30
    wechat_force_refresh_per_day: int = 20
    """Counted in virtual days."""

    def changed(self, changes: dict[str, Any]) -> "Limits":
        """The limits with these settings. Raises ValueError for a setting that does not exist."""
        unknown = set(changes) - set(asdict(self))
        if unknown:
            raise ValueError(f"unknown limit {', '.join(sorted(unknown))}; there are {', '.join(asdict(self))}")
        return replace(self, **changes)


class Rates:
    """Remembers when what was taken."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._taken: dict[str, deque[float]] = {}

    def wait(self, key: str, count: int, seconds: float) -> float:
        """Seconds until one more fits under ``key``; 0.0 when it fits now. Takes nothing."""
        if not self.limits.on:
            return 0.0
        taken = self._taken.get(key)
        if not taken:
            return 0.0
        now = time.monotonic()
        while taken and taken[0] <= now - seconds:
            taken.popleft()
        allowed = max(1, int(count * self.limits.scale))
        return taken[-allowed] + seconds - now if len(taken) >= allowed else 0.0

    def take(self, *keys: str) -> None:
        """Counts one call under each key."""
        now = time.monotonic()
        for key in keys:
            self._taken.setdefault(key, deque(maxlen=100_000)).append(now)

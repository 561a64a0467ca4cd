"""The one place that reads the wall clock. Trade time is handed in everywhere else.

In sandbox mode the trade's clock is the sandbox's: a small file it replaces, so that every process, killed or new,
sees the same instant.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Trade time: an aware UTC instant."""
        ...


class WallClock:
    """Real time as trade time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class TurnedClock:
    """A clock somebody else turns: reads ``clock.json`` of the sandbox, again only when it changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = -1
        self._frozen: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        self._look()
        return self._frozen or datetime.now(UTC) + self._offset

    def _look(self) -> None:
        stamp = self._path.stat().st_mtime_ns
        if stamp == self._stamp:
            return
        told = json.loads(self._path.read_text())
        frozen = told.get("frozen_at")
        self._frozen = datetime.fromisoformat(frozen) if frozen else None
        self._offset = timedelta(seconds=told.get("offset_seconds", 0.0))
        self._stamp = stamp


class SetClock:
    """A clock in the author's hand, for tests."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def real_now() -> datetime:
    """Real time, for leases, rate budgets and the two stamps of evidence."""
    return datetime.now(UTC)

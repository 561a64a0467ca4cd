"""The one virtual clock, shared with the service by a file.

``folder/clock.json`` holds ``{"offset_seconds": float, "frozen_at": ISO | null}`` and is replaced atomically.
Running: virtual time = real time + offset. Frozen: virtual time = ``frozen_at``.
This is the world outside, so it may read the wall clock.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "clock.json"


def real_now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """An aware UTC instant from ISO text. Raises ValueError for a time without zone or no time at all."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone; write it like 2026-10-01T08:00:00+08:00")
    return instant.astimezone(UTC)


class SandboxClock:
    """Reads and turns the virtual clock of one sandbox folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._stamp: tuple[int, int] | None = None
        self._offset = timedelta()
        self._frozen_at: datetime | None = None

    def now(self) -> datetime:
        """The virtual instant, UTC; a file written by another process is seen at once."""
        self._refresh()
        return self._frozen_at or real_now() + self._offset

    @property
    def frozen(self) -> bool:
        self._refresh()
        return self._frozen_at is not None

    def set(self, iso: str | datetime) -> None:
        """Puts the virtual time there; frozen stays frozen, running runs on from there."""
        instant = parse_instant(iso) if isinstance(iso, str) else iso.astimezone(UTC)
        if self.frozen:
            self._write(self._offset, instant)
        else:
            self._write(instant - real_now(), None)

    def forward(self, seconds: float) -> None:
        self.set(self.now() + timedelta(seconds=seconds))

    def freeze(self, frozen: bool = True) -> None:
        """Stops the virtual time where it is, or lets it run on from there."""
        now = self.now()
        self._write(now - real_now(), now if frozen else None)

    def _refresh(self) -> None:
        try:
            stat = os.stat(self._path)
        except FileNotFoundError:
            return
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp != self._stamp:
            self._read()
            self._stamp = stamp

    def _read(self) -> None:
        data = json.loads(self._path.read_text(encoding="utf-8"))
        self._offset = timedelta(seconds=float(data["offset_seconds"]))
        self._frozen_at = parse_instant(data["frozen_at"]) if data["frozen_at"] else None

    def _write(self, offset: timedelta, frozen_at: datetime | None) -> None:
        data = {"offset_seconds": offset.total_seconds(), "frozen_at": frozen_at.isoformat() if frozen_at else None}
        fresh = self._path.with_suffix(f".{os.getpid()}.tmp")
        fresh.write_text(json.dumps(data), encoding="utf-8")
        os.replace(fresh, self._path)
        self._stamp = None

"""The judge: append-only files of what the fake providers accepted and of what was really paid.

A line is one ``O_APPEND`` write, on the disk before the provider answers, so it outlives kills of either side.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LEDGER = "ledger.jsonl"
PAYMENTS = "payments.jsonl"


class JsonLines:
    """One append-only file of JSON objects. ``durable`` also waits for the disk (one fsync for all who wait)."""

    def __init__(self, path: Path, durable: bool) -> None:
        self.path = path
        self._durable = durable
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o644)
        self._end_torn_line()
        self.count = sum(1 for _ in self.lines())
        self._synced = self.count
        self._syncing = asyncio.Lock()

    def _end_torn_line(self) -> None:
        """A kill inside a write leaves half a line; it gets its own line end and is skipped when read."""
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")

    async def append(self, line: dict[str, Any]) -> int:
        """Writes one line (``n`` is added, counting from 1) and returns its number once it is safe."""
        self.count += 1
        number = self.count
        text = json.dumps({"n": number, **line}, ensure_ascii=False, separators=(",", ":"))
        os.write(self._file, text.encode() + b"\n")
        if self._durable:
            await self._sync(number)
        return number

    async def _sync(self, number: int) -> None:
        async with self._syncing:
            if self._synced < number:
                upto = self.count
                await asyncio.to_thread(os.fsync, self._file)
                self._synced = upto

    def lines(self) -> Iterator[dict[str, Any]]:
        """All whole lines, oldest first."""
        with self.path.open("rb") as file:
            for text in file:
                line = _whole(text)
                if line is not None:
                    yield line

    def truncate(self) -> None:
        """Empties the file; only for a reset of the whole stage."""
        os.ftruncate(self._file, 0)
        self.count = self._synced = 0

    def close(self) -> None:
        os.close(self._file)


def _whole(text: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:  # torn, perhaps inside a Chinese character
        return None
    return line if isinstance(line, dict) else None

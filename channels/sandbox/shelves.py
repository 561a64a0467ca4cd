"""What the providers remember across a restart: named shelves of JSON records, in memory and in SQLite."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]
FILE = "memory.sqlite"
BLOCK = 64
"""Counters are saved this many numbers ahead, so that a kill never lets a number come twice."""


class Shelf:
    """Records by key. A record that was changed in place must be ``put`` again to be kept."""

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        self._db = db
        self._name = name
        rows = db.execute("SELECT key, body FROM shelf WHERE name = ? ORDER BY rowid", (name,))
        self._records: dict[str, Record] = {key: json.loads(body) for key, body in rows}

    def get(self, key: object) -> Record | None:
        return self._records.get(str(key))

    def put(self, key: object, record: Record) -> Record:
        self._records[str(key)] = record
        body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        self._db.execute(
            "INSERT INTO shelf (name, key, body) VALUES (?, ?, ?) "
            "ON CONFLICT (name, key) DO UPDATE SET body = excluded.body",
            (self._name, str(key), body),
        )
        return record

    def drop(self, key: object) -> None:
        if self._records.pop(str(key), None) is not None:
            self._db.execute("DELETE FROM shelf WHERE name = ? AND key = ?", (self._name, str(key)))

    def clear(self) -> None:
        self._records.clear()
        self._db.execute("DELETE FROM shelf WHERE name = ?", (self._name,))

    def values(self) -> list[Record]:
        return list(self._records.values())

    def items(self) -> Iterator[tuple[str, Record]]:
        yield from list(self._records.items())

    def first(self) -> tuple[str, Record] | None:
        """The oldest record and its key."""
        return next(iter(self._records.items()), None)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: object) -> bool:
        return str(key) in self._records


class Memory:
    """All shelves of one folder. Survives a kill of the process, not of the machine: the ledger is the truth."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS shelf (name TEXT, key TEXT, body TEXT, PRIMARY KEY (name, key))")
        self._shelves: dict[str, Shelf] = {}
        self._next: dict[str, int] = {}

    def shelf(self, name: str) -> Shelf:
        if name not in self._shelves:
            self._shelves[name] = Shelf(self._db, name)
        return self._shelves[name]

    def number(self, counter: str) -> int:
        """The next number of a counter, from 1 upwards, never twice."""
        saved = self.shelf("counters").get(counter) or {"reserved": 0}
        value = self._next.get(counter, int(saved["reserved"])) + 1
        if value > saved["reserved"]:
            self.shelf("counters").put(counter, {"reserved": value + BLOCK - 1})
        self._next[counter] = value
        return value

    def forget(self) -> None:
        """Empties every shelf, also those not yet opened; counters go on."""
        for name, shelf in self._shelves.items():
            if name != "counters":
                shelf.clear()
        self._db.execute("DELETE FROM shelf WHERE name != 'counters'")

    def close(self) -> None:
        self._db.close()

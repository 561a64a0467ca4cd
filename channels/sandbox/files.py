"""What people and the bot sent: bytes in the sandbox folder, kept as long as the provider keeps them."""

import hashlib
from datetime import timedelta
from pathlib import Path

from channels.sandbox.clock import parse_instant
from channels.sandbox.shelves import Record
from channels.sandbox.world import Sandbox

TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp", b"%PDF": "application/pdf"}


class Files:
    """One store for all providers; a record's ``media`` says whose kind it is."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self._shelf = world.memory.shelf("files")

    def keep(self, name: str, content: bytes, media: str) -> Record:
        """Keeps bytes; answers the record they are found by."""
        number = self._world.memory.number("telegram.file")
        suffix = Path(name).suffix[:8] or (".jpg" if media == "photo" else ".bin")
        path = f"{media}s/file_{number}{suffix}"
        target = self._world.folder / "files" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        record: Record = {
            "id": self._world.code("telegram.file_id", 48), "unique": hashlib.sha256(content).hexdigest()[:16],
            "path": path, "size": len(content), "name": name, "media": media, "at": self._now(), "linked": "",
        }  # fmt: skip
        return self._shelf.put(record["id"], record)

    def get(self, number: object) -> Record | None:
        return self._shelf.get(number)

    def by_path(self, path: str) -> Record | None:
        return next((file for file in self._shelf.values() if file["path"] == path), None)

    def link(self, file: Record) -> None:
        """From now on the file's address holds for a while."""
        self._shelf.put(file["id"], {**file, "linked": self._now()})

    def on_disk(self, file: Record) -> Path:
        return self._world.folder / "files" / str(file["path"])

    def type_of(self, file: Record) -> str:
        """The content type by the first bytes."""
        with self.on_disk(file).open("rb") as opened:
            head = opened.read(4)
        return next((kind for mark, kind in TYPES.items() if head.startswith(mark)), "application/octet-stream")

    def older(self, since: str, than: timedelta) -> bool:
        """Whether an instant lies further back than that; one that never was does."""
        return not since or self._world.clock.now() - parse_instant(since) > than

    def _now(self) -> str:
        return self._world.clock.now().isoformat()

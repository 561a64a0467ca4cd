"""A backup taken while it sends: one consistent instant of the database, checked before it is called one.

Restored, nothing is sent twice: what was under way comes back as a lapsed lease, asked at the provider or shown to a
person, never sent blindly (see docs/deploy.md).
"""

import asyncio
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from store.engine import StoreError, async_url, sqlite_path


@dataclass(frozen=True, slots=True)
class Copy:
    """What was written."""

    path: Path
    kind: str
    size: int

    def json(self) -> dict[str, Any]:
        return {"path": str(self.path), "kind": self.kind, "bytes": self.size}


async def backup(url: str, out: Path) -> Copy:
    """Copies the database of an address to a file only its owner may read.

    Raises StoreError when the file exists, the tool is missing or the copy is not whole.
    """
    if out.exists():
        raise StoreError(f"{out} exists; a backup never writes over another one")
    out.parent.mkdir(parents=True, exist_ok=True)
    path = sqlite_path(url)
    half = out.with_name(out.name + ".half")
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_WRONLY | os.O_CREAT, 0o600))
    try:
        if path is not None:
            await asyncio.to_thread(_copy, path, half)
        else:
            await _dump(url, half)
        half.replace(out)
    finally:
        half.unlink(missing_ok=True)
    return Copy(out, "sqlite" if path is not None else "postgresql", out.stat().st_size)


def _copy(path: Path, out: Path) -> None:
    if not path.exists():
        raise StoreError(f"there is no database at {path}; check DATABASE_URL")
    source, target = sqlite3.connect(path), sqlite3.connect(out)
    try:
        # In one step, which holds no writer up: between steps any commit of another process would start it over.
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")
        found = target.execute("PRAGMA quick_check").fetchone()[0]
    finally:
        source.close()
        target.close()
    if found != "ok":
        raise StoreError(f"the copy is not whole: {found}")


def tool(name: str) -> str:
    """PostgreSQL's own program: on the PATH or in PG_BIN. Raises StoreError."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PG_BIN", ""), os.environ.get("PATH", "")]))
    if found is None:
        raise StoreError(f"{name} is not on the PATH; install PostgreSQL's client programs or set PG_BIN")
    return found


async def _dump(url: str, out: Path) -> None:
    """One snapshot (pg_dump reads a single instant), compressed, restorable with pg_restore."""
    # The address holds the password: it goes by the environment, not by the list of processes.
    await _ran(tool("pg_dump"), "--format=custom", f"--file={out}", url=url)
    await _ran(tool("pg_restore"), "--list", str(out), url=url)


async def _ran(*command: str, url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **postgres_environment(url)}, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    if process.returncode:
        raise StoreError(f"{Path(command[0]).name} failed: {said.decode(errors='replace').strip()[-300:]}")


def postgres_environment(url: str) -> dict[str, str]:
    """libpq's variables for an address."""
    parsed = make_url(async_url(url))
    told = {
        "PGHOST": parsed.query.get("host") or parsed.host, "PGPORT": parsed.port, "PGUSER": parsed.username,
        "PGPASSWORD": parsed.password, "PGDATABASE": parsed.database,
    }  # fmt: skip
    return {name: str(value) for name, value in told.items() if value is not None}

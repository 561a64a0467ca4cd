"""The engine: both databases keep what they are told, in the same kinds."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from store.engine import Store, StoreError, async_url, private_file
from store.migrate import is_current, migrate
from store.tables import Community


async def test_an_instant_comes_back_aware(store: Store, now: datetime) -> None:
    async with store.write() as conn:
        await conn.execute(insert(Community).values(name="锦绣花园", created_at=now))
    async with store.read() as conn:
        assert (await conn.execute(select(Community.created_at))).scalar_one() == now


async def test_a_naive_instant_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(Exception, match="timezone"):
        async with store.write() as conn:
            await conn.execute(insert(Community).values(name="x", created_at=now.replace(tzinfo=None)))


async def test_a_failed_write_leaves_nothing(store: Store, now: datetime) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        async with store.write() as conn:
            await conn.execute(insert(Community).values(name="half", created_at=now))
            raise RuntimeError("on purpose")
    async with store.read() as conn:
        assert (await conn.execute(select(Community.id))).all() == []


async def test_what_the_database_refuses_tells_no_values(store: Store, now: datetime) -> None:
    async with store.write() as conn:
        await conn.execute(insert(Community).values(name="锦绣花园", created_at=now))
    with pytest.raises(IntegrityError) as refused:
        async with store.write() as conn:
            await conn.execute(insert(Community).values(name="锦绣花园", contact_person="王小梅", created_at=now))
    assert "王小梅" not in str(refused.value)


async def test_migrating_again_changes_nothing(store: Store) -> None:
    await migrate(store)
    assert await is_current(store)


async def test_the_tables_and_the_migrations_agree(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from store.tables import metadata

    async with store.engine.connect() as conn:
        left = await conn.run_sync(lambda c: compare_metadata(MigrationContext.configure(c), metadata))
    assert [d for d in left if not _partial_index(d)] == []


def _partial_index(difference: object) -> bool:
    """SQLite does not tell an index's condition back, so Alembic cannot compare those."""
    return isinstance(difference, tuple) and "index" in str(difference[0]) and "where" in repr(difference[1].kwargs)


def test_another_kind_of_database_is_refused_in_words() -> None:
    with pytest.raises(StoreError, match="sqlite:/// or postgresql://"):
        async_url("mysql://x")


async def test_postgresql_ends_what_lasts_too_long(store: Store) -> None:
    if store.dialect != "postgresql":
        return
    speaking = Store(str(store.url.render_as_string(hide_password=False)), store.vault, idle_seconds=7)
    asked = "SELECT name, setting FROM pg_settings WHERE name ~ '^(idle_in_transaction_session|transaction)_timeout$'"
    async with speaking.read() as conn:
        told = {row.name: row.setting for row in (await conn.execute(text(asked))).all()}
    await speaking.close()
    assert told.pop("idle_in_transaction_session_timeout") == "7000"
    assert list(told.values()) in ([], ["70000"]), "PostgreSQL knows transaction_timeout from 17 on"


def test_a_private_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text("of somebody else")
    path.chmod(0o644)
    private_file(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_file_written_anew_by_root_stays_the_service_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, given = tmp_path / "keys.json", []
    path.write_text("old")
    path.chmod(0o640)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    monkeypatch.setattr(os, "fchown", lambda _file, user, group: given.append((user, group)))
    private_file(path, "new", as_before=True)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert given == [(path.stat().st_uid, path.stat().st_gid)]


def test_a_folder_that_cannot_be_made_is_told_with_the_next_step(tmp_path: Path, vault: Any) -> None:
    (tmp_path / "var").write_text("a file stands in the way")
    with pytest.raises(StoreError, match=r"cannot be made .*; set DATABASE_URL="):
        Store(f"sqlite:///{tmp_path / 'var' / 'yinuo.db'}", vault)

"""The database's shape: brought up once by whoever is first, and never opened by a version that is too old for it."""

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from store.engine import Store, StoreError
from store.migrate import FOLDER, is_current, migrate, still_serves
from store.tables import metadata


async def test_the_migrations_make_exactly_the_tables_we_know(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with store.engine.connect() as conn:
        assert await conn.run_sync(differences) == []


@pytest.mark.parametrize(
    ("table", "column"), [("account", "version"), ("human_contact", "proof_digest"), ("account_party", "consent")]
)
async def test_a_column_that_came_later_lets_an_older_worker_write_on(store: Store, table: str, column: str) -> None:
    def told(connection: Connection) -> list[Any]:
        return [row for row in inspect(connection).get_columns(table) if row["name"] == column]

    async with store.engine.connect() as conn:
        (row,) = await conn.run_sync(told)
    assert row["nullable"] or row["default"] is not None


async def test_two_processes_may_bring_it_up_at_once(store: Store) -> None:
    await asyncio.gather(migrate(store), migrate(store))
    assert await is_current(store)


async def test_an_old_version_does_not_touch_a_newer_database(store: Store) -> None:
    async with store.write() as conn:
        await conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert not await is_current(store)
    assert await still_serves(store), "what runs goes on; only a start is refused"
    with pytest.raises(StoreError, match="start the newer version"):
        await migrate(store)


@pytest.mark.parametrize("emptied", ["UPDATE alembic_version SET version_num = '0001'", "DELETE FROM alembic_version"])
async def test_a_shape_of_before_serves_nobody(store: Store, emptied: str) -> None:
    async with store.write() as conn:
        await conn.exec_driver_sql(emptied)
    assert not await still_serves(store)


async def test_what_runs_keeps_to_the_shapes_it_knew_at_its_start(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new version's files may stand where the old one's stood, before anybody migrated."""
    assert await still_serves(store)
    monkeypatch.setattr("store.migrate.FOLDER", FOLDER / "gone")
    assert await still_serves(store)

"""Migrations: the database brought to the shape this version needs."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from store.engine import Store, StoreError

FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


@cache
def _known() -> tuple[str, ...]:
    """The shapes this version knows, newest first. Read once: an upgrade may change the folder under our feet."""
    return tuple(step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions())


def _there(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = _config()
    there = _there(connection)
    if there not in {None, *_known()}:
        raise StoreError(f"the database has a newer shape ({there}) than this version knows; start the newer version")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate(store: Store) -> None:
    """Brings the database to the newest shape; safe to run again. One process at a time on PostgreSQL.

    Raises StoreError when a newer version than this one has been here.
    """
    async with store.engine.begin() as connection:
        if store.dialect == "postgresql":
            await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(840084)")
        await connection.run_sync(_upgrade)


async def _shape(store: Store) -> str | None:
    async with store.engine.connect() as connection:
        return await connection.run_sync(_there)


async def is_current(store: Store) -> bool:
    """Whether the database has the shape this version makes: a process that starts needs just that."""
    return await _shape(store) == _known()[0]


async def older_shape(store: Store) -> str | None:
    """The shape of an earlier version the database is still in; None: it has ours, none at all, or a newer one."""
    there = await _shape(store)
    return there if there in _known()[1:] else None


async def still_serves(store: Store) -> bool:
    """Whether a process that runs may go on: the shape is ours, or newer than any we know, and those only add."""
    there = await _shape(store)
    return there is not None and there not in _known()[1:]

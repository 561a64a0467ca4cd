"""Migrations: the database brought to the shape this version needs."""

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


def _upgrade(connection: Connection) -> None:
    config = _config()
    there = MigrationContext.configure(connection).get_current_revision()
    if there not in {None, *(step.revision for step in ScriptDirectory.from_config(config).walk_revisions())}:
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


def _current(connection: Connection) -> bool:
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == wanted


async def is_current(store: Store) -> bool:
    """Whether the database has the shape this version needs."""
    async with store.engine.connect() as connection:
        return await connection.run_sync(_current)

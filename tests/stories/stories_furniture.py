"""Databases for the stories: the shipped words brought in and approved once, then copied for every town."""

from datetime import UTC, datetime
from typing import Any

import asyncpg

from bot.clock import SetClock
from bot.flows.house import House
from bot.flows.words import approve, book, bring_in, read_files
from bot.settings import Settings
from store.engine import Store
from store.vault import Vault


async def furnish(url: str, vault: Vault) -> list[dict[str, Any]]:
    """Publishes and approves every shipped wording; answers the templates the providers must know."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    store = Store(url, vault)
    try:
        await bring_in(store, read_files(Settings().scripts), now)
        return await _approved(House(store, SetClock(now), {}, ""))
    finally:
        await store.close()


async def _approved(house: House) -> list[dict[str, Any]]:
    async with house.store.read() as conn:
        words = await book(house, conn, None)
    templates: dict[str, list[str]] = {}
    for script in words.scripts.values():
        if script.approval is None:
            continue
        name = script.template or f"sms-{script.name}"
        if script.template:
            known = templates.setdefault(name, [])
            known += [key for key in script.fields if key not in known]
        await approve(house, script.path, name, None)
    return [{"id": name, "keys": keys, "title": name} for name, keys in templates.items()]


def database_url(server: str, name: str) -> str:
    """The server's address with another database's name."""
    head, _, tail = server.partition("?")
    return head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")


async def run_sql(server: str, statement: str) -> None:
    """One statement outside a transaction."""
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()

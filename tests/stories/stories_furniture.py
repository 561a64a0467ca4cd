"""Databases for the stories: the shipped words brought in and approved once, then copied for every town."""

from datetime import UTC, datetime
from typing import Any

from bot.clock import SetClock
from bot.flows.house import House
from bot.flows.words import approve_all, bring_in, read_files
from bot.settings import Settings
from store.engine import Store
from store.vault import Vault


async def furnish(url: str, vault: Vault) -> list[dict[str, Any]]:
    """Publishes and approves every shipped wording; answers the templates the providers must know."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    store = Store(url, vault)
    try:
        await bring_in(store, read_files(Settings().scripts), now)
        templates = await approve_all(House(store, SetClock(now), {}, ""))
        return [{"id": name, "keys": keys, "title": name} for name, keys in templates.items()]
    finally:
        await store.close()

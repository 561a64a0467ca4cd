"""The ladder edited as data: a community's own numbers over the shipped ones, no more than what differs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.ledger import LedgerError
from bot.rules.policy import diff, load_policy
from bot.rules.policy_page import lay_over
from store import ledger
from store import wordings as shelf
from store.journal import Entry, note


def laid(house: House, town: Town) -> dict[str, Any]:
    """The whole ladder of a community as plain data."""
    return lay_over(shipped(house), json.loads(town.row.policy or "{}"))


def shipped(house: House) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(house.ladder_text)
    return found


def value_at(data: Mapping[str, Any], name: str) -> Any:
    """The value of a dotted name, or None."""
    found: Any = data
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def with_value(data: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The data with one dotted name set; None removes it."""
    first, _dot, rest = name.partition(".")
    inner = value
    if rest:
        held = data.get(first)
        inner = with_value(dict(held) if isinstance(held, Mapping) else {}, rest, value)
    changed = {**data, first: inner}
    if inner is None:
        changed.pop(first)
    return changed


def own_values(base: Mapping[str, Any], full: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``full`` differs from ``base``: laid over it, it gives ``full`` again. A removed name is null."""
    own: dict[str, Any] = {}
    for key in {**base, **full}:
        if key not in full:
            own[key] = None
        elif isinstance(base.get(key), Mapping) and isinstance(full[key], Mapping):
            inner = own_values(base[key], full[key])
            if inner:
                own[key] = inner
        elif key not in base or base[key] != full[key]:
            own[key] = full[key]
    return own


def overrides_of(house: House, full: Mapping[str, Any]) -> str:
    """The community's own values as they are kept. Raises BadPolicy with every problem."""
    own = json.dumps(own_values(shipped(house), full), ensure_ascii=False, sort_keys=True)
    load_policy(house.ladder_text, own)
    return own


def from_yaml(text: str) -> dict[str, Any]:
    """A whole ladder as an admin typed it. Raises BadPolicy, naming lines, for a text that is none."""
    load_policy(text)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def changes(house: House, before: str, after: str) -> list[tuple[str, str, str]]:
    """What an edit changes: dotted name, old, new."""
    return diff(load_policy(house.ladder_text, before), load_policy(house.ladder_text, after))


async def save(
    house: House, conn: AsyncConnection, town: Town, before: str, after: str, who: str, why: str, now: datetime
) -> None:
    """Puts a ladder in force, unless somebody changed it meanwhile. Raises LedgerError then."""
    told = changes(house, before, after)
    if not await shelf.set_policy(conn, town.id, before, after):
        raise LedgerError("somebody changed the ladder meanwhile; look at it as it stands now and simulate again")
    content = {"before": before, "after": after}
    words = "; ".join(f"{name}: {old} -> {new}" for name, old, new in told)[:2000]
    await note(conn, Entry("ladder", f"community:{town.id}:policy", content, now, town.id, who, f"{why} [{words}]"))
    await ledger.look_community(conn, town.id, now)

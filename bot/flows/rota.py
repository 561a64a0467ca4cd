"""Who is responsible for a case, who is next, who leads: the staff of a community as the rota sees them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.faces import duty_of
from bot.flows.house import Town
from bot.rules.duty import Colleague, spans_of, who_next
from store import staff as people

LEADING = ("supervisor", "head", "admin")
WORKING = ("assistant", "front_desk", "accountant")
BY_CAUSE = {
    "stale_ledger": "accountant", "uncertain": "admin", "provider_refusal": "admin", "legal_paper": "legal",
    "paid_claim_unseen": "accountant", "code_guessing": "admin",
}  # fmt: skip
"""Causes that belong to another role than the account's assistant."""


@dataclass(frozen=True, slots=True)
class Rota:
    """Everyone of a community who has not left, and who has which building or account."""

    staff: tuple[Colleague, ...]
    by_account: dict[int, int]
    by_building: dict[str, int]

    def ids(self) -> frozenset[int]:
        return frozenset(c.id for c in self.staff)

    def role(self, *roles: str) -> list[Colleague]:
        return [c for c in self.staff if c.role in roles]


async def rota_of(conn: AsyncConnection, town: Town, now: datetime) -> Rota:
    """The rota of a community today."""
    off = await people.days_off(conn, town.today(now))
    rows = await people.everyone(conn, town.id)
    mine = await people.responsibilities(conn, town.id)
    ids = {row.id for row in rows}
    return Rota(
        tuple(_colleague(row, off.get(row.id, set())) for row in rows),
        {r.account_id: r.staff_id for r in mine if r.account_id is not None and r.staff_id in ids},
        {r.building: r.staff_id for r in mine if r.account_id is None and r.staff_id in ids},
    )


def _colleague(row: Any, off: Collection[Any]) -> Colleague:
    told = json.loads(row.hours or "{}")
    week = {day: spans_of(spans) for day, spans in told.items() if isinstance(spans, list)}
    return Colleague(row.id, row.role, int(told.get("rota", row.id)), week, frozenset(off))


def owner_of(rota: Rota, town: Town, standing: Any, now: datetime) -> int | None:
    """Who is responsible for a case: by its cause, its account, its building, else the next on the rota.

    None only while the community has no staff at all.
    """
    role = BY_CAUSE.get(standing.cause)
    if role is not None:
        found = who_next(rota.role(role), duty_of(town), now, ())
        if found is not None:
            return found.id
    for known in (
        standing.assistant_id, rota.by_account.get(standing.account_id), standing.account_assistant,
        rota.by_building.get(standing.building or "-"), rota.by_building.get(""),
    ):  # fmt: skip
        if known is not None and known in rota.ids():
            return int(known)
    return next_after(rota, town, (), now)


def next_after(rota: Rota, town: Town, but: Sequence[int | None], now: datetime) -> int | None:
    """The next colleague on the rota; those who lead only when no other is left."""
    found = who_next(rota.role(*WORKING), duty_of(town), now, but)
    found = found or who_next(rota.role(*LEADING), duty_of(town), now, but)
    return found.id if found else None


def leader(rota: Rota, town: Town, now: datetime, but: Sequence[int | None] = ()) -> int | None:
    """The supervisor on duty; without one the head, then an admin."""
    for role in LEADING:
        found = who_next(rota.role(role), duty_of(town), now, but)
        if found is not None:
            return found.id
    return None

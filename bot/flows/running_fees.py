"""Charges whose late fee runs, read as the book stands: those of communities whose contract's clause is entered."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.latefee import PASSED_THROUGH, Rate, Running
from store import latefees as shelf


async def running(
    conn: AsyncConnection, charge_ids: Sequence[int], never_on: frozenset[str] | None = None
) -> dict[int, Running]:
    """By charge; empty where no clause is entered. ``never_on``: kinds without a fee, else the community's own."""
    rows = await shelf.bearing(conn, charge_ids) if charge_ids else []
    if not rows:
        return {}
    rates: dict[int, list[Rate]] = {}
    for r in await shelf.rates(conn, sorted({row.community_id for row in rows})):
        rates.setdefault(r.community_id, []).append(Rate(r.effective_from, r.daily_ppm, r.grace_days, r.cap_percent))
    found = {
        row.id: Running(row.kind, row.due_on, row.amount_fen, rates[row.community_id], never_on or _never_on(row))
        for row in rows
    }
    for line in await shelf.repaid(conn, list(found)):
        found[line.charge_id].take(line.part, int(line.fen), line.paid_on)
    zones = {row.id: ZoneInfo(row.timezone) for row in rows}
    for given in await shelf.waived(conn, list(found)):
        found[given.charge_id].take(given.part, given.amount_fen, given.at.astimezone(zones[given.charge_id]).date())
    return found


def _never_on(row: Any) -> frozenset[str]:
    own = json.loads(row.policy or "{}").get("late_fee", {}).get("never_on", [])
    return PASSED_THROUGH.union(own)

"""Takes the last import back: what it made goes, what it changed becomes what it was."""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.importing.land import corrections
from bot.flows.importing.report import Refused, UndoReport
from bot.flows.importing.sentences import sentence
from bot.flows.ledger import reallocate
from store import landing
from store.engine import Store
from store.journal import SEALED, Entry, note, note_many
from store.ledger import lock_community, look_community
from store.tables import metadata
from store.tables.columns import Instant

_ORDER = (
    "ledger_watermark",
    "hold",
    "payment",
    "charge",
    "contact",
    "account_party",
    "account",
    "unit",
    "owner",
    "person",
)
"""What refers goes before what is referred to."""


async def undo_last(store: Store, community_id: int, now: datetime, who: str) -> UndoReport:
    """Takes back the community's newest import, in one transaction.

    What later rows refer to (a message said, a promise made) is kept and closed instead of removed: a charge is
    cancelled, a payment reversed, an account closed. Raises Refused when there is no import to take back.
    """
    async with store.write() as conn:
        await lock_community(conn, community_id)
        run = await landing.last_run(conn, community_id)
        if run is None:
            raise Refused(sentence("nothing_to_undo"))
        report = await _take_back(conn, run, community_id, now, who)
        await landing.mark_undone(conn, run.id, now)
        content = {"community_id": community_id, "names": run.names, "digest": run.digest, "at": run.at}
        await note(conn, Entry("import_undone", f"import_run:{run.id}", content, now, community_id, who, run.names))
        return report


async def _take_back(conn: AsyncConnection, run: Any, community_id: int, now: datetime, who: str) -> UndoReport:
    made: dict[str, list[int]] = {}
    restored: dict[str, dict[int, dict[str, Any]]] = {}
    for row in await landing.changes_of(conn, run.id):
        before = json.loads(row.before or "{}")
        if "made_to" in before:
            made.setdefault(row.table_name, []).extend(range(row.row_id, before["made_to"] + 1))
        else:
            restored.setdefault(row.table_name, {})[row.row_id] = before
    touched = await _free_money(conn, made, restored)
    await _note_payments(conn, restored.get("payment", {}), now, community_id, who)
    await _restore(conn, restored, await landing.waived(conn, community_id))
    report = UndoReport(run.names, chinese=(await landing.locale_of(conn, community_id)).startswith("zh"))
    report.back.update({name: len(rows) for name, rows in restored.items()})
    for name in _ORDER:
        report.gone[name], report.closed[name] = await _remove(conn, metadata.tables[name], made.get(name, []), now)
    gone_accounts = set(made.get("account", ()))
    await reallocate(conn, sorted(touched - gone_accounts), now)
    await look_community(conn, community_id, now)
    return report


async def _free_money(
    conn: AsyncConnection, made: dict[str, list[int]], restored: dict[str, dict[int, dict[str, Any]]]
) -> set[int]:
    """Money that was allocated to or by what is taken back is free again; answers the accounts concerned."""
    charges = [*made.get("charge", ()), *restored.get("charge", ())]
    payments = [*made.get("payment", ()), *restored.get("payment", ())]
    touched = await landing.accounts_of(conn, metadata.tables["charge"], charges)
    touched |= await landing.accounts_of(conn, metadata.tables["payment"], payments)
    touched |= await landing.remove_allocations(conn, "payment_id", payments)
    touched |= await landing.remove_allocations(conn, "charge_id", charges)
    return touched


async def _note_payments(
    conn: AsyncConnection, restored: dict[int, dict[str, Any]], now: datetime, community_id: int, who: str
) -> None:
    """What a correction told the journal of payments, their way back tells it too."""
    table = metadata.tables["payment"]
    rows = await landing.rows_by_id(conn, table, sorted(restored))
    changes = {row_id: _values(table, before) for row_id, before in restored.items()}
    await note_many(conn, corrections(rows, changes, now, community_id, who))


async def _restore(
    conn: AsyncConnection, restored: dict[str, dict[int, dict[str, Any]]], waived: dict[int, int]
) -> None:
    for name, rows in restored.items():
        table = metadata.tables[name]
        changes = {row_id: _values(table, before) for row_id, before in rows.items()}
        if name == "charge":
            # Its allocations were just taken away: all that was not given up is open until money is allocated anew.
            for row_id, amount in (await _amounts(conn, list(changes))).items():
                owed = changes[row_id].get("amount_fen", amount) - waived.get(row_id, 0)
                changes[row_id]["open_fen"] = max(0, owed)
        await landing.update_rows(conn, table, changes)


async def _amounts(conn: AsyncConnection, ids: list[int]) -> dict[int, int]:
    return {row.id: row.amount_fen for row in await landing.rows_by_id(conn, metadata.tables["charge"], ids)}


def _values(table: Table, before: dict[str, Any]) -> dict[str, Any]:
    return {name: _typed(table, name, value) for name, value in before.items()}


def _typed(table: Table, name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(table.c[name].type, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if table.c[name].type.python_type is date else value


async def _remove(conn: AsyncConnection, table: Table, ids: list[int], now: datetime) -> tuple[int, int]:
    """(removed, kept): rows nobody refers to go, the others are closed."""
    if not ids:
        return 0, 0
    if table.name == "account":
        await landing.forget_decisions(conn, ids)
    free = await landing.free_of_others(conn, table, ids)
    if table.name == "charge":
        free -= await landing.spoken_about(conn, sorted(free))
    await landing.remove_rows(conn, table, sorted(free))
    if table.name in SEALED:
        await note_many(conn, [Entry("removed", f"{table.name}:{row_id}", {}, now) for row_id in sorted(free)])
    kept = sorted(set(ids) - free)
    closing = _CLOSING.get(table.name)
    if kept and closing is not None:
        await landing.update_rows(conn, table, {row_id: closing(now) for row_id in kept})
    return len(free), len(kept)


_CLOSING: dict[str, Any] = {
    "charge": lambda now: {"cancelled_at": now},
    "payment": lambda now: {"state": "reversed", "reversed_at": now},
    "hold": lambda now: {"ended_at": now},
    "account": lambda now: {"closed_on": now.date()},
    "contact": lambda now: {"dead_reason": "undone", "dead_at": now},
}

"""Late fees of charges: nothing until the contract's rate is entered; then derived each time, never stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import Town
from bot.flows.ledger import LedgerError
from bot.rules.latefee import LateFee, Rate, judge_rate, late_fee
from store import latefees as shelf
from store.journal import Entry, note
from store.ledger import look_community


async def late_fees(conn: AsyncConnection, town: Town, charge_ids: Sequence[int], as_of: date) -> dict[int, LateFee]:
    """Per charge the late fee still owed on a local date, with its lines; empty while there is no rate."""
    told = await shelf.rates(conn, town.id)
    if not told or not charge_ids:
        return {}
    rates = [Rate(r.effective_from, r.daily_ppm) for r in told]
    policy = replace(town.policy.late_fee, enabled=True, grace_days=told[-1].grace_days,
                     cap_percent=told[-1].cap_percent)  # fmt: skip
    fallen, paid_fee = await _fallen(conn, charge_ids)
    given_up = await shelf.waived(conn, charge_ids)
    found = {}
    for c in await shelf.charges(conn, charge_ids):
        principal = [(date.min, c.amount_fen)]
        for day, fen in fallen.get(c.id, []):
            principal.append((day, principal[-1][1] - fen))
        off = given_up.get(c.id, 0) + paid_fee.get(c.id, 0)
        found[c.id] = late_fee(c.kind, c.due_on, principal, rates, as_of, policy, off)
    return found


async def _fallen(
    conn: AsyncConnection, charge_ids: Sequence[int]
) -> tuple[dict[int, list[tuple[date, int]]], dict[int, int]]:
    """How the principal fell day by day, and what was paid of the fee itself."""
    fallen: dict[int, list[tuple[date, int]]] = {}
    fee: dict[int, int] = {}
    for row in await shelf.repaid(conn, charge_ids):
        if row.part == "principal":
            fallen.setdefault(row.charge_id, []).append((row.paid_on, int(row.fen)))
        else:
            fee[row.charge_id] = fee.get(row.charge_id, 0) + int(row.fen)
    return fallen, fee


async def enter_rate(
    conn: AsyncConnection, town: Town, *, daily_ppm: int, effective_from: date, clause: str, who: str, now: datetime,
    grace_days: int = 15, cap_percent: int = 100,
) -> str:  # fmt: skip
    """The contract's rate from a date on; answers a warning or nothing. Raises LedgerError above four times LPR."""
    if not clause.strip():
        raise LedgerError("name the contract's clause (--clause); without one no late fee can be asked for")
    judged = judge_rate(daily_ppm, town.policy.late_fee)
    if judged.refused:
        raise LedgerError(
            f"{daily_ppm} ppm a day is above four times LPR ({judged.highest_ppm} ppm); courts do not grant it"
        )
    values = {
        "community_id": town.id, "effective_from": effective_from, "daily_ppm": daily_ppm, "grace_days": grace_days,
        "cap_percent": cap_percent, "clause": clause, "who": who, "at": now,
    }  # fmt: skip
    number = await shelf.add_rate(conn, values)
    await note(conn, Entry("late_fee_rate", f"late_fee_rate:{number}", values, now, town.id, who, clause))
    await look_community(conn, town.id, now)
    return "courts may cut a rate above 0.1 per mille a day" if judged.warn else ""

"""Late fees of charges: nothing until the contract's rate is entered; then derived each time, never stored."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import Town
from bot.flows.ledger import LedgerError
from bot.flows.running_fees import running
from bot.rules.latefee import LateFee, judge_rate
from store import latefees as shelf
from store.journal import Entry, note
from store.ledger import look_community


async def late_fees(conn: AsyncConnection, town: Town, charge_ids: Sequence[int], as_of: date) -> dict[int, LateFee]:
    """Per charge the late fee still owed on a local date, with its lines; empty while there is no rate."""
    told = await running(conn, charge_ids, town.policy.late_fee.never_on)
    return {number: told[number].fee(as_of) if number in told else LateFee(0) for number in charge_ids if told}


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

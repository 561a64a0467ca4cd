"""Money meets a case: a payment that covers what is due closes it and tells whoever has it; a part is shown."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cards, cases
from bot.flows.faces import faces
from bot.flows.house import House, Town
from store import cases as shelf

MONEY_CAUSES = (
    "broken_promise", "second_broken_promise", "paid_claim_unseen", "refusal", "hardship", "plan_request",
)  # fmt: skip
"""Causes that are over once nothing due is owed; every step of people (``step:…``) too."""


async def money_came(house: House, conn: AsyncConnection, town: Town, now: datetime) -> int:
    """Closes the paid cases of a community and shows part payments; answers how many were closed."""
    closed = 0
    for row in await shelf.paid_up(conn, MONEY_CAUSES, town.today(now)):
        if row.community_id != town.id:
            continue
        moved = await cases.resolve(house, conn, row.id, row.version, None, "paid", now)
        closed += moved.ok
        if moved.ok and row.claimed_by is not None:
            face = (await faces(conn, town, [row.id], now))[0]
            await cards.tell_card(house, conn, town, face, row.claimed_by, "paid_closed", now)
    for part in await shelf.part_payments(conn, MONEY_CAUSES):
        await _part(house, conn, town, part.case_id, part.payment_id, now)
    return closed


async def _part(
    house: House, conn: AsyncConnection, town: Town, case_id: int, payment_id: int, now: datetime
) -> None:  # fmt: skip
    case = await shelf.one(conn, case_id)
    told = f"payment:{payment_id}"
    if case.community_id != town.id or await shelf.has_event(conn, case_id, "joined", told):
        return
    await shelf.write_event(conn, case_id, case.version, "joined", now, community_id=town.id, note_text=told)
    await cards.redraw(house, conn, town, case_id, now, "joined")

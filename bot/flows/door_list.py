"""The list of sealed notices on doors: proposed by whoever leads the desk, approved by the role above, then printed.

Allowed from two periods in arrears [003]; the list needs the centre head's approval, and nobody approves their own.
Each approved account becomes a case for its assistant.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.approvals import ask_approval
from bot.flows.house import House, Town
from bot.flows.ledger import LedgerError
from store import cases
from store import door_list as shelf

MOST_NAMED = 30
"""Units named in what the approver reads; all of them stand on the list itself."""


async def propose(house: House, conn: AsyncConnection, town: Town, now: datetime, *, asked_by: int) -> int:
    """Asks for the list as it stands now; answers the request. Raises LedgerError when it is empty, or one waits."""
    if any(row.state == "open" for row in await shelf.lists(conn, town.id)):
        raise LedgerError("a list of door notices waits for its approval already")
    rows = await shelf.behind(conn, town.id, town.today(now))
    if not rows:
        raise LedgerError("no account is two periods behind with nothing else in the way")
    codes = [row.code for row in rows]
    more = f" … +{len(codes) - MOST_NAMED}" if len(codes) > MOST_NAMED else ""
    words = f"{len(codes)}: {'、'.join(codes[:MOST_NAMED])}{more}"
    detail = {"accounts": [row.id for row in rows]}
    subject = f"community:{town.id}"
    return await ask_approval(
        house, conn, town, "door_notice", subject, now, asked_by=asked_by, words=words, detail=detail
    )  # fmt: skip


async def approved_list(conn: AsyncConnection, town: Town, approval_id: int, now: datetime) -> tuple[Any, list[Any]]:
    """An approved list as it is printed: who paid since is left out. Raises LedgerError for one not approved."""
    row = await cases.approval_of(conn, approval_id)
    if row is None or row.kind != "door_notice" or row.community_id != town.id or row.state != "approved":
        raise LedgerError("this list is not approved; ask for it first")
    wanted = json.loads(row.detail)["accounts"]
    return row, list(await shelf.behind(conn, town.id, town.today(now), wanted))

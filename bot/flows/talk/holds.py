"""Holds a conversation lays on an account: what silences the ladder, and until exactly which local day (I5)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.flows.talk.who import Talk
from store import core, ledger
from store import talk as shelf


async def lay(talk: Talk, account: Any, code: str, reason: str, until: date) -> int:
    """Holds one account through a local day, and lets the ladder look at once."""
    values = {
        "scope": "account", "account_id": account.id, "code": code, "reason": reason, "until": until,
        "who": talk.who, "at": talk.now, "source": talk.occasion,
    }  # fmt: skip
    number = await shelf.put(talk.conn, core.hold, values)
    await talk.note("hold", f"hold:{number}", values)
    await ledger.look_now(talk.conn, [account.id], talk.now)
    return number


async def lay_all(talk: Talk, accounts: Sequence[Any], code: str, reason: str, until: date) -> None:
    """The same on several accounts."""
    for account in accounts:
        await lay(talk, account, code, reason, until)


def working_days(talk: Talk, count: int) -> date:
    """The ``count``-th working day after today."""
    return talk.town.calendar.add_working_days(talk.today, count)

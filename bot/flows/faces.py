"""What staff see of a case: read set-wise, masked for the group; details only for whoever has it (I9)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import Town
from bot.rules.duty import Duty, duty
from bot.talk.masked import amount_band, masked_name
from store import cases as shelf
from store import staff as people

PROMISE_CAUSES = ("broken_promise", "second_broken_promise")


@dataclass(frozen=True, slots=True)
class Face:
    """A case as its card shows it. ``owner`` is masked; sums are fen, days count from the oldest due day."""

    row: Any
    unit: str
    owner: str
    owed_fen: int
    days: int
    promised_on: date | None
    promised_fen: int
    assistant: str
    claimer: str
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return int(self.row.id)

    @property
    def band(self) -> str:
        return amount_band(self.owed_fen)


async def faces(conn: AsyncConnection, town: Town, ids: Sequence[int], now: datetime) -> list[Face]:
    """The faces of cases of one community, in the order of ``ids``."""
    rows = await shelf.standing(conn, ids)
    accounts = sorted({row.account_id for row in rows.values() if row.account_id is not None})
    today = town.today(now)
    owed = await shelf.owed(conn, accounts, today)
    promised = await shelf.last_promises(conn, accounts)
    known = await people.names(conn, [*(r.assistant_id for r in rows.values()), *(r.claimed_by for r in rows.values())])
    return [_face(rows[i], owed, promised, known, today) for i in ids if i in rows]


def _face(
    row: Any, owed: dict[int, Any], promised: dict[int, Any], names: dict[int | None, str], today: date
) -> Face:  # fmt: skip
    debt = owed.get(row.account_id)
    word = promised.get(row.account_id) if row.cause in PROMISE_CAUSES else None
    return Face(
        row=row, unit=row.code or row.subject, owner=masked_name(row.owner or ""),
        owed_fen=int(debt.fen) if debt else 0, days=(today - debt.since).days if debt else 0,
        promised_on=word.due_on if word else None, promised_fen=int(word.amount_fen) if word else 0,
        assistant=names.get(row.assistant_id, ""), claimer=names.get(row.claimed_by, ""),
        detail=json.loads(row.detail or "{}"),
    )  # fmt: skip


def duty_of(town: Town) -> Duty:
    """When a community's staff work: ``staff_hours`` of its profile, else working days from nine to six."""
    return duty(town.profile.get("staff_hours"), town.calendar, town.zone)

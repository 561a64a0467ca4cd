"""What only a role may grant: asked with a card, granted once, never by whoever asked; all of it in the journal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cards
from bot.flows.house import House, Town
from bot.flows.staff_post import post, tell, voice
from store import cases as shelf
from store import staff as people
from store.journal import Entry, note

ABOVE = {"supervisor": ("supervisor", "head"), "head": ("head",)}
"""Which roles may grant what a role may grant."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a press on a request: ``why`` is own, role or late when it did nothing."""

    ok: bool
    approval: Any
    why: str = ""


async def ask_approval(
    house: House, conn: AsyncConnection, town: Town, kind: str, subject: str, now: datetime, *,
    asked_by: int | None, words: str, detail: Mapping[str, Any],
) -> int:  # fmt: skip
    """Asks the role that may approve; ``words`` is what they read. Raises KeyError for an unknown kind."""
    role = town.policy.approvals[kind]
    values = {
        "community_id": town.id, "kind": kind, "subject": subject, "role": role, "state": "open",
        "detail": json.dumps({**detail, "words": words}, ensure_ascii=False), "asked_by": asked_by, "asked_at": now,
        "why": "",
    }  # fmt: skip
    number = await shelf.insert_approval(conn, values)
    who = f"staff:{asked_by}" if asked_by else ""
    await note(conn, Entry("approval", f"approval:{number}", values, now, town.id, who, f"{kind} asked"))
    await _show(house, conn, town, number, kind, role, asked_by, words, now)
    return number


async def _show(
    house: House, conn: AsyncConnection, town: Town, number: int, kind: str, role: str, asked_by: int | None,
    words: str, now: datetime,
) -> None:  # fmt: skip
    """A private card for everyone who may approve; in the group when nobody of them can be reached."""
    name = (await people.names(conn, [asked_by])).get(asked_by, "")
    reached = False
    for colleague in await people.everyone(conn, town.id):
        if colleague.role in ABOVE.get(role, (role,)) and colleague.id != asked_by:
            say = await voice(house, conn, town, colleague.locale)
            said = say.say("approval", key=display(kind), menu=words, who=name)
            reached |= await tell(house, conn, colleague.id, town.id, said, now, keys=_keys(say, number))
    if reached:
        return
    say = await voice(house, conn, town)
    said = say.say("approval", key=display(kind), menu=words, who=name)
    for group in await cards.open_groups(house, conn, town.id):
        keys = _keys(say, number) if cards.edits(house, group) else []
        await post(conn, group, town.id, said, now, keys=keys)


def _keys(say: Any, number: int) -> list[list[tuple[str, str]]]:
    return [[(say.term("labels", "yes"), f"a:{number}:yes"), (say.term("labels", "no"), f"a:{number}:no")]]


def display(kind: str) -> str:
    """How the wording names a kind (it must not speak of a lawyer where none wrote yet)."""
    return "legal" if kind == "lawyer_letter" else kind


async def decide(
    house: House, conn: AsyncConnection, approval_id: int, staff: Any, yes: bool, now: datetime, why: str = ""
) -> Decided | None:  # fmt: skip
    """Grants or refuses a request, once. None for a request that does not exist."""
    row = await shelf.approval_of(conn, approval_id)
    if row is None or (staff.community_id is not None and row.community_id not in (None, staff.community_id)):
        return None
    if staff.role not in ABOVE.get(row.role, (row.role,)):
        return Decided(False, row, "role")
    if row.asked_by == staff.id:
        return Decided(False, row, "own")
    state = "approved" if yes else "refused"
    if not await shelf.decide(conn, approval_id, state, staff.id, why, now):
        return Decided(False, row, "late")
    content = {"state": state, "why": why}
    who = f"staff:{staff.id}"
    await note(conn, Entry("approval", f"approval:{approval_id}", content, now, row.community_id, who, state))
    return Decided(True, await shelf.approval_of(conn, approval_id))


async def tell_asker(house: House, conn: AsyncConnection, town: Town, row: Any, now: datetime) -> None:
    """Whoever asked hears what became of it."""
    if row.asked_by is None:
        return
    asker = await people.one(conn, row.asked_by)
    name = (await people.names(conn, [row.decided_by])).get(row.decided_by, "")
    say = await voice(house, conn, town, asker.locale)
    words = json.loads(row.detail).get("words", "")
    await tell(house, conn, asker.id, town.id, say.say("approval_told", key=row.state, who=name, menu=words), now)

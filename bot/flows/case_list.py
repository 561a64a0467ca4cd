"""Many cases as one list: a page of lines with a button each, turned in place, so that every case can be reached."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cards
from bot.flows.faces import Face, faces
from bot.flows.house import House, Town
from bot.flows.staff_post import Keys, post, tell, voice
from bot.flows.staff_voice import Spoken, Voice
from store import cases as shelf
from store import staff as people

PAGE = 20
"""Lines on a page; four buttons in a row."""


def line(say: Voice, face: Face) -> str:
    """A case in one masked line."""
    return say.say(
        "case_line", case_no=str(face.id), cause=say.term("causes", face.row.cause), unit=face.unit, owner=face.owner,
        who=face.claimer or face.assistant, band=face.band if face.owed_fen else "",
    ).text  # fmt: skip


def lines(say: Voice, seen: Sequence[Face]) -> str:
    return "\n".join(line(say, face) for face in seen)


def page_keys(say: Voice, seen: Sequence[Face], which: str, page: int, pages: int) -> Keys:
    """A button per case that brings its card, and the ways to the pages before and after."""
    buttons = [(f"#{face.id}", f"o:{face.id}") for face in seen]
    rows: list[list[tuple[str, str]]] = [buttons[n : n + 4] for n in range(0, len(buttons), 4)]
    turns = []
    if page > 0:
        turns.append((say.term("labels", "back"), f"l:{which}:{page - 1}"))
    if page + 1 < pages:
        turns.append((say.term("labels", "more"), f"l:{which}:{page + 1}"))
    return [*rows, turns] if turns else rows


async def page_of(
    conn: AsyncConnection, town: Town, say: Voice, rows: Sequence[Any], which: str, page: int, now: datetime
) -> tuple[Spoken, Keys]:  # fmt: skip
    """One page of a list of cases, with its buttons."""
    pages = max((len(rows) + PAGE - 1) // PAGE, 1)
    page = min(max(page, 0), pages - 1)
    seen = await faces(conn, town, [row.id for row in rows[page * PAGE : (page + 1) * PAGE]], now)
    said = say.say(
        "case_list", count=str(len(rows)), page=str(page + 1), pages=str(pages), menu=lines(say, seen), key=which[:1]
    )
    return said, page_keys(say, seen, which, page, pages)


async def news(
    house: House, conn: AsyncConnection, town: Town, seen: Sequence[Face], groups: Sequence[Any], now: datetime
) -> None:  # fmt: skip
    """Many new cases at once: one summary by cause, and the list of all that nobody has, page by page."""
    say = await voice(house, conn, town)
    counts = Counter(face.row.cause for face in seen)
    told = "\n".join(f"{say.term('causes', cause)} × {n}" for cause, n in counts.most_common())
    rows = await shelf.unclaimed(conn, town.id)
    for group in groups:
        await post(conn, group, town.id, say.say("news", count=str(len(seen)), menu=told), now)
        if cards.edits(house, group):
            said, keys = await page_of(conn, town, say, rows, f"u{town.id}", 0, now)
            await post(conn, group, town.id, said, now, keys=keys)
        else:
            page = f"{house.public_url.rstrip('/')}/staff/cases"
            said = say.say("robot_list", count=str(len(seen)))
            await post(conn, group, town.id, said, now, keys=[[(say.term("labels", "open"), "", page)]])


async def tell_list(
    house: House, conn: AsyncConnection, town: Town, staff_id: int, seen: Sequence[Face], now: datetime
) -> bool:  # fmt: skip
    """Many cases wait for one colleague: one private list. False: not reachable."""
    colleague = await people.one(conn, staff_id)
    say = await voice(house, conn, town, colleague.locale)
    rows = [face.row for face in seen]
    said, keys = await page_of(conn, town, say, rows, f"w{staff_id}", 0, now)
    return await tell(house, conn, staff_id, town.id, said, now, step="alert_list", keys=keys)

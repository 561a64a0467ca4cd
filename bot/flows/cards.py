"""The card of a case in the staff group: masked words, buttons with case and version, edited in place as it moves.

A group robot can neither edit nor carry buttons: it gets a new message for each move that matters, with a link that
leads whoever is signed in to the case.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.faces import Face, faces
from bot.flows.house import House, Town
from bot.flows.staff_post import Keys, keyboard, post, tell, voice
from bot.flows.staff_voice import Spoken, Voice
from store import cases as shelf
from store import staff as people

LINK_LIVES = timedelta(days=7)
MATTERS = ("opened", "claimed", "lapsed", "handed_over", "snoozed", "woken", "resolved")
"""Moves a robot tells of; the others show in the case itself."""
_ROWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "open": (("claim", "contacted"), ("promise", "snooze", "resolve")),
    "claimed": (("contacted", "promise"), ("snooze", "resolve", "hand_over")),
    "snoozed": (("claim", "contacted"), ("promise", "resolve")),
    "resolved": (),
}


def press_data(case_id: int, version: int, verb: str) -> str:
    """What a card's button carries."""
    return f"c:{case_id}:{version}:{verb}"


def card_keys(say: Voice, face: Face) -> Keys:
    """The buttons that fit the case's state."""
    rows = _ROWS[face.row.state]
    return [[(say.term("labels", verb), press_data(face.id, face.row.version, verb)) for verb in row] for row in rows]


def card_text(say: Voice, town: Town, face: Face, now: datetime) -> Spoken:
    """The card's words: masked, with the promised date and amount and nothing else the owner said."""
    return say.say(
        "card", case_no=str(face.id), cause=say.term("causes", face.row.cause), unit=face.unit, owner=face.owner,
        band=face.band if face.owed_fen else "", days=max(face.days, 0),
        promise_date=face.promised_on or town.today(now), promise_amount=face.promised_fen,
        state=state_line(say, town, face), assistant=face.assistant, urgent="1" if face.row.urgent else "",
    )  # fmt: skip


def state_line(say: Voice, town: Town, face: Face) -> str:
    """Who has the case until when, or how it ended, in the community's local time."""
    until = face.row.claimed_until if face.row.state == "claimed" else face.row.next_at
    return say.say(
        "state", key=face.row.state, who=face.claimer, until=clock(town, until) if until else "",
        outcome=say.term("outcomes", face.row.outcome) if face.row.outcome else "",
    ).text  # fmt: skip


def clock(town: Town, at: datetime) -> str:
    """An instant as staff read it: 11-25 10:07, local."""
    return f"{at.astimezone(town.zone):%m-%d %H:%M}"


def case_token(house: House, case_id: int, version: int, now: datetime) -> str:
    """A signed, expiring pointer to a case; it lets nobody in, the page still asks who is signed in."""
    told = f"{case_id}.{version}.{int((now + LINK_LIVES).timestamp())}"
    return f"{told}.{_signed(house, told)}"


def read_case_token(house: House, token: str, now: datetime) -> tuple[int, int] | None:
    """Case and version of a good token; None for a forged or an expired one."""
    told, _, mark = token.rpartition(".")
    parts = told.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return None
    if not hmac.compare_digest(mark, _signed(house, told)) or int(parts[2]) <= now.timestamp():
        return None
    return int(parts[0]), int(parts[1])


def _signed(house: House, told: str) -> str:
    return hmac.new(house.secret.encode(), f"case:{told}".encode(), hashlib.sha256).hexdigest()[:32]


def case_link(house: House, case_id: int, version: int, now: datetime) -> str:
    """The page of a case for a member of staff who is signed in."""
    return f"{house.public_url.rstrip('/')}/staff/case?t={case_token(house, case_id, version, now)}"


async def open_groups(house: House, conn: AsyncConnection, community_id: int) -> list[Any]:
    """The groups of a community that can be reached."""
    rows = await people.groups(conn, community_id)
    return [row for row in rows if not row.trouble and row.channel in house.channels]


def edits(house: House, group: Any) -> bool:
    """Whether a group's messages can be edited and carry buttons."""
    traits = house.channels[group.channel].traits
    return traits.edits and traits.buttons


async def put_up(
    house: House, conn: AsyncConnection, town: Town, face: Face, groups: Sequence[Any], now: datetime
) -> None:  # fmt: skip
    """A new card in each group, and the case remembers it."""
    say = await voice(house, conn, town)
    card = None
    for group in groups:
        if edits(house, group):
            said, keys = card_text(say, town, face, now), card_keys(say, face)
            card = await post(conn, group, town.id, said, now, step="card", keys=keys, case_id=face.id)
        else:
            await _robot_news(house, conn, town, say, group, face, "opened", now)
    if card is not None:
        await shelf.set_fields(conn, face.id, card_message_id=card)


async def redraw(house: House, conn: AsyncConnection, town: Town, case_id: int, now: datetime, kind: str) -> None:
    """The case moved: its cards are edited in place; a robot tells of moves that matter."""
    face = (await faces(conn, town, [case_id], now))[0]
    say = await voice(house, conn, town)
    for group in await open_groups(house, conn, town.id):
        if edits(house, group):
            await _edit(conn, town, say, group, face, now)
        elif kind in MATTERS:
            await _robot_news(house, conn, town, say, group, face, kind, now)


async def _edit(conn: AsyncConnection, town: Town, say: Voice, group: Any, face: Face, now: datetime) -> None:
    """Words of a card not yet sent are replaced before they leave; of a card that stands, in place."""
    said, keys = card_text(say, town, face, now), card_keys(say, face)
    waiting = await people.waiting_card(conn, face.id, group.id)
    if waiting is not None and await people.reword(conn, waiting, said.text, keyboard(keys)):
        return
    if face.row.card_message_id is not None:
        card = face.row.card_message_id
        await post(conn, group, town.id, said, now, step="card", keys=keys, case_id=face.id, edits=card)


async def _robot_news(
    house: House, conn: AsyncConnection, town: Town, say: Voice, group: Any, face: Face, kind: str, now: datetime
) -> None:  # fmt: skip
    said = say.say("robot_news", event=say.term("events", kind), menu=card_text(say, town, face, now).text)
    keys: Keys = [[(say.term("labels", "open"), "", case_link(house, face.id, face.row.version, now))]]
    await post(conn, group, town.id, said, now, step="card_news", keys=keys, case_id=face.id)


async def call_out(
    house: House, conn: AsyncConnection, town: Town, name: str, face: Face, now: datetime, **slots: object
) -> None:  # fmt: skip
    """A short new reply to a card, only for what must alert people again."""
    say = await voice(house, conn, town)
    for group in await open_groups(house, conn, town.id):
        if not edits(house, group):
            continue
        said = say.say(name, case_no=str(face.id), unit=face.unit, **slots)
        card = await people.shown_card(conn, face.id, group.id)
        await post(conn, group, town.id, said, now, case_id=face.id, reply_to=card)


async def tell_card(
    house: House, conn: AsyncConnection, town: Town, face: Face, staff_id: int, name: str, now: datetime,
    **slots: object,
) -> bool:  # fmt: skip
    """A colleague is told in private of a case that needs them, with its buttons. False: not reachable."""
    colleague = await people.one(conn, staff_id)
    if colleague is None or colleague.left_at is not None:
        return False
    say = await voice(house, conn, town, colleague.locale)
    card = card_text(say, town, face, now).text
    said = say.say(name, menu=card, case_no=str(face.id), unit=face.unit, **slots)
    return await tell(house, conn, staff_id, town.id, said, now, keys=card_keys(say, face), case_id=face.id)

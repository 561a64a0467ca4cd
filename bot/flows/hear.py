"""What was heard is handled once, in order, one sender at a time.

Words of different people that wait are heard together, in one transaction; what trips over one of them undoes all,
and then each is handled in a transaction of its own. One that cannot be handled is counted, and after three tries set
aside with a case; it never blocks the rest.
"""

import asyncio
import contextlib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import staffroom
from bot.flows.cases import open_case
from bot.flows.house import House
from bot.flows.staff import CODE_LENGTH, try_link
from bot.flows.talk import binding, turn, who
from bot.flows.talk.answers import reply
from channels.contract import ChannelError
from store import inbox
from store import talk as shelf
from store.standing import Senders, senders

log = structlog.get_logger()
TRIES = 3
TOGETHER = 32
"""People heard in one transaction."""
PAGE = 200
BESIDE = 0.002
"""Real seconds in which what comes at the same time comes in: about one commit."""
ALONE = frozenset({"start", "maybe_start", "scan", "follow", "unfollow", "migrated", "joined_group", "left_group"})
"""Kinds by which an address may change hands, or that are no person's words: handled by themselves."""


@dataclass(slots=True)
class Told:
    """What became of a part of what waits."""

    done: int = 0
    alone: list[int] = field(default_factory=list)
    """To be handled each by itself."""
    left: int = 0
    """Somebody else has the sender, or a word of the same flat comes first."""


async def hear_all(house: House) -> int:
    """Handles every waiting inbound; answers how many it looked at."""
    total = 0
    while True:
        seen, left = await _pass(house)
        total += seen
        if not seen or not left:
            return total


async def until_something_comes(house: House, most: float) -> None:
    """Waits for words taken in by this process, at most so many seconds, and a moment for what comes beside them."""
    arrived = house.letterbox.arrived
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(arrived.wait(), most)
        await asyncio.sleep(BESIDE)
    arrived.clear()


async def _pass(house: House) -> tuple[int, int]:
    """Once through what waits, one word of each sender: how many were looked at, and how many still wait."""
    seen, left, after = 0, 0, 0
    met: set[tuple[str, bytes]] = set()
    while True:
        async with house.store.read() as conn:
            page = await shelf.waiting(conn, after, PAGE)
        first = []
        for row in page:
            if (row.provider, row.sender_index) not in met:
                met.add((row.provider, row.sender_index))
                first.append(row)
        left += len(page) - len(first)
        for start in range(0, len(first), TOGETHER):
            told = await _some(house, first[start : start + TOGETHER])
            seen, left = seen + told.done, left + told.left
        if len(page) < PAGE:
            return seen, left
        after = page[-1].id


async def _some(house: House, rows: Sequence[Any]) -> Told:
    """Words of different senders: together as far as they can be, else each alone."""
    try:
        told = await _together(house, rows)
    except Exception as error:
        log.warning("words heard together are heard one by one", action="hear.apart", reason=type(error).__name__)
        told = Told(alone=[row.id for row in rows])
    for inbound_id in told.alone:
        await _guarded(house, inbound_id, told)
    return told


async def _together(house: House, rows: Sequence[Any]) -> Told:
    """One transaction for all whose locks are free. Raises whatever one of them trips over; nothing is changed then."""
    async with house.store.write() as conn:
        free = await shelf.try_lock(conn, [who.sender_name(row) for row in rows])
        heard = await senders(conn, [row.id for row in rows if who.sender_name(row) in free])
        plain = [row for row in heard.rows if _plain(row, heard)]
        people = {row.id: heard.contacts[row.id][0].person_id for row in plain}
        ours = await shelf.try_lock(conn, sorted({f"person:{number}" for number in people.values()}))
        mine = _one_each([row for row in plain if f"person:{people[row.id]}" in ours], people)
        talks = _one_a_flat(await who.begin(house, conn, mine, heard.contacts, house.clock.now())) if mine else []
        for talk in talks:
            await _speak(talk)
            await asyncio.sleep(0)
        await _write(conn, talks, [said for talk in talks for said in talk.replies])
    for talk in talks:
        await _acknowledge(house, talk.channel, talk.detail)
    alone = [row.id for row in heard.rows if row not in plain]
    return Told(len(talks), alone, len(rows) - len(talks) - len(alone))


def _plain(row: Any, heard: Senders) -> bool:
    """Whether somebody we know, and nobody else at this address, says something that leaves it in their hands."""
    people = {contact.person_id for contact in heard.contacts.get(row.id, ())}
    code = len(row.text.strip()) == CODE_LENGTH or binding.bill_code(row.text) is not None
    in_a_group = '"chat"' in row.detail
    return len(people) == 1 and not (code or in_a_group or row.kind in ALONE or row.of_staff)


def _one_each(rows: Sequence[Any], people: Mapping[int, int]) -> list[Any]:
    """The first word of each person, who may have several addresses."""
    first: dict[int, Any] = {}
    for row in rows:
        first.setdefault(people[row.id], row)
    return list(first.values())


def _one_a_flat(talks: Sequence[who.Talk]) -> list[who.Talk]:
    """People of one flat are heard one after the other: what one of them says may be news to the next."""
    taken: set[int] = set()
    found = []
    for talk in talks:
        flats = {account.id for account in talk.accounts}
        if not flats & taken:
            found.append(talk)
        taken |= flats
    return found


async def _guarded(house: House, inbound_id: int, told: Told) -> None:
    # Whatever one message trips over must not stop the next one: it is counted, and people are told.
    try:
        told.done += await handle(house, inbound_id)
    except Exception as error:
        reason = _where(error)
        log.error("a message could not be handled", action="hear.failed", inbound=inbound_id, reason=reason)
        await _failed(house, inbound_id, reason)
        told.done, told.left = told.done + 1, told.left + 1


def _where(error: Exception) -> str:
    """The kind of fault and its place; its own words may hold what an owner wrote."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"


async def _failed(house: House, inbound_id: int, reason: str) -> None:
    now = house.clock.now()
    async with house.store.write() as conn:
        await inbox.tried(conn, inbound_id, reason)
        row = await shelf.heard_row(conn, inbound_id)
        if row.tries < TRIES or row.handled_at is not None:
            return
        await inbox.handled(conn, inbound_id, now)
        contacts = await shelf.people_at(conn, row.provider, row.sender_index)
        town = await shelf.town_row(conn, contacts[0].community_id if contacts else None)
        if town is not None:
            detail = {"inbound_id": inbound_id, "channel": row.provider, "reason": reason[:200]}
            await open_case(conn, community_id=town.id, cause="not_handled", now=now, subject=f"inbound:{inbound_id}",
                            detail=detail)  # fmt: skip


async def handle(house: House, inbound_id: int) -> bool:
    """Handles one inbound; False when it is done already, another worker has it, or an earlier word comes first.

    Raises whatever the turn trips over; nothing is changed then.
    """
    async with house.store.write() as conn:
        row = await shelf.heard_row(conn, inbound_id)
        if row is None or row.handled_at is not None:
            return False
        await shelf.lock(conn, who.sender_name(row))
        if await shelf.earlier(conn, row):
            return False
        heard = await senders(conn, [inbound_id])
        if not heard.rows:
            return False
        detail = await _turn(house, conn, row, heard)
    await _acknowledge(house, row.provider, detail)
    return True


async def _turn(house: House, conn: AsyncConnection, row: Any, heard: Senders) -> Mapping[str, Any]:
    """One turn; answers what came with the words, among it the press to acknowledge."""
    now = house.clock.now()
    for person_id in sorted({c.person_id for c in heard.contacts.get(row.id, ())}):
        await shelf.lock(conn, f"person:{person_id}")
    talks = await who.begin(house, conn, [row], heard.contacts, now)
    if not talks:
        await inbox.handled(conn, row.id, now, reason="there is no community yet")
        return {}
    if talks[0].detail.get("chat") or heard.rows[0].of_staff:
        await staffroom.hear_staff(house, conn, row)
        await inbox.handled(conn, row.id, now, intent="staff")
        return talks[0].detail
    if await try_link(house, conn, row, now):
        await inbox.handled(conn, row.id, now, intent="staff")
        return {}
    await _speak(talks[0])
    await _write(conn, talks, await shelf.unsaid(conn, talks[0].replies))
    return talks[0].detail


async def _speak(talk: who.Talk) -> None:
    for answer in await turn.take(talk):
        await reply(talk, answer)


async def _write(conn: AsyncConnection, talks: Sequence[who.Talk], replies: shelf.Told) -> None:
    """What these turns leave behind: the window, what is remembered, what is said, and that they were handled."""
    if not talks:
        return
    await inbox.touch(conn, (number for talk in talks for number in talk.spoke), talks[0].now)
    await who.keep(conn, talks)
    await shelf.put_messages(conn, replies)
    await inbox.all_handled(conn, [_done(talk) for talk in talks])


def _done(talk: who.Talk) -> dict[str, Any]:
    return {
        "id": talk.row.id, "handled_at": talk.now, "intent": talk.intent, "person_id": talk.person_id,
        "contact_id": talk.contact.id if talk.contact is not None else None, "account_id": talk.spoken_of,
    }  # fmt: skip


async def _acknowledge(house: House, channel: str, detail: Mapping[str, Any]) -> None:
    """Ends the waiting sign on a pressed button. It is a courtesy: if it fails the sign ends by itself."""
    press_id = str(detail.get("press_id", ""))
    answer_press = getattr(house.channels.get(channel), "answer_press", None)
    if press_id and answer_press is not None:
        text, loud = staffroom.take_press_answer(house, press_id)
        with contextlib.suppress(ChannelError):
            await answer_press(press_id, text, alert=loud)

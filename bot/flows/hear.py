"""What was heard is handled once, in order, one sender at a time, each row in one transaction.

One that cannot be handled is counted, and after three tries set aside with a case; it never blocks the rest.
"""

import contextlib
from typing import Any

from bot.flows import staffroom
from bot.flows.cases import open_case
from bot.flows.house import House
from bot.flows.staff import try_link
from bot.flows.talk import turn, who
from bot.flows.talk.answers import reply
from channels.contract import ChannelError
from store import inbox
from store import talk as shelf

TRIES = 3


async def hear_all(house: House) -> int:
    """Handles every waiting inbound; answers how many it looked at."""
    total = 0
    while True:
        seen, after = 0, 0
        while True:
            async with house.store.read() as conn:
                waiting = await shelf.waiting(conn, after)
            if not waiting:
                break
            for inbound_id in waiting:
                seen += await _guarded(house, inbound_id)
            after = waiting[-1]
        if not seen:
            return total
        total += seen


async def _guarded(house: House, inbound_id: int) -> bool:
    # Whatever one message trips over must not stop the next one: it is counted, and people are told.
    try:
        return await handle(house, inbound_id)
    except Exception as error:
        await _failed(house, inbound_id, f"{type(error).__name__}: {error}")
        return True


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
        if await shelf.earlier(conn, row) or await inbox.take(conn, inbound_id) is None:
            return False
        press = await _turn(house, conn, row)
    if press:
        await _acknowledge(house, row.provider, press)
    return True


async def _turn(house: House, conn: Any, row: Any) -> str:
    """One turn; answers the press to acknowledge, if there was one."""
    now = house.clock.now()
    talk = await who.begin(house, conn, row, now)
    if talk is None:
        await inbox.handled(conn, row.id, now, reason="there is no community yet")
        return ""
    if talk.detail.get("chat") or await shelf.is_staff(conn, row.provider, row.sender_index):
        await staffroom.hear_staff(house, conn, row)
        await inbox.handled(conn, row.id, now, intent="staff")
        return str(talk.detail.get("press_id", ""))
    if await try_link(house, conn, row, now):
        await inbox.handled(conn, row.id, now, intent="staff")
        return ""
    for answer in await turn.take(talk):
        await reply(talk, answer)
    await who.keep(talk)
    contact_id = talk.contact.id if talk.contact is not None else None
    await inbox.handled(conn, row.id, now, intent=talk.intent, person_id=talk.person_id, contact_id=contact_id,
                        account_id=talk.spoken_of)  # fmt: skip
    return str(talk.detail.get("press_id", ""))


async def _acknowledge(house: House, channel: str, press_id: str) -> None:
    """Ends the waiting sign on a pressed button. It is a courtesy: if it fails the sign ends by itself."""
    answer_press = getattr(house.channels.get(channel), "answer_press", None)
    if answer_press is not None:
        text, loud = staffroom.take_press_answer(house, press_id)
        with contextlib.suppress(ChannelError):
            await answer_press(press_id, text, alert=loud)

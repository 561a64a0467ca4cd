"""When the staff's post cannot be delivered: it heals by itself, or the admins hear of it within a minute.

Group upgraded, topic or card deleted, bot removed, robot key revoked, a colleague who blocked the bot. No case is
lost: while a group is silent cases go to people in private, and when it heals its open cases are shown again.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cards, cases
from bot.flows.case_list import page_of
from bot.flows.faces import faces
from bot.flows.house import House, Town
from bot.flows.staff_post import post, tell, voice
from channels.contract import Fault
from store import cases as case_shelf
from store import ledger
from store import outbox as shelf
from store import staff as people
from store.journal import Entry, note

PROBE_EVERY = timedelta(minutes=10)
"""How often a silent group is tried again."""
NO_TOPIC = ("message thread not found", "topic_deleted", "topic_closed", "topic deleted", "topic closed")
NO_CARD = ("message to edit not found", "message can't be edited", "message_id_invalid")
ALARMED = ("admin", "head", "supervisor")


async def staff_refused(
    house: House, conn: AsyncConnection, row: Any, reason: str, fault: Fault, now: datetime, *,
    moved_to: str | None = None,
) -> None:  # fmt: skip
    """A message to the staff was refused for good: what heals is healed, the rest is told."""
    words = reason.lower()
    if row.group_id is None:
        await _colleague_unreachable(house, conn, row, reason, fault, now)
    elif moved_to:
        await shelf.move_group(conn, house.store.vault, row.group_id, row.channel, moved_to)
        await shelf.set_state(conn, [row.id], "queued", "the group moved", now)
    elif any(part in words for part in NO_TOPIC):
        await _topic_gone(conn, row, now)
    elif row.edits_message_id is not None and any(part in words for part in NO_CARD):
        await _card_gone(house, conn, row, reason, now)
    elif fault in ("address", "sender"):
        await _silent(house, conn, row, reason, now)
    else:
        await shelf.set_state(conn, [row.id], "failed", reason[:200], now)
        await _alarm(house, conn, await people.group(conn, row.group_id), row.community_id, reason, now)


async def _topic_gone(conn: AsyncConnection, row: Any, now: datetime) -> None:
    """A deleted topic: the community's cards go to the group itself from now on, this one first."""
    group = await people.group(conn, row.group_id)
    topics: dict[str, int] = json.loads(group.topics or "{}")
    kept = {community: thread for community, thread in topics.items() if thread != row.thread}
    await people.set_group(conn, row.group_id, topics=json.dumps(kept))
    await people.leave_topic(conn, row.group_id, row.thread, row.id)
    await shelf.set_state(conn, [row.id], "queued", "the topic is gone", now)


async def _card_gone(house: House, conn: AsyncConnection, row: Any, reason: str, now: datetime) -> None:
    """A deleted card: the case gets a new one."""
    await shelf.set_state(conn, [row.id], "failed", reason[:200], now)
    case = await case_shelf.one(conn, row.case_id)
    if case is None or case.state == "resolved":
        return
    town = await cases.town_of(house, conn, case.community_id)
    face = (await faces(conn, town, [case.id], now))[0]
    await cards.put_up(house, conn, town, face, [await people.group(conn, row.group_id)], now)


async def _silent(house: House, conn: AsyncConnection, row: Any, reason: str, now: datetime) -> None:
    """The group cannot be reached: nothing more is sent there, admins are told, open cases climb in private."""
    await shelf.set_state(conn, [row.id], "failed", reason[:200], now)
    group = await people.group(conn, row.group_id)
    if not group.trouble:
        await _fall_silent(house, conn, group, row.community_id, reason, now)


async def put_out(house: House, conn: AsyncConnection, group: Any, now: datetime) -> None:
    """The bot was removed from the group: known at once, before any card fails."""
    if not group.trouble:
        await _fall_silent(house, conn, group, group.community_id, "the bot was removed from the group", now)


async def _fall_silent(
    house: House, conn: AsyncConnection, group: Any, community_id: int | None, reason: str, now: datetime
) -> None:  # fmt: skip
    await people.set_group(conn, group.id, trouble=reason[:200], trouble_at=now)
    await people.cancel_group(conn, group.id, f"GROUP_SILENT: {reason}", now)
    await note(conn, Entry("group", f"staff_group:{group.id}", {"trouble": reason}, now, community_id))
    await _alarm(house, conn, group, community_id, reason, now)


async def _alarm(
    house: House, conn: AsyncConnection, group: Any, community_id: int | None, reason: str, now: datetime
) -> None:  # fmt: skip
    """Admins are told in private; the trouble is a case too, so that the console shows it."""
    if community_id is None:
        community_id = (await ledger.communities(conn))[0].id
    town = await cases.town_of(house, conn, community_id)
    for colleague in await people.everyone(conn, community_id):
        if colleague.role in ALARMED:
            say = await voice(house, conn, town, colleague.locale)
            said = say.say("group_trouble", reason=reason[:200], channel=group.channel)
            await tell(house, conn, colleague.id, community_id, said, now)
    await cases.open_case(
        conn, community_id=community_id, cause="group_trouble", now=now, subject=f"group:{group.id}", urgent=True,
        detail={"reason": reason[:200]},
    )  # fmt: skip


async def _colleague_unreachable(
    house: House, conn: AsyncConnection, row: Any, reason: str, fault: Fault, now: datetime
) -> None:  # fmt: skip
    """A colleague who blocked the bot: passed over from now on, those who lead are told, their case climbs at once."""
    await shelf.set_state(conn, [row.id], "failed", reason[:200], now)
    if row.staff_id is None or fault != "address":
        return
    await people.mark_unreachable(conn, row.staff_id, row.channel, reason[:200])
    if row.case_id is not None:
        await people.climb_now(conn, row.case_id, now)
    name = (await people.names(conn, [row.staff_id])).get(row.staff_id, "")
    towns = {town.id: house.town(town) for town in await ledger.communities(conn)}
    for colleague in await people.everyone(conn, row.community_id):
        if colleague.role in ALARMED and colleague.id != row.staff_id:
            town = towns[row.community_id] if row.community_id in towns else next(iter(towns.values()))
            say = await voice(house, conn, town, colleague.locale)
            await tell(house, conn, colleague.id, row.community_id, say.say("colleague_unreachable", who=name), now)


async def look_after(house: House, conn: AsyncConnection, towns: Mapping[int, Town], now: datetime) -> None:
    """Tries silent groups again now and then; one that took the try is healed."""
    for group in await people.groups(conn):
        if not group.trouble or group.channel not in house.channels or not towns:
            continue
        last = await people.last_state(conn, group.id, "probe")
        if last is not None and last.created_at >= group.trouble_at and last.state in ("accepted", "delivered", "read"):
            await healed(house, conn, group, now)
        elif last is None or last.created_at <= now - PROBE_EVERY:
            town = towns[group.community_id] if group.community_id in towns else next(iter(towns.values()))
            say = await voice(house, conn, town)
            await post(conn, group, group.community_id or town.id, say.say("probe"), now, step="probe")


async def healed(house: House, conn: AsyncConnection, group: Any, now: datetime) -> None:
    """A silent group speaks again: its open cases are shown anew, as a list when they are many."""
    if not group.trouble:
        return
    await people.set_group(conn, group.id, trouble="", trouble_at=None)
    await note(conn, Entry("group", f"staff_group:{group.id}", {"trouble": ""}, now, group.community_id, note="healed"))
    rows = await ledger.communities(conn)
    for town in (house.town(row) for row in rows if group.community_id in (None, row.id)):
        await _show_again(house, conn, town, group, now)


async def _show_again(house: House, conn: AsyncConnection, town: Town, group: Any, now: datetime) -> None:
    rows = await case_shelf.unresolved(conn, town.id)
    rows = [row for row in rows if row.alerted != cases.NEW and row.cause != "group_trouble"]
    if len(rows) <= 8:
        for face in await faces(conn, town, [row.id for row in rows], now):
            await cards.put_up(house, conn, town, face, [group], now)
    elif cards.edits(house, group):
        say = await voice(house, conn, town)
        said, keys = await page_of(conn, town, say, rows, f"a{town.id}", 0, now)
        await post(conn, group, town.id, said, now, keys=keys)
    for trouble in await case_shelf.of_subject(conn, f"group:{group.id}"):
        await cases.resolve(house, conn, trouble.id, trouble.version, None, "healed", now)

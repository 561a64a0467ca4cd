"""What staff say to the bot, in their group or in private, and what strangers in the group are told."""

import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.admin_chat import hear_admin
from bot.flows.group_trouble import healed, put_out
from bot.flows.house import House, Town
from bot.flows.staff_commands import add_note, obey
from bot.flows.staff_post import voice
from bot.flows.staff_presses import pressed
from bot.flows.staff_questions import answered
from bot.flows.staff_turn import StaffTurn, take_press_answer
from bot.flows.staff_voice import Spoken
from bot.talk.staff_commands import read_command
from store import cases as shelf
from store import ledger, outbox
from store import staff as people

__all__ = ["hear_staff", "take_press_answer"]


async def hear_staff(house: House, conn: AsyncConnection, row: Any) -> None:
    """Takes one inbound of a member of staff or from the staff's group, in the caller's transaction.

    A group that is not ours is not answered at all. What a press tells its presser waits for ``take_press_answer``.
    """
    detail: dict[str, Any] = json.loads(row.detail or "{}")
    group = await _group(house, conn, row, detail)
    if detail.get("chat") and group is None:
        return
    if group is not None and await _about_group(house, conn, row, group):
        return
    staff = await people.at_address(conn, row.provider, row.sender_index)
    turn = await _turn(house, conn, row, detail, group, staff)
    if turn is None:
        return
    if staff is None or not _belongs(staff, turn.town):
        if row.kind == "press":
            turn.alert(turn.say.say("told_outsider").text)
        return
    if staff.dead_reason:
        await people.mark_unreachable(conn, staff.id, row.provider, None)
    await _hear(turn)


async def _group(house: House, conn: AsyncConnection, row: Any, detail: dict[str, Any]) -> Any:
    if not detail.get("chat"):
        return None
    return await people.group_at(conn, row.provider, house.store.vault.index(row.provider, detail["chat"]))


async def _about_group(house: House, conn: AsyncConnection, row: Any, group: Any) -> bool:
    """The group itself changed: it moved, the bot was let in or put out. Any sign of life heals it."""
    now = house.clock.now()
    if row.kind == "migrated":
        await outbox.move_group(conn, house.store.vault, group.id, row.provider, row.text)
        return True
    if row.kind == "left_group":
        await put_out(house, conn, group, now)
        return True
    await healed(house, conn, group, now)
    return bool(row.kind == "joined_group")


async def _turn(
    house: House, conn: AsyncConnection, row: Any, detail: dict[str, Any], group: Any, staff: Any
) -> StaffTurn | None:  # fmt: skip
    town = await _town(house, conn, row, detail, group, staff)
    if town is None:
        return None
    locale = staff.locale if staff is not None and group is None else ""
    say = await voice(house, conn, town, locale)
    return StaffTurn(house, conn, row, staff, group, town, say, house.clock.now(), detail)


async def _town(
    house: House, conn: AsyncConnection, row: Any, detail: dict[str, Any], group: Any, staff: Any
) -> Town | None:  # fmt: skip
    """The community spoken of: the case's that is pressed or replied to, the topic's, the group's, the colleague's."""
    towns = {t.id: house.town(t) for t in await ledger.communities(conn)}
    case_id = await _case_id(conn, row, detail, group, staff)
    case = await shelf.one(conn, case_id) if case_id is not None else None
    if case is not None:
        return towns.get(case.community_id)
    if group is not None:
        topics: dict[str, int] = json.loads(group.topics or "{}")
        named = next((int(c) for c, thread in topics.items() if thread == detail.get("thread")), group.community_id)
        if named in towns:
            return towns[named]
    wanted = staff.community_id if staff is not None else None
    return towns.get(wanted) if wanted is not None else next(iter(towns.values()), None)


async def _case_id(conn: AsyncConnection, row: Any, detail: dict[str, Any], group: Any, staff: Any) -> int | None:
    """The case a press names, or the one whose message is replied to."""
    if row.kind == "press":
        parts = row.text.split(":")
        known = parts[0] in ("c", "o") and len(parts) > 1 and parts[1].isdigit() and len(parts[1]) < 12
        return int(parts[1]) if known else None
    if not detail.get("reply_to") or (group is None and staff is None):
        return None
    group_id, staff_id = (group.id, None) if group is not None else (None, staff.id)
    return await people.case_shown(conn, str(detail["reply_to"]), group_id, staff_id)


def _belongs(staff: Any, town: Town) -> bool:
    return bool(staff.community_id in (None, town.id))


async def _about_words(turn: StaffTurn) -> bool:
    """An admin's private words about wordings."""
    told = await hear_admin(turn.house, turn.conn, turn.staff, turn.text, turn.row)
    if told is None:
        return False
    await turn.private(Spoken(told[:4_000], "words", None, turn.staff.locale))
    return True


async def _hear(turn: StaffTurn) -> None:
    """A press, a command, an answer to what was asked, a reply to a card; other chatter of the group is left alone."""
    if turn.row.kind == "press":
        await pressed(turn)
        return
    if turn.row.kind == "help":
        await turn.answer(turn.say.say("help"))
        return
    if turn.row.kind not in ("text", "start") or not turn.text:
        return
    if turn.group is None and await _about_words(turn):
        return
    command = read_command(turn.text)
    if command is not None:
        await obey(turn, command)
        return
    case_id = await _case_id(turn.conn, turn.row, turn.detail, turn.group, turn.staff)
    if turn.group is None and await answered(turn):
        return
    if case_id is not None:
        case = await shelf.one(turn.conn, case_id)
        if case is not None and case.state != "resolved":
            await add_note(turn, case, turn.text)
    elif turn.group is None:
        await turn.answer(turn.say.say("help"))

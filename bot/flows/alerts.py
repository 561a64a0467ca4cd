"""Nothing sleeps forever: the tick that cards new cases, climbs the alerts, lets silent claims lapse, wakes the rested.

Times come from the policy's ``cases`` in working minutes of the community's staff hours and are counted from the
instant that was due, not from the tick that noticed. Night and rest days wait for the morning list.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cards, cases
from bot.flows.case_list import news, tell_list
from bot.flows.case_money import money_came
from bot.flows.faces import Face, duty_of, faces
from bot.flows.group_trouble import look_after
from bot.flows.house import House, Town
from bot.flows.rota import Rota, leader, next_after, owner_of, rota_of
from bot.flows.staff_post import posts_free, private_channel
from bot.rules.duty import Duty
from store import cases as shelf
from store import ledger
from store import staff as people

MOST_CARDS = 8
"""More new cases than this in one tick come as a list, so that a group is never flooded."""
STRAIGHT_UP = ("second_broken_promise",)
"""Causes that go to the supervisor at once."""
MOST_LETTERS = 3
"""More cases than this for one colleague in one tick come as one list."""
LIST_LATE = timedelta(minutes=10)
"""A morning list that has not come by then is not waited for."""


@dataclass(slots=True)
class Alerted:
    """What one tick did."""

    carded: int = 0
    told: int = 0
    lapsed: int = 0
    woken: int = 0
    paid: int = 0


@dataclass(slots=True)
class _Round:
    """One community's round of one tick."""

    house: House
    conn: AsyncConnection
    town: Town
    hours: Duty
    rota: Rota
    groups: list[Any]
    now: datetime
    done: Alerted
    letters: dict[tuple[int, str], list[Face]] = field(default_factory=dict)
    """What colleagues are told at the end of the round, so that many cases are one message."""


async def alert(house: House) -> Alerted:
    """One tick; safe to run twice at once: every step is a guarded UPDATE."""
    done = Alerted()
    now = house.clock.now()
    async with house.store.write() as conn:
        towns = {row.id: house.town(row) for row in await ledger.communities(conn)}
        for town in towns.values():
            done.paid += await money_came(house, conn, town, now)
        await look_after(house, conn, towns, now)
    async with house.store.write() as conn:
        due: dict[int, list[Any]] = defaultdict(list)
        for row in await shelf.timers_due(conn, now):
            due[row.community_id].append(row)
        for community_id, rows in due.items():
            await _community(house, conn, towns[community_id], rows, now, done)
        for row in await shelf.overdue(conn, now):
            await _overdue(house, conn, towns[row.community_id], row, now, done)
    return done


async def _community(
    house: House, conn: AsyncConnection, town: Town, rows: Sequence[Any], now: datetime, done: Alerted
) -> None:  # fmt: skip
    groups = await cards.open_groups(house, conn, town.id)
    turn = _Round(house, conn, town, duty_of(town), await rota_of(conn, town, now), groups, now, done)
    new = [row for row in rows if row.state == "open" and row.alerted == cases.NEW]
    await give_owners(conn, town, turn.rota, new, now)
    if not turn.hours.on(now):
        for row in rows:
            await shelf.set_timer(conn, row, next_at=turn.hours.next(now))
        return
    await _announce(turn, [row for row in new if not await _of_the_list(turn, row)])
    for row in rows:
        if row.state == "claimed":
            await _claimed(turn, row)
        elif row.state == "snoozed":
            done.woken += (await cases.wake(house, conn, town, row, now)).ok
        elif row.alerted != cases.NEW:
            await _climb(turn, row)
    await _send_letters(turn)


async def give_owners(
    conn: AsyncConnection, town: Town, rota: Rota, rows: Sequence[Any], now: datetime
) -> None:  # fmt: skip
    """Every new case gets the colleague responsible for it and its due time, day or night."""
    standing = await shelf.standing(conn, [row.id for row in rows])
    for row in rows:
        if row.due_at is None or row.assistant_id is None:
            mine = owner_of(rota, town, standing[row.id], now)
            await shelf.set_fields(conn, row.id, assistant_id=mine, due_at=row.due_at or due_time(town, row))


def due_time(town: Town, case: Any) -> datetime:
    """By when a case must have its answer: a dispute after the policy's days, an urgent one within its minutes."""
    hours, times = duty_of(town), town.policy.cases
    if case.cause == "dispute":
        return hours.morning(town.today(case.opened_at) + timedelta(days=town.policy.disputes.answer_days))
    if case.urgent:
        return hours.after(case.opened_at, times.urgent_supervisor_minutes)
    return hours.same_time(case.opened_at, times.claim_days + 1)


async def _of_the_list(turn: _Round, row: Any) -> bool:
    """Whether a case of the night still waits for the morning list of today."""
    opening = turn.hours.opening(turn.hours.day(turn.now))
    if opening is None or row.opened_at >= opening:
        return False
    return await _list_to_come(turn.conn, turn.town, turn.hours, turn.now)


async def _list_to_come(conn: AsyncConnection, town: Town, hours: Duty, now: datetime) -> bool:
    """Whether today's morning list is due and not there yet; one that is late is not waited for."""
    today = hours.day(now)
    opening = hours.opening(today)
    if opening is None or not opening <= now < opening + LIST_LATE:
        return False
    return not await people.ran(conn, f"morning:{town.id}", today.isoformat())


async def _announce(turn: _Round, rows: Sequence[Any]) -> None:
    """New cases: a card each, or one summary with a list when they are many; without a group straight to a person."""
    if not rows:
        return
    seen = await faces(turn.conn, turn.town, [row.id for row in rows], turn.now)
    if turn.groups and await _fit(turn, len(rows)):
        for face in seen:
            await cards.put_up(turn.house, turn.conn, turn.town, face, turn.groups, turn.now)
            await carded(turn.conn, turn.town, face, turn.now)
    elif turn.groups:
        await news(turn.house, turn.conn, turn.town, seen, turn.groups, turn.now)
        for face in seen:
            await carded(turn.conn, turn.town, face, turn.now)
    else:
        for face in seen:
            await carded(turn.conn, turn.town, face, turn.now, at_once=True)
    turn.done.carded += len(rows)
    for face in seen:
        if face.row.cause in STRAIGHT_UP:
            await _tell_leader(turn, face)


async def _fit(turn: _Round, count: int) -> bool:
    free = min([await posts_free(turn.conn, group.id, turn.now) for group in turn.groups])
    return count <= min(MOST_CARDS, free)


async def carded(
    conn: AsyncConnection, town: Town, face: Face, now: datetime, *, at_once: bool = False
) -> None:  # fmt: skip
    """A new case was shown: the assistant is told after the policy's working minutes, or with ``at_once`` now."""
    hours, row = duty_of(town), face.row
    next_at = now if at_once else hours.after(row.next_at, cases.first_minutes(town, row))
    if await shelf.set_timer(conn, row, next_at=next_at, alerted=cases.ANNOUNCED):
        where = "private" if at_once else "group"
        await shelf.write_event(conn, row.id, row.version, "carded", now, community_id=town.id, note_text=where)


async def straight_up(house: House, conn: AsyncConnection, town: Town, seen: Sequence[Face], now: datetime) -> None:
    """Of cases just shown by the morning list, those that go to the supervisor at once are told there too."""
    groups = await cards.open_groups(house, conn, town.id)
    turn = _Round(house, conn, town, duty_of(town), await rota_of(conn, town, now), groups, now, Alerted())
    for face in seen:
        if face.row.cause in STRAIGHT_UP:
            await _tell_leader(turn, face)
    await _send_letters(turn)


async def _climb(turn: _Round, row: Any) -> None:
    """The next person of a case nobody took, counted from the instant that was due."""
    times, due = turn.town.policy.cases, row.next_at
    face = (await faces(turn.conn, turn.town, [row.id], turn.now))[0]
    if row.alerted == cases.ANNOUNCED and row.urgent:
        after = times.urgent_supervisor_minutes - times.urgent_assistant_minutes
        then = turn.hours.after(due, max(after, 0))
        await _tell(turn, face, row.assistant_id, "alert_assistant", cases.NEXT_TOLD, then)
    elif row.alerted == cases.ANNOUNCED:
        after = max(times.next_minutes - times.assistant_minutes, 0)
        level, then = cases.ASSISTANT_TOLD, turn.hours.after(due, after)
        await _tell(turn, face, row.assistant_id, "alert_assistant", level, then)
    elif row.alerted == cases.ASSISTANT_TOLD:
        other = next_after(turn.rota, turn.town, (row.assistant_id,), turn.now)
        then = turn.hours.at_minute(due, times.supervisor_at)
        await _tell(turn, face, other, "alert_next", cases.NEXT_TOLD, then)
    else:
        await _tell_leader(turn, face)


async def _tell(
    turn: _Round, face: Face, staff_id: int | None, name: str, level: int, then: datetime
) -> None:  # fmt: skip
    """Tells somebody; whoever cannot be reached is passed over at once."""
    reached = await _reach(turn, staff_id)
    if await shelf.set_timer(turn.conn, face.row, next_at=then if reached else turn.now, alerted=level):
        await _letter(turn, face, staff_id, name, reached)


async def _reach(turn: _Round, staff_id: int | None) -> bool:
    """Whether a colleague of this community can be told in private."""
    if staff_id is None or staff_id not in turn.rota.ids():
        return False
    return await private_channel(turn.house, turn.conn, staff_id) is not None


async def _letter(turn: _Round, face: Face, staff_id: int | None, name: str, reached: bool) -> None:
    if reached and staff_id is not None:
        turn.letters.setdefault((staff_id, name), []).append(face)
    what = f"{name.removeprefix('alert_')}{'' if reached else ' (not reached)'}"
    await shelf.write_event(
        turn.conn, face.id, face.row.version, "alerted", turn.now, community_id=turn.town.id, staff_id=staff_id,
        note_text=what,
    )  # fmt: skip
    turn.done.told += 1


async def _send_letters(turn: _Round) -> None:
    """A few cases come each with its buttons, many as one list."""
    for (staff_id, name), seen in turn.letters.items():
        if len(seen) <= MOST_LETTERS:
            for face in seen:
                until = cards.clock(turn.town, face.row.claimed_until) if face.row.claimed_until else ""
                await cards.tell_card(turn.house, turn.conn, turn.town, face, staff_id, name, turn.now, until=until)
        else:
            await tell_list(turn.house, turn.conn, turn.town, staff_id, seen, turn.now)


async def _tell_leader(turn: _Round, face: Face) -> None:
    """The supervisor, and again each working day while nobody takes the case."""
    fresh = (await faces(turn.conn, turn.town, [face.id], turn.now))[0]
    then = turn.hours.at_minute(turn.now, turn.town.policy.cases.supervisor_at)
    who = leader(turn.rota, turn.town, turn.now)
    if not await shelf.set_timer(turn.conn, fresh.row, next_at=then, alerted=cases.SUPERVISOR_TOLD):
        return
    reached = await _reach(turn, who)
    if not reached and turn.groups:
        await cards.call_out(turn.house, turn.conn, turn.town, "nobody_reached", fresh, turn.now)
    await _letter(turn, fresh, who, "alert_supervisor", reached)


async def _claimed(turn: _Round, row: Any) -> None:
    """Claimed but silent: reminded, then the claim lapses at its exact minute."""
    if row.claimed_until is not None and row.claimed_until <= turn.now:
        turn.done.lapsed += (await cases.lapse(turn.house, turn.conn, turn.town, row, turn.now)).ok
        return
    if await shelf.set_timer(turn.conn, row, next_at=row.claimed_until, alerted=cases.REMINDED):
        face = (await faces(turn.conn, turn.town, [row.id], turn.now))[0]
        await _letter(turn, face, row.claimed_by, "alert_claimer", await _reach(turn, row.claimed_by))


async def _overdue(house: House, conn: AsyncConnection, town: Town, row: Any, now: datetime, done: Alerted) -> None:
    """Past its due time: a dispute first reminds whoever has it, later the supervisor; any other the supervisor.

    What falls due with the opening is first named by the morning list.
    """
    hours = duty_of(town)
    if not hours.on(now) or await _list_to_come(conn, town, hours, now):
        return
    limit = hours.morning(town.today(row.opened_at) + timedelta(days=town.policy.disputes.supervisor_days))
    early = row.cause == "dispute" and now < limit
    then = limit if early else hours.at_minute(now, town.policy.cases.supervisor_at) + timedelta(days=7)
    await shelf.set_fields(conn, row.id, due_at=then)
    if row.state == "open" and row.alerted == cases.SUPERVISOR_TOLD:
        return
    rota = await rota_of(conn, town, now)
    who = (row.claimed_by or row.assistant_id) if early else leader(rota, town, now)
    face = (await faces(conn, town, [row.id], now))[0]
    reached = who is not None and await cards.tell_card(house, conn, town, face, who, "overdue", now)
    note = f"overdue{'' if early else ', supervisor'}{'' if reached else ' (not reached)'}"
    await shelf.write_event(
        conn, row.id, row.version, "alerted", now, community_id=town.id, staff_id=who, note_text=note
    )
    done.told += 1

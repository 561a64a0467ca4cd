"""Cases: what people must handle. One open case per subject and cause; new facts join it.

``open → claimed(by, until) → resolved(outcome)``, ``snoozed(until)``; a claim lapses back to open. Each move is one
UPDATE under the case's version, writes its event and the journal, and edits the cards in the same transaction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cards
from bot.flows.faces import duty_of, faces
from bot.flows.house import House, Town
from store import cases as shelf
from store import ledger
from store import staff as people

NEW, ANNOUNCED, ASSISTANT_TOLD, NEXT_TOLD, SUPERVISOR_TOLD = range(5)
"""How far the alerts of an open case have climbed."""
CLAIMED, REMINDED = 10, 11
"""The alerts of a claimed case."""
ALERTS = ("alert_assistant", "alert_next", "alert_supervisor", "alert_claimer")
LEADERS = ("supervisor", "head", "admin")
WAYS = ("call", "visit", "paper", "no_answer", "message")
"""How a person reaches an owner; ``no_answer``: a call nobody took."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Whether a move was made, the case as it now stands, and what happened since the version that was pressed."""

    ok: bool
    case: Any
    since: tuple[Any, ...] = ()
    why: str = ""
    """stale, taken (somebody else has it), resolved, unknown, or empty."""


async def open_case(
    conn: AsyncConnection, *, community_id: int, cause: str, now: datetime, account_id: int | None = None,
    subject: str = "", occasion: str = "", assistant_id: int | None = None, urgent: bool = False,
    detail: Mapping[str, Any] | None = None,
) -> tuple[int, bool]:  # fmt: skip
    """Opens a case, or lets the new fact join the open one of the same subject and cause.

    ``subject`` defaults to the account. Answers the case and whether it is new; in the caller's transaction. The next
    tick of ``alert`` cards it.
    """
    subject = subject or f"account:{account_id}"
    facts = dict(detail or {})
    values = {
        "community_id": community_id, "account_id": account_id, "subject": subject, "cause": cause,
        "occasion": occasion, "state": "open", "version": 0, "urgent": urgent, "opened_at": now, "next_at": now,
        "assistant_id": assistant_id, "detail": json.dumps(facts, ensure_ascii=False),
    }  # fmt: skip
    while (known := await shelf.open_one(conn, subject, cause)) is None:
        case_id = await shelf.insert_case(conn, values)
        if case_id is not None:
            await shelf.write_event(conn, case_id, 0, "opened", now, community_id=community_id)
            return case_id, True
    joined = json.loads(known.detail)
    joined.setdefault("joined", []).append({"at": now.isoformat(), "occasion": occasion, **facts})
    await shelf.join(conn, known.id, json.dumps(joined, ensure_ascii=False), now)
    await shelf.write_event(conn, known.id, known.version, "joined", now, community_id=community_id)
    return known.id, False


async def claim(
    house: House, conn: AsyncConnection, case_id: int, version: int, staff: Any, now: datetime
) -> Moved:  # fmt: skip
    """Takes a case. Of many at once exactly one has it (I11); every other is told who."""
    town = await town_of_case(house, conn, case_id)
    if town is None:
        return Moved(False, None, why="unknown")
    values = _hold_values(town, now, "claimed") | {"claimed_by": staff.id}
    moved = await _move(house, conn, town, case_id, version, "claimed", now, ("open", "snoozed"), staff.id, values)
    if moved.ok:
        await people.cancel_queued(conn, case_id, ALERTS, "claimed", now)
    return moved


async def note_case(
    house: House, conn: AsyncConnection, case_id: int, staff: Any, text: str, now: datetime
) -> Moved:  # fmt: skip
    """A colleague's note; from whoever has the case it also renews the claim."""
    return await _busy(house, conn, case_id, None, staff, "noted", text, now)


async def contacted(
    house: House, conn: AsyncConnection, case_id: int, version: int | None, staff: Any, way: str, now: datetime,
    *, content: str = "", answer: str = "", next_step: str = "",
) -> Moved:  # fmt: skip
    """A person reached out to the owner: counts towards gaps and caps; on a case nobody has it also claims it.

    Raises ValueError for a way that is none of ``WAYS``.
    """
    if way not in WAYS:
        raise ValueError(f"{way!r} is no way of contact; one of {', '.join(WAYS)}")
    moved = await _busy(house, conn, case_id, version, staff, "contacted", way, now)
    if moved.ok and moved.case.account_id is not None:
        row = {
            "account_id": moved.case.account_id, "person_id": None, "way": way, "at": now, "staff_id": staff.id,
            "content": content, "answer": answer, "next_step": next_step,
        }  # fmt: skip
        await shelf.write_human_contact(conn, row, moved.case.community_id)
        await ledger.look_now(conn, [moved.case.account_id], now)
    return moved


async def snooze(
    house: House, conn: AsyncConnection, case_id: int, version: int | None, staff: Any, until: date, now: datetime
) -> Moved:  # fmt: skip
    """Rests a case until the morning of a local date; then it comes back to whoever had it."""
    town = await town_of_case(house, conn, case_id)
    if town is None:
        return Moved(False, None, why="unknown")
    case = await shelf.one(conn, case_id)
    wakes = duty_of(town).morning(until)
    values = {
        "state": "snoozed", "next_at": wakes, "alerted": CLAIMED, "claimed_until": None,
        "claimed_by": case.claimed_by or staff.id,
    }  # fmt: skip
    at = case.version if version is None else version
    return await _move(
        house, conn, town, case_id, at, "snoozed", now, shelf.UNRESOLVED, staff.id, values, until.isoformat()
    )  # fmt: skip


async def resolve(
    house: House, conn: AsyncConnection, case_id: int, version: int | None, staff_id: int | None, outcome: str,
    now: datetime, *, note: str = "",
) -> Moved:  # fmt: skip
    """Closes a case with its outcome; ``staff_id`` None: the house itself. The ladder looks at once."""
    town = await town_of_case(house, conn, case_id)
    if town is None:
        return Moved(False, None, why="unknown")
    case = await shelf.one(conn, case_id)
    values = {"state": "resolved", "outcome": outcome, "resolved_at": now, "next_at": None, "due_at": None}
    if case.claimed_by is None and staff_id is not None:
        values["claimed_by"] = staff_id
    at = case.version if version is None else version
    told = f"{outcome}: {note}" if note else outcome
    moved = await _move(house, conn, town, case_id, at, "resolved", now, shelf.UNRESOLVED, staff_id, values, told)
    if moved.ok:
        await people.cancel_queued(conn, case_id, ALERTS, "resolved", now)
        if case.account_id is not None:
            await ledger.look_now(conn, [case.account_id], now)
    return moved


async def hand_over(
    house: House, conn: AsyncConnection, case_id: int, version: int | None, staff: Any, to: Any, now: datetime
) -> Moved:  # fmt: skip
    """Gives a case to a colleague, who is told in private."""
    town = await town_of_case(house, conn, case_id)
    if town is None:
        return Moved(False, None, why="unknown")
    case = await shelf.one(conn, case_id)
    values = _hold_values(town, now, "claimed") | {"claimed_by": to.id}
    at = case.version if version is None else version
    moved = await _move(
        house, conn, town, case_id, at, "handed_over", now, shelf.UNRESOLVED, staff.id, values, f"staff:{to.id}"
    )  # fmt: skip
    if moved.ok:
        face = (await faces(conn, town, [case_id], now))[0]
        await cards.tell_card(house, conn, town, face, to.id, "handed_to_you", now, who=staff.name)
    return moved


async def lapse(house: House, conn: AsyncConnection, town: Town, case: Any, now: datetime) -> Moved:
    """The claimer stayed silent: the case is open again, announced, and the alerts climb anew from the lapse."""
    since = case.claimed_until or now
    values = {
        "state": "open", "claimed_by": None, "claimed_until": None, "alerted": ANNOUNCED,
        "next_at": duty_of(town).after(since, first_minutes(town, case)),
    }  # fmt: skip
    who = (await people.names(conn, [case.claimed_by])).get(case.claimed_by, "")
    moved = await _move(
        house, conn, town, case.id, case.version, "lapsed", now, ("claimed",), None, values, f"staff:{case.claimed_by}"
    )  # fmt: skip
    if moved.ok:
        face = (await faces(conn, town, [case.id], now))[0]
        await cards.call_out(house, conn, town, "lapsed", face, now, who=who)
    return moved


async def wake(house: House, conn: AsyncConnection, town: Town, case: Any, now: datetime) -> Moved:
    """A rest is over: the case is back with whoever had it, who is told."""
    values = _hold_values(town, now, "claimed")
    moved = await _move(house, conn, town, case.id, case.version, "woken", now, ("snoozed",), None, values)
    if moved.ok:
        face = (await faces(conn, town, [case.id], now))[0]
        await cards.tell_card(house, conn, town, face, case.claimed_by, "woken", now)
    return moved


async def release(house: House, conn: AsyncConnection, case: Any, now: datetime, why: str) -> Moved:
    """Takes a case from somebody who cannot have it any more (left): open again, the alerts begin at once."""
    town = await town_of_case(house, conn, case.id)
    assert town is not None
    values = {"state": "open", "claimed_by": None, "claimed_until": None, "alerted": ANNOUNCED, "next_at": now}
    at = case.version
    return await _move(house, conn, town, case.id, at, "handed_over", now, shelf.UNRESOLVED, None, values, why)


def first_minutes(town: Town, case: Any) -> int:
    """Working minutes until the responsible assistant is told of a case nobody took."""
    times = town.policy.cases
    return times.urgent_assistant_minutes if case.urgent else times.assistant_minutes


async def town_of_case(house: House, conn: AsyncConnection, case_id: int) -> Town | None:
    """The community of a case; None for a case that does not exist."""
    case = await shelf.one(conn, case_id)
    return None if case is None else await town_of(house, conn, case.community_id)


async def town_of(house: House, conn: AsyncConnection, community_id: int) -> Town:
    """A community by its number. Raises KeyError for one that does not exist."""
    return {row.id: house.town(row) for row in await ledger.communities(conn)}[community_id]


def may_handle(case: Any, staff: Any) -> bool:
    """Whoever has it, those who lead, and while nobody has it everyone of the community."""
    return case.claimed_by in (None, staff.id) or staff.role in LEADERS


def _hold_values(town: Town, now: datetime, state: str) -> dict[str, Any]:
    """A claim that holds for the policy's days, with a reminder before it lapses."""
    hours, times = duty_of(town), town.policy.cases
    until = hours.same_time(now, times.claim_days)
    remind = max(hours.after(until, -times.assistant_minutes), now)
    return {"state": state, "claimed_until": until, "next_at": remind, "alerted": CLAIMED}


async def _busy(
    house: House, conn: AsyncConnection, case_id: int, version: int | None, staff: Any, kind: str, text: str,
    now: datetime,
) -> Moved:  # fmt: skip
    """Something was done about a case: shown, and whoever has it keeps it for another term."""
    town = await town_of_case(house, conn, case_id)
    if town is None:
        return Moved(False, None, why="unknown")
    case = await shelf.one(conn, case_id)
    values: dict[str, Any] = {}
    if case.claimed_by == staff.id and case.state == "claimed":
        values = _hold_values(town, now, "claimed")
    elif case.state == "open" and kind == "contacted":
        values = _hold_values(town, now, "claimed") | {"claimed_by": staff.id}
    at = case.version if version is None else version
    return await _move(house, conn, town, case_id, at, kind, now, shelf.UNRESOLVED, staff.id, values, text)


async def _move(
    house: House, conn: AsyncConnection, town: Town, case_id: int, version: int, kind: str, now: datetime,
    states: Sequence[str], staff_id: int | None, values: dict[str, Any], note: str = "",
) -> Moved:  # fmt: skip
    won = await shelf.move(conn, case_id, version, states, values)
    case = await shelf.one(conn, case_id)
    if not won:
        return Moved(False, case, tuple(await shelf.events(conn, case_id, version)), _why(case, version))
    await shelf.write_event(
        conn, case_id, case.version, kind, now, community_id=case.community_id, staff_id=staff_id, note_text=note
    )
    await cards.redraw(house, conn, town, case_id, now, kind)
    return Moved(True, case)


def _why(case: Any, version: int) -> str:
    if case.state == "resolved":
        return "resolved"
    return "stale" if case.version != version else "taken"

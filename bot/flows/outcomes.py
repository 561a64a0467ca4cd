"""How a case ends, and what that does: a promise, a plan, a hold, a waiver asked for, a contact changed, a proposal.

The ladder goes on at the step it had reached, or rests; it never begins again.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cases
from bot.flows.approvals import ask_approval
from bot.flows.faces import faces
from bot.flows.house import House, Town
from bot.flows.staff_post import voice
from bot.rules.promising import judge_at
from bot.talk.money import day, money
from store import ledger, promises
from store import outcomes as shelf

OUTCOMES = (
    "paid", "new_promise", "plan", "waiver", "wrong_number", "moved", "dispute_upheld", "dispute_answered", "legal",
    "forgot", "service", "hardship", "defect", "absent", "too_high", "refuses", "done",
)  # fmt: skip
NEEDS_WORDS = ("new_promise", "plan", "waiver")
"""Outcomes that need a further word before they mean anything: a date, instalments, a sum with its reason."""
DISPUTED = ("service", "defect", "too_high")
"""Reasons that are disputes: silent until answered."""
HARDSHIP_DAYS = 14
MOVED_DAYS = 14
UPHELD_DAYS = 30
"""How long an account rests while staff look for a way, for the new owner, or put the bill right."""

WAIVER_WAITS, PLAN_WAITS = "a waiver is being decided", "a plan is being decided"

Part = tuple[date, int]


class OutcomeError(Exception):
    """The outcome cannot be written as told; the message says why."""


async def end_case(
    house: House, conn: AsyncConnection, case: Any, version: int | None, staff: Any, outcome: str, now: datetime, *,
    note: str = "",
) -> cases.Moved:  # fmt: skip
    """Resolves a case and does what its outcome means. Raises OutcomeError for one that needs more words first."""
    if outcome not in OUTCOMES or outcome in NEEDS_WORDS:
        raise OutcomeError(f"{outcome!r} needs more to go on, or is no outcome; one of: {', '.join(OUTCOMES)}")
    moved = await cases.resolve(house, conn, case.id, version, staff.id, outcome, now, note=note)
    if moved.ok and case.account_id is not None:
        town = await cases.town_of(house, conn, case.community_id)
        await _mean(house, conn, town, case, staff, outcome, now, note)
        await ledger.look_now(conn, [case.account_id], now)
    return moved


async def _mean(
    house: House, conn: AsyncConnection, town: Town, case: Any, staff: Any, outcome: str, now: datetime, note: str
) -> None:  # fmt: skip
    who, account = f"staff:{staff.id}", case.account_id
    if outcome == "paid":
        await _believed(conn, town, account, who, now)
    elif outcome == "hardship":
        until = town.today(now) + timedelta(days=HARDSHIP_DAYS)
        await shelf.lay_hold(conn, account, "ON_HOLD", "hardship: a way is being looked for", until, who, now, town.id)
    elif outcome in DISPUTED:
        await shelf.open_dispute(conn, account, outcome, now, town.id, who)
        await _follow(conn, case, "dispute", now, {"reason": outcome, "note": note})
    elif outcome in ("dispute_upheld", "dispute_answered"):
        await _answered(conn, town, account, outcome, who, now)
    elif outcome == "wrong_number":
        await _wrong_number(conn, case, now)
    elif outcome == "moved":
        until = town.today(now) + timedelta(days=MOVED_DAYS)
        await shelf.lay_hold(conn, account, "ON_HOLD", "not the present owner", until, who, now, town.id)
        await _follow(conn, case, "owner_changed", now, {"note": note})
    elif outcome == "legal":
        await _propose(house, conn, town, case, staff, now, note)


async def _believed(conn: AsyncConnection, town: Town, account: int, who: str, now: datetime) -> None:
    """Said to be paid and not yet in the book: believed for as long as money takes to arrive."""
    if not await shelf.charges_open(conn, account):
        return
    until = town.calendar.add_working_days(town.today(now), town.policy.settlement_lag["paid_claim"])
    await shelf.lay_hold(conn, account, "PAID_CLAIM", "paid, says a colleague", until, who, now, town.id)


async def _answered(conn: AsyncConnection, town: Town, account: int, outcome: str, who: str, now: datetime) -> None:
    upheld = outcome == "dispute_upheld"
    await shelf.close_disputes(conn, account, "upheld" if upheld else "answered", now, town.id, who)
    if upheld:
        until = town.today(now) + timedelta(days=UPHELD_DAYS)
        reason = "dispute upheld, the bill is put right"
        await shelf.lay_hold(conn, account, "ON_HOLD", reason, until, who, now, town.id)


async def _wrong_number(conn: AsyncConnection, case: Any, now: datetime) -> None:
    account = await shelf.account_row(conn, case.account_id)
    wrong = await shelf.wrong_number(conn, account.person_id, "wrong number, says a colleague", now)
    if not await shelf.live_contacts(conn, account.person_id):
        await _follow(conn, case, "missing_contact", now, {"wrong": wrong})


async def _follow(conn: AsyncConnection, case: Any, cause: str, now: datetime, detail: dict[str, Any]) -> None:
    """What still has to be done is a case of its own."""
    await cases.open_case(
        conn, community_id=case.community_id, cause=cause, now=now, account_id=case.account_id,
        assistant_id=case.claimed_by or case.assistant_id, occasion=f"case:{case.id}", detail=detail,
    )  # fmt: skip


async def _propose(
    house: House, conn: AsyncConnection, town: Town, case: Any, staff: Any, now: datetime, note: str
) -> None:  # fmt: skip
    words = await _words(house, conn, town, case, now, None, note)
    detail = {"case_id": case.id, "account_id": case.account_id}
    subject = f"account:{case.account_id}"
    await ask_approval(house, conn, town, "lawyer_letter", subject, now, asked_by=staff.id, words=words, detail=detail)


async def _words(
    house: House, conn: AsyncConnection, town: Town, case: Any, now: datetime, fen: int | None, why: str
) -> str:  # fmt: skip
    """What whoever approves reads: the unit, the masked owner, the sum, the reason."""
    say = await voice(house, conn, town)
    face = (await faces(conn, town, [case.id], now))[0]
    return say.say("approval_words", unit=face.unit, owner=face.owner, paid=fen or 0, explanation=why).text


async def new_promise(
    house: House, conn: AsyncConnection, case: Any, version: int | None, staff: Any, on: date, fen: int,
    now: datetime,
) -> cases.Moved:  # fmt: skip
    """The owner gave a new word to a colleague: stored, takes the place of open ones, closes the case.

    Raises OutcomeError for a date in the past, too far ahead, or a sum nobody owes.
    """
    town = await cases.town_of(house, conn, case.community_id)
    owed = sum(row.open_fen for row in await shelf.charges_open(conn, case.account_id))
    today, limits = town.today(now), town.policy.promise
    if on < today or on > today + timedelta(days=limits.max_days):
        latest = today + timedelta(days=limits.max_days)
        raise OutcomeError(f"{today.isoformat()} – {latest.isoformat()}")
    if not 0 < fen <= owed:
        raise OutcomeError(f"¥0.01 – ¥{owed / 100:.2f}")
    moved = await cases.resolve(
        house, conn, case.id, version, staff.id, "new_promise", now, note=f"{on.isoformat()} {fen}"
    )  # fmt: skip
    if moved.ok:
        await _write_promise(conn, town, case, staff, on, fen, owed, now)
    return moved


async def _write_promise(
    conn: AsyncConnection, town: Town, case: Any, staff: Any, on: date, fen: int, owed: int, now: datetime,
    plan_id: int | None = None,
) -> None:  # fmt: skip
    who = f"staff:{staff.id}"
    before = await promises.open_of(conn, [case.account_id]) if plan_id is None else []
    lag = max(town.policy.settlement_lag[way] for way in ("cash", "pos", "wechat_pay", "alipay", "transfer", "other"))
    account = await shelf.account_row(conn, case.account_id)
    values = {
        "account_id": case.account_id, "person_id": account.person_id, "amount_fen": fen, "owed_fen": owed,
        "due_on": on, "state": "open", "made_at": now, "judge_at": judge_at(on, lag, town.zone, town.calendar),
        "plan_id": plan_id, "channel": "staff", "by_staff_id": staff.id,
        "moved_from_id": await promises.moved_from(conn, before),
    }  # fmt: skip
    number = await promises.write(conn, values, town.id, who)
    await promises.supersede(conn, before, number, now, community_id=town.id, who=who)


async def ask_waiver(
    house: House, conn: AsyncConnection, case: Any, version: int | None, staff: Any, fen: int, why: str, now: datetime
) -> cases.Moved:  # fmt: skip
    """Asks whoever may for a waiver; the case rests with the asker's outcome. Raises OutcomeError for a wrong sum."""
    town = await cases.town_of(house, conn, case.community_id)
    owed = sum(row.open_fen for row in await shelf.charges_open(conn, case.account_id))
    if not 0 < fen <= owed:
        raise OutcomeError(f"¥0.01 – ¥{owed / 100:.2f}")
    moved = await cases.resolve(house, conn, case.id, version, staff.id, "waiver", now, note=why)
    if moved.ok:
        words = await _words(house, conn, town, case, now, fen, why)
        part = "late_fee" if await shelf.late_fee_in_force(conn, town.id, town.today(now)) else "principal"
        detail = {"case_id": case.id, "account_id": case.account_id, "fen": fen, "why": why, "part": part}
        subject = f"account:{case.account_id}"
        await ask_approval(house, conn, town, "waiver", subject, now, asked_by=staff.id, words=words, detail=detail)
        until = town.calendar.add_working_days(town.today(now), 5)
        await shelf.lay_hold(conn, case.account_id, "ON_HOLD", WAIVER_WAITS, until, f"staff:{staff.id}", now, town.id)
    return moved


async def ask_plan(
    house: House, conn: AsyncConnection, case: Any, version: int | None, staff: Any, parts: Sequence[Part],
    now: datetime,
) -> cases.Moved:  # fmt: skip
    """Proposes instalments: a person approves them, the owner confirms them in the chat. Raises OutcomeError."""
    town = await cases.town_of(house, conn, case.community_id)
    owed = sum(row.open_fen for row in await shelf.charges_open(conn, case.account_id))
    days = [on for on, _fen in parts]
    if len(parts) < 2 or days != sorted(set(days)) or days[0] < town.today(now):
        raise OutcomeError("two or more dates, each later than the one before")
    if sum(fen for _on, fen in parts) != owed:
        raise OutcomeError(f"= ¥{owed / 100:.2f}")
    moved = await cases.resolve(house, conn, case.id, version, staff.id, "plan", now)
    if moved.ok:
        await _propose_plan(house, conn, town, case, staff, parts, now)
    return moved


async def _propose_plan(
    house: House, conn: AsyncConnection, town: Town, case: Any, staff: Any, parts: Sequence[Part], now: datetime
) -> None:  # fmt: skip
    plain = [[on.isoformat(), fen] for on, fen in parts]
    values = {"account_id": case.account_id, "state": "proposed", "instalments": json.dumps(plain), "made_at": now,
              "approved_by": ""}  # fmt: skip
    who = f"staff:{staff.id}"
    plan_id = await promises.write_plan(conn, values, town.id, who)
    told = "；".join(f"{day(on, town.locale)} {money(fen, town.locale)}" for on, fen in parts)
    words = await _words(house, conn, town, case, now, sum(fen for _on, fen in parts), told)
    detail = {"case_id": case.id, "account_id": case.account_id, "plan_id": plan_id, "parts": plain}
    subject = f"plan:{plan_id}"
    await ask_approval(house, conn, town, "plan", subject, now, asked_by=staff.id, words=words, detail=detail)
    until = town.calendar.add_working_days(town.today(now), 5)
    await shelf.lay_hold(conn, case.account_id, "ON_HOLD", PLAN_WAITS, until, who, now, town.id)

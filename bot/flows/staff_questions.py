"""What was asked of a colleague is answered in the words an owner could use: a date, a sum, a reason, a name."""

from datetime import date, datetime
from typing import Any

from bot.flows import cases
from bot.flows.faces import faces
from bot.flows.outcomes import OutcomeError, Part, ask_plan, ask_waiver, new_promise
from bot.flows.staff_presses import after, owed, tell_stale, tell_taken
from bot.flows.staff_turn import StaffTurn
from bot.talk.dates import read_date
from bot.talk.staff_commands import read_fen
from bot.talk.understand import Understood, understand
from store import cases as shelf
from store import staff as people


async def answered(turn: StaffTurn) -> bool:
    """Takes a text as the answer to what was asked; False when nothing was asked."""
    question, asked = await turn.asked()
    if not question:
        return False
    case = await shelf.one(turn.conn, int(asked.get("case", 0)))
    if case is None or case.community_id != turn.town.id:
        await turn.ask("")
        return False
    if not cases.may_handle(case, turn.staff):
        await turn.ask("")
        await tell_taken(turn, case)
        return True
    await _ANSWERS[question](turn, case, asked)
    return True


def _heard(turn: StaffTurn, text: str) -> Understood:
    local: datetime = turn.now.astimezone(turn.town.zone)
    return understand(text, local, asked_for_date=True)


def _day(turn: StaffTurn, text: str) -> date | None:
    """The local date a text names: as a promise would, else any date in it."""
    return _heard(turn, text).date or read_date(text, turn.now.astimezone(turn.town.zone))


async def _promise(turn: StaffTurn, case: Any, asked: dict[str, Any]) -> None:
    """The date and sum a colleague took down are said back before they count (I6)."""
    heard, on = _heard(turn, turn.text), _day(turn, turn.text)
    total = await owed(turn, case)
    if on is None:
        await _again(turn, "2026-12-05 / 12月5日")
        return
    fen = heard.amount_fen or (int(total * heard.share) if heard.share else total)
    face = (await faces(turn.conn, turn.town, [case.id], turn.now))[0]
    said = turn.say.say("confirm_promise", case_no=str(case.id), unit=face.unit, promise_date=on, promise_amount=fen)
    await turn.answer(said, case_id=case.id)
    await turn.ask("confirm_promise", case=case.id, date=on.isoformat(), fen=fen)


async def _confirm(turn: StaffTurn, case: Any, asked: dict[str, Any]) -> None:
    yes = understand(turn.text, turn.now.astimezone(turn.town.zone)).yes
    if yes is None:
        await _promise(turn, case, asked)
        return
    if not yes:
        await turn.ask("promise", case=case.id)
        await _again(turn, "12月5日 500")
        return
    on, fen = date.fromisoformat(asked["date"]), int(asked["fen"])
    await turn.ask("")
    try:
        moved = await new_promise(turn.house, turn.conn, case, None, turn.staff, on, fen, turn.now)
    except OutcomeError as refusal:
        await turn.ask("promise", case=case.id)
        await _again(turn, str(refusal))
        return
    if not moved.ok:
        await tell_stale(turn, moved.case, case.version)
        return
    face = (await faces(turn.conn, turn.town, [case.id], turn.now))[0]
    said = turn.say.say("promise_kept", case_no=str(case.id), unit=face.unit, promise_date=on, promise_amount=fen)
    await turn.answer(said, case_id=case.id)


async def _snooze(turn: StaffTurn, case: Any, asked: dict[str, Any]) -> None:
    until = _day(turn, turn.text)
    if until is None or until <= turn.town.today(turn.now):
        await _again(turn, "12月5日")
        return
    await turn.ask("")
    moved = await cases.snooze(turn.house, turn.conn, case.id, None, turn.staff, until, turn.now)
    await after(turn, moved, case.version, "snoozed")


async def _waiver(turn: StaffTurn, case: Any, asked: dict[str, Any]) -> None:
    first, _, why = turn.text.partition(" ")
    fen = read_fen(first)
    if fen is None or not why.strip():
        await _again(turn, "50 …")
        return
    try:
        moved = await ask_waiver(turn.house, turn.conn, case, None, turn.staff, fen, why.strip(), turn.now)
    except OutcomeError as refusal:
        await _again(turn, str(refusal))
        return
    await turn.ask("")
    await after(turn, moved, case.version, "resolved")


async def _plan(turn: StaffTurn, case: Any, asked: dict[str, Any]) -> None:
    told = turn.text.replace("；", "\n").replace(";", "\n").splitlines()
    parts = [_part(turn, line) for line in told if line.strip()]
    good = [part for part in parts if part is not None]
    try:
        if len(good) != len(parts):
            raise OutcomeError("12月5日 500")
        moved = await ask_plan(turn.house, turn.conn, case, None, turn.staff, good, turn.now)
    except OutcomeError as refusal:
        await _again(turn, str(refusal))
        return
    await turn.ask("")
    await after(turn, moved, case.version, "resolved")


def _part(turn: StaffTurn, line: str) -> Part | None:
    """A line with a date and a sum."""
    words = line.replace("，", " ").replace("：", " ").split()
    fen = read_fen(words[-1]) if len(words) > 1 else None
    on = _day(turn, " ".join(words[:-1])) if fen is not None else None
    return (on, fen) if on is not None and fen is not None else None


async def _hand_over(turn: StaffTurn, case: Any, asked: dict[str, Any]) -> None:
    colleague = await people.named(turn.conn, turn.text)
    if colleague is None or colleague.left_at is not None:
        everyone = await people.everyone(turn.conn, turn.town.id)
        await _again(turn, "、".join(c.name for c in everyone if c.id != turn.staff.id))
        return
    await turn.ask("")
    moved = await cases.hand_over(turn.house, turn.conn, case.id, None, turn.staff, colleague, turn.now)
    await after(turn, moved, case.version, "handed_over")


async def _answer(turn: StaffTurn, case: Any, asked: dict[str, Any]) -> None:
    """What the owner said, into the record right after the call."""
    await turn.ask("")
    moved = await cases.note_case(turn.house, turn.conn, case.id, turn.staff, turn.text[:1000], turn.now)
    await after(turn, moved, case.version, "noted")


async def _again(turn: StaffTurn, example: str) -> None:
    await turn.answer(turn.say.say("not_read", explanation=example))


_ANSWERS = {
    "promise": _promise, "confirm_promise": _confirm, "snooze": _snooze, "waiver": _waiver, "plan": _plan,
    "hand_over": _hand_over, "answer": _answer,
}  # fmt: skip

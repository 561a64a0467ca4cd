"""Buttons colleagues press: on cards, lists, requests for approval. A stale one is told what happened since."""

from datetime import timedelta
from typing import Any

from bot.flows import cards, cases, granted
from bot.flows.case_details import show_details
from bot.flows.case_list import page_of
from bot.flows.faces import Face, faces
from bot.flows.outcomes import OUTCOMES, end_case
from bot.flows.staff_post import Keys, post, tell
from bot.flows.staff_turn import StaffTurn
from store import cases as shelf
from store import outcomes as facts
from store import staff as people

SNOOZES = {"tomorrow": 1, "three_days": 3, "week": 7}


async def pressed(turn: StaffTurn) -> None:
    """Does what a button says: ``c:`` a case's, ``o:`` shows a card, ``l:`` turns a list, ``a:`` decides a request."""
    kind, *parts = turn.text.split(":")
    if kind == "c" and len(parts) in (3, 4) and parts[0].isdigit() and parts[1].isdigit():
        await _case(turn, int(parts[0]), int(parts[1]), parts[2], parts[3] if len(parts) == 4 else "")
    elif kind == "o" and len(parts) == 1 and parts[0].isdigit():
        await _open(turn, int(parts[0]))
    elif kind == "l" and len(parts) == 2 and parts[1].isdigit():
        await _page(turn, parts[0], int(parts[1]))
    elif kind == "a" and len(parts) == 2 and parts[0].isdigit():
        await _decide(turn, int(parts[0]), parts[1] == "yes")
    else:
        turn.alert(turn.say.say("told_gone").text)


async def _case(turn: StaffTurn, case_id: int, version: int, verb: str, more: str) -> None:
    case = await shelf.one(turn.conn, case_id)
    if case is None or case.community_id != turn.town.id:
        turn.alert(turn.say.say("told_gone").text)
        return
    if verb == "claim":
        await claim(turn, case_id, version)
        return
    if case.version != version or case.state == "resolved":
        await tell_stale(turn, case, version)
        return
    if not cases.may_handle(case, turn.staff):
        await tell_taken(turn, case)
        return
    await _handle(turn, case, version, verb, more)


async def claim(turn: StaffTurn, case_id: int, version: int) -> None:
    """Takes the case, or tells who has it; the details follow in private."""
    moved = await cases.claim(turn.house, turn.conn, case_id, version, turn.staff, turn.now)
    if moved.ok or moved.case.claimed_by == turn.staff.id:
        shown = await show_details(turn, case_id) if moved.ok else True
        turn.alert(turn.say.say("told_yours" if shown else "told_no_chat", case_no=str(case_id)).text, loud=not shown)
    elif moved.case.claimed_by is not None and moved.case.state == "claimed":
        await tell_taken(turn, moved.case)
    else:
        await tell_stale(turn, moved.case, version)


async def _handle(turn: StaffTurn, case: Any, version: int, verb: str, more: str) -> None:
    if verb in cases.WAYS:
        await contacted(turn, case, version, verb)
    elif verb == "outcome" and more in OUTCOMES:
        await outcome_chosen(turn, case, version, more)
    elif verb in SNOOZES:
        until = turn.town.today(turn.now) + timedelta(days=SNOOZES[verb])
        moved = await cases.snooze(turn.house, turn.conn, case.id, version, turn.staff, until, turn.now)
        await after(turn, moved, version, "snoozed")
    elif verb == "to" and more.isdigit():
        await _hand_over(turn, case, version, int(more))
    else:
        await ask(turn, case, verb)


async def ask(turn: StaffTurn, case: Any, verb: str) -> None:
    """What a button needs to know first is asked in private."""
    face = (await faces(turn.conn, turn.town, [case.id], turn.now))[0]
    name, keys = await _question(turn, face, verb)
    said = turn.say.say(name, case_no=str(case.id), unit=face.unit, total=await owed(turn, case))
    if not await turn.private(said, keys=keys, case_id=case.id):
        turn.alert(turn.say.say("told_no_chat").text)
        return
    asks = {"promise": "promise", "waiver": "waiver", "plan": "plan", "snooze": "snooze", "hand_over": "hand_over"}
    if verb in asks:
        await turn.ask(asks[verb], case=case.id)
    if turn.group is not None:
        turn.alert(turn.say.say("told_private").text, loud=False)


async def owed(turn: StaffTurn, case: Any) -> int:
    """All that is open on the case's account, in fen."""
    if case.account_id is None:
        return 0
    return sum(row.open_fen for row in await facts.charges_open(turn.conn, case.account_id))


async def _question(turn: StaffTurn, face: Face, verb: str) -> tuple[str, Keys]:
    number, version, say = face.id, face.row.version, turn.say

    def key(word: str, label: str = "") -> tuple[str, str]:
        return label or say.term("labels", word), cards.press_data(number, version, word)

    if verb == "contacted":
        return "ask_contact", [[key("call"), key("visit")], [key("no_answer"), key("paper")]]
    if verb == "resolve":
        told = [
            (say.term("outcomes", outcome), f"{cards.press_data(number, version, 'outcome')}:{outcome}")
            for outcome in OUTCOMES
        ]
        return "ask_outcome", [told[n : n + 3] for n in range(0, len(told), 3)]
    if verb == "snooze":
        return "ask_snooze", [[key("tomorrow"), key("three_days"), key("week")]]
    if verb == "hand_over":
        others = [c for c in await people.everyone(turn.conn, turn.town.id) if c.id != turn.staff.id]
        told = [(c.name, f"{cards.press_data(number, version, 'to')}:{c.id}") for c in others]
        return "ask_hand_over", [told[n : n + 3] for n in range(0, len(told), 3)]
    return {"waiver": "ask_waiver", "plan": "ask_plan"}.get(verb, "ask_promise"), []


async def contacted(turn: StaffTurn, case: Any, version: int, way: str) -> None:
    """A call or visit counts at once; what the owner answered may follow in words."""
    moved = await cases.contacted(turn.house, turn.conn, case.id, version, turn.staff, way, turn.now)
    await after(turn, moved, version, "contacted")
    if moved.ok:
        face = (await faces(turn.conn, turn.town, [case.id], turn.now))[0]
        said = turn.say.say("ask_answer", case_no=str(case.id), unit=face.unit)
        if await turn.private(said, case_id=case.id):
            await turn.ask("answer", case=case.id)


async def outcome_chosen(turn: StaffTurn, case: Any, version: int, outcome: str) -> None:
    """An outcome that says it all ends the case; one that needs a date or a sum is asked for first."""
    ask_first = {"new_promise": "promise", "waiver": "waiver", "plan": "plan"}
    if outcome in ask_first and case.account_id is not None:
        await ask(turn, case, ask_first[outcome])
        return
    done = outcome if outcome not in ask_first else "done"
    await after(turn, await end_case(turn.house, turn.conn, case, version, turn.staff, done, turn.now), version,
                "resolved")  # fmt: skip


async def _hand_over(turn: StaffTurn, case: Any, version: int, to: int) -> None:
    colleague = await people.one(turn.conn, to)
    if colleague is None or colleague.left_at is not None:
        turn.alert(turn.say.say("told_gone").text)
        return
    moved = await cases.hand_over(turn.house, turn.conn, case.id, version, turn.staff, colleague, turn.now)
    await after(turn, moved, version, "handed_over")


async def after(turn: StaffTurn, moved: cases.Moved, version: int, kind: str) -> None:
    """Says that it is done, or what happened meanwhile."""
    if not moved.ok:
        await tell_stale(turn, moved.case, version)
        return
    said = turn.say.say("told_done", event=f"#{moved.case.id} {turn.say.term('events', kind)}")
    if turn.detail.get("press_id"):
        turn.alert(said.text, loud=False)
    else:
        await turn.answer(said, case_id=moved.case.id)


async def tell_stale(turn: StaffTurn, case: Any, version: int) -> None:
    """What happened since the version that was pressed: when, who, what."""
    events = await shelf.events(turn.conn, case.id, version)
    names = await people.names(turn.conn, [event.staff_id for event in events])
    told = "；".join(
        " ".join(f"{cards.clock(turn.town, e.at)} {names.get(e.staff_id, '')} {_event(turn, e)}".split())
        for e in events[-3:]
    ) or turn.say.term("events", "resolved" if case.state == "resolved" else "")
    await _say(turn, turn.say.say("told_stale", event=told))


def _event(turn: StaffTurn, event: Any) -> str:
    return turn.say.term("events", event.kind)


async def tell_taken(turn: StaffTurn, case: Any) -> None:
    """Who has it (I11)."""
    who = (await people.names(turn.conn, [case.claimed_by])).get(case.claimed_by, "")
    await _say(turn, turn.say.say("told_taken", case_no=str(case.id), who=who))


async def _say(turn: StaffTurn, said: Any) -> None:
    if turn.detail.get("press_id"):
        turn.alert(said.text)
    else:
        await turn.answer(said)


async def _open(turn: StaffTurn, case_id: int) -> None:
    """A case out of a list: its card comes up where the list stands."""
    case = await shelf.one(turn.conn, case_id)
    if case is None or case.community_id != turn.town.id:
        turn.alert(turn.say.say("told_gone").text)
        return
    face = (await faces(turn.conn, turn.town, [case_id], turn.now))[0]
    if turn.group is not None:
        await cards.put_up(turn.house, turn.conn, turn.town, face, [turn.group], turn.now)
    else:
        said = cards.card_text(turn.say, turn.town, face, turn.now)
        await turn.private(said, keys=cards.card_keys(turn.say, face), case_id=case_id)


async def _page(turn: StaffTurn, which: str, page: int) -> None:
    """Turns a list in place; its lines are as the cases stand now."""
    rows = await list_rows(turn, which[:1])
    said, keys = await page_of(turn.conn, turn.town, turn.say, rows, which, page, turn.now)
    slots = {"edits": turn.detail.get("message_id", "")}
    if turn.group is not None:
        await post(turn.conn, turn.group, turn.town.id, said, turn.now, keys=keys, slots=slots)
    else:
        await tell(turn.house, turn.conn, turn.staff.id, turn.town.id, said, turn.now, keys=keys, slots=slots)


async def list_rows(turn: StaffTurn, which: str) -> list[Any]:
    """The cases of a list: u nobody has, m and w mine, else all unresolved."""
    if which == "u":
        return list(await shelf.unclaimed(turn.conn, turn.town.id))
    if which in ("m", "w"):
        mine = await shelf.of_staff(turn.conn, turn.staff.id)
        return [row for row in mine if row.community_id == turn.town.id]
    return list(await shelf.unresolved(turn.conn, turn.town.id))


async def _decide(turn: StaffTurn, approval_id: int, yes: bool) -> None:
    decided = await granted.decide(turn.house, turn.conn, approval_id, turn.staff, yes, turn.now)
    if decided is None:
        turn.alert(turn.say.say("told_gone").text)
    elif not decided.ok:
        turn.alert(turn.say.say("approval_refused", key=decided.why).text)
    else:
        said = turn.say.say("approval_told", key=decided.approval.state, who=turn.staff.name, menu="")
        turn.alert(said.text, loud=False)

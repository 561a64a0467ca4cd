"""What colleagues ask for in plain words, in the group or in private; in the group every owner is masked."""

from typing import Any

from bot.flows import cases
from bot.flows.by_people import record_contact
from bot.flows.case_details import charge_lines, looked
from bot.flows.case_list import line, page_of
from bot.flows.day import today_lines
from bot.flows.faces import faces
from bot.flows.ledger import LedgerError, pay_in_person
from bot.flows.outcomes import NEEDS_WORDS, end_case
from bot.flows.staff_presses import after, ask, claim, contacted, list_rows, tell_stale, tell_taken
from bot.flows.staff_turn import StaffTurn
from bot.flows.standins import end_stand_in, name_stand_in
from bot.talk.dates import read_date
from bot.talk.masked import amount_band, masked_name
from bot.talk.staff_commands import Command, read_outcome
from store import cases as shelf
from store import ledger
from store import outcomes as facts
from store import staff as people
from store.standins import stand_ins

ENDED = ("取消", "结束", "結束", "end")
"""Instead of a name: nobody stands in any more."""


async def obey(turn: StaffTurn, command: Command) -> None:
    """Does what a command says, or says why not."""
    if command.verb in ("mine", "unclaimed"):
        await _list(turn, "m" if command.verb == "mine" else "u")
    elif command.verb == "today":
        await turn.answer(turn.say.say("today", menu=await today_lines(turn.conn, turn.town, turn.say, turn.now)))
    elif command.verb == "help":
        await turn.answer(turn.say.say("help"))
    elif command.unit:
        await _unit(turn, command)
    elif command.case is not None:
        await _case(turn, command)


async def _list(turn: StaffTurn, which: str) -> None:
    rows = await list_rows(turn, which)
    if not rows:
        await turn.answer(turn.say.say("list_empty"))
        return
    name = f"{which}{turn.staff.id if which == 'm' else turn.town.id}"
    said, keys = await page_of(turn.conn, turn.town, turn.say, rows, name, 0, turn.now)
    await turn.answer(said, keys=keys)


async def _unit(turn: StaffTurn, command: Command) -> None:
    found = await ledger.find_accounts(turn.conn, command.unit, turn.town.name)
    if not found:
        await turn.answer(turn.say.say("unit_unknown", unit=command.unit))
        return
    account = found[0]
    if command.verb == "cash":
        await _cash(turn, account, command)
    elif command.verb == "signed":
        await _signed(turn, account, command)
    elif command.verb == "stand_in":
        await _stand_in(turn, account, command)
    elif turn.group is None and command.verb == "owes":
        await _owes(turn, account)
    else:
        await _find(turn, account)


async def _find(turn: StaffTurn, account: Any) -> None:
    """A unit as the group may see it: masked owner, band, its open cases."""
    today = turn.town.today(turn.now)
    debt = (await shelf.owed(turn.conn, [account.id], today)).get(account.id)
    owner = await facts.owner_name(turn.conn, account.owner_id)
    rows = await shelf.of_account(turn.conn, account.id)
    seen = await faces(turn.conn, turn.town, [row.id for row in rows], turn.now)
    said = turn.say.say(
        "found", unit=account.code, owner=masked_name(owner), band=amount_band(int(debt.fen)) if debt else "",
        days=(today - debt.since).days if debt else 0, menu="\n".join(line(turn.say, face) for face in seen),
    )  # fmt: skip
    keys = [[(f"#{face.id}", f"o:{face.id}") for face in seen[:4]]] if seen else []
    await turn.answer(said, keys=keys)


async def _owes(turn: StaffTurn, account: Any) -> None:
    """What a unit owes, to the fen: in a private chat only, and that it was shown is written down."""
    charges = await facts.charges_open(turn.conn, account.id)
    owner = await facts.owner_name(turn.conn, account.owner_id)
    said = turn.say.say(
        "owes", unit=account.code, owner=owner, total=sum(c.open_fen for c in charges),
        charges=charge_lines(turn.say, charges),
    )  # fmt: skip
    await turn.answer(said)
    await looked(turn.conn, turn.who, f"account:{account.id}", turn.town.id, turn.now)


async def _cash(turn: StaffTurn, account: Any, command: Command) -> None:
    """Cash at the desk: entered once however often the words come, and no reminder leaves after it (I1)."""
    if command.fen is None:
        await turn.answer(turn.say.say("not_read", explanation=f"{command.unit} 486"))
        return
    await pay_in_person(
        turn.conn, account_id=account.id, community_id=turn.town.id, amount_fen=command.fen, way="cash",
        paid_on=turn.town.today(turn.now), source="staff", external_ref=f"inbound:{turn.row.id}", now=turn.now,
        who=turn.who,
    )  # fmt: skip
    rest = sum(row.open_fen for row in await facts.charges_open(turn.conn, account.id))
    await turn.answer(turn.say.say("cash_done", unit=account.code, paid=command.fen, rest=rest))


async def _signed(turn: StaffTurn, account: Any, command: Command) -> None:
    """The paper notice was signed for: it counts as delivered, and the ladder looks at once."""
    await record_contact(turn.conn, turn.town, account, "paper", turn.now, content=command.rest, staff_id=turn.staff.id)
    await turn.answer(turn.say.say("signed_done", unit=account.code))


async def _stand_in(turn: StaffTurn, account: Any, command: Command) -> None:
    """Who hears the ladder in an old owner's place: in private only, for it takes a full number."""
    example = turn.say.say("not_read", explanation=f"代联系 {account.code} 王小明 13800000000 同意书003")
    if turn.group is not None:
        await turn.private(example)
        await turn.answer(turn.say.say("told_private"))
        return
    name, _, rest = command.rest.partition(" ")
    phone, _, consent = rest.strip().partition(" ")
    try:
        if name in ENDED and not rest:
            await end_stand_in(turn.conn, account, turn.now, who=turn.who)
        else:
            await name_stand_in(
                turn.house, turn.conn, turn.town, account, name, phone, consent, turn.now, who=turn.who
            )  # fmt: skip
    except LedgerError:
        there = "、".join(row.name for row in await stand_ins(turn.conn, account.id))
        taken = turn.say.say("stand_in_taken", unit=account.code, who=there)
        await turn.answer(taken if there else example)
        return
    standing = [row.name for row in await stand_ins(turn.conn, account.id)]
    await turn.answer(turn.say.say("stand_in_done", unit=account.code, who="、".join(standing)))


async def _case(turn: StaffTurn, command: Command) -> None:
    case = await shelf.one(turn.conn, command.case or 0)
    if case is None or case.community_id != turn.town.id:
        await turn.answer(turn.say.say("told_gone"))
    elif case.state == "resolved":
        await tell_stale(turn, case, case.version - 1)
    elif command.verb == "claim":
        await claim(turn, case.id, case.version)
    elif command.verb == "note":
        await add_note(turn, case, command.rest)
    elif not cases.may_handle(case, turn.staff):
        await tell_taken(turn, case)
    else:
        await _move(turn, case, command)


async def add_note(turn: StaffTurn, case: Any, text: str) -> None:
    """A note into the case's record."""
    if not text:
        await turn.answer(turn.say.say("not_read", explanation="…"))
        return
    moved = await cases.note_case(turn.house, turn.conn, case.id, turn.staff, text[:1000], turn.now)
    await after(turn, moved, case.version, "noted")


async def _move(turn: StaffTurn, case: Any, command: Command) -> None:
    if command.verb == "contacted":
        await contacted(turn, case, case.version, "call")
    elif command.verb == "snooze":
        await _snooze(turn, case, command.rest)
    elif command.verb == "hand_over":
        await _hand_over(turn, case, command.rest)
    else:
        await _resolve(turn, case, command.rest)


async def _snooze(turn: StaffTurn, case: Any, words: str) -> None:
    until = read_date(words, turn.now.astimezone(turn.town.zone)) if words else None
    if until is None or until <= turn.town.today(turn.now):
        await ask(turn, case, "snooze")
        return
    moved = await cases.snooze(turn.house, turn.conn, case.id, case.version, turn.staff, until, turn.now)
    await after(turn, moved, case.version, "snoozed")


async def _hand_over(turn: StaffTurn, case: Any, name: str) -> None:
    colleague = await people.named(turn.conn, name)
    if colleague is None or colleague.left_at is not None:
        await ask(turn, case, "hand_over")
        return
    moved = await cases.hand_over(turn.house, turn.conn, case.id, case.version, turn.staff, colleague, turn.now)
    await after(turn, moved, case.version, "handed_over")


async def _resolve(turn: StaffTurn, case: Any, words: str) -> None:
    outcome = read_outcome(words) if words else None
    if outcome is None:
        await ask(turn, case, "resolve")
    elif outcome in NEEDS_WORDS:
        await ask(turn, case, {"new_promise": "promise"}.get(outcome, outcome))
    else:
        moved = await end_case(turn.house, turn.conn, case, case.version, turn.staff, outcome, turn.now, note=words)
        await after(turn, moved, case.version, "resolved")

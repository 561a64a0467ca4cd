"""Everything a colleague needs for a case, in their private chat only; that they looked is in the journal (I9)."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cards
from bot.flows.faces import Face, faces
from bot.flows.history import Line, account_history
from bot.flows.house import Town
from bot.flows.staff_turn import StaffTurn
from bot.flows.staff_voice import Voice
from bot.talk.basket import kind_words, period_words
from bot.talk.money import day, money
from store import cases as shelf
from store import outcomes as facts
from store.journal import Entry, note

LAST_LINES = 8
LONGEST = 80
"""Characters of one line of what was said."""
VISITS = ("visit", "repair", "door_notice", "step:paper_31")


async def show_details(turn: StaffTurn, case_id: int) -> bool:
    """Sends the details to the colleague in private. False: there is no private chat yet, nothing was shown."""
    face = (await faces(turn.conn, turn.town, [case_id], turn.now))[0]
    said = turn.say.say(
        "details", case_no=str(case_id), cause=turn.say.term("causes", face.row.cause), unit=face.unit,
        **await _account(turn, face), explanation=what_to_say(turn, face),
    )  # fmt: skip
    if not await turn.private(said, keys=cards.card_keys(turn.say, face), case_id=case_id):
        return False
    await shelf.write_event(
        turn.conn, case_id, face.row.version, "looked", turn.now, community_id=turn.town.id, staff_id=turn.staff.id
    )
    await looked(turn.conn, turn.who, f"case:{case_id}", turn.town.id, turn.now)
    return True


async def looked(conn: AsyncConnection, who: str, subject: str, community_id: int, now: Any) -> None:
    """Somebody saw an owner's full data: written down."""
    await note(conn, Entry("look", subject, {"who": who}, now, community_id, who, "details shown"))


async def _account(turn: StaffTurn, face: Face) -> dict[str, object]:
    conn, town, account_id = turn.conn, turn.town, face.row.account_id
    if account_id is None:
        return {"owner": "", "contacts": "—", "total": 0, "charges": "—", "menu": _detail(face), "stand_in": ""}
    charges = await facts.charges_open(conn, account_id)
    people = await facts.people_of(conn, account_id)
    return {
        "owner": face.row.owner, "total": sum(c.open_fen for c in charges), "charges": charge_lines(turn.say, charges),
        "contacts": "、".join(_reached(turn, c) for c in await facts.live_contacts(conn, face.row.person_id)) or "—",
        "stand_in": "、".join(p.name for p in people if p.role == "stand_in"),
        "menu": story(town, await account_history(conn, account_id)) or _detail(face),
    }  # fmt: skip


def _reached(turn: StaffTurn, contact: Any) -> str:
    """A telephone number in full, to be called; of any other way only that it is there."""
    if contact.channel == "sms":
        return turn.house.store.vault.open(contact.address_sealed)
    return turn.say.term("ways", contact.channel)


def _detail(face: Face) -> str:
    return str(face.detail.get("reason") or face.detail.get("text") or "—")[:200]


def charge_lines(say: Voice, charges: list[Any]) -> str:
    """Open charges, one a line."""
    told = say.locale
    return "\n".join(
        f"{kind_words(c.kind, told)} {period_words(c.period, told)} {money(c.open_fen, told)} "
        f"({day(c.due_on, told, style='short')})"
        for c in charges
    )


def story(town: Town, lines: list[Line]) -> str:
    """The last lines of the record, each in the community's local time."""
    last = [line for line in lines if line.way not in ("case", "hold")][-LAST_LINES:]
    return "\n".join(
        f"{cards.clock(town, line.at)} {line.way} {line.who}: {' '.join(line.content.split())[:LONGEST]}"
        for line in last
    )


def what_to_say(turn: StaffTurn, face: Face) -> str:
    """The script of a call, or of a visit where the case asks for one."""
    name = "visit_words" if face.row.cause in VISITS else "call_words"
    return turn.say.say(
        name, owner=face.row.owner or "", community=turn.town.name, who=turn.staff.name, unit=face.unit,
        total=face.owed_fen, promise_date=face.promised_on or turn.town.today(turn.now),
        promise_amount=face.promised_fen,
    ).text  # fmt: skip

"""How a wording reads on three phones, for real owners and for invented awkward ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.climate import weather
from bot.flows.facts import Known, read
from bot.flows.house import House, Town
from bot.flows.prepare import reminder_slots
from bot.flows.words import Book
from bot.talk.awkward import AWKWARD, awkward_slots
from bot.talk.basket import Basket, BasketLine
from bot.talk.lengths import FIELD_MOST, field_kind, sms_segments
from bot.talk.scripts import Script, ScriptBook
from bot.talk.wording import Unrenderable, raw_fields, word
from store import facts as ask

PHONES = ("wechat", "sms", "telegram")


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of a WeChat template: its value and how much of its length it takes."""

    key: str
    value: str
    length: int
    most: int


@dataclass(frozen=True, slots=True)
class Phone:
    """What one phone shows. ``mine``: it is the wording being edited; else the one that speaks on this channel."""

    channel: str
    path: str
    mine: bool
    text: str
    segments: int
    fields: tuple[FieldLine, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose phones are shown: a real account, or an invented awkward owner."""

    key: str
    label: str


def with_script(book: ScriptBook, script: Script) -> ScriptBook:
    """The book with one wording laid over it."""
    return ScriptBook([*(s for s in book.values() if s.key != script.key), script])


def basket_now(known: Known, today: date) -> Basket:
    """What an account owes as it stands: the overdue charges, before that the next ones."""
    open_ones = [c for c in known.facts.charges if not c.disputed and not c.previous_manager]
    first = min((c.due_on for c in open_ones), default=today)
    due = [c for c in open_ones if c.due_on < today] or [c for c in open_ones if c.due_on <= first]
    return Basket(tuple(BasketLine(known.facts.code, c.kind, c.period, c.due_on, c.open_fen) for c in due), today)


def real_slots(
    house: House, town: Town, book: Book, known: Known, script: Script, channel: str, now: datetime
) -> dict[str, object]:
    """The slots of a reminder as the way out would fill them; its link is as long, and opens nobody's page."""
    account_id = known.facts.account_id
    row = SimpleNamespace(person_id=known.facts.person_id, contact_id=-1, channel=channel, slots="")
    items = [SimpleNamespace(account_id=account_id, occasion="")]
    basket = basket_now(known, town.today(now))
    return reminder_slots(house, town, book, row, script, basket, {account_id: known}, items, now)


def readers(real: Sequence[tuple[int, str]]) -> list[Reader]:
    """Real accounts (number, label), then the awkward ones."""
    invented = [Reader(f"w{n}", owner.what) for n, owner in enumerate(AWKWARD)]
    return [*(Reader(f"a{number}", label) for number, label in real), *invented]


async def phones(
    house: House, conn: AsyncConnection, town: Town, script: Script, reader: str, now: datetime
) -> list[Phone]:
    """The three phones of a reader with a wording that is perhaps not published yet."""
    around = await weather(house, conn, now)
    words = around.books[town.id]
    book = with_script(words.scripts, script)
    known = await _known(conn, around, reader, town.id, now)
    shown = []
    for channel in PHONES:
        found = book.find(script.group, script.name, (script.locale,), channel)
        if found is not None:
            slots = _slots(house, town, words, known, found, channel, reader, now)
            shown.append(_phone(channel, found, script, slots))
    return shown


async def _known(conn: AsyncConnection, around: Any, reader: str, community_id: int, now: datetime) -> Known | None:
    number = reader.removeprefix("a")
    if not reader.startswith("a") or not number.isdecimal() or len(number) > 18:
        return None
    found = await read(conn, ask.named([int(number)]), around.towns, around.watermarks, now)
    return found[0] if found and found[0].community_id == community_id else None


def _slots(
    house: House, town: Town, words: Book, known: Known | None, script: Script, channel: str, reader: str,
    now: datetime,
) -> dict[str, object]:  # fmt: skip
    number = reader.removeprefix("w")
    owner = AWKWARD[int(number) % len(AWKWARD)] if number.isdecimal() and len(number) < 4 else AWKWARD[0]
    slots: dict[str, object] = dict.fromkeys(script.needs, "…") if script.group == "staff" else {}
    slots |= awkward_slots(owner, script.locale)
    return slots | (real_slots(house, town, words, known, script, channel, now) if known is not None else {})


def _phone(channel: str, found: Script, edited: Script, slots: dict[str, object]) -> Phone:
    mine = found.key == edited.key
    try:
        text = word(found, slots).text
        fields = tuple(_field(key, value) for key, value in raw_fields(found, slots).items())
    except Unrenderable as broken:
        return Phone(channel, found.path, mine, "", 0, (), str(broken))
    return Phone(channel, found.path, mine, text, sms_segments(text) if channel == "sms" else 0, fields, "")


def _field(key: str, value: str) -> FieldLine:
    return FieldLine(key, value, len(value), FIELD_MOST.get(field_kind(key) or "", 20))

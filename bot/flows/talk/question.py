"""The open question and its answer: a yes, a number or a day counts only for the question it belongs to."""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.flows.talk import balance, claims, dispute, instalments, promise, requests, units
from bot.flows.talk.answers import Answer, locale_of, menu_answer, numbered, yes_no
from bot.flows.talk.plain import made_plain
from bot.flows.talk.promise import Wish
from bot.flows.talk.who import Talk, take_on
from bot.talk.money import day
from bot.talk.pledge_words import PAY
from bot.talk.understand import Understood
from store import talk as shelf

_PRESS = re.compile(r"q:(\d{1,9}):([a-z0-9_]{1,20})")
_NUMBER = re.compile(
    r"\W*(?:选|選|第|no\.?|number|option)?\s*(\d{1,2}|[一二两三四五六七八九十])\s*(?:个|個|号|號|项|項)?\W*",
    re.IGNORECASE,
)
_HAN = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_OF_THE_MONTH = re.compile(r"[号號]")
"""Where a day is asked for, 3号 is the 3rd and not the third choice."""
_AHEAD = re.compile(r"下|明|后天|大后|以后|之前|\b(?:next|tomorrow|coming|will|by|before)\b")
_MONTH = re.compile(
    r"\d月|\d[/.-]\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)?\b"
)
ALMOST_A_YEAR = timedelta(days=270)
"""A day with its month that lies further ahead was meant to lie behind."""
_OTHER_MATTERS = frozenset(
    {"person", "paid_claim", "promise", "instalments", "balance", "bill", "pay_how", "language", "help", "stop",
     "start", "scam", "sold", "deceased", "invoice", "visit"}
)  # fmt: skip
"""What is taken for itself, even in the middle of telling us what is wrong."""

Route = Callable[[Talk, str, Understood], Awaitable[list[Answer]]]
Hear = Callable[..., Understood]


@dataclass(frozen=True, slots=True)
class Given:
    """What an answer says: a place in the list, yes or no, or free words."""

    text: str
    place: int | None = None
    yes: bool | None = None


def pressed(text: str) -> tuple[int, str] | None:
    """The question's number and the answer a button stands for, or None if it is no button of a question."""
    found = _PRESS.fullmatch(text)
    return (int(found[1]), found[2]) if found else None


def given(text: str, heard: Understood | None) -> Given:
    """An answer typed: digits in any script, a bare yes or no, or words."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
    place = None
    if found:
        place = int(found[1]) if found[1].isdigit() else _HAN[found[1]]
    return Given(text, place, heard.yes if heard is not None else None)


def tapped(word: str) -> Given:
    """An answer pressed."""
    return Given(word, int(word) if word.isdigit() else None, {"yes": True, "no": False}.get(word))


async def answer(talk: Talk, told: Given, heard: Understood | None, hear: Hear, route: Route) -> list[Answer] | None:
    """Answers the open question if this is an answer to it; None where it is about something else."""
    name = talk.memory.question
    if name in ("promise_confirm", "instalments_confirm"):
        return await _confirm(talk, name, told)
    if name in ("promise_day", "promise_part"):
        return await _day(talk, name, told, hear)
    if name in ("choose_unit", "choose_person"):
        return await _choose(talk, name, told, hear, route)
    if name == "menu":
        return await menu_item(talk, talk.memory.asked["items"], told.place)
    return await _free(talk, name, told, heard)


async def _confirm(talk: Talk, name: str, told: Given) -> list[Answer] | None:
    if told.yes is None:
        return None
    unheard = await _unheard(talk)
    if unheard is not None:
        return unheard
    if not told.yes:
        await instalments.declined(talk)
        talk.memory.close()
        return [Answer("promise_declined")]
    return [await (promise.confirmed(talk) if name == "promise_confirm" else instalments.confirmed(talk))]


async def _unheard(talk: Talk) -> list[Answer] | None:
    """What is answered to a yes or no given before the open question was heard; None where it was heard.

    Who pressed its button, or reads the page, had it before them. Words on their way are waited for.
    """
    memory = talk.memory
    if talk.row is None or talk.row.kind == "press" or memory.said_by == "page":
        return None
    state, taken = await shelf.carried(talk.conn, talk.person.id, memory.said_by, memory.question)
    if taken is not None and taken <= talk.row.received_at:
        return None
    leaves = memory.said_by.startswith("inbound:") and state in ("queued", "sending")
    return [] if taken is not None or leaves else [await _said_now(talk)]


async def _said_now(talk: Talk) -> Answer:
    """The open question in words: it did not come through, or waits for the morning and then need not be sent."""
    kind, _, number = talk.memory.said_by.partition(":")
    if kind == "message":
        await shelf.withdraw(talk.conn, int(number), talk.now)
    talk.memory.last_reply = ""
    return again(talk)


async def _day(talk: Talk, name: str, told: Given, hear: Hear) -> list[Answer] | None:
    """An answer to "which day?", or to "would this part do?"."""
    asked = talk.memory.asked
    accounts = [account for account in talk.accounts if account.id in asked["accounts"]]
    days = [date.fromisoformat(on) for on in asked.get("days", [])]
    if told.yes is False and told.place is None:
        talk.memory.close()
        return [Answer("promise_declined")]
    if name == "promise_part":
        if told.yes is not True:
            return None
        on = date.fromisoformat(asked["date"]) if asked["date"] else None
        return [await promise.offer(talk, Wish(on, asked["fen"]), accounts)]
    place = 1 if told.yes and len(days) == 1 else told.place
    if _OF_THE_MONTH.search(told.text):
        place = None
    if place is not None and 1 <= place <= len(days):
        return [await promise.offer(talk, Wish(days[place - 1], asked["fen"]), accounts)]
    heard = hear(talk, told.text, asked_for_date=True)
    if heard.intent != "promise" or heard.date is None:
        return None
    return [await promise.offer(talk, Wish(heard.date, heard.amount_fen or asked["fen"], heard.share), accounts)]


async def _choose(talk: Talk, name: str, told: Given, hear: Hear, route: Route) -> list[Answer] | None:
    """Which flat: what was said before is heard again for it alone."""
    asked = talk.memory.asked
    if name == "choose_person":
        return await _whose(talk, told, hear, route)
    rows = [account for account in talk.accounts if account.id in asked["accounts"]]
    chosen = units.named(rows, told.text)
    if told.place is not None and 1 <= told.place <= len(rows):
        chosen = [rows[told.place - 1]]
    if len(chosen) != 1:
        return None
    talk.accounts = chosen
    talk.memory.close()
    return await route(talk, asked["text"], hear(talk, asked["text"]))


async def _whose(talk: Talk, told: Given, hear: Hear, route: Route) -> list[Answer] | None:
    """Whose flat, on a telephone several people share; it stays so for as long as a question lives."""
    asked = talk.memory.asked
    place = told.place or next((n for n, unit in enumerate(asked["units"], 1) if unit in told.text), None)
    if place is None or not 1 <= place <= len(asked["contacts"]):
        return None
    contact = next((c for c in talk.contacts if c.id == asked["contacts"][place - 1]), None)
    if contact is None:
        return None
    talk.memory.close()
    talk.memory.chosen, talk.memory.chosen_at = contact.person_id, talk.now.timestamp()
    await take_on(talk, contact)
    return await route(talk, asked["text"], hear(talk, asked["text"]))


async def menu_item(talk: Talk, items: list[str], place: int | None) -> list[Answer] | None:
    """One thing chosen from the menu."""
    if place is None or not 1 <= place <= len(items):
        return None
    return [await do_item(talk, items[place - 1])]


async def do_item(talk: Talk, item: str) -> Answer:
    """What an item of the menu does."""
    talk.memory.close()
    if item == "promise":
        return await promise.offer(talk, Wish(None), talk.accounts)
    if item == "paid":
        return await claims.claimed(talk, "", talk.accounts)
    if item == "dispute":
        talk.memory.ask("dispute_what", talk.now)
        return Answer("dispute_ask")
    if item == "person":
        return await requests.take(talk, "person", "", talk.accounts)
    if item == "balance":
        return Answer("balance" if await balance.charges(talk, talk.accounts) else "nothing_owed")
    return Answer("pay_how") if item == "pay_how" else menu_answer(talk, "menu")


async def _free(talk: Talk, name: str, told: Given, heard: Understood | None) -> list[Answer] | None:
    """Questions answered in free words: what is wrong, when it was paid, what the picture shows, a person."""
    intent = heard.intent if heard is not None else "none"
    if name == "offer_person" and told.yes:
        talk.memory.close()
        return [await requests.take(talk, "person", "", talk.accounts)]
    if name == "picture_what" and (told.yes or intent == "paid_claim"):
        talk.memory.close()
        return [await claims.slip(talk, talk.accounts)]
    if name == "dispute_what" and intent not in _OTHER_MATTERS and told.yes is None:
        talk.memory.close()
        return [await dispute.raise_one(talk, told.text, talk.accounts)]
    if name == "paid_when" and intent in ("paid_claim", "none", "promise") and not _promises(talk, told, heard):
        talk.memory.close()
        return [Answer("paid_claim_thanks")]
    return None


def _promises(talk: Talk, told: Given, heard: Understood | None) -> bool:
    """Whether a day names when it will be paid, and not when it was: a bare day looks back wherever it can."""
    if heard is None or heard.date is None:
        return False
    plain = made_plain(told.text)
    far = heard.date > talk.today + ALMOST_A_YEAR
    return bool(PAY.search(plain) or _AHEAD.search(plain) or (_MONTH.search(plain) and not far))


def again(talk: Talk) -> Answer:
    """The open question, asked once more under its own number."""
    name, asked, number = talk.memory.question, talk.memory.asked, talk.memory.question_no
    about: list[Any] = [a for a in talk.accounts if a.id in asked.get("accounts", ())] or list(talk.accounts)
    if name == "promise_confirm":
        slots = {"promise_date": date.fromisoformat(asked["date"]), "promise_amount": asked["fen"]}
        return Answer(name, slots, yes_no(number), about=about)
    if name == "instalments_confirm":
        parts = [(date.fromisoformat(on), int(fen)) for on, fen in asked["parts"]]
        explanation = instalments.said(parts, locale_of(talk))
        return Answer(name, {"total": asked["owed"], "explanation": explanation}, yes_no(number), about=about)
    if name == "promise_day" and len(asked["days"]) > 1:
        said = [day(date.fromisoformat(on), locale_of(talk), style="weekday") for on in asked["days"]]
        buttons = tuple((words, f"q:{number}:{place}") for place, words in enumerate(said, 1))
        return Answer("promise_ask_date", {"dates3": numbered(said)}, buttons, about=about)
    if name == "choose_unit":
        return units.ask_which(talk, asked["text"])
    return menu_answer(talk, "menu")

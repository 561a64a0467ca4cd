"""Which flat is meant: the one a sentence names, or the one chosen from a list."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from bot.flows.talk.answers import Answer, locale_of, numbered
from bot.flows.talk.who import Talk
from bot.talk.standard import unit_words
from store import talk as shelf

_MONEY_AFTER = r"(?!\s*(?:元|块|圆|yuan|rmb|号|日|月))"


def named(accounts: Sequence[Any], text: str) -> list[Any]:
    """The accounts whose unit a text names, by its whole code or by a room only one of them has."""
    plain = unicodedata.normalize("NFKC", text).upper()
    whole = [a for a in accounts if _stands(a.code.upper(), r"(?<![\w-]){}(?![\d-])", plain)]
    if whole:
        return whole
    rooms = {a.id: a.code.upper().rsplit("-", 1)[-1] for a in accounts}
    by_room = [
        a for a in accounts
        if len(rooms[a.id]) >= 3 and list(rooms.values()).count(rooms[a.id]) == 1
        and _stands(rooms[a.id], rf"(?<![\w.]){{}}(?![\d.]){_MONEY_AFTER}", plain)
    ]  # fmt: skip
    return by_room if len(by_room) == 1 else []


def _stands(name: str, pattern: str, plain: str) -> bool:
    """Whether a name stands in a text with what may surround it; a pattern is made only where it is there at all."""
    return name in plain and re.search(pattern.format(re.escape(name)), plain) is not None


def ask_which(talk: Talk, text: str) -> Answer:
    """Asks which of the speaker's flats is meant; what was said is kept and heard again once that is known."""
    units = [unit_words(account.code, locale_of(talk)) for account in talk.accounts]
    number = talk.memory.ask("choose_unit", talk.now, accounts=[a.id for a in talk.accounts], text=text)
    buttons = tuple((unit, f"q:{number}:{place}") for place, unit in enumerate(units, 1))
    return Answer("choose_unit", {"menu": numbered(units)}, buttons)


async def ask_whose(talk: Talk, text: str) -> Answer:
    """On a telephone several people share: asks which flat is meant, and never merges the people (I9)."""
    choices: dict[int, tuple[str, int]] = {}
    for contact in talk.contacts:
        for account in await shelf.accounts_of(talk.conn, contact.person_id):
            if account.id not in choices or account.role == "responsible":
                choices[account.id] = (account.code, contact.id)
    units = [unit_words(code, locale_of(talk)) for code, _contact in choices.values()]
    people = [contact_id for _code, contact_id in choices.values()]
    number = talk.memory.ask("choose_person", talk.now, contacts=people, units=units, text=text)
    buttons = tuple((unit, f"q:{number}:{place}") for place, unit in enumerate(units, 1))
    return Answer("choose_unit", {"menu": numbered(units)}, buttons)

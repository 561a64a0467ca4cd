"""Putting a wording into words: a script and its slots become the text that is sent and kept (I8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from jinja2 import TemplateError

from bot.talk.basket import Basket, BasketLine
from bot.talk.lengths import field_kind, fit_field
from bot.talk.scripts import Script
from bot.talk.slots import COUNT, DAY, LINE, MONEY, SLOTS, clean
from bot.talk.standard import CommunityProfile, slots_for
from bot.talk.template import compiled, examine

__all__ = [
    "Basket",
    "BasketLine",
    "CommunityProfile",
    "Unrenderable",
    "Worded",
    "raw_fields",
    "slots_for",
    "word",
]

_DAY_KINDS = ("time", "date")
_BLANKS = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


class Unrenderable(Exception):
    """A wording that cannot be said with these slots: the slot that is missing or of the wrong kind, and why."""

    def __init__(self, slot: str, message: str) -> None:
        super().__init__(f"{slot}: {message}")
        self.slot = slot
        self.message = message


@dataclass(frozen=True)
class Worded:
    """The final text, and for a WeChat template the value of each field."""

    text: str
    fields: dict[str, str] = field(default_factory=dict)


def word(script: Script, slots: Mapping[str, object]) -> Worded:
    """Say a script with these slots: the very text to send. Raises Unrenderable, never sends half a sentence.

    Values are put in as they are: a name with markup or template signs in it stays those characters. Field values
    longer than the provider's limit are cut with "…".
    """
    text = _BLANKS.sub("\n\n", _said(script, script.body, slots, "text")).strip()
    fields = {
        key: fit_field(key, _said(script, source, slots, "field" if _typed(key) else "text"))
        for key, source in script.fields.items()
    }
    return Worded(text, fields)


def raw_fields(script: Script, slots: Mapping[str, object]) -> dict[str, str]:
    """The field values before they are cut to their limits: what the check measures."""
    return {
        key: _said(script, source, slots, "field" if _typed(key) else "text") for key, source in script.fields.items()
    }


def _typed(key: str) -> bool:
    return field_kind(key) in ("amount", *_DAY_KINDS)


def _said(script: Script, source: str, slots: Mapping[str, object], form: str) -> str:
    values = {slot: _value(slot, slots) for slot in _wanted(source)}
    try:
        return compiled(source, script.locale, form).render(values)
    except (TemplateError, TypeError) as fault:
        raise Unrenderable(_culprit(source, values), str(fault)) from None


@lru_cache(maxsize=4096)
def _wanted(source: str) -> tuple[str, ...]:
    anatomy = examine(source)
    if anatomy.faults:
        raise Unrenderable("", anatomy.faults[0][2])
    return anatomy.slots


def _value(slot: str, slots: Mapping[str, object]) -> object:
    if slot not in slots or slots[slot] is None:
        raise Unrenderable(slot, "这个空位没有内容。Nothing fills this slot.")
    value = slots[slot]
    kind = SLOTS.get(slot, LINE)
    if isinstance(value, str) and kind not in (MONEY, DAY, COUNT):
        return clean(slot, value)
    if kind == DAY and isinstance(value, date):
        return value
    if kind in (MONEY, COUNT) and isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Unrenderable(slot, f"这个空位要的是 {kind}。This slot holds a {kind}, not {type(value).__name__}.")


def _culprit(source: str, values: Mapping[str, object]) -> str:
    """The slot named in the report of a failed rendering: one that goes through a filter its kind does not fit."""
    for use in examine(source).uses:
        fits = {"money": int, "day": date, None: object}[use.through]
        if not isinstance(values[use.slot], fits):
            return use.slot
    return next(iter(values), "")

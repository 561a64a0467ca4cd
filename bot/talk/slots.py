"""The slots a wording may use, and what kind of value fills each."""

from __future__ import annotations

import unicodedata

MONEY = "money"
DAY = "day"
COUNT = "count"
LINE = "line"
LINES = "lines"

SLOTS: dict[str, str] = {
    "owner": LINE,
    "community": LINE,
    "unit": LINE,
    "units": LINE,
    "charges": LINES,
    "charges_short": LINE,
    "total": MONEY,
    "late_fee": MONEY,
    "principal": MONEY,
    "oldest_due": DAY,
    "days": COUNT,
    "as_of": DAY,
    "deadline": DAY,
    "pay_ways": LINES,
    "pay_nearest": LINE,
    "service_phone": LINE,
    "office_hours": LINE,
    "contact_person": LINE,
    "link": LINE,
    "reply_hint": LINE,
    "stop_hint": LINE,
    "promise_date": DAY,
    "promise_amount": MONEY,
    "latest": DAY,
    "dates3": LINES,
    "paid": MONEY,
    "rest": MONEY,
    "paid_late": MONEY,
    "paid_on": DAY,
    "explanation": LINES,
    "menu": LINES,
    "case_no": LINE,
    "code": LINE,
    "minutes": COUNT,
    "language": LINE,
    "least": MONEY,
}
"""Every slot of reminders and replies. Money is integer fen, a day a local date, a count an integer; the rest is text,
on one line (LINE) or on several (LINES)."""

_FILTER_OF = {MONEY: "money", DAY: "day"}


def filter_for(slot: str) -> str | None:
    """The filter a slot must be said through (money or day), or None where it is said as it is."""
    return _FILTER_OF.get(SLOTS.get(slot, LINE))


def clean(slot: str, text: str) -> str:
    """A text for a slot without control and direction marks; a one-line slot is brought onto one line."""
    several = SLOTS.get(slot) == LINES
    kept = text if text.replace("\n", "").isprintable() else _without_marks(text)
    if several:
        return "\n".join(" ".join(line.split(" ")).rstrip() for line in kept.split("\n"))
    return " ".join(kept.split())


def _without_marks(text: str) -> str:
    return "".join(char for char in text if char in "\n\u200d" or unicodedata.category(char)[0] != "C")

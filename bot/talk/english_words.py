"""What the words of English times are worth: how many, which month, which weekday, which feast."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.talk.english_grammar import COUNTS, DAYS, FEASTS, MONTHS, ORDINALS
from bot.talk.festivals import next_workday
from bot.talk.spans import DAY, add_months


def count_of(word: str) -> tuple[int, bool]:
    """How many, and whether a half comes on top."""
    if word.endswith(".5"):
        return int(word[:-2]), True
    if word.isdigit():
        return min(int(word), 4000), False
    if word.startswith("half"):
        return 0, True
    if "couple" in word:
        return 2, False
    more = {"a": 1, "the": 1, "an": 1, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30}
    return (more[word] if word in more else COUNTS.index(word)), False


def moved(at: datetime, word: str, unit: str, sign: int = 1) -> date:
    """The local date so many units after an instant (before it with ``sign`` -1)."""
    count, half = count_of(word)
    today = at.date()
    if unit.startswith(("business", "work", "weekday")):
        return next_workday(today, min(count, 400))
    if unit.startswith(("h", "min", "sec")):
        seconds = {"h": 3600, "m": 60, "s": 1}[unit[0]]
        return (at + timedelta(seconds=sign * seconds * (count + 0.5 * half))).date()
    if unit.startswith("f"):
        return today + DAY * 14 * count * sign
    if unit.startswith("d"):
        return today + DAY * count * sign
    if unit.startswith("w"):
        return today + DAY * (7 * count + 3 * half) * sign
    months = {"m": 1, "q": 3, "y": 12}[unit[0]] * min(count, 80)
    months += 6 if half and unit[0] == "y" else 0
    return add_months(today, months * sign) + DAY * (15 * (half and unit[0] != "y"))


def number_of(word: str) -> int:
    """The number a numeral or an ordinal word names."""
    digits = re.match(r"\d+", word)
    if digits:
        return int(digits[0])
    parts = re.split(r"[- ]", word)
    tens = {"twenty": 20, "thirty": 30, "thirtieth": 30}.get(parts[0], 0)
    if tens and len(parts) == 1:
        return tens
    last = parts[-1]
    return tens + (ORDINALS.index(last) + 1 if last in ORDINALS else COUNTS.index(last))


def month_of(word: str) -> int:
    """The month (1 to 12) a word names."""
    return 1 + next(i for i, name in enumerate(MONTHS) if word.startswith(name[:3]))


def weekday_of(word: str) -> int:
    """Monday = 0 to Sunday = 6."""
    return next(i for i, name in enumerate(DAYS) if word.startswith(name[:3]))


@lru_cache(maxsize=256)
def feast_of(text: str) -> str | None:
    """Our name of the feast, or none."""
    return next((feast for name, feast in FEASTS.items() if re.fullmatch(name, text)), None)


def coming(today: date, weekday: int) -> date:
    """The next such weekday after a day."""
    return today + DAY * ((weekday - today.weekday() - 1) % 7 + 1)

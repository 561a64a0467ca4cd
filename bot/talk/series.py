"""A payment said to come back: every 5th for three months, every Friday for four weeks."""

from __future__ import annotations

import re
from datetime import date

from bot.talk.lazily import lazily
from bot.talk.normal import WEEKDAYS
from bot.talk.spans import DAY, add_months, next_numbered

_MONTHLY = lazily(
    r"(?:每|逐)个?月的?(?:(?P<day>\d{1,2})[号日]|(?P<end>月?底|月末))"
    r"|(?P<den>\d{1,2})(?:st|nd|rd|th)\s(?:of\s)?(?:each|every|the) month"
    r"|(?:each|every) month\s(?:on|by)\sthe\s(?P<deb>\d{1,2})(?:st|nd|rd|th)"
)
_WEEKLY = lazily(
    rf"每个?周(?:(?P<sign>[{WEEKDAYS}])|(?P<zh>[一二三四五六日天]))|\b(?:each|every)\s(?P<en>mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\b"
)
_MONTHS = lazily(
    r"(?<![第每\d])(?P<n>\d{1,2}|半)个月(?!后|前|没|了)|分(?P<p>\d{1,2})[期次笔]|(?<!第)(?P<t>\d{1,2})[期次]"
    r"|(?:for|over)\s(?:the next\s)?(?P<e>\d{1,2}|two|three|four|five|six)\s(?:months|payments)"
)
_WEEKS = lazily(r"(?<![第每\d])(?P<n>\d{1,2})个?周|(?P<t>\d{1,2})次|for\s(?P<e>\d{1,2}|two|three|four|five|six)\sweeks")
_FROM = lazily(
    r"从?(?:(?P<next>下个?月)|(?P<this>这个?月)|(?P<month>1[0-2]|[1-9])月份?)(?:\d{1,2}[号日])?(?:开始|起)"
    r"|(?:from|starting|start)(?: in| from)?\s(?P<en>next month)"
)
_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_EN_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 24


def series(text: str, today: date) -> tuple[date, ...]:
    """The local dates of the payments of a normalised sentence (每月5号交,交3个月); none unless it says how many."""
    if month := _MONTHLY.search(text):
        return _by_month(text, month, today)
    if week := _WEEKLY.search(text):
        return _by_week(text, week, today)
    return ()


def _count(match: re.Match[str] | None) -> int:
    found = next((g for g in match.groups() if g), "") if match else ""
    number = int(found) if found.isdigit() else _WORDS.get(found, 0)
    return number if 1 < number <= MOST else 0


def _by_month(text: str, match: re.Match[str], today: date) -> tuple[date, ...]:
    number = 31 if match["end"] else int(match["day"] or match["den"] or match["deb"])
    count = _count(_MONTHS.search(text[: match.start()] + " " + text[match.end() :]))
    start = _start(text, today)
    first = _numbered_from(start, number)
    return tuple(_same_day(first, ahead, number) for ahead in range(count)) if first else ()


def _numbered_from(start: date, number: int) -> date | None:
    return next_numbered(start, number) if number < 29 else _same_day(start, 0, number)


def _same_day(first: date, ahead: int, number: int) -> date:
    month = add_months(first.replace(day=1), ahead)
    return (
        min(month.replace(day=28) + DAY * (number - 28), add_months(month, 1) - DAY)
        if number > 28
        else month.replace(day=number)
    )


def _start(text: str, today: date) -> date:
    said = _FROM.search(text)
    if said is None or said["this"]:
        return today
    if said["next"] or said["en"]:
        return add_months(today.replace(day=1), 1)
    start = today.replace(day=1, month=int(said["month"]))
    return max(today, start) if start.month >= today.month else start.replace(year=today.year + 1)


def _weekday(match: re.Match[str]) -> int:
    if match["en"]:
        return _EN_DAYS.index(match["en"])
    return WEEKDAYS.index(match["sign"]) if match["sign"] else "一二三四五六日".index(match["zh"].replace("天", "日"))


def _by_week(text: str, match: re.Match[str], today: date) -> tuple[date, ...]:
    weekday = _weekday(match)
    first = today + DAY * ((weekday - today.weekday()) % 7)
    count = _count(_WEEKS.search(text[: match.start()] + " " + text[match.end() :]))
    return tuple(first + DAY * (7 * ahead) for ahead in range(count))

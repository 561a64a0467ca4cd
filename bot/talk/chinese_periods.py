"""Readers of the Chinese grammar for quarters, years and the so-manieth part of a year."""

from __future__ import annotations

import re
from datetime import date, datetime

from bot.talk.chinese_grammar import year_of
from bot.talk.spans import DAY, Span, monday, month_end, quarter_end, span_of


def periods_on(word: str) -> int:
    """How many periods on a word points: 下下 is 2, 这 is 0, 上 is -1."""
    return word.count("下") - word.count("上") + word.count("再")


def ordinal(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """The so-manieth month, week or day of a year, its first or last months or quarters: the end of that time."""
    year = year_of(match, "oy", at.date()) or at.year
    last = _ordinal_end(match, date(year, 1, 1))
    return span_of(match, last, vague=not match["od"], past=last < at.date()) if last else None


def _ordinal_end(match: re.Match[str], first: date) -> date | None:
    if match["od"]:
        day = first + DAY * (int(match["od"]) - 1)
        return day if day.year == first.year else None
    if match["ow"]:
        return monday(first + DAY * 3) + DAY * (7 * int(match["ow"]) - 1)
    if match["of"] == "后":
        return month_end(first.year, 12)
    months = int(match["om"] or match["oc"] or 1) * (3 if match["ou"] == "季度" else 1)
    return month_end(first.year, months) if months <= 12 else None


def quarter(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """A quarter by its number, this one or the next: its last day."""
    if not (match["qn"] or match["qr"] or match["qp"]):
        return None
    today = at.date()
    year = year_of(match, "qy", today)
    number = int(match["qn"]) if match["qn"] else (today.month + 2) // 3 + periods_on(match["qr"] or "")
    last = quarter_end(year or today.year, number)
    if not year and match["qn"] and last < today:
        last = quarter_end(today.year + 1, number)
    bare = not match["qp"] and not (match["qr"] or "").startswith(("这", "本"))
    return span_of(match, last, last, vague=bare, past=last < today)


def whole_year(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """A year, its half, its end or beginning."""
    today = at.date()
    year = today.year + 1 if match["yz"] else year_of(match, "yy", today) or today.year
    part = match["yp"] or match["yb"] or ""
    half = match["yh"] or match["yx"]
    midyear = part in ("年中", "中") or half in ("上半年", "前半年")
    last = date(year, 6, 30) if midyear else date(year, 12, 31)
    if match["yx"] and last < today:
        last = last.replace(year=year + 1)
    if part.endswith("初"):
        return span_of(match, date(year, 1, 1), month_end(year, 2), vague=True, past=year < today.year)
    bare = not part and not half
    return span_of(match, last, last, vague=bare, past=last < today)

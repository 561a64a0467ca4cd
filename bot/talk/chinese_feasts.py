"""Readers of the Chinese grammar for feasts, public holidays and the lunar calendar."""

from __future__ import annotations

import re
from datetime import date, datetime

from bot.talk.chinese_grammar import FEASTS, year_of
from bot.talk.festivals import (
    feast_in,
    first_workday_after,
    last_day_before,
    lunar,
    lunar_month_end,
    next_feast,
    next_public_holiday,
)
from bot.talk.spans import DAY, Span, span_of


def lunar_day(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """A day or month of the lunar calendar."""
    word = match["ln"] or match["lx"]
    month = {"正": 1, "十": 10, "冬": 11, "腊": 12}[word] if word else int(match["lm"] or match["lq"])
    years = [base.year - 1, base.year, base.year + 1, base.year + 2]
    named = match["ly"] or match["lz"] or ""
    if named in ("明年", "来年"):
        years = [base.year + 1]
    elif named[:4].isdigit():
        years = [int(named[:4])]
    for year in years:
        if match["ld"]:
            first = last = lunar(year, month, int(match["ld"]))
        else:
            first, last = lunar(year, month, 1), lunar_month_end(year, month)
        if first and last and last >= base:
            return span_of(match, first, last, vague=not match["ld"] and not match["le"], numbered=bool(match["ld"]))
    return None


def feast(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """A feast, or so many days before or after it."""
    today = at.date()
    name = feast_named(match["fn"], today)
    year = year_of(match, "fy", today)
    feast = feast_in(name, year) if year else next_feast(name, today)
    if year and name == "eve" and feast and feast < today:
        feast = next_feast(name, today)
    if feast is None:
        return None
    if match["fc"]:
        count = {"一": 1, "两": 2}.get(match["fc"]) or int(match["fc"])
        feast += DAY * count * (-1 if match["fd"] == "前" else 1)
    elif _begins_before(name, feast, today, match) and not year:
        feast = next_feast(name, feast + DAY) or feast
    return span_of(match, feast, feast, past=feast < today)


def feast_named(word: str, today: date) -> str:
    """Our name of a feast; 新年 is the lunar new year once the other has begun."""
    spring = next_feast("spring", today) if word == "新年" else None
    lunar_next = spring is not None and spring.year == today.year and today > date(today.year, 1, 2)
    return "spring" if lunar_next else FEASTS[word]


def _begins_before(name: str, feast: date, today: date, match: re.Match[str]) -> bool:
    tail = match.string[match.end() : match.end() + 2]
    return tail.lstrip("之以").startswith("前") and last_day_before(name, feast) < today


def new_year(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """过年: before it, after it, or just around it."""
    today = at.date()
    feast = next_feast("spring", today - DAY * 20)
    if feast is None:
        return None
    if match["nyv"]:
        return span_of(match, feast, feast, vague=True)
    if match["nyb"]:
        before = last_day_before("spring", feast)
        return span_of(match, before, before) if before >= today else None
    after = first_workday_after("spring", feast)
    return span_of(match, after, after, past=after < today)


def public_holiday(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """节前 and 节后: of the public holiday next to come."""
    today = at.date()
    found = next_public_holiday(today)
    if found is None:
        return None
    name, feast = found
    day = last_day_before(name, feast) if match["hw"] == "前" else first_workday_after(name, feast)
    near = today <= day <= today + DAY * 31
    return span_of(match, day, day, vague=not near)


def first_days(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """初八 and the like, when the lunar new year is near."""
    for year in (at.year, at.year + 1):
        day = lunar(year, 1, int(match["fl"]))
        if day and at.date() <= day <= at.date() + DAY * 75:
            return span_of(match, day, day, numbered=True)
    return None

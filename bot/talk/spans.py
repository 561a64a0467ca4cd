"""A stretch of a sentence that names a time, and the small calendar arithmetic both grammars share."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
FURTHEST_YEARS = 90


@dataclass(frozen=True, slots=True)
class Span:
    """Where a time stands in the normalised text, and its first and last local date (equal for a single day).

    ``vague``: time is meant, but no day to hold anyone to (下周, 过几天, 15号以后): to be asked about.
    ``past``: it looks back (昨天, 上个月) and never becomes a date. ``numbered``: a day of the month was named.
    """

    start: int
    end: int
    first: date
    last: date
    vague: bool = False
    past: bool = False
    numbered: bool = False
    weekday: bool = False


def span_of(
    match: re.Match[str],
    first: date | None,
    last: date | None = None,
    *,
    vague: bool = False,
    past: bool = False,
    numbered: bool = False,
    weekday: bool = False,
) -> Span | None:
    """The span of a match from ``first`` to ``last`` (or that one day); none if there is no such day."""
    if first is None:
        return None
    return Span(match.start(), match.end(), first, last or first, vague, past, numbered, weekday)


def day_of(year: int, month: int, day: int) -> date | None:
    """A date, or ``None`` if there is no such day (2月30日) or it lies beyond every calendar we keep."""
    if not (1900 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def month_end(year: int, month: int) -> date:
    """The last day of a month; months beyond 12 roll over into the next years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month if it is shorter."""
    end = month_end(day.year, day.month + months)
    return end.replace(day=min(day.day, end.day))


def next_numbered(today: date, number: int) -> date | None:
    """The coming (or present) day of the month with this number; months without it are passed over."""
    for ahead in range(13):
        month = month_end(today.year, today.month + ahead)
        found = day_of(month.year, month.month, number)
        if found and found >= today:
            return found
    return None


def next_month_day(today: date, month: int, number: int) -> date | None:
    """The coming (or present) day of a named month; 29 February waits for its leap year."""
    for year in range(today.year, today.year + 9):
        found = day_of(year, month, number)
        if found and found >= today:
            return found
    return None


def monday(day: date) -> date:
    """The Monday of the week of a day; the week begins on Monday."""
    return day - DAY * day.weekday()


def quarter_end(year: int, quarter: int) -> date:
    """The last day of a quarter; quarters beyond 4 roll over."""
    return month_end(year, 3 * quarter)

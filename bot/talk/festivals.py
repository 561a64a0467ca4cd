"""The Chinese year: lunar days, feasts, public holidays and working days, for the years 2000 to 2100.

Lunar days and solar terms come from a generated table (``bot.talk.tables``). Public holidays are the published ones
(2004 to 2026); for other years the statutory days with the weekends around them. Outside the table a feast is ``None``:
nothing here raises for a year it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from bot.talk.calendar_table import HOLIDAYS, LUNAR, TERMS, WORKED

DAY = timedelta(days=1)
_WORKED = frozenset(WORKED)
_FREE = frozenset(day for runs in HOLIDAYS.values() for first, last in runs for day in range(first, last + 1))
_LAST_PUBLISHED = date.fromordinal(max(_FREE)).year
_FIRST_PUBLISHED = date.fromordinal(min(_FREE)).year


def lunar(year: int, month: int, day: int) -> date | None:
    """The local date of a day of the lunar calendar (never of a leap month); ``None`` outside the table."""
    if year not in LUNAR or not 1 <= month <= 12 or not 1 <= day <= 30:
        return None
    first, leap, bits = LUNAR[year]
    index = month - 1 + (1 if leap and month > leap else 0)
    if day == 30 and not bits >> index & 1:
        return None
    before = sum(29 + (bits >> i & 1) for i in range(index))
    return date.fromordinal(first + before + day - 1)


def lunar_month_end(year: int, month: int) -> date | None:
    """The last day of a lunar month."""
    return lunar(year, month, 30) or lunar(year, month, 29)


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian rule (Meeus)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * rest) // 433
    month = (h + rest - 7 * m + 90) // 25
    return date(year, month, (h + rest - 7 * m + 33 * month + 19) % 32)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth (1 to 5, or -1 for the last) Monday=0..Sunday=6 of a month; ``None`` if the month has no such day."""
    if nth < 0:
        end = date(year + month // 12, month % 12 + 1, 1) - DAY
        return end - DAY * ((end.weekday() - weekday) % 7)
    first = date(year, month, 1)
    found = first + DAY * ((weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return found if found.month == month else None


def _eve(year: int) -> date | None:
    first = lunar(year, 1, 1)
    return first - DAY if first else None


def _term(index: int, month: int) -> Callable[[int], date | None]:
    return lambda year: date(year, month, TERMS[year][index]) if year in TERMS else None


def _solar(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: date(year, month, day)


def _lunar(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: lunar(year, month, day)


def _nth(month: int, weekday: int, nth: int) -> Callable[[int], date | None]:
    return lambda year: nth_weekday(year, month, weekday, nth)


def _after(rule: Callable[[int], date | None], days: int) -> Callable[[int], date | None]:
    def shifted(year: int) -> date | None:
        day = rule(year)
        return day + DAY * days if day else None

    return shifted


_FEASTS: dict[str, Callable[[int], date | None]] = {
    "new_year": _solar(1, 1),
    "spring": _lunar(1, 1),
    "eve": _eve,
    "small_year": _lunar(12, 23),
    "laba": _lunar(12, 8),
    "lantern": _lunar(1, 15),
    "dragon_head": _lunar(2, 2),
    "qingming": _term(0, 4),
    "labour": _solar(5, 1),
    "dragon_boat": _lunar(5, 5),
    "qixi": _lunar(7, 7),
    "ghost": _lunar(7, 15),
    "mid_autumn": _lunar(8, 15),
    "national": _solar(10, 1),
    "double_ninth": _lunar(9, 9),
    "winter_solstice": _term(1, 12),
    "christmas": _solar(12, 25),
    "christmas_eve": _solar(12, 24),
    "boxing": _solar(12, 26),
    "valentine": _solar(2, 14),
    "women": _solar(3, 8),
    "girls": _solar(3, 7),
    "consumers": _solar(3, 15),
    "tree": _solar(3, 12),
    "fools": _solar(4, 1),
    "youth": _solar(5, 4),
    "children": _solar(6, 1),
    "party": _solar(7, 1),
    "army": _solar(8, 1),
    "teachers": _solar(9, 10),
    "halloween": _solar(10, 31),
    "singles": _solar(11, 11),
    "double_twelve": _solar(12, 12),
    "mothers": _nth(5, 6, 2),
    "fathers": _nth(6, 6, 3),
    "thanksgiving": _nth(11, 3, 4),
    "black_friday": _after(_nth(11, 3, 4), 1),
    "cyber_monday": _after(_nth(11, 3, 4), 4),
    "mlk": _nth(1, 0, 3),
    "presidents": _nth(2, 0, 3),
    "memorial": _nth(5, 0, -1),
    "us_labor": _nth(9, 0, 1),
    "columbus": _nth(10, 0, 2),
    "independence": _solar(7, 4),
    "veterans": _solar(11, 11),
    "st_patrick": _solar(3, 17),
    "ides": _solar(3, 15),
    "earth": _solar(4, 22),
    "new_year_eve": _solar(12, 31),
    "easter": easter,
    "good_friday": _after(easter, -2),
    "easter_monday": _after(easter, 1),
}

# the name the table of published holidays gives to a feast, and the statutory days from its first
_PUBLIC = {
    "new_year": ("New Year's Day", 1),
    "spring": ("Spring Festival", 4),
    "eve": ("Spring Festival", 4),
    "qingming": ("Tomb-sweeping Day", 1),
    "labour": ("Labour Day", 2),
    "dragon_boat": ("Dragon Boat Festival", 1),
    "mid_autumn": ("Mid-autumn Festival", 1),
    "national": ("National Day", 3),
}


def feast_in(name: str, year: int) -> date | None:
    """The day of a feast in a year of the common calendar (除夕 belongs to the year its lunar year ends in)."""
    return _FEASTS[name](year) if 1900 < year < 2200 else None


def next_feast(name: str, today: date) -> date | None:
    """The feast on or after a local date; ``None`` outside the table."""
    for year in range(today.year - 1, today.year + 3):
        day = feast_in(name, year)
        if day and day >= today:
            return day
    return None


def holiday(name: str, feast: date) -> tuple[date, date]:
    """First and last free day of the holiday a feast brings; the feast alone when it brings none."""
    if name not in _PUBLIC:
        return feast, feast
    public, statutory = _PUBLIC[name]
    for first, last in HOLIDAYS[public]:
        if first - 3 <= feast.toordinal() <= last + 1:
            return date.fromordinal(first), date.fromordinal(last)
    first_day = feast - DAY if name == "spring" else feast
    return _with_weekends(first_day, first_day + DAY * (statutory - 1), widen_back=statutory == 1)


def _with_weekends(first: date, last: date, *, widen_back: bool) -> tuple[date, date]:
    while widen_back and (first - DAY).weekday() >= 5:
        first -= DAY
    while (last + DAY).weekday() >= 5:
        last += DAY
    return first, last


def last_day_before(name: str, feast: date) -> date:
    """The last day before the holiday of a feast begins: what "before the feast" promises."""
    return holiday(name, feast)[0] - DAY


def first_workday_after(name: str, feast: date) -> date:
    """The first working day once the holiday of a feast is over: what "after the feast" promises."""
    return next_workday(holiday(name, feast)[1])


def is_workday(day: date) -> bool:
    """Whether offices work: published free and worked days, else weekends and the statutory days."""
    ordinal = day.toordinal()
    if ordinal in _WORKED:
        return True
    if day.weekday() >= 5 or ordinal in _FREE:
        return False
    return _FIRST_PUBLISHED <= day.year <= _LAST_PUBLISHED or ordinal not in _statutory(day.year)


@lru_cache(maxsize=16)
def _statutory(year: int) -> frozenset[int]:
    days: set[int] = set()
    for name, (_, count) in _PUBLIC.items():
        feast = feast_in(name, year)
        if feast and name != "spring":
            days.update(range(feast.toordinal(), feast.toordinal() + count))
    return frozenset(days)


def next_workday(day: date, count: int = 1) -> date:
    """The ``count``-th working day after a local date."""
    while count > 0:
        day += DAY
        count -= is_workday(day)
    return day


def next_public_holiday(today: date) -> tuple[str, date] | None:
    """The public holiday under way or next to come: what a bare 节前 or 节后 means."""
    days = [(feast, name) for name in _PUBLIC if (feast := _current_or_next(name, today))]
    return (min(days)[1], min(days)[0]) if days else None


def _current_or_next(name: str, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        feast = feast_in(name, year)
        if feast and holiday(name, feast)[1] >= today:
            return feast
    return None

"""What kind of day a local date is, and counting in working days.

Mainland China: the published public holidays and make-up workdays (``chinese_calendar``) where the year is known;
for any other year the weekends and the statutory days (State Council, as of 2025) computed with ``lunar_python``.
Elsewhere: weekends only.
"""

from datetime import date, timedelta
from functools import lru_cache

MAINLAND = "mainland"
ELSEWHERE = "elsewhere"

WORKDAY = "workday"
REST = "rest"
HOLIDAY = "holiday"
NEW_YEAR = "new_year"
QINGMING = "qingming"

_DAY = timedelta(days=1)
_NEW_YEAR_QUIET_THROUGH = 7
"""The 7th of the first lunar month, the last day on which nothing is said."""


@lru_cache(maxsize=256)
def lunar_new_year(year: int) -> date:
    """The first day of the first lunar month that falls into a Gregorian year."""
    return _lunar(year, 1, 1)


@lru_cache(maxsize=256)
def qingming(year: int) -> date:
    """The day of 清明, the solar term."""
    from lunar_python import Lunar

    day = Lunar.fromYmd(year, 6, 1).getJieQiTable()["清明"]
    return date(day.getYear(), day.getMonth(), day.getDay())


def published_years() -> range:
    """The years whose public holidays have been published and are known here."""
    from chinese_calendar import constants

    return range(min(constants.holidays).year, max(constants.holidays).year + 1)


def _lunar(year: int, month: int, day: int) -> date:
    from lunar_python import Lunar

    found = Lunar.fromYmd(year, month, day).getSolar()
    return date(found.getYear(), found.getMonth(), found.getDay())


class Calendar:
    """The days of one region. Makes each year's table once; look-ups are one dictionary access."""

    def __init__(self, region: str = MAINLAND) -> None:
        """``region`` is mainland or elsewhere; ValueError for any other word."""
        if region not in (MAINLAND, ELSEWHERE):
            raise ValueError(f"region is {region!r}; it must be mainland or elsewhere")
        self.region = region
        self._kinds: dict[date, str] = {}
        self._works: dict[date, bool] = {}

    def known(self, year: int) -> bool:
        """Whether the year's public holidays are published; if not, warn: make-up workdays are missing."""
        return self.region == ELSEWHERE or year in published_years()

    def kind_of_day(self, day: date) -> str:
        """workday, rest, holiday, new_year (eve to the 7th of the first lunar month) or qingming."""
        kind = self._kinds.get(day)
        if kind is None:
            self._learn(day.year)
            kind = self._kinds[day]
        return kind

    def works(self, day: date) -> bool:
        """Whether offices and banks work on a local date."""
        found = self._works.get(day)
        if found is None:
            self._learn(day.year)
            found = self._works[day]
        return found

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after a local date; the date itself for 0."""
        for _ in range(count):
            day = self.next_working_day(day)
        return day

    def next_working_day(self, day: date) -> date:
        """The first working day after a local date, never the date itself."""
        day += _DAY
        while not self.works(day):
            day += _DAY
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after ``first`` up to and including ``last``; 0 if ``last`` is not later."""
        days = (last - first).days
        return sum(self.works(first + timedelta(days=n)) for n in range(1, days + 1))

    def working_days_back(self, day: date, count: int) -> date:
        """The earliest local date with at most ``count`` working days after it, up to and including ``day``."""
        left = count
        while True:
            if self.works(day):
                if left == 0:
                    return day
                left -= 1
            day -= _DAY

    def in_first_lunar_days(self, day: date, before: int) -> bool:
        """Whether a date lies between New Year's eve and the day before the ``before``-th of the first lunar month."""
        if self.region == ELSEWHERE or day.month > 3:
            return False
        since = (day - lunar_new_year(day.year)).days
        return -1 <= since < before - 1

    def _learn(self, year: int) -> None:
        public, worked = self._public(year)
        day, end = date(year, 1, 1), date(year, 12, 31)
        while True:
            weekend = day.weekday() >= 5
            works = day in worked or not (weekend or day in public)
            self._works[day] = works
            self._kinds[day] = self._kind(day, works, day in public)
            if day == end:
                return
            day += _DAY

    def _kind(self, day: date, works: bool, public: bool) -> str:
        if self.region == MAINLAND:
            if self.in_first_lunar_days(day, _NEW_YEAR_QUIET_THROUGH + 1):
                return NEW_YEAR
            if day == qingming(day.year):
                return QINGMING
        if works:
            return WORKDAY
        return HOLIDAY if public else REST

    def _public(self, year: int) -> tuple[frozenset[date], frozenset[date]]:
        """Public holidays and make-up workdays of a year."""
        if self.region == ELSEWHERE:
            return frozenset(), frozenset()
        if year not in published_years():
            return statutory_days(year), frozenset()
        from chinese_calendar import constants

        return (
            frozenset(day for day in constants.holidays if day.year == year),
            frozenset(day for day in constants.workdays if day.year == year),
        )


@lru_cache(maxsize=64)
def statutory_days(year: int) -> frozenset[date]:
    """The thirteen statutory days of a year (State Council decree 795, in force since 2025)."""
    spring = lunar_new_year(year)
    return frozenset(
        {
            date(year, 1, 1),
            *(spring + _DAY * n for n in range(-1, 3)),
            qingming(year),
            date(year, 5, 1),
            date(year, 5, 2),
            _lunar(year, 5, 5),
            _lunar(year, 8, 15),
            *(date(year, 10, n) for n in (1, 2, 3)),
        }
    )


@lru_cache(maxsize=2)
def calendar_of(region: str) -> Calendar:
    """The shared calendar of a region."""
    return Calendar(region)

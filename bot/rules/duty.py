"""When people work: staff hours of a community, arithmetic in working minutes, and who is next on the rota.

Spans are half-open ([09:00, 18:00)) wall-clock minutes of the community; a deadline that falls on the end of the day
falls on the next opening.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.calendar import Calendar
from bot.rules.policy_page import minute_of
from bot.rules.terms import Hours
from bot.rules.windows import common, instant

SHIPPED_HOURS: Mapping[str, Sequence[str]] = {"workday": ("09:00-18:00",)}
"""Staff hours of a community that names none: working days, nine to six; no other kind of day."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FURTHEST = 120
"""Days within which working time must come up."""


class NoHours(ValueError):
    """Staff hours in which nobody ever works, or that cannot be read."""


@dataclass(frozen=True)
class Duty:
    """Working hours by kind of day, in one community's calendar and zone."""

    hours: Mapping[str, Hours]
    calendar: Calendar
    tz: ZoneInfo

    def spans(self, day: date) -> Hours:
        """The hours people work on a local date."""
        return self.hours.get(self.calendar.kind_of_day(day), ())

    def on(self, at: datetime) -> bool:
        """Whether people work at a UTC instant."""
        minute = _minute(at.astimezone(self.tz))
        return any(start <= minute < end for start, end in self.spans(self.day(at)))

    def day(self, at: datetime) -> date:
        """The local date of a UTC instant."""
        return at.astimezone(self.tz).date()

    def next(self, at: datetime) -> datetime:
        """The first instant from ``at`` on at which people work; itself if they do. Raises NoHours."""
        if self.on(at):
            return at
        return next(begin for begin, _end in self._stretches(at) if begin >= at)

    def after(self, at: datetime, minutes: int) -> datetime:
        """The instant so many working minutes after (or, negative, before) ``at``. Raises NoHours."""
        if minutes < 0:
            return self._before(at, timedelta(minutes=-minutes))
        left = timedelta(minutes=minutes)
        for begin, end in self._stretches(at):
            start = max(begin, at)
            if left < end - start:
                return start + left
            left -= max(end - start, timedelta())
        raise NoHours("nobody ever works")

    def opening(self, day: date) -> datetime | None:
        """When people begin on a local date; None on a day nobody works."""
        spans = self.spans(day)
        return instant(day, spans[0][0], self.tz) if spans else None

    def closing(self, day: date) -> datetime | None:
        """When people end on a local date; None on a day nobody works."""
        spans = self.spans(day)
        return _end(day, spans[-1][1], self.tz) if spans else None

    def same_time(self, at: datetime, working_days: int) -> datetime:
        """The same wall-clock time so many working days on, or the next working instant after it."""
        local = at.astimezone(self.tz)
        day = self._working_day(local.date(), working_days)
        wall = datetime.combine(day, local.time(), self.tz)
        return self.next(wall.astimezone(at.tzinfo))

    def at_minute(self, after: datetime, minute: int) -> datetime:
        """A local minute of the next working day after an instant's own day."""
        return instant(self._working_day(self.day(after), 1), minute, self.tz)

    def morning(self, day: date) -> datetime:
        """The opening of a local date, or of the first working day after it."""
        begins = self.opening(day)
        return begins if begins is not None else instant(*self._first(self._working_day(day, 1)), self.tz)

    def _first(self, day: date) -> tuple[date, int]:
        return day, self.spans(day)[0][0]

    def _working_day(self, day: date, count: int) -> date:
        for _ in range(_FURTHEST):
            if count <= 0:
                return day
            day += timedelta(days=1)
            count -= bool(self.spans(day))
        raise NoHours("nobody ever works")

    def _stretches(self, at: datetime) -> Iterable[tuple[datetime, datetime]]:
        """Stretches of working time from the local day of ``at`` on that end after it."""
        first = self.day(at)
        for n in range(_FURTHEST):
            day = first + timedelta(days=n)
            for start, end in self.spans(day):
                until = _end(day, end, self.tz)
                if until > at:
                    yield instant(day, start, self.tz), until
        raise NoHours("nobody ever works")

    def _before(self, at: datetime, left: timedelta) -> datetime:
        first = self.day(at)
        for n in range(_FURTHEST):
            day = first - timedelta(days=n)
            for start, end in reversed(self.spans(day)):
                begin, until = instant(day, start, self.tz), min(instant(day, end, self.tz), at)
                if left <= until - begin:
                    return until - left
                left -= max(until - begin, timedelta())
        raise NoHours("nobody ever works")


def duty(told: Mapping[str, Sequence[str]] | None, calendar: Calendar, tz: ZoneInfo) -> Duty:
    """Staff hours as the community's profile names them (kind of day → ["09:00-18:00"]). Raises NoHours."""
    hours = {kind: spans_of(texts) for kind, texts in (told or SHIPPED_HOURS).items()}
    if not any(hours.values()):
        raise NoHours("staff hours must name at least one span")
    return Duty(hours, calendar, tz)


def spans_of(texts: Sequence[str]) -> Hours:
    """["09:00-12:00", "14:00-18:00"] as minutes. Raises NoHours for what is no span."""
    found = []
    for text in texts:
        start, end = minute_of(text[:5]), minute_of(text[6:])
        if start is None or end is None or start >= end:
            raise NoHours(f"{text!r} is no span of hours; write 09:00-18:00")
        found.append((start, end))
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff as the rota sees them; ``week``: own hours by weekday, else the community's."""

    id: int
    role: str
    order: int = 0
    week: Mapping[str, Hours] = field(default_factory=dict)
    off: frozenset[date] = frozenset()


def works(who: Colleague, hours: Duty, at: datetime) -> bool:
    """Whether somebody works at an instant: not on a day off, within their own hours or the community's."""
    day = hours.day(at)
    if day in who.off:
        return False
    spans = hours.spans(day)
    own = who.week.get(WEEKDAYS[day.weekday()])
    if own is not None:
        spans = common(spans, own)
    minute = _minute(at.astimezone(hours.tz))
    return any(start <= minute < end for start, end in spans)


def who_next(rota: Iterable[Colleague], hours: Duty, at: datetime, but: Collection[int | None]) -> Colleague | None:
    """The next on the rota who works now and is none of ``but``; without one the first who is none of them."""
    free = sorted((c for c in rota if c.id not in but), key=lambda c: (c.order, c.id))
    return next((c for c in free if works(c, hours, at)), free[0] if free else None)


def _end(day: date, minute: int, tz: ZoneInfo) -> datetime:
    """The instant a span of a local date ends; 24:00 is the next midnight."""
    return instant(day, minute, tz) if minute < 1440 else instant(day + timedelta(days=1), 0, tz)


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute

"""One instant in one community: everything about now that does not depend on the account, worked out once.

A million decisions share one Moment; its tables fill themselves on first use.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.calendar import Calendar
from bot.rules.terms import BOT, PERSON, Policy
from bot.rules.windows import midnight, opening_from, span_from

_DAY = timedelta(days=1)
_DAYS_BACK = 120
_NEVER = 2100


class Moment:
    """Now, as a policy, a calendar and a time zone see it. Make it with ``moment()``."""

    __slots__ = (
        "_after_word",
        "_begins",
        "_opening",
        "_opening_now",
        "calendar",
        "first_day",
        "fresh_from",
        "now",
        "policy",
        "since",
        "today",
        "tz",
    )

    def __init__(self, policy: Policy, calendar: Calendar, tz: ZoneInfo, now: datetime) -> None:
        self.policy, self.calendar, self.tz, self.now = policy, calendar, tz, now
        self.today: date = now.astimezone(tz).date()
        self.since: list[datetime] = [midnight(self.today - timedelta(days=n), tz) for n in range(_DAYS_BACK)]
        """since[n]: the UTC instant at which the local date n days ago began."""
        self.fresh_from: tuple[date, ...] = tuple(
            calendar.working_days_back(self.today, band.stale_working_days) for band in policy.bands
        )
        """Per band: the oldest watermark that still counts as fresh."""
        self.first_day = min(policy.step_days, default=0)
        self._begins: dict[date, datetime] = {}
        self._opening_now: dict[tuple[bool, str, str], datetime | None] = {}
        self._after_word: dict[tuple[int, int, bool], datetime] = {}
        self._opening: dict[tuple[datetime, bool, str, str], datetime | None] = {}

    def begins(self, day: date) -> datetime:
        """The UTC instant at which a local date begins."""
        found = self._begins.get(day)
        if found is None:
            found = self._begins[day] = midnight(day, self.tz)
        return found

    def ends(self, day: date) -> datetime | None:
        """The UTC instant at which a local date has ended; None for a day too far off to wait for."""
        return self.begins(day + _DAY) if day.year < _NEVER else None

    def opening(self, formal: bool, channel: str, segment: str) -> datetime | None:
        """The first UTC instant from now on at which such a message may leave; now itself if it may now."""
        key = (formal, channel, segment)
        if key not in self._opening_now:
            self._opening_now[key] = self.opening_after(self.now, formal, channel, segment)
        return self._opening_now[key]

    def opening_after(self, at: datetime, formal: bool, channel: str, segment: str) -> datetime | None:
        """The same from another UTC instant on."""
        key = (at, formal, channel, segment)
        if key in self._opening:
            return self._opening[key]
        found = opening_from(self.policy, self.calendar, self.tz, at, formal, channel, segment)
        self._opening[key] = found
        return found

    def span_after(self, at: datetime, formal: bool, channel: str, segment: str) -> tuple[datetime, datetime] | None:
        """The next opening from a UTC instant on, and when it has closed again."""
        return span_from(self.policy, self.calendar, self.tz, at, formal, channel, segment)

    def after_word(self, days: int, band_index: int, on_ladder: bool) -> datetime:
        """When to look again after a word said ``days`` past due: the next step's day or the gap's end."""
        key = (days, band_index, on_ladder)
        found = self._after_word.get(key)
        if found is None:
            begins = self.begins(self.today + timedelta(days=self._days_to_next(*key)))
            found = self._after_word[key] = self.opening_after(begins, False, "", "") or begins
        return found

    def _days_to_next(self, days: int, band_index: int, on_ladder: bool) -> int:
        policy, gaps = self.policy, self.policy.gaps
        if not on_ladder:
            return gaps.steps
        due = [step for step in policy.steps if step.day <= days and step.band_index in (band_index, band_index + 1)]
        waits = [step.day - days for step in policy.steps if step.day > days]
        waits += [gaps.bands for step in due if step.by == BOT and step.band_index > band_index]
        waits += [gaps.steps for step in due if step.by == PERSON and not step.beside]
        return min(waits, default=policy.statement_every_days)

    def local_date(self, at: datetime) -> date:
        """The local date of a UTC instant."""
        return at.astimezone(self.tz).date()


def moment(policy: Policy, calendar: Calendar, tz: ZoneInfo, now: datetime) -> Moment:
    """Now (aware UTC) in a community; ValueError for a naive instant."""
    if now.tzinfo is None:
        raise ValueError("now must be an aware instant")
    return Moment(policy, calendar, tz, now)

"""When the bot may speak: by band, channel, segment and kind of day, in the community's local time (I4).

Windows are half-open ([09:30, 12:00)) wall-clock spans, so a change to summer time moves the instant, not the hour.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.rules.calendar import Calendar
from bot.rules.terms import Hours, Policy

_FURTHEST = 60
"""Days ahead in which a next opening is looked for."""


def hours_of(policy: Policy, calendar: Calendar, day: date, formal: bool, channel: str, segment: str) -> Hours:
    """The open spans of a local date; an empty ``channel`` or ``segment`` stands for any."""
    windows, kind = policy.windows, calendar.kind_of_day(day)
    hours = windows.by_segment.get(segment, {}).get(kind, windows.ordinary[kind])
    narrower = windows.by_channel.get(channel, {}).get(kind)
    if narrower is not None:
        hours = common(hours, narrower)
    if not formal or not hours:
        return hours
    if calendar.in_first_lunar_days(day, windows.formal_from_lunar_day):
        return ()
    return common(hours, windows.formal[kind])


def common(one: Hours, other: Hours) -> Hours:
    """The spans that lie in both."""
    both = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple(sorted((start, end) for start, end in both if start < end))


def open_now(
    policy: Policy, calendar: Calendar, tz: ZoneInfo, now: datetime, band: str, channel: str, segment: str
) -> bool:
    """Whether a message of a band may leave at the UTC instant ``now``. KeyError for an unknown band."""
    local = now.astimezone(tz)
    hours = hours_of(policy, calendar, local.date(), policy.band[band].formal, channel, segment)
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in hours)


def next_opening(
    policy: Policy, calendar: Calendar, tz: ZoneInfo, now: datetime, band: str, channel: str, segment: str
) -> datetime | None:
    """The first UTC instant from ``now`` on at which a message of a band may leave; None if none within sixty days."""
    return opening_from(policy, calendar, tz, now, policy.band[band].formal, channel, segment)


def opening_from(
    policy: Policy, calendar: Calendar, tz: ZoneInfo, now: datetime, formal: bool, channel: str, segment: str
) -> datetime | None:
    """As ``next_opening``, for formal or ordinary words."""
    found = _span(policy, calendar, tz, now, formal, channel, segment)
    if found is None:
        return None
    day, start, _end = found
    return now if start is None else instant(day, start, tz)


def span_from(
    policy: Policy, calendar: Calendar, tz: ZoneInfo, now: datetime, formal: bool, channel: str, segment: str
) -> tuple[datetime, datetime] | None:
    """The next opening and the UTC instant at which it has closed again: in between it is open."""
    found = _span(policy, calendar, tz, now, formal, channel, segment)
    if found is None:
        return None
    day, start, end = found
    return now if start is None else instant(day, start, tz), instant(day, end, tz)


def _span(
    policy: Policy, calendar: Calendar, tz: ZoneInfo, now: datetime, formal: bool, channel: str, segment: str
) -> tuple[date, int | None, int] | None:
    """Local date, first minute (None: open now) and the minute after the last one of the next open span."""
    local = now.astimezone(tz)
    day, minute = local.date(), local.hour * 60 + local.minute
    for _ in range(_FURTHEST):
        for start, end in hours_of(policy, calendar, day, formal, channel, segment):
            if start <= minute < end:
                return day, None, end
            if minute < start:
                return day, start, end
        day, minute = day + timedelta(days=1), -1
    return None


def instant(day: date, minute: int, tz: ZoneInfo) -> datetime:
    """The UTC instant of a local wall-clock minute."""
    days, minute = divmod(minute, 24 * 60)  # a window may end at 24:00
    return datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), tz).astimezone(UTC)


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """The UTC instant at which a local date begins."""
    return datetime.combine(day, time(), tz).astimezone(UTC)

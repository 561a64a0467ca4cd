"""Readers of the English grammar for so many units ahead: in 3 days, a week on Friday, the weekend after next."""

from __future__ import annotations

import re
from datetime import date, datetime

from bot.talk.english_periods import whole
from bot.talk.english_words import coming, count_of, moved, weekday_of
from bot.talk.spans import DAY, Span, monday, month_end, span_of


def this_time(match: re.Match[str], at: datetime) -> Span | None:
    """This day in a week or a month, another fortnight."""
    return span_of(match, moved(at, "a", match["tw"] or match["tx"]))


def week_on(match: re.Match[str], at: datetime) -> Span | None:
    """So many weeks on from a weekday: a week on Friday."""
    named = {"today": at.date(), "tomorrow": at.date() + DAY}
    day = named.get(match["gw"]) or coming(at.date(), weekday_of(match["gw"]))
    return span_of(match, day + DAY * 7 * count_of(match["gn"])[0], weekday=True)


def several_weekdays(match: re.Match[str], at: datetime) -> Span | None:
    """The so-manieth such weekday to come."""
    count, _ = count_of(match["pn"])
    day = coming(at.date(), weekday_of(match["pw"])) + DAY * 7 * (count - 1)
    return span_of(match, day, weekday=True) if 0 < count < 60 else None


def after_next(match: re.Match[str], at: datetime) -> Span | None:
    """The week, weekend, month or year after next."""
    today, what = at.date(), match["hw"]
    if what == "month":
        end = month_end(today.year, today.month + 2)
        return span_of(match, end.replace(day=1), end, vague=True)
    if what == "year":
        return span_of(match, date(today.year + 2, 1, 1), date(today.year + 2, 12, 31), vague=True)
    sunday = monday(today) + DAY * 20
    return span_of(match, sunday - DAY * (1 if "end" in what else 6), sunday, vague="end" not in what)


def counted(match: re.Match[str], at: datetime) -> Span | None:
    """So many units ahead: in 3 days, within two weeks."""
    prefix, unit, today = match["cp"] or "", match["cu"], at.date()
    if unit in ("d", "w") and not match["ca"].isdigit():
        return None
    if (match["cup"] and match["cup"].strip() != "more") or "coming" in prefix or unit.startswith("q"):
        return whole(match, today, match["ca"], unit)
    day = moved(at, match["ca"], unit)
    if match["ca2"]:
        day = moved(datetime.combine(day, at.timetz()), match["ca2"], match["cu2"])
    return span_of(match, today, day)


def later(match: re.Match[str], at: datetime) -> Span | None:
    """So many units from now: two weeks later."""
    return span_of(match, at.date(), moved(at, match["la"], match["lu"]))


def alone(match: re.Match[str], at: datetime) -> Span | None:
    """A count that is the whole message, in answer to how long."""
    return span_of(match, at.date(), moved(at, match["ba"], match["bu"]), vague="couple" in match["ba"])

"""The date grammar of English: every time a normalised sentence names, in order, with its first and last day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from bot.talk import english_counts as counts
from bot.talk.english_grammar import AFTER, BEFORE, BY, GRAMMAR
from bot.talk.english_periods import part, period, quarter, rest, upcoming, whole_month
from bot.talk.english_periods import year as whole_year
from bot.talk.english_words import coming, feast_of, month_of, moved, number_of, weekday_of
from bot.talk.festivals import feast_in, first_workday_after, last_day_before, next_feast, nth_weekday
from bot.talk.spans import (
    DAY,
    Span,
    day_of,
    monday,
    month_end,
    next_month_day,
    next_numbered,
    span_of,
)

_CLOCK_AHEAD = re.compile(r"(?:at|between|from|around|@)\s$")
_TOMORROW = re.compile(r"tom|tm[rw]|overmorrow")
_ANOTHER = re.compile(r"\b(?:or|not|but|no|actually|sorry|then)\b")
Reader = Callable[[re.Match[str], datetime], Span | None]


def english_spans(text: str, at: datetime) -> list[Span]:
    """Every time named in a normalised English sentence, in order of its place, seen from the aware instant ``at``."""
    spans: list[Span] = []
    week: Span | None = None
    pending: re.Match[str] | None = None
    for match in GRAMMAR.finditer(text):
        kind = match.lastgroup or ""
        if kind in ("fromday", "weekof"):
            pending = match
            continue
        span = _READERS[kind](match, at)
        if span and pending:
            span, pending = _shifted(span, pending), None
        elif span:
            week = spans[-1] if spans and _is_week(spans[-1]) else week
            span = _in_that_week(text, week, span, match) if kind == "weekday" else _near(text, span, kind, match, at)
        if span:
            spans.append(span)
    return spans


def _is_week(span: Span) -> bool:
    return monday(span.last) + DAY * 6 == span.last and 1 <= (span.last - span.first).days <= 6 and not span.past


def _in_that_week(text: str, week: Span | None, span: Span, match: re.Match[str]) -> Span:
    """A bare weekday after a week just named is that week's: next week, maybe Wednesday."""
    if week is None or match["wm"] or match["wt"] or match["wn"] or span.past:
        return span
    day = monday(week.last) + DAY * span.last.weekday()
    near = span.start - week.end <= 24 and not _ANOTHER.search(text[week.end : span.start])
    return replace(span, first=day, last=day) if near and week.first <= day else span


def _near(text: str, span: Span, kind: str, match: re.Match[str], at: datetime) -> Span:
    """What stands before a time changes it: before a feast, after a day, by a month."""
    ahead = text[max(0, span.start - 18) : span.start]
    first, last, vague = span.first, span.last, span.vague
    if kind == "feast" and (name := feast_of(match["fn"])):
        if BEFORE.search(ahead):
            last = last_day_before(name, last)
        elif AFTER.search(ahead):
            last = first_workday_after(name, last)
    elif ahead.endswith(("after ", "after the ")) and first == last and (span.numbered or span.weekday):
        first = last = last + DAY
    elif ahead.endswith(("after ", "after the ", "since ")) and kind not in ("count", "later", "rel"):
        vague = True
    elif vague and first != last and BY.search(ahead) and not ahead.endswith(("in ", "during ")):
        vague = False
    return Span(span.start, span.end, min(first, last), last, vague, span.past, span.numbered, span.weekday)


def _shifted(span: Span, pending: re.Match[str]) -> Span:
    if pending.lastgroup == "weekof":
        return Span(pending.start(), span.end, span.first, monday(span.first) + DAY * 6, span.vague)
    sign = -1 if pending["fr"] == "before" else 1
    day = moved(datetime.combine(span.last, datetime.min.time()), pending["fa"], pending["fu"], sign)
    return Span(pending.start(), span.end, day, day, span.vague, past=span.past and day <= span.last)


def _day(match: re.Match[str], at: datetime, year: str | None, month: int, number: int) -> Span | None:
    today = at.date()
    found = day_of(int(year), month, number) if year else next_month_day(today, month, number)
    return span_of(match, found, numbered=True, past=found is not None and found < today)


def _iso(match: re.Match[str], at: datetime) -> Span | None:
    month = int(match["im"]) if match["im"] else month_of(match["iw"])
    if match["id"]:
        return _day(match, at, match["iy"], month, int(match["id"]))
    return span_of(match, date(int(match["iy"]), month, 1), month_end(int(match["iy"]), month), vague=True)


def _ym(match: re.Match[str], at: datetime) -> Span | None:
    year, month = int(match["yy"]), month_of(match["yw"])
    return span_of(match, date(year, month, 1), month_end(year, month), vague=True)


def _month_of_year(match: re.Match[str], at: datetime) -> Span | None:
    year, month = int(match["y4"]), int(match["m4"])
    return span_of(match, date(year, month, 1), month_end(year, month), vague=True)


def _slash(match: re.Match[str], at: datetime) -> Span | None:
    one, two = int(match["sa"]), int(match["sb"])
    month, number = (one, two) if one <= 12 else (two, one)
    bare = match["ss"] == "-" and not match["sy"] and "0" not in (match["sa"][0], match["sb"][0])
    if bare and not match.string[: match.start()].endswith((" on ", " by ", " before ", " until ")):
        return None
    year = match["sy"]
    if not year and match["ss"] == "/" and two <= 12 and _day_first(at.date(), one, two):
        month, number = two, one
    if match["ss"] == "." and not year and _CLOCK_AHEAD.search(match.string, max(0, match.start() - 9), match.start()):
        return None
    return _day(match, at, ("20" + year if len(year) == 2 else year) if year else None, month, number)


def _day_first(today: date, one: int, two: int) -> bool:
    """Whether 1/12 must be the first of December: that is near, and 12 January too far off to be promised."""
    near, far = next_month_day(today, two, one), next_month_day(today, one, two)
    return near is not None and far is not None and (near - today).days <= 21 and (far - today).days > 31


def _range(match: re.Match[str], at: datetime) -> Span | None:
    if match["rm"].endswith("month"):
        start = month_end(at.year, at.month + ("next" in match["rm"]))
        return span_of(match, day_of(start.year, start.month, number_of(match["rb"])), numbered=True)
    return _day(match, at, match["ry"], month_of(match["rm"]), number_of(match["rb"]))


def _mrange(match: re.Match[str], at: datetime) -> Span | None:
    month, start, end = month_of(match["qm"]), number_of(match["qa"]), number_of(match["qb"])
    if end < start:
        month = month % 12 + 1
    return _day(match, at, match["qy"], month, end)


def _dm(match: re.Match[str], at: datetime) -> Span | None:
    return _day(match, at, match["dy"], month_of(match["db"]), number_of(match["da"]))


def _md(match: re.Match[str], at: datetime) -> Span | None:
    return _day(match, at, match["my"], month_of(match["ma"]), number_of(match["mb"]))


def _nth(match: re.Match[str], at: datetime) -> Span | None:
    today, which = at.date(), match["na"]
    nth = -1 if which == "last" else number_of(which)
    if nth > 5 and match["nb"] != "day":
        return None
    if match["nm"].endswith("month"):
        start = month_end(today.year, today.month + ("next" in match["nm"])).replace(day=1)
        years, month = [start.year], start.month
    else:
        month = month_of(match["nm"])
        years = [int(match["ny"])] if match["ny"] else [today.year, today.year + 1]
    for year in years:
        day = _nth_day(match["nb"], year, month, nth)
        if day and (day >= today or len(years) == 1):
            return span_of(match, day - DAY * 6 if match["nb"] == "week" else day, day)
    return None


def _nth_day(what: str, year: int, month: int, nth: int) -> date | None:
    if what == "day":
        return month_end(year, month) if nth < 0 else day_of(year, month, nth)
    if what.endswith("end"):
        return nth_weekday(year, month, 6, nth)
    if what != "week":
        return nth_weekday(year, month, weekday_of(what), nth)
    thursday = nth_weekday(year, month, 3, nth)
    return thursday + DAY * 3 if thursday else None


def _after(match: re.Match[str], at: datetime) -> Span | None:
    """The day after tomorrow; the day after the one just named, or after today."""
    said = match[0] if match[0] != "the day after" else match.string[: match.end()]
    return span_of(match, at.date() + DAY * (2 if _TOMORROW.search(said) else 1))


def _feast(match: re.Match[str], at: datetime) -> Span | None:
    name, today = feast_of(match["fn"]), at.date()
    if name is None:
        return None
    year = int(match["fy"]) if match["fy"] else None
    if match["fo"]:
        year = today.year + (match["fo"] == "next year")
    day = feast_in(name, year) if year else next_feast(name, today)
    if day and day < today and not match["fy"]:
        day = next_feast(name, today)
    if day and name == "memorial" and match["fwe"]:
        return span_of(match, day - DAY * 2, day)
    return span_of(match, day, past=day is not None and day < today)


def _weekday(match: re.Match[str], at: datetime) -> Span | None:
    today, weekday, mod, tail = at.date(), weekday_of(match["wd"]), match["wm"] or "", match["wt"] or ""
    if mod == "every":
        return None
    named = match["wn"] and (match["wn"][0].isdigit() or match["wn"].startswith("the "))
    if named and (numbered := _weekday_numbered(match, today, weekday)):
        return numbered
    if tail:
        if tail in ("week", "after"):
            return span_of(match, coming(today, weekday) + DAY * 7, weekday=True)
        weeks = 2 if "after next" in tail or "two" in tail else 0 if tail == "this week" else 1
        return span_of(match, monday(today) + DAY * (7 * weeks + weekday), weekday=True)
    if mod in ("last", "past"):
        return span_of(match, coming(today, weekday) - DAY * 7, past=True, weekday=True)
    if mod == "next":
        return span_of(match, monday(today) + DAY * (7 + weekday), weekday=True)
    if mod == "this" and monday(today) + DAY * weekday == today:
        return span_of(match, today, weekday=True)
    return span_of(match, coming(today, weekday), weekday=True)


def _weekday_numbered(match: re.Match[str], today: date, weekday: int) -> Span | None:
    number = number_of(match["wn"].removeprefix("the "))
    for ahead in range(60):
        end = month_end(today.year, today.month + ahead)
        day = day_of(end.year, end.month, number)
        if day and day >= today and day.weekday() == weekday:
            clock = match["wn"].isdigit() and number <= 12 and (day - today).days > 62
            return span_of(match, day, numbered=True, vague=ahead > 12) if not clock else None
    return None


def _nextwd(match: re.Match[str], at: datetime) -> Span | None:
    return span_of(match, monday(at.date()) + DAY * (7 + weekday_of(match["xw"])), weekday=True)


def _compact(match: re.Match[str], at: datetime) -> Span | None:
    return _day(match, at, match[0][:4], int(match[0][4:6]), int(match[0][6:]))


_RELATIVE = {"yesterday": -1, "tomorrow": 1}


def _rel(match: re.Match[str], at: datetime) -> Span | None:
    word = match["rd"]
    ahead = _RELATIVE.get(
        word,
        1
        if word.startswith(("tom", "tm", "2mo", "next", "the next")) and "hour" not in word and "min" not in word
        else 0,
    )
    return span_of(match, at.date() + DAY * ahead, past=ahead < 0)


def _bare_number(match: re.Match[str], at: datetime) -> Span | None:
    return span_of(match, next_numbered(at.date(), number_of(match["nn"])), numbered=True)


def _nmonth(match: re.Match[str], at: datetime) -> Span | None:
    end = month_end(at.year, at.month + ("next" in (match["zb"] or "") or "following" in (match["zb"] or "")))
    return span_of(match, day_of(end.year, end.month, number_of(match["za"])), numbered=True)


def _month_numbered(match: re.Match[str], at: datetime) -> Span | None:
    end = month_end(at.year, at.month + (match["vm"] != "this"))
    return span_of(match, day_of(end.year, end.month, number_of(match["vn"])), numbered=True)


def _onnum(match: re.Match[str], at: datetime) -> Span | None:
    return span_of(match, next_numbered(at.date(), int(match["zn"] or match["zo"] or match["zp"])), numbered=True)


def _weekend(match: re.Match[str], at: datetime) -> Span | None:
    sunday = monday(at.date()) + DAY * 6
    return span_of(match, sunday - DAY, sunday)


def _vague(match: re.Match[str], at: datetime) -> Span | None:
    return span_of(match, at.date(), vague=True)


_READERS: dict[str, Reader] = {
    "iso": _iso,
    "ym": _ym,
    "my4": _month_of_year,
    "slash": _slash,
    "range": _range,
    "mrange": _mrange,
    "dm": _dm,
    "md": _md,
    "nth": _nth,
    "weekend": _weekend,
    "part": part,
    "rest": rest,
    "after": _after,
    "feast": _feast,
    "weekday": _weekday,
    "compact": _compact,
    "thistime": counts.this_time,
    "weekon": counts.week_on,
    "severalwd": counts.several_weekdays,
    "afternext": counts.after_next,
    "nextwd": _nextwd,
    "monthn": _month_numbered,
    "count": counts.counted,
    "alone": counts.alone,
    "later": counts.later,
    "upcoming": upcoming,
    "period": period,
    "quarter": quarter,
    "month": whole_month,
    "rel": _rel,
    "year": whole_year,
    "number": _bare_number,
    "nmonth": _nmonth,
    "onnum": _onnum,
    "vague": _vague,
}

"""Readers of the English grammar for whole periods and their parts: weeks, months, quarters, years."""

from __future__ import annotations

import re
from datetime import date, datetime

from bot.talk.english_grammar import MONTH, ORDINALS
from bot.talk.english_words import coming, count_of, month_of, moved, weekday_of
from bot.talk.spans import DAY, Span, monday, month_end, next_month_day, quarter_end, span_of

_MODAL = re.compile(r"\s(?:or|not|be|have|also|i|you|we|he|she|they|it|need|take|help|well|cause|get|pay|come|just)\b")


def part(match: re.Match[str], at: datetime) -> Span | None:
    """End, beginning or middle of a period."""
    word, what, today = match["pa"], (match["pb"] or "").strip(), at.date()
    if word in ("eom", "eoy", "bom", "boy", "eod", "eow"):
        word, what = (
            ("end" if word[0] == "e" else "start"),
            {"m": "month", "y": "year", "d": "day", "w": "week"}[word[-1]],
        )
    elif word == "cob" or word.endswith(("business", "play")):
        word, what = "end", what or "day"
    elif word.endswith("end") and len(word) > 3:
        word, what = "end", re.split(r"['s]*[- ]", word)[0]
    elif not what:
        return None
    end, ahead = (
        word in ("end", "close", "last day", "late"),
        what.startswith(("next", "following", "coming", "upcoming")),
    )
    if what.endswith("week"):
        start = monday(today) + DAY * 7 * ahead
        return span_of(match, start + DAY * (6 if end else 2))
    if what.endswith("year"):
        year = int(match["py"] or today.year + ahead)
        return span_of(match, date(year, 12, 31) if end else date(year, 3, 31))
    if what.endswith("quarter"):
        return span_of(match, quarter_end(today.year, (today.month + 2) // 3 + ahead))
    return _part_of_month(match, word, what, ahead, today) if _is_month(what) else _part_of_day(match, what, at)


def _is_month(what: str) -> bool:
    return what.endswith("month") or re.fullmatch(MONTH, what) is not None


def _part_of_month(match: re.Match[str], word: str, what: str, ahead: bool, today: date) -> Span | None:
    day = {"beginning": 10, "start": 10, "early": 10, "middle": 15, "mid": 15}.get(word, 31)
    start = month_end(today.year, today.month + ahead)
    if not what.endswith("month"):
        year = int(match["py"] or today.year)
        start = month_end(year, month_of(what))
        if start < today and not match["py"]:
            start = month_end(year + 1, month_of(what))
    found = start.replace(day=min(day, start.day))
    if found < today:
        start = month_end(start.year, start.month + 1)
        found = start.replace(day=min(day, start.day))
    return span_of(match, found)


def _part_of_day(match: re.Match[str], what: str, at: datetime) -> Span | None:
    today = at.date()
    if what in ("today", "day"):
        return span_of(match, today)
    if what == "tomorrow":
        return span_of(match, today + DAY)
    return span_of(match, coming(today, weekday_of(what)), weekday=True)


def rest(match: re.Match[str], at: datetime) -> Span | None:
    """The rest of this week, month or year."""
    today = at.date()
    what = match["ru"] or match["rv"]
    if what == "week":
        return span_of(match, today, monday(today) + DAY * 6)
    return span_of(match, today, month_end(today.year, today.month if what == "month" else 12))


def upcoming(match: re.Match[str], at: datetime) -> Span | None:
    """So many periods to come."""
    if " more " in match[0]:
        return span_of(match, at.date(), moved(at, match["ua"], match["uu"]))
    return whole(match, at.date(), match["ua"], match["uu"])


def whole(match: re.Match[str], today: date, word: str, unit: str) -> Span | None:
    """So many whole periods to come: two upcoming weeks end with the second Sunday after this week."""
    count, _ = count_of(word)
    if unit.startswith("w") and not unit.startswith(("work", "weekday")):
        return span_of(match, today, monday(today) + DAY * (7 * count + 6))
    if unit.startswith("m") and not unit.startswith("min"):
        return span_of(match, today, month_end(today.year, today.month + count))
    if unit.startswith("q"):
        return span_of(match, today, quarter_end(today.year, (today.month + 2) // 3 + count))
    return span_of(match, today, moved(datetime.combine(today, datetime.min.time()), word, unit))


def period(match: re.Match[str], at: datetime) -> Span | None:
    """This or the next week, month, quarter, year, season."""
    today, mod, what = at.date(), match["oa"], match["ob"]
    mod = "next" if mod.endswith("next") else mod
    what = "year" if what == "yr" else what
    if mod in ("on", "at", "over", "over the", "my") and not what.startswith("week"):
        return None
    ahead = int(
        mod in ("next", "coming", "upcoming", "following")
        and not (what.startswith("week") and "end" in what and mod != "next")
    )
    past = mod in ("last", "past")
    if mod == "the" and what in ("week", "month", "quarter", "season"):
        return None
    if what.startswith("work"):
        return span_of(match, monday(today) + DAY * (4 + 7 * ahead - 7 * past), past=past)
    if what.startswith("week"):
        last = monday(today) + DAY * (6 + 7 * ahead - 7 * past)
        return span_of(
            match, last - DAY * (1 if "end" in what else 6), last, vague=bool(ahead) and "end" not in what, past=past
        )
    if what == "month":
        end = month_end(today.year, today.month + ahead - past)
        return span_of(match, end.replace(day=1), end, vague=bool(ahead), past=past)
    if what in ("quarter", "qtr"):
        end = quarter_end(today.year, (today.month + 2) // 3 + ahead - past)
        return span_of(match, end - DAY, end, vague=bool(ahead), past=past)
    if what in ("year", "fiscal year"):
        return span_of(
            match,
            date(today.year + ahead - past, 1, 1),
            date(today.year + ahead - past, 12, 31),
            vague=mod != "later this",
            past=past,
        )
    return _season(match, today, what, ahead)


def _season(match: re.Match[str], today: date, what: str, ahead: int) -> Span | None:
    ends = {"spring": (6, 20), "summer": (9, 23), "autumn": (12, 20), "fall": (12, 20), "winter": (3, 19)}
    if what in ends:
        return span_of(match, today, next_month_day(today, *ends[what]), vague=True)
    coming = sorted(d for m, n in ((3, 19), (6, 19), (9, 22), (12, 20)) if (d := next_month_day(today, m, n)))
    return span_of(match, today, coming[ahead], vague=True)


def quarter(match: re.Match[str], at: datetime) -> Span | None:
    """A quarter by its number."""
    word, today = match["kq"] or match["ka"], at.date()
    quarter = int(word[0]) if word[0].isdigit() else 4 if word == "last" else ORDINALS.index(word) + 1
    end = quarter_end(int(match["ky"] or today.year), quarter)
    end = end if end >= today or match["ky"] else quarter_end(today.year + 1, quarter)
    return span_of(match, end - DAY, end, vague=True)


def whole_month(match: re.Match[str], at: datetime) -> Span | None:
    """A month by its name."""
    today, name, mod = at.date(), match["on"], match["om"] or ""
    alone = match[0] == match.string.strip()
    if name in ("may", "mar", "march", "sun") and not (mod or match["oy"] or match["or"] or alone):
        return None
    if name == "may" and _MODAL.match(match.string, match.end()):
        return None
    month = month_of(name)
    year = int(match["oy"]) if match["oy"] else today.year + (match["or"] == "next year")
    end = month_end(year, month)
    if not match["oy"] and end < today:
        end = month_end(year + 1, month)
    if match["or"] == "after next" or (mod == "next" and end.year == today.year and end.month <= today.month):
        end = month_end(end.year + 1, month)
    return span_of(match, end.replace(day=1), end, vague=mod not in ("by", "through", "end of", "until"))


def year(match: re.Match[str], at: datetime) -> Span | None:
    """A year by its number."""
    year = int(match["yn"])
    return span_of(match, date(year, 1, 1), date(year, 12, 31), vague=True, past=year < at.year)

"""The date grammar of English: every time a normalised sentence names, in order, with its first and last day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.talk.english_grammar import AFTER, BEFORE, BY, COUNTS, DAYS, FEAST_LIST, GRAMMAR, MONTH, MONTHS, ORDINALS
from bot.talk.festivals import feast_in, first_workday_after, last_day_before, next_feast, next_workday, nth_weekday
from bot.talk.spans import DAY, Span, add_months, day_of, monday, month_end, next_month_day, next_numbered, quarter_end

Reader = Callable[[re.Match[str], datetime], Span | None]


def english_spans(text: str, at: datetime) -> list[Span]:
    """Every time named in a normalised English sentence, in order of its place, seen from the aware instant ``at``."""
    spans: list[Span] = []
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
            span = _near(text, span, kind, match, at)
        if span:
            spans.append(span)
    return spans


def _span(match: re.Match[str], first: date | None, last: date | None = None, *, vague: bool = False, past: bool = False,
          numbered: bool = False, weekday: bool = False) -> Span | None:  # fmt: skip
    if first is None:
        return None
    return Span(match.start(), match.end(), first, last or first, vague, past, numbered, weekday)


def _near(text: str, span: Span, kind: str, match: re.Match[str], at: datetime) -> Span:
    """What stands before a time changes it: before a feast, after a day, by a month."""
    ahead = text[max(0, span.start - 18) : span.start]
    first, last, vague = span.first, span.last, span.vague
    if kind == "feast" and (name := _feast_name(match["fn"])):
        if BEFORE.search(ahead):
            last = last_day_before(name, last)
        elif AFTER.search(ahead):
            last = first_workday_after(name, last)
    elif ahead.endswith(("after ", "after the ", "since ")) and kind not in ("count", "later", "rel"):
        vague = True
    elif vague and first != last and BY.search(ahead) and not ahead.endswith(("in ", "during ")):
        vague = False
    return Span(span.start, span.end, min(first, last), last, vague, span.past, span.numbered, span.weekday)


def _shifted(span: Span, pending: re.Match[str]) -> Span:
    if pending.lastgroup == "weekof":
        return Span(pending.start(), span.end, span.first, monday(span.first) + DAY * 6, span.vague)
    sign = -1 if pending["fr"] == "before" else 1
    day = _moved(datetime.combine(span.last, datetime.min.time()), pending["fa"], pending["fu"], sign)
    return Span(pending.start(), span.end, day, day, span.vague)


def _count(word: str) -> tuple[int, bool]:
    """How many, and whether a half comes on top."""
    if word.endswith(".5"):
        return int(word[:-2]), True
    if word.isdigit():
        return min(int(word), 4000), False
    if word.startswith("half"):
        return 0, True
    if "couple" in word:
        return 2, False
    more = {"a": 1, "an": 1, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30}
    return (more[word] if word in more else COUNTS.index(word)), False


def _moved(at: datetime, word: str, unit: str, sign: int = 1) -> date:
    count, half = _count(word)
    today = at.date()
    if unit.startswith(("business", "work", "weekday")):
        return next_workday(today, min(count, 400))
    if unit.startswith(("h", "min", "sec")):
        seconds = {"h": 3600, "m": 60, "s": 1}[unit[0]]
        return (at + timedelta(seconds=sign * seconds * (count + 0.5 * half))).date()
    if unit.startswith("f"):
        return today + DAY * 14 * count * sign
    if unit.startswith("d"):
        return today + DAY * count * sign
    if unit.startswith("w"):
        return today + DAY * (7 * count + 3 * half) * sign
    months = {"m": 1, "q": 3, "y": 12}[unit[0]] * min(count, 80)
    return add_months(today, months * sign) + DAY * (15 * half)


def _number(word: str) -> int:
    digits = re.match(r"\d+", word)
    if digits:
        return int(digits[0])
    parts = re.split(r"[- ]", word)
    tens = {"twenty": 20, "thirty": 30, "thirtieth": 30}.get(parts[0], 0)
    if tens and len(parts) == 1:
        return tens
    last = parts[-1]
    return tens + (ORDINALS.index(last) + 1 if last in ORDINALS else COUNTS.index(last))


def _month(word: str) -> int:
    return 1 + next(i for i, name in enumerate(MONTHS) if word.startswith(name[:3]))


def _weekday_index(word: str) -> int:
    return next(i for i, name in enumerate(DAYS) if word.startswith(name[:3]))


def _feast_name(text: str) -> str | None:
    return next((feast for pattern, feast in FEAST_LIST if pattern.fullmatch(text)), None)


def _day(match: re.Match[str], at: datetime, year: str | None, month: int, number: int) -> Span | None:
    today = at.date()
    found = day_of(int(year), month, number) if year else next_month_day(today, month, number)
    return _span(match, found, numbered=True, past=found is not None and found < today)


def _iso(match: re.Match[str], at: datetime) -> Span | None:
    month = int(match["im"]) if match["im"] else _month(match["iw"])
    if match["id"]:
        return _day(match, at, match["iy"], month, int(match["id"]))
    return _span(match, date(int(match["iy"]), month, 1), month_end(int(match["iy"]), month), vague=True)


def _ym(match: re.Match[str], at: datetime) -> Span | None:
    year, month = int(match["yy"]), _month(match["yw"])
    return _span(match, date(year, month, 1), month_end(year, month), vague=True)


def _slash(match: re.Match[str], at: datetime) -> Span | None:
    one, two = int(match["sa"]), int(match["sb"])
    month, number = (one, two) if one <= 12 else (two, one)
    if match["ss"] == "-" and not match["sy"] and "0" not in (match["sa"][0], match["sb"][0]):
        return None
    year = match["sy"]
    return _day(match, at, ("20" + year if len(year) == 2 else year) if year else None, month, number)


def _range(match: re.Match[str], at: datetime) -> Span | None:
    if match["rm"].endswith("month"):
        start = month_end(at.year, at.month + ("next" in match["rm"]))
        return _span(match, day_of(start.year, start.month, _number(match["rb"])), numbered=True)
    return _day(match, at, match["ry"], _month(match["rm"]), _number(match["rb"]))


def _mrange(match: re.Match[str], at: datetime) -> Span | None:
    month, start, end = _month(match["qm"]), _number(match["qa"]), _number(match["qb"])
    if end < start:
        month = month % 12 + 1
    return _day(match, at, match["qy"], month, end)


def _dm(match: re.Match[str], at: datetime) -> Span | None:
    return _day(match, at, match["dy"], _month(match["db"]), _number(match["da"]))


def _md(match: re.Match[str], at: datetime) -> Span | None:
    return _day(match, at, match["my"], _month(match["ma"]), _number(match["mb"]))


def _nth(match: re.Match[str], at: datetime) -> Span | None:
    today, which = at.date(), match["na"]
    nth = -1 if which == "last" else int(which[0]) if which[0].isdigit() else ORDINALS.index(which) + 1
    if match["nm"].endswith("month"):
        start = month_end(today.year, today.month + ("next" in match["nm"])).replace(day=1)
        years, month = [start.year], start.month
    else:
        month = _month(match["nm"])
        years = [int(match["ny"])] if match["ny"] else [today.year, today.year + 1]
    for year in years:
        day = _nth_day(match["nb"], year, month, nth)
        if day and (day >= today or len(years) == 1):
            return _span(match, day)
    return None


def _nth_day(what: str, year: int, month: int, nth: int) -> date | None:
    if what == "day":
        return month_end(year, month) if nth < 0 else day_of(year, month, nth)
    if what != "week":
        return nth_weekday(year, month, _weekday_index(what), nth)
    thursday = nth_weekday(year, month, 3, nth)
    return thursday + DAY * 3 if thursday else None


def _part(match: re.Match[str], at: datetime) -> Span | None:
    word, what, today = match["pa"], (match["pb"] or "").strip(), at.date()
    if word in ("eom", "eoy", "bom", "boy", "eod", "eow"):
        word, what = (
            ("end" if word[0] == "e" else "start"),
            {"m": "month", "y": "year", "d": "day", "w": "week"}[word[-1]],
        )
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
        return _span(match, start + DAY * (6 if end else 2))
    if what.endswith("year"):
        year = int(match["py"] or today.year + ahead)
        return _span(match, date(year, 12, 31) if end else date(year, 3, 31))
    if what.endswith("quarter"):
        return _span(match, quarter_end(today.year, (today.month + 2) // 3 + ahead))
    return _part_of_month(match, word, what, ahead, today) if _is_month(what) else _part_of_day(match, what, at)


def _is_month(what: str) -> bool:
    return what.endswith("month") or re.fullmatch(MONTH, what) is not None


def _part_of_month(match: re.Match[str], word: str, what: str, ahead: bool, today: date) -> Span | None:
    day = {"beginning": 10, "start": 10, "early": 10, "middle": 15, "mid": 15}.get(word, 31)
    start = month_end(today.year, today.month + ahead)
    if not what.endswith("month"):
        year = int(match["py"] or today.year)
        start = month_end(year, _month(what))
        if start < today and not match["py"]:
            start = month_end(year + 1, _month(what))
    found = start.replace(day=min(day, start.day))
    if found < today:
        start = month_end(start.year, start.month + 1)
        found = start.replace(day=min(day, start.day))
    return _span(match, found)


def _part_of_day(match: re.Match[str], what: str, at: datetime) -> Span | None:
    today = at.date()
    if what in ("today", "day"):
        return _span(match, today)
    if what == "tomorrow":
        return _span(match, today + DAY)
    return _span(match, _coming(today, _weekday_index(what)), weekday=True)


def _coming(today: date, weekday: int) -> date:
    return today + DAY * ((weekday - today.weekday() - 1) % 7 + 1)


def _rest(match: re.Match[str], at: datetime) -> Span | None:
    today = at.date()
    if match["ru"] == "week":
        return _span(match, today, monday(today) + DAY * 6)
    return _span(match, today, month_end(today.year, today.month if match["ru"] == "month" else 12))


def _after(match: re.Match[str], at: datetime) -> Span | None:
    return _span(match, at.date() + DAY * (2 if "tom" in match[0] or "tm" in match[0] or "over" in match[0] else 1))


def _feast(match: re.Match[str], at: datetime) -> Span | None:
    name, today = _feast_name(match["fn"]), at.date()
    if name is None:
        return None
    year = int(match["fy"]) if match["fy"] else None
    if match["fo"]:
        year = today.year + (match["fo"] == "next year")
    day = feast_in(name, year) if year else next_feast(name, today)
    if day and day < today and not match["fy"]:
        day = next_feast(name, today)
    if day and name == "memorial" and match["fwe"]:
        return _span(match, day - DAY * 2, day)
    return _span(match, day, past=day is not None and day < today)


def _weekday(match: re.Match[str], at: datetime) -> Span | None:
    today, weekday, mod, tail = at.date(), _weekday_index(match["wd"]), match["wm"] or "", match["wt"] or ""
    if mod == "every":
        return None
    if match["wn"]:
        return _weekday_numbered(match, today, weekday)
    if tail:
        weeks = 2 if "after next" in tail or "two" in tail else 0 if tail == "this week" else 1
        return _span(match, monday(today) + DAY * (7 * weeks + weekday), weekday=True)
    if mod in ("last", "past"):
        return _span(match, _coming(today, weekday) - DAY * 7, past=True, weekday=True)
    if mod == "next":
        return _span(match, monday(today) + DAY * (7 + weekday), weekday=True)
    if mod == "this" and monday(today) + DAY * weekday == today:
        return _span(match, today, weekday=True)
    return _span(match, _coming(today, weekday), weekday=True)


def _weekday_numbered(match: re.Match[str], today: date, weekday: int) -> Span | None:
    number = _number(match["wn"])
    for ahead in range(60):
        end = month_end(today.year, today.month + ahead)
        day = day_of(end.year, end.month, number)
        if day and day >= today and day.weekday() == weekday:
            return _span(match, day, numbered=True, vague=ahead > 12)
    return None


def _nextwd(match: re.Match[str], at: datetime) -> Span | None:
    return _span(match, monday(at.date()) + DAY * (7 + _weekday_index(match["xw"])), weekday=True)


def _counted(match: re.Match[str], at: datetime) -> Span | None:
    prefix, unit, today = match["cp"] or "", match["cu"], at.date()
    if unit in ("d", "w") and not match["ca"].isdigit():
        return None
    if match["cup"] or "upcoming" in prefix or "coming" in prefix:
        return _whole(match, today, match["ca"], unit)
    day = _moved(at, match["ca"], unit)
    if match["ca2"]:
        day = _moved(datetime.combine(day, at.timetz()), match["ca2"], match["cu2"])
    return _span(match, today, day)


def _upcoming(match: re.Match[str], at: datetime) -> Span | None:
    return _whole(match, at.date(), match["ua"], match["uu"])


def _whole(match: re.Match[str], today: date, word: str, unit: str) -> Span | None:
    """So many whole periods to come: two upcoming weeks end with the second Sunday after this week."""
    count, _ = _count(word)
    if unit.startswith("w") and not unit.startswith(("work", "weekday")):
        return _span(match, today, monday(today) + DAY * (7 * count + 6))
    if unit.startswith("m") and not unit.startswith("min"):
        return _span(match, today, month_end(today.year, today.month + count))
    if unit.startswith("q"):
        return _span(match, today, quarter_end(today.year, (today.month + 2) // 3 + count))
    return _span(match, today, _moved(datetime.combine(today, datetime.min.time()), word, unit))


def _later(match: re.Match[str], at: datetime) -> Span | None:
    return _span(match, at.date(), _moved(at, match["la"], match["lu"]))


def _period(match: re.Match[str], at: datetime) -> Span | None:
    today, mod, what = at.date(), match["oa"], match["ob"]
    mod = "next" if mod.endswith("next") else mod
    ahead = int(
        mod in ("next", "coming", "upcoming", "following")
        and not (what.startswith("week") and "end" in what and mod != "next")
    )
    past = mod in ("last", "past")
    if mod == "the" and what in ("week", "month", "quarter", "season"):
        return None
    if what.startswith("week"):
        last = monday(today) + DAY * (6 + 7 * ahead - 7 * past)
        return _span(
            match, last - DAY * (1 if "end" in what else 6), last, vague=bool(ahead) and "end" not in what, past=past
        )
    if what == "month":
        end = month_end(today.year, today.month + ahead - past)
        return _span(match, end.replace(day=1), end, vague=bool(ahead), past=past)
    if what in ("quarter", "qtr"):
        end = quarter_end(today.year, (today.month + 2) // 3 + ahead - past)
        return _span(match, end - DAY, end, vague=bool(ahead), past=past)
    if what in ("year", "fiscal year"):
        return _span(
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
        return _span(match, today, next_month_day(today, *ends[what]), vague=True)
    coming = sorted(d for m, n in ((3, 19), (6, 19), (9, 22), (12, 20)) if (d := next_month_day(today, m, n)))
    return _span(match, today, coming[ahead], vague=True)


def _quarter(match: re.Match[str], at: datetime) -> Span | None:
    word, today = match["kq"] or match["ka"], at.date()
    quarter = int(word[0]) if word[0].isdigit() else 4 if word == "last" else ORDINALS.index(word) + 1
    end = quarter_end(today.year, quarter)
    end = end if end >= today else quarter_end(today.year + 1, quarter)
    return _span(match, end - DAY, end, vague=True)


def _whole_month(match: re.Match[str], at: datetime) -> Span | None:
    today, name, mod = at.date(), match["on"], match["om"] or ""
    if name in ("may", "mar", "march", "sun") and not (mod or match["oy"] or match["or"]):
        return None
    month = _month(name)
    year = int(match["oy"]) if match["oy"] else today.year + (match["or"] == "next year")
    end = month_end(year, month)
    if not match["oy"] and end < today:
        end = month_end(year + 1, month)
    if match["or"] == "after next" or (mod == "next" and end.year == today.year and end.month <= today.month):
        end = month_end(end.year + 1, month)
    return _span(match, end.replace(day=1), end, vague=mod not in ("by", "through", "end of", "until"))


_RELATIVE = {"yesterday": -1, "tomorrow": 1, "the next day": 1, "next day": 1}


def _rel(match: re.Match[str], at: datetime) -> Span | None:
    word = match["rd"]
    ahead = _RELATIVE.get(word, 1 if word.startswith(("tom", "tm", "2mo")) else 0)
    return _span(match, at.date() + DAY * ahead, past=ahead < 0)


def _year(match: re.Match[str], at: datetime) -> Span | None:
    year = int(match["yn"])
    return _span(match, date(year, 1, 1), date(year, 12, 31), vague=True, past=year < at.year)


def _bare_number(match: re.Match[str], at: datetime) -> Span | None:
    return _span(match, next_numbered(at.date(), _number(match["nn"])), numbered=True)


def _nmonth(match: re.Match[str], at: datetime) -> Span | None:
    end = month_end(at.year, at.month + match["zb"].startswith(("next", "following")))
    return _span(match, day_of(end.year, end.month, _number(match["za"])), numbered=True)


def _onnum(match: re.Match[str], at: datetime) -> Span | None:
    return _span(match, next_numbered(at.date(), int(match["zn"])), numbered=True)


def _vague(match: re.Match[str], at: datetime) -> Span | None:
    return _span(match, at.date(), vague=True)


_READERS: dict[str, Reader] = {
    "iso": _iso, "ym": _ym, "slash": _slash, "range": _range, "mrange": _mrange, "dm": _dm, "md": _md, "nth": _nth,
    "part": _part, "rest": _rest, "after": _after, "feast": _feast, "weekday": _weekday, "nextwd": _nextwd, "count": _counted,
    "later": _later, "upcoming": _upcoming, "period": _period, "quarter": _quarter, "month": _whole_month, "rel": _rel,
    "year": _year, "number": _bare_number, "nmonth": _nmonth, "onnum": _onnum, "vague": _vague,
}  # fmt: skip

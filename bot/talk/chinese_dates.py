"""The date grammar of Chinese: every time a normalised sentence names, in order, with its first and last day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from bot.talk.chinese_counts import counted
from bot.talk.chinese_feasts import feast, feast_named, first_days, lunar_day, new_year, public_holiday
from bot.talk.chinese_grammar import AFTER, BEFORE, CLOCK, FEASTS, GRAMMAR, TAIL, WITHIN, year_of
from bot.talk.chinese_periods import ordinal, periods_on, quarter, whole_year
from bot.talk.festivals import (
    first_workday_after,
    last_day_before,
    next_workday,
    nth_weekday,
)
from bot.talk.normal import WEEKDAYS
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


def mask_clock(text: str) -> str:
    """The text with times of the day blotted out, same length: 8点, 13:20."""
    return CLOCK.sub(lambda m: "·" * len(m[0]), text)


def chinese_spans(text: str, at: datetime) -> list[Span]:
    """Every time named in a normalised Chinese sentence, in order of its place, seen from the aware instant ``at``."""
    text = mask_clock(text) if ":" in text or "点" in text or "时" in text else text
    spans: list[Span] = []
    for match in GRAMMAR.finditer(text):
        kind = match.lastgroup or ""
        if match["rd"] in _AT_ONCE and _ONCE_PAID.search(text, 0, match.start()):
            continue
        if kind == "vague" and spans and match.start() < spans[-1].end:
            continue
        base = _base(text, match, spans, at)
        if match[0] in _NEXT_DAY and spans and not spans[-1].past:
            found = span_of(match, spans[-1].last + DAY)
        else:
            found = _READERS[kind](match, base, at)
        if found and spans and match[0] == "第2天" and match.start() == spans[-1].end:
            spans.pop()
        elif found and not (match[0] == "今天" and _ends_later(text, match.start())):
            if spans and kind in ("rel", "count") and text[: match.start()].endswith("天的"):
                found = _from_day(spans.pop(), found, at.date())
            spans.append(_with_tail(text, found, kind, match, at.date()))
    return spans


def _from_day(one: Span, two: Span, today: date) -> Span:
    """A count from another day than today: 明天的后天, 明天的往后3天."""
    return replace(two, start=one.start, first=one.first, last=two.last + (one.last - today), past=one.past)


def _ends_later(text: str, place: int) -> bool:
    """Whether 今天 only repeats the day of the month: 三个月后的今天."""
    return text[:place].endswith(("后的", "后"))


def _base(text: str, match: re.Match[str], spans: list[Span], at: datetime) -> date:
    """The day a bare number counts from: the date just named before it, else today."""
    if spans and match.lastgroup == "week" and text[spans[-1].end : match.start()].strip() in ("到", "至", "-", "或"):
        return max(spans[-1].last, at.date())
    if spans and match.lastgroup == "week" and _names_a_week(spans[-1], at.date()) and not match["wr"]:
        gap = text[spans[-1].end : match.start()]
        return spans[-1].first - DAY if len(gap) <= 8 and not _ELSE.search(gap) else at.date()
    if spans and match.lastgroup == "week" and not match["wr"] and text[: match.start()].endswith(("周后", "月后")):
        return monday(spans[-1].last) - DAY
    if spans and match.lastgroup == "monthpart" and not spans[-1].past and not spans[-1].vague:
        return spans[-1].last if not re.search(r"[不是改]", text[spans[-1].end : match.start()]) else at.date()
    denied = spans and text[: spans[-1].start].endswith(("不用", "不是", "不要", "别"))
    feast_ahead = spans and match.lastgroup == "number" and _names_a_feast(spans[-1], text, at.date())
    if spans and (spans[-1].numbered or feast_ahead) and match.lastgroup in ("number", "slash") and not denied:
        gap = text[spans[-1].end : match.start()]
        if len(gap) <= 14 and not re.search(r"[不是改我截]", gap):
            return max(spans[-1].last, at.date())
    return at.date()


_FROM_THEN = frozenset(("起", "开始", "上班", "过"))
_NEXT_DAY = frozenset(("第2天", "隔天"))
_AT_ONCE = frozenset(("马上", "立刻", "这就", "现在"))
_ONCE_PAID = re.compile(r"一(?:有|到|发|拿|收)|等|只要|如果|要是|有钱|到账|回款|下来|发了|有了")
_ELSE = re.compile(r"[不是改或后]")


_A_FEAST = re.compile("|".join(FEASTS))


def _names_a_feast(span: Span, text: str, today: date) -> bool:
    """Whether a time is a feast to come, so that a number after it counts from there: 元旦放假,4号我去交."""
    return not span.past and span.first > today and _A_FEAST.match(text, span.start) is not None


def _names_a_week(span: Span, today: date) -> bool:
    """Whether a time is a whole week to come, so that a bare weekday after it is that week's: 下周,周三吧."""
    return span.first > today and span.first.weekday() == 0 and (span.last - span.first).days == 6


def _with_tail(text: str, span: Span, kind: str, match: re.Match[str], today: date) -> Span:
    tail = TAIL.match(text, span.end)
    mod = tail["mod"] if tail and tail["mod"] else ""
    end = tail.end() if tail else span.end
    first, last, vague = span.first, span.last, span.vague
    if kind == "feast" and not match["fc"]:
        name = feast_named(match["fn"], today)
        if mod in BEFORE:
            last = last_day_before(name, span.last)
        elif mod in AFTER or "回来" in mod or mod.endswith("日") or match["fp"] in ("过完", "过了"):
            last = first_workday_after(name, span.last)
        vague = mod == "前后"
    elif mod == "上班":
        pass
    elif _means_the_day_after(text, span, mod):
        first = last = last + DAY
    elif mod in AFTER and kind not in ("count", "newyear", "holiday", "rel"):
        vague = True
    elif mod in WITHIN:
        vague = False
    return Span(span.start, end, min(first, last), last, vague, span.past, span.numbered, span.weekday)


def _means_the_day_after(text: str, span: Span, mod: str) -> bool:
    """Whether a single day is only what comes before: 15号以后, 过了15号."""
    if span.first != span.last or not (span.numbered or span.weekday):
        return False
    return (mod in AFTER and mod not in _FROM_THEN) or text.endswith(("过了", "过完"), 0, span.start)


Reader = Callable[[re.Match[str], date, datetime], Span | None]


def _iso(match: re.Match[str], base: date, at: datetime) -> Span | None:
    year, month = int(match["iy"]), int(match["im"] or match["jm"] or match["km"])
    if number := match["id"] or match["jd"] or match["kd"]:
        day = day_of(year, month, int(number))
        return span_of(match, day, day, numbered=True, past=day is not None and day < at.date())
    return span_of(match, date(year, month, 1), month_end(year, month), vague=True)


def _compact(match: re.Match[str], base: date, at: datetime) -> Span | None:
    written = match[0]
    day = day_of(int(written[:4]), int(written[4:6]), int(written[6:]))
    return span_of(match, day, day, numbered=True, past=day is not None and day < at.date())


def _month(match: re.Match[str], base: date, at: datetime) -> Span | None:
    today = at.date()
    year = year_of(match, "my", today)
    if match["mr"]:
        ahead = periods_on(match["mr"])
        start = month_end(today.year, today.month + ahead).replace(day=1)
    else:
        start = date(year or today.year, int(match["m"]), 1)
        if year is None and month_end(start.year, start.month) < today:
            start = start.replace(year=today.year + 1)
    number = match["md"] or match["mb"]
    if number and match["mr"] and match["mb"] and len(number) < 2:
        number = None
    if number:
        return _month_day(match, start, int(number), fixed=bool(match["mr"] or year), today=today)
    return _month_piece(match, start, today)


def _month_day(match: re.Match[str], start: date, number: int, *, fixed: bool, today: date) -> Span | None:
    day = day_of(start.year, start.month, number) if fixed else next_month_day(today, start.month, number)
    return span_of(match, day, day, numbered=True, past=day is not None and day < today)


def _month_piece(match: re.Match[str], start: date, today: date) -> Span | None:
    end = month_end(start.year, start.month)
    past = end < today
    if match["ml"]:
        day = nth_weekday(start.year, start.month, WEEKDAYS.index(match["ml"]), -1)
        return span_of(match, day, day, past=past)
    if match["mn"]:
        nth = 1 if match["mn"] == "一" else int(match["mn"])
        if match["mw"] == "周":
            sunday = nth_weekday(start.year, start.month, 0, nth) if nth > 1 else _first_week(start)
            return span_of(match, sunday, sunday + DAY * 6 if sunday else None, past=past)
        if match["mw"] == "工作日":
            return span_of(match, next_workday(start - DAY, nth), past=past)
        day = nth_weekday(start.year, start.month, WEEKDAYS.index(match["mw"]), nth)
        return span_of(match, day, day, past=past)
    if match["mv"]:
        return span_of(match, start, end, vague=True, past=past)
    part = (match["mp"] or "").lstrip("月")
    first, last = _part_of_month(start, part)
    ahead = not part and not (match["mr"] or "").startswith("这")
    return span_of(match, first, last, vague=ahead, past=last < today)


def _first_week(start: date) -> date:
    """The Monday of the week in which most of the first days of a month lie: its Thursday is in the month."""
    first = monday(start)
    return first if (first + DAY * 3).month == start.month else first + DAY * 7


def _part_of_month(start: date, part: str) -> tuple[date, date]:
    end = month_end(start.year, start.month)
    if part in ("初", "上旬"):
        return start, start.replace(day=10)
    if part == "中":
        return start.replace(day=15), start.replace(day=15)
    if part.endswith("月"):
        return (start, start.replace(day=15)) if part[0] in "上前" else (start.replace(day=16), end)
    if part == "中旬":
        return start.replace(day=11), start.replace(day=20)
    if part == "下旬":
        return start.replace(day=21), end
    return (end if part else start), end


def _monthpart(match: re.Match[str], base: date, at: datetime) -> Span | None:
    today, part = base, match["pp"] or match["pq"] or match["pr"]
    first, last = _part_of_month(today.replace(day=1), part)
    if last < today:
        first, last = _part_of_month(month_end(today.year, today.month) + DAY, part)
    return span_of(match, first, last)


def _rel(match: re.Match[str], base: date, at: datetime) -> Span | None:
    word, today = match["rd"], at.date()
    if word.endswith("后天") and not word.startswith("明"):
        ahead = 2 + word.count("大")
    elif word.endswith("前天"):
        ahead = -2 - word.count("大")
    elif word.startswith("明后"):
        ahead = 2
    else:
        ahead = {"明天": 1, "昨天": -1, "第2天": 1, "隔天": 1}.get(word, 1 if word.startswith("今明") else 0)
    day = today + DAY * ahead
    return span_of(match, day, day, past=ahead < 0)


def _week(match: re.Match[str], base: date, at: datetime) -> Span | None:
    today = at.date()
    start = monday(today)
    if match["ar"]:
        return _whole_week(match, start + DAY * 7 * periods_on(match["ar"]), today)
    if not match["wd"]:
        last = start + DAY * (6 + 7 * periods_on(match["er"] or ""))
        return span_of(match, last - DAY, last, past=last < today)
    weekday, rel = WEEKDAYS.index(match["wd"]), match["wr"] or ""
    if not rel:
        today, start = base, monday(base)
    day = start + DAY * (weekday + 7 * periods_on(rel))
    past = rel.startswith("上")
    over = rel.startswith("这") and day < today
    if not past and ((not rel and day <= today) or day < today):
        day += DAY * 7
    return span_of(match, day, day, vague=over, past=past, weekday=True)


def _whole_week(match: re.Match[str], start: date, today: date) -> Span | None:
    part, end = match["ap"] or "", start + DAY * 6
    if match["aw"]:
        return span_of(match, next_workday(start - DAY), past=end < today)
    if part == "初":
        return span_of(match, start, start + DAY * 2, vague=True, past=end < today)
    if part == "中":
        return span_of(match, start + DAY * 2, start + DAY * 2, past=end < today)
    ahead = start > today and not part
    return span_of(match, max(start, today), end, vague=ahead, past=end < today)


def _slash(match: re.Match[str], base: date, at: datetime) -> Span | None:
    month, number = int(match["sm"]), int(match["sd"])
    in_range = match["sx"] and "-" in match[0]
    day = next_numbered(base, number) if in_range else next_month_day(at.date(), month, number)
    return span_of(match, day, day, numbered=True)


def _number(match: re.Match[str], base: date, at: datetime) -> Span | None:
    day = next_numbered(base, int(match["nn"]))
    return span_of(match, day, day, numbered=True)


def _before(match: re.Match[str], base: date, at: datetime) -> Span | None:
    return span_of(match, at.date() - DAY, at.date() - DAY, past=True)


def _vague(match: re.Match[str], base: date, at: datetime) -> Span | None:
    return span_of(match, at.date(), at.date(), vague=True)


_READERS: dict[str, Reader] = {
    "compact": _compact,
    "iso": _iso,
    "lunar": lunar_day,
    "ordinal": ordinal,
    "month": _month,
    "monthpart": _monthpart,
    "rel": _rel,
    "week": _week,
    "count": counted,
    "feast": feast,
    "newyear": new_year,
    "holiday": public_holiday,
    "quarter": quarter,
    "year": whole_year,
    "slash": _slash,
    "number": _number,
    "first": first_days,
    "before": _before,
    "vague": _vague,
}

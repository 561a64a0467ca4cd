"""Periods as offices write them: 2026Q3, 7-9月, 2026年第三季度, 202607-202609, Jul-Sep 2026, 2026年度 …"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.flows.importing.cells import MONTHS


@dataclass(frozen=True, slots=True)
class Period:
    """A span of local dates, both ends included. ``name`` is the same for every way of writing the same span."""

    first: date
    last: date

    @property
    def name(self) -> str:
        return _name(self.first, self.last)


@lru_cache(maxsize=4_096)
def _name(first: date, last: date) -> str:
    whole = first.day == 1 and last == month_end(last.year, last.month)
    if not whole:
        return f"{first.isoformat()}~{last.isoformat()}"
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months == 1:
        return f"{first:%Y-%m}"
    if months == 3 and first.month % 3 == 1:
        return f"{first.year}Q{first.month // 3 + 1}"
    if months == 6 and first.month in (1, 7):
        return f"{first.year}H{1 if first.month == 1 else 2}"
    if months == 12 and first.month == 1:
        return str(first.year)
    return f"{first:%Y-%m}~{last:%Y-%m}"


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


@dataclass(frozen=True, slots=True)
class Years:
    """Which year a period without one means: the one told around it, else the latest that has begun."""

    told: int | None
    today: date

    def of(self, month: int) -> int:
        if self.told is not None:
            return self.told
        reach = self.today.year * 12 + self.today.month + 1
        return self.today.year if self.today.year * 12 + month <= reach else self.today.year - 1


_SEP = r" ?(?:-|~|to|至|到|—|–|―) ?"
_Y = r"(?P<y>(?:19|20)\d{2}|(?<!\d)2\d(?=年|q|h|第|上|下))"
_Y2 = r"(?P<y2>(?:19|20)\d{2})"
_M = r"(?P<m>1[0-2]|0?[1-9])"
_M2 = r"(?P<m2>1[0-2]|0?[1-9])"
_WORD = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_MON = rf"(?P<mon>{_WORD})(?![a-z])\.?"
_MON2 = rf"(?P<mon2>{_WORD})(?![a-z])\.?"
_D = r"(?P<d>3[01]|[12]\d|0?[1-9])"
_D2 = r"(?P<d2>3[01]|[12]\d|0?[1-9])"
_ORDINAL = {"first": "1", "second": "2", "third": "3", "fourth": "4", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4"}

_FORMS: list[tuple[str, str]] = [
    ("days", rf"{_Y}[-/.年]{_M}[-/.月]{_D}[日号]?{_SEP}(?:{_Y2}[-/.年])?{_M2}[-/.月]{_D2}[日号]?(?!\d)"),
    ("days", r"(?P<y>20\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)"
        + _SEP + r"(?P<y2>20\d{2})(?P<m2>0[1-9]|1[0-2])(?P<d2>[0-3]\d)(?!\d)"),
    ("months", rf"{_Y}[-/.年]{_M}月?份?{_SEP}{_Y2}[-/.年]{_M2}月?份?(?!\d)"),
    ("months", rf"{_Y}年{_M}月?份?{_SEP}{_M2}月?份?(?!\d)"),
    ("months", rf"{_Y}[/.]{_M}月?份?{_SEP}{_M2}月?份?(?!\d)"),
    ("months", r"(?P<y>20\d{2})(?P<m>0[1-9]|1[0-2])" + _SEP + r"(?P<y2>20\d{2})(?P<m2>0[1-9]|1[0-2])(?!\d)"),
    ("months", r"(?P<y>20\d{2})(?P<m>0[1-9]|1[0-2])" + _SEP + r"(?P<m2>0[1-9]|1[0-2])(?!\d)"),
    ("months", rf"{_MON}{_SEP}{_MON2}[,'/ -]*(?P<y>(?:20)?\d{{2}})(?!\d)"),
    ("months", rf"(?P<y>20\d{{2}})[-/, ]*{_MON}{_SEP}{_MON2}"),
    ("quarter", rf"{_Y}年?度?[-/._ ]?(?:第)?(?P<q>[1-4])(?:个?季度?| ?quarter)"),
    ("quarter", r"(?P<y>(?:19|20)\d{2}|(?<!\d)2\d)年?[-/._' ]?q(?P<q>[1-4])(?!\d)"),
    ("quarter", r"(?P<q>[1-4]) ?(?:quarter|季度?)(?: ?of)?[-/, ]*(?P<y>20\d{2})年?"),
    ("quarter", r"(?<![a-z])q(?P<q>[1-4])[-/._', ]*(?:fy)?(?P<y>20\d{2}|\d{2})(?!\d)"),
    ("quarter", r"(?<!\d)(?P<q>[1-4])q[-/._']?(?P<y>20\d{2}|\d{2})(?!\d)"),
    ("half", rf"{_Y}年?度?[-/._]?(?P<h>上|下)半年"),
    ("half", r"(?P<y>(?:19|20)\d{2}|(?<!\d)2\d)[-/._]?h(?P<h>[12])(?!\d)"),
    ("half", r"(?<![a-z])h(?P<h>[12])[-/._']?(?P<y>20\d{2})(?!\d)"),
    ("months", rf"{_Y}年?{_M}(?:[、,]\d{{1,2}})*[、,]{_M2}月份?"),
    ("month", rf"{_Y}年{_M}(?:月份?|期)?"),
    ("month", rf"(?P<y>(?:19|20)\d{{2}})[-/.]{_M}[-/.](?:3[01]|[12]\d|0?[1-9])(?!\d)"),
    ("month", rf"(?P<y>(?:19|20)\d{{2}})[-/.]{_M}月?份?(?![\d/.-]\d|\d)"),
    ("month", r"(?<!\d)(?P<y>20\d{2})(?P<m>0[1-9]|1[0-2])(?!\d)"),
    ("month", rf"(?<![a-z]){_MON}[-/,' ]*(?P<y>20\d{{2}}|(?<=['-])\d{{2}})(?!\d)"),
    ("month", rf"(?P<y>20\d{{2}})[-/, ]*{_MON}"),
    ("months", rf"(?<!\d){_M}月份?{_SEP}{_M2}月份?"),
    ("months", rf"(?<!\d){_M}{_SEP}{_M2}月份?"),
    ("months", rf"\({_M}{_SEP}{_M2}\)"),
    ("months", rf"(?<!\d){_M}(?:[、,]\d{{1,2}})*[、,]{_M2}月份?"),
    ("months", rf"(?<![a-z]){_MON}{_SEP}{_MON2}"),
    ("quarter", r"(?:第)?(?P<q>[1-4])(?:个?季度|季(?!节)|quarter)"),
    ("quarter", r"(?<![a-z])q(?P<q>[1-4])(?!\d)|(?<!\d)(?P<q_>[1-4])q(?![a-z])"),
    ("half", r"(?P<h>上|下)半年"),
    ("half", r"(?<![a-z])h(?P<h>[12])(?!\d)"),
    ("month", rf"(?<!\d){_M}月份?"),
    ("month", rf"(?<![a-z]){_MON}"),
    ("year", r"(?<!\d)(?P<y>(?:19|20)\d{2})(?:全年|年度?|)(?!\d)"),
    ("year", r"(?<!\d)(?P<y>2\d)年度?"),
]  # fmt: skip
_COMPILED = [(kind, re.compile(form)) for kind, form in _FORMS]
_DIGITS = str.maketrans("一二三四五六七八九〇零", "12345678900")


def normal(said: str) -> str:
    """Folded text, blanks kept only between Latin words, Chinese numerals of months, quarters and years as digits."""
    flat = re.sub(r"(?<=[a-z)'])\s+(?=[a-z0-9(])|(?<=[0-9])\s+(?=[a-z0-9])", "\0", said.lower())
    flat = re.sub(r"\s+", "", flat).replace("\0", " ")
    flat = re.sub(r"(?<![一二三四五六七八九])十([一二])(?=月)", lambda m: "1" + m[1].translate(_DIGITS), flat)
    flat = re.sub(r"十(?=月)", "10", flat)
    flat = re.sub(r"[二〇零一三四五六七八九]{4}(?=年)", lambda m: m[0].translate(_DIGITS), flat)
    flat = re.sub(r"[一二三四五六七八九](?=月|个?季)", lambda m: m[0].translate(_DIGITS), flat)
    flat = re.sub(
        r"[一二三四五六七八九](?=(?:月?份?)[-~至到][一二三四五六七八九\d]{1,2}月)",
        lambda m: m[0].translate(_DIGITS),
        flat,
    )
    for word, digit in _ORDINAL.items():
        flat = flat.replace(f"{word} quarter", f"{digit}quarter")
    return flat


@lru_cache(maxsize=16_384)
def find(said: str, years: Years) -> tuple[Period, str] | None:
    """The first period the text names and what is left without it; None when it names none."""
    flat = normal(said)
    for kind, form in _COMPILED:
        for match in form.finditer(flat):
            period = _span(kind, {k: v for k, v in match.groupdict().items() if v}, years)
            if period is not None:
                return period, flat[: match.start()] + flat[match.end() :]
    return None


def _span(kind: str, said: dict[str, str], years: Years) -> Period | None:
    return _BUILD[kind](said, years)


def _year(said: str | None) -> int | None:
    if said is None:
        return None
    return int(said) if len(said) == 4 else 2000 + int(said)


def _months(said: dict[str, str], years: Years) -> Period | None:
    first, last = _month(said, ""), _month(said, "2")
    year, year2 = _year(said.get("y")), _year(said.get("y2"))
    if "mon" in said and year is not None and first > last:
        year, year2 = year - 1, year
    start = year if year is not None else years.of(first)
    end = year2 if year2 is not None else start + (1 if last < first else 0)
    if (end, last) < (start, first) or end - start > 5:
        return None
    return Period(date(start, first, 1), month_end(end, last))


def _month(said: dict[str, str], which: str) -> int:
    word = said.get("mon" + which)
    return MONTHS.index(word[:3]) + 1 if word else int(said["m" + which])


def _one_month(said: dict[str, str], years: Years) -> Period | None:
    month = _month(said, "")
    year = _year(said.get("y")) or years.of(month)
    return Period(date(year, month, 1), month_end(year, month))


def _quarter(said: dict[str, str], years: Years) -> Period | None:
    quarter = int(said.get("q") or said["q_"])
    year = _year(said.get("y")) or years.of(quarter * 3 - 2)
    return Period(date(year, quarter * 3 - 2, 1), month_end(year, quarter * 3))


def _half(said: dict[str, str], years: Years) -> Period | None:
    first = 1 if said["h"] in ("上", "1") else 7
    year = _year(said.get("y")) or years.of(first)
    return Period(date(year, first, 1), month_end(year, first + 5))


def _one_year(said: dict[str, str], years: Years) -> Period | None:
    year = _year(said["y"])
    assert year is not None
    return Period(date(year, 1, 1), date(year, 12, 31)) if 1990 <= year <= 2100 else None


def _days(said: dict[str, str], years: Years) -> Period | None:
    year = _year(said["y"]) or years.today.year
    try:
        first = date(year, int(said["m"]), int(said["d"]))
        last = date(_year(said.get("y2")) or year, int(said["m2"]), int(said["d2"]))
    except ValueError:
        return None
    return Period(first, last) if first <= last else None


_BUILD: dict[str, Callable[[dict[str, str], Years], Period | None]] = {
    "days": _days,
    "months": _months,
    "month": _one_month,
    "quarter": _quarter,
    "half": _half,
    "year": _one_year,
}


def year_told(said: str) -> int | None:
    """A year a title or a sheet's name tells, e.g. 2026年收费大表."""
    match = re.search(r"(?<!\d)(20\d{2})(?!\d)", normal(said)) or re.search(r"(?<!\d)(2\d)(?=年)", normal(said))
    return _year(match[1]) if match else None

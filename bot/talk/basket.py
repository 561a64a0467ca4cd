"""What is owed, frozen: the lines a message speaks of, and how they are said in each language."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.talk.money import EN_MONTHS, day, money

KINDS: dict[str, dict[str, str]] = {
    "management": {"zh-Hans": "物业费", "zh-Hant": "物業管理費", "en": "management fee"},
    "repair_fund": {"zh-Hans": "维修资金", "zh-Hant": "維修基金", "en": "repair fund"},
    "water": {"zh-Hans": "水费", "zh-Hant": "水費", "en": "water"},
    "electricity": {"zh-Hans": "电费", "zh-Hant": "電費", "en": "electricity"},
    "gas": {"zh-Hans": "燃气费", "zh-Hant": "煤氣費", "en": "gas"},
    "parking": {"zh-Hans": "停车费", "zh-Hant": "停車費", "en": "parking"},
    "other": {"zh-Hans": "其他费用", "zh-Hant": "其他費用", "en": "other charges"},
}

_JSON = json.JSONEncoder(ensure_ascii=False)
_QUARTER = re.compile(r"^(\d{4})[-年 ]?Q([1-4])$", re.IGNORECASE)
_MONTH = re.compile(r"^(\d{4})-(\d{1,2})$")
_MONTHS = re.compile(r"^(\d{4})-(\d{1,2})(?:\.\.|/|~|至|到)(\d{4})-(\d{1,2})$")
_YEAR = re.compile(r"^(\d{4})$")


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One charge still open: the unit's code, kind and period, local due date, open principal and late fee in fen."""

    account: str
    kind: str
    period: str
    due_on: date
    open_fen: int
    late_fee_fen: int = 0


@dataclass(frozen=True, slots=True)
class Basket:
    """The charges a message speaks of as the ledger knew them on the local date `as_of`; kept as evidence (I8)."""

    lines: tuple[BasketLine, ...]
    as_of: date

    @property
    def principal(self) -> int:
        """Open principal, in fen."""
        return sum(line.open_fen for line in self.lines)

    @property
    def late_fee(self) -> int:
        """Late fee, in fen."""
        return sum(line.late_fee_fen for line in self.lines)

    @property
    def total(self) -> int:
        """Principal and late fee together, in fen."""
        return self.principal + self.late_fee

    @property
    def oldest_due(self) -> date:
        """The earliest local due date; `as_of` when nothing is open."""
        return min((line.due_on for line in self.lines), default=self.as_of)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The units' codes, each once, in the order of the lines."""
        return tuple(dict.fromkeys(line.account for line in self.lines))

    def to_json(self) -> str:
        """The basket as one JSON text, the same for the same basket."""
        lines = [
            {"account": line.account, "due_on": line.due_on.isoformat(), "kind": line.kind,
             "late_fee_fen": line.late_fee_fen, "open_fen": line.open_fen, "period": line.period}
            for line in self.lines
        ]  # fmt: skip
        return _JSON.encode({"as_of": self.as_of.isoformat(), "lines": lines})

    @staticmethod
    def from_json(text: str) -> Basket:
        """The basket of a JSON text made by `to_json`; ValueError, KeyError or TypeError if it is none."""
        kept = json.loads(text)
        lines = tuple(BasketLine(**{**line, "due_on": date.fromisoformat(line["due_on"])}) for line in kept["lines"])
        return Basket(lines, date.fromisoformat(kept["as_of"]))


def kind_words(kind: str, locale: str) -> str:
    """A kind of charge in words; a kind we do not know is said as it is written."""
    names = KINDS.get(kind)
    return names.get(locale, names["zh-Hans"]) if names else kind


@lru_cache(maxsize=1024)
def period_words(period: str, locale: str, *, this_year: int | None = None) -> str:
    """A period in words: 2026Q3 → 2026年7至9月 (without the year if it is this one); else as the ledger writes it."""
    span = _span(period)
    if span is None:
        return period
    first, last = span
    if locale == "en":
        return _english_span(first, last)
    year = "" if first[0] == last[0] == this_year else f"{first[0]}年"
    if (first[1], last[1]) == (1, 12) and first[0] == last[0]:
        return f"{first[0]}年"
    if first == last:
        return f"{year}{first[1]}月"
    return f"{year}{first[1]}至{last[1]}月" if first[0] == last[0] else f"{year}{first[1]}月至{last[0]}年{last[1]}月"


def _span(period: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """First and last month of a period as (year, month), or None if it is written some other way."""
    text = period.strip()
    if found := _QUARTER.match(text):
        year, quarter = int(found.group(1)), int(found.group(2))
        return (year, quarter * 3 - 2), (year, quarter * 3)
    if found := _MONTHS.match(text):
        years_months = [int(part) for part in found.groups()]
        span = (years_months[0], years_months[1]), (years_months[2], years_months[3])
        return span if all(1 <= month <= 12 for _, month in span) else None
    if found := _MONTH.match(text):
        month = int(found.group(1)), int(found.group(2))
        return (month, month) if 1 <= month[1] <= 12 else None
    if found := _YEAR.match(text):
        return (int(text), 1), (int(text), 12)
    return None


def _english_span(first: tuple[int, int], last: tuple[int, int]) -> str:
    start, end = EN_MONTHS[first[1] - 1][:3], EN_MONTHS[last[1] - 1][:3]
    if first[0] != last[0]:
        return f"{start} {first[0]}-{end} {last[0]}"
    if (first[1], last[1]) == (1, 12):
        return str(first[0])
    return f"{start} {first[0]}" if first == last else f"{start}-{end} {first[0]}"


def line_words(line: BasketLine, locale: str, *, with_unit: str = "") -> str:
    """One charge as a line of a list: period, kind, amount, due day, and the late fee if there is one."""
    period, kind = period_words(line.period, locale), kind_words(line.kind, locale)
    due, amount = day(line.due_on, locale), money(line.open_fen, locale)
    if locale == "en":
        late = f", late fee {money(line.late_fee_fen, locale)}" if line.late_fee_fen else ""
        return f"- {with_unit}{', ' if with_unit else ''}{kind} {period}: {amount}, due {due}{late}"
    late_word = "违约金" if locale == "zh-Hans" else "違約金"
    late = f"，{late_word}{money(line.late_fee_fen, locale)}" if line.late_fee_fen else ""
    return f"· {with_unit}{' ' if with_unit else ''}{period}{kind} {amount}，{due}到期{late}"

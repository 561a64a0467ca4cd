"""A time of the day that stands alone: 晚上转你, 8点前, at 8pm. It is today's, or tomorrow's once it is over."""

from __future__ import annotations

import re
from datetime import datetime

from bot.talk.lazily import lazily
from bot.talk.spans import DAY, Span, span_of

_PART = lazily(
    r"(?<![每天日有某])(?P<part>早上|上午|中午|下午|傍晚|晚上|夜里|晚点(?=[交付转]))(?![都也经好])"
    r"(?:的?(?P<hour>1\d|2[0-4]|\d)(?=[点:时]))?"
)
_HAN_HOUR = lazily(
    r"(?<![\d:.晚早迟快慢有差多少好])(?P<hour>1\d|2[0-4]|[3-9])点(?![几多儿意要建]|\d{3})(?!.{0,3}(?:上班|下班|开门|关门|营业|停水|停电))"
)
_OVER_AT = {"早上": 10, "上午": 12, "中午": 14, "下午": 18, "傍晚": 20}
_CLOCK = lazily(
    r"(?a)\b(?:(?P<h>1[0-2]|0?[1-9])(?::(?P<min>[0-5]\d))?\s?(?P<half>[ap])\.?m\b|(?P<h24>2[0-3]|[01]?\d):(?P<min24>[0-5]\d)"
    r"|midnight|noon)"
)
_MONTH_AHEAD = lazily(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s$")


def by_the_clock(text: str, at: datetime) -> list[Span]:
    """The day of a time of the day, for a normalised sentence that names no other time; at most one span."""
    found, minutes = _chinese(text) or _english(text)
    if found is None:
        return []
    over = minutes < at.hour * 60 + at.minute or minutes >= 24 * 60
    return [span for span in [span_of(found, at.date() + DAY * over)] if span]


def _chinese(text: str) -> tuple[re.Match[str] | None, int] | None:
    found = _PART.search(text)
    if found is None:
        hour = _HAN_HOUR.search(text)
        return (hour, 24 * 60 - 1) if hour else None
    if not found["hour"]:
        return found, _OVER_AT.get(found["part"], 24) * 60 - 1
    hours = int(found["hour"])
    return found, (hours + 12 * (hours < 12 and found["part"] in ("中午", "下午", "傍晚", "晚上", "夜里"))) * 60


def _english(text: str) -> tuple[re.Match[str] | None, int]:
    times = list(_CLOCK.finditer(text))
    if not times or _MONTH_AHEAD.search(text, 0, times[0].start()):
        return None, 0
    last = times[-1] if times[-1]["half"] else times[0]
    if last[0] in ("midnight", "noon"):
        return last, 24 * 60 if last[0] == "midnight" else 12 * 60
    hour = int(last["h24"] or last["h"])
    hour = hour % 12 + 12 * (last["half"] == "p") if last["half"] else hour
    return last, hour * 60 + int(last["min"] or last["min24"] or 0)

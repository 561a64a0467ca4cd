"""The reader of the Chinese grammar for so many days, weeks, months from now: 三天后, 两周内, 大概一周吧."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from bot.talk.festivals import next_workday
from bot.talk.spans import DAY, Span, add_months, monday, month_end, span_of

_SECONDS = {"小时": 3600, "刻钟": 900, "分钟": 60, "秒钟": 1, "秒": 1}
_ROUND_ABOUT = re.compile(
    r"(?:大概|大约|最多|最晚|顶多|差不多|再|就行|就|等|还要|还得|要|可能|估计|好的|好[吗不]|好|行[吗不]|行|嗯|左右|上下|吧|之内|可以[吗不]|[,。!?~\s])*+"
)


def counted(match: re.Match[str], base: date, at: datetime) -> Span | None:
    """A count of units ahead; vague for a few of them."""
    unit, prefix, suffix = match["cu"], match["cp"] or "", match["cs"] or ""
    if unit == "月" and not (match["cg"] or match["cn"] == "半" or (match["cn"] == "几" and prefix)):
        return None
    idle = match["cn"] == "2" and unit == "天" and prefix == "过" and not suffix
    if match["cn"] in ("几", "数") or idle:
        return span_of(match, at.date(), at.date(), vague=True)
    if not (prefix or suffix.endswith(("后", "内", "里")) or suffix == "时间" or _stands_alone(match)):
        return None
    count = 0 if match["cn"] == "半" else int(match["cn"])
    half = match["cn"] == "半" or bool(match["ch"] or match["ct"])
    last = _ahead_by(at, count, half, unit, whole=prefix == "下")
    return span_of(match, at.date(), last) if last else None


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether a count is all the message says, so that it answers how long: 大概一周吧."""
    if match["cu"] in ("月", "季度", "年") and match["cn"] not in ("半", "1"):
        return False
    rest = match.string[: match.start()] + match.string[match.end() :]
    return _ROUND_ABOUT.fullmatch(rest) is not None


def _ahead_by(at: datetime, count: int, half: bool, unit: str, *, whole: bool) -> date | None:
    today = at.date()
    if count > 4000:
        return None
    if unit in ("工作日", "交易日"):
        return next_workday(today, min(count, 400))
    if unit in _SECONDS:
        return (at + timedelta(seconds=(count + half / 2) * _SECONDS[unit])).date()
    if unit in ("天", "日"):
        return today + DAY * count
    if unit == "周":
        return monday(today) + DAY * (7 * count + 6) if whole else today + DAY * (7 * count + (3 if half else 0))
    months = {"月": 1, "季度": 3, "年": 12}[unit] * count
    if months > 12 * 80:
        return None
    if whole:
        return date(today.year + count, 12, 31) if unit == "年" else month_end(today.year, today.month + months)
    if unit == "年" and half:
        return add_months(today, months + 6)
    return add_months(today, months) + DAY * (15 if half else 0)

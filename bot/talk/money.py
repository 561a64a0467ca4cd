"""Money and days as owners read them: integer fen and local dates in, words of one locale out."""

from __future__ import annotations

from datetime import date

FORMS = ("text", "field")
DAY_STYLES = ("full", "weekday", "short")

_ZH_WEEKDAYS = {
    "zh-Hans": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    "zh-Hant": ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"],
}
_EN_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
EN_MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def yuan(fen: int, *, always_cents: bool = False, commas: bool = True) -> str:
    """The figure in yuan without a sign for the currency: 48600 → "486", 123450 → "1,234.50"."""
    whole, cents = divmod(abs(fen), 100)
    figure = f"{whole:,}" if commas else str(whole)
    if cents or always_cents:
        figure += f".{cents:02d}"
    return f"-{figure}" if fen < 0 else figure


def money(fen: object, locale: str, form: str = "text") -> str:
    """An amount in fen as the locale writes it: "486元", "RMB 486.00"; in a WeChat amount field "￥486.00".

    Raises TypeError for anything but a whole number of fen (a float never passes for money).
    """
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise TypeError("money is a whole number of fen")
    if form == "field":
        return f"￥{yuan(fen, always_cents=True, commas=False)}"
    return f"RMB {yuan(fen, always_cents=True)}" if locale == "en" else f"{yuan(fen)}元"


def day(when: object, locale: str, form: str = "text", style: str = "full") -> str:
    """A local date as the locale writes it: 2026年12月4日, with style "weekday" 2026年12月4日（周五）, "short" 12月4日.

    Raises TypeError for anything but a date.
    """
    if not isinstance(when, date):
        raise TypeError("a day is a local date")
    if form == "field":
        return f"{when.year}年{when.month}月{when.day}日"
    return _english_day(when, style) if locale == "en" else _chinese_day(when, locale, style)


def _chinese_day(when: date, locale: str, style: str) -> str:
    short = f"{when.month}月{when.day}日"
    if style == "short":
        return short
    weekday = _ZH_WEEKDAYS.get(locale, _ZH_WEEKDAYS["zh-Hans"])[when.weekday()]
    return f"{when.year}年{short}（{weekday}）" if style == "weekday" else f"{when.year}年{short}"


def _english_day(when: date, style: str) -> str:
    short = f"{when.day} {EN_MONTHS[when.month - 1]}"
    if style == "short":
        return short
    return f"{_EN_WEEKDAYS[when.weekday()]} {short} {when.year}" if style == "weekday" else f"{short} {when.year}"

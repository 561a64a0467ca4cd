"""What WeChat lets into a template's typed fields (thing1, amount2 …); over-long ones it cuts without a word."""

import re
import unicodedata

LONGEST: dict[str, int] = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "phone_number": 17,
    "car_number": 8,
    "phrase": 5,
    "const": 20,
}
"""Characters per kind of field."""

_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
_HOUR = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DATED = rf"{_DAY}( {_HOUR})?"
_MOMENT = rf"({_DATED}|{_HOUR})"

SHAPE: dict[str, re.Pattern[str]] = {
    "number": re.compile(r"-?\d+(\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]+"),
    "character_string": re.compile(r"[!-~]+"),
    "amount": re.compile(r"[￥¥$€£]?\d{1,10}(\.\d{1,2})?元?"),
    "symbol": re.compile(r"[^\w\s]+"),
    "phone_number": re.compile(r"[\d+\-() ]+"),
    "phrase": re.compile(r"[\u3400-\u9fff]+"),
    "date": re.compile(rf"{_DATED}(~{_DATED})?"),
    "time": re.compile(rf"{_MOMENT}(~{_MOMENT})?"),
}
BREAKS = {"Cc", "Zl", "Zp"}
"""Unicode categories of control characters and line and paragraph separators."""
CUTTABLE = {"thing", "name"}
"""Free words: a shortened one still says the truth."""


def kind(key: str) -> str:
    """The kind in a field's key: ``thing12`` is a ``thing``."""
    return key.rstrip("0123456789")


def longest(key: str, value: str = "") -> int | None:
    """Most characters of a field, None where only its shape counts. A name has 10, or 20 if all in Latin letters."""
    if kind(key) == "name":
        return 20 if value.isascii() else 10
    return LONGEST.get(kind(key))


def problem(key: str, value: str) -> str | None:
    """Why WeChat would refuse or cut this value, in words without the value itself; None if it is fine."""
    if not value.strip():
        return "is empty"
    if any(unicodedata.category(c) in BREAKS for c in value):
        return "has a line break or control character"
    limit = longest(key, value)
    if limit is not None and len(value) > limit:
        return f"has {len(value)} of at most {limit} characters"
    shape = SHAPE.get(kind(key))
    if shape is not None and not shape.fullmatch(value):
        return f"is not a {kind(key)} as WeChat writes it"
    return None


def fit(key: str, value: str) -> str:
    """The value on one line and, where its kind is free words, cut to its limit with an ellipsis."""
    line = " ".join("".join(" " if unicodedata.category(c) in BREAKS else c for c in value).split())
    limit = longest(key, line)
    if kind(key) in CUTTABLE and limit is not None and len(line) > limit:
        return line[: limit - 1] + "…"
    return line

"""How long a text may be on each channel (the providers' limits, each with its source)."""

from __future__ import annotations

import re

SMS_MOST_SEGMENTS = 3
TELEGRAM_MOST = 4096
"""Bot API sendMessage: 1–4096 characters."""
WECHAT_TEXT_MOST = 600
"""Customer-service text: the provider allows 2,048 bytes, which 600 Chinese characters (three bytes each) fill."""
WORDING_MOST = 8_000
"""A wording is a few sentences; a longer file is refused before it is parsed."""

_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = set("^{}\\[~]|€")

FIELD_MOST = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "time": 24,
    "date": 24,
    "phone_number": 17,
    "car_number": 8,
    "name": 10,
    "phrase": 5,
    "const": 20,
}
"""Most characters of a WeChat template field by kind (provider's table for subscription messages; category templates
are held to the same). `amount` is one currency sign and at most ten digits."""
_FIELD_KEY = re.compile(r"^([a-z_]+?)(\d{1,2})$")
_AMOUNT = re.compile(r"^[￥¥$]?\d{1,10}(\.\d{1,2})?元?$")
_TIME = re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日( \d{1,2}:\d{2})?$|^\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?$")


def units(text: str) -> int:
    """Length as phones count it: UTF-16 code units, so an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def sms_segments(text: str) -> int:
    """How many SMS a text costs: GSM-7 160, then 153 each; with any other character UCS-2 70, then 67 each."""
    if all(char in _GSM or char in _GSM_DOUBLE for char in text):
        return _pieces(sum(2 if char in _GSM_DOUBLE else 1 for char in text), 160, 153)
    return _pieces(units(text), 70, 67)


def _pieces(length: int, alone: int, joined: int) -> int:
    return 1 if length <= alone else -(-length // joined)


def field_kind(key: str) -> str | None:
    """The kind in a WeChat field's key (`thing4` → thing), or None if it is no key the provider knows."""
    found = _FIELD_KEY.match(key)
    kind = found.group(1) if found else None
    return kind if kind == "amount" or kind in FIELD_MOST else None


def field_fault(key: str, value: str) -> str | None:
    """Why the provider would refuse or cut this value of a template field, in a few words; None if it fits."""
    kind = field_kind(key)
    if kind is None:
        return f"{key} is no field the provider knows (thing1, amount2, time3 …)"
    if not value or "\n" in value:
        return f"{key} must be one line and not empty"
    if kind == "amount":
        digits = sum(char.isdigit() for char in value.split(".")[0])
        return None if _AMOUNT.match(value) and digits <= 10 else f"{key} must be an amount such as ￥486.00"
    if kind in ("time", "date") and not _TIME.match(value):
        return f"{key} must be a day such as 2026年12月1日"
    most = FIELD_MOST[kind]
    return None if len(value) <= most else f"{key} has {len(value)} characters, at most {most} fit"


def fit_field(key: str, value: str) -> str:
    """The value on one line and cut to its field's limit with …, as the provider would cut it, but on purpose."""
    line = " ".join(value.split())
    most = FIELD_MOST.get(field_kind(key) or "", 20)
    if field_kind(key) == "amount" or len(line) <= most:
        return line
    return line[: most - 1] + "…"

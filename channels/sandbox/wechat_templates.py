"""Templates with typed keys (thing1, amount2 …) and the limits of each kind; a breach is 47003."""

import re
from typing import Any

from channels.sandbox.shelves import Record
from channels.sandbox.wechat_words import WeChatError

KEY = re.compile(r"^([a-z_]+?)_?(\d{1,3})$")
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
DATE = r"\d{4}(?:年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
KINDS: dict[str, re.Pattern[str]] = {
    "thing": re.compile(r".{1,20}"),
    "number": re.compile(r"(?=.{1,32}$)-?\d+(\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "character_string": re.compile(r"[\x21-\x7e]{1,32}"),
    "time": re.compile(rf"(?:{DATE} )?{TIME}(?:~(?:{DATE} )?{TIME})?|{DATE}(?: {TIME})?(?:~{DATE}(?: {TIME})?)?"),
    "date": re.compile(rf"{DATE}(?: {TIME})?(?:~{DATE}(?: {TIME})?)?"),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(?:\.\d{1,2})?元?"),
    "phone_number": re.compile(r"[\d+\-() ]{1,17}"),
    "car_number": re.compile(r"[\w一-鿿]{1,8}"),
    "name": re.compile(r"[一-鿿·]{1,10}|[A-Za-z .·]{1,20}"),
    "phrase": re.compile(r"[一-鿿]{1,5}"),
    "const": re.compile(r".{1,20}"),
}
"""By the documentation of 订阅消息 (parameter kinds); category templates have the same kinds."""
DEFAULTS: tuple[Record, ...] = (
    {
        "id": "SANDBOX-FEE-NOTICE",
        "title": "物业缴费通知",
        "keys": ["thing1", "amount2", "time3", "thing4"],
        "kind": "template",
    },
    {"id": "SANDBOX-ONE-TIME", "title": "缴费提醒", "keys": ["thing1", "amount2", "time3"], "kind": "subscribe"},
)


def checked_template(data: dict[str, Any]) -> Record:
    """A template to register. Raises ValueError for an id, a key or a kind that cannot be."""
    name, keys, kind = data.get("id"), data.get("keys"), data.get("kind", "template")
    if not isinstance(name, str) or not name or not isinstance(keys, list) or not keys:
        raise ValueError('a template is {"id", "keys": ["thing1", …], "title"?, "kind"?: "template" | "subscribe"}')
    if kind not in ("template", "subscribe"):
        raise ValueError(f"a template is of kind template or subscribe, not {kind!r}")
    for key in keys:
        kind_of(str(key))
    return {"id": name, "title": str(data.get("title", name)), "keys": [str(key) for key in keys], "kind": kind}


def kind_of(key: str) -> str:
    """The kind in a key such as ``thing1``. Raises ValueError for an unknown one."""
    match = KEY.match(key)
    if not match or match[1] not in KINDS:
        raise ValueError(f"{key!r} is no template key; kinds are {', '.join(KINDS)}, followed by a number")
    return match[1]


def filled(template: Record, data: Any) -> dict[str, str]:
    """The values of a send, each right for its key, none missing, none too many. Raises WeChatError 47001, 47003."""
    if not isinstance(data, dict) or not data:
        raise WeChatError(47001, "data format error")
    for key in template["keys"]:
        if key not in data:
            raise WeChatError(47003, f"argument invalid! data.{key}.value is empty")
    values = {}
    for key, field in data.items():
        if key not in template["keys"]:
            raise WeChatError(47003, f"argument invalid! data.{key} is not in the template")
        values[key] = _value(key, field)
    return values


def _value(key: str, field: Any) -> str:
    if not isinstance(field, dict) or not isinstance(field.get("value"), str) or set(field) - {"value", "color"}:
        raise WeChatError(47001, "data format error")
    value: str = field["value"]
    if not value:
        raise WeChatError(47003, f"argument invalid! data.{key}.value is empty")
    if CONTROL.search(value) or not KINDS[kind_of(key)].fullmatch(value):
        raise WeChatError(47003, f"argument invalid! data.{key}.value invalid")
    return value

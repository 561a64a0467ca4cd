"""The judge of the demo: reads only the sandbox's ledger, its payments and the workbook, never our own tables."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.rules.calendar import Calendar

PROACTIVE_GRACE = timedelta(minutes=5)
THANKS = re.compile(
    r"已(?:经|經)?收到|已(?:缴|繳)清，(?:谢谢|謝謝)|尚有(?:余|餘)款|has arrived|All paid, thank you|Part received"
)
OPEN = {
    "workday": ((time(9, 30), time(12, 0)), (time(14, 30), time(20, 0))),
    "rest": ((time(10, 0), time(12, 0)), (time(15, 0), time(19, 0))),
    "holiday": ((time(10, 0), time(12, 0)), (time(15, 0), time(19, 0))),
}
"""Hours in which an ordinary word may leave (domain.md, defaults); none at the New Year and on 清明."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the world outside recorded."""

    lines: Sequence[dict[str, Any]]
    payments: Sequence[dict[str, Any]]
    owed: dict[str, int]
    """Per unit: all its charges less what the workbook says was paid before, in fen."""
    spoke: Sequence[tuple[str, str, datetime]]
    zone: ZoneInfo
    staff: frozenset[str] = frozenset()
    """Addresses of colleagues: what they are told is no word to an owner."""


def json_lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def is_answer(line: dict[str, Any], spoke: Iterable[tuple[str, str, datetime]]) -> bool:
    """Whether it answers what its receiver had just said."""
    at = datetime.fromisoformat(line["at"])
    return any(
        c == line["channel"] and a == line["to"] and timedelta(0) <= at - w < PROACTIVE_GRACE for c, a, w in spoke
    )


def to_owners(e: Evidence) -> list[dict[str, Any]]:
    """Proactive words to owners: no answers, nothing for the staff."""
    staff = e.staff | {line["to"] for line in e.lines if str(line["to"]).startswith("-")}
    by_person: dict[tuple[str, str], list[tuple[str, str, datetime]]] = {}
    for said in e.spoke:
        by_person.setdefault(said[:2], []).append(said)
    return [
        line
        for line in e.lines
        if line["to"] not in staff
        and line["channel"] != "wecom"
        and not line.get("method", "").lower().startswith("edit")
        and not is_answer(line, by_person.get((line["channel"], line["to"]), ()))
    ]


def after_payment(e: Evidence) -> int:
    """Words that name a unit and say it owes, accepted after all it owed had been paid."""
    left: dict[str, int] = dict(e.owed)
    clear_at: dict[str, Any] = {}
    for paid in sorted(e.payments, key=lambda p: str(p["real_at"])):
        unit = paid["unit"]
        left[unit] = left.get(unit, 0) - int(paid["amount_fen"])
        if left[unit] <= 0:
            clear_at.setdefault(unit, paid["real_at"])
        else:
            clear_at.pop(unit, None)
    count = 0
    for line in to_owners(e):
        named = re.findall(r"[0-9A-Z][0-9A-Za-z]*(?:-[0-9A-Za-z]+)+", line["text"])
        late = [unit for unit in named if unit in clear_at and line["real_at"] > clear_at[unit]]
        count += bool(late) and not THANKS.search(line["text"])
    return count


def duplicates(e: Evidence) -> int:
    """Sends accepted twice: the same id of ours, or without one the same words to the same person within a day."""
    lines = to_owners(e)
    ids = Counter(line["our_id"] for line in lines if line.get("our_id"))
    count = sum(n - 1 for n in ids.values())
    last: dict[tuple[str, str, str], datetime] = {}
    for line in lines:
        key, at = (line["channel"], line["to"], line["text"]), datetime.fromisoformat(line["at"])
        count += key in last and at - last[key] < timedelta(hours=20)
        last[key] = at
    return count


def outside_window(e: Evidence) -> int:
    """Proactive words accepted outside the hours in which we may write."""
    calendar = Calendar()
    count = 0
    for line in to_owners(e):
        local = datetime.fromisoformat(line["at"]).astimezone(e.zone)
        spans = OPEN.get(calendar.kind_of_day(local.date()), ())
        count += not any(begin <= local.time() <= end for begin, end in spans)
    return count


def by_channel(lines: Iterable[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(line["channel"] for line in lines))

"""A shipped policy, a Shanghai calendar and short ways to say facts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.rules.calendar import Calendar
from bot.rules.facts import AccountFacts, Climate, Listener, OpenCharge, Reach, Said
from bot.rules.ladder import decide
from bot.rules.moment import Moment, moment
from bot.rules.policy import Policy, load_policy

SHANGHAI = ZoneInfo("Asia/Shanghai")
LADDER = (Path(__file__).parents[3] / "scripts" / "ladder.yaml").read_text(encoding="utf-8")
CALENDAR = Calendar()
DUE = date(2026, 9, 30)


@lru_cache
def shipped(overrides: str = "{}") -> Policy:
    return load_policy(LADDER, overrides)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A UTC instant from a Shanghai wall clock."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


def now_at(day: date, hour: int = 10, minute: int = 0, policy: Policy | None = None, **kept: Any) -> Moment:
    return moment(policy or shipped(), kept.get("calendar", CALENDAR), kept.get("tz", SHANGHAI), at(day, hour, minute))


def reach(contact_id: int = 11, channel: str = "wechat", proved: bool = True, **kept: Any) -> Reach:
    return Reach(contact_id, channel, proved, **kept)


def listener(person_id: int = 1, role: str = "responsible", *reaches: Reach, **kept: Any) -> Listener:
    return Listener(person_id, role, reaches or (reach(person_id * 10 + 1),), **kept)


def charge(id: int = 1, due_on: date = DUE, open_fen: int = 48_600, **kept: Any) -> OpenCharge:
    return OpenCharge(id, "management", "2026Q3", due_on, open_fen, **kept)


def said(step: str, on: date, occasion: str = "charge:1:0", person_id: int = 1, hour: int = 10) -> Said:
    return Said(step, shipped().step[step].band, occasion, person_id, at(on, hour))


def account(**kept: Any) -> AccountFacts:
    """An account with one charge due on 30 September 2026, one proved WeChat contact, and a book of today."""
    whole: dict[str, Any] = {
        "account_id": 1, "code": "3-2-1201", "segment": "resident", "entered_on": date(2025, 1, 1), "person_id": 1,
        "charges": (charge(),), "listeners": (listener(),), "watermark": date(2099, 1, 1),
    }  # fmt: skip
    return AccountFacts(**(whole | kept))


def climate(**kept: Any) -> Climate:
    return Climate(**({"released": True, "scripts": frozenset(shipped().step)} | kept))


def live(
    facts: AccountFacts,
    first: date,
    days: int,
    policy: Policy | None = None,
    down: Callable[[date], bool] | None = None,
) -> list[tuple[date, str]]:
    """Looks every hour of every day and lets everything that may leave be heard at once: (date, step)."""
    heard: list[tuple[date, str]] = []
    for n in range(days):
        day = first + timedelta(days=n)
        if down is not None and down(day):
            continue
        for hour in (8, 10, 15, 18, 21):
            here = now_at(day, hour, policy=policy)
            main = decide(facts, climate(), here).main
            if hasattr(main, "picks"):
                facts = hear(facts, main.step, main.band, main.occasion, here)
                heard.append((day, main.step))
    return heard


def hear(facts: AccountFacts, step: str, band: str, occasion: str, here: Moment) -> AccountFacts:
    """The facts after the responsible person has heard a step."""
    item = Said(step, band, occasion, 1, here.now)
    first = replace(facts.listeners[0], heard=(*facts.listeners[0].heard, here.now))
    return replace(facts, said=(*facts.said, item), listeners=(first, *facts.listeners[1:]))

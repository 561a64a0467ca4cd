"""The house: the parts a flow works with, chosen once at the start."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from bot.clock import Clock
from bot.flows.letterbox import Letterbox
from bot.rules.calendar import Calendar
from bot.rules.policy import Policy, load_policy
from bot.talk.wording import CommunityProfile
from channels.contract import Channel
from channels.rates import Budget
from store.engine import Store


@lru_cache(maxsize=65_536)
def _local_date(at: datetime, zone: ZoneInfo) -> date:
    """Asked by the million, for a few instants: those of imports and runs."""
    return at.astimezone(zone).date()


@dataclass(slots=True)
class Town:
    """One community as the flows see it."""

    id: int
    name: str
    zone: ZoneInfo
    locale: str
    region: str
    policy: Policy
    calendar: Calendar
    profile: Mapping[str, Any]
    row: Row[Any]

    def today(self, now: datetime) -> date:
        """The local date."""
        return _local_date(now, self.zone)

    def says(self, locale: str) -> CommunityProfile:
        """What the community says of itself, in one locale where it has words for it."""
        words: Mapping[str, str] = self.profile.get("words", {}).get(locale, {})
        ways = words.get("pay_ways") or self.row.pay_ways
        return CommunityProfile(
            name=words.get("name") or self.name,
            service_phone=self.row.service_phone,
            office_hours=words.get("office_hours") or self.row.office_hours,
            contact_person=words.get("contact_person") or self.row.contact_person,
            pay_ways=ways,
            pay_nearest=words.get("pay_nearest") or ways.split("\n")[0],
        )


@dataclass
class House:
    """Store, channels, clock and policy: everything handed to the flows. ``sandbox``: nothing real is reached."""

    store: Store
    clock: Clock
    channels: dict[str, Channel]
    ladder_text: str
    sandbox: bool = False
    public_url: str = "http://127.0.0.1:8400"
    secret: str = ""
    worker: str = "w1"
    budgets: dict[str, Budget] = field(default_factory=dict)
    workers_alive: int = 1
    lease_seconds: int = 120
    concurrency: int = 32
    batch: int = 200
    pinned: dict[tuple[str, str], Policy] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once this process is to end: nothing more is claimed or looked at, what is on the wire is settled."""
    letterbox: Letterbox = field(init=False)

    def __post_init__(self) -> None:
        self.letterbox = Letterbox(self.store)

    def policy(self, overrides: str) -> Policy:
        """The shipped ladder with a community's own numbers laid over it."""
        key = (self.ladder_text, overrides)
        if key not in self.pinned:
            self.pinned[key] = load_policy(self.ladder_text, overrides)
        return self.pinned[key]

    def calendar(self, region: str) -> Calendar:
        if region not in self.calendars:
            self.calendars[region] = Calendar(region)
        return self.calendars[region]

    def town(self, row: Row[Any]) -> Town:
        """A community's row with its policy and calendar."""
        return Town(
            id=row.id, name=row.name, zone=ZoneInfo(row.timezone), locale=row.locale, region=row.region,
            policy=self.policy(row.policy), calendar=self.calendar(row.region), profile=json.loads(row.profile),
            row=row,
        )  # fmt: skip

    def order(self, town: Town) -> tuple[str, ...]:
        """The configured channels in the community's order."""
        wanted: list[str] = town.profile.get("channels") or ["wechat", "telegram", "sms"]
        return tuple(name for name in wanted if name in self.channels)

    def link(self, person_id: int | None, contact_id: int | None, now: datetime) -> str:
        """The owner's page behind a signed, expiring link sent to a contact; empty while no page is served."""
        make = self.memory.get("link")
        return str(make(person_id, contact_id, now)) if make and person_id and contact_id else ""

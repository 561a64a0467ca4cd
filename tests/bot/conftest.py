"""A small estate with a recording channel of each kind, for conversations without any provider."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import SetClock
from bot.flows.dispatch import drain
from bot.flows.hear import hear_all
from bot.flows.house import House
from bot.flows.receive import keep
from bot.flows.words import Book, Version, read_files
from bot.talk.scripts import ScriptBook, is_script, parse_script
from channels.contract import Accepted, Heard, Outgoing, RawRequest, Said, Traits, Verdict
from store import core
from store.engine import Store
from store.talk import put

SCRIPTS = Path(__file__).parents[2] / "scripts"
PHONE = "+8613900000001"


class FakeChannel:
    """A channel that takes everything and remembers it."""

    def __init__(self, name: str, *, buttons: bool, edits: bool = False) -> None:
        self.name = name
        self.traits = Traits(two_way=True, max_length=4000, buttons=buttons, edits=edits, templates=False,
                             free_text_hours=None)  # fmt: skip
        self.sent: list[Outgoing] = []
        self.pressed: list[str] = []

    async def send(self, out: Outgoing) -> Accepted:
        self.sent.append(out)
        return Accepted(f"{self.name}-{len(self.sent)}")

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        return "accepted", provider_id

    async def answer_press(self, press_id: str, text: str = "", alert: bool = False) -> None:
        self.pressed.append(press_id)

    def hear(self, request: RawRequest, now: int) -> Heard:
        return Heard()

    async def close(self) -> None:
        return None


@dataclass
class Owner:
    """One owner with one flat and one contact."""

    person_id: int
    account_id: int
    contact_id: int
    unit: str
    charges: list[int] = field(default_factory=list)


@dataclass
class Estate:
    """A community, its people, and a voice for them."""

    house: House
    store: Store
    clock: SetClock
    community_id: int
    number: int = 0

    async def owner(
        self, unit: str = "3-2-1201", *, phone: str = PHONE, channel: str = "sms", trust: str = "ledger",
        owed: tuple[tuple[str, str, int], ...] = (("management", "2026Q3", 48_600),), person_id: int | None = None,
        name: str = "王小明",
    ) -> Owner:  # fmt: skip
        now = self.clock.at
        async with self.store.write() as conn:
            unit_id = await put(conn, core.unit, {"community_id": self.community_id, "code": unit, "building": "3",
                                                  "stair": "2", "room": unit[-4:], "segment": "resident",
                                                  "area_cm2": 0, "remark": ""})  # fmt: skip
            if person_id is None:
                person_id = await put(conn, core.person, {"community_id": self.community_id, "name": name,
                                                          "locale": "", "offline": False})  # fmt: skip
            owner_id = await put(conn, core.owner, {"community_id": self.community_id, "person_id": person_id,
                                                    "name": name, "external_ref": ""})  # fmt: skip
            account_id = await put(conn, core.account, {
                "community_id": self.community_id, "unit_id": unit_id, "owner_id": owner_id, "person_id": person_id,
                "opened_on": date(2020, 1, 1), "entered_on": date(2026, 9, 1), "bank_collection": False,
            })  # fmt: skip
        made = Owner(person_id, account_id, 0, unit)
        made.contact_id = await self.contact(person_id, channel, phone, trust)
        for kind, period, fen in owed:
            made.charges.append(await self.charge(account_id, kind, period, fen))
        await self._watermark(now)
        return made

    async def tenant(self, account_id: int, channel: str, address: str) -> int:
        """Somebody who rents the flat of an account, not let in yet."""
        async with self.store.write() as conn:
            person = await put(conn, core.person, {"community_id": self.community_id, "name": "租客", "locale": "",
                                                   "offline": False})  # fmt: skip
            await put(conn, core.account_party, {"account_id": account_id, "person_id": person, "role": "tenant",
                                                 "may_see": False, "since": self.clock.at})  # fmt: skip
        await self.contact(person, channel, address)
        return person

    async def contact(self, person_id: int, channel: str, address: str, trust: str = "proved") -> int:
        vault = self.store.vault
        async with self.store.write() as conn:
            return await put(conn, core.contact, {
                "person_id": person_id, "channel": channel, "address_sealed": vault.seal(address),
                "address_index": vault.index(channel, address), "masked": "139****0001", "trust": trust,
                "window_used": 0, "created_at": self.clock.at,
            })  # fmt: skip

    async def charge(self, account_id: int, kind: str, period: str, fen: int, due: date = date(2026, 10, 31)) -> int:
        async with self.store.write() as conn:
            self.number += 1
            return await put(conn, core.charge, {
                "account_id": account_id, "kind": kind, "period": period, "period_from": date(2026, 7, 1),
                "period_to": date(2026, 9, 30), "amount_fen": fen, "open_fen": fen, "due_on": due, "due_rule": "file",
                "round": 0, "source": "test", "external_ref": str(self.number), "entered_at": self.clock.at,
                "previous_manager": False, "months": "",
            })  # fmt: skip

    async def _watermark(self, now: datetime) -> None:
        await self.watermark(now.date())

    async def watermark(self, on: date) -> None:
        from store.ledger import set_watermark

        async with self.store.write() as conn:
            await set_watermark(conn, self.community_id, "test", on, self.clock.at)

    async def pay(self, account_id: int, fen: int) -> None:
        """Money in the book without the allocation's rules: it closes the oldest charges."""
        async with self.store.write() as conn:
            self.number += 1
            await put(conn, core.payment, {
                "community_id": self.community_id, "account_id": account_id, "amount_fen": fen, "way": "cash",
                "state": "received", "paid_on": self.clock.at.date(), "payer": "", "source": "test",
                "external_ref": f"p{self.number}", "entered_at": self.clock.at,
            })  # fmt: skip
            query = select(core.charge).where(core.charge.c.account_id == account_id).order_by(core.charge.c.due_on)
            for row in (await conn.execute(query)).all():
                part = min(fen, row.open_fen)
                fen -= part
                await conn.execute(
                    update(core.charge).where(core.charge.c.id == row.id).values(open_fen=row.open_fen - part)
                )

    async def hears(
        self, text: str, *, sender: str = PHONE, channel: str = "sms", kind: Any = "text", press_id: str = "",
        message_id: str = "", key: str = "",
    ) -> list[str]:  # fmt: skip
        """Someone says something; answers the new replies queued for it, which then are sent."""
        before = await self.last_message()
        self.number += 1
        said = Said(event_key=key or f"e{self.number}", sender=sender, kind=kind, text=text, press_id=press_id,
                    message_id=message_id)  # fmt: skip
        await keep(self.house, channel, Heard(said=(said,)))
        await hear_all(self.house)
        stuck = await self.rows(select(core.inbound.c.reason).where(core.inbound.c.reason != ""))
        assert not stuck, stuck
        told = [row.text for row in await self.messages(before)]
        await drain(self.house)
        return told

    async def last_message(self) -> int:
        rows = await self.messages()
        return int(rows[-1].id) if rows else 0

    async def messages(self, after: int = 0) -> list[Any]:
        query = select(core.message).where(core.message.c.id > after).order_by(core.message.c.id)
        return await self.rows(query)

    async def rows(self, query: Any) -> list[Any]:
        async with self.store.read() as conn:
            return list((await conn.execute(query)).all())

    async def all(self, table: Any) -> list[Any]:
        return await self.rows(select(table).order_by(table.c.id))

    def later(self, **delta: float) -> None:
        """Turns the clock forward."""
        self.clock.at += timedelta(**delta)


@pytest.fixture(scope="session")
def replies() -> Book:
    """The shipped wordings, read once; they carry no version numbers."""
    scripts = [parse_script(p, t) for p, t in read_files(SCRIPTS).items() if is_script(p)]
    nameless: Any = None
    return Book(ScriptBook(scripts), {script.path: Version(nameless, "approved") for script in scripts})


@pytest.fixture
async def estate(store: Store, now: datetime, replies: Book) -> Estate:
    clock = SetClock(now)
    channels: dict[str, Any] = {
        "sms": FakeChannel("sms", buttons=False),
        "wechat": FakeChannel("wechat", buttons=True),
        "telegram": FakeChannel("telegram", buttons=True, edits=True),
    }
    ladder = (SCRIPTS / "ladder.yaml").read_text(encoding="utf-8")
    house = House(store, clock, channels, ladder, sandbox=True, secret="a secret for tests only")
    async with store.write() as conn:
        community_id = await put(conn, core.community, {
            "name": "云栖花园", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland",
            "service_phone": "021-5555 0100", "office_hours": "9:00-18:00", "contact_person": "陈主任",
            "pay_ways": "微信公众号「缴费」\n前台刷卡或现金", "profile": "{}", "policy": "{}", "heading_map": "{}",
            "released_by": "", "created_at": now, "released_at": now,
        })  # fmt: skip
    house.memory[f"book:{community_id}"] = ((0, 0), replies)
    return Estate(house, store, clock, community_id)


def detail(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.detail)
    return found

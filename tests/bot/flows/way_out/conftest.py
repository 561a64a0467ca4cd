"""A small yard of owners with channels that answer as a test tells them to; on each database."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import SetClock
from bot.flows.dispatch import dispatch, drain
from bot.flows.house import House
from bot.flows.plan import PlanReport, plan
from bot.flows.receive import keep
from bot.flows.words import Book, Version, read_files
from bot.talk.scripts import ScriptBook, parse_script
from channels.contract import Accepted, ChannelError, Heard, Outgoing, RawRequest, Receipt, Traits, Verdict
from store import core
from store.engine import Store
from store.ledger import set_watermark
from store.talk import put

SCRIPTS = Path(__file__).parents[4] / "scripts"
DUE = date(2026, 11, 21)
"""Four days overdue at the yard's ten o'clock of 25 November 2026: warm_4."""
Answer = Accepted | ChannelError | Callable[[Outgoing], Awaitable[Accepted]]


class Wire:
    """A channel that keeps every call and gives the answers it was told, in turn; then it accepts."""

    def __init__(self, name: str, asked: bool) -> None:
        self.asked_at: list[int | None] = []
        self.name = name
        self.traits = Traits(two_way=True, max_length=4000, buttons=False, edits=False, templates=False,
                             free_text_hours=None, can_be_asked=asked, asking_sends=name == "wechat")  # fmt: skip
        self.calls: list[Outgoing] = []
        self.answers: list[Answer] = []
        self.verdict: tuple[Verdict, str | None] = ("unknown", None)

    async def send(self, out: Outgoing) -> Accepted:
        self.calls.append(out)
        answer = self.answers.pop(0) if self.answers else Accepted(f"{self.name}-{len(self.calls)}")
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Accepted) else await answer(out)

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        self.asked_at.append(now)
        return self.verdict

    def hear(self, request: RawRequest, now: int) -> Heard:
        return Heard()

    async def close(self) -> None: ...


@dataclass
class Yard:
    """The house under test and short ways to fill, plan, send and look."""

    house: House
    clock: SetClock
    wires: dict[str, Wire]
    community: int
    number: int = 0
    accounts: dict[str, int] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.house.store

    async def put(self, table: Any, **values: Any) -> int:
        async with self.store.write() as conn:
            return int(await put(conn, table, values))

    async def owner(
        self, unit: str = "3-2-1201", *, on: tuple[str, ...] = ("sms",), fen: int = 48_600, due: date = DUE,
        trust: str = "proved", person: int | None = None,
    ) -> int:  # fmt: skip
        """An owner of a unit with one overdue charge; answers the account."""
        c, now = self.community, self.clock.at
        unit_id = await self.put(core.unit, community_id=c, code=unit, building="3", stair="2", room=unit[-4:],
                                 segment="resident", area_cm2=0, remark="")  # fmt: skip
        if person is None:
            person = await self.put(core.person, community_id=c, name=f"业主{unit}", locale="", offline=False)
            for channel in on:
                await self.contact(person, channel, trust)
        owner = await self.put(core.owner, community_id=c, person_id=person, name="王小明", external_ref="")
        account = await self.put(
            core.account, community_id=c, unit_id=unit_id, owner_id=owner, person_id=person,
            opened_on=date(2020, 1, 1), entered_on=date(2020, 1, 1), bank_collection=False, next_look_at=now,
        )  # fmt: skip
        self.accounts[unit] = account
        if fen:
            await self.charge(account, fen, due)
        return account

    async def contact(self, person: int, channel: str, trust: str = "proved") -> int:
        self.number += 1
        address, vault = f"{channel}-{self.number:06d}", self.store.vault
        return await self.put(
            core.contact, person_id=person, channel=channel, address_sealed=vault.seal(address),
            address_index=vault.index(channel, address), masked="***", trust=trust, window_used=0,
            created_at=self.clock.at,
        )  # fmt: skip

    async def charge(self, account: int, fen: int, due: date = DUE) -> int:
        self.number += 1
        return await self.put(
            core.charge, account_id=account, kind="management", period="2026Q3", period_from=date(2026, 7, 1),
            period_to=date(2026, 9, 30), amount_fen=fen, open_fen=fen, due_on=due, due_rule="file", round=0,
            source="test", external_ref=str(self.number), entered_at=self.clock.at, previous_manager=False, months="",
        )  # fmt: skip

    async def fresh(self, on: date | None = None) -> None:
        """The book counts as of a day (today)."""
        async with self.store.write() as conn:
            await set_watermark(conn, self.community, "test", on or self.clock.at.date(), self.clock.at)

    async def plan(self) -> PlanReport:
        return await plan(self.house)

    async def send(self) -> int:
        return await drain(self.house)

    async def hand(self, name: str = "sms") -> int:
        return await dispatch(self.house, name)

    async def rows(self, query: Any) -> list[Any]:
        async with self.store.read() as conn:
            return list((await conn.execute(query)).all())

    async def all(self, table: Any) -> list[Any]:
        return await self.rows(select(table).order_by(*table.primary_key.columns))

    async def states(self) -> list[str]:
        return [row.state for row in await self.all(core.message)]

    async def change(self, table: Any, number: int, **values: Any) -> None:
        async with self.store.write() as conn:
            await conn.execute(update(table).where(table.c.id == number).values(**values))

    async def receipts(self, name: str, *told: Receipt) -> int:
        return await keep(self.house, name, Heard(receipts=told))

    def second(self) -> House:
        """Another worker on the same store."""
        return replace(self.house, worker="w2", memory=dict(self.house.memory))

    async def later(self, **delta: float) -> None:
        """The clock goes on; everybody is looked at again."""
        self.clock.at += timedelta(**delta)
        async with self.store.write() as conn:
            await conn.execute(update(core.account).values(next_look_at=self.clock.at))


@pytest.fixture(scope="session")
def shipped() -> Book:
    """The shipped words, read once; approved under their own names."""
    scripts = [parse_script(p, t) for p, t in read_files(SCRIPTS).items() if p.startswith(("reminders/", "replies/"))]
    nameless: Any = None
    return Book(ScriptBook(scripts), {script.path: Version(nameless, "approved") for script in scripts})


@pytest.fixture
async def yard(store: Store, now: datetime, shipped: Book) -> Yard:
    clock = SetClock(now)
    wires = {"wechat": Wire("wechat", True), "sms": Wire("sms", True), "telegram": Wire("telegram", False)}
    ladder = (SCRIPTS / "ladder.yaml").read_text(encoding="utf-8")
    channels: dict[str, Any] = dict(wires)
    house = House(store, clock, channels, ladder, sandbox=True, secret="a secret for tests only")
    async with store.write() as conn:
        community = await put(conn, core.community, {
            "name": "云杉苑", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland",
            "service_phone": "021-5550-0100", "office_hours": "9:00-18:00", "contact_person": "陈主任",
            "pay_ways": "微信公众号「缴费」\n前台刷卡或现金", "profile": "{}", "policy": "{}", "heading_map": "{}",
            "released_by": "test", "created_at": now, "released_at": now,
        })  # fmt: skip
    house.memory[f"book:{community}"] = ((0, 0), shipped)
    made = Yard(house, clock, wires, int(community))
    await made.fresh()
    return made


def reasons(row: Any) -> list[str]:
    """The codes of a kept decision."""
    return [code for code, _until, _detail in json.loads(row.reasons)]

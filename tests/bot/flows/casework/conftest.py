"""An estate with staff, a group and recording channels, for the tests of cases."""

import asyncio
import itertools
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import insert, select, update

from bot.clock import SetClock
from bot.flows import alerts
from bot.flows.dispatch import drain
from bot.flows.house import House
from bot.flows.words import bring_in, read_files
from channels.contract import Accepted, ChannelError, Heard, Outgoing, RawRequest, Traits, Verdict
from store import core
from store import staff as people
from store.engine import Store
from store.migrate import migrate
from store.vault import Vault

SCRIPTS = Path(__file__).parents[4] / "scripts"
SPOKEN = ("staff/", "replies/instalments_confirm/", "replies/unknown_sender/")
GROUP = "-100200300"
ROBOT = "robot-key-1"


class Post:
    """A channel that takes everything and remembers it; ``refuse`` makes it fail."""

    def __init__(self, name: str, traits: Traits) -> None:
        self.name, self.traits = name, traits
        self.sent: list[tuple[datetime, Outgoing]] = []
        self.answers: list[tuple[str, str, bool]] = []
        self.refuse: dict[str, ChannelError] = {}
        self.refuse_edit: dict[str, ChannelError] = {}
        self.clock: SetClock | None = None
        self._ids = itertools.count(1000)

    async def send(self, out: Outgoing) -> Accepted:
        error = self.refuse_edit.get(out.edits) if out.edits else self.refuse.get(out.to)
        if error is not None:
            raise error
        assert self.clock is not None
        self.sent.append((self.clock.now(), out))
        return Accepted(out.edits or (str(next(self._ids)) if self.traits.edits else ""))

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        return "unknown", None

    def hear(self, request: RawRequest, now: int) -> Heard:
        return Heard()

    async def answer_press(self, press_id: str, text: str = "", alert: bool = False) -> None:
        self.answers.append((press_id, text, alert))

    async def close(self) -> None: ...

    def to(self, address: str) -> list[Outgoing]:
        return [out for _at, out in self.sent if out.to == address]

    def posts(self, address: str) -> list[Outgoing]:
        return [out for out in self.to(address) if not out.edits]


def telegram() -> Post:
    return Post("telegram", Traits(True, 4096, True, True, False, None))


def robot() -> Post:
    return Post("wecom", Traits(False, 680, False, False, False, None))


@dataclass
class Estate:
    """The house under test, with short ways to do what stories need."""

    house: House
    clock: SetClock
    telegram: Post
    wecom: Post
    community: int
    staff: dict[str, Any] = field(default_factory=dict)
    chats: dict[str, str] = field(default_factory=dict)
    group: int = 0
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def row(self, table: Any, **values: Any) -> int:
        async with self.house.store.write() as conn:
            made = await conn.execute(insert(table).values(**values))
            key = made.inserted_primary_key
            assert key is not None
            return int(key[0])

    async def rows(self, table: Any, *where: Any) -> list[Any]:
        async with self.house.store.read() as conn:
            return list((await conn.execute(select(table).where(*where).order_by(table.c.id))).all())

    async def set(self, table: Any, key: int, **values: Any) -> None:
        async with self.house.store.write() as conn:
            await conn.execute(update(table).where(table.c.id == key).values(**values))

    async def hire(self, name: str, role: str, chat: str = "", **values: Any) -> Any:
        now = self.clock.now()
        number = await self.row(
            core.staff, name=name, role=role, community_id=values.pop("community_id", self.community),
            created_at=now, password_hash="", locale="zh-Hans", hours=json.dumps(values),
        )  # fmt: skip
        vault = self.house.store.vault
        if chat:
            async with self.house.store.write() as conn:
                await people.link(conn, number, "telegram", vault.seal(chat), vault.index("telegram", chat), now)
        async with self.house.store.read() as conn:
            self.staff[name] = await people.one(conn, number)
        self.chats[name] = chat
        return self.staff[name]

    async def add_group(self, channel: str = "telegram", address: str = GROUP, **values: Any) -> int:
        vault = self.house.store.vault
        return await self.row(
            core.staff_group, channel=channel, address_sealed=vault.seal(address),
            address_index=vault.index(channel, address), community_id=self.community,
            topics=values.get("topics", "{}"), trouble="",
        )  # fmt: skip

    async def flat(
        self, code: str = "", owner: str = "王小明", fen: int = 48_600, due: date = date(2026, 10, 31),
        assistant: int | None = None, segment: str = "resident",
    ) -> int:  # fmt: skip
        """A flat with one open charge; answers its account."""
        now, n = self.clock.now(), next(self.numbers)
        code = code or f"3-2-{n:04d}"
        person = await self.row(core.person, community_id=self.community, name=owner, locale="", offline=False)
        unit = await self.row(
            core.unit, community_id=self.community, code=code, building=code.split("-")[0], stair="", room="",
            segment=segment, area_cm2=0, remark="",
        )  # fmt: skip
        who = await self.row(
            core.owner, community_id=self.community, person_id=person, name=owner, external_ref=""
        )  # fmt: skip
        account = await self.row(
            core.account, community_id=self.community, unit_id=unit, owner_id=who, person_id=person,
            opened_on=date(2020, 1, 1), entered_on=date(2020, 1, 1), bank_collection=False, assistant_id=assistant,
        )  # fmt: skip
        if fen:
            await self.row(
                core.charge, account_id=account, kind="management", period="2026Q3", period_from=date(2026, 7, 1),
                period_to=date(2026, 9, 30), amount_fen=fen, open_fen=fen, due_on=due, due_rule="file", round=0,
                source="test", external_ref=f"c{n}", entered_at=now, previous_manager=False, months="",
            )  # fmt: skip
        phone = f"+8613800{n:06d}"
        vault = self.house.store.vault
        await self.row(
            core.contact, person_id=person, channel="sms", address_sealed=vault.seal(phone),
            address_index=vault.index("sms", phone), masked="138****0000", trust="ledger", proved_by="",
            window_used=0, created_at=now,
        )  # fmt: skip
        return account

    async def promise(self, account: int, fen: int, due: date, state: str = "broken") -> int:
        return await self.row(
            core.promise, account_id=account, amount_fen=fen, owed_fen=fen, due_on=due, state=state,
            made_at=self.clock.now() - timedelta(days=5), judge_at=self.clock.now(), channel="wechat",
        )  # fmt: skip

    async def open(self, account: int | None, cause: str = "broken_promise", **more: Any) -> int:
        from bot.flows.cases import open_case

        async with self.house.store.write() as conn:
            case, _new = await open_case(
                conn, community_id=self.community, cause=cause, now=self.clock.now(), account_id=account, **more
            )
        return case

    async def case(self, number: int) -> Any:
        return (await self.rows(core.case_, core.case_.c.id == number))[0]

    async def events(self, number: int) -> list[str]:
        return [row.kind for row in await self.rows(core.case_event, core.case_event.c.case_id == number)]

    async def tick(self) -> alerts.Alerted:
        """One tick of the alerts, then everything due leaves."""
        done = await alerts.alert(self.house)
        await drain(self.house)
        return done

    async def at(self, when: datetime) -> alerts.Alerted:
        """Turns the clock, then ticks."""
        self.clock.at = when
        return await self.tick()

    async def minutes(self, count: int) -> None:
        """So many minutes pass with a tick each."""
        for _ in range(count):
            await self.at(self.clock.at + timedelta(minutes=1))

    async def hear(self, name: str, text: str, **detail: Any) -> Any:
        """Something a colleague (or, by a chat id, a stranger) says or presses; handled at once."""
        from bot.flows import hear

        kind = detail.pop("kind", "text")
        chat = self.chats.get(name, name)
        vault = self.house.store.vault
        number = await self.row(
            core.inbound, provider="telegram", event_key=f"e{next(self.numbers)}",
            sender_index=vault.index("telegram", chat), sender_sealed=vault.seal(chat), kind=kind, text=text,
            detail=json.dumps(detail), intent="", received_at=self.clock.now(), tries=0, reason="",
        )  # fmt: skip
        await hear.handle(self.house, number)
        await drain(self.house)

    async def press(self, name: str, data: str, **detail: Any) -> tuple[str, bool]:
        """A press; answers what the presser alone was told."""
        press_id = f"q{next(self.numbers)}"
        await self.hear(name, data, kind="press", press_id=press_id, **detail)
        return next(((text, alert) for key, text, alert in self.telegram.answers if key == press_id), ("", False))

    def private(self, name: str) -> list[Outgoing]:
        return self.telegram.to(self.chats[name])


async def _with_words(store: Store) -> None:
    """A migrated store with the words to staff, made once a session and copied for each test."""
    await migrate(store)
    wanted = {path: text for path, text in read_files(SCRIPTS).items() if path.startswith(SPOKEN)}
    await bring_in(store, wanted, datetime(2026, 11, 1, tzinfo=UTC))
    await store.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    path = tmp_path_factory.mktemp("casework") / "yinuo.db"
    asyncio.run(_with_words(Store(f"sqlite:///{path}", vault)))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str, vault: Vault) -> str:
    name = f"casework_{uuid.uuid4().hex[:8]}"

    async def make() -> None:
        connection = await asyncpg.connect(postgres)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        head, _, tail = postgres.partition("?")
        await _with_words(Store(head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else ""), vault))

    asyncio.run(make())
    return name


@pytest.fixture
async def estate(store: Store, now: datetime) -> Estate:
    """A community with a Telegram group, an assistant, two colleagues and a supervisor; Wednesday, ten o'clock."""
    clock = SetClock(now)
    post, wecom = telegram(), robot()
    post.clock = wecom.clock = clock
    ladder = (SCRIPTS / "ladder.yaml").read_text()
    house = House(store, clock, {"telegram": post, "wecom": wecom}, ladder, sandbox=True, secret="s3cret")
    found = Estate(house, clock, post, wecom, 0)
    found.community = await found.row(
        core.community, name="云杉苑", timezone="Asia/Shanghai", locale="zh-Hans", region="mainland",
        service_phone="021-5550-0000", office_hours="9:00-18:00", contact_person="陈主任", pay_ways="微信\n前台",
        profile="{}", policy="{}", heading_map="{}", released_at=now, released_by="test", created_at=now,
    )  # fmt: skip
    found.group = await found.add_group()
    await found.hire("赵一", "assistant", "501", rota=1)
    await found.hire("钱二", "assistant", "502", rota=2)
    await found.hire("孙三", "supervisor", "503")
    await found.hire("李总", "head", "504")
    return found

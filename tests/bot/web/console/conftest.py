"""A small community behind the console's door, and people of several roles who may sign in."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from bot.clock import SetClock
from bot.flows.admins import create_admin
from bot.flows.house import House
from bot.flows.staff import ROLES
from bot.flows.words import bring_in, read_files
from bot.settings import Settings
from bot.web.app import create_app
from channels.contract import Accepted, Outgoing, Traits, Verdict
from store import core
from store import staff as people
from store.console import communities, search
from store.engine import Store
from store.ledger import insert_row
from store.vault import Vault

PASSWORD = "a-good-password"
WEDNESDAY = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FILES = read_files(Settings().scripts)


class Post:
    """A channel that takes everything and remembers it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.traits = Traits(True, 4096, True, True, False, None)
        self.sent: list[Outgoing] = []

    async def send(self, out: Outgoing) -> Accepted:
        self.sent.append(out)
        return Accepted(f"{self.name}-{len(self.sent)}")

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        return "unknown", None

    async def close(self) -> None: ...


@dataclass
class Place:
    """The house, its app, and the numbers of what is in it."""

    house: House
    app: Any
    community_id: int
    accounts: list[int]

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://console.test", follow_redirects=True)


async def settle_in(store: Store, now: datetime, *, owners: int = 6, released: bool = False) -> tuple[int, list[int]]:
    """A community of owners who owe since September; every third one's phone is proved."""
    async with store.write() as conn:
        community_id = await insert_row(
            conn, core.community,
            {
                "name": "锦绣花园", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland",
                "service_phone": "000-12345678", "office_hours": "每天9:00至18:00", "contact_person": "陈主任",
                "pay_ways": "微信公众号“缴费”\n前台现金或刷卡", "profile": "{}", "policy": "{}", "heading_map": "{}",
                "released_at": now if released else None, "released_by": "", "created_at": now,
            },
        )  # fmt: skip
        await insert_row(
            conn,
            core.ledger_watermark,
            {"community_id": community_id, "source": "file", "as_of": now.date(), "at": now},
        )
        accounts = [await _owner(store, conn, community_id, n, now) for n in range(owners)]
    return community_id, accounts


async def _owner(store: Store, conn: Any, community_id: int, n: int, now: datetime) -> int:
    name = ["王敏", "李强", "<b>赵一</b>", "买买提江·阿卜杜热西提", "陈晓", "欧阳娜"][n % 6]
    code = f"{n // 4 + 1}-{n % 4 + 1}-{1201 + n}"
    person = await insert_row(
        conn, core.person, {"community_id": community_id, "name": name, "locale": "", "offline": False}
    )
    owner = await insert_row(
        conn, core.owner, {"community_id": community_id, "person_id": person, "name": name, "external_ref": ""}
    )
    unit = await insert_row(
        conn, core.unit,
        {"community_id": community_id, "code": code, "building": str(n // 4 + 1), "stair": "", "room": "",
         "segment": "resident", "area_cm2": 540_000, "remark": ""},
    )  # fmt: skip
    phone = f"+8613800000{n:03d}"
    await insert_row(
        conn, core.contact,
        {"person_id": person, "channel": "sms" if n % 2 else "telegram",
         "address_sealed": store.vault.seal(phone), "address_index": store.vault.index("sms", phone),
         "masked": f"138****0{n:03d}", "trust": "proved" if n % 3 == 0 else "ledger", "proved_by": "",
         "window_used": 0, "created_at": now},
    )  # fmt: skip
    account = await insert_row(
        conn, core.account,
        {"community_id": community_id, "unit_id": unit, "owner_id": owner, "person_id": person,
         "opened_on": date(2024, 1, 1), "entered_on": date(2026, 8, 1), "bank_collection": False, "next_look_at": now},
    )  # fmt: skip
    due = now.date() - timedelta(days=[5, 5, 12, 20, 33, 60][n % 6])
    await conn.execute(
        insert(core.charge).values(
            account_id=account, kind="management", period="2026Q3", period_from=date(2026, 7, 1),
            period_to=date(2026, 9, 30), amount_fen=48_600 + n * 100, open_fen=48_600 + n * 100, due_on=due,
            due_rule="file", round=0, source="file", external_ref=f"c{n}", entered_at=now, previous_manager=False,
            months="",
        )
    )  # fmt: skip
    return account


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the shipped words, the community, and one person of every role."""
    path = tmp_path_factory.mktemp("console") / "yinuo.db"
    shutil.copy(sqlite_template, path)

    async def furnish() -> None:
        store = Store(f"sqlite:///{path}", vault)
        await bring_in(store, FILES, WEDNESDAY)
        await settle_in(store, WEDNESDAY)
        await hire(store, WEDNESDAY)
        await store.close()

    asyncio.run(furnish())
    return path


async def hire(store: Store, now: datetime) -> None:
    """One person of every role, all with the same password; hashed once."""
    await create_admin(store, "admin one", PASSWORD, now)
    async with store.write() as conn:
        first = await people.named(conn, "admin one")
        for role in ROLES:
            for number in ("one", "two"):
                if (role, number) != ("admin", "one"):
                    values = {"name": f"{role} {number}", "role": role, "password_hash": first.password_hash}
                    await people.add(conn, {**values, "created_at": now})


@pytest.fixture(params=["sqlite"])
def store_url(furnished: Path, tmp_path: Path) -> str:
    """The console's tests run on SQLite; one smoke test asks for PostgreSQL by itself."""
    shutil.copy(furnished, tmp_path / "yinuo.db")
    return f"sqlite:///{tmp_path / 'yinuo.db'}"


@pytest.fixture
async def place(store: Store, now: datetime, tmp_path: Path) -> Place:
    channels: dict[str, Any] = {name: Post(name) for name in ("telegram", "sms")}
    house = House(store, SetClock(now), channels, FILES["ladder.yaml"], sandbox=True, secret="a secret")
    house.memory["var"] = tmp_path
    async with store.read() as conn:
        community_id = (await communities(conn, None))[0].id
        accounts = [row.id for row in await search(conn, community_id)]
    return Place(house, create_app(house), community_id, sorted(accounts))


Enter = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def enter(place: Place, now: datetime) -> AsyncIterator[Enter]:
    """Signs somebody of a role in; answers their browser."""
    open_ones: list[httpx.AsyncClient] = []

    async def sign_in(role: str = "admin", name: str = "", community_id: int | None = None) -> httpx.AsyncClient:
        name = name or f"{role} one"
        if community_id is not None:
            async with place.house.store.write() as conn:
                await people.set_fields(conn, (await people.named(conn, name)).id, community_id=community_id)
        client = place.client()
        open_ones.append(client)
        answer = await client.post("/console/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.cookies.set("yinuo_lang", "en", domain="console.test", path="/console")
        return client

    yield sign_in
    for client in open_ones:
        await client.aclose()


def csrf_of(page: str) -> str:
    """The token a page carries."""
    found = re.search(r'data-csrf="([^"]+)"', page)
    assert found is not None, page[:500]
    return found.group(1)


@pytest.fixture
def token() -> Callable[[httpx.AsyncClient], Awaitable[str]]:
    async def read(client: httpx.AsyncClient) -> str:
        return csrf_of((await client.get("/console")).text)

    return read

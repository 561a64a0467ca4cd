"""A small community with the shipped words, on each database, for the flows of words and ladder."""

import asyncio
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SetClock
from bot.flows.house import House, Town
from bot.flows.words import bring_in, read_files
from bot.settings import Settings
from channels.contract import Accepted, Outgoing, Traits, Verdict
from store import core
from store import staff as people
from store.engine import Store
from store.ledger import communities, insert_row
from store.vault import Vault

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
class Room:
    """The house, its one community, its accounts, and two people who may change words."""

    house: House
    accounts: list[int]
    author: Any
    second: Any

    async def town(self) -> Town:
        async with self.house.store.read() as conn:
            return self.house.town((await communities(conn))[0])


async def _account(store: Store, conn: Any, town: int, n: int, days: int, now: datetime) -> int:
    name = f"业主{n}"
    person = await insert_row(conn, core.person, {"community_id": town, "name": name, "locale": "", "offline": False})
    owner = await insert_row(
        conn, core.owner, {"community_id": town, "person_id": person, "name": name, "external_ref": ""}
    )
    unit = await insert_row(
        conn, core.unit,
        {"community_id": town, "code": f"1-1-{n:03d}", "building": "1", "stair": "1", "room": str(n),
         "segment": "resident", "area_cm2": 0, "remark": ""},
    )  # fmt: skip
    address = f"7000{n:03d}"
    await insert_row(
        conn, core.contact,
        {"person_id": person, "channel": "telegram", "address_sealed": store.vault.seal(address),
         "address_index": store.vault.index("telegram", address), "masked": "70…", "trust": "proved", "proved_by": "",
         "window_used": 0, "created_at": now},
    )  # fmt: skip
    account = await insert_row(
        conn, core.account,
        {"community_id": town, "unit_id": unit, "owner_id": owner, "person_id": person, "opened_on": date(2024, 1, 1),
         "entered_on": date(2026, 8, 1), "bank_collection": False, "next_look_at": now},
    )  # fmt: skip
    await insert_row(
        conn, core.charge,
        {"account_id": account, "kind": "management", "period": "2026Q3", "period_from": date(2026, 7, 1),
         "period_to": date(2026, 9, 30), "amount_fen": 48_600, "open_fen": 48_600,
         "due_on": now.date() - timedelta(days=days), "due_rule": "file", "round": 0, "source": "t",
         "external_ref": f"c{n}", "entered_at": now, "previous_manager": False, "months": ""},
    )  # fmt: skip
    return account


@pytest.fixture(scope="session")
def worded(sqlite_template: Path, vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the shipped words in it."""
    path = tmp_path_factory.mktemp("worded") / "yinuo.db"
    shutil.copy(sqlite_template, path)

    async def bring() -> None:
        store = Store(f"sqlite:///{path}", vault)
        await bring_in(store, FILES, datetime(2026, 11, 25, 2, 0, tzinfo=UTC))
        await store.close()

    asyncio.run(bring())
    return path


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite with the words in it; a test that asks for it gets PostgreSQL, and brings them in by itself."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("worded"), tmp_path / "yinuo.db")
        yield f"sqlite:///{tmp_path / 'yinuo.db'}"
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    name = f"t_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    head, _, tail = server.partition("?")
    yield head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")
    asyncio.run(run_sql(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def run_sql(server: str, statement: str) -> None:
    """One statement outside a transaction."""
    import asyncpg

    connection = await asyncpg.connect(server.replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def room(store: Store, now: datetime) -> Room:
    house = House(store, SetClock(now), {"telegram": Post("telegram")}, FILES["ladder.yaml"], sandbox=True, secret="s")
    if store.dialect == "postgresql":
        await bring_in(store, FILES, now)
    async with store.write() as conn:
        town = await insert_row(
            conn, core.community,
            {"name": "t", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland",
             "service_phone": "000", "office_hours": "9-18", "contact_person": "陈", "pay_ways": "前台",
             "profile": "{}", "policy": "{}", "heading_map": "{}", "released_at": now, "released_by": "",
             "created_at": now},
        )  # fmt: skip
        await insert_row(
            conn, core.ledger_watermark, {"community_id": town, "source": "f", "as_of": now.date(), "at": now}
        )
        accounts = [await _account(store, conn, town, n, days, now) for n, days in enumerate((3, 3, 10, 16, -20))]
        for name, role in (("lin", "supervisor"), ("wu", "head")):
            number = await people.add(conn, {"name": name, "role": role, "created_at": now})
            await people.link(
                conn, number, "telegram", store.vault.seal(f"90{number}"),
                store.vault.index("telegram", f"90{number}"), now,
            )  # fmt: skip
        author, second = await people.named(conn, "lin"), await people.named(conn, "wu")
    return Room(house, accounts, author, second)

"""An estate to measure on: communities of 2,000 accounts, 2.5 open charges each, 93 in 100 of them due."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, text

from bot.bench.ratio import say
from bot.clock import SetClock
from bot.flows.house import House
from bot.flows.words import approve, book, bring_in, read_files
from bot.settings import Settings
from store import core
from store.bulk import insert_rows
from store.engine import Store

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Wednesday 25 November 2026, 10:00 in Shanghai: a workday, inside the window."""
TODAY = date(2026, 11, 25)
SIZE = 2_000
"""Accounts of one community."""
PART = 100_000
"""Accounts written at a time."""
ENTERED = datetime(2026, 9, 1, tzinfo=UTC)
QUARTERS = (("2026Q1", date(2026, 3, 31)), ("2026Q2", date(2026, 6, 30)), ("2026Q3", date(2026, 9, 30)),
            ("2026Q4", date(2026, 12, 31)))  # fmt: skip


async def fill(store: Store, count: int, *, channels: Sequence[str] = ("sms",), due_share: float = 1.0) -> None:
    """Writes ``count`` accounts with their people, contacts and charges.

    ``channels``: each person's contacts in turn. ``due_share``: the part whose next look is due; the rest rests.
    """
    await _communities(store, count)
    for first in range(1, count + 1, PART):
        last = min(first + PART - 1, count)
        draw = random.Random(first)
        for name, columns, rows in _tables(store, first, last, channels, due_share, draw):
            async with store.write() as conn:
                await insert_rows(conn, table(name), columns, rows)
        say(f"estate: {last} of {count} accounts")
    async with store.write() as conn:
        await conn.execute(text("ANALYZE"))
    await _renumber(store)


def table(name: str) -> Table:
    found: Table = getattr(core, name)
    return found


def community_of(account: int) -> int:
    return (account - 1) // SIZE + 1


async def _communities(store: Store, count: int) -> None:
    rows = [
        {"id": number, "name": f"云栖花园 {number}", "timezone": "Asia/Shanghai", "locale": "zh-Hans",
         "region": "mainland", "service_phone": "021-5555 0100", "office_hours": "9:00-18:00",
         "contact_person": "陈主任", "pay_ways": "微信公众号「缴费」", "profile": "{}", "policy": "{}",
         "heading_map": "{}", "released_at": NOW, "released_by": "bench", "created_at": ENTERED}
        for number in range(1, community_of(count) + 1)
    ]  # fmt: skip
    marks = [{"community_id": row["id"], "source": "bench", "as_of": TODAY, "at": NOW} for row in rows]
    async with store.write() as conn:
        await conn.execute(insert(core.community), rows)
        await conn.execute(insert(core.ledger_watermark), marks)


Part = tuple[str, list[str], Iterator[Sequence[Any]]]


def _tables(
    store: Store, first: int, last: int, channels: Sequence[str], due_share: float, draw: random.Random
) -> Iterator[Part]:
    numbers = range(first, last + 1)
    yield "person", ["id", "community_id", "name", "locale", "offline"], (
        (n, community_of(n), "王小明", "", False) for n in numbers
    )  # fmt: skip
    yield "owner", ["id", "community_id", "person_id", "name", "external_ref"], (
        (n, community_of(n), n, "王小明", "") for n in numbers
    )  # fmt: skip
    yield "unit", ["id", "community_id", "code", "building", "stair", "room", "segment", "area_cm2", "remark"], (
        (n, community_of(n), f"{n % 40 + 1}-{n % 3 + 1}-{n}", str(n % 40 + 1), "1", str(n), "resident", 900_000, "")
        for n in numbers
    )  # fmt: skip
    yield "account", ["id", "community_id", "unit_id", "owner_id", "person_id", "opened_on", "entered_on",
                      "bank_collection", "next_look_at"], (
        (n, community_of(n), n, n, n, date(2020, 1, 1), date(2026, 9, 1), False,
         NOW if draw.random() < due_share else None)
        for n in numbers
    )  # fmt: skip
    yield "contact", ["id", "person_id", "channel", "address_sealed", "address_index", "masked", "trust",
                      "proved_by", "window_used", "created_at"], _contacts(store, numbers, channels)  # fmt: skip
    yield "charge", ["account_id", "kind", "period", "period_from", "period_to", "amount_fen", "open_fen", "due_on",
                     "due_rule", "round", "source", "external_ref", "entered_at", "previous_manager",
                     "months"], _charges(numbers, draw)  # fmt: skip


def _contacts(store: Store, numbers: range, channels: Sequence[str]) -> Iterator[Sequence[Any]]:
    vault = store.vault
    for n in numbers:
        channel = channels[n % len(channels)]
        told = {"sms": f"+86139{n:08d}", "telegram": str(700_000_000 + n)}.get(channel, f"oBench{n:020d}")
        yield n, n, channel, vault.seal(told), vault.index(channel, told), "139****0001", "ledger", "", 0, ENTERED


def _charges(numbers: range, draw: random.Random) -> Iterator[Sequence[Any]]:
    """Two or three open charges each; seven in a hundred owe only what falls due later."""
    for n in numbers:
        periods = QUARTERS[3:] if n % 100 < 7 else QUARTERS[1:3] if n % 2 else QUARTERS[0:3]
        for period, due in periods:
            fen = draw.randrange(30_000, 90_000)
            yield (n, "management", period, due - timedelta(days=90), due, fen, fen, due, "file", 0, "bench",
                   f"{n}:{period}", ENTERED, False, "")  # fmt: skip


async def _renumber(store: Store) -> None:
    """Rows were written with their numbers; PostgreSQL's sequences follow."""
    if store.dialect != "postgresql":
        return
    async with store.write() as conn:
        for name in ("community", "person", "owner", "unit", "account", "contact"):
            await conn.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))


async def household(store: Store, channels: dict[str, Any] | None = None) -> House:
    """A house over the estate with the shipped words, its clock set."""
    settings = Settings()
    files = read_files(settings.scripts)
    await bring_in(store, files, ENTERED)
    house = House(store, SetClock(NOW), dict(channels or _silent()), files["ladder.yaml"], sandbox=True,
                  secret="a secret for benchmarks only")  # fmt: skip
    await _approve(house)
    return house


async def _approve(house: House) -> None:
    """What a provider must approve is approved."""
    async with house.store.read() as conn:
        words = await book(house, conn, None)
    for script in words.scripts.values():
        if script.approval is not None:
            await approve(house, script.path, script.template or f"sms-{script.name}", None)


def _silent() -> dict[str, Any]:
    """Names of channels for planning, which speaks with none."""
    return {"sms": None, "wechat": None, "telegram": None}

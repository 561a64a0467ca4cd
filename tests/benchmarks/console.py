"""How the console stands a large estate: pages against the bare query, preview, the publishing check, a simulation.

Run: python tests/benchmarks/console.py [ACCOUNTS]
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.clock import SetClock
from bot.flows.account_sheet import account_row, sheet
from bot.flows.house import House
from bot.flows.phones import phones
from bot.flows.publishing import who_fails
from bot.flows.simulate import simulate
from bot.flows.words import bring_in, read_files
from bot.settings import Settings
from bot.talk.scripts import parse_script
from store import console, core
from store.engine import Store
from store.ledger import communities
from store.migrate import migrate
from store.vault import Vault, new_keys

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FILES = read_files(Settings().scripts)
WARM = "reminders/warm_4/zh-Hans.md"
BARE = """
SELECT a.id, a.next_look_at, a.person_id, u.code, u.segment, u.building, o.name FROM account a
JOIN unit u ON u.id = a.unit_id JOIN owner o ON o.id = a.owner_id
WHERE u.community_id = 1 AND a.closed_on IS NULL AND u.code > ? ORDER BY u.code, a.id LIMIT 51
"""


async def build(store: Store, count: int) -> None:
    """An estate where everybody owes one charge, of every age up to seventy days."""
    await bring_in(store, FILES, NOW)
    ids = range(1, count + 1)
    rows: dict[Any, list[dict[str, Any]]] = {
        core.person: [{"id": n, "community_id": 1, "name": f"业主{n}", "locale": "", "offline": False} for n in ids],
        core.owner: [{"id": n, "community_id": 1, "person_id": n, "name": f"业主{n}", "external_ref": ""} for n in ids],
        core.unit: [
            {"id": n, "community_id": 1, "code": f"{n // 1000}-{n % 1000 // 50}-{n}", "building": str(n // 1000),
             "stair": "", "room": "", "segment": "resident", "area_cm2": 0, "remark": ""} for n in ids
        ],
        core.account: [
            {"id": n, "community_id": 1, "unit_id": n, "owner_id": n, "person_id": n, "opened_on": date(2024, 1, 1),
             "entered_on": date(2026, 8, 1), "bank_collection": False} for n in ids
        ],
        core.contact: [
            {"person_id": n, "channel": "telegram", "address_sealed": b"x", "address_index": str(n).encode(),
             "masked": "70…", "trust": "proved", "proved_by": "", "window_used": 0, "created_at": NOW} for n in ids
        ],
        core.charge: [
            {"account_id": n, "kind": "management", "period": "2026Q3", "period_from": date(2026, 7, 1),
             "period_to": date(2026, 9, 30), "amount_fen": 48_600, "open_fen": 48_600,
             "due_on": NOW.date() - timedelta(days=n % 70), "due_rule": "file", "round": 0, "source": "b",
             "external_ref": str(n), "entered_at": NOW, "previous_manager": False, "months": ""} for n in ids
        ],
    }  # fmt: skip
    async with store.write() as conn:
        await conn.execute(
            insert(core.community).values(
                name="t", timezone="Asia/Shanghai", locale="zh-Hans", service_phone="000", office_hours="9-18",
                contact_person="陈", pay_ways="前台", profile="{}", policy="{}", heading_map="{}", created_at=NOW,
                released_at=NOW,
            )
        )  # fmt: skip
        await conn.execute(insert(core.ledger_watermark).values(community_id=1, source="b", as_of=NOW.date(), at=NOW))
        for table, values in rows.items():
            for start in range(0, count, 20_000):
                await conn.execute(insert(table), values[start : start + 20_000])


async def timed(work: Any, times: int = 1) -> float:
    """Seconds per run."""
    begun = time.perf_counter()
    for _ in range(times):
        await work()
    return (time.perf_counter() - begun) / times


def bare(path: Path, times: int) -> float:
    conn = sqlite3.connect(path)
    begun = time.perf_counter()
    for _ in range(times):
        conn.execute(BARE, ("4",)).fetchall()
    return (time.perf_counter() - begun) / times


async def run(count: int, folder: Path) -> dict[str, Any]:
    path = folder / "bench.db"
    store = Store(f"sqlite:///{path}", Vault.parse(new_keys()))
    await migrate(store)
    await build(store, count)
    house = House(store, SetClock(NOW), {"telegram": object()}, FILES["ladder.yaml"], sandbox=True)  # type: ignore[dict-item]
    script = parse_script(WARM, FILES[WARM])
    async with store.read() as conn:
        town = house.town((await communities(conn))[0])

        async def page() -> None:
            await console.search(conn, 1, after="4")

        async def account() -> None:
            await sheet(house, conn, await account_row(conn, count // 2, None), town, NOW)

        async def preview() -> None:
            await phones(house, conn, town, script, f"a{count // 2}", NOW)

        await page()
        await preview()
        found = {
            "owners_page_ms": await timed(page, 20) * 1000, "bare_query_ms": bare(path, 20) * 1000,
            "account_page_ms": await timed(account, 10) * 1000, "preview_ms": await timed(preview, 10) * 1000,
        }  # fmt: skip

    async def check() -> None:
        tried = await who_fails(house, script, None, NOW)
        assert tried.could == count
        assert tried.failed == 0

    async def dry_run() -> None:
        await simulate(house, town, json.dumps({"steps": {"warm_4": {"day": 8}}}), NOW)

    found["publishing_check_s"] = await timed(check)
    found["simulation_s"] = await timed(dry_run)
    await store.close()
    return {"accounts": count} | {name: round(value, 2) for name, value in found.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, Path(place)))))

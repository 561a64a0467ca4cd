"""To be seen: figures for Prometheus, readiness for proxies, a heartbeat only while the audit is clean."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import insert, update

from bot.clock import SetClock, real_now
from bot.flows.audit import audit
from bot.flows.heartbeat import beat
from bot.flows.house import House
from bot.serving import serving
from bot.settings import Settings
from bot.web.app import create_app
from store.core import api_client, attempt, community, inbound, ledger_watermark, message, unit, worker
from store.engine import Store
from store.journal import Entry, note

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
def house(store: Store) -> House:
    ladder = (Settings().scripts / "ladder.yaml").read_text(encoding="utf-8")
    return House(store, SetClock(NOW), {}, ladder)


@pytest.fixture
async def base(house: House) -> AsyncIterator[str]:
    async with serving(create_app(house), "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


async def get(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
        return reply.status, await reply.text()


async def say(house: House, state: str, at: datetime, outcome: str = "") -> None:
    async with house.store.write() as conn:
        made = await conn.execute(insert(message).values(channel="sms", step="warm_4", lane=1, state=state,
                                                         not_before=at, created_at=at, state_at=at))  # fmt: skip
        number: Any = made.inserted_primary_key[0]  # type: ignore[index]
        if outcome:
            await conn.execute(insert(attempt).values(message_id=number, our_id=f"o{number}", fence=1, channel="sms",
                                                      text="秘密的话", started_at=at, outcome=outcome))  # fmt: skip


async def test_the_figures_tell_what_waits_and_what_became_of_it(house: House, base: str) -> None:
    await say(house, "queued", NOW - timedelta(minutes=7))
    await say(house, "queued", NOW + timedelta(hours=1))
    await say(house, "delivered", NOW, "delivered")
    await say(house, "delivered", NOW - timedelta(hours=2), "read")
    await say(house, "uncertain", NOW, "unknown")
    async with house.store.write() as conn:
        await conn.execute(insert(community).values(name="锦绣花园", created_at=NOW))
        await conn.execute(
            insert(ledger_watermark).values(community_id=1, source="b", as_of=date(2026, 11, 20), at=NOW)
        )
        await conn.execute(insert(worker).values(name="w", seen_at=real_now()))
    status, text = await get(f"{base}/metrics")
    assert status == 200
    for line in (
        "yinuo_queue_age_seconds 420.0", 'yinuo_queue_due{channel="sms"} 1.0', "yinuo_uncertain 1.0",
        'yinuo_sends_last_hour{channel="sms",outcome="delivered"} 1.0',
        'yinuo_ledger_age_days{community="锦绣花园"} 5.0',
        "yinuo_workers 1.0", "yinuo_journal_unsealed 0.0",
    ):  # fmt: skip
        assert line in text, text
    assert "秘密" not in text
    assert 'outcome="read"' not in text, "begun more than an hour ago"


async def test_what_nobody_let_go_is_not_late(house: House, base: str) -> None:
    async with house.store.write() as conn:
        await conn.execute(insert(community).values(name="锦绣花园", created_at=NOW))
        for kind, priority, hours in (("reminder", 5, 30), ("card", 3, 2), ("code", 5, 1)):
            at = NOW - timedelta(hours=hours)
            told = {"kind": kind, "priority": priority, "community_id": 1, "lane": hours, "not_before": at}
            made = {"channel": "sms", "step": "warm_4", "state": "queued", "created_at": at, "state_at": at}
            await conn.execute(insert(message).values(**told, **made))
    _, text = await get(f"{base}/metrics")
    assert "yinuo_queue_age_seconds 7200.0" in text
    assert 'yinuo_queue_due{channel="sms"} 2.0' in text
    async with house.store.write() as conn:
        await conn.execute(update(community).values(released_at=NOW))
    house.memory.pop("figures")
    _, text = await get(f"{base}/metrics")
    assert "yinuo_queue_age_seconds 108000.0" in text


@pytest.mark.parametrize("whose", [None, 1])
async def test_a_book_that_hears_of_payments_as_they_come_is_not_old(
    house: House, base: str, whose: int | None
) -> None:
    async with house.store.write() as conn:
        await conn.execute(insert(community).values(name="锦绣花园", created_at=NOW))
        old = insert(ledger_watermark).values(community_id=1, source="b", as_of=date(2026, 11, 1), at=NOW)
        await conn.execute(old)
        await conn.execute(insert(api_client).values(name="pay", token_hash="x", community_id=whose, live=True,
                                                     created_at=NOW))  # fmt: skip
    _, text = await get(f"{base}/metrics")
    assert 'yinuo_ledger_age_days{community="锦绣花园"} 0.0' in text


async def test_a_book_that_covers_no_day_yet_is_as_old_as_its_community(house: House, base: str) -> None:
    async with house.store.write() as conn:
        for name in ("锦绣花园", "空空花园"):
            await conn.execute(insert(community).values(name=name, created_at=NOW - timedelta(days=9)))
        await conn.execute(insert(unit).values(community_id=1, code="1-1-101"))
    _, text = await get(f"{base}/metrics")
    assert 'yinuo_ledger_age_days{community="锦绣花园"} 9.0' in text
    assert "空空花园" not in text, "nothing is asked for where nobody lives"


async def test_what_waits_for_its_seal_and_to_be_heard_is_told_by_its_age(house: House, base: str) -> None:
    await get(f"{base}/metrics")
    assert "yinuo_unheard_seconds 0.0" in (await get(f"{base}/metrics"))[1]
    house.memory.pop("figures")
    async with house.store.write() as conn:
        for n, minutes in enumerate((8, 3)):
            heard = {
                "provider": "sms",
                "event_key": f"e{n}",
                "sender_index": b"i",
                "sender_sealed": b"s",
                "kind": "text",
            }
            await conn.execute(insert(inbound).values(**heard, received_at=NOW - timedelta(minutes=minutes)))
        await note(conn, Entry("setting", "policy", {}, NOW - timedelta(minutes=20)))
    _, text = await get(f"{base}/metrics")
    assert "yinuo_unheard_seconds 480.0" in text
    assert "yinuo_journal_unsealed_seconds 1200.0" in text


async def test_the_heart_looks_at_the_last_days_only(house: House, tmp_path: Path) -> None:
    await say(house, "delivered", NOW - timedelta(days=3))
    assert await beat(house, tmp_path), "yinuo audit still names it"
    assert (await audit(house, None)).unexplained == ["message 1 is delivered, but no attempt was accepted"]
    await say(house, "delivered", NOW - timedelta(hours=47))
    assert not await beat(house, tmp_path)


async def test_the_figures_are_not_for_the_world_outside(base: str) -> None:
    status, _ = await get(f"{base}/metrics", **{"X-Forwarded-For": "203.0.113.9"})
    assert status == 404


async def test_ready_says_what_is_there(house: House, base: str) -> None:
    status, text = await get(f"{base}/readyz")
    assert (status, text) == (200, '{"ready":true,"database":true,"migrated":true,"worker":false}')


async def test_not_ready_while_the_database_has_an_older_shape(house: House, base: str) -> None:
    async with house.store.write() as conn:
        await conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    status, text = await get(f"{base}/readyz")
    assert status == 503
    assert '"migrated":false' in text


async def test_an_old_door_stays_open_while_a_newer_version_moves_in(house: House, base: str) -> None:
    async with house.store.write() as conn:
        await conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    status, text = await get(f"{base}/readyz")
    assert status == 200
    assert '"migrated":true' in text


async def test_not_ready_without_a_database(tmp_path: Path, vault: Any) -> None:
    store = Store("postgresql://nobody@127.0.0.1:1/none", vault)
    ladder = (Settings().scripts / "ladder.yaml").read_text(encoding="utf-8")
    async with serving(create_app(House(store, SetClock(NOW), {}, ladder)), "127.0.0.1", 0) as port:
        status, text = await get(f"http://127.0.0.1:{port}/readyz")
    assert status == 503
    assert '"database":false' in text
    await store.close()


async def test_the_heart_beats_while_the_audit_is_clean_and_is_silent_when_not(house: House, tmp_path: Path) -> None:
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_get("/beat", listen)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/beat"
    try:
        assert await beat(house, tmp_path, url)
        assert heard == ["/beat"]
        assert (tmp_path / "heartbeat").exists()
        (tmp_path / "heartbeat").unlink()
        await say(house, "delivered", NOW)
        assert not await beat(house, tmp_path, url)
        assert heard == ["/beat"]
        assert not (tmp_path / "heartbeat").exists()
    finally:
        await runner.cleanup()


async def test_a_heartbeat_nobody_hears_is_told(house: House, tmp_path: Path) -> None:
    assert not await beat(house, tmp_path, "http://127.0.0.1:1/beat")

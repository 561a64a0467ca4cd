"""The finance system's pushes: once per reference, all or none, bounded to its community."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from bot.clock import SetClock
from bot.flows.clients import add_client
from bot.flows.house import House
from bot.flows.words import read_files
from bot.settings import Settings
from bot.web.app import create_app
from store import core
from store.engine import Store
from store.ledger import insert_row

LADDER = read_files(Settings().scripts)["ladder.yaml"]


@pytest.fixture
async def api(store: Store, now: datetime) -> Any:
    async with store.write() as conn:
        town = await insert_row(
            conn, core.community,
            {"name": "t", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland", "service_phone": "",
             "office_hours": "", "contact_person": "", "pay_ways": "", "profile": "{}", "policy": "{}",
             "heading_map": "{}", "released_by": "", "created_at": now},
        )  # fmt: skip
        person = await insert_row(
            conn, core.person, {"community_id": town, "name": "王", "locale": "", "offline": False}
        )
        owner = await insert_row(
            conn, core.owner, {"community_id": town, "person_id": person, "name": "王", "external_ref": ""}
        )
        unit = await insert_row(
            conn, core.unit,
            {"community_id": town, "code": "3-2-1201", "building": "3", "stair": "2", "room": "1201",
             "segment": "resident", "area_cm2": 0, "remark": ""},
        )  # fmt: skip
        await insert_row(
            conn, core.account,
            {"community_id": town, "unit_id": unit, "owner_id": owner, "person_id": person, "opened_on": now.date(),
             "entered_on": now.date(), "bank_collection": False},
        )  # fmt: skip
    token = await add_client(store, "finance", None, now)
    app = create_app(House(store, SetClock(now), {}, LADDER, sandbox=True, secret="s"))
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://api.test", headers=headers
    ) as client:
        yield client


CHARGE = {"external_ref": "c-1", "unit": "3-2-1201", "period": "2026Q3", "amount_fen": 48_600}


async def test_what_comes_without_a_token_is_measured_while_it_is_read(api: Any) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        for _ in range(64):
            read += 1
            yield b" " * 2**20

    api.headers.pop("authorization")
    answer = await api.post("/api/v1/payments", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert read <= 3


async def test_a_charge_is_entered_once_and_gets_its_due_date_by_the_rule(api: Any, store: Store) -> None:
    first = await api.post("/api/v1/charges", json={"charges": [CHARGE]})
    again = await api.post("/api/v1/charges", json={"charges": [CHARGE]})
    assert first.json() == {"charges": [{"external_ref": "c-1", "state": "new"}]}
    assert again.json()["charges"][0]["state"] == "known"
    async with store.read() as conn:
        row = (await conn.execute(select(core.charge))).one()
    assert (row.period, row.open_fen, row.due_rule) == ("2026Q3", 48_600, "rule")
    assert row.due_on.isoformat() == "2026-12-10"


async def test_money_that_came_first_closes_the_charge_at_once(api: Any, store: Store) -> None:
    payment = {"external_ref": "p-1", "unit": "3-2-1201", "amount_fen": 50_000}
    await api.post("/api/v1/payments", json={"payments": [payment]})
    await api.post("/api/v1/charges", json={"charges": [CHARGE]})
    async with store.read() as conn:
        assert (await conn.execute(select(core.charge.c.open_fen))).scalar_one() == 0


async def test_one_bad_row_and_nothing_is_entered(api: Any, store: Store) -> None:
    for bad in ({**CHARGE, "unit": "9-9-9"}, {**CHARGE, "external_ref": "c-2", "period": "next summer"}):
        answer = await api.post("/api/v1/charges", json={"charges": [CHARGE, bad]})
        assert answer.status_code == 422
        assert bad["external_ref"] in answer.json()["detail"]
    async with store.read() as conn:
        assert (await conn.execute(select(core.charge))).all() == []


async def test_a_known_reference_with_another_amount_is_refused(api: Any) -> None:
    await api.post("/api/v1/charges", json={"charges": [CHARGE]})
    answer = await api.post("/api/v1/charges", json={"charges": [{**CHARGE, "amount_fen": 1}]})
    assert answer.status_code == 422
    assert "another unit or amount" in answer.json()["detail"]


async def test_a_phone_is_added_once_sealed_and_from_the_ledger(api: Any, store: Store) -> None:
    contact = {"external_ref": "k-1", "unit": "3-2-1201", "phone": "138 0000 0001"}
    assert (await api.post("/api/v1/contacts", json={"contacts": [contact]})).json()["contacts"][0]["state"] == "new"
    again = {**contact, "phone": "+8613800000001"}
    assert (await api.post("/api/v1/contacts", json={"contacts": [again]})).json()["contacts"][0]["state"] == "known"
    async with store.read() as conn:
        row = (await conn.execute(select(core.contact))).one()
    assert row.trust == "ledger"
    assert row.masked == "138****0001"
    assert b"1380000" not in row.address_sealed
    wrong = await api.post("/api/v1/contacts", json={"contacts": [{**contact, "phone": "12345"}]})
    assert wrong.status_code == 422


async def test_without_a_good_token_nothing_is_read(api: Any) -> None:
    for header in ("", "Bearer nonsense", "Basic x"):
        answer = await api.post("/api/v1/charges", json={"charges": [CHARGE]}, headers={"authorization": header})
        assert answer.status_code == 401


async def test_a_client_of_one_community_pushes_to_no_other(api: Any, store: Store, now: datetime) -> None:
    async with store.write() as conn:
        other = await insert_row(
            conn, core.community,
            {"name": "o", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland", "service_phone": "",
             "office_hours": "", "contact_person": "", "pay_ways": "", "profile": "{}", "policy": "{}",
             "heading_map": "{}", "released_by": "", "created_at": now},
        )  # fmt: skip
    token = await add_client(store, "other", other, now)
    headers = {"authorization": f"Bearer {token}"}
    answer = await api.post("/api/v1/charges", json={"charges": [CHARGE]}, headers=headers)
    assert answer.status_code == 422


PAYMENT = {"external_ref": "p-1", "unit": "3-2-1201", "amount_fen": 20_000}


async def told(api: Any, **payment: Any) -> Any:
    return await api.post("/api/v1/payments", json={"payments": [{**PAYMENT, **payment}]})


@pytest.mark.parametrize(
    "back",
    [
        {"external_ref": "r-1", "reverses": "p-1", "amount_fen": -5_000},
        {"external_ref": "r-1", "reverses": "p-1", "amount_fen": 5_000},
        {"amount_fen": -5_000},
        {"amount_fen": -25_000},
    ],
)
async def test_a_part_given_back_is_refused_with_what_to_do(back: dict[str, Any], api: Any, store: Store) -> None:
    await told(api)
    answer = await told(api, **back)
    assert answer.status_code == 422
    assert "p-1" in answer.json()["detail"]
    assert "20000 fen" in answer.json()["detail"]
    async with store.read() as conn:
        assert (await conn.execute(select(core.payment.c.state))).scalars().all() == ["received"]


@pytest.mark.parametrize("fen", [-20_000, 20_000, 0])
async def test_the_whole_given_back_is_taken_once(fen: int, api: Any, store: Store) -> None:
    await told(api)
    for _again in range(2):
        answer = await told(api, external_ref="r-1", reverses="p-1", amount_fen=fen)
        assert answer.json() == {"payments": [{"external_ref": "r-1", "state": "reversed"}]}
    async with store.read() as conn:
        assert (await conn.execute(select(core.payment.c.state))).scalars().all() == ["reversed"]


async def test_what_was_pushed_before_a_sale_is_known_after_it(api: Any, store: Store, now: datetime) -> None:
    await api.post("/api/v1/charges", json={"charges": [CHARGE]})
    await told(api)
    async with store.write() as conn:
        row = (await conn.execute(select(core.account))).one()._mapping
        await conn.execute(update(core.account).values(closed_on=now.date() - timedelta(days=1)))
        sold = await insert_row(conn, core.account, {k: v for k, v in row.items() if k != "id"})
    again = await api.post("/api/v1/charges", json={"charges": [CHARGE]})
    assert again.json() == {"charges": [{"external_ref": "c-1", "state": "known"}]}
    assert (await told(api)).json()["payments"][0]["state"] == "known"
    fresh = await api.post("/api/v1/charges", json={"charges": [{**CHARGE, "external_ref": "c-2"}]})
    assert fresh.json()["charges"][0]["state"] == "new"
    async with store.read() as conn:
        rows = (await conn.execute(select(core.charge.c.account_id).order_by(core.charge.c.id))).scalars().all()
    assert rows == [row["id"], sold]

"""Naming an account: the open one of a unit by its code, one of an owner who sold by its number."""

from datetime import date, datetime
from typing import Any

import pytest

from bot.flows.find import NotFound, account_named, former_of
from store import core
from store.engine import Store
from store.ledger import insert_row

COMMUNITY = {"timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland", "service_phone": "",
             "office_hours": "", "contact_person": "", "pay_ways": "", "profile": "{}", "policy": "{}",
             "heading_map": "{}", "released_by": ""}  # fmt: skip


@pytest.fixture
async def sold(store: Store, now: datetime) -> list[int]:
    """A flat that was sold twice, and another community with a flat of the same code; numbers of the accounts."""
    async with store.write() as conn:
        return [await _account(conn, town, unit, closed, now) for town, unit, closed in _ACCOUNTS]


_ACCOUNTS = [
    ("一", "1-101", date(2024, 1, 1)), ("一", "1-101", date(2026, 1, 1)), ("一", "1-101", None), ("一", "1-102", None),
    ("二", "9-9@3", None),
]  # fmt: skip


async def _once(conn: Any, table: Any, **values: Any) -> int:
    match = [table.c[name] == values[name] for name in ("name", "code") if name in values]
    found = (await conn.execute(table.select().where(*match))).first()
    return int(found.id) if found is not None else await insert_row(conn, table, values)


async def _account(conn: Any, town: str, code: str, closed: date | None, now: datetime) -> int:
    place = await _once(conn, core.community, name=town, created_at=now, **COMMUNITY)
    unit = await _once(conn, core.unit, community_id=place, code=code, building="", stair="", room="",
                       segment="resident", area_cm2=0, remark="")  # fmt: skip
    who = await insert_row(conn, core.person, {"community_id": place, "name": "甲", "locale": "", "offline": False})
    owner = await insert_row(
        conn, core.owner, {"community_id": place, "person_id": who, "name": "甲", "external_ref": ""}
    )
    day = {"opened_on": date(2020, 1, 1), "entered_on": date(2020, 1, 1), "closed_on": closed}
    values = {"community_id": place, "unit_id": unit, "owner_id": owner, "person_id": who, "bank_collection": False}
    return await insert_row(conn, core.account, values | day)


async def test_the_code_is_the_open_account_and_a_number_names_a_former_one(store: Store, sold: list[int]) -> None:
    first, second, present, _other, odd = sold
    named = {"1-101": present, f"1-101@{first}": first, f"一/1-101@{second}": second, f" 1-101@{present} ": present,
             "9-9@3": odd}  # fmt: skip
    async with store.read() as conn:
        assert {name: (await account_named(conn, name)).id for name in named} == named
        assert (await account_named(conn, f"1-101@{first}", "一")).id == first


async def test_a_number_of_another_unit_is_refused_and_the_former_ones_are_named(store: Store, sold: list[int]) -> None:
    async with store.read() as conn:
        with pytest.raises(NotFound, match=f"1-101@{sold[1]}, 1-101@{sold[0]}"):
            await account_named(conn, f"1-101@{sold[3]}")
        for name in ("1-1@1", "1-101@x", f"二/1-101@{sold[0]}"):
            with pytest.raises(NotFound, match="no unit"):
                await account_named(conn, name)


async def test_the_former_accounts_of_a_unit_are_told(store: Store, sold: list[int]) -> None:
    async with store.read() as conn:
        found = {name: await former_of(conn, await account_named(conn, name)) for name in ("1-101", "1-102")}
        again = await former_of(conn, await account_named(conn, f"1-101@{sold[0]}"))
    assert found == {"1-101": [f"1-101@{sold[1]}", f"1-101@{sold[0]}"], "1-102": []}
    assert again == [f"1-101@{sold[1]}"]

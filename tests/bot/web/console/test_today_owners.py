"""Today and Owners: what people see first."""

import re
from html import unescape
from typing import Any

from sqlalchemy import select

from store import core


async def test_today_shows_the_first_list_and_releases_it(place: Any, enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    assert "The first list waits for you" in (await client.get("/console")).text
    csrf = await token(client)
    page = await client.post("/console/first-list/plan", data={"csrf": csrf})
    assert page.status_code == 200, page.text
    blind = await client.post("/console/first-list/release", data={"csrf": csrf})
    assert blind.status_code == 422
    page = await client.post("/console/first-list/release", data={"csrf": csrf, "seen": "yes"})
    assert "Released" in page.text
    async with place.house.store.read() as conn:
        town = (await conn.execute(select(core.community))).one()
        kinds = list((await conn.execute(select(core.journal_entry.c.kind))).scalars())
    assert town.released_by == "supervisor one"
    assert "release" in kinds


async def test_the_brake_is_put_on_and_let_go_with_a_reason(enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    csrf = await token(client)
    page = await client.post(
        "/console/pause", data={"csrf": csrf, "scope": "here", "until": "2026-12-01", "why": "检修"}
    )
    assert "检修" in page.text
    page = await client.post("/console/resume", data={"csrf": csrf, "scope": "community:1"})
    assert "Resumed" in page.text


async def test_an_owner_is_found_by_unit_name_and_phone_with_everything_escaped(enter: Any) -> None:
    client = await enter("assistant")
    by_code = await client.get("/console/owners", params={"q": "1-1-"})
    assert "王敏" in by_code.text
    assert "李强" not in by_code.text
    by_name = await client.get("/console/owners", params={"q": "李"})
    assert "李强" in by_name.text
    by_phone = await client.get("/console/owners", params={"q": "138 0000 0001"})
    assert "李强" in by_phone.text
    assert "王敏" not in by_phone.text
    every = await client.get("/console/owners")
    assert "<b>赵一</b>" not in every.text
    assert "&lt;b&gt;赵一&lt;/b&gt;" in every.text


async def test_the_front_desk_reads_masked_names_in_lists(enter: Any) -> None:
    client = await enter("front_desk")
    page = await client.get("/console/owners")
    assert "王**" in page.text
    assert "王敏" not in page.text


async def test_units_are_counted_as_people_count_over_the_pages(place: Any, enter: Any) -> None:
    codes = [f"{building}-1-{room}" for building in (1, 2, 10) for room in (*range(101, 113), *range(1001, 1013))]
    async with place.house.store.write() as conn:
        sample = (await conn.execute(select(core.account).where(core.account.c.id == place.accounts[0]))).one()
        await conn.execute(core.account.update().values(closed_on=sample.opened_on))
        for code in sorted(codes):
            building, stair, _room = code.split("-")
            made = await conn.execute(
                core.unit.insert().values(community_id=place.community_id, code=code, building=building, stair=stair,
                                          room=code, segment="resident", area_cm2=0, remark="")
            )  # fmt: skip
            values = {**sample._mapping, "unit_id": made.inserted_primary_key[0], "closed_on": None}
            await conn.execute(core.account.insert().values({k: v for k, v in values.items() if k != "id"}))
    client = await enter("assistant")
    seen: list[str] = []
    address: str | None = "/console/owners"
    while address:
        page = (await client.get(address)).text
        seen += re.findall(r"<b>(\d+-\d+-\d+)</b>", page)
        more = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        address = f"/console/owners{unescape(more[1])}" if more else None
    assert seen == codes


async def test_a_search_that_finds_nothing_says_how_to_search(enter: Any) -> None:
    client = await enter("assistant")
    page = await client.get("/console/owners", params={"q": "' OR 1=1 --"})
    assert "Nothing found" in page.text
    assert "as the workbook does" in page.text


async def test_staff_of_one_community_see_no_other(place: Any, enter: Any, now: Any) -> None:
    async with place.house.store.write() as conn:
        await conn.execute(
            core.community.insert().values(name="别处", timezone="Asia/Shanghai", locale="zh-Hans", created_at=now)
        )
        other = (await conn.execute(select(core.community.c.id).where(core.community.c.name == "别处"))).scalar_one()
    client = await enter("assistant", community_id=other)
    page = await client.get("/console/owners")
    assert "王敏" not in page.text
    await client.get(f"/console/community?to={place.community_id}")
    assert "王敏" not in (await client.get("/console/owners")).text

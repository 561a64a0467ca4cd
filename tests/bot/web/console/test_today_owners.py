"""Today and Owners: what people see first."""

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

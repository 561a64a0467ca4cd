"""The ladder in the console: simulated on the real ledger, then saved."""

import re
from html import unescape
from typing import Any

from sqlalchemy import select

from store import core


def signed(page: str) -> str:
    return unescape(page.split('name="token" value="')[1].split('"')[0])


async def test_a_change_is_simulated_then_saved_and_journaled(place: Any, enter: Any, token: Any) -> None:
    client = await enter("head")
    csrf = await token(client)
    assert (await client.get("/console/ladder")).status_code == 200
    page = await client.post("/console/ladder/simulate", data={"csrf": csrf, "how": "form", "steps.warm_4.day": "8"})
    assert "Tomorrow" in page.text, page.text
    assert "accounts move to another step" in page.text
    async with place.house.store.read() as conn:
        assert (await conn.execute(select(core.community.c.policy))).scalar_one() == "{}"
    answer = await client.post("/console/ladder/save", data={"csrf": csrf, "token": signed(page.text), "why": "晚一点"})
    assert "in force" in answer.text
    async with place.house.store.read() as conn:
        kept = (await conn.execute(select(core.community.c.policy))).scalar_one()
        told = (await conn.execute(select(core.journal_entry).where(core.journal_entry.c.kind == "ladder"))).one()
    assert kept == '{"steps": {"warm_4": {"day": 8}}}'
    assert "steps.warm_4.day: 4 -> 8" in told.note
    again = await client.post("/console/ladder/save", data={"csrf": csrf, "token": signed(page.text), "why": "再来"})
    assert again.status_code == 422
    assert "somebody changed the ladder meanwhile" in again.text
    page = await client.post("/console/ladder/reset", data={"csrf": csrf})
    answer = await client.post("/console/ladder/save", data={"csrf": csrf, "token": signed(page.text), "why": "回去"})
    assert "in force" in answer.text


async def test_sums_are_asked_and_told_in_yuan_and_kept_in_fen(place: Any, enter: Any, token: Any) -> None:
    client = await enter("head")
    csrf = await token(client)
    page = await client.get("/console/ladder")
    assert re.search(r'name="tolerance.formal_fen" value="\d+\.\d\d"', page.text)
    data = {"csrf": csrf, "how": "form", "tolerance.formal_fen": "123.45"}
    page = await client.post("/console/ladder/simulate", data=data)
    assert "below this nothing formal yuan" in page.text
    assert "<b>123.45</b>" in page.text
    await client.post("/console/ladder/save", data={"csrf": csrf, "token": signed(page.text), "why": "小额"})
    async with place.house.store.read() as conn:
        kept = (await conn.execute(select(core.community.c.policy))).scalar_one()
    assert kept == '{"tolerance": {"formal_fen": 12345}}'


async def test_a_window_taken_away_is_said_to_become_empty(enter: Any, token: Any) -> None:
    client = await enter("admin")
    data = {"csrf": await token(client), "how": "form", "windows.ordinary.rest": ""}
    page = await client.post("/console/ladder/simulate", data=data)
    assert "1 windows become empty" in page.text, page.text


async def test_a_ladder_that_cannot_be_is_refused_in_plain_words(enter: Any, token: Any) -> None:
    client = await enter("admin")
    csrf = await token(client)
    for field, value in (
        ("caps.per_day", "99"), ("steps.warm_4.day", "soon"), ("windows.ordinary.workday", "03:00-04:00"),
    ):  # fmt: skip
        page = await client.post("/console/ladder/simulate", data={"csrf": csrf, "how": "form", field: value})
        assert page.status_code == 422, field
        assert "This cannot be used" in page.text
        assert value in page.text
    for text in ("[1, 2]", "{{{", "a: &a [*a]", "!!python/object/apply:os.system ['true']"):
        page = await client.post("/console/ladder/simulate", data={"csrf": csrf, "how": "yaml", "yaml": text})
        assert page.status_code == 422, text


async def test_a_change_that_was_not_simulated_is_not_saved(enter: Any, token: Any) -> None:
    client = await enter("admin")
    data = {"csrf": await token(client), "token": "forged.token", "why": "x"}
    assert (await client.post("/console/ladder/save", data=data)).status_code == 422


async def test_the_ladder_is_for_those_who_lead(enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    data = {"csrf": await token(client), "how": "form", "caps.per_week": "3"}
    assert (await client.post("/console/ladder/simulate", data=data)).status_code == 403

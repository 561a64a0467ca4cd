"""What the sandbox's page may ask of the service: who is who, what happened and why; with its token alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from bot.flows.cases import open_case
from bot.flows.plan import plan
from bot.web import stage
from store import core
from store.ledger import look_now

pytestmark = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
TOKEN = "token-of-this-test"
WECHAT = "oStageOfThisTest0000000001"


@pytest.fixture
async def page(estate: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.house = estate.house
    app.state.turn_token = TOKEN
    app.include_router(stage.router)
    transport = httpx.ASGITransport(app=app)
    headers = {"X-Sandbox-Token": TOKEN}
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
        yield client


async def owners(page: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await page.get("/sandbox/owners", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["owners"]
    return found


async def test_an_owner_is_found_by_unit_name_number_and_address(estate: Any, page: httpx.AsyncClient) -> None:
    made = await estate.owner()
    await estate.contact(made.person_id, "wechat", WECHAT)
    await estate.owner("5-1-0102", phone="+8619900000077", name="周小光", owed=())
    assert [one["unit"] for one in await owners(page)] == ["3-2-1201", "5-1-0102"]
    for words in ("1201", "王小", WECHAT):
        assert [one["account"] for one in await owners(page, search=words)] == [made.account_id], words
    assert [one["unit"] for one in await owners(page, search="19900000077")] == ["5-1-0102"]
    assert [one["account"] for one in await owners(page, at=[f"wechat:{WECHAT}"])] == [made.account_id]
    assert await owners(page, at=["telegram:1"]) == []
    assert await owners(page, search="%") == await owners(page)


async def test_an_owner_is_told_with_debts_and_real_sandbox_addresses(estate: Any, page: httpx.AsyncClient) -> None:
    made = await estate.owner(owed=(("management", "2026Q3", 48_600),))
    await estate.charge(made.account_id, "management", "2026Q4", 50_000, due=(estate.clock.at + timedelta(9)).date())
    told = (await owners(page))[0]
    assert (told["owed_fen"], told["due_fen"], told["timezone"]) == (98_600, 48_600, "Asia/Shanghai")
    contact = told["contacts"][0]
    assert (contact["channel"], contact["proved"]) == ("sms", False)
    assert contact["address"].startswith("+86")


async def test_the_timeline_tells_what_is_planned_said_and_withheld_and_why(
    estate: Any, page: httpx.AsyncClient
) -> None:
    made = await estate.owner(trust="proved")
    await estate.hears("下周五交")
    await estate.hears("1")
    await plan(estate.house)
    await estate.pay(made.account_id, 8_600)
    told = (await page.get("/sandbox/timeline", params={"account": made.account_id})).json()
    kinds = [entry["kind"] for entry in told["entries"]]
    assert {"heard", "promise", "paid"} <= set(kinds)
    promise = next(entry for entry in told["entries"] if entry["kind"] == "promise")
    assert promise["detail"] == {"amount_fen": 48_600, "due_on": "2026-12-04"}
    assert told["next"]["decision"] != "send"
    assert "PROMISE_OPEN" in [reason["code"] for reason in told["next"]["reasons"]]
    assert "承诺" in told["next"]["reasons"][0]["zh"]
    assert [entry["at"] for entry in told["entries"]] == sorted(entry["at"] for entry in told["entries"])


async def test_an_answer_is_told_as_one_with_our_replies_in_the_order_of_the_talk(
    estate: Any, page: httpx.AsyncClient
) -> None:
    made = await estate.owner(trust="proved")
    await estate.hears("下周五交")
    estate.clock.at += timedelta(minutes=1)
    await estate.hears("1")
    async with estate.store.write() as conn:
        await conn.execute(core.message.update().values(state="delivered"))
    told = (await page.get("/sandbox/timeline", params={"account": made.account_id})).json()["entries"]
    assert [(entry["kind"], entry["step"]) for entry in told] == [
        ("heard", ""), ("reply", "promise_confirm"), ("heard", ""), ("reply", "promise_made"), ("promise", ""),
    ]  # fmt: skip
    assert [entry["detail"]["answered"] for entry in told if entry["kind"] == "heard"] == ["", "confirmed"]


async def test_a_sentence_not_understood_and_an_answer_declined_are_told_so(
    estate: Any, page: httpx.AsyncClient
) -> None:
    made = await estate.owner(trust="proved")
    for words in ("今天天气蓝蓝的树", "下周五交", "2"):
        await estate.hears(words)
        estate.clock.at += timedelta(minutes=1)
    told = (await page.get("/sandbox/timeline", params={"account": made.account_id})).json()["entries"]
    heard = [(entry["detail"]["intent"], entry["detail"]["answered"]) for entry in told if entry["kind"] == "heard"]
    assert heard == [("none", ""), ("promise", ""), ("none", "declined")]


async def test_a_case_is_told_in_the_words_of_the_staff(estate: Any, page: httpx.AsyncClient) -> None:
    made = await estate.owner()
    async with estate.store.write() as conn:
        number, _new = await open_case(conn, community_id=estate.community_id, cause="opted_out", now=estate.clock.at,
                                       account_id=made.account_id)  # fmt: skip
        await conn.execute(
            core.case_.update()
            .where(core.case_.c.id == number)
            .values(state="resolved", outcome="paid", resolved_at=estate.clock.at)
        )
    told = (await page.get("/sandbox/timeline", params={"account": made.account_id})).json()["entries"]
    cases = [entry for entry in told if entry["kind"] == "case"]
    assert [entry["title"]["zh"] for entry in cases] == ["退订提醒，仍有欠费"] * 2
    assert cases[-1]["detail"]["outcome"] == {"zh": "已缴", "en": "Paid"}


async def test_a_withheld_message_says_its_reason_in_both_languages(estate: Any, page: httpx.AsyncClient) -> None:
    made = await estate.owner()
    async with estate.store.write() as conn:
        await look_now(conn, [made.account_id], estate.clock.at)
    await plan(estate.house)
    async with estate.store.write() as conn:
        await conn.execute(core.message.update().values(state="cancelled", reason="PAID"))
    told = (await page.get("/sandbox/timeline", params={"account": made.account_id})).json()
    entry = next(entry for entry in told["entries"] if entry["kind"] == "withheld")
    assert (entry["state"], entry["words"]) == ("cancelled", {"zh": "已缴清", "en": "everything due is paid"})
    assert entry["title"]["zh"]
    assert entry["title"]["en"]


async def test_staff_are_told_with_where_they_are_reached(estate: Any, page: httpx.AsyncClient) -> None:
    vault, now = estate.store.vault, estate.clock.at
    async with estate.store.write() as conn:
        made = await conn.execute(
            insert(core.staff).values(
                name="张样本", role="assistant", locale="zh-Hans", hours="{}", password_hash="", created_at=now
            )
        )
        await conn.execute(
            insert(core.staff_contact).values(
                staff_id=made.inserted_primary_key[0],
                channel="telegram",
                address_sealed=vault.seal("700101"),
                address_index=vault.index("telegram", "700101"),
                linked_at=now,
            )
        )
    told = (await page.get("/sandbox/staff")).json()
    assert [(one["name"], one["contacts"]) for one in told["staff"]] == [
        ("张样本", [{"channel": "telegram", "address": "700101"}])
    ]


async def test_without_the_token_or_outside_the_sandbox_nothing_is_told(estate: Any, page: httpx.AsyncClient) -> None:
    made = await estate.owner()
    for path in ("/sandbox/owners", f"/sandbox/timeline?account={made.account_id}", "/sandbox/staff"):
        assert (await page.get(path, headers={"X-Sandbox-Token": "guessed"})).status_code == 403
    estate.house.sandbox = False
    assert (await page.get("/sandbox/owners")).status_code == 404
    estate.house.sandbox = True
    assert (await page.get("/sandbox/timeline", params={"account": 9_999})).status_code == 404

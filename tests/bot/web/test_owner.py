"""The owner's page: behind a signed link that expires, the same decisions as the chat."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.web import owner
from store import core

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""What is proved here does not depend on the database; the stories run on both."""


@pytest.fixture
async def browser(estate: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.house = estate.house
    app.include_router(owner.router)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:
        yield client


def link(estate: Any, made: Any, contact_id: int | None = None) -> str:
    return owner.make_link(estate.house)(made.person_id, contact_id or made.contact_id, estate.clock.at)


async def test_it_shows_what_is_owed_and_why(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="proved", owed=(("management", "2026Q3", 48_600), ("water", "2026-09", 3_150)))
    answer = await browser.get(link(estate, made))
    assert answer.status_code == 200
    for words in ("517.50元", "3-2-1201室", "物业费", "水费", "31.50元"):
        assert words in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_day_is_tapped_said_back_and_counts_only_after_yes(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="proved")
    base = link(estate, made)
    answer = await browser.post(f"{base}/promise", data={"date": "2026-12-04", "amount": ""})
    assert "2026年12月4日（周五）" in answer.text
    assert await estate.all(core.promise) == []
    data = re.search(r'value="(q:\d+:yes)"', answer.text)
    assert data
    await browser.post(f"{base}/press", data={"data": data[1]})
    await browser.post(f"{base}/press", data={"data": data[1]})
    assert [(p.due_on, p.amount_fen, p.channel) for p in await estate.all(core.promise)] == [
        (date(2026, 12, 4), 48_600, "page")
    ]
    assert await estate.messages() == []


async def test_a_yes_in_the_chat_answers_what_the_page_asked(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="proved")
    await browser.post(f"{link(estate, made)}/promise", data={"date": "2026-12-04"})
    await estate.hears("1")
    assert [p.due_on for p in await estate.all(core.promise)] == [date(2026, 12, 4)]


async def test_the_limits_are_those_of_the_chat(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="proved")
    base = link(estate, made)
    assert "12月26日" in (await browser.post(f"{base}/promise", data={"date": "2027-03-01"})).text
    assert "243元" in (await browser.post(f"{base}/promise", data={"date": "2026-12-04", "amount": "100"})).text
    assert await estate.all(core.promise) == []


async def test_paid_wrong_and_a_person_go_through_the_same_flows(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="proved")
    base = link(estate, made)
    await browser.post(f"{base}/paid", data={"text": "昨天微信缴的"})
    await browser.post(f"{base}/dispute", data={"text": "物业费算错了"})
    await browser.post(f"{base}/person", data={})
    assert [h.code for h in await estate.all(core.hold)] == ["PAID_CLAIM"]
    assert [d.charge_id for d in await estate.all(core.dispute)] == made.charges
    assert sorted(c.cause for c in await estate.all(core.case_)) == ["dispute", "person"]


async def test_who_is_not_proved_sees_no_details_until_the_code_came(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="ledger")
    base = link(estate, made)
    answer = await browser.get(base)
    assert "物业费 " not in answer.text
    assert 'name="date"' not in answer.text
    await browser.post(f"{base}/promise", data={"date": "2026-12-04"})
    assert await estate.all(core.conversation)
    await browser.post(f"{base}/send_code", data={})
    sent = (await estate.messages())[-1]
    assert (sent.kind, sent.channel) == ("code", "sms")
    code = "".join(c for c in sent.text.split("验证码")[1] if c.isdigit())[:6]
    answer = await browser.post(f"{base}/prove", data={"text": code})
    assert 'name="date"' in answer.text
    assert (await estate.all(core.contact))[0].trust == "proved"


async def test_a_link_opens_no_more_than_the_contact_it_was_sent_to_may_know(
    estate: Any, browser: httpx.AsyncClient
) -> None:
    """A number from the workbook may be a stranger's, however well we know the owner elsewhere (I9)."""
    made = await estate.owner(trust="ledger")
    telegram = await estate.contact(made.person_id, "telegram", "778899", "proved")
    stranger = link(estate, made)
    await browser.post(f"{stranger}/dispute", data={"text": "物业费算错了"})
    assert 'name="date"' not in (await browser.get(stranger)).text
    assert await estate.all(core.dispute) == []
    assert 'name="date"' in (await browser.get(link(estate, made, telegram))).text


async def test_a_link_closes_with_the_contact_it_was_sent_to(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="proved")
    good = link(estate, made)
    async with estate.house.store.write() as conn:
        await conn.execute(core.contact.update().values(unbound_at=estate.clock.at))
    assert (await browser.get(good)).status_code == 410


async def test_a_link_expires_and_a_forged_one_opens_nothing(estate: Any, browser: httpx.AsyncClient) -> None:
    made = await estate.owner(trust="proved")
    good = link(estate, made)
    assert (await browser.get(good[:-2] + "xx")).status_code == 410
    assert (await browser.get("/o/" + "é" * 50)).status_code == 410
    estate.later(days=31)
    answer = await browser.get(good)
    assert answer.status_code == 410
    assert "486" not in answer.text


@pytest.mark.parametrize(("locale", "word"), [("en", "How to pay"), ("zh-Hant", "怎麼繳"), ("zh-Hans", "怎么缴")])
async def test_it_speaks_three_languages(estate: Any, browser: httpx.AsyncClient, locale: str, word: str) -> None:
    made = await estate.owner(trust="proved")
    answer = await browser.post(f"{link(estate, made)}/language", data={"locale": locale})
    assert word in answer.text
    assert (await estate.all(core.person))[0].locale == locale


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("promise", {"date": "never", "amount": "x" * 200}), ("promise", {"date": "2026-12-04", "amount": "-5"}),
        ("promise", {}), ("press", {"data": "q:99999:yes"}), ("press", {"data": "{{7*7}}"}), ("paid", {"account": "x"}),
        ("dispute", {"text": "<script>alert(1)</script>" + "；DROP TABLE" * 50}), ("language", {"locale": "xx"}),
        ("prove", {"text": "\x00\u202e"}), ("nothing", {}), ("dispute", {"text": " "}),
    ],
)  # fmt: skip
async def test_nothing_typed_breaks_it(
    estate: Any, browser: httpx.AsyncClient, action: str, fields: dict[str, str]
) -> None:
    made = await estate.owner(trust="proved")
    answer = await browser.post(f"{link(estate, made)}/{action}", data=fields)
    assert answer.status_code in (200, 404)
    assert "<script>" not in answer.text


def test_without_a_secret_no_link_is_made(estate: Any) -> None:
    estate.house.secret = ""
    with pytest.raises(ValueError, match="secret"):
        owner.make_link(estate.house)
    assert timedelta(days=30) == owner.LIVES

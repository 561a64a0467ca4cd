"""The page of one case behind a WeCom link: signed in or sent to the door, masked, the same moves as in the group."""

from datetime import timedelta
from typing import Any

from bot.flows.cards import case_link, case_token
from bot.flows.cases import open_case


async def _link(place: Any, **told: Any) -> tuple[int, str]:
    """A fresh case and the path its link leads to."""
    house, now = place.house, place.house.clock.now()
    async with house.store.write() as conn:
        number, _new = await open_case(
            conn, community_id=place.community_id, cause="broken_promise", now=now, account_id=place.accounts[0]
        )
    link = case_link(house, number, 0, now - told.get("ago", timedelta()))
    return number, link[link.index("/staff/") :]


def reader(client: Any) -> Any:
    """A browser whose person chose English."""
    client.cookies.set("yinuo_lang", "en", domain="console.test", path="/")
    return client


async def test_nobody_signed_in_is_sent_to_the_door_and_back(place: Any) -> None:
    _number, path = await _link(place)
    client = place.client()
    answer = await client.get(path, follow_redirects=False)
    assert answer.status_code == 303
    page = await client.get(answer.headers["location"])
    token = path.partition("t=")[2]
    assert f'value="/staff/case?t={token}"' in page.text
    refused = await client.post("/staff/case/claim", data={"t": token, "version": "0"}, follow_redirects=False)
    assert refused.headers["location"].startswith("/console/sign-in")


async def test_the_card_is_masked_and_claimed_once(place: Any, enter: Any, token: Any) -> None:
    number, path = await _link(place)
    first, second = reader(await enter("assistant")), reader(await enter("assistant", "assistant two"))
    page = await first.get(path)
    assert page.status_code == 200
    assert f"#{number} " in page.text
    assert "**" in page.text or "***" in page.text
    told = {"t": path.partition("t=")[2], "version": "0"}
    page = await first.post("/staff/case/claim", data=told | {"csrf": await token(first)})
    assert "Done" in page.text
    page = await second.post("/staff/case/claim", data=told | {"csrf": await token(second)})
    assert "assistant one has it" in page.text
    page = await second.post("/staff/case/resolve", data=told | {"csrf": await token(second), "outcome": "done"})
    assert "assistant one has it" in page.text


async def test_contacted_and_resolved_from_the_page(place: Any, enter: Any, token: Any) -> None:
    _number, path = await _link(place)
    client = reader(await enter("assistant"))
    told = {"t": path.partition("t=")[2], "csrf": await token(client)}
    page = await client.post("/staff/case/contacted", data=told | {"version": "0", "way": "call", "text": "会缴"})
    assert "Done" in page.text
    assert "Contacted" in page.text, "what happened since the message is told"
    wrong = await client.post("/staff/case/resolve", data=told | {"version": "1", "outcome": "waiver"})
    assert wrong.status_code == 422
    page = await client.post("/staff/case/resolve", data=told | {"version": "1", "outcome": "forgot"})
    assert "Done" in page.text
    assert "/staff/case/resolve" not in page.text


async def test_without_the_csrf_token_nothing_moves(place: Any, enter: Any) -> None:
    _number, path = await _link(place)
    client = await enter("assistant")
    answer = await client.post("/staff/case/claim", data={"t": path.partition("t=")[2], "version": "0"})
    assert answer.status_code == 403


async def test_a_forged_and_an_expired_link_lead_to_a_sentence(place: Any, enter: Any) -> None:
    _number, path = await _link(place, ago=timedelta(days=8))
    client = await enter("assistant")
    assert (await client.get(path)).status_code == 410
    good = case_token(place.house, 1, 0, place.house.clock.now())
    assert (await client.get(f"/staff/case?t=2{good[1:]}")).status_code == 410
    assert (await client.get("/staff/case")).status_code == 410
    gone = case_token(place.house, 4711, 0, place.house.clock.now())
    assert (await client.get(f"/staff/case?t={gone}")).status_code == 404


async def test_a_robots_list_leads_to_the_cases(enter: Any) -> None:
    client = await enter("assistant")
    assert str((await client.get("/staff/cases")).url).endswith("/console/cases")

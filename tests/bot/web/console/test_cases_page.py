"""Cases in the console: the same moves as in the group."""

from typing import Any

from bot.flows.cases import open_case


async def _open(place: Any) -> int:
    async with place.house.store.write() as conn:
        number, _new = await open_case(
            conn, community_id=place.community_id, cause="broken_promise", now=place.house.clock.now(),
            account_id=place.accounts[0],
        )  # fmt: skip
    return number


async def test_a_case_is_claimed_once_and_the_other_is_told_who_has_it(place: Any, enter: Any, token: Any) -> None:
    number = await _open(place)
    first, second = await enter("assistant"), await enter("assistant", "assistant two")
    assert "broken promise" in (await first.get("/console/cases")).text
    here = f"/console/cases/{number}"
    page = await first.post(f"{here}/claim", data={"csrf": await token(first), "version": "0"})
    assert "Done" in page.text
    page = await second.post(f"{here}/claim", data={"csrf": await token(second), "version": "0"})
    assert "assistant one has it" in page.text
    refused = await second.post(
        f"{here}/resolve", data={"csrf": await token(second), "version": "1", "outcome": "done"}
    )
    assert refused.status_code == 409


async def test_a_case_is_noted_contacted_and_resolved(place: Any, enter: Any, token: Any) -> None:
    number = await _open(place)
    client = await enter("assistant")
    csrf, here = await token(client), f"/console/cases/{number}"
    assert "Done" in (await client.post(f"{here}/note", data={"csrf": csrf, "text": "<script>x</script>"})).text
    page = await client.post(f"{here}/contacted", data={"csrf": csrf, "version": "1", "way": "call", "text": "会缴"})
    assert "Done" in page.text
    assert "<script>x" not in page.text
    page = await client.post(f"{here}/resolve", data={"csrf": csrf, "version": "2", "outcome": "no such"})
    assert page.status_code == 422
    page = await client.post(f"{here}/resolve", data={"csrf": csrf, "version": "2", "outcome": "forgot"})
    assert "resolved" in page.text
    assert "broken promise" in (await client.get("/console/cases?resolved=1")).text


async def test_a_case_that_is_not_there_is_said_to_be_so(enter: Any) -> None:
    client = await enter("assistant")
    assert (await client.get("/console/cases/4711")).status_code == 404

"""Approvals on a page: the list of door notices is asked for, granted by another, and printed without who paid."""

from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from store import core


async def two_periods(place: Any, account: int) -> None:
    """Two overdue periods of a flat."""
    async with place.house.store.write() as conn:
        for period, due in (("2025Q1", date(2025, 3, 31)), ("2025Q2", date(2025, 6, 30))):
            values = {
                "account_id": account, "kind": "management", "period": period, "period_from": due, "period_to": due,
                "amount_fen": 30_000, "open_fen": 30_000, "due_on": due, "due_rule": "file", "round": 0,
                "source": "test", "external_ref": f"{account}:{period}", "entered_at": place.house.clock.now(),
                "previous_manager": False, "months": "",
            }  # fmt: skip
            await conn.execute(insert(core.charge).values(**values))


async def test_a_list_of_door_notices_is_granted_by_another_and_printed(place: Any, enter: Any, token: Any) -> None:
    one, two = place.accounts[0], place.accounts[1]
    await two_periods(place, one)
    await two_periods(place, two)
    asker = await enter("supervisor")
    data = {"csrf": await token(asker)}
    page = await asker.post("/console/approvals/door-list/ask", data=data)
    assert "The list waits for its approval" in page.text, page.text
    assert "You asked for it" in page.text
    assert (await asker.post("/console/approvals/door-list/ask", data=data)).status_code == 422, "one at a time"
    async with place.house.store.read() as conn:
        request = (await conn.execute(select(core.approval))).one()
    assert (await asker.post(f"/console/approvals/{request.id}", data={**data, "word": "yes"})).status_code == 403
    assert (await asker.get(f"/console/approvals/door-list/{request.id}")).status_code == 422
    head = await enter("head")
    yes = {"csrf": await token(head), "word": "yes"}
    assert "Approved" in (await head.post(f"/console/approvals/{request.id}", data=yes)).text
    assert (await head.post(f"/console/approvals/{request.id}", data=yes)).status_code == 409
    async with place.house.store.write() as conn:
        cases = (await conn.execute(select(core.case_.c.account_id).where(core.case_.c.cause == "door_notice"))).all()
        assert {row.account_id for row in cases} == {one, two}
        await conn.execute(update(core.charge).where(core.charge.c.account_id == two).values(open_fen=0))
    page = await head.get(f"/console/approvals/door-list/{request.id}")
    assert f"/console/owners/{one}" in page.text
    assert f"/console/owners/{two}" not in page.text, "who paid since is left out"


async def test_an_account_with_a_word_given_is_not_on_the_list(place: Any, enter: Any, token: Any) -> None:
    account = place.accounts[0]
    await two_periods(place, account)
    now = place.house.clock.now()
    async with place.house.store.write() as conn:
        values = {
            "scope": "account", "account_id": account, "code": "ON_HOLD", "reason": "t", "until": date(2099, 1, 1),
            "who": "t", "at": now, "source": "test",
        }  # fmt: skip
        await conn.execute(insert(core.hold).values(**values))
    client = await enter("supervisor")
    page = await client.post("/console/approvals/door-list/ask", data={"csrf": await token(client)})
    assert page.status_code == 422
    desk = await enter("front_desk")
    refused = await desk.post("/console/approvals/door-list/ask", data={"csrf": await token(desk)})
    assert refused.status_code == 403

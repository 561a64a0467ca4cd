"""Slips and pictures owners sent: on the account's and the case's page, opened by the roles that check money."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.flows.cases import open_case
from store import core

PNG = b"\x89PNG\r\n\x1a\n slip"


async def keep(place: Any, content: bytes = PNG, media_type: str = "image/png", **changed: Any) -> int:
    """A kept picture of the first account's owner."""
    now, vault = place.house.clock.now(), place.house.store.vault
    async with place.house.store.write() as conn:
        account = (await conn.execute(select(core.account).where(core.account.c.id == place.accounts[0]))).one()
        heard = {"provider": "telegram", "event_key": "1", "sender_index": b"x", "sender_sealed": vault.seal("7"),
                 "person_id": account.person_id, "kind": "picture", "text": "", "detail": "{}", "intent": "",
                 "received_at": now, "handled_at": now, "tries": 0, "reason": ""}  # fmt: skip
        number = (await conn.execute(insert(core.inbound).values(**heard))).inserted_primary_key[0]
        values = {"inbound_id": number, "person_id": account.person_id, "state": "kept", "media_type": media_type,
                  "size": len(content), "digest": hashlib.sha256(content).digest(), "reason": "", "tries": 0,
                  "content_sealed": vault.seal_bytes(content), "at": now, "next_at": now, **changed}  # fmt: skip
        made = await conn.execute(insert(core.attachment).values(**values))
        return int(made.inserted_primary_key[0])


@pytest.mark.parametrize("role", ["assistant", "accountant"])
async def test_who_checks_money_sees_the_slip_on_the_account_and_the_case(place: Any, enter: Any, role: str) -> None:
    number = await keep(place)
    async with place.house.store.write() as conn:
        case_id, _ = await open_case(conn, community_id=place.community_id, cause="picture",
                                     now=place.house.clock.now(), account_id=place.accounts[0])  # fmt: skip
    client = await enter(role)
    address = f"/console/owners/{place.accounts[0]}/files/{number}"
    for page in (f"/console/owners/{place.accounts[0]}", f"/console/cases/{case_id}"):
        assert address in (await client.get(page)).text
    shown = await client.get(address)
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"].startswith("inline")
    async with place.house.store.read() as conn:
        looks = (await conn.execute(select(core.journal_entry).where(core.journal_entry.c.kind == "look"))).all()
    assert [look.note for look in looks] == [f"attachment {number} shown"]


async def test_the_front_desk_sees_that_it_came_and_cannot_open_it(place: Any, enter: Any) -> None:
    number = await keep(place)
    client = await enter("front_desk")
    page = await client.get(f"/console/owners/{place.accounts[0]}")
    assert "Slips and pictures" in page.text
    assert f"/files/{number}" not in page.text
    assert (await client.get(f"/console/owners/{place.accounts[0]}/files/{number}")).status_code == 403


async def test_a_pdf_is_saved_and_not_opened_within_the_console(place: Any, enter: Any) -> None:
    number = await keep(place, b"%PDF-1.7", "application/pdf")
    client = await enter("assistant")
    shown = await client.get(f"/console/owners/{place.accounts[0]}/files/{number}")
    assert shown.headers["content-disposition"].startswith("attachment")


async def test_one_of_another_account_or_one_not_kept_is_not_found(place: Any, enter: Any) -> None:
    number = await keep(place)
    client = await enter("assistant")
    assert (await client.get(f"/console/owners/{place.accounts[1]}/files/{number}")).status_code == 422
    assert (await client.get(f"/console/owners/{place.accounts[0]}/files/{10**30}")).status_code == 422


async def test_one_that_was_refused_says_so(place: Any, enter: Any) -> None:
    await keep(place, state="refused", content_sealed=None, reason="40007 the media is gone")
    client = await enter("assistant")
    page = await client.get(f"/console/owners/{place.accounts[0]}")
    assert "ask for it again" in page.text
    assert "40007" in page.text

"""The console's door: sign-in, sessions, CSRF, roles, sizes."""

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.flows.admins import StaffError, create_admin
from store import core

PASSWORD = "a-good-password"


async def test_without_an_admin_the_page_says_how_to_make_one(place: Any) -> None:
    async with place.house.store.write() as conn:
        await conn.execute(update(core.staff).values(password_hash=""))
    async with place.client() as client:
        page = await client.get("/console")
    assert "yinuo admin create" in page.text


async def test_a_session_begins_with_a_fresh_token_whatever_the_browser_brings(place: Any, now: datetime) -> None:
    await create_admin(place.house.store, "lin", PASSWORD, now)
    async with place.client() as client:
        client.cookies.set("yinuo_session", "planted", domain="console.test", path="/")
        answer = await client.post(
            "/console/sign-in", data={"name": "lin", "password": PASSWORD}, follow_redirects=False
        )
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    assert "planted" not in cookie
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    async with place.house.store.read() as conn:
        kept = (await conn.execute(select(core.console_session.c.token_hash))).scalars().all()
    assert len(kept) == 1
    assert kept[0] not in cookie


async def test_the_cookie_is_secure_behind_https(place: Any, now: datetime) -> None:
    place.house.public_url = "https://yinuo.example"
    await create_admin(place.house.store, "lin", PASSWORD, now)
    async with place.client() as client:
        answer = await client.post(
            "/console/sign-in", data={"name": "lin", "password": PASSWORD}, follow_redirects=False
        )
    assert "Secure" in answer.headers["set-cookie"]


async def test_wrong_passwords_are_refused_and_soon_not_even_tried(place: Any, now: datetime) -> None:
    await create_admin(place.house.store, "lin", PASSWORD, now)
    async with place.client() as client:
        codes = []
        for _ in range(7):
            answer = await client.post("/console/sign-in", data={"name": "lin", "password": "wrong-password"})
            codes.append(answer.status_code)
        right = await client.post("/console/sign-in", data={"name": "lin", "password": PASSWORD})
    assert codes == [401] * 6 + [429]
    assert right.status_code == 429


async def test_an_address_from_elsewhere_is_not_followed_after_sign_in(place: Any, now: datetime) -> None:
    await create_admin(place.house.store, "lin", PASSWORD, now)
    async with place.client() as client:
        data = {"name": "lin", "password": PASSWORD, "next": "https://evil.example/console"}
        answer = await client.post("/console/sign-in", data=data, follow_redirects=False)
    assert answer.headers["location"] == "/console"


async def test_a_post_without_the_sessions_token_changes_nothing(place: Any, enter: Any) -> None:
    client = await enter("admin")
    answer = await client.post("/console/pause", data={"scope": "here", "until": "2026-12-01", "why": "test"})
    other = await client.post(
        "/console/pause", data={"scope": "here", "until": "2026-12-01", "why": "test", "csrf": "guessed"}
    )
    assert (answer.status_code, other.status_code) == (403, 403)
    async with place.house.store.read() as conn:
        assert (await conn.execute(select(core.pause.c.id))).all() == []


async def test_a_post_from_another_site_is_refused(enter: Any, token: Any) -> None:
    client = await enter("admin")
    data = {"scope": "here", "until": "2026-12-01", "why": "test", "csrf": await token(client)}
    answer = await client.post("/console/pause", data=data, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_a_forged_role_in_the_form_gives_nothing(enter: Any, token: Any) -> None:
    client = await enter("front_desk")
    data = {"scope": "here", "until": "2026-12-01", "why": "x", "csrf": await token(client), "role": "admin"}
    answer = await client.post("/console/pause", data=data)
    assert answer.status_code == 403
    assert "Your role may not do this" in answer.text


async def test_who_left_is_out_at_the_next_request(place: Any, enter: Any, now: datetime) -> None:
    client = await enter("admin")
    async with place.house.store.write() as conn:
        await conn.execute(update(core.staff).values(left_at=now))
    answer = await client.get("/console", follow_redirects=False)
    assert answer.headers["location"].startswith("/console/sign-in")


async def test_signing_out_ends_the_session(place: Any, enter: Any, token: Any) -> None:
    client = await enter("admin")
    await client.post("/console/sign-out", data={"csrf": await token(client)})
    answer = await client.get("/console", follow_redirects=False)
    assert answer.status_code == 303


async def test_too_large_a_form_is_refused_before_it_is_read(enter: Any, token: Any) -> None:
    client = await enter("admin")
    answer = await client.post("/console/pause", content=b"x" * (2 * 2**20 + 1))
    assert answer.status_code == 413
    assert "at most 2 MB" in answer.text


async def test_nobody_frames_the_console(enter: Any) -> None:
    client = await enter("admin")
    page = await client.get("/console")
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_an_account_is_made_once_and_with_a_decent_password(place: Any, now: datetime) -> None:
    await create_admin(place.house.store, "lin", PASSWORD, now)
    with pytest.raises(StaffError, match="already"):
        await create_admin(place.house.store, "lin", PASSWORD, now)
    with pytest.raises(StaffError, match="8 to 200"):
        await create_admin(place.house.store, "wu", "short", now)
    with pytest.raises(StaffError, match="no role"):
        await create_admin(place.house.store, "wu", PASSWORD, now, role="king")


async def test_a_one_time_code_over_the_linked_chat_is_asked_for_where_wished(place: Any, now: datetime) -> None:
    house = place.house
    staff_id = await create_admin(house.store, "lin", PASSWORD, now)
    async with house.store.write() as conn:
        await conn.execute(
            update(core.staff).where(core.staff.c.id == staff_id).values(hours=json.dumps({"sign_in_code": True}))
        )
        await conn.execute(
            core.staff_contact.insert().values(
                staff_id=staff_id, channel="telegram", address_sealed=house.store.vault.seal("70"),
                address_index=house.store.vault.index("telegram", "70"), linked_at=now,
            )
        )  # fmt: skip
    async with place.client() as client:
        page = await client.post("/console/sign-in", data={"name": "lin", "password": PASSWORD})
        assert "/console/sign-in/code" in str(page.url)
        assert "sign-in" in str((await client.get("/console")).url)
        async with house.store.read() as conn:
            sent = (await conn.execute(select(core.message).where(core.message.c.kind == "code"))).one()
        wrong = await client.post("/console/sign-in/code", data={"code": "nope"})
        assert wrong.status_code == 401
        assert "5分钟内有效" in sent.text
        code = "".join(c for c in sent.text.split("，")[0] if c.isdecimal())
        page = await client.post("/console/sign-in/code", data={"code": code})
        assert page.status_code == 200
        assert str(page.url).endswith("/console")

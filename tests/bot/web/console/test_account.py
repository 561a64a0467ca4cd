"""The account page: what is next and why, and what people may do about it."""

from typing import Any

from sqlalchemy import select

from store import core


async def test_the_account_says_what_is_next_and_because_of_what(place: Any, enter: Any) -> None:
    client = await enter("assistant")
    page = await client.get(f"/console/owners/{place.accounts[0]}")
    assert page.status_code == 200
    assert "¥486.00" in page.text
    assert "yinuo why" in page.text


async def test_a_payment_at_the_desk_is_entered_once_however_often_it_is_pressed(
    place: Any, enter: Any, token: Any
) -> None:
    client = await enter("front_desk")
    data = {"csrf": await token(client), "amount": "486", "way": "cash", "form": "17"}
    first = await client.post(f"/console/owners/{place.accounts[0]}/pay", data=data)
    again = await client.post(f"/console/owners/{place.accounts[0]}/pay", data=data)
    assert "¥486.00 entered, ¥0.00 still open" in first.text
    assert "nothing was doubled" in again.text
    async with place.house.store.read() as conn:
        assert len((await conn.execute(select(core.payment))).all()) == 1


async def test_an_amount_that_is_none_is_refused_with_a_sentence(place: Any, enter: Any, token: Any) -> None:
    client = await enter("front_desk")
    for amount in ("-5", "NaN", "1e99", "0.001", "", "四百"):
        data = {"csrf": await token(client), "amount": amount, "way": "cash"}
        answer = await client.post(f"/console/owners/{place.accounts[0]}/pay", data=data)
        assert answer.status_code == 422, amount
        assert "Write the amount in yuan" in answer.text


async def test_a_full_phone_is_shown_to_the_role_and_the_look_is_journaled(place: Any, enter: Any, token: Any) -> None:
    account = place.accounts[1]
    async with place.house.store.read() as conn:
        contact = (
            (
                await conn.execute(
                    select(core.contact.c.id).where(core.contact.c.channel == "sms").order_by(core.contact.c.id)
                )
            )
            .scalars()
            .first()
        )
    desk_client = await enter("front_desk")
    refused = await desk_client.post(
        f"/console/owners/{account}/contacts/{contact}/see", data={"csrf": await token(desk_client)}
    )
    assert refused.status_code == 403
    assert "13800000001" not in (await desk_client.get(f"/console/owners/{account}")).text
    client = await enter("assistant")
    page = await client.post(f"/console/owners/{account}/contacts/{contact}/see", data={"csrf": await token(client)})
    assert "+8613800000001" in page.text
    assert "+8613800000001" not in (await client.get(f"/console/owners/{account}")).text
    async with place.house.store.read() as conn:
        looks = (await conn.execute(select(core.journal_entry).where(core.journal_entry.c.kind == "look"))).all()
    assert len(looks) == 1
    assert "1380" not in looks[0].note


async def test_a_contact_of_another_account_is_not_shown(place: Any, enter: Any, token: Any) -> None:
    async with place.house.store.read() as conn:
        contact = (
            (
                await conn.execute(
                    select(core.contact.c.id).where(core.contact.c.channel == "sms").order_by(core.contact.c.id)
                )
            )
            .scalars()
            .first()
        )
    client = await enter("assistant")
    answer = await client.post(
        f"/console/owners/{place.accounts[0]}/contacts/{contact}/see", data={"csrf": await token(client)}
    )
    assert answer.status_code == 422
    assert "+86138" not in answer.text


async def test_an_account_rests_until_a_day_and_is_let_go_again(place: Any, enter: Any, token: Any) -> None:
    client = await enter("assistant")
    here = f"/console/owners/{place.accounts[0]}"
    data = {"csrf": await token(client), "until": "2026-12-09", "why": "住院"}
    page = await client.post(f"{here}/hold", data=data)
    assert "住院" in page.text
    assert "ON_HOLD" in page.text
    async with place.house.store.read() as conn:
        number = (await conn.execute(select(core.hold.c.id))).scalar_one()
    page = await client.post(f"{here}/hold/{number}/end", data=data)
    assert "ON_HOLD" not in page.text
    past = await client.post(f"{here}/hold", data={**data, "until": "2020-01-01"})
    assert past.status_code == 422


async def test_a_legal_fact_needs_the_role_and_a_document(place: Any, enter: Any, token: Any) -> None:
    here = f"/console/owners/{place.accounts[0]}"
    client = await enter("assistant")
    data = {"csrf": await token(client), "kind": "lawyer_letter_sent", "ref": "L-1", "on": "2026-11-20"}
    assert (await client.post(f"{here}/fact", data=data)).status_code == 403
    legal = await enter("legal")
    data["csrf"] = await token(legal)
    assert (await legal.post(f"{here}/fact", data={**data, "ref": ""})).status_code == 422
    page = await legal.post(f"{here}/fact", data=data)
    assert "L-1" in page.text


async def test_the_outbox_is_listed_and_an_uncertain_message_settled(place: Any, enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    csrf = await token(client)
    await client.post("/console/first-list/plan", data={"csrf": csrf})
    page = await client.get("/console/messages?state=queued")
    assert "1-1-1201" in page.text
    async with place.house.store.write() as conn:
        number = (await conn.execute(select(core.message.c.id))).scalars().first()
        await conn.execute(core.message.update().where(core.message.c.id == number).values(state="uncertain"))
        await conn.execute(
            core.attempt.insert().values(
                message_id=number, our_id="x", fence=1, channel="sms", form="text", text="t", request="{}",
                started_at=place.house.clock.now(), outcome="unknown", reason="", crossed=False,
            )
        )  # fmt: skip
    page = await client.get("/console/messages?state=uncertain")
    assert "it was not" in page.text
    page = await client.post(f"/console/messages/{number}/settle", data={"csrf": csrf, "word": "sent"})
    assert "Noted" in page.text
    again = await client.post(f"/console/messages/{number}/settle", data={"csrf": csrf, "word": "sent"})
    assert again.status_code == 422
    assert "not uncertain" in again.text
    assert (await client.get(f"/console/messages/{number}")).status_code == 200
    assert (await client.get("/console/messages/99999")).status_code == 404


async def test_a_signed_paper_notice_is_recorded_with_its_picture(place: Any, enter: Any, token: Any) -> None:
    client, here = await enter("assistant"), f"/console/owners/{place.accounts[0]}"
    told = {"csrf": await token(client), "way": "paper", "content": "signed by Mrs Wang"}
    page = await client.post(f"{here}/contacted", data=told, files={"proof": ("sign.jpg", b"scan", "image/jpeg")})
    assert "Recorded; the ladder took it into account" in page.text
    assert (await client.post(f"{here}/contacted", data={**told, "way": "pigeon"})).status_code == 422
    assert (await client.post(f"{here}/contacted", data={**told, "on": "2099-01-01"})).status_code == 422
    large = {"proof": ("sign.jpg", b"0" * 5_000_001, "image/jpeg")}
    assert (await client.post(f"{here}/contacted", data=told, files=large)).status_code == 422
    other = await enter("finance")
    assert (await other.post(f"{here}/contacted", data={**told, "csrf": await token(other)})).status_code == 403
    async with place.house.store.read() as conn:
        (row,) = (await conn.execute(select(core.human_contact))).all()
    assert (row.way, row.content, row.proof) == ("paper", "signed by Mrs Wang", b"scan")


async def test_a_consenting_child_is_named_and_taken_off_again(place: Any, enter: Any, token: Any) -> None:
    client, here = await enter("assistant"), f"/console/owners/{place.accounts[0]}"
    told = {"csrf": await token(client), "name": "王小军", "phone": "13900000031"}
    assert (await client.post(f"{here}/stand-in", data=told)).status_code == 422, "consent is asked for"
    page = await client.post(f"{here}/stand-in", data={**told, "consent": "folder 3"})
    assert "王小军 stands in" in page.text
    assert "folder 3" in (await client.get(here)).text, "where the consent is kept stands beside the name"
    assert (await client.post(f"{here}/stand-in", data={**told, "consent": "folder 3"})).status_code == 422
    page = await client.post(f"{here}/stand-in/end", data=told)
    assert "Nobody stands in any more" in page.text

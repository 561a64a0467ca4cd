"""The importers' landing: bulk rows arrive whole and typed on both databases."""

from datetime import date, datetime

from sqlalchemy import text

from store import bulk, landing
from store.engine import Store
from store.tables import metadata

PERSON = ("id", "community_id", "name", "locale", "offline")


async def community(conn: object, now: datetime) -> int:
    row = {
        "name": "试验",
        "timezone": "Asia/Shanghai",
        "locale": "zh-Hans",
        "region": "mainland",
        "service_phone": "",
        "office_hours": "",
        "contact_person": "",
        "pay_ways": "",
        "profile": "{}",
        "policy": "{}",
        "heading_map": "{}",
        "released_by": "",
        "created_at": now,
    }
    return await landing.insert_one(conn, metadata.tables["community"], row)  # type: ignore[arg-type]


async def test_bulk_rows_keep_their_numbers_and_types(store: Store, now: datetime) -> None:
    person, payment = metadata.tables["person"], metadata.tables["payment"]
    async with store.write() as conn:
        cid = await community(conn, now)
        ids = await bulk.take_ids(conn, person, 25_000)
        assert len(set(ids)) == 25_000
        assert await bulk.insert_rows(conn, person, PERSON, ((i, cid, f"人{i}", "", False) for i in ids)) == 25_000
        columns = (
            "id",
            "community_id",
            "amount_fen",
            "way",
            "state",
            "paid_on",
            "payer",
            "source",
            "external_ref",
            "entered_at",
        )
        (number,) = await bulk.take_ids(conn, payment, 1)
        await bulk.insert_rows(
            conn, payment, columns, [(number, cid, 10**12, "cash", "received", date(2026, 9, 30), "", "s", "r", now)]
        )
    async with store.read() as conn:
        (row,) = await landing.payments(conn, cid, None, None, ["r"])
        assert (row.amount_fen, row.paid_on, row.entered_at) == (10**12, date(2026, 9, 30), now)
        assert len(await landing.persons(conn, cid)) == 25_000


async def test_numbers_taken_in_bulk_do_not_collide_with_later_rows(store: Store, now: datetime) -> None:
    person = metadata.tables["person"]
    async with store.write() as conn:
        cid = await community(conn, now)
        ids = await bulk.take_ids(conn, person, 3)
        await bulk.insert_rows(conn, person, PERSON, [(i, cid, "甲", "", False) for i in ids])
    async with store.write() as conn:
        later = await landing.insert_one(
            conn, person, {"community_id": cid, "name": "乙", "locale": "", "offline": False}
        )
        assert later not in ids


async def test_a_transaction_that_fails_leaves_no_bulk_rows(store: Store, now: datetime) -> None:
    class Stop(Exception):
        pass

    try:
        async with store.write() as conn:
            cid = await community(conn, now)
            ids = await bulk.take_ids(conn, metadata.tables["person"], 3)
            await bulk.insert_rows(conn, metadata.tables["person"], PERSON, [(i, cid, "甲", "", False) for i in ids])
            raise Stop
    except Stop:
        pass
    async with store.read() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM person"))).scalar_one() == 0


async def test_rows_others_refer_to_are_not_free(store: Store, now: datetime) -> None:
    person, owner = metadata.tables["person"], metadata.tables["owner"]
    async with store.write() as conn:
        cid = await community(conn, now)
        one, two = await bulk.take_ids(conn, person, 2)
        await bulk.insert_rows(conn, person, PERSON, [(one, cid, "甲", "", False), (two, cid, "乙", "", False)])
        await landing.insert_one(conn, owner, {"community_id": cid, "person_id": one, "name": "甲", "external_ref": ""})
        assert await landing.free_of_others(conn, person, [one, two]) == {two}


async def test_updates_of_different_columns_go_together(store: Store, now: datetime) -> None:
    person = metadata.tables["person"]
    async with store.write() as conn:
        cid = await community(conn, now)
        one, two = await bulk.take_ids(conn, person, 2)
        await bulk.insert_rows(conn, person, PERSON, [(one, cid, "甲", "", False), (two, cid, "乙", "", False)])
        await landing.update_rows(conn, person, {one: {"name": "丙"}, two: {"locale": "en", "erased_at": now}})
        rows = {row.id: row for row in await landing.rows_by_id(conn, person, [one, two])}
    assert (rows[one].name, rows[two].locale, rows[two].erased_at) == ("丙", "en", now)

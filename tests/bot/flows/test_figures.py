"""Figures: collection rate, ageing and promises over a small ledger worked out by hand."""

from datetime import date, datetime, timedelta
from typing import Any

from bot.flows.figures import figures
from store import core
from store.engine import Store
from store.ledger import insert_row

TODAY = date(2026, 11, 25)


async def test_rates_ages_and_promises_come_out_as_by_hand(store: Store, now: datetime) -> None:
    async with store.write() as conn:
        town = await insert_row(
            conn, core.community,
            {"name": "t", "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland", "service_phone": "",
             "office_hours": "", "contact_person": "", "pay_ways": "", "profile": "{}", "policy": "{}",
             "heading_map": "{}", "released_by": "", "created_at": now},
        )  # fmt: skip
        for building, amount, open_fen, days in (
            ("1", 1000, 0, 10),
            ("1", 1000, 1000, 40),
            ("2", 3000, 1500, 400),
            ("2", 500, 500, -5),
        ):
            await _charge(conn, town, building, amount, open_fen, TODAY - timedelta(days=days), now)
    async with store.read() as conn:
        told = await figures(conn, town, TODAY, by="building", first=date(2025, 1, 1), last=TODAY)
        by_person = await figures(conn, town, TODAY, by="person", first=date(2025, 1, 1), last=TODAY)
    assert [(g.name, g.percent) for g in told.groups] == [("1", 50.0), ("2", 50.0)]
    assert told.total.percent == 50.0
    assert by_person.groups[0].due_fen == 5000
    assert {(a.first, a.last): a.fen for a in told.ages if a.fen} == {(0, 0): 500, (31, 60): 1000, (366, None): 1500}
    assert told.all_kept.percent == 50.0
    assert (told.all_kept.kept, told.all_kept.broken, told.all_kept.open) == (2, 2, 0)


async def _charge(conn: Any, town: int, building: str, amount: int, open_fen: int, due: date, now: datetime) -> None:
    mark = f"{building}-{due}"
    person = await insert_row(conn, core.person, {"community_id": town, "name": mark, "locale": "", "offline": False})
    owner = await insert_row(
        conn, core.owner, {"community_id": town, "person_id": person, "name": mark, "external_ref": ""}
    )
    unit = await insert_row(
        conn, core.unit,
        {"community_id": town, "code": mark, "building": building, "stair": "", "room": "", "segment": "resident",
         "area_cm2": 0, "remark": ""},
    )  # fmt: skip
    account = await insert_row(
        conn, core.account,
        {"community_id": town, "unit_id": unit, "owner_id": owner, "person_id": person, "opened_on": date(2024, 1, 1),
         "entered_on": date(2024, 1, 1), "bank_collection": False},
    )  # fmt: skip
    await insert_row(
        conn, core.charge,
        {"account_id": account, "kind": "management", "period": "2026", "period_from": due, "period_to": due,
         "amount_fen": amount, "open_fen": open_fen, "due_on": due, "due_rule": "file", "round": 0, "source": "t",
         "external_ref": mark, "entered_at": now, "previous_manager": False, "months": ""},
    )  # fmt: skip
    promise = await insert_row(
        conn, core.promise,
        {"account_id": account, "amount_fen": 100, "owed_fen": 100, "due_on": TODAY, "state": "open", "made_at": now,
         "judge_at": now, "channel": ""},
    )  # fmt: skip
    outcome = "kept" if amount == 1000 else "broken"
    await insert_row(
        conn,
        core.promise_outcome,
        {"promise_id": promise, "outcome": outcome, "paid_fen": 0, "at": now, "detail": ""},
    )

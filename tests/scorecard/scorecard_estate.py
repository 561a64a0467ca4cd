"""An estate of any size, written straight into the book: every person owes one charge and is owed one word."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from store import core
from store.engine import Store
from store.ledger import set_watermark

START = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Wednesday 25 November 2026, 10:00 in Shanghai: a workday, inside the hours."""
CHANNELS = ("sms", "telegram", "wechat")
NAME = "望江苑"
PACE = {"bands": {band: {"per_hour": 100_000} for band in ("before", "warm", "talk", "formal", "law")}}
"""The whole estate at once: what is tested is not the desk's telephone."""
STEP = 2_000


@dataclass(frozen=True, slots=True)
class Resident:
    """One person with one flat: where they are reached, by channel; the first is the one the ladder uses."""

    unit: str
    addresses: tuple[tuple[str, str], ...]
    account_id: int = 0
    person_id: int = 0
    charge_id: int = 0

    @property
    def first(self) -> tuple[str, str]:
        return self.addresses[0]


def address(channel: str, number: int) -> str:
    """An invented address of a channel."""
    forms = {"sms": f"+86190{number:08d}", "telegram": f"7{number:09d}", "wechat": f"oScorecard{number:018d}"}
    return forms[channel]


def reached(number: int, channels: tuple[str, ...], several: bool) -> tuple[tuple[str, str], ...]:
    turn = number % len(channels)
    wanted = channels[turn:] + channels[:turn] if several else (channels[turn],)
    return tuple((channel, address(channel, number)) for channel in wanted)


async def fill(
    store: Store, count: int, *, now: datetime = START, channels: tuple[str, ...] = CHANNELS, several: bool = False,
    overdue_days: int = 6, fen: int = 48_600, policy: dict[str, Any] | None = None, trust: str = "ledger",
    profile: dict[str, Any] | None = None,
) -> list[Resident]:  # fmt: skip
    """Writes a released community of ``count`` residents, each ``overdue_days`` late with one charge.

    ``several``: every person is reached on all the channels, else on one each in turn.
    """
    today = (now + timedelta(hours=8)).date()
    due = today - timedelta(days=overdue_days)
    async with store.write() as conn:
        town = await _ids(conn, core.community, [_community(now, policy, profile)])
        await set_watermark(conn, town[0], "scorecard", today, now)
        found: list[Resident] = []
        for begin in range(0, count, STEP):
            numbers = range(begin, min(begin + STEP, count))
            found += await _residents(conn, store, town[0], numbers, channels, several, due, fen, now, trust)
    return found


def _community(now: datetime, policy: dict[str, Any] | None, profile: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "name": NAME, "timezone": "Asia/Shanghai", "locale": "zh-Hans", "region": "mainland",
        "service_phone": "021-5550 0100", "office_hours": "9:00-18:00", "contact_person": "陈主任",
        "pay_ways": "微信公众号「缴费」\n前台刷卡或现金",
        "profile": json.dumps(profile or {"channels": ["sms", "telegram", "wechat"]}),
        "policy": json.dumps(policy if policy is not None else PACE), "heading_map": "{}",
        "released_by": "scorecard", "created_at": now, "released_at": now,
    }  # fmt: skip


async def _residents(
    conn: Any, store: Store, town: int, numbers: range, channels: tuple[str, ...], several: bool, due: date, fen: int,
    now: datetime, trust: str,
) -> list[Resident]:  # fmt: skip
    units = [f"{n // 200 + 1}-{n // 50 % 4 + 1}-{n % 50 + 101}{n:05d}" for n in numbers]
    unit_ids = await _ids(conn, core.unit, [
        {"community_id": town, "code": code, "building": code.split("-")[0], "stair": "1", "room": code[-8:],
         "segment": "resident", "area_cm2": 0, "remark": ""} for code in units
    ])  # fmt: skip
    names = [f"住户{n}" for n in numbers]
    people = await _ids(conn, core.person, [
        {"community_id": town, "name": name, "locale": "", "offline": False} for name in names
    ])  # fmt: skip
    owners = await _ids(conn, core.owner, [
        {"community_id": town, "person_id": person, "name": name, "external_ref": ""}
        for person, name in zip(people, names, strict=True)
    ])  # fmt: skip
    accounts = await _ids(conn, core.account, [
        {"community_id": town, "unit_id": unit, "owner_id": owner, "person_id": person, "opened_on": date(2020, 1, 1),
         "entered_on": date(2026, 1, 1), "bank_collection": False, "next_look_at": now}
        for unit, owner, person in zip(unit_ids, owners, people, strict=True)
    ])  # fmt: skip
    ways = [reached(n, channels, several) for n in numbers]
    await conn.execute(insert(core.contact), [
        _contact(store, person, channel, at, now, trust)
        for person, way in zip(people, ways, strict=True) for channel, at in way
    ])  # fmt: skip
    charges = await _ids(conn, core.charge, [
        {"account_id": account, "kind": "management", "period": "2026Q3", "period_from": date(2026, 7, 1),
         "period_to": date(2026, 9, 30), "amount_fen": fen, "open_fen": fen, "due_on": due, "due_rule": "file",
         "round": 0, "source": "scorecard", "external_ref": f"c{account}", "entered_at": now,
         "previous_manager": False, "months": ""} for account in accounts
    ])  # fmt: skip
    told = zip(units, ways, accounts, people, charges, strict=True)
    return [Resident(*one) for one in told]


def _contact(store: Store, person: int, channel: str, at: str, now: datetime, trust: str) -> dict[str, Any]:
    return {
        "person_id": person, "channel": channel, "address_sealed": store.vault.seal(at),
        "address_index": store.vault.index(channel, at), "masked": "***", "trust": trust, "window_used": 0,
        "created_at": now,
    }  # fmt: skip


async def _ids(conn: Any, table: Any, rows: list[dict[str, Any]]) -> list[int]:
    made = await conn.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows)
    return [int(row.id) for row in made]

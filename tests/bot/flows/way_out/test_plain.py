"""Accounts decided by their shape get the very decision they would get one by one."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.flows.climate import Weather, weather
from bot.flows.facts import read
from bot.flows.plain import STANDING_IN, Plain, Shapes, sort
from bot.flows.plan import plan
from bot.rules.decision import Pick, Send, Verdict
from bot.rules.ladder import decide
from store import core
from store import plain as shelf

SEED = 20261125
ACCOUNTS = 90


async def _some_owner(yard: Any, draw: random.Random, number: int) -> None:
    """An owner with any charges and contacts."""
    account = await yard.owner(f"9-1-{number:04d}", on=(), fen=0)
    ((person,),) = await yard.rows(select(core.account.c.person_id).where(core.account.c.id == account))
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        due = date(2026, 11, 25) - timedelta(days=draw.choice((-70, -9, -7, -3, 0, 1, 4, 11, 17, 25, 31, 47, 200)))
        charge = await yard.charge(account, draw.choice((100, 1_999, 30_000, 48_600, 48_600)), due)
        strange = draw.choice(({},) * 8 + ({"previous_manager": True}, {"round": 1}, {"open_fen": 0}))
        if strange:
            await yard.change(core.charge, charge, **strange)
    for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
        contact = await yard.contact(
            person, draw.choice(("sms", "wechat", "telegram")), draw.choice(("ledger", "proved"))
        )
        at = yard.clock.at - timedelta(days=draw.randrange(1, 40))
        strange = draw.choice(
            ({},) * 6 + ({"opted_out_at": at}, {"dead_at": at}, {"last_inbound_at": at}, {"unbound_at": at})
        )
        if strange:
            await yard.change(core.contact, contact, **strange)
    await yard.change(core.person, person, offline=draw.random() < 0.1, locale=draw.choice(("", "", "en")))


async def _sorted(yard: Any) -> tuple[Weather, list[Plain], list[int]]:
    async with yard.store.read() as conn:
        climate = await weather(yard.house, conn, yard.clock.at)
        plain, rest = await sort(conn, Shapes(climate), shelf.Due(yard.clock.at, 1, 1_000))
    return climate, plain, rest


async def _one_by_one(yard: Any, climate: Weather, ids: list[int]) -> dict[int, Verdict]:
    async with yard.store.read() as conn:
        known = await read(conn, shelf.these(conn, ids), climate.towns, climate.watermarks, yard.clock.at)
    return {k.facts.account_id: decide(k.facts, climate.climates[k.community_id], climate.moments[k.community_id])
            for k in known}  # fmt: skip


def _own(one: Plain) -> dict[str, Any]:
    """The decision of a shape, told with the account's own numbers."""
    told = asdict(one.verdict)
    if isinstance(one.verdict.main, Send):
        (pick,) = one.verdict.main.picks
        told["main"]["occasion"] = f"charge:{one.charge}:0"
        told["main"]["picks"] = (asdict(Pick(one.person_id, one.contact_of(pick), pick.channel, pick.locale)),)
    assert str(STANDING_IN)[:10] not in str(told)
    return told


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_shape_gets_the_decision_each_of_its_accounts_would_get(yard, fresh: bool) -> None:
    draw = random.Random(SEED)
    print("seed", SEED)
    for number in range(ACCOUNTS):
        await _some_owner(yard, draw, number)
    if not fresh:
        yard.clock.at += timedelta(days=9)
    climate, plain, rest = await _sorted(yard)
    assert len(plain) > ACCOUNTS / 3
    assert len({type(one.verdict.main) for one in plain}) == (3 if fresh else 2)
    each = await _one_by_one(yard, climate, [one.account_id for one in plain])
    assert {one.account_id: _own(one) for one in plain} == {number: asdict(verdict) for number, verdict in each.items()}
    assert {one.account_id for one in plain} | set(rest) == set(range(1, ACCOUNTS + 1))


async def _said(yard: Any, account: int, state: str = "delivered") -> None:
    message = await yard.put(core.message, community_id=yard.community, kind="reminder", person_id=account,
                             channel="sms", step="warm_4", band="warm", state=state,
                             not_before=yard.clock.at, lane=1, locale="",
                             priority=5, reason="", fence=0, tries=0, text="", basket="", slots="", buttons="",
                             created_at=yard.clock.at, state_at=yard.clock.at)  # fmt: skip
    await yard.put(core.message_item, message_id=message, account_id=account, person_id=account, step="warm_4",
                   occasion="charge:1:0", key=f"k{account}", band="warm", at=yard.clock.at)  # fmt: skip


def _row(table: Any, **values: Any) -> Callable[[Any, int, datetime], Awaitable[None]]:
    async def put(yard: Any, account: int, now: datetime) -> None:
        told = {name: value(account, now) if callable(value) else value for name, value in values.items()}
        await yard.put(table, **told)

    return put


def _account(account: int, _now: datetime) -> int:
    return account


def _now(_account: int, now: datetime) -> datetime:
    return now


def _soon(_account: int, now: datetime) -> date:
    return now.date() + timedelta(days=9)


_HOLD = {"code": "ON_HOLD", "reason": "r", "until": _soon, "who": "w", "at": _now, "source": ""}
_PAID = {"community_id": 1, "amount_fen": 1, "way": "transfer", "paid_on": _soon, "payer": "", "source": "t",
         "external_ref": "1", "entered_at": _now}  # fmt: skip
BESIDE = {
    "promise": _row(core.promise, account_id=_account, amount_fen=1, owed_fen=1, due_on=_soon, state="open",
                    made_at=_now, judge_at=_now, channel=""),
    "dispute": _row(core.dispute, account_id=_account, reason="r", state="open", opened_at=_now),
    "plan": _row(core.plan, account_id=_account, state="on_track", instalments="[]", made_at=_now, approved_by=""),
    "hold": _row(core.hold, scope="account", account_id=_account, **_HOLD),
    "hold on the person": _row(core.hold, scope="person", person_id=_account, **_HOLD),
    "call": _row(core.human_contact, account_id=_account, way="call", at=_now, content="", answer="", next_step=""),
    "fact": _row(core.legal_fact, account_id=_account, kind="suit_filed", ref="r", on=_soon, who="w", at=_now),
    "collection": _row(core.payment, account_id=_account, state="in_flight", settles_on=_soon, **_PAID),
    "unplaced": _row(core.payment, likely_account_id=_account, state="unidentified", **_PAID),
    "case": _row(core.case_, community_id=1, account_id=_account, subject="s", cause="c", occasion="", state="resolved",
                 version=0, urgent=False, opened_at=_now, alerted=0, outcome=""),
    "co-owner": _row(core.account_party, account_id=_account, person_id=3, role="co_owner", may_see=True, since=_now),
    "co-owner elsewhere": _row(core.account_party, account_id=3, person_id=_account, role="co_owner", may_see=True,
                               since=_now),
    "said": lambda yard, account, _now: _said(yard, account),
    "ended unsaid": lambda yard, account, _now: _said(yard, account, "cancelled"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BESIDE)
async def test_an_account_with_anything_beside_charges_and_contacts_is_decided_by_itself(yard, kind: str) -> None:
    for number in range(6):
        await yard.owner(f"3-2-{1201 + number}")
    await BESIDE[kind](yard, 2, yard.clock.at)
    _climate, plain, rest = await _sorted(yard)
    assert 2 in rest
    assert {one.account_id for one in plain} >= {1, 4, 5, 6}


async def test_a_hold_on_the_community_leaves_nobody_to_a_shape(yard) -> None:
    await yard.owner()
    await _row(core.hold, scope="community", community_id=1, **_HOLD)(yard, 1, yard.clock.at)
    assert (await _sorted(yard))[1:] == ([], [1])


async def test_both_ways_share_the_pace_of_the_desk(yard) -> None:
    for number in range(8):
        await yard.owner(f"3-2-{1201 + number}")
    for account in (2, 5, 7):
        await yard.put(core.legal_fact, account_id=account, kind="other", ref="r", on=date(2026, 11, 1), who="w",
                       at=yard.clock.at)  # fmt: skip
    report = await plan(yard.house)
    messages = await yard.all(core.message)
    assert [one["account"] for one in report.send] == [f"3-2-{1201 + number}" for number in range(8)]
    assert [message.person_id for message in messages] == list(range(1, 9))
    times = [message.not_before for message in messages]
    assert times == sorted(times)
    assert times[-1] - times[0] == timedelta(minutes=0)

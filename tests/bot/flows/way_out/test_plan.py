"""Planning: one message per person and occasion, whoever plans, however often (I2)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.flows import plan as planning
from bot.flows.plan import plan
from store import bulk, core, ledger


async def test_two_plans_at_once_write_one_message_per_key(yard) -> None:
    for number in range(6):
        await yard.owner(f"3-2-{1201 + number}")
    await asyncio.gather(plan(yard.house), plan(yard.second()))
    items = await yard.all(core.message_item)
    assert len({item.key for item in items}) == len(items) == 6
    assert len(await yard.all(core.message)) == 6


async def test_a_second_plan_says_nothing_new(yard) -> None:
    await yard.owner()
    assert (await yard.plan()).messages == 1
    await yard.later(minutes=1)
    assert (await yard.plan()).messages == 0


async def test_postgresql_counts_what_a_large_plan_wrote_at_once(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    if yard.house.store.dialect != "postgresql":
        pytest.skip("SQLite keeps no count of its rows")
    monkeypatch.setattr(bulk, "MANY", 3)
    counted = text("SELECT relname FROM pg_class WHERE relname IN ('message', 'message_item') AND reltuples = :rows")
    for rows, known in ((2, set()), (5, {"message", "message_item"})):
        for number in range(3 if rows == 5 else 2):
            await yard.owner(f"3-2-{1200 + rows * 10 + number}")
        await yard.plan()
        async with yard.house.store.read() as conn:
            assert set((await conn.execute(counted, {"rows": rows})).scalars()) == known


async def test_several_units_of_one_person_are_one_message(yard) -> None:
    first = await yard.owner()
    person = (await yard.all(core.account))[0].person_id
    second = await yard.owner("B1-017", person=person)
    await yard.plan()
    assert len(await yard.all(core.message)) == 1
    assert {item.account_id for item in await yard.all(core.message_item)} == {first, second}


async def test_nobody_is_told_in_two_messages_because_a_chunk_ended_between_their_units(
    yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK", {"sqlite": 2, "postgresql": 2})
    for owner, units in enumerate((1, 4, 2, 1, 3)):
        await yard.owner(f"{owner}-0")
        person = max(row.person_id for row in await yard.all(core.account))
        for unit in range(1, units):
            await yard.owner(f"{owner}-{unit}", person=person)
    report = await yard.plan()
    assert (report.looked, report.messages) == (11, 5)
    spoken: dict[int, set[int]] = {}
    for item in await yard.all(core.message_item):
        spoken.setdefault(item.message_id, set()).add(item.account_id)
    assert sorted(map(len, spoken.values())) == [1, 1, 2, 3, 4]


async def test_what_ended_unsaid_is_said_by_a_new_message_under_its_old_key(yard) -> None:
    await yard.owner()
    await yard.plan()
    await yard.change(core.message, 1, state="cancelled")
    await yard.later(minutes=5)
    await yard.plan()
    items = await yard.all(core.message_item)
    assert [item.message_id for item in items] == [2]


async def test_only_accounts_whose_look_is_due_are_looked_at(yard) -> None:
    account = await yard.owner()
    await yard.owner("3-2-1202")
    await yard.change(core.account, account, next_look_at=yard.clock.at + timedelta(hours=1))
    assert (await yard.plan()).looked == 1


async def test_a_fact_of_every_community_locks_no_account_until_it_is_planned(yard) -> None:
    account = await yard.owner()
    closed = await yard.owner("3-2-1202")
    await yard.change(core.account, account, next_look_at=None)
    await yard.change(core.account, closed, next_look_at=None, closed_on=yard.clock.at.date())
    async with yard.store.write() as conn:
        await ledger.look_community(conn, None, yard.clock.at)
    assert [row.next_look_at for row in await yard.all(core.account)] == [None, None]
    assert (await yard.plan()).looked == 1
    assert (await yard.plan()).looked == 0
    assert [row.look_at for row in await yard.all(core.community)] == [None]


async def test_a_plan_that_began_before_a_fact_of_every_community_leaves_it_to_the_next(yard) -> None:
    await yard.owner()
    await yard.plan()
    began = yard.clock.at
    yard.clock.at += timedelta(seconds=1)
    async with yard.store.write() as conn:
        await ledger.look_community(conn, None, yard.clock.at)
    assert (await plan(yard.house, now=began)).looked == 0
    assert (await yard.plan()).looked == 1


@pytest.mark.parametrize("history", [False, True], ids=["plain", "with a history"])
async def test_a_fact_that_comes_while_a_plan_decides_is_looked_at_though_its_clock_was_read_before(
    yard, monkeypatch: pytest.MonkeyPatch, history: bool
) -> None:
    """A charge, an import, a wording: whoever enters it read the clock, then waited for its turn to write."""
    account = await yard.owner(fen=0)
    if history:
        await yard.put(core.human_contact, account_id=account, way="call", at=yard.clock.at - timedelta(days=90),
                       content="", answer="", next_step="")  # fmt: skip
    before = yard.clock.at
    yard.clock.at += timedelta(seconds=5)
    real = planning._read

    async def slow(*told: Any) -> Any:
        chunk = await real(*told)
        await yard.charge(account, 48_600)
        async with yard.store.write() as conn:
            await ledger.look_now(conn, [account], before)
        return chunk

    monkeypatch.setattr(planning, "_read", slow)
    assert (await yard.plan()).messages == 0
    monkeypatch.setattr(planning, "_read", real)
    assert (await yard.plan()).messages == 1


async def test_a_dry_run_writes_nothing(yard) -> None:
    await yard.owner()
    report = await plan(yard.house, dry_run=True)
    assert [one["step"] for one in report.send] == ["warm_4"]
    assert await yard.all(core.message) == []

"""The ladder tried on the ledger before it is saved."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.flows.plan import plan
from bot.flows.progress import Cancelled, Progress
from bot.flows.simulate import simulate
from bot.rules.policy_page import BadPolicy


async def test_with_no_change_both_lines_are_the_same_and_nobody_moves(room: Any) -> None:
    told = await simulate(room.house, await room.town(), "{}", room.house.clock.now())
    assert told.before == told.after
    assert told.moved_count == 0
    assert told.emptied == []
    assert sum(told.before) > 4
    assert told.accounts == 5


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_tomorrow_is_what_planning_tomorrow_says(room: Any) -> None:
    now = room.house.clock.now()
    told = await simulate(room.house, await room.town(), "{}", now)
    room.house.clock.at = now + timedelta(days=1)
    report = await plan(room.house, dry_run=True)
    assert told.before[0] == len({s["account"] for s in report.send})
    assert told.steps_before == {step: sum(s["step"] == step for s in report.send) for step in told.steps_before}


async def test_a_later_warm_step_moves_the_accounts_it_concerns_and_no_other(room: Any) -> None:
    overrides = json.dumps({"steps": {"warm_4": {"day": 9}}})
    told = await simulate(room.house, await room.town(), overrides, room.house.clock.now())
    assert told.after[0] == told.before[0] - 2
    assert {(m.code, m.before, m.after) for m in told.moved} == {
        ("1-1-000", "warm_4", ""), ("1-1-001", "warm_4", ""),
    }  # fmt: skip


async def test_a_channels_hours_outside_the_ordinary_ones_empty_its_windows(room: Any) -> None:
    overrides = json.dumps({"windows": {"by_channel": {"telegram": {"workday": ["13:00-14:00"]}}}})
    told = await simulate(room.house, await room.town(), overrides, room.house.clock.now())
    assert ("workday", "", "telegram", False) in told.emptied


async def test_the_facts_are_left_as_they_were(room: Any) -> None:
    now = room.house.clock.now()
    first = await simulate(room.house, await room.town(), "{}", now)
    second = await simulate(room.house, await room.town(), "{}", now)
    assert first.before == second.before


async def test_a_bad_ladder_is_refused_and_a_long_one_can_be_stopped(room: Any) -> None:
    with pytest.raises(BadPolicy):
        await simulate(room.house, await room.town(), '{"caps": {"per_day": 99}}', room.house.clock.now())
    with pytest.raises(Cancelled):
        await simulate(room.house, await room.town(), "{}", room.house.clock.now(), progress=Progress(cancelled=True))

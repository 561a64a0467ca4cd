"""How promises end: once, and never broken before the book could know."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import update

from bot.flows.ledger import pay
from bot.flows.promises import judge
from store import core
from store.talk import put

NEXT_QUARTER = date(2027, 1, 15)
JUDGED = datetime(2026, 12, 9, 2, tzinfo=UTC)
"""The promise of Friday 4 December may be judged."""


async def _promised(estate: Any, *words: str) -> Any:
    owner = await estate.owner()
    for text in (*words, "1"):
        await estate.hears(text)
    return owner


async def test_money_keeps_a_promise_at_once_and_the_outcome_is_written_once(estate: Any) -> None:
    owner = await _promised(estate, "下周五交")
    estate.later(days=2)
    await estate.pay(owner.account_id, 48_600)
    assert (await judge(estate.house)).kept == 1
    assert (await judge(estate.house)).kept == 0
    outcomes = await estate.all(core.promise_outcome)
    assert [(o.outcome, o.paid_fen) for o in outcomes] == [("kept", 48_600)]
    assert (await estate.all(core.promise))[0].state == "kept"
    assert [m.step for m in await estate.messages() if m.kind == "nudge"] == ["thanks"]
    assert await estate.all(core.case_) == []


async def test_it_is_broken_only_after_day_and_lag_are_over_and_the_book_covers_the_day(estate: Any) -> None:
    await _promised(estate, "下周五交")
    estate.clock.at = datetime(2026, 12, 5, 2, tzinfo=UTC)
    await estate.watermark(date(2026, 12, 5))
    assert (await judge(estate.house)).broken == 0
    estate.clock.at = datetime(2026, 12, 9, 2, tzinfo=UTC)
    assert (await judge(estate.house)).broken == 1
    case = (await estate.all(core.case_))[0]
    assert (case.cause, case.occasion) == ("broken_promise", "promise:1")
    assert (await estate.all(core.account))[0].next_look_at == estate.clock.at


async def test_a_book_that_does_not_reach_the_day_asks_the_accountant_instead(estate: Any) -> None:
    await _promised(estate, "下周五交")
    estate.clock.at = datetime(2026, 12, 9, 2, tzinfo=UTC)
    judged = await judge(estate.house)
    assert (judged.broken, judged.stale) == (0, 0)
    estate.clock.at = datetime(2026, 12, 11, 2, tzinfo=UTC)
    judged = await judge(estate.house)
    assert (judged.broken, judged.stale) == (0, 1)
    assert (await judge(estate.house)).stale == 0
    assert [c.cause for c in await estate.all(core.case_)] == ["stale_ledger"]
    assert (await estate.all(core.promise))[0].state == "open"


async def test_a_part_paid_is_partly_kept_and_people_hear_of_it(estate: Any) -> None:
    owner = await _promised(estate, "下周五交")
    await estate.pay(owner.account_id, 20_000)
    estate.clock.at = datetime(2026, 12, 9, 2, tzinfo=UTC)
    await estate.watermark(date(2026, 12, 8))
    assert (await judge(estate.house)).partly_kept == 1
    assert (await estate.all(core.promise_outcome))[0].paid_fen == 20_000


async def test_a_part_is_thanked_for_with_what_is_left_once(estate: Any) -> None:
    owner = await _promised(estate, "下周五交")
    await estate.pay(owner.account_id, 20_000)
    await judge(estate.house)
    await judge(estate.house)
    last = [m for m in await estate.messages() if m.step == "paid_part_thanks"]
    assert len(last) == 1
    assert "200元" in last[0].text
    assert "286元" in last[0].text
    assert (await estate.all(core.promise))[0].state == "open"


async def test_a_second_broken_word_is_called_so(estate: Any) -> None:
    await _promised(estate, "这周五交")
    estate.clock.at = datetime(2026, 12, 2, 2, tzinfo=UTC)
    await estate.watermark(date(2026, 12, 1))
    await judge(estate.house)
    for text in ("这周五交", "1"):
        await estate.hears(text)
    estate.clock.at = datetime(2026, 12, 9, 2, tzinfo=UTC)
    await estate.watermark(date(2026, 12, 8))
    await judge(estate.house)
    assert [c.cause for c in await estate.all(core.case_)] == ["broken_promise", "second_broken_promise"]


async def test_parts_of_a_plan_are_kept_one_after_the_other(estate: Any) -> None:
    owner = await _promised(estate, "分两期，12月5号交一半，12月20号交一半")
    await estate.pay(owner.account_id, 24_300)
    assert (await judge(estate.house)).kept == 1
    assert [p.state for p in await estate.all(core.promise)] == ["kept", "open"]
    assert (await estate.all(core.plan))[0].state == "on_track"
    await estate.pay(owner.account_id, 24_300)
    estate.later(days=1)
    await judge(estate.house)
    assert (await estate.all(core.plan))[0].state == "done"


async def test_money_for_a_newer_charge_that_was_named_keeps_no_word(estate: Any) -> None:
    owner = await _promised(estate, "下周五交")
    estate.later(days=1)
    newer = await estate.charge(owner.account_id, "management", "2026Q4", 48_600, NEXT_QUARTER)
    async with estate.store.write() as conn:
        await pay(conn, account_id=owner.account_id, community_id=estate.community_id, amount_fen=48_600, way="cash",
                  paid_on=date(2026, 11, 27), source="test", external_ref="named", now=estate.clock.at,
                  named_charge_id=newer)  # fmt: skip
    assert (await judge(estate.house)).kept == 0
    assert (await estate.all(core.promise))[0].state == "open"


async def test_a_promised_charge_that_is_cancelled_need_not_be_paid(estate: Any) -> None:
    owner = await estate.owner(owed=(("management", "2026Q3", 48_600), ("parking", "2026Q3", 30_000)))
    for text in ("下周五交", "1"):
        await estate.hears(text)
    estate.later(days=1)
    await estate.charge(owner.account_id, "management", "2026Q4", 48_600, NEXT_QUARTER)
    async with estate.store.write() as conn:
        gone = update(core.charge).where(core.charge.c.id == owner.charges[1])
        await conn.execute(gone.values(cancelled_at=estate.clock.at))
    await estate.pay(owner.account_id, 48_600)
    assert (await judge(estate.house)).kept == 1
    assert (await estate.all(core.promise_outcome))[0].paid_fen == 48_600


async def test_a_word_is_not_judged_while_an_objection_to_the_whole_account_waits(estate: Any) -> None:
    owner = await _promised(estate, "下周五交")
    async with estate.store.write() as conn:
        await put(conn, core.dispute, {"account_id": owner.account_id, "reason": "the lift", "state": "open",
                                       "opened_at": estate.clock.at})  # fmt: skip
    estate.clock.at = JUDGED
    await estate.watermark(date(2026, 12, 8))
    assert (await judge(estate.house)).broken == 0
    async with estate.store.write() as conn:
        await conn.execute(update(core.dispute).values(state="answered"))
    assert (await judge(estate.house)).broken == 1

"""The machine of a case: one owner, one UPDATE per move, everything in the log."""

import asyncio
import json
import os
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.flows import cases
from store import core

ROUNDS = int(os.environ.get("CLAIM_ROUNDS", "10"))
"""The scorecard asks for a thousand."""


async def test_of_fifty_who_claim_at_once_exactly_one_has_it(estate: Any) -> None:
    people = [await estate.hire(f"甲{n}", "assistant") for n in range(50)]
    seed = 20261125
    print("seed", seed)
    dice = random.Random(seed)
    for _round in range(ROUNDS):
        case = await estate.open(None, "person", subject=f"sender:{_round}")
        dice.shuffle(people)

        async def one(who: Any, case: int = case) -> cases.Moved:
            async with estate.house.store.write() as conn:
                return await cases.claim(estate.house, conn, case, 0, who, estate.clock.now())

        told = await asyncio.gather(*(one(who) for who in people))
        winners = [who for who, moved in zip(people, told, strict=True) if moved.ok]
        assert len(winners) == 1
        assert {moved.case.claimed_by for moved in told} == {winners[0].id}
        assert (await estate.events(case)).count("claimed") == 1
    journal = await estate.rows(core.journal_entry, core.journal_entry.c.kind == "case_event")
    assert len(journal) == 2 * ROUNDS


async def test_five_press_claim_at_once_one_has_it_and_four_are_told_who(estate: Any) -> None:
    for n in range(3):
        await estate.hire(f"乙{n}", "assistant", f"60{n}")
    case = await estate.open(await estate.flat())
    await estate.tick()
    names = ["赵一", "钱二", "乙0", "乙1", "乙2"]
    told = await asyncio.gather(*(estate.press(name, f"c:{case}:0:claim", chat="-100200300") for name in names))
    won = [name for name, (text, _loud) in zip(names, told, strict=True) if "归您了" in text]
    assert len(won) == 1
    assert [text for text, _loud in told].count(f"#{case} 在 {won[0]} 手上。") == 4


async def test_of_two_who_open_the_same_case_at_once_one_opens_it_and_the_other_joins(estate: Any) -> None:
    account = await estate.flat()

    async def one(number: int) -> tuple[int, bool]:
        async with estate.house.store.write() as conn:
            told = {"cause": "dispute", "now": estate.clock.now(), "detail": {"number": number}}
            found = await cases.open_case(conn, community_id=estate.community, account_id=account, **told)
            await asyncio.sleep(0.3)
            return found

    both = await asyncio.gather(one(1), one(2))
    assert sorted(new for _case, new in both) == [False, True]
    (case,) = {case for case, _new in both}
    assert await estate.events(case) == ["opened", "joined"]
    assert len(json.loads((await estate.case(case)).detail)["joined"]) == 1


async def test_a_second_cause_joins_the_open_case_of_the_same_subject(estate: Any) -> None:
    account = await estate.flat()
    first = await estate.open(account, detail={"promise": 1})
    again = await estate.open(account, detail={"promise": 2}, occasion="promise:2")
    assert first == again
    assert await estate.events(first) == ["opened", "joined"]
    other = await estate.open(account, "dispute")
    assert other != first


async def test_a_stale_version_moves_nothing_and_says_what_happened_since(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    now = estate.clock.now()
    async with estate.house.store.write() as conn:
        await cases.claim(estate.house, conn, case, 0, estate.staff["赵一"], now)
        stale = await cases.resolve(estate.house, conn, case, 0, estate.staff["钱二"].id, "paid", now)
    assert not stale.ok
    assert [event.kind for event in stale.since] == ["claimed"]
    assert (await estate.case(case)).state == "claimed"


async def test_a_call_counts_as_a_contact_and_claims_a_case_nobody_has(estate: Any) -> None:
    account = await estate.flat()
    case = await estate.open(account)
    async with estate.house.store.write() as conn:
        moved = await cases.contacted(
            estate.house, conn, case, 0, estate.staff["赵一"], "call", estate.clock.now(), content="问了情况",
            answer="下周缴",
        )  # fmt: skip
    assert moved.ok
    assert moved.case.claimed_by == estate.staff["赵一"].id
    (contact,) = await estate.rows(core.human_contact)
    assert (contact.account_id, contact.way, contact.answer) == (account, "call", "下周缴")
    assert (await estate.rows(core.account, core.account.c.id == account))[0].next_look_at == estate.clock.now()


async def test_a_way_that_is_none_is_refused(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    async with estate.house.store.write() as conn:
        with pytest.raises(ValueError, match="no way of contact"):
            await cases.contacted(estate.house, conn, case, 0, estate.staff["赵一"], "neighbour", estate.clock.now())


async def test_a_snoozed_case_comes_back_to_whoever_put_it_off(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    await estate.tick()
    async with estate.house.store.write() as conn:
        await cases.snooze(estate.house, conn, case, None, estate.staff["赵一"], date(2026, 11, 28), estate.clock.now())
    assert (await estate.case(case)).next_at == datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
    await estate.at(datetime(2026, 11, 30, 0, 59, tzinfo=UTC))
    assert (await estate.case(case)).state == "snoozed"
    await estate.at(datetime(2026, 11, 30, 1, 0, tzinfo=UTC))
    row = await estate.case(case)
    assert (row.state, row.claimed_by) == ("claimed", estate.staff["赵一"].id)
    assert any("到时间了" in out.text for out in estate.private("赵一"))


async def test_handed_over_the_new_colleague_is_told_in_private(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    async with estate.house.store.write() as conn:
        now = estate.clock.now()
        await cases.claim(estate.house, conn, case, 0, estate.staff["赵一"], now)
        await cases.hand_over(estate.house, conn, case, 1, estate.staff["赵一"], estate.staff["钱二"], now)
    await estate.tick()
    assert any("赵一 把这件移交给您" in out.text for out in estate.private("钱二"))
    assert (await estate.case(case)).claimed_by == estate.staff["钱二"].id


async def test_a_payment_closes_the_case_edits_the_card_and_tells_the_claimer(estate: Any) -> None:
    from bot.flows.ledger import pay

    account = await estate.flat(fen=48_600)
    case = await estate.open(account)
    await estate.tick()
    await estate.press("赵一", f"c:{case}:0:claim", chat="-100200300")
    estate.clock.at += timedelta(minutes=5)
    async with estate.house.store.write() as conn:
        await pay(conn, account_id=account, community_id=estate.community, amount_fen=20_000, way="cash",
                  paid_on=date(2026, 11, 25), source="t", external_ref="1", now=estate.clock.now())  # fmt: skip
    await estate.tick()
    assert (await estate.case(case)).state == "claimed"
    assert "¥0–500" in estate.telegram.to("-100200300")[-1].text
    async with estate.house.store.write() as conn:
        await pay(conn, account_id=account, community_id=estate.community, amount_fen=28_600, way="cash",
                  paid_on=date(2026, 11, 25), source="t", external_ref="2", now=estate.clock.now())  # fmt: skip
    await estate.tick()
    row = await estate.case(case)
    assert (row.state, row.outcome) == ("resolved", "paid")
    assert "已解决：已缴" in estate.telegram.to("-100200300")[-1].text
    assert any("已到账" in out.text for out in estate.private("赵一"))

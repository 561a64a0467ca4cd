"""Money in the book: allocation, credit, reversal as a new round, the desk."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.flows.desk import pay_at_desk
from bot.flows.ledger import LedgerError, pay, place, reverse, settle_in_flight
from channels.contract import Accepted, Outgoing
from store import core


async def enter(yard, account, fen, ref="r1", **more):
    told = {"way": "transfer", "paid_on": yard.clock.at.date(), "source": "bank", "external_ref": ref} | more
    told = {"now": yard.clock.at} | told
    async with yard.store.write() as conn:
        return await pay(conn, account_id=account, community_id=yard.community, amount_fen=fen, **told)


async def open_fen(yard) -> list[int]:
    return [row.open_fen for row in await yard.all(core.charge)]


async def test_the_oldest_charge_is_closed_first(yard) -> None:
    account = await yard.owner(fen=10_000)
    await yard.charge(account, 20_000, date(2026, 8, 1))
    await enter(yard, account, 25_000)
    assert await open_fen(yard) == [5_000, 0]


async def test_a_named_charge_is_closed_first(yard) -> None:
    account = await yard.owner(fen=10_000)
    await yard.charge(account, 20_000, date(2026, 8, 1))
    await enter(yard, account, 10_000, named_charge_id=1)
    assert await open_fen(yard) == [0, 20_000]


async def test_too_much_stays_as_credit_for_the_next_charge(yard) -> None:
    account = await yard.owner(fen=10_000)
    paid = await enter(yard, account, 15_000)
    assert paid.rest_fen == 5_000
    await yard.charge(account, 8_000)
    from bot.flows.ledger import reallocate

    async with yard.store.write() as conn:
        await reallocate(conn, [account], yard.clock.at)
    assert await open_fen(yard) == [0, 3_000]


async def test_the_same_reference_twice_is_one_payment(yard) -> None:
    account = await yard.owner(fen=10_000)
    assert (await enter(yard, account, 4_000)).new
    assert not (await enter(yard, account, 4_000)).new
    assert await open_fen(yard) == [6_000]


async def test_a_bounce_opens_a_new_round_and_is_spoken_of_anew(yard) -> None:
    account = await yard.owner()
    await yard.plan()
    await yard.send()
    await enter(yard, account, 48_600)
    async with yard.store.write() as conn:
        assert await reverse(conn, "bank", "r1", yard.clock.at) == account
    (charge,) = await yard.all(core.charge)
    assert (charge.open_fen, charge.round) == (48_600, 1)
    await yard.later(days=7)
    await yard.fresh()
    await yard.plan()
    assert [item.occasion for item in await yard.all(core.message_item)] == ["charge:1:0", "charge:1:1"]
    lines = await yard.rows(select(core.allocation.c.amount_fen).order_by(core.allocation.c.id))
    assert [line.amount_fen for line in lines] == [48_600, -48_600]


async def test_a_bounce_told_twice_is_one(yard) -> None:
    account = await yard.owner()
    await enter(yard, account, 48_600)
    for _ in range(2):
        async with yard.store.write() as conn:
            await reverse(conn, "bank", "r1", yard.clock.at)
    assert (await yard.all(core.charge))[0].round == 1
    async with yard.store.write() as conn:
        with pytest.raises(LedgerError, match="no payment"):
            await reverse(conn, "bank", "unheard", yard.clock.at)


async def test_a_collection_in_flight_silences_and_then_counts(yard) -> None:
    account = await yard.owner()
    until = yard.clock.at.date() + timedelta(days=2)
    await enter(yard, account, 48_600, state="in_flight", settles_on=until)
    report = await yard.plan()
    assert report.messages == 0
    assert "BANK_DEBIT_PENDING" in {**report.wait, **report.skip}
    async with yard.store.write() as conn:
        assert await settle_in_flight(conn, until, yard.clock.at) == []
        assert await settle_in_flight(conn, until + timedelta(days=1), yard.clock.at) == [account]
    assert await open_fen(yard) == [0]


async def test_a_transfer_nobody_can_place_holds_the_likely_account_until_it_is_placed(yard) -> None:
    account = await yard.owner()
    paid = await enter(yard, None, 48_600, state="unidentified", likely_account_id=account)
    assert (await yard.plan()).messages == 0
    async with yard.store.write() as conn:
        await place(conn, paid.payment_id, account, yard.clock.at, "accountant")
    assert await open_fen(yard) == [0]


async def test_nothing_is_not_a_payment(yard) -> None:
    account = await yard.owner()
    with pytest.raises(LedgerError, match="more than zero"):
        await enter(yard, account, 0)


async def test_cash_at_the_desk_names_its_charge_and_stops_what_is_queued(yard) -> None:
    await yard.owner()
    await yard.plan()
    told = await pay_at_desk(yard.house, "3-2-1201", 48_600, way="cash", named="2026Q3", who="desk")
    assert (told["open_fen"], told["stopped"]) == (0, 1)
    await yard.send()
    assert yard.wires["sms"].calls == []
    with pytest.raises(LedgerError, match="no open charge"):
        await pay_at_desk(yard.house, "3-2-1201", 100, way="cash", named="2026Q3", who="desk")
    with pytest.raises(LedgerError, match="no way to pay"):
        await pay_at_desk(yard.house, "3-2-1201", 100, way="shells", who="desk")


async def test_money_that_comes_during_the_call_is_marked_whatever_its_instant_says(yard) -> None:
    paying, _other = await yard.owner(), await yard.owner("3-2-1202")
    await yard.fresh()
    await yard.plan()

    async def pays(_out: Outgoing) -> Accepted:
        """The payment's instant was read before the call's row was there: it waited for the lock."""
        await enter(yard, paying, 48_600, now=yard.clock.at - timedelta(seconds=1))
        return Accepted("sms-1")

    yard.wires["sms"].answers = [pays]
    assert await yard.send() == 2
    crossed = select(core.message_item.c.account_id, core.attempt.c.crossed).join(
        core.attempt, core.attempt.c.message_id == core.message_item.c.message_id
    )
    assert sorted((row.account_id == paying, row.crossed) for row in await yard.rows(crossed)) == [
        (False, False), (True, True),
    ]  # fmt: skip
    await enter(yard, paying, 1_000, ref="later")
    assert sum(row.crossed for row in await yard.all(core.attempt)) == 1


async def test_cash_for_one_flat_does_not_silence_the_same_persons_other_flat(yard) -> None:
    paying = await yard.owner()
    person = (await yard.all(core.account))[0].person_id
    other = await yard.owner("3-2-1202", person=person)
    await yard.plan()
    assert sorted(item.account_id for item in await yard.all(core.message_item)) == [paying, other]
    told = await pay_at_desk(yard.house, "3-2-1201", 48_600, way="cash", who="desk")
    assert told["stopped"] == 1
    assert {row.next_look_at for row in await yard.all(core.account)} == {yard.clock.at}
    await yard.plan()
    assert await yard.states() == ["superseded", "queued"]
    await yard.send()
    assert ["1202" in call.text and "1201" not in call.text for call in yard.wires["sms"].calls] == [True]

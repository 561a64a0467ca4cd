"""Money from two sides at once: whoever comes second sees what the first did."""

import asyncio
from datetime import timedelta

from bot.flows.ledger import LedgerError, pay, pay_in_person, place, reverse, settle_in_flight
from store import core
from store.ledger import credit

WAIT = 0.3
"""Real seconds in which a transaction that does not wait would long be through."""


def told(yard, ref="r1", **more):
    return {
        "community_id": yard.community, "amount_fen": 10_000, "way": "transfer", "paid_on": yard.clock.at.date(),
        "source": "bank", "external_ref": ref, "now": yard.clock.at,
    } | more  # fmt: skip


async def beside(yard, *doings):
    """The doings, each in a transaction of its own that stays open until the next one has begun to wait."""

    async def one(doing):
        async with yard.store.write() as conn:
            found = await doing(conn)
            await asyncio.sleep(WAIT)
            return found

    return await asyncio.gather(*(one(doing) for doing in doings))


async def test_of_two_payments_at_once_one_closes_the_charge_and_the_other_is_credit(yard) -> None:
    account = await yard.owner(fen=10_000)
    both = await beside(
        yard, *(lambda conn, ref=ref: pay(conn, account_id=account, **told(yard, ref)) for ref in ("r1", "r2"))
    )
    assert sorted(paid.rest_fen for paid in both) == [0, 10_000]
    assert [row.open_fen for row in await yard.all(core.charge)] == [0]
    assert len(await yard.all(core.allocation)) == 1
    async with yard.store.read() as conn:
        assert await credit(conn, account) == 10_000


async def test_the_same_payment_from_two_sides_at_once_is_known_to_the_second(yard) -> None:
    account = await yard.owner(fen=10_000)
    both = await beside(yard, *(lambda conn: pay(conn, account_id=account, **told(yard)) for _ in range(2)))
    assert sorted(paid.new for paid in both) == [False, True]


async def test_payments_over_each_others_accounts_do_not_wait_for_each_other_for_ever(yard) -> None:
    one, two = await yard.owner(fen=10_000), await yard.owner("3-2-1202", fen=10_000)
    await beside(
        yard,
        lambda conn: pay(conn, account_id=one, likely_account_id=two, **told(yard, "r1")),
        lambda conn: pay(conn, account_id=two, likely_account_id=one, **told(yard, "r2")),
    )
    assert [row.open_fen for row in await yard.all(core.charge)] == [0, 0]


async def test_a_collection_that_bounces_while_it_settles_stays_bounced(yard) -> None:
    account = await yard.owner(fen=10_000)
    today = yard.clock.at.date()
    async with yard.store.write() as conn:
        await pay(conn, account_id=account, **told(yard, state="in_flight", settles_on=today - timedelta(days=1)))
    await beside(
        yard,
        lambda conn: reverse(conn, "bank", "r1", yard.clock.at),
        lambda conn: settle_in_flight(conn, today, yard.clock.at),
    )
    (payment,) = await yard.all(core.payment)
    assert (payment.state, payment.reversed_at) == ("reversed", yard.clock.at)
    assert [row.open_fen for row in await yard.all(core.charge)] == [10_000]


async def test_a_bounce_heard_from_two_sides_is_one_round(yard) -> None:
    account = await yard.owner(fen=10_000)
    async with yard.store.write() as conn:
        await pay(conn, account_id=account, **told(yard))
    await beside(yard, *(lambda conn: reverse(conn, "bank", "r1", yard.clock.at) for _ in range(2)))
    (charge,) = await yard.all(core.charge)
    assert (charge.open_fen, charge.round) == (10_000, 1)
    kinds = [row.kind for row in await yard.all(core.journal_entry)]
    assert kinds.count("reversal") == 1


async def test_a_transfer_two_people_place_at_once_has_one_place(yard) -> None:
    one, two = await yard.owner(fen=10_000), await yard.owner("3-2-1202", fen=10_000)
    async with yard.store.write() as conn:
        paid = await pay(conn, account_id=None, **told(yard, state="unidentified"))

    async def placed(conn, account):
        try:
            await place(conn, paid.payment_id, account, yard.clock.at, "accountant")
        except LedgerError:
            return False
        return True

    both = await beside(yard, *(lambda conn, a=a: placed(conn, a) for a in (one, two)))
    assert sorted(both) == [False, True]
    assert sorted(row.open_fen for row in await yard.all(core.charge)) == [0, 10_000]


async def test_two_desks_take_money_for_two_flats_of_one_reminder(yard) -> None:
    one = await yard.owner()
    two = await yard.owner("3-2-1202", person=(await yard.all(core.account))[0].person_id)
    await yard.plan()
    both = await beside(
        yard,
        lambda conn: pay_in_person(conn, account_id=two, **told(yard, "r2")),
        lambda conn: pay_in_person(conn, account_id=one, **told(yard, "r1")),
    )
    assert sorted(stopped for _paid, stopped in both) == [0, 1]
    assert [row.open_fen for row in await yard.all(core.charge)] == [38_600, 38_600]

"""The way out under kills, stale workers and crossing payments: nothing lost, nothing twice, nothing after payment."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import real_now
from bot.flows import dispatch as way
from bot.flows.climate import weather
from bot.flows.desk import pay_at_desk
from bot.flows.dispatch import recover
from bot.flows.facts import known_of, read
from bot.flows.ledger import pay
from bot.flows.outcome import Told, settle
from bot.flows.prepare import Ready
from bot.flows.uncertain import ask_providers
from channels.contract import Accepted, Outgoing, Passing, Permanent
from store import claims, core, facts, outbox


async def claim(yard, seconds: float = 120) -> list:
    """A worker takes what is queued, as dispatch does."""
    async with yard.store.write() as conn:
        lease = timedelta(seconds=seconds)
        now = yard.clock.at
        return await claims.claim(conn, "sms", now=now, real_now=real_now(), lease=lease, most=50, silent=[])


async def test_a_message_is_sent_once_and_settled(yard) -> None:
    await yard.owner()
    await yard.plan()
    assert await yard.send() == 1
    assert await yard.states() == ["accepted"]
    assert await yard.send() == 0
    assert len(yard.wires["sms"].calls) == 1


async def test_killed_after_the_claim_it_is_queued_again(yard) -> None:
    await yard.owner()
    await yard.plan()
    await claim(yard, seconds=-1)
    assert await recover(yard.house) == 1
    assert await yard.states() == ["queued"]
    await yard.send()
    assert await yard.states() == ["accepted"]


async def test_killed_after_the_attempt_it_is_uncertain_and_never_resent(yard, monkeypatch) -> None:
    await yard.owner()
    await yard.plan()

    async def dies(*_: object) -> Told:
        raise asyncio.CancelledError

    monkeypatch.setattr(way, "_call", dies)
    with pytest.raises(asyncio.CancelledError):
        await yard.hand()
    monkeypatch.undo()
    assert [a.outcome for a in await yard.all(core.attempt)] == ["in_flight"]
    await yard.change(core.message, 1, lease_until=real_now() - timedelta(seconds=1))
    await recover(yard.house)
    assert await yard.states() == ["uncertain"]
    await yard.later(days=2)
    await yard.plan()
    await yard.send()
    assert yard.wires["sms"].calls == []
    assert await yard.states() == ["uncertain"]


async def test_a_worker_that_slept_past_its_lease_changes_nothing(yard) -> None:
    await yard.owner()
    await yard.plan()
    (mine,) = await claim(yard, seconds=-1)
    await recover(yard.house)
    (theirs,) = await claim(yard)
    assert theirs.fence == mine.fence + 1
    late = Ready(mine, Outgoing(to="", text="", our_id="x"), "x", "text")
    async with yard.store.write() as conn:
        await settle(yard.house, conn, [Told(late, Accepted("p"))], yard.clock.at, real_now())
    assert await yard.states() == ["sending"]


@pytest.mark.parametrize("word", [Passing("our turn comes later"), Permanent("gone", "address")])
async def test_a_late_no_changes_nothing_while_others_ask_the_provider(yard, monkeypatch, word) -> None:
    """Asking WeChat is sending again: one who says "not taken" meanwhile must not put the message back."""
    await yard.owner()
    await yard.plan()

    async def stalls(_house: object, _channel: object, ready: Ready, _deadline: float) -> Told:
        await yard.change(core.message, 1, lease_until=real_now() - timedelta(seconds=1))
        await recover(yard.house)
        assert await yard.states() == ["uncertain"]
        return Told(ready, word)

    monkeypatch.setattr(way, "_call", stalls)
    await yard.hand()
    monkeypatch.undo()
    assert await yard.states() == ["uncertain"]
    yard.wires["sms"].verdict = ("accepted", "SM1")
    assert await ask_providers(yard.house) == 1
    await yard.send()
    assert await yard.states() == ["accepted"]
    assert yard.wires["sms"].calls == []


async def test_where_nobody_can_ask_a_late_no_is_the_only_word_there_is(yard, monkeypatch) -> None:
    await yard.owner(on=("telegram",))
    await yard.plan()

    async def stalls(_house: object, _channel: object, ready: Ready, _deadline: float) -> Told:
        await yard.change(core.message, 1, lease_until=real_now() - timedelta(seconds=1))
        await recover(yard.house)
        return Told(ready, Passing("our turn comes later", retry_after=0.0))

    monkeypatch.setattr(way, "_call", stalls)
    await yard.hand("telegram")
    monkeypatch.undo()
    assert await yard.states() == ["queued"]
    await yard.send()
    assert await yard.states() == ["accepted"]


async def test_a_worker_whose_claim_was_taken_over_makes_no_attempt(yard) -> None:
    await yard.owner()
    await yard.plan()
    rows = await claim(yard, seconds=-1)
    await recover(yard.house)
    await way._send_slice(yard.house, yard.wires["sms"], rows, float("inf"))
    assert await yard.all(core.attempt) == []
    assert yard.wires["sms"].calls == []


async def test_two_workers_send_each_message_once(yard) -> None:
    for number in range(12):
        await yard.owner(f"3-2-{1201 + number}")
    await yard.plan()
    await asyncio.gather(way.drain(yard.house), way.drain(yard.second()))
    told = [call.to for call in yard.wires["sms"].calls]
    assert len(told) == len(set(told)) == 12


async def test_a_payment_before_the_attempt_stops_it(yard) -> None:
    await yard.owner()
    await yard.plan()
    await claim(yard, seconds=-1)
    await pay_at_desk(yard.house, "3-2-1201", 48_600, way="cash", who="test")
    await recover(yard.house)
    await yard.send()
    assert await yard.states() == ["skipped"]
    assert yard.wires["sms"].calls == []


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_a_payment_under_way_is_waited_for(yard) -> None:
    """I1: the attempt's last look comes after the payment's commit, and sees it."""
    account = await yard.owner()
    await yard.plan()
    async with yard.store.write() as conn:
        told = {"way": "cash", "paid_on": yard.clock.at.date(), "source": "desk", "external_ref": "r1"}
        await pay(conn, account_id=account, community_id=yard.community, amount_fen=48_600, now=yard.clock.at, **told)
        sending = asyncio.create_task(yard.send())
        await asyncio.sleep(0.4)
        assert not sending.done()
    await sending
    assert await yard.states() == ["skipped"]
    assert yard.wires["sms"].calls == []


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_a_payment_waits_for_an_attempt_under_way(yard, monkeypatch) -> None:
    """I1: it commits after the attempt, never beside it; the words had left before the money came."""
    await yard.owner()
    await yard.plan()
    looked, go_on, write = asyncio.Event(), asyncio.Event(), outbox.write_attempts

    async def slowly(*told):
        looked.set()
        await go_on.wait()
        return await write(*told)

    monkeypatch.setattr(outbox, "write_attempts", slowly)
    sending = asyncio.create_task(yard.send())
    await looked.wait()
    paying = asyncio.create_task(pay_at_desk(yard.house, "3-2-1201", 48_600, way="cash", who="test"))
    await asyncio.sleep(0.4)
    assert not paying.done()
    go_on.set()
    await asyncio.gather(sending, paying)
    assert await yard.states() == ["accepted"]
    numbers = {row.subject: row.id for row in await yard.all(core.journal_entry)}
    assert numbers["attempt:1"] < numbers["payment:1"]


async def test_not_taken_goes_back_free_of_charge(yard) -> None:
    await yard.owner()
    await yard.plan()
    yard.wires["sms"].answers = [Passing("busy", retry_after=0.0)]
    await yard.send()
    (row,) = await yard.all(core.message)
    assert (row.state, row.tries) == ("accepted", 1)
    assert [a.outcome for a in await yard.all(core.attempt)] == ["not_accepted", "accepted"]


async def test_an_unreleased_community_keeps_its_list(yard) -> None:
    await yard.owner()
    await yard.change(core.community, yard.community, released_at=None)
    await yard.plan()
    await yard.send()
    assert await yard.states() == ["queued"]


async def test_what_is_said_is_kept_with_its_basket(yard) -> None:
    """I8."""
    await yard.owner()
    await yard.plan()
    await yard.send()
    (row,), (attempt,) = await yard.all(core.message), await yard.all(core.attempt)
    assert row.text == attempt.text == yard.wires["sms"].calls[0].text
    assert "48600" in row.basket
    assert "486" in row.text


async def test_the_next_batch_is_claimed_while_this_one_is_sent(yard) -> None:
    for number in range(10):
        await yard.owner(f"3-2-{1201 + number}")
    await yard.plan()
    yard.house.batch, yard.house.concurrency = 3, 3
    assert await way.dispatch(yard.house, "sms", more=lambda claimed: claimed < 9) == 9
    assert sorted(await yard.states()) == ["accepted"] * 9 + ["queued"]
    assert len(yard.wires["sms"].calls) == 9


async def test_where_a_hand_fails_nothing_more_is_claimed_and_the_rest_is_handed_back(yard, monkeypatch) -> None:
    for number in range(9):
        await yard.owner(f"3-2-{1201 + number}")
    await yard.plan()
    yard.house.batch, yard.house.concurrency, prepare = 6, 3, way.prepare
    slices = iter(range(100))

    async def breaks(*told):
        if next(slices) == 0:
            raise OSError("the database went away")
        return await prepare(*told)

    monkeypatch.setattr(way, "prepare", breaks)
    with pytest.raises(OSError, match="went away"):
        await way.dispatch(yard.house, "sms", more=lambda claimed: claimed < 6)
    assert sorted(await yard.states()) == ["accepted"] * 5 + ["queued"] * 3 + ["sending"]
    await yard.change(core.message, 1, lease_until=real_now() - timedelta(seconds=1))
    monkeypatch.undo()
    await recover(yard.house)
    await yard.send()
    assert await yard.states() == ["accepted"] * 9


async def test_the_last_look_finds_what_planning_finds(yard) -> None:
    """Two ways of asking, one answer: of accounts with every rare kind of fact, and of plain ones."""
    plain, held = await yard.owner(), await yard.owner("3-2-1202")
    await yard.plan()
    now = yard.clock.at
    values = {"account_id": held, "reason": "leak", "opened_at": now, "state": "open"}
    async with yard.store.write() as conn:
        await conn.execute(core.dispute.insert().values(**values))
        town = await weather(yard.house, conn, now)
        ids, today = [plain, held], now.date()
        looked = await facts.of_accounts(conn, ids, today, now)
        found = known_of(looked["accounts"], looked, town.towns, town.watermarks)
        assert found == await read(conn, facts.named(ids), town.towns, town.watermarks, now)
    assert "disputes" in looked
    assert "promises" not in looked


async def test_a_payment_that_answered_a_reminder_is_thanked_for(yard) -> None:
    await yard.owner()
    await yard.plan()
    await yard.send()
    await yard.later(hours=1)
    await pay_at_desk(yard.house, "3-2-1201", 48_600, way="cash", who="test")
    await yard.plan()
    await yard.later(days=2)
    await yard.send()
    reminder, thanks = (call.text for call in yard.wires["sms"].calls)
    assert "486" in reminder
    assert "486" in thanks
    assert thanks != reminder

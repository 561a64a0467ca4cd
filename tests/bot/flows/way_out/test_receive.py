"""Receipts: early, doubled, shuffled, about nobody; the state only ever goes up."""

import itertools
from datetime import timedelta

import pytest

from bot.flows.receive import apply_receipts
from channels.contract import Accepted, Receipt
from store import core


def receipt(yard, state: str, number: int = 0, **more: str) -> Receipt:
    ours = yard.wires["sms"].calls[number].our_id
    told = {"event_key": f"{ours}-{state}", "state": state, "provider_id": f"sms-{number + 1}", "our_id": ours}
    return Receipt(**(told | more))


@pytest.fixture
async def sent(yard):
    await yard.owner()
    await yard.plan()
    await yard.send()
    return yard


@pytest.mark.parametrize("order", list(itertools.permutations(("accepted", "sent", "delivered"))))
async def test_any_order_of_receipts_ends_delivered(sent, order) -> None:
    for state in order:
        await sent.receipts("sms", receipt(sent, state))
        await apply_receipts(sent.house)
    assert await sent.states() == ["delivered"]


async def test_a_doubled_receipt_is_kept_once(sent) -> None:
    assert await sent.receipts("sms", receipt(sent, "delivered")) == 1
    assert await sent.receipts("sms", receipt(sent, "delivered")) == 0
    assert len(await sent.all(core.provider_event)) == 1


async def test_a_receipt_that_beats_our_own_commit_counts_once_we_are_done(yard) -> None:
    await yard.owner()
    await yard.plan()

    async def early(out) -> Accepted:
        told = Receipt("e1", "delivered", provider_id="p1", our_id=out.our_id)
        await yard.receipts("sms", told)
        await apply_receipts(yard.house)
        return Accepted("p1")

    yard.wires["sms"].answers = [early]
    await yard.send()
    await apply_receipts(yard.house)
    assert await yard.states() == ["delivered"]


async def test_a_receipt_about_nobody_waits_and_is_set_aside(yard) -> None:
    await yard.receipts("sms", Receipt("e1", "delivered", provider_id="strange", our_id="strange"))
    assert await apply_receipts(yard.house) == 0
    yard.clock.at += timedelta(days=4)
    assert await apply_receipts(yard.house) == 1


async def test_failed_after_delivered_changes_nothing(sent) -> None:
    await sent.receipts("sms", receipt(sent, "delivered"))
    await apply_receipts(sent.house)
    await sent.receipts("sms", receipt(sent, "failed", reason="30005", fault="address"))
    await apply_receipts(sent.house)
    assert await sent.states() == ["delivered"]
    assert (await sent.all(core.contact))[0].dead_at is None


async def test_undelivered_later_is_a_dead_number_and_a_case(sent) -> None:
    await sent.receipts("sms", receipt(sent, "failed", reason="30005", fault="address"))
    await apply_receipts(sent.house)
    assert await sent.states() == ["failed"]
    assert (await sent.all(core.contact))[0].dead_at is not None
    assert [case.cause for case in await sent.all(core.case_)] == ["missing_contact"]

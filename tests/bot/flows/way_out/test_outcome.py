"""A refusal for good: the contact is marked, the next one takes the same message, else people are told."""

from datetime import timedelta

from bot.flows.receive import apply_receipts
from channels.contract import Permanent
from channels.sms.receive import receipt_of
from store import core


async def test_the_next_contact_takes_the_same_message(yard) -> None:
    await yard.owner(on=("wechat", "sms"))
    yard.wires["wechat"].answers = [Permanent("43004 not following", "address")]
    await yard.plan()
    await yard.send()
    (row,) = await yard.all(core.message)
    assert (row.state, row.channel) == ("accepted", "sms")
    assert [(a.channel, a.outcome) for a in await yard.all(core.attempt)] == [
        ("wechat", "refused"), ("sms", "accepted"),
    ]  # fmt: skip
    dead = [c.channel for c in await yard.all(core.contact) if c.dead_at is not None]
    assert dead == ["wechat"]


async def test_nobody_left_is_a_case_for_people(yard) -> None:
    await yard.owner()
    yard.wires["sms"].answers = [Permanent("21614 not a mobile", "address")]
    await yard.plan()
    await yard.send()
    assert await yard.states() == ["failed"]
    assert [case.cause for case in await yard.all(core.case_)] == ["missing_contact"]


async def test_an_opt_out_at_the_provider_is_ours_too(yard) -> None:
    await yard.owner()
    yard.wires["sms"].answers = [Permanent("21610 opted out", "opted_out")]
    await yard.plan()
    await yard.send()
    assert (await yard.all(core.contact))[0].opted_out_at is not None
    await yard.later(days=10)
    await yard.fresh()
    await yard.plan()
    assert len(await yard.all(core.message)) == 1


async def test_a_wrong_request_alarms_and_touches_no_contact(yard) -> None:
    await yard.owner(on=("wechat", "sms"))
    yard.wires["wechat"].answers = [Permanent("40037 invalid template", "request")]
    await yard.plan()
    await yard.send()
    assert await yard.states() == ["failed"]
    assert [case.cause for case in await yard.all(core.case_)] == ["provider_refusal"]
    assert not [c for c in await yard.all(core.contact) if c.dead_at is not None]


BROKEN = Permanent("20003 account or token not accepted", "sender")


async def test_a_broken_account_of_ours_is_one_urgent_case_and_what_waited_leaves_once_it_is_mended(yard) -> None:
    for number in range(3):
        await yard.owner(f"3-2-{1201 + number}")
    yard.wires["sms"].answers = [BROKEN] * 3
    await yard.plan()
    await yard.send()
    assert await yard.states() == ["queued"] * 3
    assert [(case.cause, case.urgent, case.version) for case in await yard.all(core.case_)] == [
        ("provider_refusal", True, 0)
    ]  # fmt: skip
    assert not [c for c in await yard.all(core.contact) if c.dead_at is not None]
    await yard.later(minutes=14)
    assert await yard.send() == 0
    await yard.later(minutes=1)
    await yard.send()
    assert await yard.states() == ["accepted"] * 3


async def test_a_broken_account_of_ours_leaves_the_message_to_another_channel(yard) -> None:
    await yard.owner(on=("sms", "wechat"))
    await yard.plan()
    (first,) = {row.channel for row in await yard.all(core.message)}
    yard.wires[first].answers = [BROKEN]
    await yard.send()
    (row,) = await yard.all(core.message)
    assert (row.state, row.channel) == ("accepted", "sms" if first == "wechat" else "wechat")
    assert [case.cause for case in await yard.all(core.case_)] == ["provider_refusal"]


async def out_of_reach(yard) -> None:
    """Twilio's word on the newest attempt: the handset is switched off."""
    newest = (await yard.all(core.attempt))[-1]
    told = {"MessageSid": newest.provider_id, "MessageStatus": "undelivered", "ErrorCode": "30003"}
    await yard.receipts("sms", receipt_of(told, ""))
    await apply_receipts(yard.house)


async def test_a_phone_switched_off_is_tried_on_another_day_and_then_given_to_people(yard) -> None:
    await yard.owner()
    await yard.plan()
    for day in range(3):
        await yard.send()
        assert len(yard.wires["sms"].calls) == day + 1
        await out_of_reach(yard)
        if day < 2:
            assert not [c for c in await yard.all(core.contact) if c.dead_at is not None]
            assert await yard.states() == ["queued"]
            yard.clock.at += timedelta(days=1)
            await yard.fresh()
    assert await yard.states() == ["failed"]
    assert (await yard.all(core.contact))[0].dead_reason == "30003 the handset is unreachable"
    assert [case.cause for case in await yard.all(core.case_)] == ["missing_contact"]

"""A refusal for good: the contact is marked, the next one takes the same message, else people are told."""

from channels.contract import Permanent
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

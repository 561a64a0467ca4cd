"""Uncertain sends: asked where one can ask, shown to a person where not, never resent by themselves."""

import pytest

from bot.flows.uncertain import SettleError, ask_providers, settle_by_person
from channels.contract import Unknown
from store import core


@pytest.fixture
async def unsure(yard):
    """One uncertain message on Telegram, which cannot be asked."""
    await yard.owner(on=("telegram",))
    await lost(yard, "telegram")
    return yard


async def lost(yard, name: str) -> None:
    yard.wires[name].answers = [Unknown("time-out")]
    await yard.plan()
    await yard.send()
    assert await yard.states() == ["uncertain"]


async def test_a_provider_that_can_be_asked_settles_it(yard) -> None:
    await yard.owner()
    await lost(yard, "sms")
    yard.wires["sms"].verdict = ("accepted", "SM1")
    assert await ask_providers(yard.house) == 1
    assert await yard.states() == ["accepted"]
    assert len(yard.wires["sms"].calls) == 1


async def test_not_taken_says_the_provider_and_it_goes_again(yard) -> None:
    await yard.owner()
    await lost(yard, "sms")
    yard.wires["sms"].verdict = ("not_accepted", None)
    await ask_providers(yard.house)
    await yard.send()
    assert await yard.states() == ["accepted"]
    assert len(yard.wires["sms"].calls) == 2


async def test_where_nobody_can_be_asked_people_are_told_once(unsure) -> None:
    await ask_providers(unsure.house)
    await ask_providers(unsure.house)
    assert [case.cause for case in await unsure.all(core.case_)] == ["uncertain"]
    assert await unsure.states() == ["uncertain"]


async def test_a_person_says_it_was_sent(unsure) -> None:
    await settle_by_person(unsure.store, 1, True, "assistant", unsure.clock.at)
    assert await unsure.states() == ["accepted"]
    with pytest.raises(SettleError, match="not uncertain"):
        await settle_by_person(unsure.store, 1, True, "assistant", unsure.clock.at)


async def test_a_person_says_it_was_not_and_it_may_be_said_again(unsure) -> None:
    await settle_by_person(unsure.store, 1, False, "assistant", unsure.clock.at)
    await unsure.plan()
    await unsure.send()
    assert await unsure.states() == ["abandoned", "accepted"]


async def test_while_uncertain_it_counts_as_said(unsure) -> None:
    await unsure.later(days=1)
    await unsure.fresh()
    await unsure.plan()
    assert len(await unsure.all(core.message)) == 1


async def test_an_unknown_number_is_refused(yard) -> None:
    with pytest.raises(SettleError, match="no message 99"):
        await settle_by_person(yard.store, 99, True, "assistant", yard.clock.at)

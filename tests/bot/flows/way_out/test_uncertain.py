"""Uncertain sends: asked where one can ask, shown to a person where not, never resent by themselves."""

from datetime import timedelta
from typing import Any

import pytest

from bot.flows import uncertain
from bot.flows.ledger import pay
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


@pytest.mark.parametrize("why", ["paid", "stopped", "late"])
async def test_where_asking_is_sending_again_what_may_not_be_said_is_not_asked(yard, why: str) -> None:
    account = await yard.owner(on=("wechat",))
    await lost(yard, "wechat")
    if why == "paid":
        async with yard.store.write() as conn:
            await pay(conn, account_id=account, community_id=yard.community, amount_fen=48_600, now=yard.clock.at,
                      way="transfer", paid_on=yard.clock.at.date(), source="t", external_ref="1")  # fmt: skip
        assert [a.crossed for a in await yard.all(core.attempt)] == [True]
    if why == "stopped":
        await yard.change(core.contact, 1, opted_out_at=yard.clock.at)
    if why == "late":
        yard.clock.at += timedelta(hours=11)
    yard.wires["wechat"].verdict = ("accepted", "1")
    await ask_providers(yard.house)
    assert yard.wires["wechat"].asked_at == []
    assert await yard.states() == ["uncertain"]


async def test_each_is_asked_at_its_own_instant_not_that_of_the_round(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """WeChat swallows a repetition for ten minutes from the attempt, however long the round before it took."""
    for number in range(2):
        await yard.owner(f"3-2-{1201 + number}", on=("wechat",))
    yard.wires["wechat"].answers = [Unknown("time-out")] * 2
    await yard.plan()
    await yard.send()
    real = yard.wires["wechat"].settle

    async def slow(*told: Any) -> Any:
        yard.clock.at += timedelta(seconds=30)
        return await real(*told)

    monkeypatch.setattr(uncertain, "AT_ONCE", 1)
    yard.wires["wechat"].settle = slow
    await ask_providers(yard.house)
    first, second = yard.wires["wechat"].asked_at
    assert second - first == 30

"""The brakes, six different true reasons, and the audit that holds our books against the provider's."""

import json
from datetime import date, timedelta

import pytest

from bot.flows.audit import audit
from bot.flows.brakes import add_fact, first_list, pause_until, release, resume
from bot.flows.desk import pay_at_desk
from bot.flows.find import account_named
from bot.flows.heartbeat import beat
from bot.flows.ledger import LedgerError
from bot.flows.why import why
from store import core
from store.ledger import communities


async def reason(yard, unit: str = "3-2-1201") -> str:
    """The first reason `yinuo why` gives."""
    async with yard.store.read() as conn:
        found = await account_named(conn, unit, None)
        told = await why(yard.house, conn, found, yard.clock.at)
    return told.json()["reasons"][0]["code"] if told.reasons else told.json()["decision"]


async def test_six_accounts_give_six_true_reasons(yard) -> None:
    paid, held, capped, never = [await yard.owner(f"3-2-120{n}") for n in range(4)]
    await pay_at_desk(yard.house, "3-2-1200", 48_600, way="cash", who="desk")
    now = yard.clock.at
    await yard.put(core.hold, scope="account", account_id=held, code="ON_HOLD", reason="in court",
                   until=date(2026, 12, 31), who="legal", at=now)  # fmt: skip
    people = {row.id: row.person_id for row in await yard.all(core.account)}
    for days in (4, 5):
        message = await yard.put(
            core.message, community_id=yard.community, kind="reminder", person_id=people[capped], channel="sms",
            step="warm_4", state="accepted", not_before=now, created_at=now, state_at=now, lane=0, priority=5,
            fence=0, tries=1, reason="", text="", basket="", slots="", buttons="", locale="", band="warm",
        )  # fmt: skip
        await yard.put(core.message_item, message_id=message, account_id=paid, person_id=people[capped],
                       step="warm_4", occasion=f"charge:{99 + days}:0", key=f"k{days}", band="warm",
                       at=now - timedelta(days=days))  # fmt: skip
    contacts = [row.id for row in await yard.all(core.contact) if row.person_id == people[never]]
    await yard.change(core.contact, contacts[0], dead_at=now, dead_reason="30005")
    found = [await reason(yard, f"3-2-120{n}") for n in range(4)]
    assert found == ["PAID", "ON_HOLD", "CAP", "NO_CONTACT"]
    await yard.owner("3-2-1209")
    assert await reason(yard, "3-2-1209") == "send"
    yard.clock.at = now.replace(hour=14)
    assert await reason(yard, "3-2-1209") == "QUIET_HOURS"
    yard.clock.at = now + timedelta(days=14)
    assert await reason(yard, "3-2-1209") == "STALE_LEDGER"


async def test_why_changes_nothing(yard) -> None:
    await yard.owner()
    await reason(yard)
    assert await yard.all(core.message) == []
    assert await yard.all(core.decision) == []


async def test_a_pause_holds_and_its_end_is_told(yard) -> None:
    await yard.owner()
    async with yard.store.write() as conn:
        await pause_until(conn, "all", date(2026, 12, 1), "an audit", "head", yard.clock.at, None)
    assert await reason(yard) == "PAUSED"
    async with yard.store.write() as conn:
        assert await resume(conn, "all", "head", yard.clock.at, None) == 1
    assert await reason(yard) == "send"


async def test_a_step_alone_can_be_paused(yard) -> None:
    await yard.owner()
    async with yard.store.write() as conn:
        await pause_until(conn, "step:0:warm_4", date(2026, 12, 1), "wording", "head", yard.clock.at, None)
    assert await reason(yard) == "PAUSED"


async def test_the_first_list_is_counted_and_released_once_seen(yard) -> None:
    await yard.owner()
    await yard.change(core.community, yard.community, released_at=None)
    await yard.plan()
    async with yard.store.write() as conn:
        town = (await communities(conn))[0]
        seen = await first_list(conn, town)
        assert (seen.messages, seen.by_step, seen.by_channel) == (1, {"warm_4": 1}, {"sms": 1})
        await release(conn, town, "supervisor", yard.clock.at)
    await yard.send()
    assert await yard.states() == ["accepted"]


async def test_a_fact_has_a_kind_and_is_kept_once(yard) -> None:
    await yard.owner()
    async with yard.store.write() as conn:
        account = await account_named(conn, "3-2-1201", None)
        for _ in range(2):
            await add_fact(conn, account, "letter_sent", "L-1", date(2026, 11, 25), "legal", yard.clock.at)
        with pytest.raises(LedgerError, match="no fact is called"):
            await add_fact(conn, account, "rumour", "L-2", date(2026, 11, 25), "legal", yard.clock.at)
    assert len(await yard.all(core.legal_fact)) == 1


def ledger(folder, yard, *more) -> None:
    """What the provider wrote down: every call of ours, and what else a test adds."""
    lines = [
        {"n": n, "channel": "sms", "text": call.text, "our_id": call.our_id, "provider_id": f"sms-{n}"}
        for n, call in enumerate(yard.wires["sms"].calls, 1)
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [*lines, *more])
    (folder / "ledger.jsonl").write_text(text, encoding="utf-8")


async def test_the_audit_explains_every_send(yard, tmp_path) -> None:
    await yard.owner()
    await yard.plan()
    await yard.send()
    ledger(tmp_path, yard)
    told = await audit(yard.house, tmp_path)
    assert (told.provider, told.duplicates, told.unexplained) == (1, 0, [])


async def test_a_line_torn_inside_a_character_hides_neither_what_stands_before_it_nor_what_follows(
    yard, tmp_path
) -> None:
    await yard.owner()
    await yard.plan()
    await yard.send()
    ledger(tmp_path, yard)
    whole, torn = (tmp_path / "ledger.jsonl").read_bytes(), '{"n":2,"text":"费'.encode()[:-1]
    for lines in (whole + torn, torn + b"\n" + whole):
        (tmp_path / "ledger.jsonl").write_bytes(lines)
        told = await audit(yard.house, tmp_path)
        assert (told.provider, told.duplicates, told.unexplained) == (1, 0, [])


async def test_a_message_accepted_twice_is_found_without_the_providers_list_and_stops_the_heartbeat(
    yard, tmp_path
) -> None:
    await yard.owner()
    await yard.plan()
    await yard.send()
    assert await beat(yard.house, tmp_path)
    (first,) = await yard.all(core.attempt)
    again = {name: value for name, value in first._mapping.items() if name != "id"}
    await yard.put(core.attempt, **again | {"our_id": "another", "outcome": "delivered"})
    told = await audit(yard.house, None)
    assert told.duplicates == 1
    assert told.unexplained == ["message 1 was accepted 2 times by its provider"]
    assert not await beat(yard.house, tmp_path)


async def test_the_audit_names_what_is_not_ours_and_what_came_twice(yard, tmp_path) -> None:
    await yard.owner()
    await yard.plan()
    await yard.send()
    strange = {"n": 9, "channel": "sms", "text": "somebody else's words", "our_id": "q", "provider_id": "q"}
    again = {"n": 8, "channel": "sms", "text": yard.wires["sms"].calls[0].text,
             "our_id": yard.wires["sms"].calls[0].our_id, "provider_id": "sms-2"}  # fmt: skip
    ledger(tmp_path, yard, again, strange)
    told = await audit(yard.house, tmp_path)
    assert told.duplicates == 1
    assert len(told.unexplained) == 1

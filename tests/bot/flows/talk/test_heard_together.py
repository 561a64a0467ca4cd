"""Words of different people that wait are heard in one transaction, and stay as independent as if each came alone."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from bot.flows import hear
from bot.flows.dispatch import drain
from bot.flows.hear import hear_all
from bot.flows.receive import keep
from bot.flows.talk import turn
from channels.contract import Heard, Said
from store import core
from store import talk as shelf


async def say(estate: Any, *words: tuple[str, str], channel: str = "sms") -> None:
    for sender, text in words:
        estate.number += 1
        await keep(estate.house, channel, Heard(said=(Said(f"w{estate.number}", sender, "text", text),)))


def phone(number: int) -> str:
    return f"+861390000{number:04d}"


async def owners(estate: Any, count: int) -> list[Any]:
    return [
        await estate.owner(f"3-2-{n:04d}", phone=phone(n), owed=(("management", "2026Q3", 10_000 + n * 100),))
        for n in range(1, count + 1)
    ]


async def replies(estate: Any) -> dict[int, list[str]]:
    """Texts by person."""
    found: dict[int, list[str]] = {}
    for row in await estate.messages():
        found.setdefault(row.person_id, []).append(row.text)
    return found


def counted(estate: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    begun: list[str] = []
    write = estate.store.write

    @asynccontextmanager
    async def write_counted() -> Any:
        begun.append("write")
        async with write() as conn:
            yield conn

    monkeypatch.setattr(estate.store, "write", write_counted)
    return begun


async def test_forty_people_each_hear_their_own_amount_in_two_transactions(
    estate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await owners(estate, 40)
    await say(estate, *((phone(n), "我欠多少钱？") for n in range(1, 41)))
    begun = counted(estate, monkeypatch)
    assert await hear_all(estate.house) == 40
    assert len(begun) == 2
    told = await replies(estate)
    for n, owner in enumerate(people, 1):
        assert len(told[owner.person_id]) == 1
        assert f"{100 + n}" in told[owner.person_id][0]
    assert all(row.handled_at is not None for row in await estate.all(core.inbound))
    assert await hear_all(estate.house) == 0


async def test_one_who_trips_undoes_nobody_elses_answer(estate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = await owners(estate, 5)
    real = turn.take

    async def trips(talk: Any) -> Any:
        answers = await real(talk)
        if talk.text == "boom":
            raise RuntimeError("tripped")
        return answers

    monkeypatch.setattr(turn, "take", trips)
    await say(estate, *((phone(n), "boom" if n == 3 else "下周五交") for n in range(1, 6)))
    await hear_all(estate.house)
    told = await replies(estate)
    assert set(told) == {owner.person_id for n, owner in enumerate(people, 1) if n != 3}
    assert all(len(texts) == 1 for texts in told.values())
    rows = await estate.all(core.inbound)
    assert [row.tries for row in rows] == [0, 0, 3, 0, 0]
    assert [case.cause for case in await estate.rows(select(core.case_))] == ["not_handled"]


async def test_a_promise_a_stop_and_a_question_at_once_are_each_what_they_are(estate: Any) -> None:
    people = await owners(estate, 3)
    await say(estate, (phone(1), "下周五交"))
    await hear_all(estate.house)
    await drain(estate.house)
    await say(estate, (phone(1), "1"), (phone(2), "退订"), (phone(3), "我欠多少钱？"))
    await hear_all(estate.house)
    assert [row.account_id for row in await estate.all(core.promise)] == [people[0].account_id]
    contacts = {row.person_id: row.opted_out_at for row in await estate.all(core.contact)}
    assert [contacts[owner.person_id] is not None for owner in people] == [False, True, False]
    steps = {row.person_id: row.step for row in await estate.messages()}
    assert [steps[owner.person_id] for owner in people] == ["promise_made", "stopped", "balance"]


async def test_people_of_one_flat_are_heard_one_after_the_other(estate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await estate.owner(phone=phone(1))
    await estate.owner("3-2-1202", phone=phone(3))
    async with estate.store.write() as conn:
        wife = await shelf.put(conn, core.person, {"community_id": estate.community_id, "name": "李雪", "locale": "",
                                                   "offline": False})  # fmt: skip
        party = {"account_id": owner.account_id, "person_id": wife, "role": "co_owner", "may_see": True}
        await shelf.put(conn, core.account_party, party | {"since": estate.clock.at})
    await estate.contact(wife, "sms", phone(2))
    together: list[list[str]] = []
    write = hear._write

    async def watched(conn: Any, talks: Any, replies: Any) -> None:
        together.append([talk.text for talk in talks])
        await write(conn, talks, replies)

    monkeypatch.setattr(hear, "_write", watched)
    await say(estate, (phone(1), "你好"), (phone(2), "我欠多少钱？"), (phone(3), "谢谢"))
    assert await hear_all(estate.house) == 3
    assert together == [["你好", "谢谢"], ["我欠多少钱？"]]


async def test_one_person_on_two_channels_is_heard_in_order(estate: Any) -> None:
    owner = await estate.owner(phone=phone(1))
    await estate.contact(owner.person_id, "telegram", "77")
    await say(estate, (phone(1), "下周五交"))
    await say(estate, ("77", "谢谢"), channel="telegram")
    await hear_all(estate.house)
    assert [row.step for row in await estate.messages()] == ["promise_confirm", "thanks_back"]


async def test_whom_somebody_else_is_hearing_is_left_and_the_others_are_answered(estate: Any) -> None:
    if estate.store.dialect != "postgresql":
        pytest.skip("SQLite has one writer")
    people = await owners(estate, 3)
    await say(estate, *((phone(n), "我欠多少钱？") for n in range(1, 4)))
    async with estate.store.write() as elsewhere:
        await shelf.lock(elsewhere, f"person:{people[1].person_id}")
        assert await asyncio.wait_for(hear_all(estate.house), 10) == 2
        assert set(await replies(estate)) == {people[0].person_id, people[2].person_id}
    assert await hear_all(estate.house) == 1
    assert len(await replies(estate)) == 3


async def test_staff_and_strangers_among_them_are_heard_by_themselves(estate: Any) -> None:
    await owners(estate, 2)
    await say(estate, (phone(1), "我欠多少钱？"), (phone(9), "我欠多少钱？"), (phone(2), "谢谢"))
    assert await hear_all(estate.house) == 3
    assert [row.step for row in await estate.messages()].count("unknown_sender") == 1
    assert len(await estate.messages()) == 3

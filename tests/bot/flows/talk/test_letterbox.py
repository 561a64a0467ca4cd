"""The letterbox: together in one transaction, told only once it is committed, one bad letter alone refused."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.flows import letterbox
from bot.flows.letterbox import Letter, Overfull
from bot.flows.receive import keep
from channels.contract import Heard, Receipt, Said
from store import core


def said(key: str, text: str = "你好") -> Heard:
    return Heard(said=(Said(key, "+8613900000001", "text", text),))


def count_transactions(estate: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the inbox held when each writing transaction began."""
    begun: list[int] = []
    write = estate.store.write

    @asynccontextmanager
    async def counted() -> Any:
        begun.append(len(await estate.all(core.inbound)))
        async with write() as conn:
            yield conn

    monkeypatch.setattr(estate.store, "write", counted)
    return begun


async def test_what_comes_in_together_is_kept_together_and_in_order(
    estate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = count_transactions(estate, monkeypatch)
    new = await asyncio.gather(*(keep(estate.house, "sms", said(f"k{n}")) for n in range(50)))
    assert new == [1] * 50
    assert [row.event_key for row in await estate.all(core.inbound)] == [f"k{n}" for n in range(50)]
    assert begun == [0]


async def test_nobody_is_told_before_the_commit(estate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[asyncio.Task[int]] = []
    write = estate.store.write

    @asynccontextmanager
    async def watched() -> Any:
        async with write() as conn:
            yield conn
            await asyncio.sleep(0.01)
            assert not any(task.done() for task in told)

    monkeypatch.setattr(estate.store, "write", watched)
    told += [asyncio.create_task(keep(estate.house, "sms", said(f"k{n}"))) for n in range(3)]
    assert await asyncio.gather(*told) == [1, 1, 1]


async def test_told_twice_at_once_is_kept_once(estate: Any) -> None:
    receipts = Heard(receipts=(Receipt("r", "sent"), Receipt("r", "sent"), Receipt("s", "delivered")))
    both = (keep(estate.house, "sms", one) for one in (said("k"), said("k", "again"), receipts, receipts))
    assert await asyncio.gather(*both) == [1, 0, 2, 0]
    assert await keep(estate.house, "sms", said("k")) == 0
    assert [row.text for row in await estate.all(core.inbound)] == ["你好"]
    assert [row.event_key for row in await estate.all(core.provider_event)] == ["r", "s"]
    entries = [row.subject.partition(":")[0] for row in await estate.all(core.journal_entry)]
    assert entries.count("inbound") == 1
    assert entries.count("provider_event") == 2


async def test_when_the_database_fails_everyone_is_told_and_the_next_is_kept(
    estate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = estate.store.write

    @asynccontextmanager
    async def full() -> Any:
        async with write() as conn:
            yield conn
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(estate.store, "write", full)
    asked = (keep(estate.house, "sms", said(f"k{n}")) for n in range(3))
    assert [type(told) for told in await asyncio.gather(*asked, return_exceptions=True)] == [OperationalError] * 3
    monkeypatch.setattr(estate.store, "write", write)
    assert await estate.all(core.inbound) == []
    assert await keep(estate.house, "sms", said("k0")) == 1


async def test_one_letter_the_database_cannot_take_is_refused_alone(estate: Any) -> None:
    now = estate.clock.at
    good = {"provider": "sms", "sender_index": b"i", "sender_sealed": b"s", "kind": "text", "text": "x", "detail": "{}",
            "intent": "", "received_at": now, "tries": 0, "reason": ""}  # fmt: skip
    letters = [Letter([good | {"event_key": key}], (), now) for key in ("a", "b", "c")]
    letters[1].said[0]["text"] = None
    told = await asyncio.gather(*map(estate.house.letterbox.put, letters), return_exceptions=True)
    assert (told[0], told[2]) == (1, 1)
    assert isinstance(told[1], DBAPIError)
    assert [row.event_key for row in await estate.all(core.inbound)] == ["a", "c"]


async def test_more_than_can_wait_are_told_to_come_again(estate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letterbox, "MOST", 5)
    asked = (keep(estate.house, "sms", said(f"k{n}")) for n in range(8))
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert told[:5] == [1] * 5
    assert [type(one) for one in told[5:]] == [Overfull] * 3
    assert await keep(estate.house, "sms", said("k7")) == 1


async def test_who_hung_up_is_kept_all_the_same(estate: Any) -> None:
    gone = asyncio.create_task(keep(estate.house, "sms", said("k0")))
    stays = asyncio.create_task(keep(estate.house, "sms", said("k1")))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 1
    assert [row.event_key for row in await estate.all(core.inbound)] == ["k0", "k1"]

"""The audit's questions: recent faults are found among many messages without reading them all."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from store import audit
from store.core import attempt, message

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


async def said(store: Any, state: str, at: datetime, *outcomes: str, form: str = "text") -> int:
    """A message and its calls; answers its number."""
    told = {"channel": "sms", "step": "warm_4", "lane": 1, "not_before": at, "lease_until": at, "created_at": at}
    async with store.write() as conn:
        made = await conn.execute(insert(message).values(**told, state=state, state_at=at))
        (number,) = made.inserted_primary_key
        for n, outcome in enumerate(outcomes):
            call = {"message_id": number, "our_id": f"{number}-{n}", "fence": 1, "channel": "sms", "form": form}
            await conn.execute(insert(attempt).values(**call, text="话", started_at=at, outcome=outcome))
    return int(number)


async def test_only_what_was_made_since_is_looked_at(store: Any) -> None:
    await said(store, "delivered", NOW - timedelta(days=3))
    recent = await said(store, "delivered", NOW)
    async with store.read() as conn:
        first = await audit.first_since(conn, NOW - timedelta(days=2))
        assert first == recent
        assert await audit.without_a_call(conn, first) == [(recent, "delivered")]
        assert await audit.first_since(conn, NOW + timedelta(days=1)) == recent + 1
        assert await audit.first_since(conn, NOW - timedelta(days=9)) == 1


async def test_a_call_without_an_answer_may_stand_behind_an_accepted_message_a_refused_one_not(store: Any) -> None:
    await said(store, "accepted", NOW, "not_accepted", "unknown")
    refused = await said(store, "accepted", NOW, "refused")
    async with store.read() as conn:
        assert await audit.without_a_call(conn, 0) == [(refused, "accepted")]


async def test_accepted_twice_counts_messages_not_changes_of_one(store: Any) -> None:
    twice = await said(store, "delivered", NOW, "accepted", "unknown", "read")
    await said(store, "delivered", NOW, "accepted", "accepted", form="edit")
    async with store.read() as conn:
        assert await audit.accepted_twice(conn, 0) == [(twice, 2)]
        assert await audit.accepted_twice(conn, twice + 1) == []


async def test_a_lapsed_lease_and_an_unknown_fate_are_named_whenever_they_began(store: Any) -> None:
    lapsed = await said(store, "sending", NOW - timedelta(days=9))
    unsure = await said(store, "uncertain", NOW - timedelta(days=9), "unknown")
    async with store.read() as conn:
        assert await audit.lapsed(conn, NOW) == [lapsed]
        assert await audit.lapsed(conn, NOW - timedelta(days=10)) == []
        assert await audit.uncertain(conn) == [unsure]

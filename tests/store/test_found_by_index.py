"""What is asked all day, or of everybody, goes by an index however much was said before.

On SQLite, which tells its way before it has counted anything; PostgreSQL chooses by what it has counted.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from store import audit, privacy, seen

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


async def way_of(store: Any, ask: Any) -> str:
    """How the database would answer the question that ``ask`` puts."""
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, told: Any, *_more: Any) -> None:
        asked.append((statement, told))

    async with store.read() as conn:
        engine = conn.sync_connection.engine
        event.listen(engine, "before_cursor_execute", note)
        await ask(conn)
        event.remove(engine, "before_cursor_execute", note)
        rows = (await conn.exec_driver_sql(f"explain query plan {asked[0][0]}", asked[0][1])).all()
    return "; ".join(row[3] for row in rows)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda conn: seen.queue(conn, NOW, ()), "ix_message_claim"),
        (audit.uncertain, "ix_message_lease"),
        (lambda conn: audit.lapsed(conn, NOW), "ix_message_lease"),
    ],
)
async def test_what_waits_is_found_by_an_index_of_what_waits(store: Any, ask: Any, index: str) -> None:
    assert index in await way_of(store, ask)


@pytest.mark.parametrize("ask", [privacy.old_attempts, privacy.old_messages, privacy.old_inbound])
async def test_whether_words_are_needed_is_not_asked_of_every_open_charge(store: Any, ask: Any) -> None:
    way = await way_of(store, lambda conn: ask(conn, NOW, None))
    for table in ("charge", "account", "owner", "account_party", "message_item"):
        assert f"SCAN {table}" not in way, way

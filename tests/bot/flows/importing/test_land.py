"""Landing: what an import leaves behind for those who come after it."""

from typing import Any

import pytest

from store import bulk
from store.engine import Store

UNITS = [["房号", "业主", "手机"], *([f"1-10{n}", f"甲{n}", f"1990000000{n}"] for n in range(1, 4))]


async def test_postgresql_counts_what_a_large_import_wrote_at_once(
    store: Store, make_book: Any, bring: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.dialect != "postgresql":
        pytest.skip("SQLite keeps no count of its rows")
    monkeypatch.setattr(bulk, "MANY", 3)
    await bring(make_book(房屋=UNITS))
    counted = "SELECT relname FROM pg_class WHERE relname IN ('account', 'charge', 'contact') AND reltuples = 3"
    assert sorted(await ask(counted)) == [("account",), ("contact",)]

"""Sums of money are whole numbers of fen on both databases."""

from typing import Any

from sqlalchemy import literal, select, union_all

from store.tables.columns import BIG, sum_fen


async def test_a_sum_of_fen_is_an_int(store: Any) -> None:
    amounts = union_all(*(select(literal(fen, BIG).label("fen")) for fen in (48_600, 2))).subquery()
    async with store.read() as conn:
        total = (await conn.execute(select(sum_fen(amounts.c.fen)))).scalar_one()
    assert (type(total), total) == (int, 48_602)

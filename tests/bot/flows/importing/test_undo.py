"""What was waived stays waived, whatever an import or its undoing does to the charge."""

from datetime import datetime
from typing import Any

import pytest

from bot.flows.importing.run import undo_last
from bot.flows.verify import verify
from store.engine import Store
from store.journal import seal
from store.outcomes import waive

UNITS = [["房号", "业主", "手机"], ["1-101", "甲一", "19900000001"]]
HEAD = ["房号", "费用名称", "账期", "应收金额", "缴费截止"]
OPEN = "SELECT amount_fen, open_fen FROM charge"


def owed(yuan: int, due: str = "2026-09-30") -> list[list[Any]]:
    return [HEAD, ["1-101", "物业费", "2026-09", yuan, due]]


@pytest.fixture
def give_up(store: Store, now: datetime) -> Any:
    """Waives a part of the one charge."""

    async def run(fen: int, part: str = "principal") -> None:
        values = {"account_id": 1, "charge_id": 1, "part": part, "amount_fen": fen, "why": "困难", "who": "staff:1",
                  "at": now}  # fmt: skip
        async with store.write() as conn:
            await waive(conn, values, 1)

    return run


@pytest.mark.parametrize(("principal", "left"), [(20_000, 0), (5_000, 15_000)])
async def test_undo_asks_for_nothing_that_was_waived(
    principal: int, left: int, store: Store, make_book: Any, bring: Any, ask: Any, give_up: Any, now: datetime
) -> None:
    await bring(make_book(房屋=UNITS, 应收=owed(200)))
    await give_up(principal)
    await give_up(700, "late_fee")
    await bring(make_book("due.xlsx", 应收=owed(200, "2026-10-05")))
    await undo_last(store, 1, now, "test")
    assert await ask(OPEN) == [(20_000, left)]


async def test_undo_keeps_what_was_waived_and_what_was_paid_apart(
    store: Store, make_book: Any, bring: Any, ask: Any, give_up: Any, now: datetime
) -> None:
    money = [["房号", "实收金额", "缴费日期"], ["1-101", 120, "2026-10-10"]]
    await bring(make_book(房屋=UNITS, 应收=owed(200), 缴费=money))
    await give_up(5_000)
    assert await ask(OPEN) == [(20_000, 3_000)]
    await bring(make_book("more.xlsx", 应收=owed(220)))
    assert await ask(OPEN) == [(22_000, 5_000)]
    await undo_last(store, 1, now, "test")
    assert await ask(OPEN) == [(20_000, 3_000)]


async def test_a_charge_corrected_below_what_was_waived_owes_nothing(
    store: Store, make_book: Any, bring: Any, ask: Any, give_up: Any, now: datetime
) -> None:
    await bring(make_book(房屋=UNITS, 应收=owed(200)))
    await give_up(20_000)
    await bring(make_book("less.xlsx", 应收=owed(150)))
    assert await ask(OPEN) == [(15_000, 0)]
    await bring(make_book("more.xlsx", 应收=owed(230)))
    assert await ask(OPEN) == [(23_000, 3_000)]
    await undo_last(store, 1, now, "test")
    assert await ask(OPEN) == [(15_000, 0)]


async def test_a_charge_taken_back_and_told_again_is_still_waived(
    store: Store, make_book: Any, bring: Any, ask: Any, give_up: Any, now: datetime
) -> None:
    path = make_book("owed.xlsx", 应收=owed(200))
    await bring(make_book(房屋=UNITS))
    await bring(path)
    await give_up(15_000)
    await undo_last(store, 1, now, "test")
    assert await ask("SELECT count(*) FROM charge WHERE cancelled_at IS NULL") == [(0,)]
    await bring(path)
    assert await ask(OPEN) == [(20_000, 5_000)]


async def test_what_was_waived_does_not_count_as_paid(make_book: Any, bring: Any, ask: Any, give_up: Any) -> None:
    await bring(make_book(房屋=UNITS, 应收=owed(200)))
    await give_up(15_000)
    path = make_book("paid.xlsx", 台账=[[*HEAD, "已收金额"], ["1-101", "物业费", "2026-09", 200, "2026-09-30", 50]])
    await bring(path)
    assert await ask(OPEN) == [(20_000, 0)]
    assert await ask("SELECT amount_fen FROM payment") == [(5_000,)]
    assert ((await bring(path)).did.new, (await bring(path)).did.changed) == (0, 0)


async def test_a_payment_restored_by_an_undo_is_no_tampering(
    store: Store, make_book: Any, bring: Any, ask: Any, now: datetime
) -> None:
    head = ["房号", "实收金额", "实收日期", "支付方式", "流水号"]
    paid = "SELECT amount_fen, way FROM payment"
    await bring(make_book(房屋=UNITS, 缴费=[head, ["1-101", 400, "2026-11-01", "现金", "R1"]]))
    before = await ask(paid)
    await bring(make_book("more.xlsx", 缴费=[head, ["1-101", 486, "2026-11-02", "微信", "R1"]]))
    assert (await ask(paid))[0][0] == 48_600
    await undo_last(store, 1, now, "test")
    assert await ask(paid) == before
    async with store.write() as conn:
        await seal(conn, now)
    assert (await verify(store)).problems == []
    told = await ask("SELECT who, note FROM journal_entry WHERE kind = 'payment' ORDER BY id DESC LIMIT 1")
    assert told[0][0] == "test"
    assert "amount_fen: 48600 → 40000" in told[0][1]

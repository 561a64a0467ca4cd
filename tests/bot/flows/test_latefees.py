"""The late fee over the book: terms from their own day, waivers where it runs, money booked as it was asked."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.flows import granted
from bot.flows.evidence import evidence
from bot.flows.house import House
from bot.flows.latefees import enter_rate, late_fees
from bot.flows.ledger import pay, reallocate, reverse
from store import core, ledger
from store.talk import put

TODAY = date(2026, 11, 25)
DUE = date(2025, 10, 1)
ASKED = 1_968
"""The fee of ¥486 due on 1 October 2025 at 0.1 per mille a day, 15 days' grace, through 25 November 2026."""


class Book:
    """One owner's account and short ways to fill and read it."""

    def __init__(self, house: House, conn: Any, now: Any) -> None:
        self.house, self.conn, self.now = house, conn, now

    async def estate(self) -> None:
        await put(self.conn, core.community, {"name": "锦绣花园", "created_at": self.now})
        await put(self.conn, core.unit, {"community_id": 1, "code": "3-2-1201", "building": "3"})
        await put(self.conn, core.person, {"community_id": 1, "name": "王小梅"})
        await put(self.conn, core.owner, {"community_id": 1, "person_id": 1, "name": "王小梅"})
        await put(self.conn, core.account, {"community_id": 1, "unit_id": 1, "owner_id": 1, "person_id": 1,
                                            "opened_on": date(2020, 1, 1), "entered_on": date(2024, 1, 1)})  # fmt: skip
        await self.clause()

    async def charge(self, due: date = DUE, fen: int = 48_600, **more: Any) -> int:
        told = {"account_id": 1, "kind": "management", "period": due.isoformat(), "period_from": due, "period_to": due,
                "amount_fen": fen, "open_fen": fen, "due_on": due, "source": "book", "external_ref": due.isoformat(),
                "entered_at": self.now, "months": ""}  # fmt: skip
        return await put(self.conn, core.charge, told | more)

    async def clause(self, **told: Any) -> None:
        told = {"daily_ppm": 100, "effective_from": date(2020, 1, 1), "clause": "第九条", "who": "x"} | told
        await enter_rate(self.conn, await self.town(), now=self.now, **told)

    async def town(self) -> Any:
        return self.house.town((await ledger.communities(self.conn))[0])

    async def fees(self, *charges: int, on: date = TODAY) -> list[int]:
        found = await late_fees(self.conn, await self.town(), charges, on)
        return [found[number].fee_fen for number in charges]

    async def pays(self, fen: int, ref: str = "r1", on: date = TODAY, **more: Any) -> int:
        told = {"way": "transfer", "paid_on": on, "source": "bank", "external_ref": ref, "now": self.now} | more
        return (await pay(self.conn, account_id=1, community_id=1, amount_fen=fen, **told)).rest_fen

    async def lines(self) -> list[tuple[int, int, str, int]]:
        found = await self.conn.execute(select(core.allocation).order_by(core.allocation.c.id))
        return [(row.payment_id, row.charge_id, row.part, row.amount_fen) for row in found.all()]

    async def open(self) -> list[int]:
        found = await self.conn.execute(select(core.charge.c.open_fen).order_by(core.charge.c.id))
        return [row.open_fen for row in found.all()]

    async def waives(self, fen: int, part: str, at: Any = None) -> None:
        detail = {"account_id": 1, "fen": fen, "part": part, "why": "困难"}
        await granted._waive(self.conn, await self.town(), detail, "staff:1", at or self.now)


@pytest.fixture
async def book(house: House, now: Any) -> Any:
    async with house.store.write() as conn:
        made = Book(house, conn, now)
        await made.estate()
        yield made


async def test_a_clause_of_the_future_changes_nothing_today(book: Book) -> None:
    charge = await book.charge()
    assert await book.fees(charge) == [ASKED]
    await book.clause(effective_from=date(2028, 1, 1), daily_ppm=50, grace_days=0, cap_percent=5)
    assert await book.fees(charge) == [ASKED]
    assert await book.fees(charge, on=date(2028, 1, 1)) == [48_600 * 5 // 100]


async def test_a_late_fee_is_waived_where_it_runs_oldest_first_and_never_more_than_it(book: Book) -> None:
    old, older = await book.charge(), await book.charge(date(2025, 7, 1))
    fresh = await book.charge(date(2026, 11, 20))
    first, second = await book.fees(older, old)
    await book.waives(first + 100, "late_fee")
    assert await book.fees(older, old, fresh) == [0, second - 100, 0]
    await book.waives(10**6, "late_fee")
    assert await book.fees(older, old, fresh) == [0, 0, 0]
    given = (await book.conn.execute(select(core.waiver.c.amount_fen))).scalars().all()
    assert sum(given) == first + second


async def test_the_fee_of_a_paid_charge_can_be_waived(book: Book) -> None:
    charge = await book.charge()
    await book.pays(48_600)
    await book.waives(10**6, "late_fee")
    assert await book.fees(charge) == [0]


async def test_principal_given_up_bears_neither_fee_nor_loss_from_that_day_on(
    house: House, now: Any, tmp_path: Path
) -> None:
    async with house.store.write() as conn:
        book = Book(house, conn, now)
        await book.estate()
        charge = await book.charge()
        await book.waives(48_600, "principal", now - timedelta(days=365))
        assert await book.open() == [0]
        (fee,) = (await late_fees(conn, await book.town(), [charge], TODAY)).values()
        assert fee.lines[-1].last == TODAY - timedelta(days=366)
    await evidence(house, "3-2-1201", tmp_path / "bundle", now)
    told = json.loads((tmp_path / "bundle" / "evidence.json").read_text(encoding="utf-8"))["facts"]["charges"][0]
    assert told["lpr"]["lines"][-1]["last"] == (TODAY - timedelta(days=366)).isoformat()
    assert told["late_fee"]["fee_fen"] == fee.fee_fen


async def test_what_was_asked_and_paid_is_booked_as_it_was_asked(book: Book) -> None:
    charge = await book.charge()
    assert await book.pays(48_600 + ASKED) == 0
    assert await book.lines() == [(1, charge, "principal", 48_600), (1, charge, "late_fee", ASKED)]
    assert await book.fees(charge, on=date(2027, 11, 25)) == [0]
    for _ in range(2):
        await reallocate(book.conn, [1], book.now)
    assert len(await book.lines()) == 2


async def test_the_fee_is_that_of_the_day_of_payment_and_the_rest_is_credit(book: Book) -> None:
    charge = await book.charge()
    (then,) = await book.fees(charge, on=date(2026, 11, 1))
    assert await book.pays(60_000, on=date(2026, 11, 1)) == 60_000 - 48_600 - then
    await book.charge(date(2026, 12, 20), 5_000)
    await reallocate(book.conn, [1], book.now)
    assert (await book.open(), await book.fees(charge)) == ([0, 0], [0])


async def test_principal_comes_first_and_the_next_payment_brings_the_fee(book: Book) -> None:
    charge = await book.charge()
    assert await book.pays(40_000, on=date(2026, 11, 1)) == 0
    assert {part for _payment, _charge, part, _fen in await book.lines()} == {"principal"}
    (asked,) = await book.fees(charge)
    assert await book.pays(8_600 + asked, "r2") == 0
    assert (await book.open(), await book.fees(charge)) == ([0], [0])


async def test_each_charge_has_its_fee_and_two_payments_at_once_pay_it_once(book: Book) -> None:
    one, two = await book.charge(date(2025, 7, 1)), await book.charge()
    first, second = await book.fees(one, two)
    for ref, fen in (("a", 48_600 + first), ("b", 48_600 + second)):
        await put(book.conn, core.payment, {
            "community_id": 1, "account_id": 1, "amount_fen": fen, "way": "transfer", "state": "received",
            "paid_on": TODAY, "source": "bank", "external_ref": ref, "entered_at": book.now, "payer": "",
        })  # fmt: skip
    await reallocate(book.conn, [1], book.now)
    fee = [line for line in await book.lines() if line[2] == "late_fee"]
    assert fee == [(1, one, "late_fee", first), (2, two, "late_fee", second)]


async def test_a_bounce_takes_the_fee_back_too(book: Book) -> None:
    charge = await book.charge()
    await book.pays(48_600 + ASKED)
    await reverse(book.conn, "bank", "r1", book.now)
    assert (await book.open(), await book.fees(charge)) == ([48_600], [ASKED])
    assert await book.pays(48_600 + ASKED, "r2") == 0
    assert await book.fees(charge) == [0]


async def test_a_bill_corrected_downwards_frees_its_fee_and_books_it_anew(book: Book) -> None:
    charge = await book.charge()
    await book.pays(48_600 + ASKED)
    less = {"amount_fen": 24_300, "open_fen": -24_300}
    await book.conn.execute(core.charge.update().where(core.charge.c.id == charge).values(**less))
    await reallocate(book.conn, [1], book.now)
    booked = {
        part: sum(line[3] for line in await book.lines() if line[2] == part) for part in ("principal", "late_fee")
    }
    assert booked == {"principal": 24_300, "late_fee": ASKED // 2}
    assert await book.open() == [0]


@pytest.mark.parametrize("kept", [{"kind": "water"}, {"previous_manager": True}])
async def test_no_fee_is_booked_where_none_was_asked(book: Book, kept: dict[str, Any]) -> None:
    await book.charge(**kept)
    assert await book.pays(60_000) == 60_000 - 48_600


async def test_our_contracts_fee_never_runs_on_a_previous_managers_debt(book: Book) -> None:
    """Nor is a waiver of late fee spent on it."""
    theirs, ours = await book.charge(date(2025, 7, 1), previous_manager=True), await book.charge()
    assert await book.fees(theirs, ours) == [0, ASKED]
    await book.waives(100, "late_fee")
    given = (await book.conn.execute(select(core.waiver.c.charge_id, core.waiver.c.amount_fen))).all()
    assert [tuple(row) for row in given] == [(ours, 100)]


async def test_the_evidence_says_that_a_previous_managers_debt_bears_no_fee(
    house: House, now: Any, tmp_path: Path, read_pdf: Any
) -> None:
    async with house.store.write() as conn:
        book = Book(house, conn, now)
        await book.estate()
        await book.charge(previous_manager=True)
    await evidence(house, "3-2-1201", tmp_path / "bundle", now)
    told = json.loads((tmp_path / "bundle" / "evidence.json").read_text(encoding="utf-8"))["facts"]["charges"][0]
    assert told["late_fee"] is None
    assert told["lpr"]["fee_fen"] > 0, "what it cost the creditor is told all the same"
    text = read_pdf(tmp_path / "bundle")
    assert "未计收（均为前一物业公司遗留的款项）" in text
    assert "前一物业公司遗留的款项不适用本合同的违约金条款" in text
    assert "系统中未录入合同违约金条款" not in text


async def test_a_kind_the_community_exempts_bears_none(book: Book) -> None:
    await book.charge(kind="parking")
    own = json.dumps({"late_fee": {"never_on": ["water", "electricity", "gas", "parking"]}})
    await book.conn.execute(core.community.update().values(policy=own))
    assert await book.pays(60_000) == 60_000 - 48_600

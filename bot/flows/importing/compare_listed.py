"""The long list of plain charges beside the ledger, set-wise: what is new, what stands there already."""

from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.importing.billing import Billing, Fee
from bot.flows.importing.book import Book
from bot.flows.importing.compare_debts import name_unplaced
from bot.flows.importing.outcome import Outcome, Terms
from bot.flows.importing.standing import CONTENT, Standing, source
from bot.rules.due import due_date
from store import landed


class Listed:
    """The billing of one book in its landing tables. What needs a closer look goes back into the book as rows."""

    def __init__(self, conn: AsyncConnection, book: Book, terms: Terms) -> None:
        self.conn = conn
        self.book = book
        self.billing: Billing = book.billing
        self.terms = terms
        self.unchanged = 0

    async def lay(self) -> None:
        """Lands the list and takes out of it what the ledger knows already, and what differs from it."""
        billing = self.billing
        if not billing.count:
            return
        rows = billing.take_out(billing.twins | self._spoken_of())
        units = ((number, f"{CONTENT}{unit.key}") for number, unit in enumerate(billing.units))
        fees = (self._fee(number, fee) for number, fee in enumerate(billing.fees))
        await landed.lay(self.conn, units, fees, billing.lines())
        ours = source(self.terms.community_id)
        if await landed.any_known(self.conn, ours):
            differing, self.unchanged = await landed.take_known(self.conn, ours)
            rows += map(billing.row, differing)
        if rows:
            sheets = {name: number for number, name in enumerate(self.book.unit_headings)}
            self.book.charges = sorted([*self.book.charges, *rows], key=lambda row: (sheets[row.sheet], row.row))

    def _spoken_of(self) -> set[tuple[int, int]]:
        """Charges that other rows speak of: the same fee once more, or a payment that names it."""
        told = {(row.unit, f"|{row.label}|{row.period.name}") for row in self.book.charges if not row.ref}
        told |= {(row.unit, f"|{row.label}|{row.period}") for row in self.book.payments if row.label and row.period}
        return {place for unit, content in told if (place := self.billing.place(unit, content)) is not None}

    def _fee(self, number: int, fee: Fee) -> tuple[int, str, str, date, date, date, str, str]:
        like, period = fee.like, fee.like.period
        due = like.due_on or due_date(like.kind, period.first, period.last, like.posted, self.terms.due_dates)
        rule = "file" if like.due_on else "rule"
        return number, like.kind, period.name, period.first, period.last, due, rule, f"{fee.content}:0"

    async def settle(self, standing: Standing, outcome: Outcome) -> None:
        """Names what has no account, leaves out what waits for an owner's confirmation; the rest is new."""
        if not self.billing.count:
            return
        outcome.report.did.count("unchanged", "charge", self.unchanged)
        fresh = await landed.count_by_unit(self.conn)
        await self._drop_unplaced(standing, fresh)
        self._let_wait(standing, outcome, fresh)
        for number, count in fresh.items():
            holding = standing.houses[self.billing.units[number].key].holding
            assert holding is not None
            outcome.listed.append((number, holding))
            outcome.listed_count += count
            if holding.id:
                outcome.touched.add(holding.id)
        outcome.report.did.count("new", "charge", outcome.listed_count)

    async def _drop_unplaced(self, standing: Standing, fresh: dict[int, int]) -> None:
        """Rows of units without an account are named and left out."""
        strange = [number for number in fresh if not self._placed(standing, number)]
        if not strange:
            return
        for line in await landed.lines_of(self.conn, strange):
            name_unplaced(self.book, standing, self.billing.row(line))
        for number in strange:
            del fresh[number]

    def _placed(self, standing: Standing, number: int) -> bool:
        house = standing.houses.get(self.billing.units[number].key)
        return house is not None and house.holding is not None

    def _let_wait(self, standing: Standing, outcome: Outcome, fresh: dict[int, int]) -> None:
        """New charges of a unit whose changed owner is asked about wait for the answer."""
        wait = [number for number in fresh if self.billing.units[number].key in outcome.waiting]
        if not wait:
            return
        counts = {standing.houses[self.billing.units[number].key].code: fresh.pop(number) for number in wait}
        asked = outcome.report.questions
        asked[:] = [replace(one, waiting=one.waiting + counts.get(one.code, 0)) for one in asked]

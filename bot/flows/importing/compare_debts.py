"""Charges of the book beside the ledger's: new, changed, unchanged; rows for units nobody knows are named."""

from collections import defaultdict
from datetime import date
from typing import Any

from bot.flows.importing.book import Book
from bot.flows.importing.fees import fee_name
from bot.flows.importing.outcome import NewCharge, NewPayment, Outcome, Terms
from bot.flows.importing.report import Problem
from bot.flows.importing.rows import ChargeRow, PaymentRow
from bot.flows.importing.sentences import sentence
from bot.flows.importing.standing import (
    LEVEL,
    Debt,
    Holding,
    Standing,
    charge_ref,
    content_number,
    content_ref,
    source,
)
from bot.rules.due import due_date
from bot.talk.money import yuan


def name_ownerless(book: Book, standing: Standing) -> None:
    """A unit with charges whose owner's cell is empty, and nobody knows the owner: its row is bad."""
    owing = book.owing()
    held = {row.unit for row in book.holds}
    for key, unit in list(book.units.items()):
        known = _holding(standing, key)
        if unit.owner is not None or not unit.owner_asked or key not in owing or key in held or known is not None:
            continue
        reason = sentence("owner_missing", unit=unit.code)
        book.errors.append(Problem(unit.sheet, unit.row, book.owner_headings.get(unit.sheet, "业主"), "", reason))
        book.bad_units.add(key)
        del book.units[key]


def drop_unplaced(book: Book, standing: Standing) -> None:
    """Charges and payments of units without an account are named and left out."""
    known = {key for key, house in standing.houses.items() if house.holding is not None}
    book.charges = [row for row in book.charges if row.unit in known or name_unplaced(book, standing, row)]
    book.payments = [
        row for row in book.payments if not row.unit or row.unit in known or name_unplaced(book, standing, row)
    ]


def _holding(standing: Standing, key: str) -> Holding | None:
    house = standing.houses.get(key)
    return house.holding if house is not None else None


def name_unplaced(book: Book, standing: Standing, row: ChargeRow | PaymentRow) -> bool:
    """Names the row of a unit without an account; False."""
    if row.unit in book.bad_units:
        book.left_out.append((row.sheet, row.row))
        book.seen("left_out")
        return False
    reason = sentence("no_owner_yet" if row.unit in standing.houses else "no_such_unit")
    heading = book.unit_headings.get(row.sheet, "房号")
    book.errors.append(Problem(row.sheet, row.row, heading, row.unit_code, reason))
    return False


class Debts:
    """Compares the charges of one book with the ledger's."""

    def __init__(self, book: Book, standing: Standing, terms: Terms, outcome: Outcome) -> None:
        self.book = book
        self.standing = standing
        self.terms = terms
        self.outcome = outcome
        self.source = source(terms.community_id)
        self.event_units = {row.unit for row in book.payments if row.unit}
        """Units with payments of their own in these files: 已收 beside their charges only sums them up."""
        self.dues: dict[object, date] = {}
        self.met: set[int] = set()
        """Charges of the ledger that these files speak of."""

    def compare(self) -> None:
        """All charges; those without a reference by content and count."""
        alike: dict[str, list[ChargeRow]] = defaultdict(list)
        for row in self.book.charges:
            if row.ref:
                ref = charge_ref(row.ref, row.label, row.period.name)
                self._settle(row, self.standing.debts.get(ref), ref)
            else:
                alike[row.key].append(row)
        known = self.standing.alike
        for key, rows in alike.items():
            if len(rows) == 1 and key not in known:
                self._settle(rows[0], None, content_ref(key, 0))
            else:
                self._settle_alike(key, rows, known.get(key, []))

    def _settle_alike(self, key: str, rows: list[ChargeRow], known: list[Debt]) -> None:
        """Equal amounts meet first, then what is left in the order of the file; the rest is new."""
        left = sorted(known, key=lambda debt: (debt.cancelled, content_number(debt.ref)))
        free = max((content_number(debt.ref) for debt in known), default=-1) + 1
        pairs: list[tuple[ChargeRow, Debt | None]] = []
        for row in rows:
            same = next((debt for debt in left if debt.amount_fen == row.amount_fen), None)
            if same is not None:
                left.remove(same)
            pairs.append((row, same))
        for row, same in pairs:
            if same is None and left:
                same = left.pop(0)
            self._settle(row, same, content_ref(key, free) if same is None else same.ref)
            free += same is None

    def _settle(self, row: ChargeRow, known: Debt | None, ref: str) -> None:
        if known is None:
            self._new(row, ref)
            return
        self.met.add(known.id)
        if self.terms.arrears and not known.cancelled:
            self._still_owed(row, known)
            self.outcome.report.did.count("unchanged", "payment", (self.source, LEVEL + ref) in self.standing.payments)
            return
        changes = self._changes(row, known)
        if changes:
            self.outcome.update("charge", known.id, **changes)
            self.outcome.touched.add(known.account_id)
        self._level(row, known=known, ref=ref)
        did = self.outcome.report.did
        if known.cancelled:
            did.count("new", "charge")
        elif changes:
            did.count("changed", "charge")
        else:
            did.count("unchanged", "charge")

    def _new(self, row: ChargeRow, ref: str) -> None:
        if row.unit in self.outcome.waiting:
            return
        holding = _holding(self.standing, row.unit)
        assert holding is not None
        due = row.due_on or self._due(row)
        new = NewCharge(row, holding, due, "file" if row.due_on else "rule", ref)
        self.outcome.charges.append(new)
        self.outcome.report.did.count("new", "charge")
        if holding.id:
            self.outcome.touched.add(holding.id)
        if row.told_paid:
            self._level(row, new=new, ref=ref)

    def _due(self, row: ChargeRow) -> date:
        told = (row.kind, row.period, row.posted)
        if told not in self.dues:
            self.dues[told] = due_date(row.kind, row.period.first, row.period.last, row.posted, self.terms.due_dates)
        return self.dues[told]

    def _changes(self, row: ChargeRow, known: Debt) -> dict[str, object]:
        """What is paid or waived stays so: a corrected amount moves what is open by the same difference."""
        changes: dict[str, object] = {}
        if known.cancelled:
            changes = {"cancelled_at": None, "amount_fen": row.amount_fen}
            changes["open_fen"] = known.owed_of(row.amount_fen)
        elif row.amount_fen != known.amount_fen:
            changes["amount_fen"] = row.amount_fen
            changes["open_fen"] = known.owed_of(row.amount_fen) - known.paid_fen
        if row.due_on is not None and row.due_on != known.due_on:
            changes["due_on"], changes["due_rule"] = row.due_on, "file"
        if row.previous_manager and not known.previous_manager:
            changes["previous_manager"] = True
        return changes

    # What was paid so far, told beside a charge: a level, not an event

    def _level(self, row: ChargeRow, ref: str, known: Debt | None = None, new: NewCharge | None = None) -> None:
        """Brings the payments of one charge up to what its row tells."""
        if row.told_paid is None or row.unit in self.event_units:
            if row.told_paid and row.unit in self.event_units:
                self.book.seen("levels_left_out")
            return
        mine = self.standing.payments.get((self.source, LEVEL + ref))
        had = 0 if mine is None or mine.state == "reversed" else mine.amount_fen
        others = 0 if known is None else max(0, known.paid_fen - had)
        wanted = max(0, row.told_paid - others)
        if wanted == had:
            self.outcome.report.did.count("unchanged", "payment", 1 if had else 0)
        elif mine is None:
            self._pay_level(row, wanted, ref, known, new)
        else:
            self._move_level(mine, wanted)

    def _pay_level(self, row: ChargeRow, fen: int, ref: str, known: Debt | None, new: NewCharge | None) -> None:
        holding = new.holding if new is not None else None
        account_id = known.account_id if known is not None else None
        named: NewCharge | int | None = new if new is not None else known.id if known is not None else None
        self.outcome.payments.append(
            NewPayment(holding, account_id, fen, row.way, "received", row.paid_on or self._as_of(), self.source,
                       LEVEL + ref, named=named, place=(row.sheet, row.row, row.unit_code))
        )  # fmt: skip
        self.outcome.report.did.count("new", "payment")
        if account_id:
            self.outcome.touched.add(account_id)

    def _move_level(self, mine: Any, wanted: int) -> None:
        row_id, account_id = int(mine.id), mine.account_id
        values: dict[str, object] = {"amount_fen": wanted, "state": "received"} if wanted else {"state": "reversed"}
        self.outcome.update("payment", row_id, **values, reversed_at=None if wanted else self.terms.now)
        self.outcome.report.did.count("changed", "payment")
        if wanted:
            self.outcome.released.add(row_id)
        if account_id:
            self.outcome.touched.add(account_id)

    def _as_of(self) -> date:
        return self.terms.as_of or self.book.profile.as_of or self.book.as_of or self.terms.today

    # A list of debts, in which absence means paid

    def _still_owed(self, row: ChargeRow, known: Debt) -> None:
        rest = row.amount_fen - (row.told_paid or 0)
        did = self.outcome.report.did
        if rest < known.open_fen:
            self._paid_off(known, known.open_fen - rest)
            did.count("changed", "charge")
        elif rest > known.open_fen and known.open_fen == known.amount_fen:
            self.outcome.update("charge", known.id, amount_fen=rest, open_fen=rest)
            self.outcome.touched.add(known.account_id)
            did.count("changed", "charge")
        else:
            if rest > known.open_fen:
                self._warn_higher(row, known, rest)
            did.count("unchanged", "charge")

    def _warn_higher(self, row: ChargeRow, known: Debt, rest: int) -> None:
        """An arrear that came back after it was paid: nothing is guessed, a person decides."""
        self.book.warnings.append(
            sentence(
                "came_back", sheet=row.sheet, row=row.row, unit=row.unit_code, fee=fee_name(row.label),
                period=row.period.name, rest=yuan(rest), paid=yuan(known.paid_fen),
                amount=yuan(known.amount_fen),
            )
        )  # fmt: skip

    def pay_absent(self) -> None:
        """Open charges of the listed kinds that were due by the list's day and are absent from it were paid."""
        kinds = {row.kind for row in self.book.charges}
        as_of, paid, fen = self._as_of(), 0, 0
        asked = {
            house.holding.id
            for key in self.outcome.waiting
            if (house := self.standing.houses.get(key)) and house.holding
        }
        for debt in self.standing.debts.values():
            open_here = debt.open_fen > 0 and not debt.cancelled and debt.id not in self.met
            if open_here and debt.kind in kinds and debt.due_on <= as_of and debt.account_id not in asked:
                self._paid_off(debt, debt.open_fen)
                self.outcome.report.did.count("changed", "charge")
                paid, fen = paid + 1, fen + debt.open_fen
        if paid:
            self.book.warnings.append(sentence("absent_paid", count=paid, fen=yuan(fen), day=as_of))

    def _paid_off(self, debt: Debt, fen: int) -> None:
        ref = f"{debt.ref}@{self._as_of()}:{debt.open_fen}"
        self.outcome.payments.append(
            NewPayment(None, debt.account_id, fen, "other", "received", self._as_of(),
                       f"arrears:{self.terms.community_id}", ref, named=debt.id)
        )  # fmt: skip
        self.outcome.touched.add(debt.account_id)

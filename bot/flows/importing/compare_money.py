"""Payments of the book beside the ledger's: new, changed, unchanged, bounced, or for an account nobody can tell."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from bot.flows.importing.book import Book
from bot.flows.importing.outcome import NewCharge, NewPayment, Outcome, Terms
from bot.flows.importing.report import Problem
from bot.flows.importing.rows import PaymentRow
from bot.flows.importing.sentences import sentence
from bot.flows.importing.standing import Standing, content_ref, source

SETTLING_DAYS = 5
"""How long a bank collection is in flight when the file does not tell the return file's day."""


class Money:
    """Compares the payments of one book with the ledger's."""

    def __init__(self, book: Book, standing: Standing, terms: Terms, outcome: Outcome) -> None:
        self.book = book
        self.standing = standing
        self.terms = terms
        self.outcome = outcome
        self.source = source(terms.community_id)
        self.used: set[int] = set()
        """Payments of the ledger already met by a row."""
        self.pool: dict[tuple[int | None, Any, int], list[Any]] = defaultdict(list)
        """(account, day, fen) → payments of the ledger."""
        for row in standing.payments.values():
            self.pool[(row.account_id, row.paid_on, row.amount_fen)].append(row)
        self.charges = {(c.row.unit, c.row.label, c.row.period.name): c for c in outcome.charges}

    def compare(self) -> None:
        """Payments first, those with a reference before the others, then what bounced of them."""
        rows = [row for row in self.book.payments if not row.bounced]
        for row in rows:
            if row.ref:
                self._by_ref(row)
        left = [row for row in rows if not row.ref and not self._met_by_content(row)]
        restated = self._restated(len(left), sum(1 for row in rows if not row.ref))
        numbers: dict[str, int] = {}
        for row in left:
            self._by_content(row, restated, numbers)
        for row in self.book.payments:
            if row.bounced:
                self._bounce(row)

    def _account(self, row: PaymentRow) -> int | None:
        house = self.standing.houses.get(row.unit) if row.unit else None
        return house.holding.id if house is not None and house.holding is not None else None

    # With a reference

    def _by_ref(self, row: PaymentRow) -> None:
        known = self.standing.payments.get((self.source, row.ref))
        if known is None:
            if not self._met_elsewhere(row):
                self._new(row, row.ref)
            return
        self.used.add(known.id)
        changes = self._changes(row, known)
        if changes:
            self._change(known, changes)
        else:
            self.outcome.report.did.count("unchanged", "payment")

    def _changes(self, row: PaymentRow, known: Any) -> dict[str, Any]:
        """A bounced payment stays bounced; a transfer somebody has placed stays where it was placed."""
        if known.state == "reversed":
            return {}
        told: dict[str, Any] = {"amount_fen": row.amount_fen, "paid_on": row.paid_on}
        if row.way != "other":
            told["way"] = row.way
        if row.unit:
            told["account_id"] = self._account(row)
        if known.state == "in_flight" and not row.in_flight:
            told["state"] = "received"
        elif known.state == "unidentified" and row.unit:
            told["state"], told["likely_account_id"] = "received", None
        return {name: value for name, value in told.items() if value != getattr(known, name)}

    def _change(self, known: Any, changes: dict[str, Any]) -> None:
        self.outcome.update("payment", known.id, **changes)
        if "amount_fen" in changes or "account_id" in changes:
            self.outcome.released.add(known.id)
        self.outcome.touched |= {a for a in (known.account_id, changes.get("account_id"), known.likely_account_id) if a}
        self.outcome.report.did.count("changed", "payment")

    # Without one: by content and count

    def _met_by_content(self, row: PaymentRow) -> bool:
        return self._meet(row, imported=True) or self._met_elsewhere(row)

    def _met_elsewhere(self, row: PaymentRow) -> bool:
        """Cash entered at the desk comes back in the accountant's list: it is the same money."""
        if not row.unit or not self._meet(row, imported=False):
            return False
        self.book.seen("met_elsewhere")
        return True

    def _meet(self, row: PaymentRow, *, imported: bool) -> bool:
        account = self._account(row)
        if row.unit and not account:
            return False
        for known in self.pool.get((account, row.paid_on, row.amount_fen), ()):
            own = known.source == self.source and known.external_ref.startswith("content:")
            other = known.source != self.source and not known.source.startswith("arrears:")
            if known.id not in self.used and (own if imported else other):
                self.used.add(known.id)
                self.outcome.report.did.count("unchanged", "payment")
                return True
        return False

    def _restated(self, left: int, all_rows: int) -> bool:
        """Whether these files tell again what was told before, so that a row that differs is a correction."""
        met = all_rows - left
        return met * 2 >= all_rows > left or bool(self.standing.names & set(self.terms.names))

    def _by_content(self, row: PaymentRow, restated: bool, numbers: dict[str, int]) -> None:
        content = f"{row.unit}|{row.paid_on}|{row.amount_fen}"
        ref = content_ref(content, self._free(content, numbers))
        known = self._corrected(row) if restated else None
        if known is None:
            self._new(row, ref)
            return
        self.used.add(known.id)
        self._change(known, {"amount_fen": row.amount_fen, "paid_on": row.paid_on, "external_ref": ref})

    def _free(self, content: str, numbers: dict[str, int]) -> int:
        number = numbers.get(content, 0)
        while (self.source, content_ref(content, number)) in self.standing.payments:
            number += 1
        numbers[content] = number + 1
        return number

    def _corrected(self, row: PaymentRow) -> Any:
        """The payment of the same unit with the same day or the same amount that no row of the files speaks of."""
        account = self._account(row)
        for known in self.standing.payments.values():
            if known.id in self.used or not account or known.account_id != account or known.source != self.source:
                continue
            same = known.paid_on == row.paid_on or known.amount_fen == row.amount_fen
            if same and known.external_ref.startswith("content:") and known.state != "reversed":
                return known
        return None

    # New

    def _new(self, row: PaymentRow, ref: str, state: str = "") -> NewPayment:
        house = self.standing.houses.get(row.unit) if row.unit else None
        holding = house.holding if house is not None else None
        settles = row.settles_on or row.paid_on + timedelta(days=SETTLING_DAYS)
        new = NewPayment(
            holding, None, row.amount_fen, row.way,
            state or ("in_flight" if row.in_flight else "received" if holding else "unidentified"), row.paid_on,
            self.source, ref, row.payer, settles if row.in_flight else None, self._named(row), row,
            place=(row.sheet, row.row, row.unit_code),
        )  # fmt: skip
        self.outcome.payments.append(new)
        self.outcome.report.did.count("new", "payment")
        if holding is not None and holding.id:
            self.outcome.touched.add(holding.id)
        return new

    def _named(self, row: PaymentRow) -> NewCharge | int | None:
        """The charge the payer names (Civil Code 560)."""
        if not row.label or not row.period:
            return None
        if new := self.charges.get((row.unit, row.label, row.period)):
            return new
        known = self.standing.alike.get(f"{row.unit}|{row.label}|{row.period}")
        return known[0].id if known and len(known) == 1 else None

    # Bounced

    def _bounce(self, row: PaymentRow) -> None:
        """A payment given back. The row is kept as a bounced payment of its own, so that it counts once."""
        target = row.original_ref or row.ref
        if target and self._bounce_known(row, self.standing.payments.get((self.source, target))):
            return
        new = self._bounce_new(target)
        if new is not None:
            new.state = "reversed"
            self.outcome.report.did.count("changed", "payment")
            return
        own = row.ref or content_ref(f"bounce|{row.unit}|{row.paid_on}|{row.amount_fen}", 0)
        if (self.source, own) in self.standing.payments:
            self.outcome.report.did.count("unchanged", "payment")
            return
        found = self._bounced_by_content(row)
        if found is None and not row.ref:
            column = self.book.unit_headings.get(row.sheet, "")
            reason = sentence("bounce_unknown")
            self.book.errors.append(Problem(row.sheet, row.row, column, row.unit_code, reason))
            return
        self._new(row, own, "reversed")

    def _bounce_known(self, row: PaymentRow, known: Any) -> bool:
        if known is None:
            return False
        if known.state == "reversed":
            self.outcome.report.did.count("unchanged", "payment")
        else:
            self._reverse(known)
            self.outcome.report.did.count("changed", "payment")
        return True

    def _reverse(self, known: Any) -> None:
        self.outcome.update("payment", known.id, state="reversed", reversed_at=self.terms.now)
        self.outcome.touched |= {known.account_id} - {None}

    def _bounce_new(self, target: str) -> NewPayment | None:
        if not target:
            return None
        return next((p for p in self.outcome.payments if p.ref == target and p.source == self.source), None)

    def _bounced_by_content(self, row: PaymentRow) -> object:
        """The newest payment of the same unit and amount, of these files or of the ledger."""
        for new in reversed(self.outcome.payments):
            mine = new.row is not None and new.row.unit == row.unit and new.amount_fen == row.amount_fen
            if mine and new.state in ("received", "in_flight"):
                new.state = "reversed"
                return new
        account = self._account(row)
        alike = [
            p for p in self.standing.payments.values()
            if account and p.account_id == account and p.amount_fen == row.amount_fen
            and p.state in ("received", "in_flight")
        ]  # fmt: skip
        if not alike:
            return None
        newest = max(alike, key=lambda p: (p.paid_on, p.id))
        self._reverse(newest)
        return newest

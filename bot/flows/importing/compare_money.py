"""Payments of the book beside the ledger's: new, changed, unchanged, bounced, or for an account nobody can tell."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from bot.flows.importing.book import Book
from bot.flows.importing.outcome import NewCharge, NewPayment, Outcome, Terms
from bot.flows.importing.people import same_name
from bot.flows.importing.report import Problem
from bot.flows.importing.rows import PaymentRow
from bot.flows.importing.sentences import Sentence, sentence
from bot.flows.importing.standing import CONTENT, Debt, Holding, Standing, content_ref, source
from bot.talk.money import yuan

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
        self.numbers: dict[str, int] = {}
        """Content → the next number that tells equal rows apart."""
        self.told_again = False
        self.days = {row.paid_on for row in book.payments if not row.bounced}
        self.pool: dict[tuple[int | None, Any, int], list[Any]] = defaultdict(list)
        """(account, day, fen) → payments of the ledger."""
        self.of_account: dict[int | None, list[Any]] = defaultdict(list)
        for row in standing.payments.values():
            self.of_account[row.account_id].append(row)
            self.pool[(row.account_id, row.paid_on, row.amount_fen)].append(row)
        self.charges = {(c.row.unit, c.row.label, c.row.period.name): c for c in outcome.charges}

    def compare(self) -> None:
        """Payments first, those with a reference before the others, then what bounced of them."""
        rows = [row for row in self.book.payments if not row.bounced]
        for row in rows:
            if row.ref:
                self._by_ref(row)
        left = [row for row in rows if not row.ref and not self._met_by_content(row)]
        self.told_again = self._told_again(len(left), sum(1 for row in rows if not row.ref))
        for row in left:
            self._by_content(row)
        for row in self.book.payments:
            if row.bounced:
                self._bounce(row)

    def _holdings(self, row: PaymentRow) -> list[Holding]:
        """Every account of the row's unit, the open one first."""
        house = self.standing.houses.get(row.unit) if row.unit else None
        return house.holdings if house is not None else []

    def _accounts(self, row: PaymentRow) -> list[int]:
        """Their numbers, as far as they are in the ledger: what is known may be of an owner who sold (I9)."""
        return [holding.id for holding in self._holdings(row) if holding.id]

    def _known_of(self, row: PaymentRow) -> list[Any]:
        """The ledger's payments of the row's unit."""
        return [known for account in self._accounts(row) for known in self.of_account[account]]

    def _whose(self, row: PaymentRow) -> Holding | None:
        """Whose money a new row is: of who sold if it names them or a charge of theirs, else of the present owner."""
        holdings, known, payer = self._holdings(row), self._known_named(row), same_name(row.payer)
        for holding in holdings:
            if known is not None and known.account_id == holding.id:
                return holding
        named = (holding for holding in holdings if payer and same_name(holding.human.name) == payer)
        return next(named, holdings[0] if holdings else None)

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
        whose = self._whose(row)
        if whose is not None and whose.id and known.account_id not in self._accounts(row):
            told["account_id"] = whose.id
        if known.state == "in_flight" and not row.in_flight:
            told["state"] = "received"
        elif known.state == "unidentified" and "account_id" in told:
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
        accounts = self._accounts(row) if row.unit else [None]
        for known in (p for account in accounts for p in self.pool.get((account, row.paid_on, row.amount_fen), ())):
            own = known.source == self.source and known.external_ref.startswith("content:")
            other = known.source != self.source and not known.source.startswith("arrears:")
            if known.id not in self.used and (own if imported else other):
                self.used.add(known.id)
                self.outcome.report.did.count("unchanged", "payment")
                return True
        return False

    def _told_again(self, left: int, all_rows: int) -> bool:
        """Whether these files tell again what was told before, so that a row that differs is a correction."""
        met = all_rows - left
        return met * 2 >= all_rows > left

    def _by_content(self, row: PaymentRow) -> None:
        content = f"{row.unit}|{row.paid_on}|{row.amount_fen}"
        ref = content_ref(content, self._free(content))
        known = self._corrected(row)
        if known is None:
            self._new(row, ref)
            return
        self.used.add(known.id)
        self._change(known, {"amount_fen": row.amount_fen, "paid_on": row.paid_on, "external_ref": ref})

    def _free(self, content: str) -> int:
        number = self.numbers.get(content, 0)
        while (self.source, content_ref(content, number)) in self.standing.payments:
            number += 1
        self.numbers[content] = number + 1
        return number

    def _corrected(self, row: PaymentRow) -> Any:
        """The payment of the same unit within the files' days that the row corrects and no other row speaks of.

        Of files that tell again what was told, the same day or the same amount is enough. Every month's list may be
        called 收款.xlsx: the name alone makes only the same day's payment the same.
        """
        if not self.told_again and not self.standing.names & set(self.terms.names):
            return None
        for known in self._known_of(row):
            mine = known.source == self.source and known.id not in self.used
            if not mine or known.state == "reversed" or not known.external_ref.startswith(CONTENT):
                continue
            if known.paid_on == row.paid_on or (self.told_again and self._same_amount(row, known)):
                return known
        return None

    def _same_amount(self, row: PaymentRow, known: Any) -> bool:
        same: bool = known.amount_fen == row.amount_fen
        return same and min(self.days) <= known.paid_on <= max(self.days)

    # New

    def _new(self, row: PaymentRow, ref: str, state: str = "") -> NewPayment:
        holding = self._whose(row)
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
        known = self._known_named(row)
        return known.id if known is not None else None

    def _known_named(self, row: PaymentRow) -> Debt | None:
        known = self.standing.alike.get(f"{row.unit}|{row.label}|{row.period}") if row.label and row.period else None
        return known[0] if known and len(known) == 1 else None

    # Bounced

    def _bounce(self, row: PaymentRow) -> None:
        """A payment given back. The row is kept as a bounced payment of its own, so that it counts once."""
        target = row.original_ref or row.ref
        known = self.standing.payments.get((self.source, target)) if target else None
        new = self._new_of(target)
        if known is not None:
            if self._whole(row, target, self._now(known, "amount_fen"), self._now(known, "state")):
                self._reverse(known)
        elif new is not None:
            if self._whole(row, target, new.amount_fen, new.state):
                new.state = "reversed"
        else:
            self._bounce_unnamed(row)

    def _whole(self, row: PaymentRow, ref: str, fen: int, state: str) -> bool:
        """Whether the row gives back the whole of a payment that still counts; a part is named as what it is."""
        did = self.outcome.report.did
        if row.amount_fen == fen:
            did.count("unchanged" if state == "reversed" else "changed", "payment")
            return state != "reversed"
        told = {"ref": ref, "paid": yuan(fen), "back": yuan(row.amount_fen), "rest": yuan(fen - row.amount_fen)}
        if state == "reversed":
            self.book.warnings.append(sentence("bounce_again", sheet=row.sheet, row=row.row, **told))
            did.count("unchanged", "payment")
        else:
            self._problem(row, sentence("bounce_part" if row.amount_fen < fen else "bounce_more", **told))
        return False

    def _bounce_unnamed(self, row: PaymentRow) -> None:
        content = f"bounce|{row.unit}|{row.paid_on}|{row.amount_fen}"
        own = row.ref or content_ref(content, self.numbers.get(content, 0))
        self.numbers[content] = self.numbers.get(content, 0) + 1
        if (self.source, own) in self.standing.payments:
            self.outcome.report.did.count("unchanged", "payment")
            return
        found = self._bounced_by_content(row)
        if found is None and not (row.ref and row.failed):
            self._problem(row, sentence("bounce_unknown"))
            return
        new = self._new(row, own, "reversed")
        if found is not None:
            new.holding, new.account_id = found.holding if isinstance(found, NewPayment) else None, found.account_id

    def _problem(self, row: PaymentRow, reason: Sentence) -> None:
        column = self.book.unit_headings.get(row.sheet, "")
        self.book.errors.append(Problem(row.sheet, row.row, column, row.unit_code, reason))

    def _now(self, known: Any, column: str) -> Any:
        """A payment of the ledger as these files leave it."""
        return self.outcome.updates.get("payment", {}).get(known.id, {}).get(column, getattr(known, column))

    def _reverse(self, known: Any) -> None:
        self.outcome.update("payment", known.id, state="reversed", reversed_at=self.terms.now)
        self.outcome.touched |= {known.account_id} - {None}

    def _new_of(self, target: str) -> NewPayment | None:
        if not target:
            return None
        return next((p for p in self.outcome.payments if p.ref == target and p.source == self.source), None)

    def _bounced_by_content(self, row: PaymentRow) -> Any:
        """The newest payment of the same unit and amount, of these files or of the ledger."""
        for new in reversed(self.outcome.payments):
            mine = new.row is not None and new.row.unit == row.unit and new.amount_fen == row.amount_fen
            if mine and new.state in ("received", "in_flight"):
                new.state = "reversed"
                return new
        alike = [
            p for p in self._known_of(row)
            if self._now(p, "amount_fen") == row.amount_fen and self._now(p, "state") in ("received", "in_flight")
        ]  # fmt: skip
        if not alike:
            return None
        newest = max(alike, key=lambda p: (p.paid_on, p.id))
        self._reverse(newest)
        return newest

"""What an import says and did: counts, bad rows, questions, warnings."""

from dataclasses import dataclass, field
from typing import Any

Cell = Any
"""A cell as the file holds it: text, number, truth value, date or instant."""


class Refused(Exception):
    """The file or the request cannot be taken at all; the message is one clear sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad cell or row. ``row`` counts from 1 as the spreadsheet shows it; ``column`` is the heading."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str

    def json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
        }

    def words(self) -> str:
        return f"{self.sheet} row {self.row}, {self.column or 'row'} {self.value!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Question:
    """A changed owner name: asked about, never merged. ``waiting`` new charges of the unit wait for the answer."""

    code: str
    was: str
    now: str
    waiting: int = 0

    def json(self) -> dict[str, Any]:
        return {"code": self.code, "was": self.was, "now": self.now, "waiting": self.waiting}

    def words(self) -> str:
        waits = f"; {self.waiting} charge(s) wait" if self.waiting else ""
        return f"{self.code} has another owner than before{waits}; if that is right: --accept-owner {self.code}"


@dataclass(slots=True)
class Says:
    """What the files say; money in fen. Bounced and negative payments count against ``paid_fen``."""

    accounts: int = 0
    owners: int = 0
    charges: int = 0
    charged_fen: int = 0
    payments: int = 0
    paid_fen: int = 0


@dataclass(slots=True)
class Did:
    """What the import did (or, in a dry run, would do): units, charges, payments and holds."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class ImportReport:
    """The answer of an import; ``json()`` is the command contract's object."""

    says: Says = field(default_factory=Says)
    did: Did = field(default_factory=Did)
    errors: list[Problem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    community: str = ""
    written: bool = False
    bad_files: list[str] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        return {
            "accounts": self.says.accounts,
            "owners": self.says.owners,
            "charges": self.says.charges,
            "charged_fen": self.says.charged_fen,
            "payments": self.says.payments,
            "paid_fen": self.says.paid_fen,
            "new": self.did.new,
            "changed": self.did.changed,
            "unchanged": self.did.unchanged,
            "errors": [problem.json() for problem in self.errors],
            "warnings": self.warnings,
            "questions": [question.json() for question in self.questions],
        }

    def words(self) -> str:
        """The same for a terminal: what the file says, what was done, every bad row, what to do next."""
        says, did = self.says, self.did
        lines = [
            f"the files say: {says.accounts} units of {says.owners} owners, {says.charges} charges over "
            f"¥{says.charged_fen / 100:,.2f}, {says.payments} payments over ¥{says.paid_fen / 100:,.2f}"
        ]
        lines += [f"  bad: {problem.words()}" for problem in self.errors]
        lines += [f"  asked: {question.words()}" for question in self.questions]
        lines += [f"  note: {warning}" for warning in self.warnings]
        lines += [f"  the bad rows are in {name}" for name in self.bad_files]
        return "\n".join([*lines, self._outcome(did)])

    def _outcome(self, did: Did) -> str:
        if self.errors and not self.written:
            return "nothing was written; mend the rows above, or --skip-bad writes the rest"
        if not did.new and not did.changed:
            return f"nothing changed: {did.unchanged} rows are as they were"
        verb = "written" if self.written else "would be written"
        return f"{verb}: {did.new} new, {did.changed} changed, {did.unchanged} unchanged"


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking back an import did. ``kept`` rows are referred to by later ones: closed, not removed."""

    names: str
    removed: int
    restored: int
    kept: int

    def json(self) -> dict[str, Any]:
        return {"names": self.names, "removed": self.removed, "restored": self.restored, "kept": self.kept}

    def words(self) -> str:
        return f"taken back: {self.names}; {self.removed} removed, {self.restored} restored, {self.kept} closed"

"""One line of a table: its cells by field, and every bad one named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.flows.importing import remarks
from bot.flows.importing.book import Book
from bot.flows.importing.cells import Unreadable, amount_fen, blank, shown, text
from bot.flows.importing.headings import Headings
from bot.flows.importing.periods import Period, Years
from bot.flows.importing.report import Cell, Problem
from bot.flows.importing.sentences import Sentence, sentence
from bot.flows.importing.wide import FeeColumn

T = TypeVar("T")


@dataclass(slots=True)
class Sheet:
    """What all lines of one table share."""

    name: str
    found: Headings
    fees: list[FeeColumn]
    years: Years
    period: Period | None
    """Told by the title."""
    fee: tuple[str, str] | None
    """(kind, label) told by the title."""
    region: str
    at: dict[str, int] = field(init=False)
    """Field → column."""
    about_units: bool = field(init=False)
    """The lines say something of the unit itself."""
    bills: bool = field(init=False)
    """The lines are charges, perhaps with payments beside them."""
    receipts: bool = field(init=False)
    """The lines are payments and nothing else."""

    def __post_init__(self) -> None:
        self.at = self.found.columns
        about = ("owner", "phone", "area", "segment", "occupancy", "openid", "telegram")
        self.about_units = self.found.has(*about)
        self.bills = bool(self.fees) or self.found.has("amount", "arrears")
        self.receipts = "paid" in self.at and not self.bills


class Line:
    """The cells of one line. ``bad`` once a problem was named: nothing of the line is taken over then."""

    def __init__(self, sheet: Sheet, book: Book, number: int, cells: Sequence[Cell]) -> None:
        self.sheet = sheet
        self.book = book
        self.number = number
        self.cells = cells
        self.bad = False
        self.code = ""
        """The unit as the line writes it, once it was read."""
        self.at = sheet.at

    def cell(self, name: str) -> Cell:
        column = self.at.get(name)
        return "" if column is None or column >= len(self.cells) else self.cells[column]

    def words(self, name: str) -> str:
        column = self.at.get(name)
        return "" if column is None or column >= len(self.cells) else text(self.cells[column])

    def problem(self, column: int | str | None, reason: Sentence) -> None:
        """Names one bad cell, by its column or field; the line is bad."""
        self.bad = True
        index = self.sheet.at.get(column) if isinstance(column, str) else column
        value = self.cells[index] if index is not None and index < len(self.cells) else None
        heading = self.sheet.found.name(index) if index is not None else str(column or "")
        self.book.errors.append(Problem(self.sheet.name, self.number, heading, shown(value), reason))

    def take(self, name: str, read: Callable[[Cell], T], otherwise: T) -> T:
        """A cell read by ``read``; a bad one is named and ``otherwise`` is answered."""
        column = self.at.get(name)
        if column is None or column >= len(self.cells) or blank(self.cells[column]):
            return otherwise
        try:
            return read(self.cells[column])
        except Unreadable as error:
            self.problem(column, error.said)
            return otherwise

    def money(self, column: int | None, *, may_say_paid: bool = False) -> int | None:
        """An amount of zero or more in fen; None when the cell says nothing, or says 已缴 where that is allowed."""
        if column is None or column >= len(self.cells) or blank(self.cells[column]):
            return None
        if may_say_paid and remarks.state(text(self.cells[column])) == "received":
            self.book.seen("says_paid")
            return None
        try:
            fen = amount_fen(self.cells[column])
        except Unreadable as error:
            self.problem(column, error.said)
            return None
        if fen is not None and fen < 0:
            self.problem(column, sentence("below_zero"))
            return None
        return fen

    def fresh(self, what: str, ref: str, told: object) -> bool:
        """Whether a reference was not seen before. The same line twice counts once, another is bad."""
        before = self.book.refs.setdefault((what, ref), (told, self.sheet.name, self.number))
        if before[1:] == (self.sheet.name, self.number):
            return True
        if before[0] == told:
            self.book.seen("same_refs")
        else:
            self.problem("ref", sentence("ref_taken", sheet=before[1], row=before[2]))
        return False

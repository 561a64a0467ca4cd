"""A long list of charges, kept by column: some twenty bytes a charge and no object for it.

Only plain charges stand here: one unit, one fee, one amount, without a number of their own and without a word of what
was paid. A charge that must be looked at more closely is taken out and becomes a row again.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress

from bot.flows.importing.rows import ChargeRow, UnitRow

Listed = tuple[int, int, int, int]
"""Unit and fee by their number here, the amount in fen, the row of its sheet."""


@dataclass(frozen=True, slots=True)
class Fee:
    """One fee for one period as a sheet writes it; ``slot`` is shared by all that mean the same fee and period."""

    like: ChargeRow
    slot: int

    @property
    def content(self) -> str:
        """What follows the unit in the key of a charge."""
        return f"|{self.like.label}|{self.like.period.name}"


@dataclass(slots=True)
class Billing:
    """The plain charges of one import."""

    units: list[UnitRow] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)
    count: int = 0
    fen: int = 0
    """How many, and over how much, also once they are no longer held here."""
    owing: set[str] = field(default_factory=set)
    """Keys of the units with charges here; known once ``take_out`` was called."""
    twins: set[tuple[int, int]] = field(default_factory=set)
    """(unit, slot) told more than once."""
    _unit: "array[int]" = field(default_factory=lambda: array("i"))
    _fee: "array[int]" = field(default_factory=lambda: array("i"))
    _fen: "array[int]" = field(default_factory=lambda: array("q"))
    _row: "array[int]" = field(default_factory=lambda: array("i"))
    _numbers: dict[str, int] = field(default_factory=dict)
    """Key of a unit → its number."""
    _slots: dict[str, int] = field(default_factory=dict)
    _met: list[bytearray] = field(default_factory=list)
    """Slot → a byte for every unit: whether it was told."""

    def unit(self, told: UnitRow) -> int:
        """The unit's number."""
        number = self._numbers.setdefault(told.key, len(self.units))
        if number == len(self.units):
            self.units.append(told)
        return number

    def fee(self, like: ChargeRow) -> int:
        """A number for the fee and period of ``like``, in its sheet and with its due day."""
        slot = self._slots.setdefault(f"|{like.label}|{like.period.name}", len(self._slots))
        if slot == len(self._met):
            self._met.append(bytearray())
        self.fees.append(Fee(like, slot))
        return len(self.fees) - 1

    def add(self, units: Sequence[int], fees: Sequence[int], fens: Sequence[int], rows: Iterable[int]) -> None:
        """Takes charges over, a column at a time."""
        self._unit.extend(units)
        self._fee.extend(fees)
        self._fen.extend(fens)
        self._row.extend(rows)
        self.count += len(units)
        self.fen += sum(fens)
        met_by_fee = {fee: self._room(self.fees[fee].slot) for fee in set(fees)}
        for unit, fee in zip(units, fees, strict=True):
            met = met_by_fee[fee]
            if met[unit]:
                self.twins.add((unit, self.fees[fee].slot))
            met[unit] = 1

    def _room(self, slot: int) -> bytearray:
        met = self._met[slot]
        met.extend(bytes(len(self.units) - len(met)))
        return met

    def place(self, unit: str, content: str) -> tuple[int, int] | None:
        """(unit, slot) of a charge by the key of its unit and what follows it; None: no such unit or fee here."""
        number, slot = self._numbers.get(unit), self._slots.get(content)
        return None if number is None or slot is None else (number, slot)

    def take_out(self, places: Collection[tuple[int, int]]) -> list[ChargeRow]:
        """Takes the charges at these units and slots out of the list, as rows."""
        out: list[ChargeRow] = []
        if places:
            slots = [fee.slot for fee in self.fees]
            stays = [(unit, slots[fee]) not in places for unit, fee in zip(self._unit, self._fee, strict=True)]
            out = [self.row(line) for line, stay in zip(self._lines(), stays, strict=True) if not stay]
            self._unit, self._fee, self._fen, self._row = (
                array(column.typecode, compress(column, stays))
                for column in (self._unit, self._fee, self._fen, self._row)
            )
        self.owing = {self.units[number].key for number in set(self._unit)}
        return out

    def row(self, line: Listed) -> ChargeRow:
        """A charge of the list as a row; it no longer counts here."""
        unit, fee, fen, row = self.units[line[0]], self.fees[line[1]], line[2], line[3]
        self.count -= 1
        self.fen -= fen
        return replace(
            fee.like, unit=unit.key, amount_fen=fen, row=row, unit_code=unit.code, key=unit.key + fee.content
        )

    def lines(self) -> Iterator[Listed]:
        """All charges, once: the list is empty afterwards."""
        lines = self._lines()
        self._unit, self._fee, self._fen, self._row = array("i"), array("i"), array("q"), array("i")
        self._met.clear()
        return lines

    def _lines(self) -> Iterator[Listed]:
        return zip(self._unit, self._fee, self._fen, self._row, strict=True)

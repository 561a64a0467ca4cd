"""Which charge a payment closes (Civil Code art. 560-561).

The charge the payer names comes first; undirected money goes to the oldest undisputed charge, then to disputed ones.
Within a charge principal comes before late fee. What is left is the account's credit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

PRINCIPAL = "principal"
LATE_FEE = "late_fee"


@dataclass(frozen=True, slots=True)
class Owed:
    """An open charge: its local due date and open principal in fen."""

    id: int
    due_on: date
    open_fen: int
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a payment, in fen, goes to the principal or late fee of a charge."""

    charge_id: int
    part: str
    fen: int


def allocate(
    amount_fen: int, charges: Sequence[Owed], *, named: int | None = None, late_fees: Mapping[int, int] | None = None
) -> tuple[list[Part], int]:
    """The parts in the order they are paid, and the rest in fen that nothing is owed for.

    ``late_fees``: fen by charge id. ValueError for a negative amount; a name that is not owed any more counts as none.
    """
    if amount_fen < 0:
        raise ValueError(f"a payment of {amount_fen} fen cannot be allocated; money given back is a reversal")
    parts: list[Part] = []
    for charge in sorted(charges, key=lambda one: (one.id != named, one.disputed, one.due_on, one.id)):
        owed = ((PRINCIPAL, charge.open_fen), (LATE_FEE, (late_fees or {}).get(charge.id, 0)))
        for part, fen in owed:
            taken = min(amount_fen, fen)
            if taken > 0:
                parts.append(Part(charge.id, part, taken))
                amount_fen -= taken
    return parts, amount_fen

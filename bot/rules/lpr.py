"""What late payment cost the creditor at LPR, to hold beside the contract's late fee: courts weigh one by the other.

Simple interest from the day after the due date, without grace, on the principal open each day; rounded half up to fen,
the lines so that they add up to the total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_YEAR = 10_000 * 365
"""Hundredths of a per cent in one, times the days of a year."""


@dataclass(frozen=True, slots=True)
class LossLine:
    """So many days (first and last local date included) on one principal, in fen."""

    first: date
    last: date
    days: int
    principal_fen: int
    fee_fen: int


def loss_at_lpr(due_on: date, principal: Sequence[tuple[date, int]], as_of: date, lpr_bp: int) -> tuple[LossLine, ...]:
    """The lines through the local date ``as_of``; ``lpr_bp`` in hundredths of a per cent a year.

    ``principal``: (local date, open fen from that day on), earliest first; the first entry is the whole charge.
    """
    first = due_on + _DAY
    begins = sorted({first, *(day for day, _ in principal if first < day <= as_of)})
    lines: list[LossLine] = []
    exact = told = 0
    for begin, following in zip(begins, [*begins[1:], as_of + _DAY], strict=True):
        fen = [open_fen for day, open_fen in principal if day <= begin or day == principal[0][0]][-1]
        days = (following - begin).days
        if days <= 0 or fen <= 0:
            continue
        exact += days * fen * lpr_bp
        total = (exact + _YEAR // 2) // _YEAR
        lines.append(LossLine(begin, following - _DAY, days, fen, total - told))
        told = total
    return tuple(lines)

"""Figures of a community: what was collected, how old the rest is, which promises were kept; by building and person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from store import figures as shelf

AGES = (0, 30, 60, 90, 180, 365)
"""Days past due at which a band of the ageing begins: 1-30, 31-60 …, over a year."""


@dataclass(frozen=True, slots=True)
class Collected:
    """One group: what fell due and what of it is paid, in fen."""

    name: str
    due_fen: int
    paid_fen: int

    @property
    def percent(self) -> float:
        """Collection rate in percent, one decimal; 0 when nothing fell due."""
        return round(100 * self.paid_fen / self.due_fen, 1) if self.due_fen else 0.0


@dataclass(frozen=True, slots=True)
class Age:
    """Open principal of one age: days from (0: not due yet) to, fen, accounts."""

    first: int
    last: int | None
    fen: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises of one group that fell due: kept, partly kept, broken, still open."""

    name: str
    kept: int
    partly: int
    broken: int
    open: int

    @property
    def percent(self) -> float:
        """Kept among the judged ones, in percent, a part counting half."""
        judged = self.kept + self.partly + self.broken
        return round(100 * (self.kept + self.partly / 2) / judged, 1) if judged else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page shows for a span of local dates."""

    first: date
    last: date
    total: Collected
    groups: tuple[Collected, ...]
    ages: tuple[Age, ...]
    kept: tuple[Kept, ...]
    all_kept: Kept
    days: tuple[tuple[date, int], ...]
    """Money received per day of the last thirty, in fen."""
    late_fen: int


async def figures(
    conn: AsyncConnection, community_id: int, today: date, *, by: str, first: date, last: date
) -> Figures:  # fmt: skip
    """The figures of charges due between two local dates, grouped by building or person (the responsible one)."""
    groups = tuple(
        Collected(r.name, r.due_fen, r.due_fen - r.open_fen)
        for r in await shelf.collected(conn, community_id, by, first, last)
    )
    total = Collected("", sum(g.due_fen for g in groups), sum(g.paid_fen for g in groups))
    kept = _kept(await shelf.promises(conn, community_id, by, first, last))
    return Figures(
        first, last, total, groups, await _ages(conn, community_id, today), kept, _sum(kept),
        await _days(conn, community_id, today), await shelf.late_paid(conn, community_id, first, last),
    )  # fmt: skip


async def _ages(conn: AsyncConnection, community_id: int, today: date) -> tuple[Age, ...]:
    edges = [today - timedelta(days=days) for days in AGES[1:]]
    found = {r.band: r for r in await shelf.ages(conn, community_id, today, edges)}
    bands = [(0, 0), *((AGES[n] + 1, AGES[n + 1]) for n in range(len(AGES) - 1)), (AGES[-1] + 1, None)]
    return tuple(
        Age(first, last, found[n].fen if n in found else 0, found[n].n if n in found else 0)
        for n, (first, last) in enumerate(bands)
    )


def _kept(rows: Sequence[Any]) -> tuple[Kept, ...]:
    names: dict[str, dict[str, int]] = {}
    for row in rows:
        names.setdefault(row.name, {})[row.outcome] = row.n
    return tuple(
        Kept(name, n.get("kept", 0), n.get("partly_kept", 0), n.get("broken", 0), n.get("open", 0))
        for name, n in names.items()
    )


def _sum(kept: Sequence[Kept]) -> Kept:
    return Kept(
        "",
        sum(k.kept for k in kept),
        sum(k.partly for k in kept),
        sum(k.broken for k in kept),
        sum(k.open for k in kept),
    )


async def _days(conn: AsyncConnection, community_id: int, today: date) -> tuple[tuple[date, int], ...]:
    first = today - timedelta(days=29)
    came = {r.paid_on: r.fen for r in await shelf.money_by_day(conn, community_id, first, today)}
    return tuple((day, came.get(day, 0)) for day in (first + timedelta(days=n) for n in range(30)))

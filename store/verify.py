"""What a verification reads: stretches of rows, the journal's words on each, seals, and signed checkpoints."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import journal_checkpoint, journal_entry, journal_seal
from store.journal import ASIDE, INSTANT, SEALED
from store.tables import metadata
from store.vault import Vault

STRETCH = 5_000
"""Rows of one stretch; SQLite takes at most 32,766 bound values."""
JOURNAL = ("id", "community_id", "at", "kind", "subject", "who", "salt", "digest", "note", "seal_id")
SEALS = ("id", "community_id", "number", "first_id", "last_id", "count", "previous", "hash", "at")
COLUMNS: dict[str, tuple[str, ...]] = {
    "journal_entry": JOURNAL,
    "journal_seal": SEALS,
    **{name: ("id", *columns, *([INSTANT[name]] if name in INSTANT else [])) for name, columns in SEALED.items()},
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint: how many rows and their fingerprint, or the newest seal's number and hash."""

    name: str
    rows: int
    fingerprint: bytes


async def marks(conn: AsyncConnection, vault: Vault) -> tuple[dict[str, Mark], list[str]]:
    """The checkpoints this house signed, and the names of those it did not."""
    good: dict[str, Mark] = {}
    forged = []
    for row in (await conn.execute(select(journal_checkpoint))).all():
        mark = Mark(row.name, row.rows, row.fingerprint)
        if _signature(vault, mark) == row.mac:
            good[row.name] = mark
        else:
            forged.append(row.name)
    return good, forged


def _signature(vault: Vault, mark: Mark) -> bytes:
    return vault.mac("checkpoint", f"{mark.name}:{mark.rows}:".encode() + mark.fingerprint)


async def write_marks(conn: AsyncConnection, vault: Vault, found: Iterable[Mark], now: datetime) -> None:
    """Signs checkpoints, over older ones of the same name."""
    rows = [
        {"name": m.name, "rows": m.rows, "fingerprint": m.fingerprint, "mac": _signature(vault, m), "at": now}
        for m in found
    ]
    for start in range(0, len(rows), STRETCH):
        part = rows[start : start + STRETCH]
        names = [row["name"] for row in part]
        await conn.execute(delete(journal_checkpoint).where(journal_checkpoint.c.name.in_(names)))
        await conn.execute(insert(journal_checkpoint), part)


async def last_stretch(conn: AsyncConnection, name: str) -> int:
    """The number of a table's last stretch; 0 for an empty table."""
    highest = (await conn.execute(select(func.max(metadata.tables[name].c.id)))).scalar()
    return int(highest or 0) // STRETCH


async def spoken_of(conn: AsyncConnection) -> dict[str, set[int]]:
    """Table → the stretches the journal speaks of, also where no row is left; one look over the subjects' index."""
    # The names as they are: a bound value in two places is not the same to PostgreSQL. Nothing of them is a user's.
    names = ", ".join(f"'{name}:'" for name in SEALED)
    query = f"""
        SELECT name, number / {STRETCH} AS stretch FROM (
            SELECT rtrim(subject, '0123456789') AS name,
                   CAST(substr(subject, length(rtrim(subject, '0123456789')) + 1) AS bigint) AS number
            FROM journal_entry
            WHERE rtrim(subject, '0123456789') IN ({names})
            AND length(subject) - length(rtrim(subject, '0123456789')) BETWEEN 1 AND 18
        ) AS spoken GROUP BY 1, 2
    """
    found: dict[str, set[int]] = {}
    for row in (await conn.execute(text(query))).all():
        found.setdefault(row.name.rstrip(":"), set()).add(int(row.stretch))
    return found


async def fingerprint(conn: AsyncConnection, name: str, number: int) -> Mark:
    """One stretch as the database gives it, without our reading anything into it: quick, and any change changes it."""
    columns = ", ".join(f'"{column}"' for column in COLUMNS[name])
    query = text(f'SELECT {columns} FROM "{name}" WHERE id >= :first AND id < :beyond ORDER BY id')
    rows = (await conn.execute(query, {"first": number * STRETCH, "beyond": (number + 1) * STRETCH})).all()
    # Plain tuples: a Row's own repr leaves out the middle of long values.
    whole = repr([tuple(row) for row in rows]).encode()
    return Mark(f"{name}:{number}", len(rows), hashlib.sha256(whole).digest())


async def rows_of(conn: AsyncConnection, name: str, number: int) -> Sequence[Any]:
    """The sealed columns of one stretch, typed."""
    table = metadata.tables[name]
    wanted = [table.c[column] for column in COLUMNS[name]]
    within = (table.c.id >= number * STRETCH, table.c.id < (number + 1) * STRETCH)
    return (await conn.execute(select(*wanted).where(*within).order_by(table.c.id))).all()


async def entries_on(conn: AsyncConnection, name: str, number: int) -> dict[int, list[Any]]:
    """The journal's words on each row of one stretch, the newest last, also on rows that are not there."""
    subjects = [f"{name}:{row_id}" for row_id in range(number * STRETCH, (number + 1) * STRETCH)]
    table = journal_entry
    query = select(table.c.id, table.c.at, table.c.subject, table.c.kind, table.c.salt, table.c.digest,
                   table.c.who, table.c.note)  # fmt: skip
    mine = (table.c.subject.in_(subjects), table.c.kind.not_in(ASIDE))
    rows = (await conn.execute(query.where(*mine).order_by(table.c.id))).all()
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(int(row.subject.rpartition(":")[2]), []).append(row)
    return found


async def seals(conn: AsyncConnection) -> Sequence[Any]:
    """Every seal, chain by chain; ``holds`` is how many entries it says it holds."""
    wanted = [c.label("holds") if c.name == "count" else c for c in journal_seal.c if c.name != "stamp"]
    query = select(*wanted).order_by(journal_seal.c.community_id, journal_seal.c.number, journal_seal.c.id)
    return (await conn.execute(query)).all()


async def entries_of(conn: AsyncConnection, seal_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The entries that say they are held by these seals, in their order."""
    query = select(journal_entry).where(journal_entry.c.seal_id.in_(seal_ids)).order_by(journal_entry.c.id)
    found: dict[int, list[Any]] = {seal_id: [] for seal_id in seal_ids}
    for row in (await conn.execute(query)).all():
        found[row.seal_id].append(row)
    return found


async def gaps(conn: AsyncConnection, first: int, last: int) -> list[int]:
    """Numbers between two entries that no entry bears."""
    query = select(journal_entry.c.id).where(journal_entry.c.id >= first, journal_entry.c.id <= last)
    there = set((await conn.execute(query)).scalars())
    return [number for number in range(first, last + 1) if number not in there]


async def orphans(conn: AsyncConnection) -> Sequence[Any]:
    """Entries that name a seal there is none of."""
    known = select(journal_seal.c.id)
    query = select(journal_entry.c.id, journal_entry.c.seal_id).where(
        journal_entry.c.seal_id.is_not(None), journal_entry.c.seal_id.not_in(known)
    )
    return (await conn.execute(query.order_by(journal_entry.c.id).limit(100))).all()


async def bundles(conn: AsyncConnection) -> Sequence[Any]:
    """Every evidence bundle made: when, of which account, and its digest (the entry's note)."""
    table = journal_entry
    query = select(table.c.at, table.c.subject, table.c.note).where(table.c.kind == "evidence", table.c.note != "")
    return (await conn.execute(query.order_by(table.c.id))).all()


async def counted(conn: AsyncConnection) -> int:
    """How many entries the journal has."""
    return int((await conn.execute(select(func.count()).select_from(journal_entry))).scalar_one())

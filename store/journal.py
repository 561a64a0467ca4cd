"""The journal: the log that is the evidence (I14). Entries are written with the fact, chained and sealed in batches.

An entry holds a salted hash of the row it speaks of. Whoever erases a row's content throws the salt away: the chain
still verifies, and nobody can test guesses against the hash.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import journal_entry, journal_seal
from store.tables import metadata

_JSON = json.JSONEncoder(ensure_ascii=False)
SEALED: dict[str, tuple[str, ...]] = {
    "attempt": ("message_id", "our_id", "contact_id", "channel", "form", "script_version_id", "text", "request",
                "started_at"),
    "provider_event": ("provider", "event_key", "state", "provider_id", "our_id", "reason"),
    "inbound": ("provider", "event_key", "kind", "text", "received_at"),
    "attachment": ("inbound_id", "state", "media_type", "size", "digest"),
    "case_event": ("case_id", "version", "kind", "staff_id", "note", "at"),
    "payment": ("amount_fen", "way", "paid_on", "source", "external_ref"),
    "import_run": ("community_id", "names", "digest", "at"),
    "promise": ("account_id", "amount_fen", "due_on", "made_at"),
    "promise_outcome": ("promise_id", "outcome", "paid_fen", "at"),
    "waiver": ("account_id", "charge_id", "part", "amount_fen", "why", "who", "at"),
    "legal_fact": ("account_id", "kind", "ref", "on", "who", "at"),
    "human_contact": ("account_id", "way", "at", "staff_id", "content", "answer", "next_step", "proof_digest"),
    "script_version": ("path", "source_text", "digest", "author", "created_at"),
    "script_published": ("path", "version_id", "by", "why", "at"),
    "hold": ("scope", "account_id", "charge_id", "person_id", "community_id", "code", "reason", "who", "at"),
    "dispute": ("account_id", "charge_id", "reason", "opened_at"),
}  # fmt: skip
"""Which columns of a table never change once written: what the digest covers."""
INSTANT = {"provider_event": "received_at"}
"""Columns beside those that hold the instant of their journal entry: its ``at``, which the chain covers."""
ASIDE = ("hold_ended", "fact_withdrawn")
"""Kinds that older versions wrote under a row's own subject, with contents that are not the row's."""
ADDED = {"proof_digest"}
"""Columns that came later: where they hold nothing, the digest is what it was without them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line for the journal. ``content`` is the row as written (its sealed columns are taken), or any mapping."""

    kind: str
    subject: str
    content: Mapping[str, Any]
    at: datetime
    community_id: int | None = None
    who: str = ""
    note: str = ""


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


def canonical(table: str, content: Mapping[str, Any]) -> bytes:
    """The bytes a digest is taken of: the sealed columns in a fixed order."""
    columns = SEALED.get(table) or tuple(sorted(content))
    told = [[c, _plain(content.get(c))] for c in columns if c not in ADDED or content.get(c) is not None]
    return _JSON.encode(told).encode()


def digest(salt: bytes, table: str, content: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(salt + canonical(table, content)).digest()


def _row(entry: Entry) -> tuple[Any, ...]:
    """The values of ``_COLUMNS``."""
    salt = os.urandom(16)
    mark = digest(salt, entry.subject.partition(":")[0], entry.content)
    return entry.community_id, entry.at, entry.kind, entry.subject, entry.who, salt, mark, entry.note


_INSERT = insert(journal_entry)
_COLUMNS = ("community_id", "at", "kind", "subject", "who", "salt", "digest", "note")


async def note_many(conn: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Writes entries in the transaction of the facts they speak of."""
    rows = [_row(entry) for entry in entries]
    if len(rows) > 1:
        await bulk.insert_rows(conn, journal_entry, _COLUMNS, rows)
    elif rows:
        await conn.execute(_INSERT, dict(zip(_COLUMNS, rows[0], strict=True)))


async def note(conn: AsyncConnection, entry: Entry) -> None:
    """Writes one entry in the transaction of the fact it speaks of."""
    await note_many(conn, [entry])


async def erased(conn: AsyncConnection, name: str, ids: Sequence[int], now: datetime, who: str) -> None:
    """The contents of these rows were erased: their salts go, and an entry says what is left and that it was lawful.

    The rows must already hold what is left. The chain still verifies, and nobody can test guesses against a hash.
    """
    table = metadata.tables[name]
    for start in range(0, len(ids), 5_000):
        some = list(ids[start : start + 5_000])
        subjects = [f"{name}:{row_id}" for row_id in some]
        known = select(journal_entry.c.subject, func.max(journal_entry.c.community_id).label("community_id"))
        said = await conn.execute(known.where(journal_entry.c.subject.in_(subjects)).group_by(journal_entry.c.subject))
        towns = {row.subject: row.community_id for row in said}
        await conn.execute(update(journal_entry).where(journal_entry.c.subject.in_(subjects)).values(salt=None))
        rows = (await conn.execute(select(table).where(table.c.id.in_(some)).order_by(table.c.id))).all()
        await note_many(
            conn,
            [
                Entry("erased", f"{name}:{row.id}", dict(row._mapping), now, towns.get(f"{name}:{row.id}"), who)
                for row in rows
            ],
        )


def chain(previous: bytes, entries: Iterable[Any]) -> bytes:
    """The hash of a batch: the seal before, then every entry's identity and digest in order."""
    running = hashlib.sha256(previous)
    for e in entries:
        running.update(
            json.dumps(
                [e.id, e.community_id, e.at.timestamp(), e.kind, e.subject, e.who, e.digest.hex(), e.note],
                ensure_ascii=False,
            ).encode()
        )
    return running.digest()


async def seal(conn: AsyncConnection, now: datetime, *, most: int = 20_000) -> int:
    """Seals what is not sealed yet, one batch per community; answers how many entries were sealed.

    Safe to run twice at once: one at a time, by a lock on PostgreSQL, by the one writer on SQLite.
    """
    table = journal_entry
    if conn.dialect.name == "postgresql":
        await conn.execute(text("SELECT pg_advisory_xact_lock(840085)"))
    rows = (await conn.execute(select(table).where(table.c.seal_id.is_(None)).order_by(table.c.id).limit(most))).all()
    batches: dict[int | None, list[Any]] = {}
    for row in rows:
        batches.setdefault(row.community_id, []).append(row)
    for community_id, batch in batches.items():
        await _seal_batch(conn, community_id, batch, now)
    return len(rows)


async def _seal_batch(conn: AsyncConnection, community_id: int | None, batch: list[Any], now: datetime) -> None:
    entries = journal_entry
    seals = journal_seal
    same = seals.c.community_id.is_(None) if community_id is None else seals.c.community_id == community_id
    last = (await conn.execute(select(seals).where(same).order_by(seals.c.number.desc()).limit(1))).first()
    number, previous = (last.number + 1, last.hash) if last else (1, b"")
    made = await conn.execute(
        insert(seals).values(
            community_id=community_id, number=number, first_id=batch[0].id, last_id=batch[-1].id, count=len(batch),
            previous=previous, hash=chain(previous, batch), at=now,
        )
    )  # fmt: skip
    seal_id = made.inserted_primary_key[0]  # type: ignore[index]
    # By their very numbers: an entry with a lower number may be committed while we seal (PostgreSQL).
    for start in range(0, len(batch), 5_000):
        ids = [entry.id for entry in batch[start : start + 5_000]]
        await conn.execute(update(entries).where(entries.c.id.in_(ids)).values(seal_id=seal_id))


async def unsealed(conn: AsyncConnection) -> int:
    """How many entries wait for their seal."""
    table = journal_entry
    return int((await conn.execute(select(func.count()).where(table.c.seal_id.is_(None)))).scalar_one())

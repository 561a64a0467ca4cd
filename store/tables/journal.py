"""The journal: append-only, chained, sealed in batches; it holds salted hashes, never contents."""

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.columns import BIG, instant, key, ref


class JournalEntry(SQLModel, table=True):
    """One thing that happened. ``digest`` is the salted hash of the row it speaks of."""

    __tablename__ = "journal_entry"
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True)
    at: datetime = instant()
    kind: str
    """attempt, receipt, inbound, case_event, payment, publish, look, setting …"""
    subject: str = Field(index=True)
    """table:id, or a plain word."""
    who: str = ""
    salt: bytes | None = None
    """Thrown away when the content is erased; the chain still verifies."""
    digest: bytes
    note: str = ""
    """Before and after of a change, without personal data."""
    seal_id: int | None = Field(default=None, sa_column=Column(BIG, index=True, nullable=True))


class JournalSeal(SQLModel, table=True):
    """A batch of entries, chained to the one before."""

    __tablename__ = "journal_seal"
    __table_args__ = (UniqueConstraint("community_id", "number"),)
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True, index=False)
    number: int
    first_id: int
    last_id: int
    count: int
    previous: bytes
    hash: bytes
    at: datetime = instant()
    stamp: bytes | None = None
    """An RFC 3161 timestamp of the hash, when one was attached."""


class JournalCheckpoint(SQLModel, table=True):
    """What was found unchanged at a verification: a stretch of rows by its fingerprint, or the newest seal of a chain.

    ``mac`` is made with the house's key: who can write the database still cannot sign another fingerprint.
    """

    __tablename__ = "journal_checkpoint"
    name: str = Field(primary_key=True)
    """table:stretch, or seals:community."""
    rows: int
    """Rows in the stretch, or the number of the newest seal."""
    fingerprint: bytes
    mac: bytes
    at: datetime = instant()

"""The words: immutable versions, and which one is published."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.columns import instant, key, ref


class ScriptVersion(SQLModel, table=True):
    """One wording, never changed after it is written."""

    __tablename__ = "script_version"
    __table_args__ = (UniqueConstraint("path", "digest", "community_id"),)
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True, index=False)
    path: str = Field(index=True)
    """As in scripts/: reminders/warm_4/zh-Hans.sms.md."""
    source_text: str
    digest: str
    origin: str = "admin"
    """shipped or admin."""
    provider_template_id: str = ""
    """The id the provider gave; empty: waiting for provider, where approval is needed."""
    author: str = ""
    why: str = ""
    created_at: datetime = instant()


class ScriptPublished(SQLModel, table=True):
    """The published pointer; history is the append-only journal of pointers."""

    __tablename__ = "script_published"
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True, index=False)
    path: str = Field(index=True)
    version_id: int = ref("script_version.id")
    by: str
    why: str = ""
    at: datetime = instant()
    replaced_at: datetime | None = instant(null=True)


class ScriptDraft(SQLModel, table=True):
    """An admin's wording on the way; ``version`` refuses the second of two who save."""

    __tablename__ = "script_draft"
    __table_args__ = (UniqueConstraint("path", "community_id"),)
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True, index=False)
    path: str
    source_text: str
    version: int = 0
    based_on: int | None = ref("script_version.id", null=True, index=False)
    author: str
    at: datetime = instant()
    wants_second: bool = False


class ShippedDefault(SQLModel, table=True):
    """The default an upgrade brought, offered beside an edited wording, never over it."""

    __tablename__ = "shipped_default"
    path: str = Field(primary_key=True)
    digest: str
    source_text: str
    at: datetime = instant()

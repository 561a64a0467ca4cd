"""Staff, their group, the cases they handle and what they approve."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.tables.columns import instant, key, ref


class Staff(SQLModel, table=True):
    """A named account of a member of staff."""

    __tablename__ = "staff"
    id: int | None = key()
    name: str = Field(unique=True)
    role: str
    """front_desk, assistant, accountant, supervisor, head, finance, legal, admin."""
    community_id: int | None = ref("community.id", null=True)
    """None: the whole house."""
    password_hash: str = ""
    locale: str = "zh-Hans"
    hours: str = "{}"
    """JSON: working hours by weekday, rota order, days off."""
    left_at: datetime | None = instant(null=True)
    created_at: datetime = instant()


class StaffContact(SQLModel, table=True):
    """Where a member of staff is reached, linked once by a one-time code."""

    __tablename__ = "staff_contact"
    __table_args__ = (UniqueConstraint("channel", "address_index"),)
    id: int | None = key()
    staff_id: int = ref("staff.id")
    channel: str
    address_sealed: bytes
    address_index: bytes
    linked_at: datetime = instant()
    dead_reason: str | None = None


class Responsibility(SQLModel, table=True):
    """Who is responsible for which building or account."""

    __tablename__ = "responsibility"
    id: int | None = key()
    staff_id: int = ref("staff.id")
    community_id: int = ref("community.id")
    building: str = ""
    account_id: int | None = ref("account.id", null=True)


class StaffGroup(SQLModel, table=True):
    """The staff's group chat: a Telegram supergroup or a WeCom robot."""

    __tablename__ = "staff_group"
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True)
    channel: str
    address_sealed: bytes
    address_index: bytes
    topics: str = "{}"
    """JSON: community id → forum topic."""
    trouble: str = ""
    """Why it cannot be reached, until it heals."""
    trouble_at: datetime | None = instant(null=True)


class Case(SQLModel, table=True):
    """What staff must handle. ``open → claimed(by, until) → resolved(outcome)``; snoozed(until)."""

    __tablename__ = "case"
    __table_args__ = (
        Index("uq_case_open", "subject", "cause", unique=True, postgresql_where=text("state != 'resolved'"),
              sqlite_where=text("state != 'resolved'")),
        Index("ix_case_next", "next_at", postgresql_where=text("state != 'resolved'"),
              sqlite_where=text("state != 'resolved'")),
    )  # fmt: skip
    id: int | None = key()
    community_id: int = ref("community.id")
    account_id: int | None = ref("account.id", null=True)
    subject: str
    """account:<id>, person:<id>, community:<id>, message:<id>, sender:<…>."""
    cause: str
    occasion: str = ""
    """What caused it, as the ladder names occasions: a step of people is opened once per occasion."""
    state: str = "open"
    version: int = 0
    urgent: bool = False
    opened_at: datetime = instant()
    due_at: datetime | None = instant(null=True)
    next_at: datetime | None = instant(null=True)
    """When somebody must be reminded or the claim lapses."""
    alerted: int = 0
    """How far the alerts have climbed."""
    assistant_id: int | None = ref("staff.id", null=True)
    claimed_by: int | None = ref("staff.id", null=True)
    claimed_until: datetime | None = instant(null=True)
    outcome: str = ""
    resolved_at: datetime | None = instant(null=True)
    detail: str = "{}"
    card_message_id: int | None = Field(default=None)


class CaseEvent(SQLModel, table=True):
    """One transition or note of a case."""

    __tablename__ = "case_event"
    id: int | None = key()
    case_id: int = ref("case.id")
    version: int
    kind: str
    """opened, joined, carded, claimed, lapsed, snoozed, noted, contacted, looked, alerted, resolved, handed_over."""
    staff_id: int | None = ref("staff.id", null=True)
    note: str = ""
    at: datetime = instant()


class Approval(SQLModel, table=True):
    """A request that only a role may grant; nobody approves their own."""

    __tablename__ = "approval"
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True)
    kind: str
    """waiver, plan, door_notice, lawyer_letter, broadcast, wording."""
    subject: str
    role: str
    detail: str = "{}"
    state: str = "open"
    """open, approved, refused."""
    asked_by: int | None = ref("staff.id", null=True)
    asked_at: datetime = instant()
    decided_by: int | None = ref("staff.id", null=True)
    decided_at: datetime | None = instant(null=True)
    why: str = ""


class DayOff(SQLModel, table=True):
    """A day a member of staff does not work."""

    __tablename__ = "day_off"
    id: int | None = key()
    staff_id: int = ref("staff.id")
    on: date


class ConsoleSession(SQLModel, table=True):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "console_session"
    token_hash: str = Field(primary_key=True)
    staff_id: int = ref("staff.id")
    csrf: str
    created_at: datetime = instant()
    expires_at: datetime = instant()
    pending: bool = False
    """Password right, one-time code still asked for."""


class ApiClient(SQLModel, table=True):
    """A system that may push charges, payments and contacts."""

    __tablename__ = "api_client"
    id: int | None = key()
    name: str = Field(unique=True)
    token_hash: str = Field(unique=True)
    community_id: int | None = ref("community.id", null=True)
    live: bool = False
    """It tells of payments the moment they come: while it is trusted, the book counts as of today."""
    created_at: datetime = instant()
    revoked_at: datetime | None = instant(null=True)

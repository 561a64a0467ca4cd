"""The outbox: every word that leaves, what became of it, and what providers told us."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.tables.columns import BIG, instant, key, ref


class Message(SQLModel, table=True):
    """One person, one text. ``queued → sending → accepted → delivered → read`` or an end with a reason."""

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "ix_message_claim", "channel", "priority", "not_before",
            postgresql_where=text("state = 'queued'"), sqlite_where=text("state = 'queued'"),
        ),
        Index(
            "ix_message_lane", "lane",
            postgresql_where=text("state = 'sending'"), sqlite_where=text("state = 'sending'"),
        ),
        Index("ix_message_lease", "lease_until", postgresql_where=text("state in ('sending', 'uncertain')"),
              sqlite_where=text("state in ('sending', 'uncertain')")),
        Index("ix_message_person", "person_id"),
    )  # fmt: skip
    id: int | None = key()
    community_id: int | None = ref("community.id", null=True, index=False)
    kind: str = "reminder"
    """reminder, reply, nudge, staff, code."""
    person_id: int | None = ref("person.id", null=True, index=False)
    contact_id: int | None = ref("contact.id", null=True, index=False)
    staff_id: int | None = ref("staff.id", null=True, index=False)
    group_id: int | None = ref("staff_group.id", null=True, index=False)
    inbound_id: int | None = ref("inbound.id", null=True, index=False)
    """What it answers; an unknown sender is reached by it alone."""
    channel: str
    step: str
    """A ladder step, or the name of a reply or card."""
    band: str = ""
    script_version_id: int | None = ref("script_version.id", null=True, index=False)
    locale: str = ""
    priority: int = 5
    """0 a reply to the owner's own words or a press, 3 a card, 5 a reminder."""
    state: str = "queued"
    reason: str = ""
    not_before: datetime = instant()
    retry_at: datetime | None = instant(null=True)
    """Real time before which the provider must not be asked again (its retry_after)."""
    lane: int = Field(default=0, sa_column=Column(BIG, nullable=False))
    """One recipient, one lane: at most one message of a lane is under way. contact*4, staff*4+1, group*4+2."""
    expires_at: datetime | None = instant(null=True)
    lease_until: datetime | None = instant(null=True)
    """Real time: leases do not follow the trade's clock."""
    fence: int = 0
    tries: int = 0
    text: str = ""
    """The final words, once worded (I8)."""
    basket: str = ""
    """JSON, frozen: charges, principal, late fee, as-of date (I8)."""
    slots: str = ""
    """JSON: further slots of a reply or card."""
    buttons: str = ""
    """JSON rows of [label, data, url]."""
    case_id: int | None = ref("case.id", null=True, index=False)
    edits_message_id: int | None = Field(default=None)
    thread: int | None = None
    picture: bytes | None = None
    created_at: datetime = instant()
    state_at: datetime = instant()


class MessageItem(SQLModel, table=True):
    """What a message says for one account. ``key`` is the natural key of I2, unique for ever."""

    __tablename__ = "message_item"
    id: int | None = key()
    message_id: int = ref("message.id")
    account_id: int | None = ref("account.id", null=True)
    person_id: int | None = Field(default=None)
    step: str
    occasion: str
    key: str = Field(unique=True)
    """account:step:occasion:person."""
    band: str = ""
    at: datetime = instant()
    """When it was planned, then when it was said."""


class Attempt(SQLModel, table=True):
    """One try at the provider, committed before the call; append-only but for its outcome."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_provider", "channel", "provider_id"), Index("ix_attempt_started", "started_at"))
    id: int | None = key()
    message_id: int = ref("message.id")
    our_id: str = Field(unique=True)
    fence: int
    contact_id: int | None = ref("contact.id", null=True, index=False)
    channel: str
    form: str = "text"
    """text, template, edit."""
    script_version_id: int | None = Field(default=None)
    text: str
    request: str = "{}"
    """JSON: template, fields, url; never an address."""
    started_at: datetime = instant()
    """Trade time of the commit before the call (I1)."""
    outcome: str = "in_flight"
    """in_flight, accepted, not_accepted, refused, unknown; then delivered, read, failed by receipts."""
    reason: str = ""
    provider_id: str | None = None
    finished_at: datetime | None = instant(null=True)
    looked_at: datetime | None = instant(null=True)
    crossed: bool = False
    """A payment was committed while the call was under way."""


class ProviderEvent(SQLModel, table=True):
    """A receipt, stored before it is applied; unique by provider and event key."""

    __tablename__ = "provider_event"
    __table_args__ = (UniqueConstraint("provider", "event_key"),
                      Index("ix_event_waiting", "id", postgresql_where=text("applied_at is null"),
                            sqlite_where=text("applied_at is null")))  # fmt: skip
    id: int | None = key()
    provider: str
    event_key: str
    state: str
    provider_id: str = ""
    our_id: str = ""
    reason: str = ""
    fault: str = ""
    received_at: datetime = instant()
    applied_at: datetime | None = instant(null=True)
    attempt_id: int | None = ref("attempt.id", null=True)


class ProviderToken(SQLModel, table=True):
    """One access token for all workers (WeChat, WeCom), sealed."""

    __tablename__ = "provider_token"
    provider: str = Field(primary_key=True)
    token_sealed: bytes | None = None
    expires_at: datetime | None = instant(null=True)
    locked_until: datetime | None = instant(null=True)


class ProviderBudget(SQLModel, table=True):
    """How fast all workers together may go, and until when a provider asked for silence. Real time."""

    __tablename__ = "provider_budget"
    provider: str = Field(primary_key=True)
    closed_until: datetime | None = instant(null=True)
    why: str = ""


class Worker(SQLModel, table=True):
    """A living process; budgets are shared by their number."""

    __tablename__ = "worker"
    name: str = Field(primary_key=True)
    seen_at: datetime = instant()
    """Real time."""
    version: str = ""


class TickRun(SQLModel, table=True):
    """Who did a scheduled task for which instant: the unique row decides."""

    __tablename__ = "tick_run"
    name: str = Field(primary_key=True)
    due: str = Field(primary_key=True)
    by: str
    at: datetime = instant()
    done_at: datetime | None = instant(null=True)

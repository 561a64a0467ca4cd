"""What owners said and promised, and what silences the ladder."""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.columns import BIG, fen, instant, key, ref


class Inbound(SQLModel, table=True):
    """Something heard, persisted before it is acknowledged, handled once."""

    __tablename__ = "inbound"
    __table_args__ = (UniqueConstraint("provider", "event_key"),)
    id: int | None = key()
    provider: str
    event_key: str
    sender_index: bytes
    sender_sealed: bytes
    contact_id: int | None = ref("contact.id", null=True)
    person_id: int | None = ref("person.id", null=True)
    account_id: int | None = ref("account.id", null=True)
    kind: str
    text: str = ""
    detail: str = "{}"
    """JSON: chat, thread, message, press id, file id."""
    intent: str = ""
    received_at: datetime = instant()
    handled_at: datetime | None = instant(null=True, index=True)
    tries: int = 0
    reason: str = ""


class Attachment(SQLModel, table=True):
    """A picture or file somebody sent, fetched from the provider and kept sealed; its words are its inbound's."""

    __tablename__ = "attachment"
    id: int | None = key()
    inbound_id: int = ref("inbound.id", unique=True, index=False)
    person_id: int | None = ref("person.id", null=True)
    account_id: int | None = ref("account.id", null=True)
    state: str = Field(default="waiting", index=True)
    """waiting, kept, refused, erased."""
    media_type: str = ""
    size: int = 0
    digest: bytes = b""
    """SHA-256 of the content."""
    content_sealed: bytes | None = None
    reason: str = ""
    """Why it was refused."""
    tries: int = 0
    at: datetime = instant()
    next_at: datetime = instant()
    """When it is fetched next; in its waiting state only."""


class Conversation(SQLModel, table=True):
    """One talk with one person over any channel, or with one sender not yet known."""

    __tablename__ = "conversation"
    id: int | None = key()
    who: str = Field(unique=True)
    """person:<id>, sender:<channel>:<index hex>, staff:<id>."""
    question: str = ""
    """What was asked and is still open, e.g. confirm_promise; empty: nothing."""
    question_no: int = 0
    """Goes up with each question; an answer is bound to it."""
    detail: str = "{}"
    expires_at: datetime | None = instant(null=True)
    lost: int = 0
    """Misunderstandings in a row."""
    last_reply: str = ""
    answers: str = "[]"
    """JSON list of Unix seconds of the automatic answers of the last hour."""
    wrong_codes: int = 0
    locked_until: datetime | None = instant(null=True)
    version: int = 0


class Promise(SQLModel, table=True):
    """An owner's word to pay an amount by a local date."""

    __tablename__ = "promise"
    id: int | None = key()
    account_id: int = ref("account.id")
    person_id: int | None = ref("person.id", null=True)
    amount_fen: int = fen()
    owed_fen: int = fen(default=0)
    """What was owed when it was made: whether a part promise is large enough to silence the ladder."""
    due_on: date
    state: str = "open"
    made_at: datetime = instant()
    judge_at: datetime = instant(index=True)
    """Earliest instant it may be judged: its local day and the settlement lag are over."""
    moved_from_id: int | None = ref("promise.id", null=True)
    plan_id: int | None = ref("plan.id", null=True)
    inbound_id: int | None = ref("inbound.id", null=True)
    channel: str = ""
    by_staff_id: int | None = ref("staff.id", null=True)


class PromiseOutcome(SQLModel, table=True):
    """How a promise ended, once."""

    __tablename__ = "promise_outcome"
    id: int | None = key()
    promise_id: int = ref("promise.id", unique=True, index=False)
    outcome: str
    paid_fen: int = fen(default=0)
    at: datetime = instant()
    detail: str = ""


class Plan(SQLModel, table=True):
    """An agreed series of promises for an owner in hardship."""

    __tablename__ = "plan"
    id: int | None = key()
    account_id: int = ref("account.id")
    state: str = "proposed"
    """proposed, approved, on_track, broken, done, cancelled, refused."""
    instalments: str = "[]"
    """JSON list of [ISO date, fen]."""
    made_at: datetime = instant()
    approved_by: str = ""
    confirmed_at: datetime | None = instant(null=True)


class Hold(SQLModel, table=True):
    """Silences the ladder for exactly what it covers, until exactly when it ends."""

    __tablename__ = "hold"
    id: int | None = key()
    scope: str
    """account, charge, person, community."""
    account_id: int | None = ref("account.id", null=True)
    charge_id: int | None = ref("charge.id", null=True)
    person_id: int | None = ref("person.id", null=True)
    community_id: int | None = ref("community.id", null=True)
    code: str = "ON_HOLD"
    """The reason code of I10 it gives: ON_HOLD, PAID_CLAIM, SUIT_FILED, DECEASED, UNIDENTIFIED_PAYMENT …"""
    reason: str
    until: date
    """Last local day it covers."""
    who: str
    at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
    source: str = ""


class Dispute(SQLModel, table=True):
    """The owner's reason for not paying that staff must answer first."""

    __tablename__ = "dispute"
    id: int | None = key()
    account_id: int = ref("account.id")
    charge_id: int | None = ref("charge.id", null=True)
    """None: it rests on the whole account."""
    reason: str
    state: str = "open"
    """open, upheld, answered, withdrawn."""
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(null=True)
    inbound_id: int | None = ref("inbound.id", null=True)


class HumanContact(SQLModel, table=True):
    """A call, a visit, a paper: what a person did, counted towards the bot's gaps and caps."""

    __tablename__ = "human_contact"
    id: int | None = key()
    account_id: int = ref("account.id")
    person_id: int | None = ref("person.id", null=True)
    way: str
    at: datetime = instant()
    staff_id: int | None = ref("staff.id", null=True)
    content: str = ""
    answer: str = ""
    next_step: str = ""
    proof: bytes | None = None
    proof_digest: bytes | None = None
    """SHA-256 of the proof, which the journal vouches for."""


class LegalFact(SQLModel, table=True):
    """A letter drafted or sent, a suit filed: with its document, or no text may say so (I7)."""

    __tablename__ = "legal_fact"
    __table_args__ = (UniqueConstraint("account_id", "kind", "ref"),)
    id: int | None = key()
    account_id: int = ref("account.id", index=False)
    kind: str
    ref: str
    on: date
    who: str
    at: datetime = instant()
    withdrawn_at: datetime | None = instant(null=True)


class Decision(SQLModel, table=True):
    """Why a message was or was not sent: the latest per account and step."""

    __tablename__ = "decision"
    account_id: int = Field(sa_column=Column(BIG, ForeignKey("account.id"), primary_key=True, autoincrement=False))
    step: str = Field(primary_key=True)
    verdict: str
    """send, wait, skip."""
    reasons: str
    """JSON list of [code, until or null, detail]."""
    until: datetime | None = instant(null=True)
    at: datetime = instant()

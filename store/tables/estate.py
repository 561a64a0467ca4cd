"""The estate: communities, units, people and how they are reached."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.columns import instant, key, ref


class Community(SQLModel, table=True):
    """One estate run by one service centre, with its own policy, timezone, wording and staff."""

    __tablename__ = "community"
    id: int | None = key()
    name: str = Field(unique=True)
    timezone: str = "Asia/Shanghai"
    locale: str = "zh-Hans"
    region: str = "mainland"
    """mainland or elsewhere: decides which channels may carry personal data (PIPL 38-39)."""
    service_phone: str = ""
    office_hours: str = ""
    contact_person: str = ""
    pay_ways: str = ""
    """The ways to pay, as they stand in every reminder; one per line, the nearest first."""
    profile: str = "{}"
    """JSON: names and ways to pay per locale, channel order."""
    policy: str = "{}"
    """JSON laid over scripts/ladder.yaml."""
    heading_map: str = "{}"
    """JSON: headings fixed by hand at import (--map), remembered."""
    released_at: datetime | None = instant(null=True)
    """When a person let the first list go; None: nothing real leaves (I15)."""
    released_by: str = ""
    look_at: datetime | None = instant(null=True)
    """When a fact of every community changed that its accounts were not yet looked at for."""
    created_at: datetime = instant()


class Unit(SQLModel, table=True):
    """One flat, shop, villa or parking space."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("community_id", "code"),)
    id: int | None = key()
    community_id: int = ref("community.id", index=False)
    code: str
    building: str = ""
    stair: str = ""
    room: str = ""
    segment: str = "resident"
    """resident, vacant, shop, villa, parking."""
    area_cm2: int = 0
    """Area in square centimetres (1 m² = 10 000), so that it stays an integer."""
    remark: str = ""


class Person(SQLModel, table=True):
    """Someone we may speak with, once, however many bindings."""

    __tablename__ = "person"
    id: int | None = key()
    community_id: int = ref("community.id")
    name: str = ""
    locale: str = ""
    offline: bool = False
    """Elderly or without a phone of their own: called by day, never written to by the bot."""
    erased_at: datetime | None = instant(null=True)


class Contact(SQLModel, table=True):
    """One address of one person on one channel. The address is encrypted; look-up is by blind index."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("person_id", "channel", "address_index"),
        Index("ix_contact_address", "channel", "address_index"),
    )
    id: int | None = key()
    person_id: int = ref("person.id")
    channel: str
    address_sealed: bytes
    address_index: bytes
    masked: str = ""
    """What may be shown, e.g. 138****5678."""
    trust: str = "ledger"
    """ledger: from the workbook, receives the ladder. proved: converses about amounts, gets formal wording (I9)."""
    proved_at: datetime | None = instant(null=True)
    proved_by: str = ""
    opted_out_at: datetime | None = instant(null=True)
    dead_reason: str | None = None
    dead_at: datetime | None = instant(null=True)
    unbound_at: datetime | None = instant(null=True)
    last_inbound_at: datetime | None = instant(null=True)
    window_opened_at: datetime | None = instant(null=True)
    """When the person last opened the provider's free-text window."""
    window_used: int = 0
    created_at: datetime = instant()


class Owner(SQLModel, table=True):
    """The person who owes. Never merged by name or phone alone."""

    __tablename__ = "owner"
    id: int | None = key()
    community_id: int = ref("community.id")
    person_id: int = ref("person.id")
    name: str
    external_ref: str = ""


class Account(SQLModel, table=True):
    """One unit's debt with its responsible owner: what a reminder is about. A sold unit gets a new account."""

    __tablename__ = "account"
    __table_args__ = (
        Index("ix_account_look", "next_look_at"),
        Index("ix_account_person", "person_id"),
    )
    id: int | None = key()
    community_id: int = ref("community.id")
    unit_id: int = ref("unit.id")
    owner_id: int = ref("owner.id")
    person_id: int = ref("person.id", index=False)
    """The one responsible person who hears the ladder until formal."""
    opened_on: date
    closed_on: date | None = None
    entered_on: date
    """Local date the account first came into our ledger; an old debt starts in warm from here (I3)."""
    bank_collection: bool = False
    assistant_id: int | None = ref("staff.id", null=True)
    next_look_at: datetime | None = instant(null=True)
    """When the ladder must look again; None: nothing to look for until a fact changes."""
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Rises with every fact that changes: what was decided of an earlier one sets no look."""


class AccountParty(SQLModel, table=True):
    """Who else belongs to an account: co-owners, tenants, a consenting child."""

    __tablename__ = "account_party"
    __table_args__ = (UniqueConstraint("account_id", "person_id"),)
    id: int | None = key()
    account_id: int = ref("account.id", index=False)
    person_id: int = ref("person.id")
    role: str
    """responsible, co_owner, tenant, stand_in."""
    may_see: bool = True
    """A tenant sees nothing unless the owner allows it."""
    since: datetime = instant()
    until: datetime | None = instant(null=True)
    consent: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where the owner's consent to a stand-in is kept: what they are told of the owner's debt rests on it (PIPL 23)."""


class BindCode(SQLModel, table=True):
    """A one-time code that binds a sender to an account; only its keyed hash is kept."""

    __tablename__ = "bind_code"
    id: int | None = key()
    code_index: bytes = Field(unique=True)
    account_id: int | None = ref("account.id", null=True)
    contact_id: int | None = ref("contact.id", null=True)
    staff_id: int | None = ref("staff.id", null=True)
    kind: str
    """bill: printed on the bill. sms: proves a phone. staff: links a member of staff."""
    expires_at: datetime = instant()
    used_at: datetime | None = instant(null=True)

"""The ledger: what is owed, what came in, and how fresh the book is."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.columns import fen, instant, key, ref


class Charge(SQLModel, table=True):
    """One fee of one kind for one period."""

    __tablename__ = "charge"
    __table_args__ = (UniqueConstraint("source", "external_ref"), Index("ix_charge_account", "account_id"))
    id: int | None = key()
    account_id: int = ref("account.id", index=False)
    kind: str
    """management, repair_fund, water, electricity, gas, parking, other."""
    period: str
    """As people say it: 2026Q3, 2026-07, 2026."""
    period_from: date
    period_to: date
    amount_fen: int = fen()
    open_fen: int = fen()
    """Principal still open, kept by the allocation in the same transaction."""
    due_on: date
    due_rule: str = "file"
    """file: told by the workbook; rule: from the community's rule."""
    round: int = 0
    """Goes up when a bounced payment re-opens it: a new round of reminders (I2)."""
    source: str
    external_ref: str
    entered_at: datetime = instant()
    cancelled_at: datetime | None = instant(null=True)
    previous_manager: bool = False
    months: str = ""
    """Unit price remark where known: area x rate x months."""


class Payment(SQLModel, table=True):
    """Money received, on its way, or given back."""

    __tablename__ = "payment"
    __table_args__ = (UniqueConstraint("source", "external_ref"),)
    id: int | None = key()
    community_id: int = ref("community.id")
    account_id: int | None = ref("account.id", null=True)
    likely_account_id: int | None = ref("account.id", null=True)
    """For a transfer nobody can place: the account it probably belongs to, which is held meanwhile."""
    amount_fen: int = fen()
    way: str = "transfer"
    """wechat_pay, alipay, transfer, cash, pos, bank_collection, other."""
    state: str = "received"
    """received, in_flight (bank collection sent), unidentified, reversed."""
    paid_on: date
    named_charge_id: int | None = ref("charge.id", null=True)
    payer: str = ""
    source: str
    external_ref: str
    entered_at: datetime = instant()
    reversed_at: datetime | None = instant(null=True)
    settles_on: date | None = None
    """For money in flight: the day its return file is due."""


class Allocation(SQLModel, table=True):
    """Which part of a payment closed which part of a charge (Civil Code 560-561)."""

    __tablename__ = "allocation"
    id: int | None = key()
    payment_id: int = ref("payment.id")
    charge_id: int = ref("charge.id")
    part: str = "principal"
    """principal or late_fee."""
    amount_fen: int = fen()
    at: datetime = instant()


class Waiver(SQLModel, table=True):
    """What the manager gave up, by whom and why."""

    __tablename__ = "waiver"
    id: int | None = key()
    account_id: int = ref("account.id")
    charge_id: int | None = ref("charge.id", null=True)
    part: str = "late_fee"
    amount_fen: int = fen()
    why: str
    who: str
    at: datetime = instant()


class LateFeeRate(SQLModel, table=True):
    """The contract's late-fee clause from a date on; none: no late fee."""

    __tablename__ = "late_fee_rate"
    __table_args__ = (UniqueConstraint("community_id", "effective_from"),)
    id: int | None = key()
    community_id: int = ref("community.id", index=False)
    effective_from: date
    daily_ppm: int
    """Parts per million a day: 1 per mille = 1000."""
    grace_days: int = 15
    cap_percent: int = 100
    clause: str
    who: str
    at: datetime = instant()


class LedgerWatermark(SQLModel, table=True):
    """Up to which local day a source's payments are in the book."""

    __tablename__ = "ledger_watermark"
    __table_args__ = (UniqueConstraint("community_id", "source"),)
    id: int | None = key()
    community_id: int = ref("community.id", index=False)
    source: str
    as_of: date
    at: datetime = instant()


class ImportRun(SQLModel, table=True):
    """One import of one or more files, with what it did, so that the last one can be undone."""

    __tablename__ = "import_run"
    id: int | None = key()
    community_id: int = ref("community.id")
    names: str
    digest: str
    counts: str = "{}"
    who: str = ""
    at: datetime = instant()
    undone_at: datetime | None = instant(null=True)


class ImportChange(SQLModel, table=True):
    """What a row was before an import touched it; None: the import made it."""

    __tablename__ = "import_change"
    id: int | None = key()
    run_id: int = ref("import_run.id")
    table_name: str
    row_id: int
    before: str | None = None


class Silence(SQLModel, table=True):
    """A brake: the whole house, a community or a step paused until a day (I15)."""

    __tablename__ = "pause"
    id: int | None = key()
    scope: str = Field(index=True)
    """all, community:<id>, step:<community id>:<step>."""
    until: date
    why: str
    who: str
    at: datetime = instant()
    ended_at: datetime | None = instant(null=True)

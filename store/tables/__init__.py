"""Every table, one file per part of the story."""

from sqlmodel import SQLModel

from store.tables.estate import Account, AccountParty, BindCode, Community, Contact, Owner, Person, Unit
from store.tables.journal import JournalCheckpoint, JournalEntry, JournalSeal
from store.tables.ledger import (
    Allocation,
    Charge,
    ImportChange,
    ImportRun,
    LateFeeRate,
    LedgerWatermark,
    Payment,
    Silence,
    Waiver,
)
from store.tables.outbox import (
    Attempt,
    Message,
    MessageItem,
    ProviderBudget,
    ProviderEvent,
    ProviderToken,
    TickRun,
    Worker,
)
from store.tables.staff import (
    ApiClient,
    Approval,
    Case,
    CaseEvent,
    ConsoleSession,
    DayOff,
    Responsibility,
    Staff,
    StaffContact,
    StaffGroup,
)
from store.tables.talk import (
    Attachment,
    Conversation,
    Decision,
    Dispute,
    Hold,
    HumanContact,
    Inbound,
    LegalFact,
    Plan,
    Promise,
    PromiseOutcome,
)
from store.tables.words import ScriptDraft, ScriptPublished, ScriptVersion, ShippedDefault

metadata = SQLModel.metadata

__all__ = [
    "Account", "AccountParty", "Allocation", "ApiClient", "Approval", "Attachment", "Attempt", "BindCode", "Case",
    "CaseEvent", "Charge", "Community", "ConsoleSession", "Contact", "Conversation", "DayOff", "Decision", "Dispute",
    "Hold", "HumanContact", "ImportChange", "ImportRun", "Inbound", "JournalCheckpoint", "JournalEntry", "JournalSeal",
    "LateFeeRate", "LedgerWatermark", "LegalFact", "Message", "MessageItem", "Owner", "Payment", "Person", "Plan",
    "Promise", "PromiseOutcome", "ProviderBudget", "ProviderEvent", "ProviderToken", "Responsibility", "ScriptDraft",
    "ScriptPublished", "ScriptVersion", "ShippedDefault", "Silence", "Staff", "StaffContact", "StaffGroup", "TickRun",
    "Unit", "Waiver", "Worker", "metadata",
]  # fmt: skip

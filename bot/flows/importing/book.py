"""All files of one import, read: what they say of units, charges, payments and holds, and what is wrong in them."""

from dataclasses import dataclass, field
from datetime import date

from bot.flows.importing.billing import Billing
from bot.flows.importing.report import Problem, Says
from bot.flows.importing.rows import ChargeRow, HoldRow, PaymentRow, UnitRow


@dataclass(slots=True)
class Profile:
    """What a profile sheet says of the community; only what it says is here."""

    values: dict[str, str] = field(default_factory=dict)
    as_of: date | None = None


@dataclass(slots=True)
class Book:
    """All files of one import, read."""

    units: dict[str, UnitRow] = field(default_factory=dict)
    charges: list[ChargeRow] = field(default_factory=list)
    """Those that say more than unit, fee and amount; the plain ones of a long list stand in ``billing``."""
    billing: Billing = field(default_factory=Billing)
    payments: list[PaymentRow] = field(default_factory=list)
    holds: list[HoldRow] = field(default_factory=list)
    held_told: set[str] = field(default_factory=set)
    """Units whose remark was told by a list of units: a hold that is no longer there ends."""
    profile: Profile = field(default_factory=Profile)
    errors: list[Problem] = field(default_factory=list)
    unit_headings: dict[str, str] = field(default_factory=dict)
    """Sheet → heading of its unit column, to name a problem found later."""
    bad_units: set[str] = field(default_factory=set)
    """Units whose own row is bad: what hangs on them is left out without another problem."""
    left_out: list[tuple[str, int]] = field(default_factory=list)
    """(sheet, row) of good rows left out because of a bad one."""
    as_of: date | None = None
    """Told by a title: 截至2026年9月30日."""
    owner_headings: dict[str, str] = field(default_factory=dict)
    refs: dict[tuple[str, str], tuple[object, str, int]] = field(default_factory=dict)
    """(charge or payment, reference) → what it said, and where."""
    warnings: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """How often a thing worth a warning was seen."""

    def seen(self, what: str, times: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + times

    def owing(self) -> set[str]:
        """Keys of the units the files tell charges of."""
        return {row.unit for row in self.charges} | self.billing.owing

    def says(self, accounts: int, owners: int) -> Says:
        """The contract's counts of what the files say, of the rows that could be read."""
        paid = [row for row in self.charges if row.told_paid]
        return Says(
            accounts=accounts,
            owners=owners,
            charges=len(self.charges) + self.billing.count,
            charged_fen=sum(row.amount_fen for row in self.charges) + self.billing.fen,
            payments=sum(1 for row in self.payments if not row.bounced) + len(paid),
            paid_fen=sum(-row.amount_fen if row.bounced else row.amount_fen for row in self.payments)
            + sum(row.told_paid or 0 for row in paid),
        )

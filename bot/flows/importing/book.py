"""All files of one import, read: what they say of units, charges, payments and holds, and what is wrong in them."""

from dataclasses import dataclass, field
from datetime import date

from bot.flows.importing.billing import Billing
from bot.flows.importing.report import Problem, Says
from bot.flows.importing.rows import ChargeRow, HoldRow, PaymentRow, UnitRow
from bot.flows.importing.sentences import Place, Sentence, places, sentence


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
    warnings: list[Sentence] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """Code of a thing worth a note (or the whole Sentence) → how often it was seen."""
    found_at: dict[str, list[Place]] = field(default_factory=dict)
    """Code of a thing worth a note → where it was seen."""

    def seen(self, what: str, times: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + times

    def seen_at(self, what: str, where: Place) -> None:
        self.found_at.setdefault(what, []).append(where)

    def notes(self) -> list[Sentence]:
        """Every note: those of their own, those that name places, and those that only count."""
        named = [sentence(what, where=places(found)) for what, found in self.found_at.items()]
        return [*self.warnings, *named, *(_counted(what, times) for what, times in self.counts.items())]

    @property
    def chinese(self) -> bool:
        """Whether the headings are Chinese."""
        return any("\u4e00" <= mark <= "\u9fff" for heading in self.unit_headings.values() for mark in heading)

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


def _counted(what: str, times: int) -> Sentence:
    said = what if isinstance(what, Sentence) else sentence(what)
    return said if times == 1 else sentence("times", what=said, times=times)

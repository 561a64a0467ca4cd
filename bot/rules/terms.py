"""The parts of a policy: bands, steps, hours, caps, limits. Read by ``bot.rules.policy``, never changed afterwards.

Days count from the due date, money is integer fen, minutes count from local midnight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

BOT = "bot"
PERSON = "person"

DAY_KINDS = ("workday", "rest", "holiday", "new_year", "qingming")
"""How a local day counts; see ``bot.rules.calendar``."""

Hours = tuple[tuple[int, int], ...]
"""Half-open spans of local minutes, in order."""

WAYS = ("cash", "pos", "wechat_pay", "alipay", "transfer", "bank_collection", "other", "paid_claim", "paid_slip")
FACTS = ("letter_drafted", "letter_sent", "lawyer_letter_drafted", "lawyer_letter_sent", "suit_prepared", "suit_filed")


@dataclass(frozen=True, slots=True)
class Band:
    """One tone of the ladder. ``formal``: phones staffed, proved contacts only, every co-owner hears it (I9)."""

    id: str
    index: int
    from_day: int
    stale_working_days: int
    per_hour: int
    formal: bool


class After(NamedTuple):
    """A step that may only follow another by more than so many days; ``delivered``: counted from its delivery."""

    step: str
    days: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder, or a thing said beside it (``order`` is -1 then)."""

    id: str
    band: str
    band_index: int
    order: int
    day: int
    by: str
    channels: tuple[str, ...]
    requires: frozenset[str]
    after: After | None
    beside: str
    script: str
    formal: bool


@dataclass(frozen=True, slots=True)
class Windows:
    """Hours per kind of day. A segment's replace the ordinary ones; a channel's and the formal ones narrow them."""

    ordinary: Mapping[str, Hours]
    formal: Mapping[str, Hours]
    formal_from_lunar_day: int
    by_segment: Mapping[str, Mapping[str, Hours]]
    by_channel: Mapping[str, Mapping[str, Hours]]


@dataclass(frozen=True, slots=True)
class Demand:
    """The formal demand and the days its period gives the owner (Civil Code art. 944)."""

    step: str
    period_days: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """Least distance in local days between two steps, two bands, around formal, and after the band before."""

    steps: int
    bands: int
    formal: int
    before: int


@dataclass(frozen=True, slots=True)
class LateFeePolicy:
    """The contract's late fee; rates in parts per million a day, ``lpr_bp`` in hundredths of a per cent a year."""

    enabled: bool
    daily_ppm: int
    grace_days: int
    cap_percent: int
    warn_above_ppm: int
    lpr_bp: int
    never_on: frozenset[str]


@dataclass(frozen=True, slots=True)
class PromiseLimits:
    """How far a promise may reach and how large its part must be; ``nudge_days`` relative to the promised day."""

    max_days: int
    max_days_formal: int
    moves: int
    min_part_percent: int
    nudge_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CaseTimes:
    """When a case nobody took goes to the next person, in working minutes; ``supervisor_at`` in local minutes."""

    assistant_minutes: int
    next_minutes: int
    supervisor_at: int
    claim_days: int
    urgent_assistant_minutes: int
    urgent_supervisor_minutes: int


@dataclass(frozen=True, slots=True)
class DisputeDays:
    """Days in which staff answer a dispute."""

    first_contact_days: int
    answer_days: int
    supervisor_days: int


class Threshold(NamedTuple):
    """From which principal (fen) or age (days) a lawyer's letter is proposed to people."""

    letter_from_fen: int
    letter_from_days: int


@dataclass(frozen=True, slots=True)
class DueDates:
    """The due date of a charge without one; ``contract_day`` 31 means the month's last day."""

    contract_day: int
    metered: frozenset[str]
    after_posting_days: int


@dataclass(frozen=True)
class Policy:
    """A community's rules as data. Compare with ``==``; ``text`` is the YAML it was read from, overrides laid in."""

    bands: tuple[Band, ...]
    steps: tuple[Step, ...]
    occasions: Mapping[str, Step]
    demand: Demand
    statement_every_days: int
    windows: Windows
    cap_per_day: int
    cap_per_week: int
    gaps: Gaps
    tolerance_fen: int
    tolerance_formal_fen: int
    late_fee: LateFeePolicy
    promise: PromiseLimits
    settlement_lag: Mapping[str, int]
    disputes: DisputeDays
    cases: CaseTimes
    segments: Mapping[str, Threshold]
    due_dates: DueDates
    approvals: Mapping[str, str]
    text: str = field(default="", compare=False, repr=False)

    def dump(self) -> str:
        """The whole policy as YAML; ``load_policy`` of it gives an equal policy."""
        return self.text

    @cached_property
    def step(self) -> dict[str, Step]:
        """Every step and occasion by its name."""
        return {step.id: step for step in (*self.steps, *self.occasions.values())}

    @cached_property
    def band(self) -> dict[str, Band]:
        """Every band by its name."""
        return {band.id: band for band in self.bands}

    @cached_property
    def bot_steps(self) -> tuple[tuple[Step, ...], ...]:
        """The bot's steps of each band, latest first."""
        mine = [step for step in reversed(self.steps) if step.by == BOT]
        return tuple(tuple(step for step in mine if step.band_index == band.index) for band in self.bands)

    @cached_property
    def bot_in_order(self) -> tuple[Step, ...]:
        """The bot's steps, gentlest first."""
        return tuple(step for step in self.steps if step.by == BOT)

    @cached_property
    def person_steps(self) -> tuple[tuple[Step, ...], ...]:
        """People's steps of each band, in order."""
        theirs = [step for step in self.steps if step.by == PERSON]
        return tuple(tuple(step for step in theirs if step.band_index == band.index) for band in self.bands)

    @cached_property
    def step_days(self) -> tuple[int, ...]:
        """The days on which some step begins, ascending."""
        return tuple(sorted({step.day for step in self.steps}))

    @cached_property
    def formal_index(self) -> int:
        """Index of the first formal band."""
        return next((band.index for band in self.bands if band.formal), len(self.bands))

    @cached_property
    def arrears_index(self) -> int:
        """Index of the first band after the due date."""
        return next((band.index for band in self.bands if band.from_day > 0), 0)

"""One step held against everything that may stop it: silences, book, wording, consent, gaps, caps, pause, window."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.rules.beside import said_to
from bot.rules.debt import Debt
from bot.rules.decision import Code, Pick, Reason
from bot.rules.facts import AccountFacts, Climate, Listener
from bot.rules.moment import Moment
from bot.rules.reach import CO_OWNER, audience, blocked, choose
from bot.rules.silences import stale
from bot.rules.spacing import account_gap, person_spacing
from bot.rules.terms import Step
from bot.rules.trail import Trail


@dataclass(slots=True)
class Trial:
    """``reasons`` empty: it goes out to ``picks``; else every blocker, the decisive one first."""

    step: Step
    occasion: str
    reasons: list[Reason]
    picks: list[Pick] = field(default_factory=list)
    left_out: list[Reason] = field(default_factory=list)
    unreached: Code | None = None
    """Why the responsible person has no contact for it."""


def try_step(
    step: Step, occasion: str, facts: AccountFacts, debt: Debt, trail: Trail, quiet: Sequence[Reason],
    climate: Climate, moment: Moment,
) -> Trial:  # fmt: skip
    """Holds a step against every blocker, in the order of their weight."""
    reasons = list(quiet)
    if step.formal:
        reasons += formal_blockers(step, facts, debt, moment)
    old = stale(facts, step.band_index, moment)
    if old is not None:
        reasons.append(old)
    if step.script not in climate.scripts:
        reasons.append(Reason(Code.SCRIPT_MISSING, detail={"step": step.id}))
    trial = Trial(step, occasion, reasons)
    _address(trial, facts, trail, climate, moment)
    return trial


def formal_blockers(step: Step, facts: AccountFacts, debt: Debt, moment: Moment) -> list[Reason]:
    """What holds a formal or legal step alone: too small a debt; for legal steps any open dispute of the account."""
    found = []
    least = moment.policy.tolerance_formal_fen
    if debt.owed_fen < least:
        detail = {"step": step.id, "owed_fen": str(debt.owed_fen), "least_fen": str(least)}
        found.append(Reason(Code.BELOW_TOLERANCE, detail=detail))
    if step.band_index > moment.policy.formal_index and any(charge.disputed for charge in facts.charges):
        found.append(Reason(Code.DISPUTED, detail={"step": step.id}))
    return found


def _address(trial: Trial, facts: AccountFacts, trail: Trail, climate: Climate, moment: Moment) -> None:
    """Chooses a contact per listener; if nobody can hear it now, the first listener's blockers count."""
    step, first = trial.step, None
    heard = said_to(facts, step.id, trial.occasion) if step.formal else frozenset()
    gap = None if step.id == trail.step else account_gap(facts, step, trail, moment)
    brakes = pauses(step, climate, moment)
    for listener in audience(facts, step, trial.occasion):
        if listener.person_id in heard:
            continue
        chosen = blocked(listener, moment) or choose(listener, step, climate)
        mine = _person_blockers(step, listener, chosen, facts.segment, gap, brakes, moment)
        if isinstance(chosen, Pick) and not mine:
            trial.picks.append(chosen)
            continue
        trial.left_out += [_of(listener, reason) for reason in mine[:1]]
        if isinstance(chosen, Reason) and listener.role != CO_OWNER:
            trial.unreached = chosen.code
        first = first or mine
    if not trial.picks:
        _nobody(trial, first)


def _nobody(trial: Trial, first: list[Reason] | None) -> None:
    if first is None:
        trial.unreached, first = Code.NO_CONTACT, [Reason(Code.NO_CONTACT)]
    trial.reasons += first
    trial.left_out.clear()


def _person_blockers(
    step: Step, listener: Listener, chosen: Pick | Reason, segment: str, gap: Reason | None,
    brakes: list[Reason], moment: Moment,
) -> list[Reason]:  # fmt: skip
    """Every blocker of one listener in order: consent, the later gap, caps, pause, window."""
    found = [chosen] if isinstance(chosen, Reason) else []
    spacing = person_spacing(listener.heard, step, moment) if listener.heard else []
    if gap is not None or spacing:
        gaps = [reason for reason in (gap, *spacing) if reason is not None and reason.code is Code.MIN_GAP]
        found += sorted(gaps, key=_until, reverse=True)[:1]
        found += [reason for reason in spacing if reason.code is not Code.MIN_GAP]
    found += brakes
    closed = window(step, chosen.channel if isinstance(chosen, Pick) else "", segment, moment)
    if closed is not None:
        found.append(closed)
    return found


def _until(reason: Reason) -> float:
    return reason.until.timestamp() if reason.until is not None else float("inf")


def _of(listener: Listener, reason: Reason) -> Reason:
    return Reason(reason.code, reason.until, {**reason.detail, "person": str(listener.person_id)})


def pauses(step: Step, climate: Climate, moment: Moment) -> list[Reason]:
    """The brakes a person put on the community or the step (I15)."""
    found: list[Reason] = []
    if climate.paused_until is not None and climate.paused_until >= moment.today:
        found.append(Reason(Code.PAUSED, moment.ends(climate.paused_until), {"why": climate.paused_why}))
    until = climate.paused_steps.get(step.id) if climate.paused_steps else None
    if until is not None and until >= moment.today:
        found.append(Reason(Code.PAUSED, moment.ends(until), {"step": step.id}))
    return found


def window(step: Step, channel: str, segment: str, moment: Moment) -> Reason | None:
    """Whether the hours are closed for this step, channel and segment, and until which instant (I4)."""
    opens: datetime | None = moment.opening(step.formal, channel, segment)
    return None if opens is moment.now else Reason(Code.QUIET_HOURS, opens)

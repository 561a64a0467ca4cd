"""The heart: what to say about one account now, or why not, and when to look again (I3, I5, I9, I10).

Order: paid · not due · below tolerance · what may be chased · which step · silences · stale book · wording · consent ·
gaps and caps · pause · window. Every blocker is told, the decisive one first; an unknown state never sends.
That a community is not released stops nothing here, so that its first list can be seen; the last look stops it.
"""

from bot.rules.beside import next_statement, statement_of
from bot.rules.debt import Debt, debt_of
from bot.rules.decision import Code, HandOver, Reason, Send, Skip, Verdict, Wait
from bot.rules.errand import errand_of
from bot.rules.facts import AccountFacts, Climate
from bot.rules.looks import LASTING, look_after_blockers, look_after_word, opening_or
from bot.rules.moment import Moment
from bot.rules.people import due_to_people, instead_of
from bot.rules.rungs import SUIT_FILED, lacking, next_begin
from bot.rules.silences import silences
from bot.rules.spacing import NUDGES
from bot.rules.terms import Step
from bot.rules.trail import Trail, trail_of
from bot.rules.trial import Trial, try_step


def decide(facts: AccountFacts, climate: Climate, moment: Moment) -> Verdict:
    """What the ladder says of one account at one moment."""
    debt = debt_of(facts, moment)
    if isinstance(debt, Reason):
        return _nothing_owed(debt, facts, moment)
    trail = trail_of(facts, debt, moment)
    if trail.strange:
        return Verdict(Skip((Reason(Code.UNKNOWN, detail={"step": trail.strange}),)))
    quiet = silences(facts, moment)
    errand = errand_of(facts, debt, trail, quiet, climate, moment)
    if errand is None:
        return _rest(facts, debt, trail, quiet, moment)
    covering = () if errand[0].id in NUDGES else quiet
    trial = try_step(errand[0], errand[1], facts, debt, trail, covering, climate, moment)
    if trial.reasons and trial.reasons[0].code in LASTING:
        trial = _statement_instead(trial, facts, debt, trail, climate, moment)
    overs = () if quiet else _hand_overs(trial, facts, debt, trail, moment)
    if trial.reasons:
        return _held_up(trial.step.id, trial.reasons, overs, facts, debt, trail, moment)
    return _send(trial, overs, debt, moment)


def _send(trial: Trial, overs: tuple[HandOver, ...], debt: Debt, moment: Moment) -> Verdict:
    step = trial.step
    send = Send(step.id, step.band, trial.occasion, tuple(trial.picks), moment.now, tuple(trial.left_out))
    return Verdict(send, overs, look_after_word(step.band_index, step.order >= 0, trial.left_out, debt, moment))


def _nothing_owed(reason: Reason, facts: AccountFacts, moment: Moment) -> Verdict:
    """Paid, not due, below tolerance or wholly covered."""
    if reason.until is None:
        return Verdict(Skip((reason,)))
    return Verdict(Wait(reason.until, (reason,)), (), opening_or(reason.until, facts.segment, moment))


def _statement_instead(
    trial: Trial, facts: AccountFacts, debt: Debt, trail: Trail, climate: Climate, moment: Moment
) -> Trial:
    """The monthly statement while a formal step is kept back for long; that step's reason stays beside it."""
    errand = statement_of(facts, debt, trail, moment)
    if errand is None:
        return trial
    other = try_step(errand[0], errand[1], facts, debt, trail, (), climate, moment)
    if other.reasons:
        return trial
    other.left_out.append(Reason(trial.reasons[0].code, None, {**trial.reasons[0].detail, "step": trial.step.id}))
    other.unreached = trial.unreached
    return other


def _hand_overs(trial: Trial, facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> tuple[HandOver, ...]:
    """What goes to people beside this decision, unless the book is stale."""
    if any(reason.code is Code.STALE_LEDGER for reason in trial.reasons):
        return ()
    found = due_to_people(facts, debt, trail, moment, None if trial.reasons else trial.step)
    if trial.unreached is not None:
        found += instead_of(trial.unreached, _kept_back(trial, moment), facts, debt, moment)
    return tuple({over.step: over for over in found}.values())


def _kept_back(trial: Trial, moment: Moment) -> Step:
    """The step people stand in for: the formal one if the statement goes out in its place."""
    kept = trial.left_out[-1].detail.get("step", "") if trial.left_out else ""
    return moment.policy.step.get(kept, trial.step)


def _held_up(
    step: str, reasons: list[Reason], overs: tuple[HandOver, ...], facts: AccountFacts, debt: Debt, trail: Trail,
    moment: Moment,
) -> Verdict:  # fmt: skip
    """Wait until the decisive blocker ends, or skip until a fact changes."""
    look = look_after_blockers(reasons, facts, debt, trail, moment)
    until = reasons[0].until
    if until is None:
        return Verdict(Skip(tuple(reasons), look, step), overs, look)
    return Verdict(Wait(until, tuple(reasons), step), overs, look)


def _rest(facts: AccountFacts, debt: Debt, trail: Trail, quiet: list[Reason], moment: Moment) -> Verdict:
    """Nothing is due: until the next step's day, until a fact, or until the month's statement."""
    if SUIT_FILED in facts.facts:
        return _held_up("", [*quiet, Reason(Code.SUIT_FILED)], (), facts, debt, trail, moment)
    overs = () if quiet else tuple(due_to_people(facts, debt, trail, moment, None))
    begin = next_begin(facts, debt, trail, moment)
    if begin is None:
        reasons = quiet + _at_rest(facts, debt, trail, moment)
        return _held_up("", reasons, overs, facts, debt, trail, moment)
    day, step = begin
    detail = {"step": trail.step, "next": step.id, "on": day.isoformat()}
    code = Code.ALREADY_SAID if trail.step else Code.NOT_DUE
    return _held_up(step.id, [*quiet, Reason(code, moment.begins(day), detail)], overs, facts, debt, trail, moment)


def _at_rest(facts: AccountFacts, debt: Debt, trail: Trail, moment: Moment) -> list[Reason]:
    """The ladder has no step of its own ahead: when the next statement comes, and what the next step lacks."""
    day = next_statement(facts, trail, moment)
    reasons = [Reason(Code.ALREADY_SAID, moment.begins(day), {"step": trail.step, "next": "statement"})]
    step = lacking(facts, trail, moment)
    if step is not None and debt.days > 0:
        needs = ", ".join(sorted(step.requires - facts.facts)) or "demand_delivered"
        reasons.append(Reason(Code.NEEDS_FACT, detail={"step": step.id, "fact": needs}))
    return reasons

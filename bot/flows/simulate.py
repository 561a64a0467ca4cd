"""A change of the ladder tried on the real ledger before it is saved: who is told what, day by day, then and now.

Nobody pays or answers in between and the ledger stays fresh: what is compared is the ladder alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from bot.flows.climate import Weather, weather
from bot.flows.facts import Known, read
from bot.flows.house import House, Town
from bot.flows.progress import Progress
from bot.rules.decision import Send, Verdict
from bot.rules.facts import Climate, Said
from bot.rules.ladder import decide
from bot.rules.moment import Moment, moment
from bot.rules.policy import Policy, load_policy
from bot.rules.terms import DAY_KINDS, Hours, Windows
from bot.rules.windows import common
from store import wordings as shelf

PEOPLE = 100
"""People lived through at a stretch: the house goes on answering in between."""
MOVED_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """An account that tomorrow hears another step, or begins or ceases to hear one."""

    account_id: int
    code: str
    before: str
    after: str


@dataclass(slots=True)
class Simulation:
    """Messages per local day before and after the change, and what moves tomorrow."""

    days: list[date]
    before: list[int]
    after: list[int]
    accounts: int = 0
    moved: list[Moved] = field(default_factory=list)
    moved_count: int = 0
    emptied: list[tuple[str, str, str, bool]] = field(default_factory=list)
    """Windows that become empty: kind of day, segment, channel, formal."""
    steps_before: dict[str, int] = field(default_factory=dict)
    steps_after: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    """One ladder lived through: its moments by instant, its counts."""

    policy: Policy
    town: Town
    climate: Climate
    counts: list[int]
    first: dict[int, str] = field(default_factory=dict)
    """Account → the step it hears tomorrow."""
    moments: dict[datetime, Moment] = field(default_factory=dict)
    openings: list[datetime | None] = field(default_factory=list)

    def at(self, instant: datetime) -> Moment:
        if instant not in self.moments:
            self.moments[instant] = moment(self.policy, self.town.calendar, self.town.zone, instant)
        return self.moments[instant]


async def simulate(
    house: House, town: Town, overrides: str, now: datetime, days: int = 30, progress: Progress | None = None
) -> Simulation:
    """Lives the next days through with the present ladder and with the new one. Raises BadPolicy, Cancelled."""
    after = load_policy(house.ladder_text, overrides)
    watch = progress or Progress()
    async with house.store.read() as conn:
        around = await weather(house, conn, now)
        watch.total = await shelf.count_accounts(conn, town.id)
    coming = [town.today(now) + timedelta(days=n) for n in range(1, days + 1)]
    runs = [_begin(policy, town, around, coming) for policy in (town.policy, after)]
    told = Simulation(coming, runs[0].counts, runs[1].counts, emptied=emptied(town.policy.windows, after.windows))
    last = 0
    while True:
        async with house.store.read() as conn:
            people = await shelf.people_after(conn, town.id, last, PEOPLE)
            if not people:
                break
            chosen = shelf.accounts_of_people(town.id, people[0], people[-1])
            known = await read(conn, chosen, around.towns, around.watermarks, now)
        _live(known, runs, coming, told)
        last = people[-1]
        await watch.step(len(known))
    _count_steps(told, runs)
    return told


def _begin(policy: Policy, town: Town, around: Weather, coming: Sequence[date]) -> _Run:
    run = _Run(policy, town, replace(around.climates[town.id], released=True), [0] * len(coming))
    for day in coming:
        here = moment(policy, town.calendar, town.zone, moment_of(town, day))
        opens = here.opening_after(here.now, False, "", "")
        run.openings.append(opens if opens is not None and town.today(opens) == day else None)
    return run


def moment_of(town: Town, day: date) -> datetime:
    """The instant a local date begins."""
    return datetime.combine(day, datetime.min.time(), town.zone)


def _live(known: Sequence[Known], runs: Sequence[_Run], coming: Sequence[date], told: Simulation) -> None:
    told.accounts += len(known)
    for _person, accounts in groupby(known, key=lambda k: k.facts.person_id):
        theirs = [k for k in accounts if k.facts.charges]
        for run in runs:
            kept = [_kept(k) for k in theirs]
            _person_days(theirs, run, coming)
            for one, was in zip(theirs, kept, strict=True):
                _restore(one, was)
        for one in theirs:
            _compare(one, runs, told)


def _kept(known: Known) -> tuple[object, ...]:
    facts = known.facts
    heard = tuple(listener.heard for listener in facts.listeners)
    return facts.said, heard, facts.watermark, facts.pending, facts.demand_delivered_on


def _restore(known: Known, kept: tuple[object, ...]) -> None:
    facts = known.facts
    facts.said, heard, facts.watermark, facts.pending, facts.demand_delivered_on = kept  # type: ignore[assignment]
    for listener, was in zip(facts.listeners, heard, strict=True):  # type: ignore[call-overload]
        listener.heard = was


def _person_days(theirs: Sequence[Known], run: _Run, coming: Sequence[date]) -> None:
    looks: dict[int, datetime | None] = {k.facts.account_id: moment_of(run.town, coming[0]) for k in theirs}
    for number, opens in enumerate(run.openings):
        if opens is None:
            continue
        ends = moment_of(run.town, coming[number] + timedelta(days=1))
        spoken = False
        for one in theirs:
            look = looks[one.facts.account_id]
            if look is None or look >= ends:
                continue
            verdict = _look(one, run, max(look, opens), coming[number])
            looks[one.facts.account_id] = verdict.next_look
            if isinstance(verdict.main, Send):
                spoken = True
                if number == 0:
                    run.first[one.facts.account_id] = verdict.main.step
                _hear(one, theirs, verdict.main, max(look, opens), run)
        run.counts[number] += spoken


def _look(one: Known, run: _Run, at: datetime, day: date) -> Verdict:
    one.facts.watermark = day
    verdict = decide(one.facts, run.climate, run.at(at))
    if verdict.hand_overs:
        one.facts.pending |= {f"{over.step}:{over.occasion}" for over in verdict.hand_overs}
    return verdict


def _hear(one: Known, theirs: Sequence[Known], send: Send, at: datetime, run: _Run) -> None:
    """What was said is on the record of the account, and heard by its people, whichever account it was about."""
    facts = one.facts
    facts.said += tuple(Said(send.step, send.band, send.occasion, pick.person_id, at) for pick in send.picks)
    if send.step == run.policy.demand.step:
        facts.demand_delivered_on = run.town.today(at)
    people = {pick.person_id for pick in send.picks}
    for known in theirs:
        for listener in known.facts.listeners:
            if listener.person_id in people:
                listener.heard += (at,)


def _compare(one: Known, runs: Sequence[_Run], told: Simulation) -> None:
    before, after = (run.first.get(one.facts.account_id, "") for run in runs)
    if before != after:
        told.moved_count += 1
        if len(told.moved) < MOVED_SHOWN:
            told.moved.append(Moved(one.facts.account_id, one.facts.code, before, after))


def _count_steps(told: Simulation, runs: Sequence[_Run]) -> None:
    for run, counts in zip(runs, (told.steps_before, told.steps_after), strict=True):
        for step in run.first.values():
            counts[step] = counts.get(step, 0) + 1


def emptied(before: Windows, after: Windows) -> list[tuple[str, str, str, bool]]:
    """Windows in which something could be said and no longer can: kind of day, segment, channel, formal."""
    segments = ("", *{**before.by_segment, **after.by_segment})
    channels = ("", *{**before.by_channel, **after.by_channel})
    return [place for place in _places(segments, channels) if _hours(before, *place) and not _hours(after, *place)]


def _places(segments: Sequence[str], channels: Sequence[str]) -> Iterator[tuple[str, str, str, bool]]:
    for kind in DAY_KINDS:
        for segment in segments:
            for channel in channels:
                yield kind, segment, channel, False
                yield kind, segment, channel, True


def _hours(windows: Windows, kind: str, segment: str, channel: str, formal: bool) -> Hours:
    hours = windows.by_segment.get(segment, {}).get(kind, windows.ordinary[kind])
    narrower = windows.by_channel.get(channel, {}).get(kind)
    if narrower is not None:
        hours = common(hours, narrower)
    return common(hours, windows.formal[kind]) if formal else hours

"""Planning: accounts whose next look is due are read set-wise, decided in pure Python, written in bulk.

Safe to run twice at once: the natural key of what is said is unique for ever (I2).
"""

import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.cases import open_case
from bot.flows.climate import Weather, weather
from bot.flows.facts import Known, read
from bot.flows.house import House
from bot.flows.pace import Pace
from bot.flows.plain import Plain, Shapes, sort
from bot.flows.planned import Planned, write
from bot.flows.undisturbed import ahead, undisturbed
from bot.rules.decision import Code, HandOver, Pick, Reason, Send, Skip, Verdict, Wait
from bot.rules.ladder import decide
from store import bulk, ledger
from store import facts as ask
from store import plain as plain_shelf
from store import plan as shelf
from store.engine import hold_still
from store.plain import Due

CHUNK = {"sqlite": 5_000, "postgresql": 2_500}
"""People per chunk: one commit each, so that no lock is held for a second."""


@dataclass(slots=True)
class PlanReport:
    """What a run would say, what waits and what is skipped, by reason."""

    send: list[dict[str, str]] = field(default_factory=list)
    wait: Counter[str] = field(default_factory=Counter)
    skip: Counter[str] = field(default_factory=Counter)
    looked: int = 0
    messages: int = 0
    cases: int = 0
    longest_s: float = 0.0
    """Seconds of the longest transaction that wrote, its commit included."""

    def json(self) -> dict[str, Any]:
        return {"send": self.send, "wait": dict(self.wait), "skip": dict(self.skip)}


async def plan(house: House, *, now: datetime | None = None, dry_run: bool = False, keep: bool = True) -> PlanReport:
    """Looks at every account whose next look is due. ``keep``: the list of sends is kept in the report.

    While one chunk is written the next is read and decided: chunks share no responsible person. A dry run says what
    would be written; only what changed for every community is passed on to its accounts, else it would not tell all.
    """
    await _spread_looks(house)
    at = now or house.clock.now()
    report = PlanReport()
    pace: Pace | None = None
    with undisturbed():
        async with contextlib.aclosing(ahead(_chunks(house, at))) as chunks:
            async for chunk in chunks:
                pace = pace or Pace(chunk.climate, whole=True)
                await _keep(house, chunk, pace, at, report, dry_run, keep)
    if report.messages >= bulk.MANY and not dry_run:
        async with house.store.write() as conn:
            await shelf.take_stock(conn)
    return report


async def _spread_looks(house: House) -> None:
    """What changed for every community (a wording, a stop) is passed on to its accounts, a commit each."""
    async with house.store.read() as conn:
        marked = await ledger.look_asked(conn)
    for community_id in marked:
        async with house.store.write() as conn:
            await ledger.spread_look(conn, community_id)


Decided = Sequence[tuple[Known, Verdict]]


@dataclass(slots=True)
class Chunk:
    """The due accounts of so many people, decided: most by their shape, the others each by itself."""

    climate: Weather
    plain: Sequence[Plain]
    decided: Decided


async def _chunks(house: House, at: datetime) -> AsyncGenerator[Chunk, None]:
    """Everything at once where few accounts are due, or so many people at a time."""
    shapes: Shapes | None = None
    due: Due | None = None
    most = CHUNK[house.store.dialect]
    while due is None or due.few is None:
        async with house.store.read() as conn, shelf.planned_afresh(conn):
            await hold_still(conn)
            due = (
                await plain_shelf.next_ones(conn, at, due.last, most)
                if due is not None
                else await plain_shelf.few(conn, at, most) or await plain_shelf.next_ones(conn, at, 0, most)
            )
            if due is None or due.few == ():
                return
            shapes = shapes or Shapes(await weather(house, conn, at))
            chunk = await _read(conn, shapes, due)
        yield chunk


async def _read(conn: AsyncConnection, shapes: Shapes, due: Due) -> Chunk:
    climate = shapes.climate
    plain, rest = await sort(conn, shapes, due)
    chosen = plain_shelf.every(conn, due) if rest is None else plain_shelf.these(conn, rest)
    known = await read(conn, chosen, climate.towns, climate.watermarks, due.now) if rest != [] else []
    return Chunk(climate, plain, _decide(climate, known))


async def survey(house: House, on: date) -> PlanReport:
    """What would go out on a local date, over every open account, without writing anything.

    Each community is asked at the first opening of its ordinary hours on that date.
    """
    report = PlanReport()
    async with house.store.read() as conn:
        climate = await weather(house, conn, house.clock.now())
        for key, town in climate.towns.items():
            begin = climate.moments[key].begins(on)
            opening = climate.moments[key].opening_after(begin, False, "sms", "resident") or begin
            at = opening if town.today(opening) == on else begin + timedelta(hours=12)
            then = await weather(house, conn, max(at, house.clock.now()) if on == town.today(house.clock.now()) else at)
            every = ask.of_community(key)
            known = await read(conn, every, then.towns, then.watermarks, at)
            decided = _decide(then, known)
            _report(report, [verdict for _known, verdict in decided], _told(_messages(house, then, decided, at)))
    return report


def _decide(climate: Weather, known: Sequence[Known]) -> list[tuple[Known, Verdict]]:
    climates, moments = climate.climates, climate.moments
    return [(k, decide(k.facts, climates[k.community_id], moments[k.community_id])) for k in known]


async def _keep(
    house: House, chunk: Chunk, pace: Pace, at: datetime, report: PlanReport, dry_run: bool, keep: bool
) -> None:
    climate, decided, plain = chunk.climate, chunk.decided, chunk.plain
    said = _messages(house, climate, decided, at)
    said += await _thanks(house, climate, decided, at)
    every = [(one.account_id, one.verdict) for one in plain]
    every += [(known.facts.account_id, verdict) for known, verdict in decided]
    looks = [(one.account_id, one.version, one.verdict.next_look) for one in plain]
    looks += [(known.facts.account_id, known.version, verdict.next_look) for known, verdict in decided]
    _report(report, [verdict for _account, verdict in every], _told(said, plain, climate) if keep else ())
    if dry_run:
        return
    async with house.store.write() as conn:
        began = time.monotonic()
        report.messages += await write(house, conn, climate, said, at, plain=plain, pace=pace)
        for known, verdict in decided:
            for over in verdict.hand_overs:
                report.cases += await _hand_over(conn, known, over, at)
        await shelf.write_decisions(conn, _decisions(every, at))
        await shelf.set_looks(conn, looks)
    report.longest_s = max(report.longest_s, time.monotonic() - began)


def _messages(
    house: House, climate: Weather, decided: Sequence[tuple[Known, Verdict]], at: datetime
) -> list[Planned]:  # fmt: skip
    return [
        Planned(
            known,
            verdict.main.step,
            verdict.main.band,
            verdict.main.occasion,
            pick,
            verdict.main.at,
            pick.locale or climate.towns[known.community_id].locale,
        )
        for known, verdict in decided
        if isinstance(verdict.main, Send)
        for pick in verdict.main.picks
    ]


async def _thanks(
    house: House, climate: Weather, decided: Sequence[tuple[Known, Verdict]], at: datetime
) -> list[Planned]:  # fmt: skip
    """A payment that answered a reminder is thanked for, once, in the next window."""
    asked = {k.facts.account_id: k for k, v in decided if _was_asked(k) and _is_paid(v)}
    if not asked:
        return []
    async with house.store.read() as conn:
        payments = await shelf.last_payments(conn, list(asked))
    found = []
    for account_id, payment in payments.items():
        known = asked[account_id]
        last = known.facts.said[-1]
        if payment.entered_at <= last.at:
            continue
        pick = _pick_again(climate, known)
        opening = (
            climate.moments[known.community_id].opening(False, pick.channel, known.facts.segment) if pick else None
        )
        if pick and opening:
            found.append(
                Planned(
                    known,
                    "thanks",
                    "warm",
                    f"payment:{payment.id}",
                    pick,
                    opening,
                    pick.locale or climate.towns[known.community_id].locale,
                )
            )
    return found


def _was_asked(known: Known) -> bool:
    return bool(known.facts.said) and known.facts.said[-1].step != "thanks"


def _is_paid(verdict: Verdict) -> bool:
    main = verdict.main
    return isinstance(main, Skip) and bool(main.reasons) and main.reasons[0].code in (Code.PAID, Code.NOT_DUE)


def _pick_again(climate: Weather, known: Known) -> Pick | None:
    order = climate.climates[known.community_id].channels
    for listener in known.facts.listeners:
        if listener.role != "responsible" or listener.offline:
            continue
        open_ones = [r for r in listener.reaches if not r.opted_out and not r.dead and r.channel in order]
        if open_ones:
            best = min(open_ones, key=lambda r: order.index(r.channel))
            return Pick(listener.person_id, best.contact_id, best.channel, listener.locale)
    return None


async def _hand_over(conn: Any, known: Known, over: HandOver, at: datetime) -> int:
    cause = over.step if over.step in ("missing_contact",) else f"step:{over.step}"
    _case, new = await open_case(
        conn, community_id=known.community_id, cause=cause, now=at, account_id=known.facts.account_id,
        occasion=over.occasion, assistant_id=known.assistant_id,
    )  # fmt: skip
    return int(new)


def reasons_json(reasons: Sequence[Reason]) -> str:
    """Reasons as they are kept: [code, until or null, detail]."""
    if not reasons:
        return "[]"
    told = [[str(r.code), r.until.isoformat() if r.until else None, r.detail] for r in reasons]
    return json.dumps(told, ensure_ascii=False)


def _decisions(every: Iterable[tuple[int, Verdict]], at: datetime) -> list[tuple[Any, ...]]:
    """Rows of ``store.plan.DECISION``; what accounts of one shape share is worked out once."""
    shared: dict[int, tuple[Any, ...]] = {}
    rows = []
    for account_id, verdict in every:
        told = shared.get(id(verdict))
        if told is None:
            told = shared[id(verdict)] = _decision(verdict, at)
        rows.append((account_id, *told))
    return rows


def _decision(verdict: Verdict, at: datetime) -> tuple[Any, ...]:
    main = verdict.main
    reasons = main.left_out if isinstance(main, Send) else main.reasons
    until = main.until if isinstance(main, Wait | Skip) else main.at
    return main.step or "-", _WORDS[type(main)], reasons_json(reasons), until, at


_WORDS = {Send: "send", Wait: "wait", Skip: "skip"}


def _report(report: PlanReport, verdicts: Sequence[Verdict], told: Sequence[dict[str, str]]) -> None:
    report.looked += len(verdicts)
    shared = {id(verdict): verdict for verdict in verdicts}
    for number, count in Counter(map(id, verdicts)).items():
        main = shared[number].main
        if not isinstance(main, Send) and main.reasons:
            (report.wait if isinstance(main, Wait) else report.skip)[str(main.reasons[0].code)] += count
    report.send += told


def _told(
    said: Sequence[Planned], plain: Sequence[Plain] = (), climate: Weather | None = None
) -> list[dict[str, str]]:  # fmt: skip
    """What goes out, for the report, by person."""
    found = [(p.pick.person_id, p.known.facts.code, p.step, p.pick.channel, p.locale, p.at) for p in said]
    for one in plain:
        if climate is not None and (send := one.send) is not None:
            locale = send.picks[0].locale or climate.towns[one.community_id].locale
            found.append((one.person_id, one.code, send.step, send.picks[0].channel, locale, send.at))
    return [
        {"account": code, "step": step, "channel": channel, "locale": locale, "at": at.isoformat()}
        for _person, code, step, channel, locale, at in sorted(found, key=itemgetter(0))
    ]

"""Planning: accounts whose next look is due are read set-wise, decided in pure Python, written in bulk.

Safe to run twice at once: the natural key of what is said is unique for ever (I2).
"""

import contextlib
import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.flows.cases import open_case
from bot.flows.climate import Weather, weather
from bot.flows.facts import Known, read
from bot.flows.house import House
from bot.flows.undisturbed import ahead, undisturbed
from bot.rules.decision import Code, HandOver, Pick, Reason, Send, Skip, Verdict, Wait
from bot.rules.ladder import decide
from bot.rules.moment import Moment
from bot.rules.terms import Band
from bot.rules.throttle import spread
from store import facts as ask
from store import plan as shelf
from store.outbox import ENDED

CHUNK = 10_000
"""People per chunk: one commit each, so that no lock is held for long."""


@dataclass(slots=True)
class Planned:
    """One thing to be said about one account to one person."""

    known: Known
    step: str
    band: str
    occasion: str
    pick: Pick
    at: datetime
    locale: str = ""


@dataclass(slots=True)
class PlanReport:
    """What a run would say, what waits and what is skipped, by reason."""

    send: list[dict[str, str]] = field(default_factory=list)
    wait: Counter[str] = field(default_factory=Counter)
    skip: Counter[str] = field(default_factory=Counter)
    looked: int = 0
    messages: int = 0
    cases: int = 0

    def json(self) -> dict[str, Any]:
        return {"send": self.send, "wait": dict(self.wait), "skip": dict(self.skip)}


async def plan(house: House, *, now: datetime | None = None, dry_run: bool = False, keep: bool = True) -> PlanReport:
    """Looks at every account whose next look is due. ``keep``: the list of sends is kept in the report.

    While one chunk is written the next is read and decided: chunks share no responsible person.
    """
    at = now or house.clock.now()
    report = PlanReport()
    with undisturbed():
        async with contextlib.aclosing(ahead(_chunks(house, at))) as chunks:
            async for climate, decided in chunks:
                await _keep(house, climate, decided, at, report, dry_run, keep)
    return report


Decided = Sequence[tuple[Known, Verdict]]


async def _chunks(house: House, at: datetime) -> AsyncGenerator[tuple[Weather, Decided], None]:
    """The due accounts of the next so many people, decided."""
    climate: Weather | None = None
    after = 0
    while True:
        async with house.store.read() as conn:
            people = list((await conn.execute(ask.due(at, after, CHUNK))).scalars())
            if not people:
                return
            climate = climate or await weather(house, conn, at)
            chosen = ask.due_between(at, people[0], people[-1])
            known = await read(conn, chosen, climate.towns, climate.watermarks, at)
        yield climate, _decide(climate, known)
        after = people[-1]


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
            _report(report, decided, _messages(house, then, decided, at), True)
    return report


def _decide(climate: Weather, known: Sequence[Known]) -> list[tuple[Known, Verdict]]:
    climates, moments = climate.climates, climate.moments
    return [(k, decide(k.facts, climates[k.community_id], moments[k.community_id])) for k in known]


async def _keep(
    house: House, climate: Weather, decided: Sequence[tuple[Known, Verdict]], at: datetime, report: PlanReport,
    dry_run: bool, keep: bool,
) -> None:  # fmt: skip
    said = _messages(house, climate, decided, at)
    said += await _thanks(house, climate, decided, at)
    _report(report, decided, said, keep)
    if dry_run:
        return
    async with house.store.write() as conn:
        report.messages += await write(house, conn, climate, said, at)
        for known, verdict in decided:
            for over in verdict.hand_overs:
                report.cases += await _hand_over(conn, known, over, at)
        await shelf.write_decisions(conn, [_decision(k, v, at) for k, v in decided])
        await shelf.set_looks(conn, [(k.facts.account_id, v.next_look) for k, v in decided], at)


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


def key_of(account_id: int | None, step: str, occasion: str, person_id: int | None) -> str:
    """The natural key of I2."""
    return f"{account_id or '-'}:{step}:{occasion}:{person_id or '-'}"


async def _pace(house: House, conn: Any, climate: Weather, leads: Sequence[Planned]) -> None:
    """So many an hour that the desk can answer those who call back; in batches of five minutes."""
    groups: dict[tuple[int, str], list[Planned]] = {}
    for lead in leads:
        groups.setdefault((lead.known.community_id, lead.band), []).append(lead)
    for (community_id, band), group in groups.items():
        moment = climate.moments[community_id]
        town = climate.towns[community_id]
        rule = town.policy.band[band]
        taken = await shelf.last_queued(conn, community_id, band)

        def opening(at: datetime, rule: Band = rule, moment: Moment = moment) -> datetime | None:
            return moment.opening_after(at, rule.formal, "", "")

        start = max((lead.at for lead in group), default=moment.now)
        times = spread(len(group), rule.per_hour, start, opening, [taken] if taken else ())
        for lead, at in zip(group, times, strict=True):
            lead.at = _five_minutes(at) if at is not None else lead.at


def _five_minutes(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)


async def write(house: House, conn: Any, climate: Weather, said: Sequence[Planned], at: datetime) -> int:
    """Writes messages, one per person, in the words of the most advanced step; answers how many."""
    keys = [key_of(p.known.facts.account_id, p.step, p.occasion, p.pick.person_id) for p in said]
    known = await shelf.known_keys(conn, keys)
    fresh = [(p, k) for p, k in zip(said, keys, strict=True) if k not in known or known[k].state in ENDED]
    groups: dict[tuple[int, bool], list[tuple[Planned, str]]] = {}
    for planned, key in fresh:
        groups.setdefault((planned.pick.person_id, planned.step == "thanks"), []).append((planned, key))
    if not groups:
        return 0
    joined = await _thanks_waiting(conn, groups)
    leads = {who: max((p for p, _key in group), key=_advance) for who, group in groups.items() if who not in joined}
    await _pace(house, conn, climate, list(leads.values()))
    ids = dict(zip(leads, await shelf.take_ids(conn, len(leads)), strict=True)) if leads else {}
    if leads:
        await shelf.write_messages(conn, [_message(ids[who], lead, at) for who, lead in leads.items()])
    new, again = [], []
    for who, group in groups.items():
        message_id = joined[who] if who in joined else ids[who]
        for planned, key in group:
            if key in known:
                again.append({"b_id": known[key].id, "b_message": message_id, "b_at": planned.at})
            else:
                new.append(_item(planned, key, message_id))
    await shelf.take_over(conn, again)
    await shelf.write_items(conn, new)
    return len(ids)


async def _thanks_waiting(conn: Any, groups: Mapping[tuple[int, bool], Any]) -> dict[tuple[int, bool], int]:
    """A thanks that has not left yet takes the next payment in: nobody is thanked twice within days."""
    waiting = await shelf.thanks_waiting(conn, [person_id for person_id, thanks in groups if thanks])
    return {(person_id, True): message_id for person_id, message_id in waiting.items()}


_BANDS = {"before": 0, "warm": 1, "talk": 2, "formal": 3, "law": 4}


def _advance(planned: Planned) -> tuple[int, int]:
    """What makes one step more advanced than another: its band, then the age of the debt."""
    oldest = min((c.due_on for c in planned.known.facts.charges), default=date.max)
    return _BANDS.get(planned.band, 0), -oldest.toordinal()


def _message(number: int, lead: Planned, at: datetime) -> tuple[Any, ...]:
    """A row of ``store.plan.MESSAGE``."""
    kind, pick = "nudge" if lead.step == "thanks" else "reminder", lead.pick
    return (
        number, lead.known.community_id, kind, pick.person_id, pick.contact_id, pick.channel, lead.step, lead.band,
        lead.locale, 5, "queued", "", lead.at, pick.contact_id * 4, 0, 0, "", "", "", "", at, at,
    )  # fmt: skip


def _item(planned: Planned, key: str, message_id: int) -> tuple[Any, ...]:
    """A row of ``store.plan.ITEM``."""
    return (
        message_id, planned.known.facts.account_id, planned.pick.person_id, planned.step, planned.occasion, key,
        planned.band, planned.at,
    )  # fmt: skip


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


def _decision(known: Known, verdict: Verdict, at: datetime) -> tuple[Any, ...]:
    """A row of ``store.plan.DECISION``."""
    main = verdict.main
    reasons = main.left_out if isinstance(main, Send) else main.reasons
    until = main.until if isinstance(main, Wait | Skip) else main.at
    return known.facts.account_id, main.step or "-", _WORDS[type(main)], reasons_json(reasons), until, at


_WORDS = {Send: "send", Wait: "wait", Skip: "skip"}


def _report(
    report: PlanReport, decided: Sequence[tuple[Known, Verdict]], said: Sequence[Planned], keep: bool
) -> None:  # fmt: skip
    report.looked += len(decided)
    for _known, verdict in decided:
        if isinstance(verdict.main, Wait):
            report.wait[str(verdict.main.reasons[0].code)] += 1
        elif isinstance(verdict.main, Skip) and verdict.main.reasons:
            report.skip[str(verdict.main.reasons[0].code)] += 1
    if keep:
        report.send += [
            {
                "account": p.known.facts.code, "step": p.step, "channel": p.pick.channel, "locale": p.locale,
                "at": p.at.isoformat(),
            }
            for p in said
        ]  # fmt: skip

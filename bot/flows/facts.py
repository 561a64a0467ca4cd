"""What is known of many accounts, read set-wise and laid together for the rules."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import Town
from bot.rules.facts import AccountFacts, HoldFact, Listener, OpenCharge, PromiseFact, Reach, Said
from store import facts as ask
from store.core import promise

PROMISE_ACCOUNT = list(promise.c.keys()).index("account_id")
UNPLACED_DAYS = 14
"""How long a transfer nobody can place holds the likely account."""


@dataclass(slots=True)
class Known:
    """One account: the facts for the rules, and what the words need besides."""

    facts: AccountFacts
    community_id: int
    owner: str
    assistant_id: int | None
    version: int
    """Of the account, as it was read."""
    said_by: dict[int, list[str]] = field(default_factory=dict)
    """Message id → steps it says for this account."""


@dataclass(slots=True)
class _Gathered:
    """Rows by the account or person they belong to."""

    charges: dict[int, list[Row[Any]]]
    parties: dict[int, list[Row[Any]]]
    reaches: dict[int, tuple[Reach, ...]]
    said: dict[int, list[Row[Any]]]
    heard: dict[int, list[tuple[int, datetime]]]
    by_people: dict[int, list[Row[Any]]]
    promises: dict[int, list[Row[Any]]]
    disputes: dict[int, set[int | None]]
    plans: dict[int, list[Row[Any]]]
    holds: list[Row[Any]]
    legal: dict[int, set[str]]
    money: dict[int, list[Row[Any]]]
    with_people: dict[int, set[str]]


def _by(rows: Iterable[Row[Any]], place: int = 0) -> dict[int, list[Row[Any]]]:
    """The rows by the number in one of their places."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row[place]].append(row)
    return found


def _reaches(rows: Iterable[Any]) -> dict[int, tuple[Reach, ...]]:
    found: dict[int, list[Reach]] = defaultdict(list)
    for number, person_id, channel, trust, opted_out_at, dead_at, last_inbound_at in rows:
        reach = Reach(number, channel, trust == "proved", opted_out_at is not None, dead_at is not None,
                      last_inbound_at)  # fmt: skip
        found[person_id].append(reach)
    return {person: tuple(reaches) for person, reaches in found.items()}


def _laid(found: ask.Found) -> _Gathered:
    heard: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for h in found["heard"]:
        heard[h.person_id].append((h.id, h.at))
    disputes: dict[int, set[int | None]] = defaultdict(set)
    for d in found.get("disputes", ()):
        disputes[d.account_id].add(d.charge_id)
    legal: dict[int, set[str]] = defaultdict(set)
    for f in found.get("legal", ()):
        legal[f.account_id].add(f.kind)
    money: dict[int, list[Row[Any]]] = defaultdict(list)
    for m in found.get("money", ()):
        money[m.account_id if m.account_id is not None else m.likely_account_id].append(m)
    with_people: dict[int, set[str]] = defaultdict(set)
    for c in found.get("with_people", ()):
        with_people[c.account_id].add(f"{c.cause.removeprefix('step:')}:{c.occasion}")
    return _Gathered(
        charges=_by(found["charges"]),
        parties=_by(found.get("parties", ())),
        reaches=_reaches(found["contacts"]),
        said=_by(found["said"]),
        heard=heard,
        by_people=_by(found.get("by_people", ())),
        promises=_by(found.get("promises", ()), PROMISE_ACCOUNT),
        disputes=disputes,
        plans=_by(found.get("plans", ())),
        holds=list(found.get("holds", ())),
        legal=legal,
        money=money,
        with_people=with_people,
    )


async def read(
    conn: AsyncConnection, chosen: Select[Any], towns: dict[int, Town], watermarks: dict[int, date | None],
    now: datetime,
) -> list[Known]:  # fmt: skip
    """The facts of the chosen accounts, ordered by person."""
    rows = (await conn.execute(ask.accounts(chosen))).all()
    if not rows:
        return []
    today = min(towns[row.community_id].today(now) for row in rows)
    return known_of(rows, await ask.gather(conn, chosen, today, now), towns, watermarks)


def known_of(
    rows: Sequence[Any], found: ask.Found, towns: dict[int, Town], watermarks: dict[int, date | None],
    but: frozenset[int] = frozenset(),
) -> list[Known]:  # fmt: skip
    """Accounts and their facts laid together. ``but``: messages that do not count as said."""
    gathered = _laid(found)
    return [_known(row, gathered, towns[row.community_id], watermarks.get(row.community_id), but) for row in rows]


def _known(row: Row[Any], g: _Gathered, town: Town, watermark: date | None, but: frozenset[int]) -> Known:
    facts = AccountFacts(row.id, row.code, row.segment, row.entered_on, row.person_id, watermark=watermark)
    known = Known(facts, row.community_id, row.owner, row.assistant_id, row.version)
    charges = g.charges.get(row.id)
    if charges is None and row.id not in g.said:
        return known
    holds = [h for h in g.holds if _covers(h, row)] if g.holds else []
    facts.charges = _charges(charges or (), town)
    if holds or row.id in g.disputes:
        _add_doubts(facts, g.disputes.get(row.id, set()), holds)
    facts.listeners = _listeners(row, g, but)
    _add_said(known, g.said.get(row.id, ()), town, but)
    _add_agreements(facts, row.id, town, g)
    _add_people(facts, row.id, town, g)
    return known


def _charges(rows: Iterable[Any], town: Town) -> tuple[OpenCharge, ...]:
    today = town.today
    return tuple(
        [
            OpenCharge(number, kind, period, due_on, open_fen, turn, False, None, previous, today(entered_at))
            for _account, number, kind, period, due_on, open_fen, turn, previous, entered_at in rows
        ]
    )


def _add_doubts(facts: AccountFacts, disputes: set[int | None], holds: Sequence[Row[Any]]) -> None:
    held = {h.charge_id: h.until for h in holds if h.scope == "charge"}
    for charge in facts.charges:
        charge.disputed, charge.held_until = charge.id in disputes, held.get(charge.id)
    facts.disputed_account = None in disputes
    facts.holds = tuple(HoldFact(h.code, h.reason, h.until) for h in holds if h.scope in ("account", "community"))


def _covers(hold: Row[Any], row: Row[Any]) -> bool:
    if hold.scope in ("account", "charge"):
        return bool(hold.account_id == row.id)
    if hold.scope == "community":
        return bool(hold.community_id == row.community_id)
    return False


def _listeners(row: Any, g: _Gathered, but: frozenset[int]) -> tuple[Listener, ...]:
    first = _listener(row.id, (row.person_id, "responsible", row.locale, row.offline, ""), g, but)
    if row.id not in g.parties:
        return (first,)
    return (first, *(_listener(row.id, party[1:], g, but) for party in g.parties[row.id]))


def _listener(account_id: int, who: Sequence[Any], g: _Gathered, but: frozenset[int]) -> Listener:
    """``who``: person, role, language, offline, name."""
    person_id, role, locale, offline, name = who
    heard = [at for message, at in g.heard.get(person_id, ()) if message not in but]
    if account_id in g.by_people:
        heard += [c.at for c in g.by_people[account_id] if c.person_id in (None, person_id)]
    until = [h.until for h in g.holds if h.scope == "person" and h.person_id == person_id] if g.holds else ()
    reaches = g.reaches.get(person_id, ())
    return Listener(person_id, role, reaches, tuple(heard), locale, bool(offline), max(until, default=None), name)


def _add_said(known: Known, rows: Sequence[Row[Any]], town: Town, but: frozenset[int]) -> None:
    if not rows:
        return
    said = []
    for s in rows:
        if s.message_id in but:
            continue
        said.append(Said(s.step, s.band, s.occasion, s.person_id, s.at, s.state != "uncertain"))
        known.said_by.setdefault(s.message_id, []).append(s.step)
        if s.step == town.policy.demand.step and s.state in ("delivered", "read"):
            known.facts.demand_delivered_on = town.today(s.at)
    known.facts.said = tuple(said)


def _add_agreements(facts: AccountFacts, account_id: int, town: Town, g: _Gathered) -> None:
    if account_id in g.promises:
        told = {s.occasion for s in facts.said if s.step == "broken_promise"}
        facts.promises = tuple(
            PromiseFact(p.id, p.amount_fen, p.owed_fen, p.due_on, p.judge_at, p.state, p.plan_id,
                        town.today(p.made_at), p.person_id)
            for p in g.promises[account_id]
            if p.state == "open" or f"promise:{p.id}" not in told
        )  # fmt: skip
    for plan in g.plans.get(account_id, ()):
        facts.plan_on_track_until = max(date.fromisoformat(day) for day, _fen in json.loads(plan.instalments))
    for money in g.money.get(account_id, ()):
        if money.state == "in_flight":
            facts.debit_pending_until = money.settles_on
        else:
            until = money.paid_on + timedelta(days=UNPLACED_DAYS)
            facts.holds += (HoldFact("UNIDENTIFIED_PAYMENT", "a transfer that may be this owner's", until),)


def _add_people(facts: AccountFacts, account_id: int, town: Town, g: _Gathered) -> None:
    if account_id in g.legal:
        facts.facts = frozenset(g.legal[account_id])
    if account_id in g.with_people:
        facts.pending = frozenset(g.with_people[account_id])
    contacts = g.by_people.get(account_id)
    if not contacts:
        return
    facts.human_at = max(c.at for c in contacts)
    papers = [town.today(c.at) for c in contacts if c.way == "paper"]
    if papers and facts.demand_delivered_on is None:
        facts.demand_delivered_on = max(papers)

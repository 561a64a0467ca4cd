"""Paying in parts, inside the policy: said back and confirmed like a promise. Beyond it people decide."""

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from bot.flows.cases import open_case
from bot.flows.outcomes import PLAN_WAITS
from bot.flows.talk.answers import Answer, locale_of, yes_no
from bot.flows.talk.promise import band_of, keep_word, nothing_due, owing
from bot.flows.talk.units import ask_which
from bot.flows.talk.who import Talk
from bot.rules.promising import latest_date
from bot.talk.money import day, money
from store import outcomes as facts
from store import promises as shelf

MOST = 6
"""More parts than this are for people to agree."""
_COUNT = re.compile(r"([2-9二两三四五六七八九])\s*(?:期|次|个月|笔|installments?|instalments?|parts|payments)")
_HAN = {c: n for n, c in enumerate("二三四五六七八九", 2)} | {"两": 2}

Part = tuple[date, int]


async def offer(
    talk: Talk, days: Sequence[date], amounts: Sequence[int], accounts: Sequence[Any], text: str = ""
) -> Answer:
    """Answers a wish to pay in parts: with the days named, or with days of ours inside the policy."""
    owed = await owing(talk, accounts, sum(amounts))
    due = [account for account in accounts if owed[account.id] > 0]
    if not due:
        return await nothing_due(talk, accounts)
    if len(due) > 1:
        return ask_which(talk, text)
    account, total = due[0], owed[due[0].id]
    latest = latest_date(await band_of(talk, due), talk.town.policy, talk.today)
    on = sorted({d for d in days if d >= talk.today})
    on = on if len(on) > 1 else _spread(talk, latest, on, _wanted(text))
    parts = split(on, amounts, total)
    if len(parts) > MOST or parts[-1][0] > latest:
        await _to_people(talk, account, parts)
        return Answer("instalments_refused", {"latest": latest}, about=due)
    number = talk.memory.ask("instalments_confirm", talk.now, accounts=[account.id], owed=total, parts=_plain(parts))
    slots = {"total": total, "explanation": said(parts, locale_of(talk))}
    return Answer("instalments_confirm", slots, yes_no(number), about=due)


def _wanted(text: str) -> int:
    found = _COUNT.search(text)
    if found is None:
        return 2
    return int(found[1]) if found[1].isdigit() else _HAN[found[1]]


def _spread(talk: Talk, latest: date, named: Sequence[date], count: int) -> list[date]:
    """So many days at even distances, the last as late as the policy allows; one day named stays the first."""
    first = named[0] if named else talk.today
    gap = max(1, (latest - first).days // max(1, count - bool(named)))
    days = [*named, *(first + timedelta(days=gap * n) for n in range(1, count + 1 - bool(named)))]
    return sorted(set(days))


def split(days: Sequence[date], amounts: Sequence[int], total: int) -> list[Part]:
    """The parts in fen, one a day, adding up to the total: as named, or even; the last takes what is left."""
    even = total // len(days)
    named = list(amounts) if len(amounts) in (len(days), len(days) - 1) else []
    parts = named[: len(days) - 1] or [even] * (len(days) - 1)
    if sum(parts) >= total:
        parts = [even] * (len(days) - 1)
    return list(zip(days, [*parts, total - sum(parts)], strict=True))


def said(parts: Sequence[Part], locale: str) -> str:
    """The parts as lines: day and amount."""
    join = ": " if locale == "en" else "："
    return "\n".join(f"{day(on, locale, style='weekday')}{join}{money(fen, locale)}" for on, fen in parts)


def _plain(parts: Sequence[Part]) -> list[list[Any]]:
    return [[on.isoformat(), fen] for on, fen in parts]


async def _to_people(talk: Talk, account: Any, parts: Sequence[Part]) -> None:
    """A plan beyond the policy is taken down and waits for staff."""
    plan = {
        "account_id": account.id, "state": "proposed", "instalments": json.dumps(_plain(parts)), "made_at": talk.now,
        "approved_by": "",
    }  # fmt: skip
    number = await shelf.write_plan(talk.conn, plan, talk.town.id, talk.who)
    await open_case(
        talk.conn, community_id=talk.town.id, cause="plan_request", now=talk.now, account_id=account.id,
        occasion=talk.occasion, assistant_id=account.assistant_id,
        detail={"plan_id": number, "parts": _plain(parts), "inbound_id": talk.inbound_id},
    )  # fmt: skip


async def confirmed(talk: Talk) -> Answer:
    """The owner said yes: the plan and its promises are stored, if what is owed is still the same."""
    asked = talk.memory.asked
    accounts = [account for account in talk.accounts if account.id in asked["accounts"]]
    parts = [(date.fromisoformat(on), int(fen)) for on, fen in asked["parts"]]
    talk.memory.close()
    total = (await owing(talk, accounts, sum(fen for _on, fen in parts)))[accounts[0].id]
    if total != asked["owed"] or parts[0][0] < talk.today:
        return await offer(talk, [on for on, _fen in parts], (), accounts)
    number = await _on_track(talk, accounts[0].id, parts, asked.get("plan"))
    for on, fen in parts:
        await keep_word(talk, accounts[0].id, fen, total, on, number)
    talk.spoken_of = accounts[0].id
    return Answer("instalments_made", {"explanation": said(parts, locale_of(talk))}, about=accounts)


async def _on_track(talk: Talk, account_id: int, parts: Sequence[Part], agreed: int | None) -> int:
    """The plan the parts belong to: the one people agreed, whose waiting is over, else one inside the policy."""
    if agreed is not None:
        await shelf.set_plan(talk.conn, agreed, "on_track", confirmed_at=talk.now)
        await facts.end_holds(talk.conn, account_id, (PLAN_WAITS,), talk.now)
        return agreed
    plan = {
        "account_id": account_id, "state": "on_track", "instalments": json.dumps(_plain(parts)), "made_at": talk.now,
        "approved_by": "policy", "confirmed_at": talk.now,
    }  # fmt: skip
    return await shelf.write_plan(talk.conn, plan, talk.town.id, talk.who)


async def declined(talk: Talk) -> None:
    """The owner said no to a plan people agreed: it goes back to people, and the ladder waits no longer for it."""
    agreed = talk.memory.asked.get("plan")
    if agreed is None:
        return
    account = next(account for account in talk.accounts if account.id in talk.memory.asked["accounts"])
    await shelf.set_plan(talk.conn, agreed, "refused")
    await facts.end_holds(talk.conn, account.id, (PLAN_WAITS,), talk.now)
    await open_case(
        talk.conn, community_id=talk.town.id, cause="plan_request", now=talk.now, account_id=account.id,
        occasion=f"plan:{agreed}", assistant_id=account.assistant_id,
        detail={"plan_id": agreed, "declined": True, "inbound_id": talk.inbound_id},
    )  # fmt: skip

"""A word that counts: offered, said back with full date and amount, and stored only once confirmed (I6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from bot.flows.talk import balance
from bot.flows.talk.answers import Answer, locale_of, numbered, yes_no
from bot.flows.talk.dispute import of_kinds
from bot.flows.talk.units import ask_which
from bot.flows.talk.who import Talk
from bot.rules.promising import (
    Judgement,
    MoveRefused,
    PartTooSmall,
    Past,
    TooFar,
    judge_at,
    judge_promise_offer,
    latest_date,
)
from bot.rules.windows import midnight
from bot.talk.money import day
from store import ledger
from store import promises as shelf
from store import talk as people

WAYS = ("cash", "pos", "wechat_pay", "alipay", "transfer", "other")
"""Ways an owner may pay by; the slowest of them decides when a promise may be judged."""
AHEAD = (3, 7, 14)
"""Days ahead that are offered to choose from."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an owner offers: a local date (None: none named yet), an amount in fen or a share (None: all of it)."""

    on: date | None
    fen: int | None = None
    share: Fraction | None = None


async def offer(talk: Talk, wish: Wish, accounts: Sequence[Any], text: str = "") -> Answer:
    """Answers an offer: says it back and asks for yes, or says what would do."""
    owed = await owing(talk, accounts, wish.fen or 0)
    due = [account for account in accounts if owed[account.id] > 0]
    if not due:
        return await nothing_due(talk, accounts)
    due, wish = await _only_named(talk, due, wish, text)
    total = sum(owed[account.id] for account in due)
    fen = min(total, _amount(wish, total))
    if fen < total and len(due) > 1:
        one = [account for account in due if owed[account.id] == fen]
        if len(one) != 1:
            return ask_which(talk, text or talk.text)
        due, total = one, fen
    band = await band_of(talk, due)
    if wish.on is None:
        return ask_day(talk, due, wish, latest_date(band, talk.town.policy, talk.today))
    before = await shelf.open_of(talk.conn, [account.id for account in due])
    if before and all(p.due_on == wish.on for p in before) and sum(p.amount_fen for p in before) == fen:
        return Answer("promise_kept_waits", {"promise_date": wish.on, "promise_amount": fen}, about=due)
    moved = await _moves(talk, before, wish.on)
    judged = judge_promise_offer(wish.on, fen, total, band, moved, talk.town.policy, talk.today)
    return _refusal(talk, judged, due, wish, before) or say_back(talk, due, owed, wish.on, fen)


async def _only_named(talk: Talk, due: list[Any], wish: Wish, text: str) -> tuple[list[Any], Wish]:
    """Where a text names kinds of charges: the accounts that owe them, and their sum unless one was named."""
    rows = _asked_for(talk, of_kinds(await _payable(talk, due), text), wish.fen or 0)
    if not rows:
        return due, wish
    named = {row.account_id for row in rows}
    fen = _amount(wish, sum(row.open_fen for row in rows))
    return [account for account in due if account.id in named], Wish(wish.on, fen)


def _amount(wish: Wish, total: int) -> int:
    if wish.fen is not None:
        return wish.fen
    return int(total * wish.share) if wish.share is not None else total


async def owing(talk: Talk, accounts: Sequence[Any], wanted: int = 0) -> dict[int, int]:
    """What each account is to pay now, principal in fen, without what is disputed: what is overdue, as a reminder asks.

    Where nothing is, or where more than that is ``wanted`` (fen), everything that is open.
    """
    found = dict.fromkeys((account.id for account in accounts), 0)
    for row in _asked_for(talk, await _payable(talk, accounts), wanted):
        found[row.account_id] += row.open_fen
    return found


async def _payable(talk: Talk, accounts: Sequence[Any]) -> list[Any]:
    """The open charges of accounts that are ours to ask for and not disputed."""
    rows = await ledger.open_charges(talk.conn, [account.id for account in accounts])
    return [row for row in rows if not row.disputed and not row.previous_manager]


def _asked_for(talk: Talk, rows: list[Any], wanted: int) -> list[Any]:
    overdue = [row for row in rows if row.due_on < talk.today]
    return overdue if overdue and wanted <= sum(row.open_fen for row in overdue) else rows


async def nothing_due(talk: Talk, accounts: Sequence[Any]) -> Answer:
    """Nothing is to be paid now: because nothing is open, or because what is open waits for our answer to a dispute."""
    open_still = await balance.charges(talk, accounts)
    return Answer("dispute_waits" if open_still else "nothing_owed", about=accounts)


async def band_of(talk: Talk, accounts: Sequence[Any]) -> str:
    """The band whose promise limits hold: a formal one if the present debt was formally demanded."""
    policy = talk.town.policy
    formal = [band.id for band in policy.bands if band.formal]
    rows = await ledger.open_charges(talk.conn, [account.id for account in accounts])
    since = midnight(min((row.due_on for row in rows), default=talk.today), talk.town.zone)
    said = await people.said_in(talk.conn, [account.id for account in accounts], formal, since)
    return formal[0] if said else policy.bands[policy.arrears_index].id


async def _moves(talk: Talk, before: Sequence[Any], on: date) -> int | None:
    """How often the promises before were put off; None where nothing is put off now."""
    if not any(on > p.due_on for p in before):
        return None
    return max([await shelf.moves(talk.conn, p.id) for p in before])


def _refusal(
    talk: Talk, judged: Judgement, accounts: Sequence[Any], wish: Wish, before: Sequence[Any]
) -> Answer | None:  # fmt: skip
    """What is said where the policy does not allow it, and the nearest thing that would do."""
    if isinstance(judged, Past):
        return ask_day(talk, accounts, wish, talk.today + timedelta(days=AHEAD[-1]))
    if isinstance(judged, TooFar):
        _ask(talk, "promise_day", accounts, wish.fen, days=[judged.latest.isoformat()])
        return Answer("promise_too_far", {"latest": judged.latest}, about=accounts)
    if isinstance(judged, PartTooSmall):
        on = wish.on.isoformat() if wish.on else None
        _ask(talk, "promise_part", accounts, judged.least_fen, date=on)
        return Answer("part_too_small", {"least": judged.least_fen}, about=accounts)
    if isinstance(judged, MoveRefused):
        kept = {"promise_date": before[0].due_on, "promise_amount": sum(p.amount_fen for p in before)}
        return Answer("promise_move_refused", kept, about=accounts)
    return None


def _ask(talk: Talk, question: str, accounts: Sequence[Any], fen: int | None, **more: Any) -> int:
    return talk.memory.ask(question, talk.now, accounts=[a.id for a in accounts], fen=fen, **more)


def ask_day(talk: Talk, accounts: Sequence[Any], wish: Wish, latest: date) -> Answer:
    """Asks for a day, with concrete ones to choose from."""
    days = sorted({min(talk.today + timedelta(days=n), latest) for n in AHEAD})
    number = _ask(talk, "promise_day", accounts, wish.fen, days=[on.isoformat() for on in days])
    said = [day(on, locale_of(talk), style="weekday") for on in days]
    buttons = tuple((words, f"q:{number}:{place}") for place, words in enumerate(said, 1))
    return Answer("promise_ask_date", {"dates3": numbered(said)}, buttons, about=accounts)


def say_back(talk: Talk, accounts: Sequence[Any], owed: dict[int, int], on: date, fen: int) -> Answer:
    """Says the exact date, weekday and amount back and asks for yes."""
    total = sum(owed[account.id] for account in accounts)
    parts = [[a.id, owed[a.id] if fen >= total else fen, owed[a.id]] for a in accounts]
    number = _ask(talk, "promise_confirm", accounts, fen, date=on.isoformat(), parts=parts)
    slots = {"promise_date": on, "promise_amount": fen}
    return Answer("promise_confirm", slots, yes_no(number), about=accounts)


async def confirmed(talk: Talk) -> Answer:
    """The owner said yes: what was said back is stored if it still holds, else it is said back anew."""
    asked = talk.memory.asked
    accounts = [account for account in talk.accounts if account.id in asked["accounts"]]
    talk.memory.close()
    on, fen = date.fromisoformat(asked["date"]), int(asked["fen"])
    owed = await owing(talk, accounts, fen)
    if any(owed.get(part[0]) != part[2] for part in asked["parts"]) or on < talk.today:
        return await offer(talk, Wish(None if on < talk.today else on, None), accounts)
    moved = False
    for account_id, part, whole in asked["parts"]:
        moved |= await keep_word(talk, account_id, part, whole, on)
    talk.spoken_of = accounts[0].id if len(accounts) == 1 else None
    slots = {"promise_date": on, "promise_amount": fen}
    return Answer("promise_moved" if moved else "promise_made", slots, about=accounts)


async def keep_word(talk: Talk, account_id: int, fen: int, owed_fen: int, on: date, plan_id: int | None = None) -> bool:
    """Writes a promise and ends those it takes the place of; answers whether it moved one."""
    before = [p for p in await shelf.open_of(talk.conn, [account_id]) if plan_id is None or p.plan_id != plan_id]
    values = {
        "account_id": account_id, "person_id": talk.person_id, "amount_fen": fen, "owed_fen": owed_fen, "due_on": on,
        "state": "open", "made_at": talk.now, "judge_at": judged_from(talk, on), "plan_id": plan_id,
        "moved_from_id": await shelf.moved_from(talk.conn, before), "inbound_id": talk.inbound_id,
        "channel": talk.channel,
    }  # fmt: skip
    number = await shelf.write(talk.conn, values, talk.town.id, talk.who)
    await shelf.supersede(talk.conn, before, number, talk.now, community_id=talk.town.id, who=talk.who)
    await ledger.look_now(talk.conn, [account_id], talk.now)
    return bool(before)


def judged_from(talk: Talk, on: date) -> Any:
    """The earliest UTC instant a promise for a local date may be judged: the slowest way to pay decides."""
    lag = max(talk.town.policy.settlement_lag.get(way, 0) for way in WAYS)
    return judge_at(on, lag, talk.town.zone, talk.town.calendar)

"""What became of promises: kept, partly kept, broken, or not to be known because the book is stale. Each once.

What a broken word does to people begins with the case opened here; the ladder says its own step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.cases import open_case
from bot.flows.climate import book_date, weather
from bot.flows.facts import read
from bot.flows.house import House, Town
from bot.flows.planned import Planned, write
from bot.flows.talk import claims, part_paid
from bot.rules.decision import Pick
from bot.rules.facts import AccountFacts
from bot.rules.moment import Moment
from bot.rules.promising import outcome
from bot.rules.spacing import person_spacing
from store import facts as ask
from store import ledger, outbox
from store import plan as book_age
from store import promises as shelf
from store import talk as debts


@dataclass(slots=True)
class Judged:
    """How many promises ended how in one run; ``stale`` ones stay open, and the accountant was asked."""

    kept: int = 0
    partly_kept: int = 0
    broken: int = 0
    stale: int = 0


async def judge(house: House) -> Judged:
    """Looks at every open promise that is due to be judged or saw money; safe to run twice at once."""
    now, judged, after = house.clock.now(), Judged(), 0
    while True:
        async with house.store.read() as conn:
            accounts = await shelf.to_judge(conn, now, after)
        if not accounts:
            return judged
        for account in accounts:
            async with house.store.write() as conn:
                await _account(house, conn, account, now, judged)
        after = accounts[-1].id


async def _account(house: House, conn: AsyncConnection, account: Any, now: datetime, judged: Judged) -> None:
    await ledger.lock_accounts(conn, [account.id])
    town = house.town(await debts.town_row(conn, account.community_id))
    watermark = await book_date(conn, town, now)
    rows = await shelf.history(conn, account.id)
    changed, kept, broken = False, judged.kept, judged.broken
    for promise in sorted((p for p in rows if p.state == "open"), key=lambda p: (p.due_on, p.id)):
        asked, paid = await _reckoned(conn, promise, rows)
        verdict = outcome(asked, promise.due_on, promise.judge_at, paid, watermark, now, town.zone, town.calendar)
        if await _rests(conn, promise, asked, paid, town.today(now)):
            verdict = "wait"
        if verdict == "wait" and paid > 0:
            await _part_came(house, conn, account, now)
        changed |= await _settle(conn, town, account, promise, verdict, paid, now, judged, rows)
        rows = await shelf.history(conn, account.id)
    if changed:
        await ledger.look_now(conn, [account.id], now)
        if judged.kept > kept and judged.broken == broken:
            await _thank(house, conn, account, now)


async def _reckoned(conn: AsyncConnection, promise: Any, rows: Sequence[Any]) -> tuple[int, int]:
    """What a promise asks for in all and what was paid towards it since, both in fen.

    Money counts whichever charge the book let it close: an older one may have come up and taken it first. Asked is the
    promised sum, less what of it went away without money: cancelled, given up, or disputed since. What kept earlier
    parts of its plan is taken off. An account that owes nothing any more has kept every word.
    """
    owes = (await debts.owed(conn, [promise.account_id]))[promise.account_id]
    if owes == 0:
        return int(promise.amount_fen), int(promise.amount_fen)
    same = [p for p in rows if promise.plan_id is not None and p.plan_id == promise.plan_id]
    before = sum(p.amount_fen for p in same if p.state == "kept" and (p.due_on, p.id) < (promise.due_on, promise.id))
    paid = max(0, await shelf.came_in(conn, promise.account_id, promise.made_at, promise.due_on) - int(before))
    left = await shelf.still_open(conn, promise.account_id, promise.made_at, promise.due_on)
    return min(int(promise.amount_fen), paid + left), paid


async def _rests(conn: AsyncConnection, promise: Any, asked: int, paid: int, today: date) -> bool:
    """Whether a word cannot be judged yet: the owner says it is paid and we look for the money, or all that is left of
    it waits for our answer to a dispute."""
    if paid >= promise.amount_fen:
        return False
    disputes = await debts.open_disputes(conn, promise.account_id)
    if any(d.charge_id is None or asked == 0 for d in disputes):
        return True
    looked_for = await debts.holds_of(conn, [promise.account_id], claims.CODE, today)
    return paid < asked and any(hold.ended_at is None for hold in looked_for)


async def _settle(
    conn: AsyncConnection, town: Town, account: Any, promise: Any, verdict: str, paid: int, now: datetime,
    judged: Judged, rows: Sequence[Any],
) -> bool:  # fmt: skip
    """Writes one verdict; answers whether the promise ended."""
    if verdict == "wait":
        return False
    if verdict == "stale":
        judged.stale += await _stale(conn, account, promise, now)
        return False
    ended = await shelf.end(conn, promise.id, verdict, min(paid, promise.amount_fen), now, community_id=town.id,
                            detail=_late(town, promise.due_on, now) if verdict == "kept" else "")  # fmt: skip
    if not ended:
        return False
    setattr(judged, verdict, getattr(judged, verdict) + 1)
    if verdict != "kept":
        await _broken(conn, account, promise, verdict, paid, now, rows)
    if promise.plan_id is not None:
        await _plan(conn, promise.plan_id)
    return True


def _late(town: Town, due_on: date, now: datetime) -> str:
    days = (town.today(now) - due_on).days
    return f"known {days} days after the day" if days > 0 else ""


async def _part_came(house: House, conn: AsyncConnection, account: Any, now: datetime) -> None:
    """A part of what was promised is in the book: the owner hears that it came, once per payment."""
    payment = (await book_age.last_payments(conn, [account.id])).get(account.id)
    if payment is not None:
        await part_paid.thank(house, conn, account, payment, now)


async def _stale(conn: AsyncConnection, account: Any, promise: Any, now: datetime) -> bool:
    """The book does not reach the promised day: the accountant is asked, once; nobody is blamed."""
    subject, occasion = f"community:{account.community_id}", f"promise:{promise.id}"
    if await debts.people_know(conn, subject, "stale_ledger", occasion):
        return False
    detail = {"promise_id": promise.id, "due_on": promise.due_on.isoformat()}
    await open_case(conn, community_id=account.community_id, cause="stale_ledger", now=now, subject=subject,
                    occasion=occasion, detail=detail)  # fmt: skip
    return True


async def _broken(
    conn: AsyncConnection, account: Any, promise: Any, verdict: str, paid: int, now: datetime, rows: Sequence[Any]
) -> None:
    """A word not kept, or kept in part, goes to the person in charge: with the promised day and amount, no more."""
    earlier = any(p.state == "broken" and p.id != promise.id for p in rows)
    cause = "second_broken_promise" if earlier else "broken_promise"
    detail = {
        "promise_id": promise.id, "due_on": promise.due_on.isoformat(), "amount_fen": promise.amount_fen,
        "paid_fen": paid, "outcome": verdict,
    }  # fmt: skip
    await open_case(conn, community_id=account.community_id, cause=cause, now=now, account_id=account.id,
                    occasion=f"promise:{promise.id}", assistant_id=account.assistant_id, detail=detail)  # fmt: skip


async def _plan(conn: AsyncConnection, plan_id: int) -> None:
    """A plan is broken with its first broken part, and done when all are kept."""
    states = set(await shelf.plan_states(conn, plan_id))
    if states & {"broken", "partly_kept"}:
        await shelf.set_plan(conn, plan_id, "broken")
    elif states == {"kept"}:
        await shelf.set_plan(conn, plan_id, "done")


async def _thank(house: House, conn: AsyncConnection, account: Any, now: datetime) -> None:
    """Thanks for a kept word or instalment, once per payment and in the next window, reminded or not."""
    around = await weather(house, conn, now)
    found = await read(conn, ask.named([account.id]), around.towns, around.watermarks, now)
    payment = (await book_age.last_payments(conn, [account.id])).get(account.id)
    pick = await _pick(house, conn, around.towns[account.community_id], account.person_id)
    if pick is None or payment is None or not found:
        return
    opening = _when(around.moments[account.community_id], found[0].facts, pick)
    if opening is not None:
        thanks = Planned(found[0], "thanks", "warm", f"payment:{payment.id}", pick, opening)
        await write(house, conn, around, [thanks], now)


def _when(moment: Moment, facts: AccountFacts, pick: Pick) -> datetime | None:
    """The first opening at which the person's caps leave room for a thanks; an instalment's has no second look."""
    heard = next((one.heard for one in facts.listeners if one.person_id == pick.person_id), ())
    held = [r.until for r in person_spacing(heard, moment.policy.step["thanks"], moment) if r.until is not None]
    return moment.opening_after(max(held, default=moment.now), False, pick.channel, facts.segment)


async def _pick(house: House, conn: AsyncConnection, town: Town, person_id: int) -> Pick | None:
    """The person's nearest open way."""
    order = house.order(town)
    ways = [
        contact for contact in await outbox.contacts_of(conn, person_id)
        if contact.channel in order and contact.opted_out_at is None and contact.dead_at is None
        and contact.unbound_at is None
    ]  # fmt: skip
    if not ways:
        return None
    best = min(ways, key=lambda contact: order.index(contact.channel))
    return Pick(person_id, best.id, best.channel, "")

"""What became of a call: accepted, not accepted, refused, unknown. Nothing is resent blindly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.cases import open_case
from bot.flows.group_trouble import staff_refused
from bot.flows.house import House
from bot.flows.prepare import Ready
from bot.rules.decision import Code
from channels.contract import Accepted, ChannelError, Fault, Passing, Permanent
from store import cases, claims
from store import outbox as shelf

log = structlog.get_logger()
BACK_OFF = 20.0
"""Seconds before a provider that was not reached is asked again, when it named no time itself."""
UNTIL_MIDNIGHT = timedelta(hours=6)
"""Before a daily quota is tried again."""
FORMAL = ("formal", "law")
PROACTIVE = ("reminder", "nudge")
OURS: tuple[Fault, ...] = ("request", "sender")
"""Faults that lie with us, not with whom it was for."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=15), timedelta(hours=6)
"""Before our own account is tried again, doubled from time to time."""
ANOTHER_DAY, DAYS_OUT_OF_REACH = timedelta(days=1), 3
"""Twilio 30003: "try again later"; so often, on days of their own."""


class OurTurn(Passing):
    """Not called at all: the provider's rate leaves no room before our lease ends."""


@dataclass(slots=True)
class Told:
    """One call and what the provider said."""

    ready: Ready
    answer: Accepted | ChannelError


@dataclass(slots=True)
class _Rows:
    now: datetime
    attempts: list[tuple[Any, ...]] = field(default_factory=list)
    states: list[tuple[Any, ...]] = field(default_factory=list)
    said: list[int] = field(default_factory=list)

    def finish(self, one: Told, outcome: str, reason: str, provider_id: str | None = None) -> None:
        self.attempts.append((one.ready.our_id, outcome, reason[:200], provider_id, self.now))

    def settle(self, row: Any, state: str, reason: str = "") -> None:
        self.states.append((row.id, row.fence, state, reason[:200], self.now, None))


async def settle(house: House, conn: AsyncConnection, told: Sequence[Told], now: datetime, real_now: datetime) -> None:
    """Writes the outcomes of a slice, in one transaction, each under its fence."""
    rows = _Rows(now)
    for one in sorted(told, key=lambda one: int(one.ready.row.id)):
        row, answer = one.ready.row, one.answer
        if isinstance(answer, Passing | Permanent) and await _asked_meanwhile(house, conn, row):
            continue
        if isinstance(answer, Accepted):
            await _accepted(conn, one, answer, rows)
        elif isinstance(answer, Passing):
            rows.finish(one, "not_accepted", str(answer))
            await _later(conn, row, answer, now, real_now)
        elif isinstance(answer, Permanent):
            rows.finish(one, "refused", answer.reason)
            if await claims.still_held(conn, row.id, row.fence):
                await refused(house, conn, row, answer.reason, answer.fault, now, moved_to=answer.moved_to)
        else:
            rows.finish(one, "unknown", str(answer))
            rows.settle(row, "uncertain", str(answer))
    await shelf.settle_state(conn, rows.states)  # messages before their attempts, as who asks and who applies receipts
    await shelf.finish(conn, rows.attempts)
    await shelf.said_now(conn, rows.said, now)
    await _tell(conn, told, real_now)


async def _tell(conn: AsyncConnection, told: Sequence[Told], real_now: datetime) -> None:
    """What was not accepted is one line of the log; a provider that asked for silence is told on the console."""
    reasons = Counter((one.ready.row.channel, str(one.answer)) for one in told if isinstance(one.answer, ChannelError))
    if reasons:
        counts = [[channel, reason[:120], count] for (channel, reason), count in reasons.items()]
        log.info("not accepted", action="send.not_accepted", sends=counts)
    silence, one = max(((_silence(one.answer), one) for one in told), key=itemgetter(0), default=(timedelta(0), None))
    if one is not None and silence:
        await shelf.close_provider(conn, one.ready.row.channel, real_now + silence, str(one.answer)[:200])


def _silence(answer: Accepted | ChannelError) -> timedelta:
    """For how long a provider asked not to be asked."""
    if not isinstance(answer, Passing) or isinstance(answer, OurTurn):
        return timedelta(0)
    return UNTIL_MIDNIGHT if answer.until_midnight else timedelta(seconds=answer.retry_after or 0.0)


async def _asked_meanwhile(house: House, conn: AsyncConnection, row: Any) -> bool:
    """Whether our lease ended and others ask the provider: asking WeChat is sending again, so our late no is void."""
    channel = house.channels.get(row.channel)
    askable = channel is not None and channel.traits.can_be_asked
    return askable and await claims.in_doubt(conn, row.id)


async def _accepted(conn: AsyncConnection, one: Told, answer: Accepted, rows: _Rows) -> None:
    row = one.ready.row
    rows.finish(one, "accepted", "", answer.provider_id or None)
    rows.settle(row, "accepted")
    rows.said.append(row.id)
    if row.contact_id is not None and one.ready.form == "text" and row.channel == "wechat":
        await shelf.use_window(conn, row.contact_id)


async def _later(conn: AsyncConnection, row: Any, answer: Passing, now: datetime, real_now: datetime) -> None:
    """Not taken: it waits as long as the provider asked, and costs nothing."""
    wait = answer.retry_after if answer.retry_after is not None else BACK_OFF
    not_before = now + UNTIL_MIDNIGHT if answer.until_midnight else row.not_before
    retry_at = None if answer.until_midnight else real_now + timedelta(seconds=wait)
    await shelf.requeue(conn, row.id, row.fence, not_before=not_before, retry_at=retry_at, reason=str(answer)[:200])


async def refused(
    house: House, conn: AsyncConnection, row: Any, reason: str, fault: Fault, now: datetime, *,
    moved_to: str | None = None,
) -> None:  # fmt: skip
    """Refused for good: the contact is marked, the next one takes the same message, or people are told.

    Where the fault lies with our own account at the provider, no owner is at fault: people are told once, and what
    no other channel can take waits.
    """
    if row.kind == "staff":
        await staff_refused(house, conn, row, reason, fault, now, moved_to=moved_to)
        return
    if row.contact_id is not None and fault == "address":
        await shelf.mark_dead(conn, row.contact_id, reason[:200], now)
    if row.contact_id is not None and fault == "opted_out":
        await shelf.mark_opted_out(conn, row.contact_id, now)
    if row.contact_id is not None and row.kind in (*PROACTIVE, "code") and fault not in OURS:
        if row.kind == "code" or not await _next_contact(house, conn, row, reason, now, list(house.channels)):
            await _nobody(conn, row, reason, now)
        return
    if fault in OURS:
        await _tell_people(conn, row, reason, now)
    if fault == "sender" and row.contact_id is not None and row.kind in PROACTIVE:
        others = [name for name in house.channels if name != row.channel]
        if not await _next_contact(house, conn, row, reason, now, others):
            wait = min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT)
            await shelf.put_off(conn, row.id, now + wait, reason[:200], now)
        return
    await shelf.set_state(conn, [row.id], "failed", reason[:200], now)


async def undelivered(house: House, conn: AsyncConnection, row: Any, reason: str, now: datetime) -> None:
    """The carrier gave up for now (a phone switched off): the next contact, else the same message on another day.

    Who was out of reach on so many days is out of reach: then it is as if the address had been refused.
    """
    tried = [a for a in await shelf.attempts_of(conn, [row.id]) if a.contact_id == row.contact_id]
    if row.contact_id is None or row.kind not in PROACTIVE or len(tried) >= DAYS_OUT_OF_REACH:
        await refused(house, conn, row, reason, "address", now)
    elif not await _next_contact(house, conn, row, reason, now, list(house.channels)):
        await shelf.put_off(conn, row.id, now + ANOTHER_DAY, reason[:200], now)


async def _nobody(conn: AsyncConnection, row: Any, reason: str, now: datetime) -> None:
    await shelf.set_state(conn, [row.id], "failed", f"{Code.NO_CONTACT}: {reason}"[:200], now)
    await _missing_contact(conn, row, reason, now)


async def _tell_people(conn: AsyncConnection, row: Any, reason: str, now: datetime) -> None:
    """Once: ten thousand refused messages are one matter."""
    subject, cause = f"provider:{row.channel}", "provider_refusal"
    if row.community_id is None or await cases.open_one(conn, subject, cause) is not None:
        return
    detail = {"reason": reason, "channel": row.channel}
    await open_case(conn, community_id=row.community_id, cause=cause, now=now, urgent=True, subject=subject,
                    detail=detail)  # fmt: skip


async def _next_contact(
    house: House, conn: AsyncConnection, row: Any, reason: str, now: datetime, order: Sequence[str]
) -> bool:  # fmt: skip
    tried = {a.contact_id for a in await shelf.attempts_of(conn, [row.id])} | {row.contact_id}
    usable = [
        c for c in await shelf.contacts_of(conn, row.person_id)
        if c.id not in tried and c.dead_at is None and c.opted_out_at is None and c.channel in order
        and (c.trust == "proved" or row.band not in FORMAL)
    ]  # fmt: skip
    if not usable:
        return False
    best = min(usable, key=lambda c: order.index(c.channel))
    await shelf.redirect(conn, row.id, contact_id=best.id, channel=best.channel, reason=reason[:200], now=now)
    return True


async def _missing_contact(conn: AsyncConnection, row: Any, reason: str, now: datetime) -> None:
    for item in await shelf.items(conn, [row.id]):
        if item.account_id is not None:
            await open_case(conn, community_id=row.community_id, cause="missing_contact", now=now,
                            account_id=item.account_id, detail={"reason": reason})  # fmt: skip

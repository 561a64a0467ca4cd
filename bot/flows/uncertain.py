"""Uncertain sends: asked at the provider where it can be asked, shown to a person where not. Never blindly resent."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.cases import open_case
from bot.flows.house import House
from bot.flows.prepare import still_stands
from channels.contract import ChannelError, Outgoing, Verdict
from store import claims, receipts
from store import outbox as shelf
from store.engine import Store
from store.journal import Entry, note

AT_ONCE = 16
"""Questions to providers at a time: after an outage thousands may be open."""
REPLY_EXPIRES = timedelta(minutes=10)
"""A reply nobody can be sure of is not worth repeating after this long."""


class SettleError(Exception):
    """A message cannot be settled as asked; the message says why."""


async def ask_providers(house: House) -> int:
    """Asks what became of uncertain messages, some at a time; answers how many were resolved."""
    now = house.clock.now()
    async with house.store.read() as conn:
        rows = await shelf.uncertain(conn)
        if not rows:
            return 0
        attempts: dict[int, Any] = {a.message_id: a for a in await shelf.attempts_of(conn, [r.id for r in rows])}
        contacts = await shelf.addresses(conn, [a.contact_id for a in attempts.values() if a.contact_id is not None])
        told = await shelf.with_case(conn, [f"message:{row.id}" for row in rows])
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(row: Any, attempt: Any) -> int:
        async with gate:
            verdict = await _asked(house, row, attempt, contacts.get(attempt.contact_id))
            return await _conclude(house, row, attempt, verdict, now)

    wanted = [(row, attempts[row.id]) for row in rows if row.id in attempts]
    open_ones = [(row, a) for row, a in wanted if _open(house, row, a, f"message:{row.id}" in told, now)]
    answers = await asyncio.gather(*(ask(row, attempt) for row, attempt in open_ones), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return sum(answer for answer in answers if isinstance(answer, int))


def _open(house: House, row: Any, attempt: Any, told: bool, now: datetime) -> bool:
    """Whether there is still something to do: to ask, to let expire, or to tell people."""
    channel = house.channels.get(attempt.channel)
    if channel is None:
        return False
    if channel.traits.can_be_asked or _expired(row, now):
        return True
    return row.kind not in ("reply", "code", "staff") and not told


def _expired(row: Any, now: datetime) -> bool:
    return row.kind in ("reply", "code") and bool(row.state_at < now - REPLY_EXPIRES)


async def _asked(house: House, row: Any, attempt: Any, contact: Any) -> tuple[Verdict, str | None]:
    """What the provider says. WeChat's ten minutes count from the attempt to this very question, and as asking it is
    sending again, what may not be said any more is not asked."""
    channel = house.channels[attempt.channel]
    if contact is None or not channel.traits.can_be_asked:
        return "unknown", None
    now = house.clock.now()
    if channel.traits.asking_sends and not await still_stands(house, row, now):
        return "unknown", None
    try:
        return await channel.settle(_again(house, attempt, contact), attempt.provider_id, int(now.timestamp()))
    except ChannelError:
        return "unknown", None


def _again(house: House, attempt: Any, contact: Any) -> Outgoing:
    """The very same request as the attempt made it."""
    request = json.loads(attempt.request)
    return Outgoing(
        to=house.store.vault.open(contact.address_sealed), text=attempt.text, our_id=attempt.our_id,
        template_id=request.get("template"), fields=request.get("fields", {}), url=request.get("url"),
        attempted_at=int(attempt.started_at.timestamp()),
    )  # fmt: skip


async def _conclude(house: House, row: Any, attempt: Any, told: tuple[Verdict, str | None], now: datetime) -> int:
    verdict, provider_id = told
    async with house.store.write() as conn:
        if not await claims.still_held(conn, row.id, row.fence) or await _told_since(conn, row, attempt):
            return 0
        if verdict == "accepted":
            await receipts.raise_attempt(conn, attempt.id, "accepted", provider_id, "asked at the provider")
            await shelf.set_state(conn, [row.id], "accepted", "", now)
            await shelf.said_now(conn, [row.id], attempt.started_at)
            return 1
        if verdict == "not_accepted":
            await receipts.raise_attempt(conn, attempt.id, "not_accepted", None, "asked at the provider")
            await shelf.requeue(conn, row.id, row.fence, not_before=row.not_before, retry_at=None, reason="not taken")
            return 1
        if _expired(row, now):
            await shelf.set_state(conn, [row.id], "abandoned", "an uncertain reply expires", now)
            return 1
        if row.kind not in ("reply", "code", "staff") and row.community_id is not None:
            items = await shelf.items(conn, [row.id])
            account_id = items[0].account_id if items else None
            if not await shelf.with_case(conn, [f"message:{row.id}"]):
                await open_case(conn, community_id=row.community_id, cause="uncertain", now=now,
                                account_id=account_id, subject=f"message:{row.id}",
                                detail={"channel": row.channel, "step": row.step})  # fmt: skip
    return 0


async def _told_since(conn: AsyncConnection, row: Any, attempt: Any) -> bool:
    """Whether a receipt, a person or another worker answered while we were asking."""
    fresh = (await shelf.attempts_of(conn, [row.id]))[-1]
    return bool(fresh.id != attempt.id or fresh.outcome != attempt.outcome)


async def settle_by_person(store: Store, message_id: int, sent: bool, who: str, now: datetime) -> str:
    """A person's word on an uncertain message: it was sent, or it was not and may be said again.

    Raises SettleError when the message is unknown or not uncertain.
    """
    async with store.write() as conn:
        await claims.lock(conn, [message_id])
        row = await shelf.one(conn, message_id)
        if row is None:
            raise SettleError(f"there is no message {message_id}; `yinuo audit` lists the uncertain ones")
        if row.state != "uncertain":
            raise SettleError(f"message {message_id} is {row.state}, not uncertain; nothing to settle")
        attempt = (await shelf.attempts_of(conn, [message_id]))[-1]
        outcome = "accepted" if sent else "not_accepted"
        await receipts.raise_attempt(conn, attempt.id, outcome, None, f"settled by {who}")
        if sent:
            await shelf.set_state(conn, [message_id], "accepted", f"settled by {who}", now)
            await shelf.said_now(conn, [message_id], attempt.started_at)
        else:
            await shelf.set_state(conn, [message_id], "abandoned", f"not sent, settled by {who}", now)
            await shelf.look_for_message(conn, message_id, now)
        content = {"message": message_id, "sent": sent}
        await note(conn, Entry("settle", f"message:{message_id}", content, now, row.community_id, who))
        return outcome

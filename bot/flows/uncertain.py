"""Uncertain sends: asked at the provider where it can be asked, shown to a person where not. Never blindly resent."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.cases import open_case
from bot.flows.house import House
from channels.contract import ChannelError, Outgoing, Verdict
from store import claims, receipts
from store import outbox as shelf
from store.engine import Store
from store.journal import Entry, note

REPLY_EXPIRES = timedelta(minutes=10)
"""A reply nobody can be sure of is not worth repeating after this long."""


class SettleError(Exception):
    """A message cannot be settled as asked; the message says why."""


async def ask_providers(house: House) -> int:
    """Asks what became of uncertain messages; answers how many were resolved."""
    now = house.clock.now()
    async with house.store.read() as conn:
        rows = await shelf.uncertain(conn)
        attempts: dict[int, Any] = {a.message_id: a for a in await shelf.attempts_of(conn, [r.id for r in rows])}
    resolved = 0
    for row in rows:
        attempt = attempts.get(row.id)
        channel = house.channels.get(attempt.channel if attempt is not None else row.channel)
        if attempt is None or channel is None:
            continue
        verdict: tuple[Verdict, str | None] = ("unknown", None)
        if channel.traits.can_be_asked:
            verdict = await _asked(house, row, attempt, now)
        resolved += await _conclude(house, row, attempt, verdict, now)
    return resolved


async def _asked(house: House, row: Any, attempt: Any, now: datetime) -> tuple[Verdict, str | None]:
    out = await _again(house, row, attempt)
    if out is None:
        return "unknown", None
    try:
        return await house.channels[attempt.channel].settle(out, attempt.provider_id, int(now.timestamp()))
    except ChannelError:
        return "unknown", None


async def _again(house: House, row: Any, attempt: Any) -> Outgoing | None:
    """The very same request as the attempt made it."""
    if attempt.contact_id is None:
        return None
    async with house.store.read() as conn:
        contact = (await shelf.addresses(conn, [attempt.contact_id])).get(attempt.contact_id)
    if contact is None:
        return None
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
        if row.kind in ("reply", "code") and row.state_at < now - REPLY_EXPIRES:
            await shelf.set_state(conn, [row.id], "abandoned", "an uncertain reply expires", now)
            return 1
        if row.kind not in ("reply", "code", "staff") and row.community_id is not None:
            items = await shelf.items(conn, [row.id])
            account_id = items[0].account_id if items else None
            if not await shelf.has_case(conn, f"message:{row.id}"):
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

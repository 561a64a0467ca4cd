"""What comes in: verified and parsed by its channel, persisted, only then acknowledged. Applied afterwards, once.

The web hands in raw bytes and gets back the channel's own bytes.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House
from bot.flows.letterbox import Letter, Row
from bot.flows.outcome import refused, undelivered
from bot.rules.ranks import ENDS, rise
from channels.contract import Heard, RawAnswer, RawRequest, Receipt, Said
from store import claims, receipts
from store import outbox as shelf
from store.vault import Vault

RANK = {
    "in_flight": 0, "unknown": 1, "not_accepted": 1, "accepted": 2, "sent": 3, "failed": 4, "delivered": 5, "read": 6,
}  # fmt: skip
"""A receipt only ever raises an attempt; delivered outranks failed, because some carriers report both."""
FORGET_AFTER = timedelta(days=3)
"""A receipt for a message that is not ours is kept this long before it is set aside."""


async def receive(house: House, name: str, request: RawRequest) -> RawAnswer:
    """One callback: verify, parse, persist, acknowledge. Raises Forged or Malformed, and then nothing is changed.

    Raises Overfull, or what the database said, when it could not be kept.
    """
    now = house.clock.now()
    heard = house.channels[name].hear(request, int(now.timestamp()))
    if heard.said or heard.receipts:
        await house.letterbox.put(_letter(house, name, heard, now))
    return heard.answer


async def keep(house: House, name: str, heard: Heard) -> int:
    """Persists what was heard; what is known already changes nothing. Answers how much was new."""
    if not heard.said and not heard.receipts:
        return 0
    return await house.letterbox.put(_letter(house, name, heard, house.clock.now()))


def _letter(house: House, name: str, heard: Heard, now: datetime) -> Letter:
    said = [_said(house.store.vault, name, one, now) for one in heard.said]
    return Letter(said, [_receipt(name, one, now) for one in heard.receipts], now)


def _said(vault: Vault, name: str, said: Said, now: datetime) -> Row:
    sender = sound(said.sender)
    detail = {
        "chat": said.chat, "thread": said.thread, "message_id": said.message_id, "reply_to": said.reply_to,
        "press_id": said.press_id, "file_id": said.file_id, "name": said.name,
    }  # fmt: skip
    return {
        "provider": name, "event_key": said.event_key, "sender_index": vault.index(name, sender),
        "sender_sealed": vault.seal(sender), "kind": said.kind, "text": sound(said.text[:10_000]),
        "detail": sound(json.dumps({k: v for k, v in detail.items() if v}, ensure_ascii=False)), "intent": "",
        "received_at": now, "tries": 0, "reason": "",
    }  # fmt: skip


def sound(text: str) -> str:
    """A text any database takes: without NUL, half surrogates as question marks."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _receipt(name: str, receipt: Receipt, now: datetime) -> Row:
    return {
        "provider": name, "event_key": receipt.event_key, "state": receipt.state, "provider_id": receipt.provider_id,
        "our_id": receipt.our_id, "reason": receipt.reason[:200], "fault": receipt.fault or "", "received_at": now,
    }  # fmt: skip


async def apply_receipts(house: House) -> int:
    """Applies stored receipts by rank; one that beat our own commit waits for it. Answers how many were applied."""
    now = house.clock.now()
    applied = 0
    async with house.store.write() as conn:
        events = await receipts.unapplied(conn, now - FORGET_AFTER)
        await claims.lock(conn, await receipts.messages_of(conn, events))
        for event in events:
            attempt = await receipts.attempt_for(conn, event.provider, event.our_id, event.provider_id)
            if attempt is not None:
                await _apply(house, conn, event, attempt, now)
            await receipts.set_applied(conn, event.id, attempt.id if attempt is not None else None, now)
            applied += 1
    return applied


async def _apply(house: House, conn: AsyncConnection, event: Any, attempt: Any, now: datetime) -> None:
    if RANK[event.state] <= RANK.get(attempt.outcome, 0):
        return
    await receipts.raise_attempt(conn, attempt.id, event.state, event.provider_id, event.reason)
    message = await shelf.one(conn, attempt.message_id)
    newest = (await shelf.attempts_of(conn, [message.id]))[-1].id == attempt.id
    if not newest and event.state != "delivered":
        return
    if event.state == "failed":
        if message.state in ("sending", "uncertain", "accepted"):
            await (
                refused(house, conn, message, event.reason, event.fault, now)
                if event.fault
                else undelivered(house, conn, message, event.reason, now)
            )
        return
    state = {"accepted": "accepted", "sent": "accepted"}.get(event.state, event.state)
    if message.state not in ENDS and rise(message.state, state) != message.state:
        await shelf.set_state(conn, [message.id], state, "", now)
        if message.state in ("sending", "uncertain"):
            await shelf.said_now(conn, [message.id], attempt.started_at)

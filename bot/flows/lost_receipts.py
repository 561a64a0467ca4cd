"""Receipts that never came: the provider is asked for them where it can be asked (Twilio: the message by its sid)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.flows.house import House
from bot.flows.receive import keep
from channels.contract import ChannelError, Heard, Receipt
from store import receipts

PATIENCE = timedelta(minutes=15)
"""How long a receipt may take before it is asked for, and how long until it is asked for again."""
GIVE_UP = timedelta(days=2)


async def look_up_receipts(house: House) -> int:
    """Asks for the receipts of accepted messages that told nothing since; answers how many were new."""
    asked = [name for name, channel in house.channels.items() if hasattr(channel, "look_up")]
    now = house.clock.now()
    async with house.store.read() as conn:
        silent = await receipts.unheard(conn, asked, now - GIVE_UP, now - PATIENCE) if asked else []
    new = 0
    for name in asked:
        new += await _look_up(house, name, [a for a in silent if a.channel == name])
    async with house.store.write() as conn:
        await receipts.looked(conn, [a.id for a in silent], now)
    return new


async def _look_up(house: House, name: str, attempts: Sequence[Any]) -> int:
    new = 0
    for begin in range(0, len(attempts), house.concurrency):
        part = attempts[begin : begin + house.concurrency]
        told = await asyncio.gather(*(_one(house.channels[name], a.provider_id) for a in part))
        new += await keep(house, name, Heard(receipts=tuple(r for r in told if r is not None)))
    return new


async def _one(channel: Any, provider_id: str) -> Receipt | None:
    try:
        receipt: Receipt = await channel.look_up(provider_id)
    except ChannelError:
        return None
    return receipt

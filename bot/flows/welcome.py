"""Moving in: the shipped words brought in, the webhooks set, before the house speaks or hears."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import structlog

from bot.flows.house import House
from bot.flows.words import bring_in, read_files
from bot.settings import Settings
from channels.contract import ChannelError

log = structlog.get_logger()
PATIENCE = 5.0
"""Real seconds Telegram has to answer; while we wait, nobody else is heard."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Real seconds between two tries."""


async def welcome(house: House, settings: Settings) -> bool:
    """Brings shipped wordings in (an admin's are never overwritten) and tells Telegram where we listen.

    Answers whether Telegram took it.
    """
    await bring_in(house.store, read_files(settings.scripts), house.clock.now())
    return await _told_telegram(house, settings)


@contextlib.asynccontextmanager
async def moved_in(house: House, settings: Settings) -> AsyncIterator[None]:
    """The house made welcome while inside; a Telegram that is away is told later, and keeps nobody else waiting."""
    told = await welcome(house, settings)
    telling = None if told else asyncio.create_task(_tell_until_told(house, settings))
    try:
        yield
    finally:
        if telling is not None:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)


async def _tell_until_told(house: House, settings: Settings) -> None:
    pause, told = FIRST_PAUSE, False
    while not told:
        await asyncio.sleep(pause)
        told, pause = await _told_telegram(house, settings), min(pause * 2, LONGEST_PAUSE)
    log.info("telegram knows where we listen", action="webhook.set")


async def _told_telegram(house: House, settings: Settings) -> bool:
    """Whether Telegram knows where we listen, or need not."""
    telegram: Any = house.channels.get("telegram")
    if telegram is None or settings.telegram_polling or not (house.sandbox or settings.public_url):
        return True
    try:
        async with asyncio.timeout(PATIENCE):
            await telegram.set_webhook(f"{house.public_url}/hooks/telegram")
    except (ChannelError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        log.warning("telegram does not know where we listen; tried again", action="webhook.failed", reason=reason)
        return False
    return True

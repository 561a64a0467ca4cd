"""Moving in: the shipped words brought in, the webhooks set, before the house speaks or hears."""

from typing import Any

from bot.flows.house import House
from bot.flows.words import bring_in, read_files
from bot.settings import Settings


async def welcome(house: House, settings: Settings) -> None:
    """Brings shipped wordings in (an admin's are never overwritten) and tells Telegram where we listen."""
    await bring_in(house.store, read_files(settings.scripts), house.clock.now())
    telegram: Any = house.channels.get("telegram")
    if telegram is not None and not settings.telegram_polling and (house.sandbox or settings.public_url):
        await telegram.set_webhook(f"{house.public_url}/hooks/telegram")

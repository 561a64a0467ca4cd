"""What staff say to the bot, in their group or in private."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House


async def hear_staff(house: House, conn: AsyncConnection, row: Any) -> None:
    """Takes one inbound of a member of staff or from the staff's group, in the caller's transaction."""

"""Nothing sleeps forever: cards, climbing alerts, lapses, nights, and five hundred at once."""

from datetime import UTC, date, datetime, timedelta

from bot.flows import cases
from store import core
from tests.bot.flows.casework.conftest import GROUP, Estate


def local(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)

"""What holds for whole communities at one moment: policies, pauses, freshness, which words may be said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.words import Book, books
from bot.rules.facts import Climate
from bot.rules.moment import Moment, moment
from store.around import Around, around


@dataclass(slots=True)
class Weather:
    """Everything a run over many accounts shares."""

    towns: dict[int, Town]
    climates: dict[int, Climate]
    moments: dict[int, Moment]
    watermarks: dict[int, date | None]
    books: dict[int, Book]
    charging: set[int]
    """Communities that ask for a late fee."""


async def weather(
    house: House, conn: AsyncConnection, now: datetime, only: Collection[int | None] | None = None
) -> Weather:
    """Reads the communities once for a run at ``now``. ``only``: these, and whatever holds for all."""
    found = await around(conn, now, only)
    towns = {row.id: house.town(row) for row in found.communities}
    shelf = await books(house, conn, list(towns), found.mark)
    today = min((t.today(now) for t in towns.values()), default=now.date())
    paused = [row for row in found.pauses if row.until >= today]
    climates = {key: _climate(house, town, shelf[key], paused) for key, town in towns.items()}
    moments = {key: moment(t.policy, t.calendar, t.zone, now) for key, t in towns.items()}
    return Weather(towns, climates, moments, _fresh(found, towns, now), shelf, found.charging)


def _fresh(found: Around, towns: dict[int, Town], now: datetime) -> dict[int, date | None]:
    """How fresh each book is: as of its newest import, or of today where payments are told as they come."""
    live = {key: town.today(now) for key, town in towns.items() if key in found.live or None in found.live}
    return {**found.watermarks, **live}


def _climate(house: House, town: Town, words: Book, paused: Sequence[Any]) -> Climate:
    climate = Climate(released=town.row.released_at is not None, channels=house.order(town))
    for row in paused:
        scope = row.scope.split(":")
        if scope[0] == "step" and int(scope[1]) in (0, town.id):
            climate.paused_steps = {**climate.paused_steps, scope[2]: row.until}
        elif row.scope in ("all", f"community:{town.id}"):
            climate.paused_until, climate.paused_why = row.until, row.why
    climate.scripts, climate.waiting_approval = _words(house, town, words)
    return climate


def _words(house: House, town: Town, words: Book) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """What can be said, and what waits for a provider; worked out once for a book."""
    key = f"said:{town.locale}:{','.join(house.channels)}"
    kept = house.memory.get(key)
    if kept is None or kept[0] is not words:
        names = frozenset(words.scripts.names("reminders"))
        kept = house.memory[key] = (words, (names, _waiting(house, town, words, names)))
    found: tuple[frozenset[str], frozenset[tuple[str, str]]] = kept[1]
    return found


def _waiting(house: House, town: Town, words: Book, names: frozenset[str]) -> frozenset[tuple[str, str]]:
    chain = (town.locale, "zh-Hans")
    found = set()
    for name in names:
        for channel in house.channels:
            script = words.scripts.find("reminders", name, chain, channel)
            if script is not None and words.waits(script):
                found.add((name, channel))
    return frozenset(found)


async def book_date(conn: AsyncConnection, town: Town, now: datetime) -> date | None:
    """Up to which local day one community's payments are in the book; None: nobody knows."""
    return _fresh(await around(conn, now, [town.id]), {town.id: town}, now).get(town.id)

"""What can be seen of the house from outside: figures for Prometheus, and whether it is ready."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import real_now
from bot.flows.house import House
from store import audit, journal
from store import seen as shelf
from store.engine import faults
from store.migrate import still_serves
from store.plan import unreleased

KEPT_DAYS = 90
WINDOW = timedelta(hours=1)
"""Sends are counted over so long: what has become of an attempt changes, so a count of all would fall."""
WORKER_SILENT = timedelta(seconds=60)


@dataclass(slots=True)
class Figures:
    """Counts and ages at one instant. Ages in seconds or days; ``keep_rate`` None while no promise has ended."""

    queue_due: dict[str, int] = field(default_factory=dict)
    queue_age: float = 0.0
    sends: dict[tuple[str, str], int] = field(default_factory=dict)
    uncertain: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    cases_open: int = 0
    closed: dict[str, bool] = field(default_factory=dict)
    ledger_age_days: dict[str, int] = field(default_factory=dict)
    workers: int = 0
    unsealed: int = 0
    unsealed_age: float = 0.0
    unheard_age: float = 0.0

    @property
    def keep_rate(self) -> float | None:
        ended = sum(self.outcomes.get(name, 0) for name in ("kept", "partly_kept", "broken"))
        return self.outcomes.get("kept", 0) / ended if ended else None


async def figures(house: House) -> Figures:
    """Reads them all."""
    now, real = house.clock.now(), real_now()
    told = Figures()
    async with house.store.read() as conn:
        for row in await shelf.queue(conn, now, await unreleased(conn)):
            told.queue_due[row.channel] = row.due
            told.queue_age = max(told.queue_age, (now - row.oldest).total_seconds())
        told.sends = {(row.channel, row.outcome): row.n for row in await shelf.sends(conn, now - WINDOW)}
        told.uncertain = len(await audit.uncertain(conn))
        told.outcomes = await shelf.outcomes(conn, now - timedelta(days=KEPT_DAYS))
        told.cases_open = await shelf.cases_open(conn)
        told.closed = {row.provider: _closed(row.closed_until, real) for row in await shelf.providers(conn)}
        told.ledger_age_days = await _ledger_ages(conn, now)
        told.workers = await shelf.workers(conn, real, WORKER_SILENT)
        told.unsealed, told.unsealed_age = await journal.unsealed(conn), _age(now, await shelf.unsealed(conn))
        told.unheard_age = _age(now, await shelf.unheard(conn))
    return told


async def _ledger_ages(conn: AsyncConnection, now: datetime) -> dict[str, int]:
    """A book whose payments are told as they come is as new as today; one that covers no day yet as its community."""
    live, ages = await shelf.told_live(conn), {}
    for row in await shelf.watermarks(conn):
        zone = ZoneInfo(row.timezone)
        known = row.as_of or row.created_at.astimezone(zone).date()
        ages[row.name] = 0 if live & {None, row.id} else (now.astimezone(zone).date() - known).days
    return ages


def _age(now: datetime, since: datetime | None) -> float:
    return (now - since).total_seconds() if since is not None else 0.0


def _closed(until: datetime | None, real: datetime) -> bool:
    return until is not None and until > real


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether the doors may be used. Without a worker nothing is sent, but what is said to us must still be heard."""

    database: bool
    migrated: bool
    worker: bool

    @property
    def ok(self) -> bool:
        return self.database and self.migrated

    def json(self) -> dict[str, bool]:
        return {"ready": self.ok, "database": self.database, "migrated": self.migrated, "worker": self.worker}


def _away() -> tuple[type[Exception], ...]:
    return (*faults(), OSError, TimeoutError)


async def readiness(house: House) -> Ready:
    """Asks the database; one that does not answer is not ready."""
    try:
        migrated = await still_serves(house.store)
        async with house.store.read() as conn:
            alive = await shelf.workers(conn, real_now(), WORKER_SILENT) if migrated else 0
    except _away():
        return Ready(False, False, False)
    return Ready(True, migrated, alive > 0)

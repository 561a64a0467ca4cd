"""The ticks: what the house does by itself, again and again. Every one is safe to run twice at once.

``turn`` does all that is due at one instant of trade time and says when something is due next: the sandbox drives it
from one such instant to the next. ``Runner`` drives the same ticks by the wall clock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.assembly import budgets_of
from bot.clock import real_now
from bot.flows.alerts import alert
from bot.flows.attachments import fetch_waiting
from bot.flows.day import day_ticks, next_day_tick
from bot.flows.dispatch import dispatch, drain, recover
from bot.flows.hear import hear_all, until_something_comes
from bot.flows.heartbeat import EVERY, beat
from bot.flows.house import House
from bot.flows.ledger import settle_in_flight
from bot.flows.lost_receipts import look_up_receipts
from bot.flows.plan import plan
from bot.flows.privacy import retain_monthly
from bot.flows.promises import judge
from bot.flows.receive import apply_receipts, keep
from bot.flows.talk.claims import check
from bot.flows.uncertain import ask_providers
from bot.flows.undisturbed import settled_in
from bot.settings import Settings
from channels.contract import ChannelError, Malformed
from store import claims, journal, outbox
from store.next_due import next_due

log = structlog.get_logger()
ROUNDS = 60
"""How often one instant may cause more at the same instant before the turn stops and says so."""
RETRY_PATIENCE = 5.0
"""Real seconds a turn waits for a provider that asked for patience."""

POLL_PAUSE = 5.0
"""Real seconds before Telegram is asked again after a fault."""


async def money(house: House) -> int:
    """Bank collections whose return file's day has passed are received."""
    now = house.clock.now()
    async with house.store.write() as conn:
        return len(await settle_in_flight(conn, now.date(), now))


async def judged(house: House) -> int:
    """Promises whose day is over, or that saw money."""
    told = await judge(house)
    return told.kept + told.partly_kept + told.broken


async def alerted(house: House) -> int:
    """Nothing sleeps forever: cards, reminders, lapses."""
    told = await alert(house)
    return told.carded + told.told + told.lapsed + told.woken + told.paid


async def planned(house: House) -> int:
    return (await plan(house, keep=False)).messages


async def sealed(house: House) -> int:
    async with house.store.write() as conn:
        return await journal.seal(conn, house.clock.now())


TICKS: dict[str, tuple[float, Callable[[House], Awaitable[int]]]] = {
    "receipts": (1.0, apply_receipts),
    "hear": (0.5, hear_all),
    "fetch": (2.0, fetch_waiting),
    "money": (60.0, money),
    "judge": (30.0, judged),
    "claims": (60.0, check),
    "plan": (20.0, planned),
    "recover": (15.0, recover),
    "ask": (30.0, ask_providers),
    "look_up": (60.0, look_up_receipts),
    "alert": (5.0, alerted),
    "day": (20.0, day_ticks),
    "seal": (60.0, sealed),
    "retain": (3600.0, retain_monthly),
}
"""Name → real seconds between two runs, and what runs. Dispatch runs in a loop of its own."""
OWN_LOOP = frozenset({"hear"})
"""Ticks that also run as soon as there is something for them."""


async def turn(house: House) -> datetime | None:
    """Everything due at this instant, until dispatch is idle; answers the next instant anything is due."""
    for _ in range(ROUNDS):
        done = 0
        for name in ("receipts", "recover", "hear", "fetch", "money", "judge", "claims", "plan", "alert", "day"):
            done += await TICKS[name][1](house)
        done += await drain(house)
        done += await ask_providers(house)
        if not done and not await _patience(house):
            break
    await retain_monthly(house)
    await sealed(house)
    return await following(house)


async def _patience(house: House) -> bool:
    """Waits for a provider that asked to be asked again soon; False when nothing is to be waited for."""
    async with house.store.read() as conn:
        retry = await claims.next_retry(conn, house.clock.now())
    wait = (retry - real_now()).total_seconds() if retry is not None else None
    if wait is None or wait > RETRY_PATIENCE:
        return False
    await asyncio.sleep(max(wait, 0) + 0.01)
    return True


async def following(house: House) -> datetime | None:
    """The next instant of trade time at which something is due."""
    now = house.clock.now()
    async with house.store.read() as conn:
        due = [d for d in await next_due(conn, now) if d is not None]
        unsure = [row for row in await outbox.uncertain(conn) if now - row.state_at < timedelta(minutes=20)]
    day = await next_day_tick(house, now)
    if day is not None:
        due.append(day)
    if any(house.channels[row.channel].traits.can_be_asked for row in unsure if row.channel in house.channels):
        due.append(now + timedelta(seconds=61))
    return min((d for d in due if d > now), default=None)


class Runner:
    """Drives the ticks by the wall clock until it is told to stop; then hands back what it had claimed."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._house = house
        self._settings = settings
        self._scheduler = AsyncIOScheduler()
        self._loops: list[asyncio.Task[None]] = []
        self._stopping = house.stopping

    async def start(self) -> None:
        for name, (seconds, tick) in TICKS.items():
            if name in OWN_LOOP:
                continue
            self._scheduler.add_job(
                self._guarded, "interval", seconds=seconds, args=[name, tick], id=name, max_instances=1, coalesce=True,
                misfire_grace_time=None,
            )  # fmt: skip
        self._scheduler.add_job(self._beat, "interval", seconds=10, id="beat", max_instances=1, coalesce=True)
        self._scheduler.add_job(self._heart, "interval", seconds=EVERY, id="heart", max_instances=1, coalesce=True)
        await self._beat()
        self._scheduler.start()
        self._loops = [
            asyncio.create_task(self._send_for_ever(name, urgent))
            for name in self._house.channels
            for urgent in (True, False)
        ]
        self._loops.append(asyncio.create_task(self._hear_for_ever()))
        if self._settings.telegram_polling and "telegram" in self._house.channels:
            self._loops.append(asyncio.create_task(self._listen_for_ever()))
        settled_in()
        log.info("working", action="work.started", worker=self._house.worker, channels=sorted(self._house.channels))

    async def _guarded(self, name: str, tick: Callable[[House], Awaitable[int]]) -> None:
        try:
            await tick(self._house)
        except Exception:
            log.exception("a tick failed; it runs again", action="tick.failed", tick=name)

    async def _hear_for_ever(self) -> None:
        """Hears at once what this process took in, and every half second what others did."""
        seconds, tick = TICKS["hear"]
        while not self._stopping.is_set():
            await until_something_comes(self._house, seconds)
            await self._guarded("hear", tick)

    async def _beat(self) -> None:
        """Says that we live, and takes our share of every provider's budget; a beat that is lost is told."""
        try:
            async with self._house.store.write() as conn:
                alive = await outbox.beat(conn, self._house.worker, "0.1", real_now())
        except Exception:
            log.exception("a beat was lost; the next follows", action="beat.failed")
            return
        if alive != self._house.workers_alive:
            self._house.workers_alive = alive
            self._house.budgets = budgets_of(self._settings, 1.0 / max(alive, 1))

    async def _heart(self) -> None:
        """Beats outwards while the audit is clean; a failed audit is silence, and a line in the log."""
        try:
            await beat(self._house, self._settings.var, self._settings.heartbeat_url)
        except Exception:
            log.exception("the audit failed: no heartbeat", action="heartbeat.failed")

    async def _send_for_ever(self, name: str, urgent: bool) -> None:
        def more(_claimed: int) -> bool:
            return not self._stopping.is_set()

        while not self._stopping.is_set():
            try:
                sent = await dispatch(self._house, name, urgent=urgent, more=more)
            except Exception:
                log.exception("dispatch failed; it goes on", action="dispatch.failed", channel=name)
                sent = 0
                await asyncio.sleep(1.0)
            if not sent:
                await asyncio.sleep(0.3)

    async def _listen_for_ever(self) -> None:
        """Telegram without a webhook: what it tells is kept before the offset moves on; no fault ends the listening."""
        telegram: Any = self._house.channels["telegram"]
        offset: int | None = None
        ours = False
        while not self._stopping.is_set():
            try:
                if not ours:
                    await telegram.delete_webhook()
                    ours = True
                for update_id, raw in await telegram.poll(offset, wait=10):
                    await self._take(telegram, update_id, raw)
                    offset = update_id + 1
            except ChannelError as error:
                log.warning("telegram does not answer", action="poll.failed", reason=str(error))
                await asyncio.sleep(POLL_PAUSE)
            except Exception:
                log.exception("what telegram told was not kept; it is asked again", action="poll.failed")
                await asyncio.sleep(POLL_PAUSE)

    async def _take(self, telegram: Any, update_id: int, raw: bytes) -> None:
        """Keeps an update; one that cannot be read never will be, and must not hold up those after it."""
        try:
            heard = telegram.read(raw)
        except Malformed as error:
            log.warning("an update was passed over", action="poll.passed_over", update=update_id, reason=str(error))
            return
        await keep(self._house, "telegram", heard)

    async def stop(self) -> None:
        """Politely: nothing new is claimed, what is under way is settled, the rest is handed back."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await asyncio.gather(*self._loops, return_exceptions=True)
        log.info("stopped", action="work.stopped", worker=self._house.worker)

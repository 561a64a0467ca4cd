"""What people build for such work: a Celery task that calls the provider with requests, Redis between. Beside ours.

One worker process of Celery with 64 threads, as our one process has 64 in flight; what waits was put into the queue
before. Processor seconds are compared, of every process that takes part but the provider: with Celery's its Redis, with
ours its PostgreSQL. ``celery -A celery_rival worker`` runs this very file.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests
from psutil import Process
from rivals import IN_FLIGHT, WORDS, in_flight
from sqlalchemy import text

from bot.bench.dispatch import backlog, requeue, telegram
from bot.bench.estate import household
from bot.bench.ground import Ground, databases, fresh
from bot.bench.provider import provider
from bot.bench.ratio import Watch, alternate
from bot.flows.dispatch import drain
from bot.flows.undisturbed import settled_in
from channels.contract import Channel, Outgoing
from channels.sms.send import SmsChannel, SmsSettings
from store.engine import Store

TASKS = 1_200
QUEUE = "bench"
PATIENCE = 120.0
"""Seconds for one round."""

if find_spec("celery") is not None:
    from celery import Celery

    app = Celery("rival", broker=os.environ.get("RIVAL_BROKER", "redis://127.0.0.1:1/0"))
    app.conf.task_ignore_result = True

    @app.task(name="send")  # type: ignore[untyped-decorator]
    def send(to: str) -> None:
        """One message, as most write it."""
        url = f"{os.environ['RIVAL_PROVIDER']}/bot1:bench/sendMessage"
        requests.post(url, json={"chat_id": to, "text": WORDS}, timeout=10).raise_for_status()


async def measure(place: Ground, rounds: int = 3) -> list[dict[str, Any]]:
    """Celery's processor seconds by ours, for as many messages: the call alone, and the whole durable way out."""
    if shutil.which("redis-server") is None or find_spec("celery") is None:
        missing = "not measured: no redis-server or celery here (make bench brings them where it may)"
        return [{"name": f"Celery + Redis + requests ÷ ours, {missing}", "size": 0}]
    with provider() as base, redis() as (broker, store), worker(broker, base, store) as rival:
        found = [await _call(name, channel, to, rival, rounds) for name, channel, to in _channels(base)]
        for dialect in databases(place):
            found.append(await _whole(place, dialect, base, rival, rounds))
    return found


def _channels(base: str) -> list[tuple[str, Channel, str]]:
    """Name, channel, a recipient."""
    carrier = SmsSettings("AC" + "0" * 32, "token", "key", "+15005550006", base_url=base, concurrency=IN_FLIGHT)
    return [("Telegram", telegram(base), "7"), ("SMS", SmsChannel(carrier), "+8613900000001")]


async def _call(name: str, channel: Channel, to: str, rival: "Rival", rounds: int) -> dict[str, Any]:
    send = in_flight(lambda number: channel.send(Outgoing(to=to, text=WORDS, our_id=f"{number:032d}")), TASKS)

    async def ours() -> float:
        before = spent([Process()])
        await send()
        return spent([Process()]) - before

    told = await alternate(f"Celery + Redis + requests ÷ ours, the call, {name}", TASKS, rival.work, ours, rounds)
    await channel.close()
    return told.json()


async def _whole(place: Ground, dialect: str, base: str, rival: "Rival", rounds: int) -> dict[str, Any]:
    async with fresh(place, dialect) as store:
        await backlog(store, 10_000)
        channel = telegram(base)
        house = await household(store, {"telegram": channel})
        house.concurrency = IN_FLIGHT
        settled_in()

        async def ours() -> float:
            await requeue(store)
            taking_part = [Process(), *await server(store)]
            before = spent(taking_part)
            sent = await drain(house, most=TASKS)
            return (spent(taking_part) - before) * TASKS / sent

        name = f"Celery + Redis + requests ÷ ours, durable, {dialect}"
        told = await alternate(name, TASKS, rival.work, ours, rounds)
        await channel.close()
    return told.json()


async def server(store: Store) -> list[Process]:
    """The processes of the database's server; none of a file."""
    if store.dialect == "sqlite":
        return []
    async with store.read() as conn:
        backend = (await conn.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    postmaster = Process(backend).parent()
    assert postmaster is not None
    return postmaster.children(recursive=True)


def spent(processes: Iterable[Process]) -> float:
    """Processor seconds these have used so far."""
    times = [process.cpu_times() for process in processes if process.is_running()]
    return sum(one.user + one.system for one in times)


class Rival:
    """A worker of Celery that takes from the queue when it is told to."""

    def __init__(self, base: str, processes: Callable[[], list[Process]]) -> None:
        self._base, self._processes = base, processes

    async def work(self) -> float:
        return await asyncio.to_thread(self._work)

    def _work(self) -> float:
        for number in range(TASKS):
            send.apply_async((str(700_000_000 + number),), queue=QUEUE)
        seen, asked = self._seen(), 0
        taking_part = self._processes()
        before = spent(taking_part)
        app.control.add_consumer(QUEUE, reply=True)
        watch = Watch()
        while self._seen() - seen - (asked := asked + 1) < TASKS:
            if watch.seconds() > PATIENCE:
                raise TimeoutError(f"Celery sent less than {TASKS} in {PATIENCE:.0f} s")
            time.sleep(0.1)
        taken = spent(taking_part) - before
        app.control.cancel_consumer(QUEUE, reply=True)
        return taken

    def _seen(self) -> int:
        """How many requests the provider has answered, this one among them."""
        told = requests.post(f"{self._base}/bot1:bench/sendMessage", json={}, timeout=10).json()
        return int(told["result"]["message_id"])


@contextmanager
def redis() -> Iterator[tuple[str, Process]]:
    """A Redis of its own on a free port of the loopback address, without a file; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    order = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with _running(order, dict(os.environ)) as process:
        _wait(lambda: _answers(port))
        yield f"redis://127.0.0.1:{port}/0", process


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def worker(broker: str, base: str, store: Process) -> Iterator[Rival]:
    app.conf.broker_url = broker
    here = Path(__file__).parent
    told = os.environ | {"RIVAL_BROKER": broker, "RIVAL_PROVIDER": base,
                         "PYTHONPATH": f"{here}:{here.parents[1]}"}  # fmt: skip
    order = [sys.executable, "-m", "celery", "-A", "celery_rival", "worker", "--pool", "threads", "--concurrency",
             str(IN_FLIGHT), "-Q", "idle", "--loglevel", "error", "--without-gossip", "--without-mingle"]  # fmt: skip
    with _running(order, told) as process:
        _wait(lambda: bool(app.control.ping(timeout=0.5)))
        yield Rival(base, lambda: [store, process, *process.children(recursive=True)])


@contextmanager
def _running(order: list[str], environment: dict[str, str]) -> Iterator[Process]:
    process = subprocess.Popen(order, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _wait(ready: Callable[[], bool]) -> None:
    for _ in range(200):
        if ready():
            return
        time.sleep(0.1)
    raise TimeoutError("Redis or Celery did not start")

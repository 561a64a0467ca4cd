"""What people build for such work: a Celery task that calls the provider with requests, Redis between. Beside ours.

One worker process of Celery with 64 threads, as our one process has 64 in flight; what waits was put into the queue
before the watch starts. ``celery -A celery_rival worker`` runs this very file.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests
from rivals import IN_FLIGHT, WORDS, in_flight

from bot.bench.dispatch import SENT, backlog, durable, telegram
from bot.bench.estate import household
from bot.bench.ground import Ground, fresh
from bot.bench.provider import provider
from bot.bench.ratio import Timed, Watch, alternate
from bot.flows.undisturbed import settled_in
from channels.contract import Outgoing

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
    """Celery's seconds a message by ours: of the call alone, and of the whole durable way out."""
    if shutil.which("redis-server") is None or find_spec("celery") is None:
        missing = "not measured: no redis-server or celery here (make bench brings them where it may)"
        return [{"name": f"Celery + Redis + requests ÷ ours, {missing}", "size": 0}]
    with provider() as base, redis() as broker, worker(broker, base) as rival:
        return [
            await _call(base, rival, rounds),
            *[await _whole(place, d, base, rival, rounds) for d in _databases(place)],
        ]


def _databases(place: Ground) -> tuple[str, ...]:
    return ("sqlite", "postgresql") if place.server else ("sqlite",)


async def _call(base: str, rival: "Rival", rounds: int) -> dict[str, Any]:
    channel = telegram(base)
    ours = in_flight(lambda number: channel.send(Outgoing(to="7", text=WORDS, our_id=f"{number:032d}")), TASKS)
    told = await alternate("Celery + Redis + requests ÷ ours, the call", TASKS, rival.work, ours, rounds)
    await channel.close()
    return told.json()


async def _whole(place: Ground, dialect: str, base: str, rival: "Rival", rounds: int) -> dict[str, Any]:
    async with fresh(place, dialect) as store:
        await backlog(store, 10_000)
        channel = telegram(base)
        house = await household(store, {"telegram": channel})
        house.concurrency = IN_FLIGHT
        settled_in()
        name = f"Celery + Redis + requests ÷ ours, durable, {dialect}"
        told = await alternate(name, TASKS, rival.work, _scaled(durable(house)), rounds)
        await channel.close()
    return told.json()


def _scaled(work: Timed) -> Timed:
    """Of SENT messages the seconds that TASKS would take."""

    async def scaled() -> float:
        return await work() * TASKS / SENT

    return scaled


class Rival:
    """A worker of Celery that takes from the queue when it is told to."""

    def __init__(self, base: str) -> None:
        self._base = base

    async def work(self) -> float:
        return await asyncio.to_thread(self._work)

    def _work(self) -> float:
        for number in range(TASKS):
            send.apply_async((str(700_000_000 + number),), queue=QUEUE)
        before = self._seen()
        app.control.add_consumer(QUEUE, reply=True)
        watch = Watch()
        asked = 0
        while self._seen() - before - (asked := asked + 1) < TASKS:
            if watch.seconds() > PATIENCE:
                raise TimeoutError(f"Celery sent less than {TASKS} in {PATIENCE:.0f} s")
            time.sleep(0.02)
        taken = watch.seconds()
        app.control.cancel_consumer(QUEUE, reply=True)
        return taken

    def _seen(self) -> int:
        """How many requests the provider has answered, this one among them."""
        told = requests.post(f"{self._base}/bot1:bench/sendMessage", json={}, timeout=10).json()
        return int(told["result"]["message_id"])


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own on a free port of the loopback address, without a file; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    order = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with _running(order, dict(os.environ)):
        _wait(lambda: not socket.socket().connect_ex(("127.0.0.1", port)))
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def worker(broker: str, base: str) -> Iterator[Rival]:
    app.conf.broker_url = broker
    here = Path(__file__).parent
    told = os.environ | {"RIVAL_BROKER": broker, "RIVAL_PROVIDER": base,
                         "PYTHONPATH": f"{here}:{here.parents[1]}"}  # fmt: skip
    order = [sys.executable, "-m", "celery", "-A", "celery_rival", "worker", "--pool", "threads", "--concurrency",
             str(IN_FLIGHT), "-Q", "idle", "--loglevel", "error", "--without-gossip", "--without-mingle"]  # fmt: skip
    with _running(order, told):
        _wait(lambda: bool(app.control.ping(timeout=0.5)))
        yield Rival(base)


@contextmanager
def _running(order: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(order, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait(ready: Callable[[], bool]) -> None:
    for _ in range(200):
        if ready():
            return
        time.sleep(0.1)
    raise TimeoutError("Redis or Celery did not start")

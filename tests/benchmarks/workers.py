"""One, two and four workers on one PostgreSQL, the provider answering after 50 ms. Also the memory of one."""

import asyncio
import json
import os
import resource
import sys
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from sqlalchemy import func, select

from bot.bench.dispatch import IN_FLIGHT, backlog, requeue, telegram
from bot.bench.estate import household
from bot.bench.ground import KEYS, Ground, fresh
from bot.bench.provider import provider
from bot.flows.dispatch import drain
from bot.flows.undisturbed import settled_in
from store import core
from store.engine import Store
from store.vault import Vault

SENT = 1_200
"""Messages each worker sends."""


async def measure(place: Ground, size: int = 10_000, dialect: str = "postgresql") -> list[dict[str, Any]]:
    """Messages a second of 1, 2 and 4 workers as multiples of one; and how many were handed over twice."""
    found: list[dict[str, Any]] = []
    async with fresh(place, dialect) as store:
        await backlog(store, size)
        with provider(50) as base:
            for count in (1, 2, 4):
                await requeue(store)
                told = await asyncio.to_thread(_together, store, base, count)
                twice = await _twice(store)
                rate = sum(one["sent"] for one in told) / max(one["seconds"] for one in told)
                first = found[0]["per_second"] if found else rate
                found.append({"name": f"{count} workers ÷ 1", "size": size, "ratio": round(rate / first, 2),
                              "per_second": round(rate, 1), "twice": twice,
                              "megabytes": max(one["megabytes"] for one in told)})  # fmt: skip
    return found


def _together(store: Store, base: str, count: int) -> list[dict[str, Any]]:
    url = store.url.render_as_string(hide_password=False)
    order = [sys.executable, __file__, url, base]
    environment = os.environ | {"BENCH_KEYS": KEYS}
    workers = [Popen(order, stdin=PIPE, stdout=PIPE, text=True, env=environment) for _ in range(count)]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return [json.loads(worker.communicate()[0]) for worker in workers]


async def _twice(store: Store) -> int:
    async with store.read() as conn:
        tried = select(core.attempt.c.message_id).group_by(core.attempt.c.message_id).having(func.count() > 1)
        return len((await conn.execute(tried)).all())


async def work(url: str, base: str) -> None:
    """One worker: says that it is ready, waits for the word, sends, tells."""
    store = Store(url, Vault.parse(os.environ["BENCH_KEYS"]))
    house = await household(store, {"telegram": telegram(base)})
    house.concurrency, house.worker = IN_FLIGHT, f"w{os.getpid()}"
    settled_in()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    loop = asyncio.get_running_loop()
    began = loop.time()
    sent = await drain(house, most=SENT)
    seconds = loop.time() - began
    await house.channels["telegram"].close()
    await store.close()
    print(json.dumps({"sent": sent, "seconds": seconds, "megabytes": _peak()}))


def _peak() -> int:
    """The most memory this process ever held, in MB. Of a child ``ru_maxrss`` tells what its parent held before it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(sys.argv[1], sys.argv[2]))

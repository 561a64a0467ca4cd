"""Runs the benchmarks and writes BENCHMARKS.md with its tables and charts.

``python tests/benchmarks/run.py [--short] [--only plan,dispatch,…]``: 10,000, 100,000 and 1,000,000 accounts, about
half an hour; ``--short`` leaves the million out. Every figure is a ratio to a baseline of the same run.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import celery_rival  # noqa: E402
import console  # noqa: E402
import importing  # noqa: E402
import inbound  # noqa: E402
import report  # noqa: E402
import rivals  # noqa: E402
import workers  # noqa: E402

from bot.bench import dispatch, plan, talk  # noqa: E402
from bot.bench.ground import Ground, ground  # noqa: E402
from bot.bench.ratio import Watch, machine, say  # noqa: E402
from bot.clock import WallClock  # noqa: E402

Rows = list[dict[str, Any]]
SECTIONS = ("talk", "start", "rivals", "inbound", "workers", "dispatch", "plan", "importing", "console")


async def measure(place: Ground, only: list[str], full: bool, tell: Callable[[dict[str, Rows]], None]) -> None:
    """Section → rows, told after each section. One that fails is told as such, and the others go on."""
    sizes = (10_000, 100_000, 1_000_000) if full else (10_000, 100_000)
    rounds = 3 if full else 2
    wanted: dict[str, Callable[[], Awaitable[Rows]]] = {
        "talk": _talk,
        "start": _start,
        "rivals": lambda: _rivals(place, rounds),
        "inbound": lambda: inbound.measure(place, rounds),
        "console": lambda: _console(place, (10_000, 100_000) if full else (10_000,)),
        "importing": lambda: _importing(place, (50_000, 1_000_000) if full else (50_000,), rounds),
        "workers": lambda: workers.measure(place) if place.server else _nothing(),
        "dispatch": lambda: dispatch.measure(place, sizes, rounds),
        "plan": lambda: plan.measure(place, sizes, rounds),
    }
    found: dict[str, Rows] = {}
    for name in only:
        watch = Watch()
        try:
            found[name] = await wanted[name]()
        except Exception as fault:
            # The report says which one is missing and why.
            found[name] = [{"name": f"{name}: not measured, {type(fault).__name__}: {fault}"[:160], "size": 0}]
        say(f"== {name}: {watch.seconds():.0f} s")
        tell(found)


async def _nothing() -> Rows:
    return []


async def _rivals(place: Ground, rounds: int) -> Rows:
    return [*await rivals.measure(rounds), *await celery_rival.measure(place, rounds)]


async def _talk() -> Rows:
    """In a process of its own, so that the start counts."""
    order = [sys.executable, "-c", "import json; from bot.bench.talk import run; print(json.dumps(run()))"]
    told = await asyncio.to_thread(subprocess.run, order, cwd=ROOT, capture_output=True, text=True, check=True)
    return [{"name": "understand", "size": len(talk.SENTENCES), "told": told.stdout.strip()}]


async def _console(place: Ground, sizes: tuple[int, ...]) -> Rows:
    found = []
    for size in sizes:
        told = await console.run(size, place.folder)
        ratio = round(told["owners_page_ms"] / told["bare_query_ms"], 2)
        found.append({"name": "owners' page ÷ bare query, sqlite", "size": size, "ratio": ratio} | told)
    return found


async def _importing(place: Ground, sizes: tuple[int, ...], rounds: int) -> Rows:
    return [row for size in sizes for row in await importing.measure(place, size, rounds if size < 10**6 else 1)]


async def _start() -> Rows:
    taken = []
    for _ in range(5):
        watch = Watch()
        order = [sys.executable, "-m", "bot", "--help"]
        await asyncio.to_thread(subprocess.run, order, cwd=ROOT, capture_output=True, check=True)
        taken.append(watch.seconds())
    bare = []
    for _ in range(5):
        watch = Watch()
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", "pass"], check=True)
        bare.append(watch.seconds())
    best, floor = statistics.median(taken), statistics.median(bare)
    return [{"name": "yinuo --help ÷ bare interpreter", "size": 5, "ratio": round(best / floor, 1),
             "candidate_s": round(best, 3), "baseline_s": round(floor, 3)}]  # fmt: skip


def main() -> None:
    """Measures, writes, and says where."""
    parser = argparse.ArgumentParser(description="The benchmarks.")
    parser.add_argument("--short", action="store_true", help="without the million accounts")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, with commas")
    options = parser.parse_args()
    import uvloop

    watch, on = Watch(), WallClock().now().date()

    def tell(found: dict[str, Rows]) -> None:
        report.write(ROOT, found, machine(), on)

    with ground() as place, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(place, options.only.split(","), not options.short, tell))
    print(f"{ROOT / 'BENCHMARKS.md'} written in {watch.seconds():.0f} s")


if __name__ == "__main__":
    main()

"""A figure and its baseline, measured alternately: only their ratio counts on a machine that others use too."""

import gc
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Timed = Callable[[], Awaitable[float]]
"""Does the work once and answers the seconds it took, its preparation not counted."""


@dataclass
class Ratio:
    """Seconds of the candidate and of its baseline, pair by pair."""

    name: str
    size: int
    candidate: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [c / b for c, b in zip(self.candidate, self.baseline, strict=True)]

    @property
    def ratio(self) -> float:
        """Candidate ÷ baseline in time: the median of the pairs."""
        return median(self.ratios)

    def json(self) -> dict[str, Any]:
        return {
            "name": self.name, "size": self.size, "ratio": round(self.ratio, 3),
            "spread": [round(min(self.ratios), 3), round(max(self.ratios), 3)],
            "candidate_s": round(median(self.candidate), 4), "baseline_s": round(median(self.baseline), 4),
        }  # fmt: skip


async def alternate(name: str, size: int, candidate: Timed, baseline: Timed, rounds: int) -> Ratio:
    """Runs both in turn, the first one changing from round to round."""
    result = Ratio(name, size)
    for number in range(rounds):
        order = [(candidate, result.candidate), (baseline, result.baseline)]
        for work, taken in order if number % 2 else reversed(order):
            gc.collect()
            taken.append(await work())
        say(f"{name} {size}: round {number + 1}/{rounds} × {result.ratios[-1]:.2f}")
    return result


class Watch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def seconds(self) -> float:
        return time.perf_counter() - self._began


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def say(line: str) -> None:
    """Progress, for people: never on standard output."""
    print(line, file=sys.stderr, flush=True)


def machine() -> str:
    """The machine in general words."""
    import os

    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"

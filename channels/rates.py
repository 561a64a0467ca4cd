"""How fast each provider may be spoken to, and the arithmetic that keeps to it; time (monotonic s) is handed in."""

from collections import deque
from dataclasses import dataclass
from math import ceil, inf

FORGET_ABOVE = 10_000
"""So many recipients are remembered before those whose window has passed are dropped."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Never more than ``count`` in any stretch of ``seconds``."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    overall: Rate
    each: Rate | None = None
    """Per recipient."""
    group: Rate | None = None
    """Instead of ``each``, per group chat (Telegram: negative ids)."""

    def of(self, key: str) -> Rate | None:
        return self.group if self.group and key.startswith("-") else self.each


TELEGRAM = Limits(overall=Rate(30, 1), each=Rate(1, 1), group=Rate(20, 60))
"""Bots FAQ: 30 a second in all, one a second to a chat, 20 a minute to a group."""
WECOM = Limits(overall=Rate(200, 1), each=Rate(20, 60))
"""Message push (path/99110): 20 a minute per robot; the key is the recipient."""
WECHAT = Limits(overall=Rate(100, 1), each=Rate(1, 1))
"""No rate per second is published (the daily quota is the provider's to tell, 45009); this one is ours."""


def twilio(per_second: int) -> Limits:
    """A sender's throughput as its number or Messaging Service was sold (1/s long code, 10/s and more otherwise)."""
    return Limits(overall=Rate(per_second, 1), each=Rate(1, 1))


class _Line:
    """The provider's whole rate as evenly spaced places; a send that waits leaves the places before it to others."""

    def __init__(self, rate: Rate, share: float) -> None:
        self._spacing = rate.seconds / (rate.count * share)
        self._first = 0
        self._taken: set[int] = set()

    def free(self, start: float) -> int:
        """The first free place from a moment on."""
        place = max(ceil(round(start / self._spacing, 6)), self._first)
        while place in self._taken:
            place += 1
        return place

    def when(self, place: int, start: float) -> float:
        """The moment of a place, for who is ready at ``start``."""
        return max(start, place * self._spacing)

    def take(self, place: int) -> None:
        self._taken.add(place)

    def pass_by(self, now: float) -> None:
        """Places before ``now``, and the unbroken row of taken ones after it, need no more looking at."""
        self._first = max(self._first, ceil(round(now / self._spacing, 6)))
        while self._first in self._taken:
            self._first += 1
        if len(self._taken) > FORGET_ABOVE:
            self._taken = {place for place in self._taken if place >= self._first}


class _Window:
    """One recipient's last ``count`` starts: the next may begin once the oldest has left the window."""

    def __init__(self, rate: Rate, share: float) -> None:
        allowed = rate.count * share
        self._seconds = rate.seconds if allowed >= 1 else rate.seconds / allowed
        self._starts: deque[float] = deque(maxlen=max(1, int(allowed)))

    def earliest(self, now: float) -> float:
        if not self._starts:
            return now
        full = len(self._starts) == self._starts.maxlen
        return max(now, self._starts[-1], self._starts[0] + self._seconds if full else now)

    def take(self, start: float) -> None:
        self._starts.append(start)

    def passed(self, now: float) -> bool:
        return not self._starts or self._starts[-1] + self._seconds <= now


class Budget:
    """One process's share of a provider's rate; ``share`` is 1 / number of processes."""

    def __init__(self, limits: Limits, share: float = 1.0) -> None:
        self._limits = limits
        self._share = share
        self._line = _Line(limits.overall, share)
        self._windows: dict[str, _Window] = {}
        self._held: dict[str, float] = {}

    def reserve(self, key: str, now: float, latest: float = inf) -> float | None:
        """Takes the next free place for a send to ``key`` and returns the seconds to wait for it (0: go).

        None, and nothing taken, where that place comes after ``latest``: a place nobody uses would be lost to all.
        """
        place, start = self._next(key, now)
        if start > latest:
            return None
        self._line.take(place)
        if window := self._window(key, now):
            window.take(start)
        return start - now

    def wait(self, key: str | None, now: float) -> float:
        """Seconds until a send to ``key`` (None: to anybody new) could begin; nothing is taken."""
        return self._next(key, now)[1] - now

    def within(self, seconds: float) -> int:
        """How many sends may begin in so many seconds."""
        return int(self._limits.overall.count * self._share * seconds / self._limits.overall.seconds)

    def _next(self, key: str | None, now: float) -> tuple[int, float]:
        self._line.pass_by(now)
        earliest = now
        if key is not None:
            window = self._window(key, now)
            earliest = max(now, self._held.get(key, now), window.earliest(now) if window else now)
        place = self._line.free(earliest)
        return place, self._line.when(place, earliest)

    def hold(self, key: str, until: float) -> None:
        """Nothing to ``key`` before ``until``: what a 429 for one chat asks; other recipients go on."""
        self._held[key] = max(until, self._held.get(key, until))

    def _window(self, key: str, now: float) -> _Window | None:
        rate = self._limits.of(key)
        if rate is None:
            return None
        if key not in self._windows:
            self._forget(now)
            self._windows[key] = _Window(rate, self._share)
        return self._windows[key]

    def _forget(self, now: float) -> None:
        if len(self._windows) < FORGET_ABOVE:
            return
        self._windows = {key: window for key, window in self._windows.items() if not window.passed(now)}
        self._held = {key: until for key, until in self._held.items() if until > now}

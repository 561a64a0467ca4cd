"""The sandbox's calls to the service: signed callbacks, redelivered by each provider's own rules. Loopback only."""

import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from channels.sandbox.clock import SandboxClock
from channels.sandbox.stream import Stream
from channels.sandbox.timers import Timers

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Rule:
    """How a provider redelivers: real seconds before it cuts, virtual seconds before each further try."""

    cut: float
    waits: tuple[float, ...]
    then: float | None = None
    """Seconds between all tries after those of ``waits``; None = it gives up."""

    def wait(self, tried: int) -> float | None:
        """Seconds before the next try after ``tried`` failed ones, or None when the provider gives up."""
        return self.waits[tried - 1] if tried <= len(self.waits) else self.then


RULES = {
    "wechat": Rule(cut=5.0, waits=(5.0, 5.0)),
    "wecom": Rule(cut=5.0, waits=(5.0, 5.0)),
    "sms": Rule(cut=15.0, waits=(1.0,)),
    "bank": Rule(cut=30.0, waits=(1.0, 2.0, 4.0, 8.0, 16.0, 32.0), then=60.0),
}


@dataclass(frozen=True, slots=True)
class Push:
    """One signed request, the same bytes at every try."""

    channel: str
    kind: str
    """inbound, receipt or payment."""
    address: str
    url: str
    headers: dict[str, str]
    body: str
    tried: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the service answered; status 0 when it could not be reached or did not answer in time."""

    status: int
    seconds: float
    body: str = ""
    error: str = ""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class NotLoopback(ValueError):
    """A webhook address outside this machine: the sandbox calls nobody else."""


def require_loopback(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK:
        raise NotLoopback(f"the sandbox pushes to loopback addresses only, not to {url!r}")
    return url


class Pusher:
    """Delivers pushes and keeps a record of every try (`log`), which stories judge the service by."""

    def __init__(self, clock: SandboxClock, timers: Timers, stream: Stream) -> None:
        self._clock = clock
        self._timers = timers
        self._stream = stream
        self._session: aiohttp.ClientSession | None = None
        self.log: deque[dict[str, Any]] = deque(maxlen=KEPT)
        timers.on("push", self._retry)

    async def call(self, push: Push, cut: float) -> Outcome:
        """One try, cut after ``cut`` real seconds; recorded, never raised."""
        outcome = await self._post(push, cut)
        entry = {
            "at": self._clock.now().isoformat(), "channel": push.channel, "kind": push.kind, "address": push.address,
            "try": push.tried + 1, "status": outcome.status, "seconds": round(outcome.seconds, 4),
            "error": outcome.error, "url": push.url,
        }  # fmt: skip
        self.log.append(entry)
        self._stream.publish("push", **entry)
        return outcome

    async def deliver(self, push: Push) -> Outcome:
        """The next try; a failed one is tried again later by the provider's rule."""
        rule = RULES[push.channel]
        outcome = await self.call(push, rule.cut)
        tried = push.tried + 1
        wait = None if outcome.ok else rule.wait(tried)
        if wait is not None:
            pause = 0.0 if outcome.error == "cut" else wait
            self._timers.after(pause, "push", {**asdict(push), "tried": tried})
        return outcome

    async def _retry(self, data: dict[str, Any]) -> None:
        await self.deliver(Push(**data))

    async def _post(self, push: Push, cut: float) -> Outcome:
        started = time.monotonic()
        try:
            async with self._client().post(
                require_loopback(push.url),
                data=push.body.encode(),
                headers=push.headers,
                timeout=aiohttp.ClientTimeout(total=cut),
                allow_redirects=False,
            ) as answer:
                body = await answer.text(errors="replace")
                pause = answer.headers.get("Retry-After", "")
                seconds = float(pause) if pause.isdigit() else None
                return Outcome(answer.status, time.monotonic() - started, body, retry_after=seconds)
        except TimeoutError:
            return Outcome(0, time.monotonic() - started, error="cut")
        except aiohttp.ClientError as error:
            return Outcome(0, time.monotonic() - started, error=f"{type(error).__name__}: {error}")

    async def ask(self, url: str, token: str, question: dict[str, Any], within: float) -> dict[str, Any] | None:
        """Asks the service's own door; None when nobody listens. Raises RuntimeError for any answer but 200 JSON."""
        headers = {"X-Sandbox-Token": token}
        try:
            timeout = aiohttp.ClientTimeout(total=within)
            async with self._client().post(
                require_loopback(url), json=question, headers=headers, timeout=timeout
            ) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"the service answered {answer.status} at {url}: {await answer.text()}"[:500])
                reply = await answer.json()
        except TimeoutError:
            raise RuntimeError(f"the service did not answer within {within:.0f} s at {url}") from None
        except aiohttp.ClientConnectionError:
            return None
        if not isinstance(reply, dict):
            raise RuntimeError(f"the service answered no JSON object at {url}")
        return reply

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=3.0)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        return self._session

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

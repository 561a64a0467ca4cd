"""The stage all fake providers stand on: one folder, one clock, one ledger, one memory."""

import hashlib
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels.sandbox.clock import SandboxClock, real_now
from channels.sandbox.credentials import Credentials
from channels.sandbox.faults import FaultBook
from channels.sandbox.ledger import LEDGER, PAYMENTS, JsonLines
from channels.sandbox.limits import Limits, Rates
from channels.sandbox.messages import Messages
from channels.sandbox.people import People
from channels.sandbox.pushes import Pusher
from channels.sandbox.shelves import Memory
from channels.sandbox.stream import Stream
from channels.sandbox.timers import Timers
from channels.sandbox.turning import Turner

CALLS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Send:
    """One send a provider accepted, as the ledger keeps it."""

    channel: str
    method: str
    to: str
    text: str
    request: dict[str, Any]
    provider_id: str
    our_id: str = ""


class Sandbox:
    """What every fake shares; ``app.state.sandbox`` in the process that serves it."""

    def __init__(self, folder: Path, seed: int, credentials: Credentials, limits: Limits, durable: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.seed = seed
        self.credentials = credentials
        self.clock = SandboxClock(folder)
        self.memory = Memory(folder)
        self.settings = self.memory.shelf("settings")
        self.ledger = JsonLines(folder / LEDGER, durable)
        self.payments = JsonLines(folder / PAYMENTS, durable)
        self.stream = Stream()
        self.people = People(self.memory, self.stream)
        self.messages = Messages(self.memory, self.stream)
        self.rates = Rates(limits)
        self.faults = FaultBook(self.clock.now)
        self.timers = Timers(self.memory, self.clock)
        self.pusher = Pusher(self.clock, self.timers, self.stream)
        self.turner = Turner(self.clock, self.timers, self.pusher, self.settings, self.ledger, self.stream)
        self.calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)

    def code(self, kind: str, length: int = 32) -> str:
        """A fresh hexadecimal identifier, the same again for the same seed and history."""
        number = self.memory.number(kind)
        return hashlib.sha256(f"{self.seed}:{kind}:{number}".encode()).hexdigest()[:length]

    def unix(self) -> int:
        """Virtual time in Unix seconds."""
        return int(self.clock.now().timestamp())

    async def record(self, send: Send) -> int:
        """Writes an accepted send to the ledger; on disk when this returns."""
        line = {
            "at": self.clock.now().isoformat(), "real_at": real_now().isoformat(), "channel": send.channel,
            "method": send.method, "to": send.to, "text": send.text, "request": send.request,
            "our_id": send.our_id, "provider_id": send.provider_id,
        }  # fmt: skip
        return await self.ledger.append(line)

    def called(self, channel: str, method: str, to: str, status: int, code: int) -> None:
        """Remembers a call of the service and how it was answered, refused ones too (`/control/calls`)."""
        call = {
            "at": self.clock.now().isoformat(), "real_at": real_now().isoformat(), "channel": channel,
            "method": method, "to": to, "status": status, "code": code,
        }  # fmt: skip
        self.calls.append(call)
        if code:
            self.stream.publish("refused", **call)

    def reset(self) -> None:
        """The stage as on the first day: nothing sent, nobody known; addresses of the service are kept."""
        kept = {
            key: record for key, record in self.settings.items() if key in ("listener", "webhooks", "telegram.webhook")
        }
        self.memory.forget()
        for key, record in kept.items():
            self.settings.put(key, record)
        self.ledger.truncate()
        self.payments.truncate()
        self.faults.clear()
        self.calls.clear()
        self.pusher.log.clear()
        self.messages.refill()
        self.timers.refill()
        self.stream.publish("reset")

    async def close(self) -> None:
        self.stream.close()
        await self.turner.stop()
        await self.timers.stop()
        await self.pusher.close()
        self.memory.close()
        self.ledger.close()
        self.payments.close()


def refuse_production(environment: str) -> None:
    """Raises RuntimeError where real owners might be near."""
    if "production" in (environment.strip().lower(), os.environ.get("ENVIRONMENT", "").strip().lower()):
        raise RuntimeError("The sandbox does not start when ENVIRONMENT is production: it fakes every provider.")

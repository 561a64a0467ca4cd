"""The world of a scorecard line: a sandbox process, any number of worker processes, the book, and the judge.

Everything is real and on loopback; the figures come from the sandbox's ledger, the file that outlives every kill.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from scorecard_estate import START, Resident
from sqlalchemy import func, select

from bot.assembly import read_ladder
from bot.clock import SetClock
from bot.flows.audit import audit, read_lines
from bot.flows.house import House
from bot.flows.plan import plan
from bot.settings import Settings
from channels.contract import Channel
from store import core
from store.engine import Store
from store.vault import Vault

HERE = Path(__file__).parent
HOME = HERE.parents[1]
LEASE = 3
PATIENCE = float(os.environ.get("SCORECARD_PATIENCE", "5"))
SPREAD = timedelta(minutes=20)
"""The pace of a community: ten thousand words leave in batches of five minutes."""


class Nursery:
    """The test's end of worker.py."""

    def __init__(self, folder: Path) -> None:
        self._errors = (folder / "nursery.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, text=True, cwd=folder, env=os.environ | {"PYTHONPATH": str(HOME)},
        )  # fmt: skip
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline())["ready"]

    def ask(self, **told: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
        self._errors.close()


@dataclass
class Child:
    """One process of the product."""

    pid: int
    nursery: Nursery
    log: Path

    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""
        code: int | None = self.nursery.ask(do="ended", pid=self.pid)["code"]
        return code

    def send(self, sign: signal.Signals) -> None:
        if self.code() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    async def ends(self, within: float) -> int:
        """Waits for its end. Raises AssertionError with its log when it does not end."""
        deadline = asyncio.get_running_loop().time() + within
        while (code := self.code()) is None:
            assert asyncio.get_running_loop().time() < deadline, f"still alive: {self.log.read_text()[-1500:]}"
            await asyncio.sleep(0.02)
        return code


_taken: list[socket.socket] = []
"""A name of the system's for each pair this process took: no other process that tests takes it as long as we live."""


def two_ports() -> int:
    """A port whose neighbour is free too: the service's and the sandbox's; below those the system gives to callers."""
    for port in range(20_000, 32_000, 2):
        mark, one, other = socket.socket(socket.AF_UNIX), socket.socket(), socket.socket()
        with one, other, suppress(OSError):
            mark.bind(f"\0yinuo-test-port-{port}")
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + 1))
            _taken.append(mark)
            return port
        mark.close()
    raise RuntimeError("no two free ports beside each other")


@dataclass
class World:
    """One database, one sandbox, some workers."""

    folder: Path
    database_url: str
    keys: str
    templates: list[dict[str, Any]]
    nursery: Nursery
    start: datetime = START
    lease: int = LEASE
    children: list[Child] = field(default_factory=list)
    residents: list[Resident] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> "World":
        self.port = two_ports()
        self.store = Store(self.database_url, Vault.parse(self.keys))
        self.settings = Settings(database_url=self.database_url, var=self.folder, port=self.port)
        self.sandbox = await self.begin_sandbox()
        self.http = aiohttp.ClientSession()
        try:
            await self.until(self._answers, 20)
        except BaseException:
            await self.__aexit__()
            raise
        await self.control("clock", freeze=True)
        await self.control("clock", set=self.start.isoformat())
        await self.control("limits", on=False)
        await self.control("templates", templates=self.templates)
        await self.control("receipts", queued=0, sent=0, delivered=0, undelivered=0, wechat=0)
        return self

    async def __aexit__(self, *_told: Any) -> None:
        for child in self.children:
            child.send(signal.SIGCONT)
            child.send(signal.SIGKILL)
        for child in self.children:
            await child.ends(10)
        await self.http.close()
        await self.store.close()

    # Processes

    async def begin_sandbox(self) -> Child:
        return self.begin("sandbox")

    def begin(
        self, *argv: str, kill: tuple[str, int] | tuple[str, int, str] | None = None, fast: bool = True,
        second_look: float = 1.0, **environment: str,
    ) -> Child:  # fmt: skip
        """Starts `yinuo …` in a process of its own."""
        log = self.folder / f"{len(self.children):03d}-{argv[0]}.log"
        env = {
            "DATABASE_URL": self.database_url, "YINUO_VAR": str(self.folder), "YINUO_PORT": str(self.port),
            "YINUO_KEYS": self.keys, "YINUO_LEASE_SECONDS": str(self.lease), "ENVIRONMENT": "sandbox",
            **self.environment, **environment,
        }  # fmt: skip
        told = self.nursery.ask(do="start", argv=argv, env=env, log=str(log), kill=kill, fast=fast,
                                second_look=second_look)  # fmt: skip
        child = Child(told["pid"], self.nursery, log)
        self.children.append(child)
        return child

    async def serves(self, *argv: str, **told: Any) -> Child:
        """Starts the doors and waits until they answer."""
        child = self.begin("serve", *argv, **told)

        async def healthy() -> bool:
            try:
                async with self.http.get(f"http://127.0.0.1:{self.port}/healthz") as reply:
                    return reply.status == 200
            except aiohttp.ClientError:
                return False

        await self.until(healthy, 30)
        return child

    # The world outside

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}/control"

    async def _answers(self) -> bool:
        try:
            async with self.http.get(f"{self.base}/clock") as reply:
                return reply.status == 200
        except aiohttp.ClientError:
            return False

    async def control(self, path: str, /, **told: Any) -> Any:
        """A wish to the sandbox. Raises AssertionError with its sentence when it refuses."""
        async with self.http.post(f"{self.base}/{path}", json=told) as reply:
            data = await reply.json()
            assert reply.status < 400, f"the sandbox says to {path}: {data}"
            return data

    async def ask(self, path: str, /, **query: Any) -> Any:
        async with self.http.get(f"{self.base}/{path}", params=query) as reply:
            return await reply.json()

    async def meet(self, residents: Sequence[Resident]) -> None:
        """Everyone has a phone the providers know."""
        self.residents = list(residents)
        people = [{"channel": c, "address": a, "name": r.unit} for r in residents for c, a in r.addresses]
        for begin in range(0, len(people), 1000):
            await self.control("people", people=people[begin : begin + 1000])

    def house(self, now: datetime | None = None, channels: tuple[str, ...] = ("sms", "telegram", "wechat")) -> House:
        """The house as this process sees it: it plans and audits, and cannot speak."""
        mute: dict[str, Channel] = dict.fromkeys(channels)  # type: ignore[arg-type]
        return House(self.store, SetClock(now or self.start), mute, read_ladder(self.settings.scripts), sandbox=True)

    async def plan(self, now: datetime | None = None) -> int:
        """The product plans what is due, and the clock goes on until all of it may leave; answers how many wait."""
        told = await plan(self.house(now), keep=False)
        later = (now or self.start) + SPREAD
        await self.control("clock", set=later.isoformat())
        return told.messages

    # What is waited for

    async def until(self, true: Callable[[], Any], within: float, every: float = 0.05) -> None:
        """Waits until ``true`` answers true. Raises AssertionError when it does not within so many real seconds.

        The seconds are those of a machine that does nothing else; on a busy one ``PATIENCE`` times as many may pass.
        """
        deadline = asyncio.get_running_loop().time() + within * PATIENCE
        while not await true():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"{within} s were not enough: {await self.states()} {self._last_words()}")
            await asyncio.sleep(every)

    def _last_words(self) -> str:
        words = [f"{c.log.name} ({c.code()}): {c.log.read_text()[-600:]}" for c in self.children if c.log.exists()]
        return "\n".join(words[-3:])

    async def rows(self, query: Any) -> list[Any]:
        async with self.store.read() as conn:
            return list((await conn.execute(query)).all())

    async def states(self) -> Counter[str]:
        """How many messages are in which state."""
        query = select(core.message.c.state, func.count().label("many")).group_by(core.message.c.state)
        return Counter({row.state: row.many for row in await self.rows(query)})

    async def idle(self) -> bool:
        """Nothing waits and nothing is under way."""
        under_way = select(core.message.c.id).where(core.message.c.state.in_(("queued", "sending"))).limit(1)
        return not await self.rows(under_way)

    # The judge

    def ledger(self) -> list[dict[str, Any]]:
        return read_lines(self.folder / "sandbox" / "ledger.jsonl")

    def written(self) -> int:
        """How many words the providers accepted so far; cheaper than reading them."""
        return (self.folder / "sandbox" / "ledger.jsonl").read_bytes().count(b"\n")

    def accepted(self) -> Counter[tuple[str, str]]:
        """How often each address was reached, as the providers' side has it."""
        return Counter((line["channel"], line["to"]) for line in self.ledger())

    async def verdict(self) -> "Verdict":
        """Lost, doubled and uncertain: everyone here was owed exactly one word."""
        taken = self.accepted()
        doubled = sum(n - 1 for n in taken.values() if n > 1)
        unsure = await self.rows(
            select(core.message.c.id, core.message.c.person_id).where(core.message.c.state == "uncertain")
        )
        people = {row.person_id for row in unsure}
        lost = [
            r for r in self.residents if not any(taken[way] for way in r.addresses) and r.person_id not in people
        ]  # fmt: skip
        told = await audit(self.house(), self.folder / "sandbox")
        listed = set(told.uncertain) == {row.id for row in unsure}
        rings = sum(path.read_text(errors="replace").count("deadlock detected") for path in self.folder.glob("*.log"))
        return Verdict(sum(taken.values()), len(lost), doubled, len(unsure), listed, told.unexplained, rings)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the providers' ledger says of a run."""

    accepted: int
    lost: int
    doubled: int
    uncertain: int
    listed: bool
    unexplained: list[str]
    rings: int
    """Times the workers' logs tell of transactions that waited for each other."""

    def words(self) -> str:
        return f"{self.accepted} accepted, {self.lost} lost, {self.doubled} doubled, {self.uncertain} uncertain"

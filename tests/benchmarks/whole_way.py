"""From the request to the queued answer at 32 connections: the product beside a usual FastAPI + SQLModel session.

Both over HTTP. The session does everything while the request waits. The product keeps the words, acknowledges, and
hears them afterwards, as the runner does; a connection asks its next question once the answer is queued.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from bot.bench.estate import NOW
from bot.bench.ratio import Watch, alternate, percentile
from bot.flows.dispatch import drain
from bot.flows.hear import hear_all, until_something_comes
from bot.flows.house import House
from bot.serving import serving
from bot.web.app import create_app
from store.engine import Store
from store.tables.estate import Account, Contact, Person
from store.tables.ledger import Charge
from store.tables.outbox import Message
from store.tables.talk import Inbound

CONNECTIONS = 32
ASKED = 640
BROADCAST = 10_000
Post = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]
Queued = Callable[[], Awaitable[None]]


class Ear:
    """Hears whenever something came, and says when all that had come before a moment is answered."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._begun, self._ended = 0, 0
        self._wanted = 0
        self._turned = asyncio.Condition()

    async def queued(self) -> None:
        """Returns when a pass that began after this call is over."""
        mine = self._wanted = self._begun + 1
        self._house.letterbox.arrived.set()
        async with self._turned:
            await self._turned.wait_for(lambda: self._ended >= mine)

    async def listen(self) -> None:
        while True:
            await until_something_comes(self._house, 60.0)
            self._begun += 1
            await hear_all(self._house)
            async with self._turned:
                self._ended = self._begun
                self._turned.notify_all()
            if self._wanted > self._begun:
                self._house.letterbox.arrived.set()


@contextlib.asynccontextmanager
async def listening(house: House) -> AsyncIterator[Ear]:
    """An ear for as long as it is needed."""
    ear = Ear(house)
    task = asyncio.create_task(ear.listen())
    try:
        yield ear
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def measure(store: Store, house: House, post: Post, replies: Callable[[], Awaitable[int]], rounds: int) -> Any:
    """The time of 640 answers and the slowest in a hundred, of both."""
    async with store.write() as conn:
        await conn.execute(text("DELETE FROM inbound WHERE handled_at IS NULL"))
    numbers = iter(range(10**7, 10**9))
    late: dict[str, list[float]] = {"candidate": [], "baseline": []}
    async with (
        serving(create_app(house), "127.0.0.1", 0) as door,
        serving(usual(store), "127.0.0.1", 0) as theirs,
        listening(house) as ear,
    ):

        async def candidate() -> float:
            return await _counted(replies, asks(door, post, numbers, late["candidate"], ear.queued))

        async def baseline() -> float:
            return await _counted(replies, asks(theirs, post, numbers, late["baseline"]))

        name = f"way to the answer at {CONNECTIONS} ÷ ORM session, {store.dialect}"
        ratio = await alternate(name, ASKED, candidate, baseline, rounds)
    told = ratio.json()
    p99 = {name: round(percentile(values, 0.99) * 1000, 1) for name, values in late.items()}
    return told | {
        "throughput": round(1 / told["ratio"], 3),
        "p99_ms": p99["candidate"],
        "session_p99_ms": p99["baseline"],
    }


async def _counted(replies: Callable[[], Awaitable[int]], work: Awaitable[float]) -> float:
    before = await replies()
    taken = await work
    if await replies() - before != ASKED:
        raise RuntimeError("not every question was answered once: the measure is void")
    return taken


async def asks(
    port: int, post: Post, numbers: Iterator[int], late: list[float], queued: Queued | None = None,
    connections: int = CONNECTIONS, asked: int = ASKED,
) -> float:  # fmt: skip
    """Seconds for so many questions; what each took goes to ``late``."""
    left = iter(range(asked))
    watch = Watch()
    await asyncio.gather(*(_one(port, post, numbers, left, late, queued) for _ in range(connections)))
    return watch.seconds()


async def _one(
    port: int, post: Post, numbers: Iterator[int], left: Iterator[int], late: list[float], queued: Queued | None
) -> None:  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in left:
        watch = Watch()
        await post(reader, writer, next(numbers))
        if queued is not None:
            await queued()
        late.append(watch.seconds())
    writer.close()


def usual(store: Store) -> FastAPI:
    """The handler most would write."""
    app = FastAPI()

    @app.post("/hooks/telegram")
    async def told(update: dict[str, Any]) -> dict[str, bool]:
        message = update["message"]
        await session(store, f"o{update['update_id']}", str(message["from"]["id"]), message["text"])
        return {"ok": True}

    return app


async def session(store: Store, key: str, sender: str, words: str) -> None:
    """One session, objects, the same rows written: the words, the answer, that it was given."""
    index = store.vault.index("telegram", sender)
    async with AsyncSession(store.engine) as session:
        inbound = Inbound(provider="telegram", event_key=key, sender_index=index, sender_sealed=b"x",
                          kind="text", text=words, detail="{}", received_at=NOW)  # fmt: skip
        session.add(inbound)
        await session.flush()
        contact = (await session.scalars(select(Contact).where(Contact.address_index == index))).one()
        person = await session.get(Person, contact.person_id)
        accounts = (await session.scalars(select(Account).where(Account.person_id == contact.person_id))).all()
        owed = 0
        for account in accounts:
            charges = (await session.scalars(select(Charge).where(Charge.account_id == account.id))).all()
            owed += sum(charge.open_fen for charge in charges)
        assert person is not None
        session.add(
            Message(kind="reply", person_id=person.id, contact_id=contact.id, channel="telegram", step="balance",
                    text=f"{owed / 100:.2f}", not_before=NOW, created_at=NOW, state_at=NOW, inbound_id=inbound.id)
        )  # fmt: skip
        inbound.handled_at = NOW
        await session.commit()


async def during_a_broadcast(store: Store, house: House, post: Post) -> Any:
    """The slowest in a hundred answers while 10,000 reminders leave from the same process, beside the same at rest.

    Sixteen people at a time; the reminders leave as fast as a provider of 50 ms takes them, no budget slows them.
    """
    numbers = iter(range(10**8, 10**9))
    late: dict[str, list[float]] = {"rest": [], "broadcast": []}
    async with serving(create_app(house), "127.0.0.1", 0) as door, listening(house) as ear:
        for name in late:
            sending = asyncio.create_task(drain(house, most=BROADCAST)) if name == "broadcast" else None
            await asks(door, post, numbers, late[name], ear.queued, connections=16, asked=480)
            if sending is not None and sending.done():
                raise RuntimeError("the broadcast was over before the questions were: the measure is void")
            if sending is not None:
                await sending
    rest, busy = (percentile(late[name], 0.99) for name in ("rest", "broadcast"))
    return {"name": f"p99 during a broadcast ÷ at rest, {store.dialect}", "size": BROADCAST,
            "ratio": round(busy / rest, 2), "p99_ms": round(busy * 1000, 1),
            "rest_p99_ms": round(rest * 1000, 1)}  # fmt: skip

"""What comes in: the webhook beside an echo, and the way to the queued answer beside a usual ORM session."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import whole_way
from sqlalchemy import func, select, text, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.bench.dispatch import backlog, telegram
from bot.bench.estate import fill, household
from bot.bench.ground import Ground, databases, fresh
from bot.bench.provider import provider
from bot.bench.ratio import Watch, alternate, percentile
from bot.flows.hear import hear_all
from bot.flows.receive import keep
from bot.serving import serving
from bot.web.app import create_app
from channels.contract import Heard, Said
from store import core
from store.engine import Store

CONNECTIONS = 32
POSTS = 1_500
ASKED = 150
SIZE = 2_000
SECRET = "X-Telegram-Bot-Api-Secret-Token"
QUESTION = "我欠多少钱？"


async def measure(place: Ground, rounds: int = 3) -> list[dict[str, Any]]:
    """Both measures on every database."""
    found: list[dict[str, Any]] = []
    for dialect in databases(place):
        async with fresh(place, dialect) as store:
            await fill(store, SIZE, channels=("telegram",))
            async with store.write() as conn:
                await conn.execute(update(core.contact).values(trust="proved"))
            door, answer, way = await _door(store, rounds), await _answer(store, rounds), await _whole(store, rounds)
            way["p99_ratio"] = round(way["p99_ms"] / door["echo_p99_ms"], 2)
            found += [door, answer, way]
        async with fresh(place, dialect) as store:
            found.append(await _broadcast(store))
    return found


async def _broadcast(store: Store) -> dict[str, Any]:
    await backlog(store, whole_way.BROADCAST)
    async with store.write() as conn:
        await conn.execute(update(core.contact).values(trust="proved"))
    with provider(50.0) as base:
        channel = telegram(base)
        house = await household(store, {"telegram": channel})
        told: dict[str, Any] = await whole_way.during_a_broadcast(store, house, _told)
        await channel.close()
    return told


# The door


async def _door(store: Store, rounds: int) -> dict[str, Any]:
    house = await household(store, {"telegram": telegram("http://127.0.0.1:9")})
    app = create_app(house)
    late: dict[str, list[float]] = {"candidate": [], "baseline": []}
    async with serving(app, "127.0.0.1", 0) as door, serving(_echo(), "127.0.0.1", 0) as echo:
        numbers = iter(range(1, 10**9))

        async def ours() -> float:
            return await _post(door, "/hooks/telegram", numbers, late["candidate"])

        async def theirs() -> float:
            return await _post(echo, "/hooks/telegram", numbers, late["baseline"])

        ratio = await alternate(f"webhook ÷ echo, {store.dialect}", POSTS, ours, theirs, rounds)
    told = ratio.json()
    p99 = {name: round(percentile(values, 0.99) * 1000, 1) for name, values in late.items()}
    return told | {
        "throughput": round(1 / told["ratio"], 3),
        "p99_ms": p99["candidate"],
        "echo_p99_ms": p99["baseline"],
        "p99_ratio": round(p99["candidate"] / p99["baseline"], 2),
    }


def _echo() -> Starlette:
    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await request.body())

    return Starlette(routes=[Route("/hooks/telegram", echo, methods=["POST"])])


async def _post(port: int, path: str, numbers: Iterator[int], late: list[float]) -> float:
    left = iter(range(POSTS))
    watch = Watch()
    await asyncio.gather(*(_connection(port, path, numbers, left, late) for _ in range(CONNECTIONS)))
    return watch.seconds()


async def _connection(port: int, path: str, numbers: Iterator[int], left: Iterator[int], late: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in left:
        watch = Watch()
        await _told(reader, writer, next(numbers), path)
        late.append(watch.seconds())
    writer.close()


async def _told(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, path: str = "/hooks/telegram"
) -> None:  # fmt: skip
    """One update over an open connection, and its answer."""
    body = json.dumps(_update(number)).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: bench\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer.decode())
    length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(length)


def _update(number: int) -> dict[str, Any]:
    person = {"id": 700_000_000 + number % SIZE + 1, "type": "private", "first_name": "X"}
    words = {"message_id": number, "date": 1_764_036_000, "chat": person, "from": person | {"is_bot": False}}
    return {"update_id": number, "message": words | {"text": QUESTION}}


# The answer


async def _whole(store: Store, rounds: int) -> dict[str, Any]:
    """What waits together is heard together: the way over HTTP, 32 people at a time."""
    house = await household(store, {"telegram": telegram("http://127.0.0.1:9")})
    return await whole_way.measure(store, house, _told, lambda: _replies(store), rounds)


async def _answer(store: Store, rounds: int) -> dict[str, Any]:
    """Kept, understood, decided, queued: a question for the balance, one after the other and each alone.

    HTTP is left out on both sides. The product keeps and hears in two transactions; the session has one.
    """
    house = await household(store, {"telegram": telegram("http://127.0.0.1:9")})
    numbers = iter(range(1, 10**9))
    async with store.write() as conn:
        await conn.execute(text("DELETE FROM inbound"))

    async def ours() -> float:
        before = await _replies(store)
        asked = [_said(next(numbers)) for _ in range(ASKED)]
        watch = Watch()
        for said in asked:
            await keep(house, "telegram", Heard(said=(said,)))
            await hear_all(house)
        taken = watch.seconds()
        if await _replies(store) - before != ASKED:
            raise RuntimeError("not every question was answered: the measure is void")
        return taken

    async def theirs() -> float:
        watch = Watch()
        for _ in range(ASKED):
            number = next(numbers)
            await whole_way.session(store, f"o{number}", str(700_000_000 + number % SIZE + 1), QUESTION)
        return watch.seconds()

    told = (await alternate(f"answer ÷ ORM session, {store.dialect}", ASKED, ours, theirs, rounds)).json()
    return told | {"throughput": round(1 / told["ratio"], 3)}


def _said(number: int) -> Said:
    return Said(event_key=f"a{number}", sender=str(700_000_000 + number % SIZE + 1), kind="text", text=QUESTION)


async def _replies(store: Store) -> int:
    async with store.read() as conn:
        query = select(func.count()).select_from(core.message).where(core.message.c.kind == "reply")
        return int((await conn.execute(query)).scalar_one())

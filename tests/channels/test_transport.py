"""The transport: a request leaves soon after it was begun, or not at all."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels import transport
from channels.transport import PromptRequest, Transport, failed


@pytest.fixture
async def heard() -> AsyncIterator[tuple[str, list[str]]]:
    """A server's address and what it heard."""
    words: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        words.append(await request.text())
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/", hear)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), words


async def post(address: str) -> BaseException | None:
    line = Transport()
    try:
        async with line.session().post(address, data=b"pay") as answer:
            assert answer.status == 200
    except aiohttp.ClientError as error:
        return error
    finally:
        await line.close()
    return None


async def test_in_time_it_is_heard(heard: tuple[str, list[str]]) -> None:
    assert await post(heard[0]) is None
    assert heard[1] == ["pay"]


async def test_who_slept_before_the_first_byte_has_said_nothing(
    heard: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PROMPT_SECONDS", -1.0)
    error = await post(heard[0])
    assert error is not None
    assert "not reached" in str(failed(error))
    await asyncio.sleep(0.05)
    assert heard[1] == []


async def test_who_slept_between_headers_and_body_takes_both_back(
    heard: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: Iterator[bool] = iter((False, True))
    monkeypatch.setattr(PromptRequest, "_late", property(lambda _request: next(moments)))
    error = await post(heard[0])
    assert error is not None
    assert "no answer" in str(failed(error))
    await asyncio.sleep(0.05)
    assert heard[1] == []


async def test_lateness_counts_from_when_it_was_last_sure_that_it_may_call(
    heard: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between that and the request there may be a token to fetch, and a process that stands still meanwhile."""

    async def call() -> BaseException | None:
        transport.begin()
        time.sleep(1.1)  # noqa: ASYNC251
        return await post(heard[0])

    monkeypatch.setattr(transport, "PROMPT_SECONDS", 1.0)
    error = await asyncio.create_task(call())
    assert error is not None
    assert "not reached" in str(failed(error))
    assert heard[1] == []
    assert await post(heard[0]) is None, "another task counts from its own beginning"

"""A provider slower than our lease: everybody is sent to in the end, and nothing is written for nothing."""

import asyncio
import time
from collections import Counter
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import real_now
from bot.flows import dispatch as way
from bot.flows.dispatch import dispatch
from channels import transport
from channels.contract import Accepted, Outgoing, Passing
from channels.rates import Budget, Limits, Rate
from store import core, outbox

OWNERS = 24


@pytest.fixture
async def slow(yard, monkeypatch: pytest.MonkeyPatch):
    """Ten calls a second, and a lease that ends before half of the backlog can be looked at."""
    monkeypatch.setattr(way, "LOOK", 0.2)
    for number in range(OWNERS):
        await yard.owner(f"3-2-{1200 + number}")
    await yard.plan()
    yard.house.budgets = {"sms": Budget(Limits(Rate(10, 1)))}
    yard.house.lease_seconds = 5
    await yard.later(hours=1)
    return yard


async def test_a_backlog_at_a_slow_provider_is_sent_whole_with_one_attempt_each(slow) -> None:
    began = time.monotonic()
    while "queued" in await slow.states() and time.monotonic() - began < 20:
        await dispatch(slow.house, "sms")
    assert await slow.states() == ["accepted"] * OWNERS
    assert Counter(a.outcome for a in await slow.all(core.attempt)) == {"accepted": OWNERS}
    assert len(slow.wires["sms"].calls) == OWNERS
    assert (OWNERS - 1) / 10 - 0.1 <= time.monotonic() - began < 10


async def test_who_is_told_to_stop_hands_the_rest_back_at_once(slow) -> None:
    slow.house.lease_seconds = 120
    called_once = asyncio.Event()

    async def answer(_out: Outgoing) -> Accepted:
        called_once.set()
        return Accepted("sms-1")

    slow.wires["sms"].answers = [answer]
    task = asyncio.create_task(dispatch(slow.house, "sms"))
    await called_once.wait()
    slow.house.stopping.set()
    began = time.monotonic()
    await task
    assert time.monotonic() - began < 1.0
    states = Counter(await slow.states())
    called = len(slow.wires["sms"].calls)
    assert 0 < called < OWNERS
    assert states == {"accepted": called, "queued": OWNERS - called}
    assert "in_flight" not in {a.outcome for a in await slow.all(core.attempt)}


async def test_a_provider_that_asks_for_silence_is_told_on_the_console(yard) -> None:
    await yard.owner()
    await yard.plan()
    yard.wires["sms"].answers = [Passing("20429 too many", retry_after=30.0)]
    before = real_now()
    await yard.hand()
    ((name, until, why),) = await yard.rows(core.provider_budget.select())
    assert (name, why) == ("sms", "20429 too many")
    assert 29 < (until - before).total_seconds() < 40
    async with yard.store.write() as conn:
        await outbox.close_provider(conn, "sms", before, "an older word")
    ((_name, still, _why),) = await yard.rows(core.provider_budget.select())
    assert still == until


def test_a_place_that_comes_too_late_is_taken_by_nobody() -> None:
    budget = Budget(Limits(Rate(1, 1)))
    starts = [budget.reserve(str(n), 100.0, latest=102.0) for n in range(10)]
    assert starts == [0.0, 1.0, 2.0, *[None] * 7]
    assert budget.wait(None, 100.0) == 3.0
    taken = [budget.reserve(str(n), 103.0) for n in range(3)]
    assert [b - a for a, b in pairwise(taken)] == [1.0, 1.0]
    assert budget.within(3.0) == 3


async def test_who_stands_still_on_the_way_to_the_request_sends_nothing_on_waking(monkeypatch) -> None:
    """Between the look at the lease and the request lies a token to fetch, or a round of the loop."""
    monkeypatch.setattr(transport, "PROMPT_SECONDS", 1.0)
    line, heard = transport.Transport(), []

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.text())
        return web.Response()

    async def send(out: Outgoing) -> Accepted:
        await asyncio.sleep(0)
        time.sleep(float(out.text))  # noqa: ASYNC251
        try:
            async with line.session().post(server.make_url("/"), data=out.text):
                return Accepted("1")
        except transport.Failure as error:
            raise transport.failed(error) from None

    app = web.Application()
    app.router.add_post("/", hear)
    house: Any = SimpleNamespace(budgets={}, stopping=asyncio.Event())
    channel: Any = SimpleNamespace(name="sms", send=send)
    async with TestServer(app) as server:
        for still in ("1.1", "0"):
            ready: Any = SimpleNamespace(out=Outgoing(to="", text=still, our_id="1"))
            call = way._call(house, channel, ready, asyncio.get_running_loop().time() + 60)
            told = await asyncio.create_task(call)
            assert isinstance(told.answer, Accepted if still == "0" else Passing)
        assert heard == ["0"]
        await line.close()

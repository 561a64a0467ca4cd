"""Whoever writes it, a log line is one JSON object with an action, and names nobody."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import aiohttp
import pytest
import structlog
from fastapi import FastAPI

from bot.logs import set_up_logs
from bot.serving import serving

OPENID = "o" + "A" * 27


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Standard error of a service."""
    before, root = list(logging.getLogger().handlers), logging.getLogger()
    level = root.level
    with redirect_stderr(io.StringIO()) as text:
        set_up_logs()
        yield text
    root.handlers, root.level = before, level
    structlog.reset_defaults()


def lines(said: io.StringIO) -> list[dict[str, Any]]:
    """Every line, each of which must be an object."""
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_a_library_s_line_and_its_traceback_are_one_masked_object(said: io.StringIO) -> None:
    try:
        raise ValueError(f"refused for 13900000007\nwith {OPENID}")
    except ValueError:
        logging.getLogger("apscheduler.executors.default").exception('Job "%s" raised', "beat 13900000008")
    (line,) = lines(said)
    assert (line["action"], line["level"]) == ("apscheduler.executors.default", "error")
    assert line["event"] == 'Job "beat 139****0008" raised'
    assert "ValueError: refused for 139****0007" in line["exception"]
    assert OPENID not in said.getvalue()
    assert line["timestamp"]


def test_set_up_twice_says_it_once(said: io.StringIO) -> None:
    with redirect_stderr(said):
        set_up_logs()
    logging.getLogger("wechatpy").warning("odd")
    structlog.get_logger().warning("ours", action="x")
    assert [line["action"] for line in lines(said)] == ["wechatpy", "x"]


async def test_a_fault_behind_a_door_is_one_line(said: io.StringIO) -> None:
    app = FastAPI()

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("13900000007\nis not well")

    async with serving(app, "127.0.0.1", 0) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        reply = await session.get("/fault")
        assert reply.status == 500
    (line,) = lines(said)
    assert line["action"] == "uvicorn.error"
    assert "RuntimeError: 139****0007" in line["exception"]


async def test_a_task_nobody_waits_for_is_one_line(said: io.StringIO) -> None:
    asyncio.get_running_loop().call_exception_handler({"message": "Task exception was never retrieved",
                                                       "exception": OSError("gone")})  # fmt: skip
    assert [line["action"] for line in lines(said)] == ["asyncio"]


def test_what_stands_deeper_in_a_line_is_masked_too(said: io.StringIO) -> None:
    structlog.get_logger().info("ours", action="x", sends=[["sms", "refused 13900000007", 2]], why={"to": OPENID})
    (line,) = lines(said)
    assert line["sends"] == [["sms", "refused 139****0007", 2]]
    assert line["why"] == {"to": "o…"}

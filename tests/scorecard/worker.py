"""The nursery: one process that has imported the product once and forks real `yinuo` processes from it.

A forked child runs the very command (`yinuo work`, `yinuo sandbox`, `yinuo serve --with-worker`) in a process group of
its own with its own environment and log. Starting one costs a hundredth of what an interpreter costs, so that a kill
at every point of a send can be tried again and again. A child may be told to SIGKILL itself at the k-th passage of a
named point (``POINTS``), or to stop there (SIGSTOP).

Speaks JSON lines: ``{"do": "start", "argv": […], "env": {…}, "log": path,
"kill": [point, k, signal?] | null, "fast": bool}`` → ``{"pid"}``; ``{"do": "ended", "pid"}`` → ``{"code": n | null}``.
"""

import asyncio
import contextlib
import functools
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

POINTS = {
    1: "after_claim",
    2: "before_commit",
    3: "after_commit",
    4: "in_call",
    5: "after_answer",
    6: "before_settle",
    7: "mid_settle",
    8: "after_settle",
    9: "mid_receipts",
}
"""The numbered points of a send, in the order in which a message passes them."""
PACE = {"recover": 0.5, "ask": 0.7, "receipts": 0.3, "plan": 3.0, "hear": 0.2, "look_up": 5.0}
"""Seconds between two runs of a tick, for tests: the promises hold at any pace."""


class Trap:
    """Gives this process a signal at the k-th passage of its point: SIGKILL, or SIGSTOP once."""

    def __init__(self, passages: int, sign: str) -> None:
        self._left = passages
        self._signal = signal.Signals[sign]

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._signal)


def set_trap(point: str, passages: int, sign: str = "SIGKILL") -> None:
    """Lays the trap at a point of the product."""
    from bot.flows import dispatch, outcome
    from channels.sms.send import SmsChannel
    from channels.telegram.send import TelegramChannel
    from channels.wechat.send import WeChatChannel
    from store import receipts

    trap = Trap(passages, sign)
    channels = (SmsChannel, TelegramChannel, WeChatChannel)
    if point == "after_claim":
        dispatch._slice = before(dispatch._slice, trap)  # type: ignore[attr-defined]
    elif point == "before_commit":
        dispatch.prepare = behind(dispatch.prepare, trap)  # type: ignore[assignment]
    elif point == "after_commit":
        dispatch._call = ahead(dispatch._call, trap)  # type: ignore[assignment]
    elif point == "in_call":
        for kind in channels:
            kind.send = halfway(kind.send, trap)  # type: ignore[method-assign]
    elif point == "after_answer":
        for kind in channels:
            kind.send = behind(kind.send, trap)  # type: ignore[method-assign]
    elif point == "before_settle":
        dispatch.settle = ahead(dispatch.settle, trap)  # type: ignore[assignment]
    elif point == "at_last_answer":
        for kind in channels:
            kind.send = waiting(kind.send, trap)  # type: ignore[method-assign]
    elif point == "mid_settle":
        outcome.shelf.settle_state = ahead(outcome.shelf.settle_state, trap)  # type: ignore[assignment]
    elif point == "after_settle":
        dispatch._send_slice = behind(dispatch._send_slice, trap)  # type: ignore[assignment]
    elif point == "mid_receipts":
        receipts.set_applied = ahead(receipts.set_applied, trap)  # type: ignore[assignment]
    else:
        raise ValueError(f"no point is called {point}")


def before(deed: Callable[..., Any], trap: Trap) -> Callable[..., Any]:
    @functools.wraps(deed)
    def done(*told: Any, **more: Any) -> Any:
        trap.step()
        return deed(*told, **more)

    return done


def ahead(deed: Callable[..., Awaitable[Any]], trap: Trap) -> Any:
    @functools.wraps(deed)
    async def done(*told: Any, **more: Any) -> Any:
        trap.step()
        return await deed(*told, **more)

    return done


def behind(deed: Callable[..., Awaitable[Any]], trap: Trap) -> Any:
    @functools.wraps(deed)
    async def done(*told: Any, **more: Any) -> Any:
        answer = await deed(*told, **more)
        trap.step()
        return answer

    return done


def waiting(deed: Callable[..., Awaitable[Any]], trap: Trap) -> Any:
    """No answer and no failure gets past: it waits for the one at which the trap strikes."""

    @functools.wraps(deed)
    async def done(*told: Any, **more: Any) -> Any:
        try:
            return await deed(*told, **more)
        finally:
            trap.step()
            await asyncio.Event().wait()

    return done


def halfway(deed: Callable[..., Awaitable[Any]], trap: Trap) -> Any:
    """Strikes while the request is on the wire: the provider may or may not have taken it."""

    @functools.wraps(deed)
    async def done(*told: Any, **more: Any) -> Any:
        call = asyncio.ensure_future(deed(*told, **more))
        await asyncio.sleep(0.002)
        trap.step()
        return await call

    return done


def hasten(second_look: float) -> None:
    """No rate budgets, quick ticks, a quick second look at the provider: the sandbox's limits are off as well."""
    from bot import assembly, runner
    from channels.sms.send import SmsSettings

    assembly.budgets_of = runner.budgets_of = lambda *_told, **_more: {}  # type: ignore[attr-defined,assignment]
    for name, seconds in PACE.items():
        if name in runner.TICKS:
            runner.TICKS[name] = (seconds, runner.TICKS[name][1])
    fields = SmsSettings.__init__
    SmsSettings.__init__ = functools.partialmethod(fields, second_look_after=second_look)  # type: ignore[method-assign,assignment]


def start(told: dict[str, Any]) -> int:
    """Forks one child that runs the command; answers its pid."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        log = os.open(told["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
        for target, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
            os.dup2(source, target)
        os.environ.update(told["env"])
        code = run_command(told)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def run_command(told: dict[str, Any]) -> int:
    if told.get("fast"):
        hasten(float(told.get("second_look", 1.0)))
    if told.get("kill"):
        set_trap(*told["kill"])
    from bot.__main__ import main

    sys.argv = ["yinuo", *told["argv"]]
    try:
        main()
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def main() -> None:
    """Serves orders until standard input ends; then every child still living is killed."""
    import bot.runner
    import bot.serving
    import bot.web.app  # noqa: F401
    import channels.sandbox.app
    import channels.sandbox.page  # noqa: F401

    print(json.dumps({"ready": True}), flush=True)
    ended: dict[int, int] = {}
    living: set[int] = set()
    for line in sys.stdin:
        told = json.loads(line)
        if told["do"] == "start":
            pid = start(told)
            living.add(pid)
            answer: dict[str, Any] = {"pid": pid}
        else:
            reap(ended)
            answer = {"code": ended.get(told["pid"])}
        print(json.dumps(answer), flush=True)
    reap(ended)
    for pid in living - set(ended):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def reap(ended: dict[int, int]) -> None:
    """Takes note of children that ended; a killed one has the negative number of its signal."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        ended[pid] = os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()

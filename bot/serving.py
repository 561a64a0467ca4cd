"""Web servers inside our own loop, stopped by us and not by their own signal handlers."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """uvicorn that leaves the signals to whoever runs several things at once."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class PortTaken(Exception):
    """Another program answers at the port; the message says how to choose another."""


@contextlib.asynccontextmanager
async def serving(app: Any, host: str, port: int) -> AsyncIterator[int]:
    """Serves an app while inside; answers the port (0 chooses one). Raises PortTaken."""
    # No handlers of uvicorn's own: its lines are written like all others (bot/logs.py).
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", log_config=None, access_log=False, lifespan="on",
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    server = Server(config)
    task = asyncio.create_task(_serve(server))
    while not server.started:
        if task.done():
            raise PortTaken(f"port {port} is taken; set YINUO_PORT to another (it and the next one must be free)")
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def _serve(server: Server) -> None:
    try:
        await server.serve()
    except SystemExit:
        return


async def until_told_to_stop() -> None:
    """Waits for SIGTERM or Ctrl-C."""
    await told_to_stop().wait()


def told_to_stop() -> asyncio.Event:
    """Set by SIGTERM or Ctrl-C, instead of tearing down whatever runs."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    return stop

"""The one transport under all three SDKs: an aiohttp session per provider and loop, with time-outs that hold."""

import asyncio
import time
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp

from channels.contract import ChannelError, Passing, Permanent, Unknown

IDLE_SECONDS = 4.0
"""Idle connections are dropped before the server does it (uvicorn: 5 s); a POST on a connection that the server
closes at that moment would be lost in the unknown."""

NEVER_REACHED = (aiohttp.ClientConnectorError, aiohttp.ClientConnectorCertificateError, aiohttp.ConnectionTimeoutError)
"""Failures before the first byte of a request was sent."""

PROMPT_SECONDS = 5.0
"""A request whose first byte has not left so long after it was begun is not sent any more."""

_begun: ContextVar[float | None] = ContextVar("begun", default=None)


def begin() -> None:
    """The moment from which this task's requests count how late they are: when it was last sure that it may call."""
    _begun.set(time.monotonic())


Failure = (aiohttp.ClientError, TimeoutError, OSError)
"""Everything a request on the session can raise."""


class PromptRequest(aiohttp.ClientRequest):
    """Leaves soon after it was begun, or not at all.

    A process that stood still (a paused machine) may wake when another has long asked the provider and spoken instead.
    """

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self._begun = _begun.get() or time.monotonic()

    @property
    def _late(self) -> bool:
        return time.monotonic() - self._begun > PROMPT_SECONDS

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        """Raises ConnectionTimeoutError, which says that nothing was sent."""
        if self._late:
            raise aiohttp.ConnectionTimeoutError("the moment to send has passed")
        return await super().send(conn)

    async def write_bytes(self, writer: Any, conn: Any, content_length: int | None = None) -> None:
        """The headers wait for the body: a late body takes both back."""
        if self._late:
            conn.protocol.set_exception(aiohttp.ServerTimeoutError("the moment to send has passed"))
            conn.close()
            return
        await super().write_bytes(writer, conn, content_length)


class Transport:
    """Opens the session lazily inside the running loop; ``timeout`` is the whole of a request, in seconds."""

    def __init__(self, concurrency: int = 64, timeout: float = 10.0, proxy: str | None = None) -> None:
        self.timeout = timeout
        self._concurrency = concurrency
        self._proxy = proxy
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    def session(self) -> aiohttp.ClientSession:
        """The running loop's session."""
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            session = self._sessions[loop] = self._open()
        return session

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._concurrency, keepalive_timeout=IDLE_SECONDS)
        return aiohttp.ClientSession(
            connector=connector, timeout=self.limit(self.timeout), proxy=self._proxy, request_class=PromptRequest
        )

    def limit(self, total: float) -> aiohttp.ClientTimeout:
        """Half the time at most goes into waiting for a connection: that much is known not to have been sent."""
        return aiohttp.ClientTimeout(total=total, connect=min(total, self.timeout) / 2)

    async def close(self) -> None:
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()


async def body_of(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The body of an answer, read no further than ``most`` bytes. Raises Permanent for a larger one."""
    if (answer.content_length or 0) > most:
        raise too_large(most)
    body = bytearray()
    async for part in answer.content.iter_chunked(65_536):
        body += part
        if len(body) > most:
            raise too_large(most)
    return bytes(body)


def too_large(most: int) -> Permanent:
    return Permanent(f"the file is larger than {most // 2**20} MB", "request")


def failed(error: BaseException) -> ChannelError:
    """What a transport failure means for a send: not reached, misaddressed, or in the dark."""
    if isinstance(error, NEVER_REACHED):
        return Passing(f"the provider was not reached ({type(error).__name__})")
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return Permanent("the provider's base address is not a URL", "sender")
    return Unknown(f"no answer from the provider ({type(error).__name__})")


def by_status(status: int, retry_after: str | None = None) -> ChannelError | None:
    """What an HTTP status alone says, whatever the body: 429 and 5xx; None leaves the judgement to the body."""
    if status == 429:
        return Passing("the provider asks to slow down (429)", seconds(retry_after))
    if status >= 500:
        return Unknown(f"the provider failed ({status})")
    return None


def seconds(retry_after: str | None) -> float | None:
    """A Retry-After header in seconds; its date form is not used by our providers and counts as none."""
    try:
        return float(retry_after) if retry_after else None
    except ValueError:
        return None

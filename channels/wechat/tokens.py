"""The access token: one for all processes, fetched by one of them at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

EARLY = 300.0
"""Seconds before its end from which a token is renewed; WeChat honours old and new one meanwhile."""


class Token(NamedTuple):
    value: str
    left: float
    """Seconds for which it is still good."""


class TokenStore(Protocol):
    """Where the processes of one account share its token. The store's own clock counts the seconds down."""

    async def get(self) -> Token | None:
        """The token with the seconds it has left; None if there is none or it is over."""
        ...

    async def put(self, token: Token) -> None: ...

    def lock(self) -> AbstractAsyncContextManager[object]:
        """Held by whoever fetches a new token, across all processes."""
        ...


class MemoryTokenStore:
    """For a single process."""

    def __init__(self) -> None:
        self._value = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> Token | None:
        left = self._until - asyncio.get_running_loop().time()
        return Token(self._value, left) if self._value and left > 0 else None

    async def put(self, token: Token) -> None:
        self._value = token.value
        self._until = asyncio.get_running_loop().time() + token.left

    def lock(self) -> asyncio.Lock:
        return self._lock


Fetch = Callable[[bool], Awaitable[Token]]
"""Asks WeChat; True forces a new token (20 a day, 30 s apart)."""


class Tokens:
    """This process's sight of the shared token."""

    def __init__(self, store: TokenStore, fetch: Fetch) -> None:
        self._store = store
        self._fetch = fetch
        self._value = ""
        self._until = 0.0

    async def current(self) -> str:
        """A token that is good by all we know. Raises what ``fetch`` raises."""
        if self._value and asyncio.get_running_loop().time() < self._until:
            return self._value
        return await self._renew(stale="")

    async def replace(self, stale: str) -> str:
        """Another token than the one WeChat has just refused; the one another process has fetched meanwhile will do."""
        if self._value and self._value != stale:
            return self._value
        return await self._renew(stale)

    async def _renew(self, stale: str) -> str:
        async with self._store.lock():
            shared = await self._store.get()
            if shared is None or shared.value == stale:
                shared = await self._new(stale)
                await self._store.put(shared)
            self._value = shared.value
            self._until = asyncio.get_running_loop().time() + shared.left
            return shared.value

    async def _new(self, stale: str) -> Token:
        token = await self._fetch(False)
        return await self._fetch(True) if token.value == stale else token


def good_for(expires_in: float) -> float:
    """The seconds for which a fresh token is used: till five minutes before its end, half of a shorter one."""
    return max(expires_in - EARLY, expires_in / 2)

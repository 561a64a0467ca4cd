"""One access token for all processes of the house, sealed in the database; real time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from sqlalchemy import func, insert, select, update

from store.core import provider_token
from store.engine import Store

LOCK_SECONDS = 20


class Kept(Protocol):
    """A token and the seconds it has left, as the channel knows it."""

    @property
    def value(self) -> str: ...

    @property
    def left(self) -> float: ...


T = TypeVar("T", bound=Kept)


class SharedToken(Generic[T]):
    """Where the processes of one provider account share its token. The database's clock counts the seconds."""

    def __init__(self, store: Store, provider: str, make: Callable[[str, float], T]) -> None:
        self._store = store
        self._provider = provider
        self._make = make
        self._here = asyncio.Lock()

    async def _now(self) -> datetime:
        async with self._store.read() as conn:
            told = (await conn.execute(select(func.current_timestamp()))).scalar_one()
        if isinstance(told, str):
            told = datetime.fromisoformat(told)
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)

    async def get(self) -> T | None:
        async with self._store.read() as conn:
            query = select(provider_token).where(provider_token.c.provider == self._provider)
            row = (await conn.execute(query)).first()
        if row is None or row.token_sealed is None or row.expires_at is None:
            return None
        left = (row.expires_at - await self._now()).total_seconds()
        return self._make(self._store.vault.open(row.token_sealed), left) if left > 0 else None

    async def put(self, token: T) -> None:
        values = {
            "token_sealed": self._store.vault.seal(token.value),
            "expires_at": await self._now() + timedelta(seconds=token.left),
        }
        await self._row()
        async with self._store.write() as conn:
            await conn.execute(
                update(provider_token).where(provider_token.c.provider == self._provider).values(**values)
            )

    async def _row(self) -> None:
        async with self._store.write() as conn:
            query = select(provider_token.c.provider).where(provider_token.c.provider == self._provider)
            if (await conn.execute(query)).first() is None:
                await conn.execute(insert(provider_token).values(provider=self._provider))

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Held by whoever fetches a new token; a holder that died is forgotten after twenty seconds."""
        async with self._here:
            await self._row()
            while not await self._take():  # noqa: ASYNC110 - the other holder is another process
                await asyncio.sleep(0.2)
            try:
                yield
            finally:
                await self._set_lock(None)

    async def _take(self) -> bool:
        now = await self._now()
        async with self._store.write() as conn:
            taken = await conn.execute(
                update(provider_token)
                .where(
                    provider_token.c.provider == self._provider,
                    (provider_token.c.locked_until.is_(None)) | (provider_token.c.locked_until < now),
                )
                .values(locked_until=now + timedelta(seconds=LOCK_SECONDS))
            )
        return taken.rowcount == 1

    async def _set_lock(self, until: datetime | None) -> None:
        async with self._store.write() as conn:
            await conn.execute(
                update(provider_token).where(provider_token.c.provider == self._provider).values(locked_until=until)
            )

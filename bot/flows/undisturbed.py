"""Heavy work undisturbed: the collector rests, and the next part is fetched while this one is written."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
SELDOM = (10_000, 20, 20)
"""New objects, and rounds of the younger generation, after which the collector comes by."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keeps the collector from walking through a million live rows again and again (a third of the time).

    Rows make no cycles: what is done with goes by its count of references.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def settled_in() -> None:
    """What a long-lived process has loaded stays: the collector walks past it, and past new objects less often.

    Otherwise a full walk through all imported code comes every few hundred messages (50 ms each).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


async def ahead(parts: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The same parts, each next one begun while its predecessor is being worked on."""
    step = asyncio.ensure_future(anext(parts, None))
    try:
        while (part := await step) is not None:
            step = asyncio.ensure_future(anext(parts, None))
            yield part
    finally:
        step.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await step
        await parts.aclose()

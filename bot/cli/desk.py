"""What every command shares: the house opened, sentences for errors, one JSON object for `--json`."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from bot.flows.house import House

T = TypeVar("T")


def say(text: str) -> None:
    """Progress and remarks go to standard error; standard output is for the answer."""
    print(text, file=sys.stderr)


def answer(data: Any, as_json: bool, text: str) -> None:
    """The answer: one JSON object, or words."""
    print(json.dumps(data, ensure_ascii=False) if as_json else text)


def refuse(sentence: str) -> NoReturn:
    """What is wrong and what to do, then exit code 1."""
    say(sentence)
    raise typer.Exit(1)


def run(work: Coroutine[Any, Any, T], *, stays: bool = False) -> T:
    """Runs a command's work; what we refuse on purpose becomes a sentence and exit code 1.

    ``stays``: a service that runs for long, on uvloop where the system has it.
    """
    from bot.assembly import NotReady
    from bot.flows.refusals import REFUSALS
    from store.engine import StoreError, faults
    from store.vault import VaultError

    spoken: tuple[type[Exception], ...] = (NotReady, StoreError, VaultError, *REFUSALS)
    try:
        with asyncio.Runner(loop_factory=_quick_loop() if stays else None) as runner:
            return runner.run(work)
    except spoken as error:
        refuse(str(error))
    except faults() as error:
        cause = getattr(error, "orig", None) or error
        refuse(f"the database refused: {type(cause).__name__}; check DATABASE_URL and `yinuo check`")


def _quick_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, which has no wheel for Windows; None: asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def in_house(work: Callable[["House"], Awaitable[T]], *, speaking: bool = False) -> T:
    """Opens the house, does the work, closes it."""
    from bot.assembly import opened
    from bot.settings import Settings

    async def go() -> T:
        async with opened(Settings(), speaking=speaking) as house:
            return await work(house)

    return run(go())


async def tell_former(house: "House", account: str, community: str | None) -> None:
    """Says whose record besides is of the same unit: an owner who sold is named by their account's number."""
    from bot.flows.find import account_named, former_of

    async with house.store.read() as conn:
        former = await former_of(conn, await account_named(conn, account, community))
    if former:
        say(f"{account}: earlier owners have records of their own, named {', '.join(former)}")

"""The benchmarks on the command line: ratios to a baseline measured in the same run."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from bot.cli.desk import answer
from bot.cli.ledger import Json

Size = Annotated[int | None, typer.Option("--size", min=1_000, help="Accounts or backlog; else 10,000 and 100,000.")]


def add_to(app: typer.Typer) -> None:
    """Hangs the benchmarks on the command line."""
    bench = typer.Typer(no_args_is_help=True)
    bench.command()(plan)
    bench.command()(dispatch)
    bench.command()(talk)
    app.add_typer(bench, name="bench", help="Benchmarks, as ratios to a baseline measured in the same run.")


def plan(size: Size = None, json_: Json = False) -> None:
    """Planning against one bare INSERT … SELECT, and an ORM loop against planning."""
    from bot.bench import plan as bench

    _tell(_fast(bench.run(size)), json_)


def dispatch(size: Size = None, json_: Json = False) -> None:
    """The durable way out against the same SDK's bare loop."""
    from bot.bench import dispatch as bench

    _tell(_fast(bench.run(size)), json_)


def talk(json_: Json = False) -> None:
    """Understanding one sentence, in microseconds."""
    from bot.bench import talk as bench

    told = bench.run()
    answer(told, json_, "\n".join(f"{name}: {value}" for name, value in told.items()))


def _fast(work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """On the loop the service runs on."""
    import uvloop

    loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(work)


def _tell(told: dict[str, Any], json_: bool) -> None:
    lines = [f"{row['name']}, {row['size']}: {row['ratio']}" for row in told["results"]]
    answer(told, json_, "\n".join(lines))

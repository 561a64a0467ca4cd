"""What keeps running: serve, work, sandbox, demo; and the house's keys."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.desk import refuse, run, say
from bot.cli.ledger import Json

if TYPE_CHECKING:
    from bot.settings import Settings

keys = typer.Typer(no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    for command in (demo, serve, work, sandbox):
        app.command()(command)
    app.add_typer(keys, name="keys", help="The keys that seal addresses at rest.")


def serve(
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Ticks and dispatch too: one machine.")] = False,
) -> None:
    """The web doors: webhooks, the API, the console, the owner's page."""
    run(_serve(with_worker), stays=True)


async def _serve(with_worker: bool) -> None:
    from bot.assembly import opened
    from bot.demo.rehearsal import TOKEN, introduce
    from bot.flows.welcome import moved_in
    from bot.logs import set_up_logs
    from bot.runner import Runner, turn
    from bot.serving import serving, until_told_to_stop
    from bot.settings import Settings
    from bot.web.app import create_app

    settings = Settings()
    await _sandbox_answers(settings)
    set_up_logs()
    async with opened(settings, speaking=True) as house, moved_in(house, settings):
        runner = Runner(house, settings)
        async with serving(create_app(house, turn=turn, turn_token=TOKEN), settings.host, settings.port):
            say(f"serving at http://{settings.host}:{settings.port}")
            if with_worker and house.sandbox:
                await introduce(settings, house.public_url)
                say(f"phones at {settings.sandbox_base}")
            if with_worker:
                await runner.start()
            await until_told_to_stop()
            if with_worker:
                await runner.stop()


async def _sandbox_answers(settings: "Settings") -> None:
    """Where everything is played, the fakes must be there before the house speaks."""
    from bot.demo.rehearsal import answers

    if settings.environment == "sandbox" and not await answers(settings):
        refuse(
            f"no sandbox answers at {settings.sandbox_base}: start `yinuo sandbox` in another terminal first, "
            "or set ENVIRONMENT=production for the real providers (docs/deploy.md)"
        )


def work() -> None:
    """Ticks and dispatch; run it as often as there are machines."""
    run(_work(), stays=True)


async def _work() -> None:
    from bot.assembly import opened
    from bot.flows.welcome import moved_in
    from bot.logs import set_up_logs
    from bot.runner import Runner
    from bot.serving import until_told_to_stop
    from bot.settings import Settings

    settings = Settings()
    await _sandbox_answers(settings)
    set_up_logs()
    async with opened(settings, speaking=True) as house, moved_in(house, settings):
        runner = Runner(house, settings)
        await runner.start()
        await until_told_to_stop()
        await runner.stop()


def sandbox() -> None:
    """The providers' fakes and the phones page, on the next port."""
    run(_sandbox(), stays=True)


async def _sandbox() -> None:
    from bot.serving import serving, until_told_to_stop
    from bot.settings import Settings
    from channels.sandbox.app import create_sandbox
    from channels.sandbox.page import page_routes

    settings = Settings()
    if settings.environment == "production":
        refuse("the sandbox does not start where ENVIRONMENT=production")
    app = create_sandbox(settings.sandbox_folder, pages=page_routes())
    async with serving(app, "127.0.0.1", settings.port + 1):
        say(f"sandbox at http://127.0.0.1:{settings.port + 1}")
        await until_told_to_stop()


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Play the days, print a summary, stop.")] = False,
    days: Annotated[int, typer.Option("--days", help="Virtual days to play before anything else.")] = 0,
    seed: int = 7,
    json_: Json = False,
) -> None:
    """A sample community on sandbox phones: nothing to configure, nothing real is reached."""
    from bot.demo.show import Stopped
    from bot.demo.stage import Occupied
    from bot.serving import PortTaken

    if headless and not days:
        days = 60
    try:
        summary = run(_demo(headless, days, seed), stays=True)
    except (Occupied, PortTaken, Stopped) as error:
        refuse(str(error))
    if headless and json_:
        print(json.dumps(summary, ensure_ascii=False))


async def _demo(headless: bool, days: int, seed: int) -> dict[str, Any] | None:
    from bot.demo.show import play, stay
    from bot.demo.stage import put_away, staged
    from bot.logs import set_up_logs
    from bot.settings import Settings

    set_up_logs(quiet=True)
    settings = Settings()
    if not headless:
        say("setting up a sample community, a few seconds … 正在搭建示范小区，请稍候几秒 …")
    async with staged(settings, seed, any_port=headless) as stage:
        summary = await play(stage, days, loud=not headless or sys.stderr.isatty()) if days else None
        if headless:
            return summary
        await stay(stage)
    say(put_away(settings))
    return summary


@keys.command("new")
def keys_new() -> None:
    """Fresh keys, as YINUO_KEYS or the key file want them."""
    from store.vault import new_keys

    print(new_keys())

"""The first admin of the console."""

import getpass
import sys
from typing import Annotated, Any

import typer

from bot.cli.desk import in_house, refuse

admin = typer.Typer(no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    app.add_typer(admin, name="admin", help="People who may sign in to the console.")


@admin.command("create")
def create(
    name: str,
    role: Annotated[str, typer.Option(help="admin, head, supervisor, …")] = "admin",
) -> None:
    """Make an account for the console; the password is asked for, or read from standard input."""
    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        refuse("no password was given; type one, or pipe it in")

    async def work(house: Any) -> int:
        from bot.flows.admins import create_admin

        return await create_admin(house.store, name, password, house.clock.now(), role)

    in_house(work)
    print(f"{name} may sign in at the console")


@admin.callback()
def about() -> None:
    """People who may sign in to the console."""

"""The staff's commands: who works here, how they are linked, what is theirs; an account's record; reports."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot.cli.desk import answer, in_house, say
from bot.cli.ledger import Json, Where

staff = typer.Typer(no_args_is_help=True)
group = typer.Typer(no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    app.add_typer(staff, name="staff", help="Who works here: add, list, link, leave, responsible.")
    app.add_typer(group, name="group", help="The staff's group chat.")
    app.command()(account)


async def _number(house: Any, conn: Any, community: str | None) -> int:
    from bot.flows.find import community_named

    return int((await community_named(conn, community)).id)


@staff.command("add")
def add(
    name: str,
    role: Annotated[str, typer.Argument(help="front_desk, assistant, accountant, supervisor, head, finance, legal …")],
    community: Where = None,
) -> None:
    """A named member of staff."""

    async def work(house: Any) -> None:
        from bot.flows.staff import add_staff

        async with house.store.write() as conn:
            number = await _number(house, conn, community)
            await add_staff(house, conn, name, role, number, house.clock.now(), who="cli")

    in_house(work)
    print(f"{name} is on the list as {role}; next: yinuo staff link {name}")


@staff.command("list")
def list_(json_: Json = False) -> None:
    """Everyone who works here."""

    async def work(house: Any) -> Any:
        from bot.flows.staff import list_staff

        async with house.store.read() as conn:
            return await list_staff(conn)

    rows = in_house(work)
    lines = [
        f"{r.name:<12} {r.role:<11} {', '.join(r.linked) or 'not linked':<14} {r.cases} case(s)  "
        f"{', '.join(r.responsible_for)}"
        for r in rows
    ]
    answer({"staff": [asdict(r) for r in rows]}, json_, "\n".join(lines) or "nobody yet: yinuo staff add NAME ROLE")


@staff.command("link")
def link(name: str) -> None:
    """A one-time code to send to the bot in a private chat."""

    async def work(house: Any) -> str:
        from bot.flows.staff import link_code

        async with house.store.write() as conn:
            return await link_code(house, conn, name, house.clock.now(), "cli")

    print(in_house(work))
    say(f"{name} sends this code to the bot in a private chat; it works once, for a day")


@staff.command("responsible")
def responsible(
    name: str,
    building: Annotated[str, typer.Option(help="A building; none: the whole community.")] = "",
    community: Where = None,
) -> None:
    """Who is responsible for which building."""

    async def work(house: Any) -> None:
        from bot.flows.staff import make_responsible

        async with house.store.write() as conn:
            number = await _number(house, conn, community)
            await make_responsible(conn, name, number, house.clock.now(), building=building, who="cli")

    in_house(work)
    print(f"{name} is responsible for {building or 'the whole community'}")


@staff.command("leave")
def leave(name: str, to: Annotated[str, typer.Option(help="Who takes over; else the next on the rota.")] = "") -> None:
    """Somebody leaves: nothing is left without an owner."""

    async def work(house: Any) -> int:
        from bot.flows.staff import leave as go

        async with house.store.write() as conn:
            return await go(house, conn, name, house.clock.now(), successor=to, who="cli")

    print(f"{name} has left; {in_house(work)} case(s) are with the successor")


@group.command("add")
def group_add(
    channel: Annotated[str, typer.Argument(help="telegram or wecom.")],
    address: Annotated[str, typer.Argument(help="The chat's id (-100…), or the robot's key.")],
    community: Where = None,
) -> None:
    """The group in which the cards appear."""
    if channel not in ("telegram", "wecom"):
        raise typer.BadParameter("a group is on telegram or wecom")

    async def work(house: Any) -> None:
        from bot.flows.staff import add_group

        async with house.store.write() as conn:
            number = await _number(house, conn, community)
            await add_group(house, conn, channel, address, number, house.clock.now(), who="cli")

    in_house(work)
    print("the group is known; its first card comes with the next case")


def account(unit: str, community: Where = None, json_: Json = False) -> None:
    """The whole record of an account: every contact by anyone over any way."""

    async def work(house: Any) -> Any:
        from bot.flows.find import account_named
        from bot.flows.history import account_history

        async with house.store.read() as conn:
            row = await account_named(conn, unit, community)
            return await account_history(conn, row.id)

    lines = in_house(work)
    data = [json.loads(json.dumps(asdict(line), default=str)) for line in lines]
    text = "\n".join(
        "  ".join(str(value) for value in (one["at"][:16], one["way"], one["who"], one["content"]) if value)
        for one in data
    )
    answer({"account": unit, "record": data}, json_, text or f"nothing was said about {unit} yet")

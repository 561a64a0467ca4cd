"""The staff's commands: who works here, how they are linked, what is theirs; an account's record; reports."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.desk import answer, in_house, say
from bot.cli.ledger import Json, Where, day_of

staff = typer.Typer(no_args_is_help=True)
group = typer.Typer(no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    app.add_typer(staff, name="staff", help="Who works here: add, list, link, leave, responsible.")
    app.add_typer(group, name="group", help="The staff's group chat.")
    for command in (account, contacted):
        app.command()(command)
    app.command("stand-in")(stand_in)


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


def contacted(
    unit: str,
    way: Annotated[str, typer.Argument(help="call, visit, paper (handed over against signature), no_answer, message")],
    note: Annotated[str, typer.Option(help="What was said or signed.")] = "",
    on: Annotated[str, typer.Option("--on", help="The local date it happened; else now.")] = "",
    proof: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A picture of the signature.")] = None,
    by: Annotated[str, typer.Option("--by", help="The colleague who did it.")] = "",
    community: Where = None,
) -> None:
    """What a person did; a signed paper notice counts as the formal demand's delivery."""
    day, scan = day_of(on) if on else None, proof.read_bytes() if proof is not None else None

    async def work(house: Any) -> str:
        from bot.flows.by_people import record_contact
        from bot.flows.find import account_named
        from bot.flows.staff import staff_named
        from store.ledger import communities

        async with house.store.write() as conn:
            row = await account_named(conn, unit, community)
            town = next(house.town(t) for t in await communities(conn) if t.id == row.community_id)
            who = (await staff_named(conn, by)).id if by else None
            now = house.clock.now()
            await record_contact(conn, town, row, way, now, on=day, content=note, proof=scan, staff_id=who)
            return str(row.code)

    print(f"{in_house(work)}: {way} is on record; next: yinuo why {unit}")


def stand_in(
    unit: str,
    name: Annotated[str, typer.Argument(help="The consenting child or friend; nothing with --end.")] = "",
    phone: Annotated[str, typer.Argument(help="Their mobile number.")] = "",
    consent: Annotated[str, typer.Option(help="Where the owner's consent is kept.")] = "",
    end: Annotated[bool, typer.Option("--end", help="The owner is written to again.")] = False,
    community: Where = None,
) -> None:
    """An owner who is old or has no phone is called by day; who stands in hears the reminders until *formal*."""

    async def work(house: Any) -> None:
        from bot.flows.find import account_named
        from bot.flows.standins import end_stand_in, name_stand_in
        from store.ledger import communities

        async with house.store.write() as conn:
            row = await account_named(conn, unit, community)
            town = next(house.town(t) for t in await communities(conn) if t.id == row.community_id)
            if end:
                await end_stand_in(conn, row, house.clock.now(), who="cli")
            else:
                await name_stand_in(house, conn, town, row, name, phone, consent, house.clock.now(), who="cli")

    in_house(work)
    print(f"{unit}: nobody stands in any more" if end else f"{unit}: {name} stands in; the owner is called by day")


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

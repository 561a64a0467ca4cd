"""Keeping what is remembered: backups, keys brought in afresh, what an owner may ask for, what has had its time."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.desk import answer, in_house, run, say, tell_former
from bot.cli.ledger import Json
from bot.cli.run import keys

person = typer.Typer(no_args_is_help=True)
Account = Annotated[
    str, typer.Argument(help="The unit's code, or community/unit: its owner is meant; unit@number: who sold it.")
]
Whom = Annotated[
    str | None,
    typer.Option("--person", help="Somebody else of the account: a co-owner, tenant or stand-in, by name or role."),
]
Community = Annotated[str | None, typer.Option("--community")]


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    for command in (backup, retain):
        app.command()(command)
    app.add_typer(person, name="person", help="A person's own data: handed over, erased where the law allows.")
    keys.command("rotate")(rotate)
    keys.command("retire")(retire)


def backup(
    out: Annotated[Path, typer.Argument(help="The file to write: a SQLite database, or a PostgreSQL archive.")],
    json_: Json = False,
) -> None:
    """A whole and consistent copy of the database, taken while it sends."""
    from bot.flows.backup import backup as copy
    from bot.settings import Settings

    told = run(copy(Settings().database_url, out))
    answer(told.json(), json_, f"{told.path}: {told.size} bytes ({told.kind})")


@person.command("export")
def person_export(
    account: Account,
    out: Annotated[Path | None, typer.Option("--out", help="A file; else standard output.")] = None,
    whom: Whom = None,
    community: Community = None,
) -> None:
    """Everything we know of an account's owner, or of another of its people, as JSON (PIPL 45)."""
    from bot.flows.privacy import export
    from store.engine import private_file

    async def work(house: Any) -> Any:
        await tell_former(house, account, community)
        return await export(house, account, house.clock.now(), community=community, whom=whom)

    text = json.dumps(in_house(work), ensure_ascii=False, indent=1)
    if out is None:
        print(text)
    else:
        private_file(out, text)
        say(f"written to {out}, readable by you alone")


@person.command("erase")
def person_erase(account: Account, whom: Whom = None, community: Community = None, json_: Json = False) -> None:
    """Erases a person's contacts and contents where the law allows (PIPL 47); says what must be kept and until when."""
    from bot.flows.privacy import erase
    from bot.settings import Settings

    async def work(house: Any) -> Any:
        years = Settings().retention_years
        await tell_former(house, account, community)
        now = house.clock.now()
        return await erase(house, account, now, years=years, community=community, who="cli", whom=whom)

    told = in_house(work)
    answer(told.json(), json_, told.words())


def retain(json_: Json = False) -> None:
    """Erases contents that are older than the policy keeps them and that no open debt needs."""
    from bot.flows.privacy import retain as sweep
    from bot.settings import Settings

    async def work(house: Any) -> Any:
        return await sweep(house, house.clock.now(), years=Settings().retention_years, who="cli")

    count = in_house(work)
    answer({"erased": count}, json_, f"{count} contents erased")


def rotate(
    prepare: Annotated[bool, typer.Option("--prepare", help="Only put a fresh key in the file, not used yet.")] = False,
    again: Annotated[bool, typer.Option("--again", help="No fresh key: only what older keys sealed since.")] = False,
    json_: Json = False,
) -> None:
    """A fresh current key in the key file; everything sealed is sealed anew, while everybody works on."""
    from bot.assembly import key_file
    from bot.flows import keys as flow
    from bot.settings import Settings

    settings = Settings()
    path = key_file(settings)
    if prepare:
        flow.prepare(path)
        say(f"a fresh key waits in {path}; copy the file to every machine, then: yinuo keys rotate")
        return
    told = run(flow.bring_in(settings.database_url, path, fresh=not again))
    answer(told.json(), json_, told.words())


def retire(
    name: Annotated[str, typer.Argument(help="The old key's name, e.g. k1.")],
) -> None:
    """Takes an old key out of the key file, once nothing is sealed with it any more."""
    from bot.assembly import key_file
    from bot.flows.keys import retire as take_out
    from bot.settings import Settings

    run(take_out(Settings().database_url, key_file(Settings()), name))
    say(f"{name} is out of the key file; keep its copy as long as backups sealed with it are kept")

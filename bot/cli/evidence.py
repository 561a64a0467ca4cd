"""What a court asks for: is the journal whole, the bundle of one account, and a trusted timestamp put to a seal."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.desk import answer, in_house, refuse, tell_former
from bot.cli.ledger import Json


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    for command in (verify, evidence, stamp):
        app.command()(command)


def verify(
    full: Annotated[bool, typer.Option("--full", help="Trust no checkpoint; compute every row again.")] = False,
    json_: Json = False,
) -> None:
    """The journal's chain: names every row that was changed, removed or inserted."""
    from bot.flows.verify import verify as look

    async def work(house: Any) -> Any:
        return await look(house.store, since_checkpoint=not full, now=house.clock.now())

    verdict = in_house(work)
    answer(verdict.json(), json_, verdict.words())
    if not verdict.clean:
        raise typer.Exit(1)


def evidence(
    account: Annotated[str, typer.Argument(help="The unit's code, or community/unit; unit@number: who sold it.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    community: Annotated[str | None, typer.Option("--community")] = None,
    json_: Json = False,
) -> None:
    """The bundle for a lawyer: a PDF, the same as JSON with hashes, and a verifier that needs no database."""
    from bot.flows.evidence import evidence as make
    from bot.flows.evidence_page import NoFont

    async def work(house: Any) -> Any:
        await tell_former(house, account, community)
        return await make(house, account, out, house.clock.now(), community=community, who="cli")

    try:
        bundle = in_house(work)
    except NoFont as error:
        refuse(str(error))
    told = f"{bundle.folder}: {', '.join(bundle.files)} ({bundle.charges} charges, {bundle.demands} messages)"
    told += f"\ndigest {bundle.digest}: keep it apart from the bundle; `yinuo verify` lists it too"
    answer(bundle.json(), json_, told)


def stamp(
    number: Annotated[int, typer.Argument(help="The seal's number.")],
    answer_file: Annotated[Path, typer.Argument(help="The timestamp service's answer (.tsr).", exists=True)],
    community: Annotated[str | None, typer.Option("--community", help="Whose chain; default: the house's.")] = None,
) -> None:
    """Keeps a trusted timestamp (RFC 3161) with a seal; evidence bundles then carry it."""
    from bot.flows.stamp import keep_stamp

    async def work(house: Any) -> Any:
        return await keep_stamp(house.store, number, answer_file.read_bytes(), community)

    typer.echo(in_house(work))

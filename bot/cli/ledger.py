"""The ledger's commands: import, sample, pay, fact, clients."""

import json
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.desk import answer, in_house, say

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Where = Annotated[str | None, typer.Option("--community", help="The community, where there are several.")]


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    app.command("import")(import_)
    app.command()(sample)
    app.command()(pay)
    app.command()(undo)
    app.add_typer(facts, name="fact", help="Legal facts on record: letters drafted or sent, suits filed.")
    app.add_typer(rates, name="late-fee", help="The contract's late-fee rates.")
    app.add_typer(clients, name="client", help="Systems that push payments, each with a token.")


def day_of(text: str) -> date:
    """A date as 2026-11-25. Wrong usage (exit 2) otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2026-11-25") from error


def fen_of(text: str) -> int:
    """Yuan as people type them → fen. Wrong usage (exit 2) otherwise."""
    try:
        amount = Decimal(text.replace(",", "").replace("￥", "").replace("¥", "").strip()) * 100
    except InvalidOperation as error:
        raise typer.BadParameter(f"{text!r} is no amount; write yuan as 486 or 486.50") from error
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise typer.BadParameter(f"{text!r}: an amount has at most two decimals")
    return int(amount)


def import_(
    files: Annotated[list[Path], typer.Argument(help="XLSX or CSV files of units, owners, charges, payments.")],
    community: Where = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, write nothing.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Write the good rows, leave the bad in a file.")] = False,
    as_: Annotated[str, typer.Option("--as", help="`arrears`: a list of debts in which absence means paid.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="Payments are in the book up to this date.")] = "",
    map_: Annotated[list[str] | None, typer.Option("--map", help="HEADING=field, remembered.")] = None,
    accept_owner: Annotated[list[str] | None, typer.Option(help="Unit whose new owner is right.")] = None,
    new_community: Annotated[bool, typer.Option("--new-community", help="Make one more community.")] = False,
    json_: Json = False,
) -> None:
    """Bring a workbook in: every bad row is named, and the same file twice changes nothing."""
    if as_ not in ("", "arrears"):
        raise typer.BadParameter("--as knows only `arrears`")
    headings = dict(_pair(text) for text in map_ or [])
    until = day_of(as_of) if as_of else None

    async def work(house: Any) -> Any:
        from bot.flows.importing.run import import_files

        due_dates = house.policy("{}").due_dates

        return await import_files(
            house.store, files, community=community, now=house.clock.now(), as_of=until, arrears=as_ == "arrears",
            dry_run=dry_run, skip_bad=skip_bad, heading_map=headings or None, who="cli",
            accept_owners=set(accept_owner or ()), new_community=new_community, due_dates=due_dates,
            progress=_progress(),
        )  # fmt: skip

    report = in_house(work)
    answer(report.json(), json_, report.words())
    if report.errors and not skip_bad:
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    heading, mark, field = text.partition("=")
    if not mark:
        raise typer.BadParameter(f"--map {text!r}: write HEADING=field, e.g. --map 本期=amount")
    return heading.strip(), field.strip()


def _progress() -> Any:
    """A bar on standard error, on a terminal only."""
    import sys

    if not sys.stderr.isatty():
        return None
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    bar.start()
    tasks: dict[str, Any] = {}

    def show(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total or None)
        bar.update(tasks[what], completed=done, total=total or None)
        if total and done >= total and all(task.finished for task in bar.tasks):
            bar.refresh()

    return show


def undo(community: Where = None, json_: Json = False) -> None:
    """Take the last import back."""

    async def work(house: Any) -> Any:
        from bot.flows.find import community_named
        from bot.flows.importing.run import undo_last

        async with house.store.read() as conn:
            town = await community_named(conn, community)
        return await undo_last(house.store, town.id, house.clock.now(), "cli")

    report = in_house(work)
    answer(report.json(), json_, report.words())


def sample(
    folder: Path, seed: int = 7, today: Annotated[str, typer.Option(help="The day the sample is made for.")] = ""
) -> None:
    """Write a realistic workbook to try things with: 216 flats, 24 shops, 60 parking spaces."""
    from bot.assembly import clock_of
    from bot.flows.sample.workbook import write_sample
    from bot.settings import Settings

    day = day_of(today) if today else clock_of(Settings()).now().date()
    for path in write_sample(folder, seed=seed, today=day):
        print(path)
    say(f"made for {day}; next: yinuo import {folder}/yinuo-sample.xlsx --community 锦绣花园")


def pay(
    account: str,
    amount: str,
    way: Annotated[str, typer.Option(help="cash, pos, wechat_pay, alipay, transfer.")] = "cash",
    for_: Annotated[str, typer.Option("--for", help="The charge the payer names, e.g. water or 2026Q3.")] = "",
    ref: Annotated[str, typer.Option(help="Receipt number; the same one twice changes nothing.")] = "",
    community: Where = None,
    json_: Json = False,
) -> None:
    """Enter a payment at the desk; it stops the ladder at once."""
    fen = fen_of(amount)

    async def work(house: Any) -> dict[str, Any]:
        from bot.flows.desk import pay_at_desk

        return await pay_at_desk(house, account, fen, way=way, named=for_, ref=ref, community=community, who="cli")

    told = in_house(work)
    answer(told, json_, told["words"])


facts = typer.Typer(no_args_is_help=True)


@facts.command("add")
def fact_add(
    account: str,
    kind: Annotated[str, typer.Argument(help="letter_drafted, letter_sent, lawyer_letter_drafted, …")],
    ref: Annotated[str, typer.Option(help="The document's number or place.")],
    on: Annotated[str, typer.Option(help="The day it happened.")] = "",
    community: Where = None,
) -> None:
    """Put a legal fact on record; only then may a wording speak of it."""
    day = day_of(on) if on else None

    async def work(house: Any) -> None:
        from bot.flows.brakes import add_fact
        from bot.flows.find import account_named

        now = house.clock.now()
        async with house.store.write() as conn:
            row = await account_named(conn, account, community)
            await add_fact(conn, row, kind, ref, day or now.date(), "cli", now)

    in_house(work)
    print(f"on record: {kind} ({ref}) for {account}")


rates = typer.Typer(no_args_is_help=True)


@rates.command("add")
def rate_add(
    ppm: Annotated[int, typer.Argument(help="Parts per million a day: 100 is 0.1 per mille.")],
    clause: Annotated[str, typer.Option(help="The contract's clause.")],
    from_: Annotated[str, typer.Option("--from", help="In force from this date on.")],
    grace: int = 15,
    cap: Annotated[int, typer.Option(help="At most this percentage of the principal.")] = 100,
    community: Where = None,
) -> None:
    """Enter the contract's late-fee rate; until then no late fee is asked for."""
    day = day_of(from_)

    async def work(house: Any) -> str:
        from bot.flows.find import community_named
        from bot.flows.latefees import enter_rate

        async with house.store.write() as conn:
            town = house.town(await community_named(conn, community))
            return await enter_rate(conn, town, daily_ppm=ppm, effective_from=day, clause=clause, who="cli",
                                    now=house.clock.now(), grace_days=grace, cap_percent=cap)  # fmt: skip

    warning = in_house(work)
    print(f"late fee: {ppm} ppm a day from {day}, after {grace} days, at most {cap} % of the principal")
    if warning:
        say(f"warning: {warning}")


clients = typer.Typer(no_args_is_help=True)


@clients.command("add")
def client_add(
    name: str,
    community: Where = None,
    live: Annotated[
        bool, typer.Option("--live", help="It pushes every payment as it comes: the book is fresh.")
    ] = False,
) -> None:
    """A token for a system that pushes payments; shown this once."""

    async def work(house: Any) -> str:
        from bot.flows.clients import add_client
        from bot.flows.find import community_named

        number = None
        if community is not None:
            async with house.store.read() as conn:
                number = (await community_named(conn, community)).id
        return await add_client(house.store, name, number, house.clock.now(), live=live)

    print(in_house(work))
    say("send it as `Authorization: Bearer …` to /api/v1/payments; it is not shown again")


def instant_of(text: str) -> datetime:
    """An ISO instant. Wrong usage (exit 2) otherwise."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no instant; write it as 2026-11-25T10:00+08:00") from error


def pretty(data: Any) -> str:
    """JSON for people."""
    return json.dumps(data, ensure_ascii=False, indent=1)

"""The wordings' commands: one code path with the console and the chat."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.desk import answer, in_house, refuse
from bot.cli.ledger import Json, Where

app = typer.Typer(no_args_is_help=True)


@app.command("check")
def check(
    folder: Annotated[Path | None, typer.Argument(help="A folder laid out as scripts/; default: our own.")] = None,
    json_: Json = False,
) -> None:
    """Judge wordings: slots, lengths, law and truth, every step in every language."""
    from bot.flows.words import check_folder
    from bot.settings import Settings

    where = folder or Settings().scripts
    if not where.is_dir():
        refuse(f"{where} is no folder of wordings")
    problems = check_folder(where, whole=folder is None)
    lines = [f"{p.file}:{p.line}: {p.rule}: {p.message}" for p in problems] or ["no problems"]
    answer({"problems": [p.json() for p in problems]}, json_, "\n".join(lines))
    if problems:
        raise typer.Exit(1)


def _book(house: Any, community: str | None) -> Any:
    async def read() -> Any:
        from bot.flows.find import community_named
        from bot.flows.words import book

        async with house.store.read() as conn:
            number = (await community_named(conn, community)).id if community else None
            return await book(house, conn, number)

    return read()


@app.command("list")
def list_(community: Where = None, json_: Json = False) -> None:
    """Every wording in force."""

    async def work(house: Any) -> Any:
        return await _book(house, community)

    book = in_house(work)
    rows = [
        {"path": s.path, "version": book.version(s).id, "purpose": s.purpose, "waits": book.waits(s)}
        for s in sorted(book.scripts.values(), key=lambda s: s.path)
    ]
    text = "\n".join(f"{r['path']:<52} v{r['version']:<5} {'waiting for provider' if r['waits'] else ''}" for r in rows)
    answer({"scripts": rows}, json_, text)


@app.command("show")
def show(path: str, community: Where = None) -> None:
    """One wording as it is in force, e.g. reminders/warm_4/zh-Hans.md."""

    async def work(house: Any) -> Any:
        return await _book(house, community)

    book = in_house(work)
    found = next((s for s in book.scripts.values() if s.path == path), None)
    if found is None:
        refuse(f"no wording is called {path}; `yinuo scripts list` names them all")
    print(found.source_text, end="")


@app.command("preview")
def preview(
    step: Annotated[str, typer.Argument(help="A step, e.g. warm_4.")],
    account: Annotated[str, typer.Option(help="A unit whose figures to use; default: an invented owner.")] = "",
    locale: str = "zh-Hans",
    channel: str = "telegram",
    community: Where = None,
) -> None:
    """How a step reads for an owner on a channel."""

    async def work(house: Any) -> str:
        from bot.flows.preview import preview as show_it

        return await show_it(house, step, locale, channel, account, community)

    print(in_house(work))


@app.command("import")
def import_(folder: Path, who: str = "cli", why: str = "imported from files") -> None:
    """Publish a folder of wordings that pass the check."""
    from bot.flows.words import check_folder

    problems = check_folder(folder, whole=False)
    if problems:
        refuse("\n".join(f"{p.file}:{p.line}: {p.rule}: {p.message}" for p in problems))

    async def work(house: Any) -> int:
        from bot.flows.words import publish_files, read_files

        return await publish_files(house, read_files(folder), who, why)

    print(f"{in_house(work)} wording(s) published")


@app.command("export")
def export(folder: Path, community: Where = None) -> None:
    """Write the wordings in force as files."""

    async def work(house: Any) -> Any:
        return await _book(house, community)

    book = in_house(work)
    for script in book.scripts.values():
        path = folder / script.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script.source_text, encoding="utf-8")
    print(f"{len(book.scripts)} wording(s) in {folder}")


@app.command("publish")
def publish(path: str, file: Path, why: str, who: str = "cli", community: Where = None) -> None:
    """Publish one wording from a file after the check."""

    async def work(house: Any) -> int:
        from bot.flows.words import publish_checked

        return await publish_checked(house, path, file.read_text(encoding="utf-8"), who, why, community)

    print(f"{path}: version {in_house(work)}")


@app.command("rollback")
def rollback(path: str, why: str = "taken back", who: str = "cli", community: Where = None) -> None:
    """Back to the version before."""

    async def work(house: Any) -> int:
        from bot.flows.words import roll_back

        return await roll_back(house, path, who, why, community)

    print(f"{path}: version {in_house(work)} again")


@app.command("approved")
def approved(
    path: Annotated[str, typer.Argument(help="The wording, as `yinuo scripts list` names it.")] = "",
    template_id: Annotated[str, typer.Argument(help="The id the provider gave it.")] = "",
    community: Where = None,
    all_: Annotated[
        bool, typer.Option("--all", help="In the sandbox: approve whatever needs a provider's yes.")
    ] = False,
) -> None:
    """Enter the id a provider gave to an approved wording."""
    if not all_ and not (path and template_id):
        raise typer.BadParameter("name the wording and its id: yinuo scripts approved PATH ID (in the sandbox: --all)")

    async def work(house: Any) -> str:
        from bot.flows.words import approve, approve_all

        if not all_:
            await approve(house, path, template_id, community)
            return f"{path}: approved as {template_id}"
        if not house.sandbox:
            refuse("--all is for the sandbox: a real provider approves each wording itself (docs/connect-wechat.md)")
        return f"{len(await approve_all(house))} templates approved in the sandbox"

    print(in_house(work))

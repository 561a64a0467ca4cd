"""The talk's commands: how a sentence is understood, and the slips that bind owners."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.desk import answer, in_house, refuse, say
from bot.cli.ledger import Json, Where, instant_of


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    app.command()(understand)
    app.command("bind-codes")(bind_codes)


def understand(
    text: Annotated[str, typer.Argument(help="What an owner wrote.")] = "",
    at: Annotated[str, typer.Option("--at", help="When it was said; without a zone, the community's time.")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="JSON lines of text and at; one object a line.")] = None,
    dates_only: Annotated[bool, typer.Option("--dates-only", help="The date grammar alone, without intent.")] = False,
    json_: Json = False,
) -> None:
    """How an owner's sentence is read: intent, date, amount."""
    zone = _zone()
    if file is not None:
        for line in _lines(file):
            print(json.dumps(_read(line["text"], _when(line.get("at", ""), zone), dates_only), ensure_ascii=False))
        return
    if not text:
        raise typer.BadParameter("give a sentence, or --file")
    told = _read(text, _when(at, zone), dates_only)
    answer(told, json_, "\n".join(f"{key}: {value}" for key, value in told.items()))


def _zone() -> ZoneInfo:
    """The only community's zone, or Shanghai's while there is none."""
    import sqlite3

    from bot.settings import Settings
    from store.engine import sqlite_path

    settings = Settings()
    path = sqlite_path(settings.database_url) if settings.database_url.startswith("sqlite") else None
    if path is None or not path.exists():
        return ZoneInfo("Asia/Shanghai")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
        known = base.execute("SELECT 1 FROM sqlite_master WHERE name = 'community'").fetchone()
        zones = base.execute("SELECT DISTINCT timezone FROM community").fetchall() if known else []
    return ZoneInfo(zones[0][0] if len(zones) == 1 else "Asia/Shanghai")


def _lines(file: Path) -> list[dict[str, Any]]:
    found = []
    try:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                told = json.loads(line)
                if not isinstance(told, dict) or not isinstance(told.get("text"), str):
                    refuse(f'{file.name} line {number}: expected {{"text": …, "at": …}}')
                found.append(told)
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{file} cannot be read: {type(error).__name__}")
    except ValueError:
        refuse(f"{file.name} line {number}: not JSON; one object a line")
    return found


def _when(text: str, zone: ZoneInfo) -> datetime:
    if not text:
        from bot.assembly import clock_of
        from bot.settings import Settings

        return clock_of(Settings()).now().astimezone(zone)
    told = instant_of(text)
    return told.replace(tzinfo=zone) if told.tzinfo is None else told


def _read(text: str, at: datetime, dates_only: bool) -> dict[str, Any]:
    from bot.talk.dates import read_date
    from bot.talk.understand import to_json
    from bot.talk.understand import understand as read

    if dates_only:
        found: date | None = read_date(text, at)
        return {"date": found.isoformat() if found else None}
    return to_json(read(text, at))


def bind_codes(
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")],
    community: Where = None,
) -> None:
    """A sheet of cut-out slips, one per account, with a QR and a short code that binds the owner's phone."""

    async def work(house: Any) -> int:
        from bot.flows.bindcodes import make_codes
        from bot.flows.find import community_named
        from bot.flows.slips import find_font, write_slips

        find_font()
        async with house.store.read() as conn:
            town = await community_named(conn, community)
        slips = await make_codes(house, town, house.clock.now())
        write_slips(out, slips, house.town(town))
        return len(slips)

    count = in_house(work)
    say(f"{count} slips in {out}; print them with the bills. A code works once.")

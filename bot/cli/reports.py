"""The figures: `yinuo report daily|ageing|promises`. Money in JSON is fen, dates are local dates of the community."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.desk import answer, in_house
from bot.cli.ledger import Json, Where, day_of

if TYPE_CHECKING:
    from bot.flows.figures import Figures, Kept
    from bot.flows.house import House, Town

report = typer.Typer(no_args_is_help=True)
On = Annotated[str, typer.Option("--on", help="A local date, 2026-11-25; else today.")]
AROUND = 90
"""Days before and after today whose promises are counted when no dates are given."""


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    app.add_typer(report, name="report", help="Figures: the day's collection, how old the debt is, promises kept.")


async def _here(house: "House", conn: Any, community: str | None, on: str) -> "tuple[Town, date]":
    """The community named, and the local date."""
    from bot.flows.find import community_named

    town = house.town(await community_named(conn, community))
    return town, day_of(on) if on else town.today(house.clock.now())


@report.command("daily")
def daily(on: On = "", community: Where = None, json_: Json = False) -> None:
    """The collection report the group gets at the end of staff hours."""

    async def work(house: "House") -> tuple[dict[str, Any], str]:
        from bot.flows.daily_report import daily_report, report_text
        from bot.flows.staff_post import voice

        async with house.store.read() as conn:
            town, day = await _here(house, conn, community, on)
            told = await daily_report(conn, town, day)
            say = await voice(house, conn, town)
            return told.json(), (await report_text(conn, town, say, told, house.clock.now())).text

    answer_with(in_house(work), json_)


@report.command("ageing")
def ageing(community: Where = None, json_: Json = False) -> None:
    """Open principal by days past due, as the book stands today."""

    async def work(house: "House") -> tuple[dict[str, Any], str]:
        async with house.store.read() as conn:
            town, today = await _here(house, conn, community, "")
            told = await _figures(conn, town, today, today, today)
        return _ageing(town.name, today, told)

    answer_with(in_house(work), json_)


@report.command("promises")
def promises(
    first: Annotated[str, typer.Option("--from", help="Promised for this local date or later.")] = "",
    last: Annotated[str, typer.Option("--to", help="Promised for this local date or earlier.")] = "",
    by: Annotated[str, typer.Option(help="building or person.")] = "person",
    community: Where = None,
    json_: Json = False,
) -> None:
    """Promises that fell due: kept, partly kept, broken, still open; by the responsible person or by building."""
    if by not in ("building", "person"):
        raise typer.BadParameter(f"{by!r}: by building or by person")

    async def work(house: "House") -> tuple[dict[str, Any], str]:
        async with house.store.read() as conn:
            town, today = await _here(house, conn, community, "")
            begin = day_of(first) if first else today - timedelta(days=AROUND)
            end = day_of(last) if last else today + timedelta(days=AROUND)
            told = await _figures(conn, town, today, begin, end, by)
        return _promises(town.name, told)

    answer_with(in_house(work), json_)


async def _figures(conn: Any, town: "Town", today: date, first: date, last: date, by: str = "person") -> "Figures":
    from bot.flows.figures import figures

    return await figures(conn, town.id, today, by=by, first=first, last=last)


def _ageing(name: str, on: date, told: "Figures") -> tuple[dict[str, Any], str]:
    bands = [asdict(age) for age in told.ages]
    total = sum(age.fen for age in told.ages)
    data = {"community": name, "on": on.isoformat(), "open_fen": total, "bands": bands}
    lines = [f"{name}, {on.isoformat()}: open principal {total / 100:,.2f}"]
    for age in told.ages:
        days = "not due yet" if age.first == 0 else f"over {age.first - 1} days" if age.last is None else ""
        days = days or f"{age.first}-{age.last} days"
        lines.append(f"  {days:<14} {age.fen / 100:>14,.2f}  {age.accounts} account(s)")
    return data, "\n".join(lines)


def _promises(name: str, told: "Figures") -> tuple[dict[str, Any], str]:
    rows = [_group(kept) for kept in (told.all_kept, *told.kept)]
    total = rows[0]
    data = {
        "community": name, "first": told.first.isoformat(), "last": told.last.isoformat(),
        **{key: total[key] for key in ("kept", "partly_kept", "broken", "open", "percent")}, "groups": rows[1:],
    }  # fmt: skip
    lines = [f"{name}, promised for {data['first']} to {data['last']}"]
    for row in rows:
        who = row["name"] or ("all" if row is total else "nobody responsible")
        lines.append(
            f"  {who:<20} kept {row['kept']}, in part {row['partly_kept']}, broken {row['broken']}, open {row['open']}"
            f"  ({row['percent']}% kept)"
        )
    return data, "\n".join(lines)


def _group(kept: "Kept") -> dict[str, Any]:
    return {
        "name": kept.name, "kept": kept.kept, "partly_kept": kept.partly, "broken": kept.broken, "open": kept.open,
        "percent": kept.percent,
    }  # fmt: skip


def answer_with(told: tuple[dict[str, Any], str], json_: bool) -> None:
    """Prints what a report tells, as data or in words."""
    answer(told[0], json_, told[1])

"""The ladder's commands: plan, why, release, pause, settle, audit, check."""

from datetime import UTC, datetime, time
from typing import Annotated, Any

import typer

from bot.cli.desk import answer, in_house, refuse
from bot.cli.ledger import Json, Where, day_of, instant_of


def add_to(app: typer.Typer) -> None:
    """Hangs the commands on the command line."""
    for command in (plan, why, release, settle, audit, check):
        app.command()(command)
    app.command("pause")(pause)
    app.command("resume")(resume)


def plan(
    on: Annotated[str, typer.Option("--on", help="A date: what would go out that day. Writes nothing.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go out now, write nothing.")] = False,
    json_: Json = False,
) -> None:
    """What goes out and what does not, with reasons."""
    day = day_of(on) if on else None

    async def work(house: Any) -> Any:
        from bot.flows.plan import plan as run
        from bot.flows.plan import survey

        report = await (survey(house, day) if day else run(house, dry_run=dry_run))
        async with house.store.read() as conn:
            return report.json(), await _towns(house, conn)

    told, towns = in_house(work)
    answer(told, json_, _plan_words(told, towns))


def _plan_words(told: dict[str, Any], towns: list[Any]) -> str:
    from bot.talk.reasons import reason_words, remedy

    zone = towns[0].zone if towns else UTC
    lines = [f"{len(told['send'])} to send"]
    lines += [f"  {town.name} is not released: nothing leaves before `yinuo release`"
              for town in towns if town.row.released_at is None]  # fmt: skip
    lines += [
        f"  {s['account']:<12} {s['step']:<14} {s['channel']:<9} {local(s['at'], zone)}" for s in told["send"][:50]
    ]
    if len(told["send"]) > 50:
        lines.append(f"  … and {len(told['send']) - 50} more (--json lists all)")
    for word in ("wait", "skip"):
        for code, count in sorted(told[word].items(), key=lambda pair: -pair[1]):
            lines.append(f"{word:<5} {count:>6}  {code}: {reason_words(code)} / {reason_words(code, 'en')}")
            lines += [f"{'':<14}→ {todo}" for todo in (remedy(code, {}), remedy(code, {}, "en")) if todo]
    return "\n".join(lines)


def local(instant: str, zone: Any) -> str:
    """An instant as the community's clocks show it."""
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M}"


def why(
    account: str,
    on: Annotated[str, typer.Option("--on", help="A date (10:00 that day) or an instant.")] = "",
    community: Where = None,
    json_: Json = False,
) -> None:
    """The next step for an account, or what holds it back, in order."""

    async def work(house: Any) -> Any:
        from bot.flows.find import account_named
        from bot.flows.why import why as ask

        async with house.store.read() as conn:
            row = await account_named(conn, account, community)
            town = next(t for t in await _towns(house, conn) if t.id == row.community_id)
            return await ask(house, conn, row, _at(on, house.clock.now(), town.zone))

    told = in_house(work)
    answer(told.json(), json_, _why_words(told))


async def _towns(house: Any, conn: Any) -> list[Any]:
    from store.ledger import communities

    return [house.town(row) for row in await communities(conn)]


def _at(on: str, now: datetime, zone: Any) -> datetime:
    if not on:
        return now
    if len(on) <= 10:
        return datetime.combine(day_of(on), time(10, 0), zone).astimezone(UTC)
    at = instant_of(on)
    return (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)


def _why_words(told: Any) -> str:
    from bot.talk.reasons import reason_line

    data = told.json()
    head = {"send": "will be said", "wait": "waits", "skip": "nothing is said"}[data["decision"]]
    lines = [f"{data['community']} {data['account']}: {head}" + (f" — {data['step']}" if data["step"] else "")]
    if data["channels"]:
        lines.append(f"  over {', '.join(data['channels'])} at {data['until']}")
    lines += [f"  {n}. {reason_line(reason)}" for n, reason in enumerate(told.reasons, 1)]
    if data["by_people"]:
        lines.append(f"  for people: {', '.join(data['by_people'])}")
    if data["next_look"]:
        lines.append(f"  looked at again: {data['next_look']}")
    return "\n".join(lines)


def release(
    community: Where = None,
    yes: Annotated[bool, typer.Option("--yes", help="Release without asking again.")] = False,
) -> None:
    """Look at the first list of a community, and let it go."""

    async def look(house: Any) -> Any:
        from bot.flows.brakes import first_list
        from bot.flows.find import community_named
        from bot.flows.plan import plan as run

        await run(house, keep=False)
        async with house.store.read() as conn:
            return await first_list(conn, await community_named(conn, community))

    first = in_house(look)
    print(f"{first.community}: {first.messages} message(s) wait")
    for name, count in [*sorted(first.by_step.items()), *sorted(first.by_channel.items())]:
        print(f"  {name:<14} {count}")
    if first.released_at is not None:
        print(f"released already at {first.released_at.isoformat(timespec='minutes')}")
        return
    if not yes and not typer.confirm("Let them go?"):
        refuse("nothing was released")

    async def go(house: Any) -> None:
        from bot.flows.brakes import release as let_go
        from bot.flows.find import community_named

        async with house.store.write() as conn:
            await let_go(conn, await community_named(conn, community), "cli", house.clock.now())

    in_house(go)
    print("released")


def pause(
    scope: Annotated[str, typer.Argument(help="all, a community's name, or step:NAME.")] = "all",
    until: Annotated[str, typer.Option("--until", help="Up to and including this date.")] = "",
    why: Annotated[str, typer.Option("--why", help="The reason, kept and shown.")] = "",
) -> None:
    """Stop a community, a step or everything until a day."""
    if not until or not why:
        raise typer.BadParameter("a pause needs --until DATE and --why REASON")
    day = day_of(until)

    async def work(house: Any) -> str:
        from bot.flows.brakes import pause_until

        async with house.store.write() as conn:
            await _somebody(house, conn)
            name, number = await _scope(conn, scope)
            await pause_until(conn, name, day, why, "cli", house.clock.now(), number)
            return name

    print(f"paused {in_house(work)} until {until}: {why}")


async def _somebody(house: Any, conn: Any) -> None:
    """A brake on a database nobody is in stops nothing: it is the wrong one."""
    from bot.flows.find import NotFound
    from store.ledger import communities

    if not await communities(conn):
        raise NotFound(
            f"no community is in this database ({house.store.url.render_as_string()}), so nothing was paused; is it "
            "the one that sends? check DATABASE_URL (docs/deploy.md: the command `yinuo` of a machine)"
        )


def resume(scope: Annotated[str, typer.Argument(help="What was paused.")] = "all") -> None:
    """Let go of a brake before its end."""

    async def work(house: Any) -> int:
        from bot.flows.brakes import resume as let_go

        async with house.store.write() as conn:
            name, number = await _scope(conn, scope)
            return await let_go(conn, name, "cli", house.clock.now(), number)

    count = in_house(work)
    if not count:
        refuse(f"nothing was paused under {scope!r}")
    print(f"resumed {scope}")


async def _scope(conn: Any, scope: str) -> tuple[str, int | None]:
    from bot.flows.find import community_named

    if scope == "all":
        return "all", None
    if scope.startswith("step:"):
        return f"step:0:{scope[5:]}", None
    town = await community_named(conn, scope)
    return f"community:{town.id}", town.id


def settle(message: int, word: Annotated[str, typer.Argument(help="sent or not-sent.")]) -> None:
    """A person's word on an uncertain message."""
    if word not in ("sent", "not-sent"):
        raise typer.BadParameter("say `sent` or `not-sent`")

    async def work(house: Any) -> str:
        from bot.flows.uncertain import settle_by_person

        return await settle_by_person(house.store, message, word == "sent", "cli", house.clock.now())

    in_house(work)
    print(f"message {message}: {word}")


def audit(json_: Json = False) -> None:
    """Planned against message against attempt against provider: 0 unexplained."""

    async def work(house: Any) -> Any:
        from bot.flows.audit import audit as run
        from bot.settings import Settings

        settings = Settings()
        folder = settings.sandbox_folder if settings.environment == "sandbox" else None
        return await run(house, folder)

    told = in_house(work)
    answer(told.json(), json_, told.words())
    if told.unexplained:
        raise typer.Exit(1)


def check(json_: Json = False) -> None:
    """Settings, database, providers, scripts: numbered problems, each with its remedy."""
    from bot.cli.desk import run
    from bot.cli.health import examine

    problems, todo = run(examine())
    lines = [f"{n}. {p}" for n, p in enumerate(problems, 1)] or ["everything is in order"]
    lines += ["still to be done before anything goes out:", *(f"- {one}" for one in todo)] if todo else []
    answer({"problems": problems, "todo": todo}, json_, "\n".join(lines))
    if problems:
        raise typer.Exit(1)

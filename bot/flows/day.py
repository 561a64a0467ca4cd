"""The day in the group: the morning list at the opening of staff hours, the collection report at their end.

Each once per local date, whoever ticks; on days nobody works neither comes.
"""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import alerts, cards, cases
from bot.flows.case_list import PAGE, lines, page_keys, page_of
from bot.flows.chart import collected_chart
from bot.flows.daily_report import Report, daily_report, report_text
from bot.flows.faces import duty_of, faces
from bot.flows.house import House, Town
from bot.flows.limitation import ending_soon
from bot.flows.rota import rota_of
from bot.flows.staff_post import post, voice
from bot.flows.staff_voice import Voice
from bot.rules.duty import Duty
from bot.rules.windows import midnight
from bot.talk.basket import kind_words, period_words
from bot.talk.masked import masked_name
from store import cases as shelf
from store import day as figures
from store import ledger
from store import staff as people
from store.ticks import claim_tick, tick_done

LIMITATION_DAYS = 30
"""Charges whose limitation ends within so many days stand in the morning list; the console shows ninety."""
MOST_LINES = 12
"""Lines of one heading of the morning list; the rest is behind the list's buttons."""


async def day_ticks(house: House) -> int:
    """Does what of the day is due and was not done; answers how many lists and reports went out."""
    now = house.clock.now()
    done = 0
    async with house.store.read() as conn:
        towns = [house.town(row) for row in await ledger.communities(conn)]
    for town in towns:
        edges = _edges(duty_of(town), town.today(now))
        if edges and edges[0] <= now < edges[1]:
            done += await morning(house, town, now)
        elif edges and now >= edges[1]:
            done += await evening(house, town, now)
    return done


async def next_day_tick(house: House, after: datetime) -> datetime | None:
    """The next instant at which a list or a report falls due, for whoever turns the clock."""
    async with house.store.read() as conn:
        towns = [house.town(row) for row in await ledger.communities(conn)]
    found: list[datetime] = []
    for town in towns:
        hours, day = duty_of(town), town.today(after)
        for n in range(15):
            later = [at for at in _edges(hours, day + timedelta(days=n)) if at > after]
            found += later
            if later:
                break
    return min(found, default=None)


def _edges(hours: Duty, day: date) -> list[datetime]:
    """When the morning list and the report of a local date are due; none on a day nobody works."""
    return [at for at in (hours.opening(day), hours.closing(day)) if at is not None]


async def morning(house: House, town: Town, now: datetime) -> bool:
    """The morning list, once a day; the night's cases are shown by it. False when it was there already."""
    today = town.today(now)
    async with house.store.write() as conn:
        if not await claim_tick(conn, f"morning:{town.id}", today.isoformat(), house.worker, now):
            return False
        fresh = [row for row in await shelf.unclaimed(conn, town.id) if row.alerted == cases.NEW and row.next_at <= now]
        await alerts.give_owners(conn, town, await rota_of(conn, town, now), fresh, now)
        groups = await cards.open_groups(house, conn, town.id)
        for group in groups:
            await _post_morning(house, conn, town, group, fresh, now)
        seen = await faces(conn, town, [row.id for row in fresh], now)
        for face in seen:
            await alerts.carded(conn, town, face, now, at_once=not groups)
        await alerts.straight_up(house, conn, town, seen, now)
        await tick_done(conn, f"morning:{town.id}", today.isoformat(), now)
    return True


async def _post_morning(
    house: House, conn: AsyncConnection, town: Town, group: Any, fresh: list[Any], now: datetime
) -> None:  # fmt: skip
    say = await voice(house, conn, town)
    said = say.say("morning", community=town.name, as_of=town.today(now),
                   **await _morning_counts(conn, town, fresh, now),
                   menu=await today_lines(conn, town, say, now, [row.id for row in fresh]))  # fmt: skip
    seen = await faces(conn, town, [row.id for row in fresh[:PAGE]], now)
    edits = cards.edits(house, group)
    await post(conn, group, town.id, said, now, keys=page_keys(say, seen, f"u{town.id}", 0, 1) if edits else [])
    if len(fresh) > PAGE and edits:
        rows = await shelf.unclaimed(conn, town.id)
        more, keys = await page_of(conn, town, say, rows, f"u{town.id}", 0, now)
        await post(conn, group, town.id, more, now, keys=keys)


async def _morning_counts(conn: AsyncConnection, town: Town, fresh: list[Any], now: datetime) -> dict[str, str]:
    today = town.today(now)
    tomorrow = midnight(today + timedelta(days=1), town.zone)
    everything = await shelf.unresolved(conn, town.id)
    return {
        "promises": str(len(await figures.promises_due(conn, town.id, today))),
        "overnight": str(len(fresh)),
        "due": str(len(await figures.due_cases(conn, town.id, tomorrow))),
        "missing": str(sum(row.cause == "missing_contact" for row in everything)),
    }


async def today_lines(
    conn: AsyncConnection, town: Town, say: Voice, now: datetime, fresh: list[int] | None = None
) -> str:  # fmt: skip
    """What today holds, under headings: promises due, the night's cases, cases due, and each person's steps."""
    today = town.today(now)
    parts: list[str] = []
    promised = await figures.promises_due(conn, town.id, today)
    told = [
        say.say("promise_line", unit=p.code, owner=masked_name(p.owner), promise_amount=p.amount_fen).text
        for p in promised
    ]
    _heading(parts, say, "promises", "", told)
    _heading(parts, say, "overnight", "", await _lines(conn, town, say, fresh or [], now))
    due = await figures.due_cases(conn, town.id, midnight(today + timedelta(days=1), town.zone))
    ids = [row.id for row in due if row.id not in (fresh or [])]
    _heading(parts, say, "due", "", await _lines(conn, town, say, ids, now))
    _heading(parts, say, "limitation", "", await _limitation_lines(conn, town, say, now))
    for name, mine in (await _steps_by_person(conn, town)).items():
        _heading(parts, say, "steps", name, await _lines(conn, town, say, mine, now))
    return "\n".join(parts) or say.say("list_empty").text


async def _limitation_lines(conn: AsyncConnection, town: Town, say: Voice, now: datetime) -> list[str]:
    return [
        say.say("limitation_line", unit=one.code, deadline=one.ends_on, days=one.days_left,
                charges_short=f"{kind_words(one.kind, say.locale)} {period_words(one.period, say.locale)}").text
        for one in await ending_soon(conn, [town], now, LIMITATION_DAYS)
    ]  # fmt: skip


def _heading(parts: list[str], say: Voice, key: str, who: str, told: list[str]) -> None:
    if told:
        more = [f"… +{len(told) - MOST_LINES}"] if len(told) > MOST_LINES else []
        parts += [f"▪ {say.say('morning_group', key=key, who=who).text}", *told[:MOST_LINES], *more]


async def _lines(conn: AsyncConnection, town: Town, say: Voice, ids: list[int], now: datetime) -> list[str]:
    seen = await faces(conn, town, ids, now)
    return lines(say, seen).split("\n") if seen else []


async def _steps_by_person(conn: AsyncConnection, town: Town) -> dict[str, list[int]]:
    """Unresolved steps of people, by whoever is responsible."""
    rows = [row for row in await shelf.unresolved(conn, town.id) if row.cause.startswith("step:")]
    names = await people.names(conn, [row.claimed_by or row.assistant_id for row in rows])
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(names.get(row.claimed_by or row.assistant_id, "—"), []).append(row.id)
    return dict(sorted(found.items()))


async def evening(house: House, town: Town, now: datetime) -> bool:
    """The daily collection report with its picture, once a day. False when it was there already."""
    today = town.today(now)
    async with house.store.read() as conn:
        if await people.ran(conn, f"evening:{town.id}", today.isoformat()):
            return False
        groups = await cards.open_groups(house, conn, town.id)
        report = await daily_report(conn, town, today)
    picture = await _picture(town, report) if any(cards.edits(house, group) for group in groups) else b""
    async with house.store.write() as conn:
        if not await claim_tick(conn, f"evening:{town.id}", today.isoformat(), house.worker, now):
            return False
        for group in groups:
            await _post_report(house, conn, town, group, report, picture, now)
        await tick_done(conn, f"evening:{town.id}", today.isoformat(), now)
    return True


async def _picture(town: Town, report: Report) -> bytes:
    """The chart, drawn only where a group can show it."""
    by_day = [(date.fromisoformat(day), fen) for day, fen in report.by_day]
    return await asyncio.to_thread(collected_chart, by_day, f"{town.name} 每日收缴（元）", "Collected per day (CNY)")


async def _post_report(
    house: House, conn: AsyncConnection, town: Town, group: Any, report: Report, picture: bytes, now: datetime
) -> None:  # fmt: skip
    """A picture's caption is short, so the report is a text and the picture follows; a robot gets the text."""
    say = await voice(house, conn, town)
    said = await report_text(conn, town, say, report, now)
    await post(conn, group, town.id, said, now)
    if cards.edits(house, group):
        caption = say.say("report_picture", community=town.name, as_of=date.fromisoformat(report.on))
        await post(conn, group, town.id, caption, now, picture=picture)

"""Today: what is due, the first list to release, what waits and why, what went wrong, whether the ledger is fresh."""

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.clock import real_now
from bot.flows import brakes
from bot.flows.climate import book_date
from bot.flows.house import Town
from bot.flows.limitation import ending_soon
from bot.flows.plan import plan
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import At, Desk, cut, day_start
from store import cases as casework
from store import console as shelf

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("")
async def today(desk: At) -> Response:
    if desk.town is None:
        return desk.page("welcome.html")
    town = desk.here
    async with desk.house.store.read() as conn:
        told = await _facts(desk, conn, town)
    return desk.page("today.html", town=town, **told)


async def _facts(desk: Desk, conn: AsyncConnection, town: Town) -> dict[str, Any]:
    begin, end = day_start(town, desk.now), day_start(town, desk.now, 1)
    seen = await book_date(conn, town, desk.now)
    return {
        "waiting": await shelf.waiting_messages(conn, town.id, end),
        "states": await shelf.states_since(conn, town.id, begin),
        "reasons": await shelf.waiting_reasons(conn, town.id, desk.now - timedelta(days=14)),
        "failures": await shelf.failures(conn, town.id, desk.now - timedelta(days=2)),
        "uncertain": await shelf.uncertain_count(conn, town.id),
        "watermark": seen, "age": _age(town, seen, desk.today),
        "brakes": [b for b in await shelf.brakes(conn, desk.today) if concerns(b.scope, town.id)],
        "troubles": await shelf.troubles(conn, real_now()),
        "promises": await shelf.promises_due(conn, town.id, desk.today, desk.today + timedelta(days=3)),
        "paid": await shelf.paid_since(conn, town.id, begin),
        "limits": await ending_soon(conn, [town], desk.now),
        "untaken": await casework.unclaimed_count(conn, town.id),
        "approvals": await casework.open_approvals(conn, town.id),
        "first": await brakes.first_list(conn, town.row) if town.row.released_at is None else None,
    }  # fmt: skip


def _age(town: Town, seen: date | None, today: date) -> dict[str, Any]:
    """How old the book is in working days, and from which band on it is too old to speak."""
    if seen is None:
        return {"days": None, "stopped": [band.id for band in town.policy.bands]}
    days = sum(town.calendar.works(seen + timedelta(days=n)) for n in range(1, (today - seen).days + 1))
    oldest = {band.id: town.calendar.working_days_back(today, band.stale_working_days) for band in town.policy.bands}
    return {"days": days, "stopped": [name for name, least in oldest.items() if seen < least]}


def concerns(scope: str, community_id: int) -> bool:
    """Whether a pause is of this community or of the whole house."""
    parts = scope.split(":")
    return scope == "all" or parts[1] in (str(community_id), "0")


@router.get("/first-list")
async def first_list(desk: At, after: int = 0) -> Response:
    """The first list: whom it would reach, in which step, by which way."""
    desk.who.need("release")
    async with desk.house.store.read() as conn:
        first = await brakes.first_list(conn, desk.here.row)
        rows, more = cut(await shelf.first_list_rows(conn, desk.here.id, after))
    return desk.page("first_list.html", first=first, rows=rows, more=more, town=desk.here)


@router.post("/first-list/plan")
async def work_out(desk: At, post: Posted) -> Response:
    """Works the list out now; nothing leaves by that."""
    post.who.need("release")
    await plan(desk.house, keep=False)
    return desk.done("/console/first-list", "名单已算好，请过目。", "The list is ready; look it over.")


@router.post("/first-list/release")
async def release(desk: At, post: Posted) -> Response:
    """Lets the first list go (I15)."""
    post.who.need("release")
    if post.text("seen") != "yes":
        raise Refusal("请先勾选「我已看过名单」。", "Tick “I have looked the list over” first.")
    async with desk.house.store.write() as conn:
        await brakes.release(conn, desk.here.row, post.who.name, desk.now)
    return desk.done("/console", "已放行，系统会在时段内发送。", "Released; it goes out within the hours.")


@router.post("/pause")
async def pause(desk: At, post: Posted) -> Response:
    """The brake on this community, or on everything."""
    post.who.need("pause")
    until, why = post.day("until"), post.text("why", 200)
    if not why or until < desk.today:
        raise Refusal("请写原因，并选今天或以后的日期。", "Give a reason and a day from today on.")
    scope, number = _scope(desk, post.text("scope", 80))
    async with desk.house.store.write() as conn:
        await brakes.pause_until(conn, scope, until, why, post.who.name, desk.now, number)
    return desk.done("/console", f"已暂停到 {until}。", f"Paused until {until}.")


def _scope(desk: Desk, asked: str) -> tuple[str, int | None]:
    if asked == "all":
        if desk.who.community_id is not None:
            raise Refusal("您只负责一个小区。", "You answer for one community only.", status=403)
        return "all", None
    if asked.startswith("step:"):
        if asked[5:] not in desk.here.policy.step:
            raise Refusal("没有这个步骤。", "There is no such step.")
        return f"step:{desk.here.id}:{asked[5:]}", desk.here.id
    return f"community:{desk.here.id}", desk.here.id


@router.post("/resume")
async def resume(desk: At, post: Posted) -> Response:
    """Lets go of a brake before its end."""
    post.who.need("pause")
    scope = post.text("scope", 80)
    if not concerns(scope, desk.here.id) or (scope == "all" and desk.who.community_id is not None):
        raise Refusal("没有这个暂停。", "There is no such pause.", status=404)
    number = None if scope == "all" or ":0:" in scope else desk.here.id
    async with desk.house.store.write() as conn:
        count = await brakes.resume(conn, scope, post.who.name, desk.now, number)
    if not count:
        raise Refusal("它已经恢复了。", "It was resumed already.", status=409)
    return desk.done("/console", "已恢复。", "Resumed.")

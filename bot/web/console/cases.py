"""Cases: what people must handle, with the same moves as in the staff's group."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.flows import cases as flow
from bot.flows import outcomes
from bot.flows.faces import faces
from bot.web.console.forms import Post, Posted, Refusal
from bot.web.console.pages import At, Desk, cut
from store import attachments, console, talk
from store import cases as shelf
from store import staff as people

router = APIRouter(prefix="/console/cases", include_in_schema=False)
PLAIN = tuple(name for name in outcomes.OUTCOMES if name not in outcomes.NEEDS_WORDS)
"""Outcomes that need no further word."""


@router.get("")
async def listed(desk: At, resolved: int = 0, mine: int = 0, before: int = 0) -> Response:
    async with desk.house.store.read() as conn:
        rows, more = cut(await console.cases(conn, desk.here.id, resolved=bool(resolved), before=min(before, 2**62)))
    if mine:
        rows = [row for row in rows if desk.who.staff_id in (row.claimed_by, row.assistant_id)]
    return desk.page("cases.html", rows=rows, more=more, resolved=resolved, mine=mine)


async def _found(desk: Desk, conn: AsyncConnection, case_id: int) -> Any:
    row = await shelf.one(conn, min(case_id, 2**62))
    if row is None or not desk.who.sees(row.community_id):
        raise Refusal("没有这件待办。", "There is no such case.", status=404)
    desk.town = desk.house.town(next(t for t in desk.rows if t.id == row.community_id))
    return row


@router.get("/{case_id}")
async def one(desk: At, case_id: int) -> Response:
    async with desk.house.store.read() as conn:
        row = await _found(desk, conn, case_id)
        face = (await faces(conn, desk.here, [row.id], desk.now))[0]
        events = await shelf.events(conn, row.id)
        names = await people.names(conn, [e.staff_id for e in events])
        colleagues = await people.everyone(conn, row.community_id)
        me = await people.one(conn, desk.who.staff_id)
        account = await talk.account_row(conn, row.account_id) if row.account_id else None
        files = await attachments.of_account(conn, account) if account is not None else ()
    return desk.page(
        "case.html", files=files, row=row, face=face, events=events, names=names, colleagues=colleagues,
        mine=flow.may_handle(row, me), outcomes=PLAIN, ways=flow.WAYS,
    )  # fmt: skip


Move = Callable[[Desk, AsyncConnection, Any, Any, Post], Awaitable[flow.Moved]]


@router.post("/{case_id}/{verb}")
async def move(desk: At, post: Posted, case_id: int, verb: str) -> Response:
    """One move, by whoever is first; every other is told who has it (I11)."""
    if verb not in MOVES:
        raise Refusal("没有这个操作。", "There is no such move.", status=404)
    async with desk.house.store.write() as conn:
        row = await _found(desk, conn, case_id)
        me = await people.one(conn, post.who.staff_id)
        if verb not in ("claim", "note") and not flow.may_handle(row, me):
            raise Refusal("这件事在别人手里。", "Somebody else has this case.", status=409)
        moved = await MOVES[verb](desk, conn, row, me, post)
        holder = (
            (await people.names(conn, [moved.case.claimed_by])).get(moved.case.claimed_by, "") if moved.case else ""
        )
    if not moved.ok:
        zh = f"已由 {holder} 处理。" if holder else "它刚刚变了，请看最新状态。"
        en = f"{holder} has it." if holder else "It has just changed; look at it as it stands now."
        return desk.done(f"/console/cases/{case_id}", zh, en, tone="warn")
    return desk.done(f"/console/cases/{case_id}", "已记下。", "Done.")


async def _claim(desk: Desk, conn: AsyncConnection, row: Any, me: Any, post: Post) -> flow.Moved:
    return await flow.claim(desk.house, conn, row.id, post.number("version"), me, desk.now)


async def _note(desk: Desk, conn: AsyncConnection, row: Any, me: Any, post: Post) -> flow.Moved:
    text = post.text("text", 500)
    if not text:
        raise Refusal("请写点什么。", "Write something.")
    return await flow.note_case(desk.house, conn, row.id, me, text, desk.now)


async def _contacted(desk: Desk, conn: AsyncConnection, row: Any, me: Any, post: Post) -> flow.Moved:
    way = post.text("way", 20)
    if way not in flow.WAYS:
        raise Refusal("请选联系方式。", "Choose how the owner was reached.")
    return await flow.contacted(
        desk.house, conn, row.id, post.number("version"), me, way, desk.now, content=post.text("text", 500)
    )


async def _snooze(desk: Desk, conn: AsyncConnection, row: Any, me: Any, post: Post) -> flow.Moved:
    until = post.day("until")
    if until <= desk.today:
        raise Refusal("请选明天或以后。", "Choose tomorrow or later.")
    return await flow.snooze(desk.house, conn, row.id, post.number("version"), me, until, desk.now)


async def _resolve(desk: Desk, conn: AsyncConnection, row: Any, me: Any, post: Post) -> flow.Moved:
    outcome, text = post.text("outcome", 40), post.text("text", 500)
    return await outcomes.end_case(desk.house, conn, row, post.number("version"), me, outcome, desk.now, note=text)


async def _promise(desk: Desk, conn: AsyncConnection, row: Any, me: Any, post: Post) -> flow.Moved:
    return await outcomes.new_promise(
        desk.house, conn, row, post.number("version"), me, post.day("on"), post.fen("amount"), desk.now
    )


async def _hand_over(desk: Desk, conn: AsyncConnection, row: Any, me: Any, post: Post) -> flow.Moved:
    to = await people.one(conn, post.number("to"))
    if to is None or to.left_at is not None or to.community_id not in (None, row.community_id):
        raise Refusal("请选一位同事。", "Choose a colleague.")
    return await flow.hand_over(desk.house, conn, row.id, post.number("version"), me, to, desk.now)


MOVES: dict[str, Move] = {
    "claim": _claim, "note": _note, "contacted": _contacted, "snooze": _snooze, "resolve": _resolve,
    "promise": _promise, "hand-over": _hand_over,
}  # fmt: skip

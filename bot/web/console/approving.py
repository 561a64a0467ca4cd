"""What waits for somebody's yes: waivers, plans, letters, the list of door notices; granted here as in the chat."""

import json
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot.flows import door_list, granted
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import At
from store import cases as shelf
from store import door_list as doors
from store import staff as people

router = APIRouter(prefix="/console/approvals", include_in_schema=False)
_WHY = {
    "own": ("自己提的请别人批。", "Somebody else must decide what you asked for."),
    "role": ("您的角色不能批这一项。", "Your role may not decide this."),
    "late": ("已经有人办过了。", "Somebody decided it already."),
}


@router.get("")
async def waiting(desk: At) -> Response:
    town = desk.here
    async with desk.house.store.read() as conn:
        rows = [row for row in await shelf.open_approvals(conn, town.id) if row.kind != "wording"]
        names = await people.names(conn, [row.asked_by for row in rows])
        lists = await doors.lists(conn, town.id)
        due = await doors.behind(conn, town.id, desk.today) if desk.who.may("release") else []
    words = {row.id: json.loads(row.detail).get("words", "") for row in rows}
    return desk.page("approvals.html", rows=rows, names=names, words=words, lists=lists, due=due)


@router.post("/{approval_id}")
async def decide(desk: At, post: Posted, approval_id: int) -> Response:
    """Yes or no, once, by the role that may, never by whoever asked."""
    yes = post.text("word", 5) == "yes"
    async with desk.house.store.write() as conn:
        me = await people.one(conn, post.who.staff_id)
        done = await granted.decide(
            desk.house, conn, min(approval_id, 2**62), me, yes, desk.now, why=post.text("why", 200)
        )  # fmt: skip
    if done is None:
        raise Refusal("没有这项申请。", "There is no such request.", status=404)
    if not done.ok:
        raise Refusal(*_WHY[done.why], status=409 if done.why == "late" else 403)
    zh, en = ("已批准。", "Approved.") if yes else ("已退回，提出人会收到通知。", "Refused; whoever asked is told.")
    return desk.done("/console/approvals", zh, en)


@router.post("/door-list/ask")
async def ask(desk: At, post: Posted) -> Response:
    """Asks for the list of sealed notices as it stands now."""
    post.who.need("release")
    async with desk.house.store.write() as conn:
        await door_list.propose(desk.house, conn, desk.here, desk.now, asked_by=post.who.staff_id)
    return desk.done("/console/approvals", "名单已提交，等待批准。", "The list waits for its approval.")


@router.get("/door-list/{approval_id}")
async def printed(desk: At, approval_id: int) -> Response:
    """An approved list to print; the notices themselves are sealed, so nothing of it hangs in the open."""
    desk.who.need("contact")
    async with desk.house.store.read() as conn:
        row, accounts = await door_list.approved_list(conn, desk.here, min(approval_id, 2**62), desk.now)
        names: dict[Any, str] = await people.names(conn, [row.decided_by])
    return desk.page("door_list.html", row=row, accounts=accounts, names=names, town=desk.here)

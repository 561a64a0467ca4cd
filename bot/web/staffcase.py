"""One case for one colleague on a phone: where the link in a WeCom message leads.

The link lets nobody in: whoever opens it signs in at the console first, and does here what the group's buttons do.
"""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.flows import cards
from bot.flows import cases as flow
from bot.flows.faces import faces
from bot.flows.staff_post import voice
from bot.web.console.cases import MOVES, PLAIN
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import HEADERS, At, Desk
from store import cases as shelf
from store import staff as people

router = APIRouter(prefix="/staff", include_in_schema=False)
VERBS = ("claim", "contacted", "resolve")
WAYS = ("call", "visit", "no_answer", "paper")
LOCALES = {"zh": "zh-Hans", "en": "en"}


@router.get("/cases")
async def every_case(desk: At) -> Response:
    """A summary in a robot's group leads to the console's list."""
    return RedirectResponse("/console/cases", 303, headers=HEADERS)


@router.get("/case")
async def shown(desk: At, t: str = "", said: str = "") -> Response:
    """The masked card as it stands now, with what happened since the message, and the buttons that fit."""
    async with desk.house.store.read() as conn:
        row, version = await _named(desk, conn, t)
        face = (await faces(conn, desk.here, [row.id], desk.now))[0]
        me = await people.one(conn, desk.who.staff_id)
        since = await shelf.events(conn, row.id, version)
        names = await people.names(conn, [event.staff_id for event in since])
        say = await voice(desk.house, conn, desk.here, LOCALES[desk.lang])
    return desk.page(
        "staff_case.html", row=row, token=t, card=cards.card_text(say, desk.here, face, desk.now).text,
        since=[(event, say.term("events", event.kind), names.get(event.staff_id, "")) for event in since],
        mine=row.claimed_by == desk.who.staff_id, may=flow.may_handle(row, me), told=_told(desk, said, face.claimer),
        ways=[(way, say.term("labels", way)) for way in WAYS],
        outcomes=[(outcome, say.term("outcomes", outcome)) for outcome in PLAIN],
    )  # fmt: skip


@router.post("/case/{verb}")
async def move(desk: At, post: Posted, verb: str) -> Response:
    """One move by whoever is first; every other is shown who has it (I11)."""
    if verb not in VERBS:
        raise Refusal("没有这个操作。", "There is no such move.", status=404)
    token = post.text("t", 200)
    if verb == "resolve" and post.text("outcome", 40) not in PLAIN:
        raise Refusal("请选一个结果。", "Choose an outcome.")
    async with desk.house.store.write() as conn:
        row, _version = await _named(desk, conn, token)
        me = await people.one(conn, desk.who.staff_id)
        allowed = verb == "claim" or flow.may_handle(row, me)
        moved = (await MOVES[verb](desk, conn, row, me, post)).ok if allowed else False
    said = "done" if moved else "late"
    return RedirectResponse(f"/staff/case?t={token}&said={said}", 303, headers=HEADERS)


async def _named(desk: Desk, conn: AsyncConnection, token: str) -> tuple[Any, int]:
    """The case a link names and the version it spoke of. Raises Refusal for a forged, expired or foreign one."""
    named = cards.read_case_token(desk.house, token, desk.now)
    if named is None:
        raise Refusal(
            "这个链接已过期，请从「待办」进入。", "This link has expired; open Cases in the console.", status=410
        )
    row = await shelf.one(conn, named[0])
    if row is None or not desk.who.sees(row.community_id):
        raise Refusal("没有这件待办。", "There is no such case.", status=404)
    desk.town = desk.house.town(next(town for town in desk.rows if town.id == row.community_id))
    return row, named[1]


def _told(desk: Desk, said: str, claimer: str) -> tuple[str, str] | None:
    """What became of the move before: tone and sentence."""
    if said == "done":
        return "good", desk.say("已记下。", "Done.")
    if said == "late":
        zh = f"已由 {claimer} 处理。" if claimer else "它刚刚变了，请看最新状态。"
        return "warn", desk.say(zh, f"{claimer} has it." if claimer else "It has just changed; look at it again.")
    return None

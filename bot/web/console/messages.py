"""Messages: the outbox with its states; the uncertain ones wait for a person's word."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot.flows.uncertain import settle_by_person
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import At, Desk, cut
from bot.web.console.speech import CHANNELS, STATES
from store import console as shelf
from store import outbox

router = APIRouter(prefix="/console/messages", include_in_schema=False)
SHOWN = ("queued", "sending", "uncertain", "accepted", "delivered", "read", "failed", "skipped", "cancelled")


def told_to(desk: Desk, row: Any) -> bool:
    """Whether this reader may see the text: codes, and what a colleague was told in private, are theirs alone (I9)."""
    private = row.kind == "code" or (row.kind == "staff" and row.staff_id is not None)
    return not private or (row.staff_id is not None and row.staff_id == desk.who.staff_id)


@router.get("")
async def messages(desk: At, state: str = "", channel: str = "", before: int = 0) -> Response:
    state = state if state in STATES else ""
    channel = channel if channel in CHANNELS else ""
    async with desk.house.store.read() as conn:
        rows, more = cut(
            await shelf.outbox(conn, desk.here.id, state=state, channel=channel, before=min(max(before, 0), 2**62))
        )
        units = await shelf.units_of(conn, [row.id for row in rows])
        unsure = await shelf.uncertain_count(conn, desk.here.id)
    return desk.page(
        "messages.html", rows=rows, more=more, units=units, state=state, channel=channel, shown=SHOWN, unsure=unsure,
        told_to=lambda row: told_to(desk, row),
    )  # fmt: skip


@router.get("/{message_id}")
async def one(desk: At, message_id: int) -> Response:
    """One message: its text as it was said, and every attempt."""
    async with desk.house.store.read() as conn:
        row = await outbox.one(conn, min(message_id, 2**62))
        if row is None or not desk.who.sees(row.community_id):
            raise Refusal("没有这条消息。", "There is no such message.", status=404)
        attempts = await outbox.attempts_of(conn, [row.id])
        units = await shelf.units_of(conn, [row.id])
    return desk.page("message.html", row=row, attempts=attempts, units=units.get(row.id, []), told=told_to(desk, row))


@router.post("/{message_id}/settle")
async def settle(desk: At, post: Posted, message_id: int) -> Response:
    """A person's word: it was sent, or it was not."""
    post.who.need("settle")
    word = post.text("word", 20)
    if word not in ("sent", "not-sent"):
        raise Refusal("请选「已发出」或「没发出」。", "Choose “it was sent” or “it was not”.")
    async with desk.house.store.read() as conn:
        row = await outbox.one(conn, min(message_id, 2**62))
    if row is None or not desk.who.sees(row.community_id):
        raise Refusal("没有这条消息。", "There is no such message.", status=404)
    await settle_by_person(desk.house.store, message_id, word == "sent", post.who.name, desk.now)
    return desk.done("/console/messages?state=uncertain", "已记下。", "Noted.")

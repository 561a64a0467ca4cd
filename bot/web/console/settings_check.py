"""Settings check: what is not in order, each with its remedy; and the journal of what people changed."""

from fastapi import APIRouter
from starlette.responses import Response

from bot.flows.checkup import checkup
from bot.web.console.pages import At, cut
from store import console
from store import staff as people

router = APIRouter(prefix="/console/settings", include_in_schema=False)
CHANGES = (
    "release", "pause", "resume", "hold", "hold_ended", "legal_fact", "fact_withdrawn", "look", "publish", "draft",
    "draft_dropped", "words_changed", "law_set_aside", "ladder", "import", "import_undone", "settle", "staff",
    "staff_added", "staff_role", "staff_password", "client_added", "client_revoked", "signed_in", "approval",
    "reversal", "approved", "sign_in_code", "stand_in", "retain", "erase", "export",
)  # fmt: skip


@router.get("")
async def settings(desk: At, before: int = 0) -> Response:
    desk.who.need("settings")
    async with desk.house.store.read() as conn:
        found = await checkup(desk.house, conn, desk.town, desk.now)
        only = desk.who.community_id
        rows, more = cut(await console.journal(conn, kinds=CHANGES, before=min(before, 2**62), only=only))
        staff = await people.names(conn, [_number(row.who) for row in rows])
    return desk.page("settings.html", found=found, rows=rows, more=more, name=lambda who: staff.get(_number(who), who))


def _number(who: str) -> int | None:
    number = who.removeprefix("staff:")
    return int(number) if who.startswith("staff:") and number.isdecimal() else None

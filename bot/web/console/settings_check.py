"""Settings check: what is not in order, each with its remedy; and the journal of what people changed."""

from fastapi import APIRouter
from starlette.responses import Response

from bot.flows.checkup import checkup
from bot.web.console.journal_words import JournalWords
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
        staff = await people.names(conn, [_number(text) for row in rows for text in (row.who, row.subject, row.note)])
    words = JournalWords(desk.lang, {number: name for number, name in staff.items() if number}, desk.word)
    return desk.page("settings.html", found=found, rows=rows, more=more, words=words)


def _number(text: str) -> int | None:
    """The colleague a text names, if it does."""
    number = text.removeprefix("staff:").removeprefix("left, over to ")
    return int(number) if number != text and number.isdecimal() and len(number) < 18 else None

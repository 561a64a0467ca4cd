"""Owners: found by unit, name or phone; a page at a time."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot.web.console.pages import At, Desk, cut
from store import console as shelf
from store import sheet

router = APIRouter(prefix="/console", include_in_schema=False)


def kind_of_query(text: str) -> str:
    """How people search: a phone by its digits, a unit by its code, else a name."""
    digits = text.replace(" ", "").removeprefix("+")
    if digits.isdecimal() and len(digits) >= 7:
        return "phone"
    return "code" if any(char.isdecimal() for char in text) else "name"


def phone_of(text: str) -> str:
    """A phone as contacts keep it."""
    digits = text.replace(" ", "").replace("-", "")
    return digits if digits.startswith("+") else f"+86{digits.removeprefix('86')}"


@router.get("/owners")
async def owners(desk: At, q: str = "", owing: int = 0, after: int = 0) -> Response:
    text = q.strip()[:60]
    by = kind_of_query(text) if text else "code"
    index = desk.house.store.vault.index("sms", phone_of(text)) if by == "phone" else b""
    async with desk.house.store.read() as conn:
        rows, more = cut(
            await shelf.search(
                conn, desk.here.id, text=text, by=by, index=index, owing=bool(owing), after=min(max(after, 0), 2**62)
            )
        )
        ids = [row.id for row in rows]
        owed = await shelf.balances(conn, ids)
        told = await sheet.latest_decisions(conn, ids)
    lines = [_line(desk, row, owed.get(row.id), told.get(row.id)) for row in rows]
    return desk.page(
        "owners.html", lines=lines, q=text, owing=owing, more=more, last=rows[-1].id if rows else 0, by=by,
        town=desk.here,
    )  # fmt: skip


def _line(desk: Desk, row: Any, owed: Any, decision: Any) -> dict[str, Any]:
    days = (desk.today - owed.since).days if owed is not None else None
    return {
        "id": row.id, "code": row.code, "segment": row.segment, "owner": desk.name(row.owner),
        "fen": owed.fen if owed is not None else 0, "days": days,
        "step": decision.step if decision is not None else "", "verdict": decision.verdict if decision else "",
    }  # fmt: skip

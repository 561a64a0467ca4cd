"""One account: what it owes and why, what is next and because of what, and what a person may do about it."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.flows import account_sheet as flow
from bot.flows import attachments
from bot.flows.brakes import KINDS, add_fact
from bot.flows.desk import WAYS, pay_at_desk
from bot.flows.house import Town
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import HEADERS, At, Desk, money
from store import attachments as kept

router = APIRouter(prefix="/console/owners/{account_id}", include_in_schema=False)


async def found_account(desk: Desk, conn: AsyncConnection, account_id: int) -> tuple[Any, Town]:
    """The account's row and its community, which the desk then looks at. Raises NotFound."""
    row = await flow.account_row(conn, account_id, desk.who.community_id)
    town = desk.house.town(next(t for t in desk.rows if t.id == row.community_id))
    desk.town = town
    return row, town


@router.get("")
async def account(desk: At, account_id: int) -> Response:
    return await _page(desk, account_id)


async def _page(desk: Desk, account_id: int, seen: tuple[int, str] | None = None, form: str = "") -> Response:
    async with desk.house.store.read() as conn:
        row, town = await found_account(desk, conn, account_id)
        sheet = await flow.sheet(desk.house, conn, row, town, desk.now)
        files = await kept.of_account(conn, row)
    return desk.page(
        "account.html", sheet=sheet, row=row, town=town, told=sheet.next.json(), ways=WAYS, kinds=KINDS, seen=seen,
        form=form, files=files,
    )  # fmt: skip


@router.get("/files/{number}")
async def file(desk: At, account_id: int, number: int) -> Response:
    """A picture or file an owner sent; the look is journaled. A PDF is saved, never opened within the console."""
    desk.who.need("see_files")
    async with desk.house.store.read() as conn:
        row, _town = await found_account(desk, conn, account_id)
    media_type, content = await attachments.look(desk.house, row, min(number, 2**62), f"staff:{desk.who.staff_id}")
    name = f"{number}.{media_type.partition('/')[2]}"
    shown = "inline" if media_type.startswith("image/") else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{name}"', "Content-Security-Policy": "default-src 'none'"}
    return Response(content, media_type=media_type, headers={**HEADERS, **headers})


@router.post("/contacts/{contact_id}/see")
async def see(desk: At, post: Posted, account_id: int, contact_id: int) -> Response:
    """A full phone, shown once on this answer; the look is journaled."""
    post.who.need("see_phone")
    async with desk.house.store.write() as conn:
        row, _town = await found_account(desk, conn, account_id)
        address = await flow.see_address(desk.house, conn, row, contact_id, f"staff:{post.who.staff_id}", desk.now)
    return await _page(desk, account_id, seen=(contact_id, address))


@router.post("/pay")
async def pay(desk: At, post: Posted, account_id: int) -> Response:
    """Money taken at the desk: the ladder stops at once (I1). The form's number makes a double press harmless."""
    post.who.need("pay")
    fen, way = post.fen("amount"), post.text("way", 20)
    async with desk.house.store.read() as conn:
        row, town = await found_account(desk, conn, account_id)
    ref = post.text("ref", 100) or post.text("form", 40)
    done = await pay_at_desk(
        desk.house, row.code, fen, way=way, named=post.text("named", 40), ref=f"console:{account_id}:{ref}",
        community=town.name, who=post.who.name,
    )  # fmt: skip
    if not done["new"]:
        return desk.done(
            _here(account_id), "这笔已经录过了，没有重复入账。", "It was entered already; nothing was doubled."
        )
    left = money(done["open_fen"])
    return desk.done(
        _here(account_id), f"已入账 {money(fen)}，还有 {left} 未缴；停下 {done['stopped']} 条待发提醒。",
        f"{money(fen)} entered, {left} still open; {done['stopped']} queued reminder(s) stopped.",
    )  # fmt: skip


def _here(account_id: int) -> str:
    return f"/console/owners/{account_id}"


@router.post("/hold")
async def hold(desk: At, post: Posted, account_id: int) -> Response:
    """Rests this account until a day."""
    post.who.need("hold")
    until, why = post.day("until"), post.text("why", 200)
    async with desk.house.store.write() as conn:
        row, town = await found_account(desk, conn, account_id)
        await flow.lay_hold(conn, row, until, why, post.who.name, desk.now, town.today(desk.now))
    return desk.done(_here(account_id), f"这户已暂停到 {until}。", f"This account rests until {until}.")


@router.post("/hold/{hold_id}/end")
async def end_hold(desk: At, post: Posted, account_id: int, hold_id: int) -> Response:
    post.who.need("hold")
    async with desk.house.store.write() as conn:
        row, _town = await found_account(desk, conn, account_id)
        await flow.end_hold(conn, row, hold_id, post.who.name, desk.now)
    return desk.done(_here(account_id), "已恢复。", "Resumed.")


@router.post("/fact")
async def fact(desk: At, post: Posted, account_id: int) -> Response:
    """A legal fact with its document: only then may a text say so (I7)."""
    post.who.need("fact")
    kind, ref, on = post.text("kind", 40), post.text("ref", 200), post.day("on")
    if not ref:
        raise Refusal("请填文书编号，没有文书就不算事实。", "Give the document's number; without one it is no fact.")
    if on > desk.today:
        raise Refusal("日期不能在今天之后。", "The day cannot lie after today.")
    async with desk.house.store.write() as conn:
        row, _town = await found_account(desk, conn, account_id)
        await add_fact(conn, row, kind, ref, on, post.who.name, desk.now)
    return desk.done(_here(account_id), "事实已登记。", "The fact is on record.")


@router.post("/fact/{fact_id}/withdraw")
async def withdraw(desk: At, post: Posted, account_id: int, fact_id: int) -> Response:
    post.who.need("fact")
    async with desk.house.store.write() as conn:
        row, _town = await found_account(desk, conn, account_id)
        await flow.withdraw_fact(conn, row, fact_id, post.who.name, desk.now)
    return desk.done(_here(account_id), "已撤回。", "Withdrawn.")

"""On an account's page: what a person did by hand, and who stands in for an owner the bot must not write to."""

from fastapi import APIRouter
from starlette.responses import Response

from bot.flows.by_people import LARGEST, record_contact
from bot.flows.standins import end_stand_in, name_stand_in
from bot.web.console.account import found_account
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import At

router = APIRouter(prefix="/console/owners/{account_id}", include_in_schema=False)


@router.post("/contacted")
async def contacted(desk: At, post: Posted, account_id: int) -> Response:
    """A call, a visit, a paper signed for, with a picture of the signature."""
    post.who.need("contact")
    way, content = post.text("way", 20), post.text("content", 1_000)
    on = post.day("on") if post.text("on", 20) else None
    files = post.files("proof")
    proof = await files[0].read(LARGEST + 1) if files else None
    if proof is not None and len(proof) > LARGEST:
        raise Refusal("图片太大，请不超过 5 MB。", "The picture is too large; at most 5 MB.")
    async with desk.house.store.write() as conn:
        row, town = await found_account(desk, conn, account_id)
        if on is not None and on > town.today(desk.now):
            raise Refusal("日期不能在今天之后。", "The day cannot lie after today.")
        await record_contact(
            conn, town, row, way, desk.now, on=on, content=content, proof=proof, staff_id=post.who.staff_id
        )  # fmt: skip
    zh = "已登记，提醒的节奏已重新计算。"
    return desk.done(f"/console/owners/{account_id}", zh, "Recorded; the ladder took it into account.")


@router.post("/stand-in")
async def stand_in(desk: At, post: Posted, account_id: int) -> Response:
    """Who hears the reminders in an old owner's place."""
    post.who.need("contact")
    name, phone, consent = post.text("name", 60), post.text("phone", 30), post.text("consent", 200)
    if not (name and phone and consent):
        raise Refusal("姓名、手机、同意凭证都要填。", "Name, mobile number and consent are all needed.")
    async with desk.house.store.write() as conn:
        row, town = await found_account(desk, conn, account_id)
        who = f"staff:{post.who.staff_id}"
        await name_stand_in(desk.house, conn, town, row, name, phone, consent, desk.now, who=who)
    zh = f"今后由 {name} 代为联系，业主本人由人工白天电话联系。"
    return desk.done(f"/console/owners/{account_id}", zh, f"{name} stands in; the owner is called by people.")


@router.post("/stand-in/end")
async def no_stand_in(desk: At, post: Posted, account_id: int) -> Response:
    post.who.need("contact")
    async with desk.house.store.write() as conn:
        row, _town = await found_account(desk, conn, account_id)
        await end_stand_in(conn, row, desk.now, who=f"staff:{post.who.staff_id}")
    return desk.done(f"/console/owners/{account_id}", "代联系已结束。", "Nobody stands in any more.")

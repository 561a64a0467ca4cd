"""People: who works here, in which role, how they are reached, and which systems may push to the ledger."""

import json
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.flows import admins
from bot.flows.clients import add_client
from bot.flows.staff import link_code, list_staff, make_responsible
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import At, Desk
from bot.web.console.roles import ROLE_WORDS
from bot.web.console.session import matches
from store import console
from store import staff as shelf
from store.journal import Entry, note

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/people")
async def people(desk: At) -> Response:
    desk.who.need("people")
    return await _page(desk)


async def _page(desk: Desk, code: tuple[str, str] | None = None, token: tuple[str, str] | None = None) -> Response:
    async with desk.house.store.read() as conn:
        lines = await list_staff(conn, desk.who.community_id)
        clients = await console.clients(conn, desk.who.community_id)
        buildings = await console.buildings(conn, desk.here.id) if desk.town else []
    return desk.page(
        "people.html", lines=lines, roles=tuple(ROLE_WORDS), code=code, clients=clients, token=token,
        buildings=buildings,
    )  # fmt: skip


@router.post("/people/add")
async def add(desk: At, post: Posted) -> Response:
    """A colleague who may sign in."""
    post.who.need("people")
    role = _role(desk, post.text("role", 20))
    community_id = desk.who.community_id if desk.who.community_id is not None else post.number("community") or None
    if community_id is not None and community_id not in {row.id for row in desk.rows}:
        raise Refusal("请选一个小区。", "Choose a community.")
    await admins.create_admin(
        desk.house.store, post.text("name", 60), post.raw("password"), desk.now, role, community_id=community_id,
        by=post.who.name,
    )  # fmt: skip
    return desk.done("/console/people", "已添加。请当面告诉对方密码。", "Added. Tell them the password in person.")


def _role(desk: Desk, role: str) -> str:
    """Only an admin makes admins and heads."""
    if role not in ROLE_WORDS:
        raise Refusal("请选角色。", "Choose a role.")
    if role in ("admin", "head") and desk.who.role != "admin":
        raise Refusal("只有管理员可以任命管理员和负责人。", "Only an admin makes admins and heads.", status=403)
    return role


async def _colleague(desk: Desk, conn: AsyncConnection, staff_id: int) -> Any:
    row = await shelf.one(conn, min(staff_id, 2**62))
    if row is None or row.left_at is not None or not desk.who.sees(row.community_id):
        raise Refusal("没有这位同事。", "There is no such colleague.", status=404)
    if row.role in ("admin", "head") and desk.who.role != "admin" and row.id != desk.who.staff_id:
        raise Refusal("只有管理员可以改管理员和负责人。", "Only an admin changes admins and heads.", status=403)
    return row


@router.post("/people/{staff_id}/role")
async def role(desk: At, post: Posted, staff_id: int) -> Response:
    post.who.need("people")
    async with desk.house.store.write() as conn:
        row = await _colleague(desk, conn, staff_id)
        if row.id == post.who.staff_id:
            raise Refusal("不能改自己的角色，请另一位管理员来改。", "Nobody changes their own role; ask another admin.")
        await admins.change_role(conn, row, _role(desk, post.text("role", 20)), desk.now, post.who.name)
    return desk.done("/console/people", "角色已改，立刻生效。", "The role is changed, from now on.")


@router.post("/people/{staff_id}/password")
async def password(desk: At, post: Posted, staff_id: int) -> Response:
    post.who.need("people")
    async with desk.house.store.write() as conn:
        row = await _colleague(desk, conn, staff_id)
        await admins.set_password(conn, row, post.raw("password"), desk.now, post.who.name)
    return desk.done("/console/people", "密码已改，对方需重新登录。", "The password is set; they sign in anew.")


@router.post("/people/{staff_id}/code")
async def code(desk: At, post: Posted, staff_id: int) -> Response:
    """A one-time code that links a private chat; shown once on this answer."""
    post.who.need("people")
    async with desk.house.store.write() as conn:
        row = await _colleague(desk, conn, staff_id)
        made = await link_code(desk.house, conn, row.name, desk.now, post.who.name)
    return await _page(desk, code=(row.name, made))


@router.post("/people/{staff_id}/leave")
async def leave(desk: At, post: Posted, staff_id: int) -> Response:
    post.who.need("people")
    if staff_id == post.who.staff_id:
        raise Refusal("不能让自己离职，请另一位管理员来办。", "Nobody lets themselves go; ask another admin.")
    async with desk.house.store.write() as conn:
        row = await _colleague(desk, conn, staff_id)
        count = await admins.let_go(desk.house, conn, row, post.text("successor", 60), desk.now, post.who.name)
    return desk.done("/console/people", f"已离职，{count} 件待办已转出。", f"Gone; {count} case(s) went over.")


@router.post("/people/responsible")
async def responsible(desk: At, post: Posted) -> Response:
    """Who answers for a building."""
    post.who.need("people")
    async with desk.house.store.write() as conn:
        await make_responsible(
            conn, post.text("name", 60), desk.here.id, desk.now, building=post.text("building", 60), who=post.who.name
        )
    return desk.done("/console/people", "已登记责任人。", "Noted who is responsible.")


@router.post("/people/clients/add")
async def client(desk: At, post: Posted) -> Response:
    """A token for a system that pushes to the ledger; shown once on this answer."""
    post.who.need("settings")
    name = post.text("name", 60)
    if not name:
        raise Refusal("请给这个系统起个名字。", "Give the system a name.")
    token = await add_client(desk.house.store, name, desk.who.community_id, desk.now)
    async with desk.house.store.write() as conn:
        await note(conn, Entry("client_added", f"api_client:{name}", {"name": name}, desk.now, None, post.who.name))
    return await _page(desk, token=(name, token))


@router.post("/people/clients/{client_id}/revoke")
async def revoke(desk: At, post: Posted, client_id: int) -> Response:
    post.who.need("settings")
    async with desk.house.store.write() as conn:
        if not await console.revoke_client(conn, min(client_id, 2**62), desk.who.community_id, desk.now):
            raise Refusal("没有这个系统。", "There is no such system.", status=404)
        subject = f"api_client:{client_id}"
        await note(conn, Entry("client_revoked", subject, {"id": client_id}, desk.now, None, post.who.name))
    return desk.done("/console/people", "已停用。", "Revoked.")


@router.get("/me")
async def me(desk: At) -> Response:
    """One's own account: password, the linked chat, the one-time code at sign-in."""
    return await _mine(desk)


async def _mine(desk: Desk, made: str = "") -> Response:
    async with desk.house.store.read() as conn:
        row = await shelf.one(conn, desk.who.staff_id)
        contacts = await shelf.contacts(conn, desk.who.staff_id)
    wants = bool(json.loads(row.hours or "{}").get("sign_in_code"))
    return desk.page("me.html", contacts=contacts, wants=wants, code=made)


@router.post("/me/code")
async def my_code(desk: At, post: Posted) -> Response:
    async with desk.house.store.write() as conn:
        made = await link_code(desk.house, conn, post.who.name, desk.now, post.who.name)
    return await _mine(desk, made)


@router.post("/me/second")
async def second(desk: At, post: Posted) -> Response:
    """Turns the one-time code at sign-in on or off."""
    wanted = post.text("wanted") == "yes"
    async with desk.house.store.write() as conn:
        row = await shelf.one(conn, post.who.staff_id)
        if wanted and not await shelf.contacts(conn, row.id):
            raise Refusal("先绑定聊天，再打开验证码。", "Link a chat first, then turn the code on.")
        hours = json.loads(row.hours or "{}") | {"sign_in_code": wanted}
        await shelf.set_fields(conn, row.id, hours=json.dumps(hours))
        told = "on" if wanted else "off"
        await note(conn, Entry("sign_in_code", f"staff:{row.id}", {"on": wanted}, desk.now, None, row.name, told))
    return desk.done("/console/me", "已更改。", "Changed.")


@router.post("/me/password")
async def my_password(desk: At, post: Posted) -> Response:
    """A new password of one's own; the old one is asked for."""
    async with desk.house.store.read() as conn:
        row = await shelf.one(conn, post.who.staff_id)
    if not await matches(row.password_hash, post.raw("old")):
        raise Refusal("现在的密码不对。", "The present password is wrong.", status=403)
    async with desk.house.store.write() as conn:
        await admins.set_password(conn, row, post.raw("password"), desk.now, post.who.name)
    return desk.done("/console/sign-in", "密码已改，请重新登录。", "The password is changed; sign in anew.")

"""Signing in: name and password, then where it is wished a one-time code over the linked chat."""

import json
import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.clock import real_now
from bot.flows.house import House
from bot.flows.staff_post import private_channel
from bot.flows.staff_voice import Voice
from bot.flows.words import book
from bot.web.console import session
from bot.web.console.forms import Posted, from_here
from bot.web.console.pages import HEADERS, LANGUAGE, TOWN, At, language, plain_page
from bot.web.console.session import COOKIE
from store import sessions
from store import staff as people
from store.journal import Entry, note

router = APIRouter(prefix="/console", include_in_schema=False)


def inside(path: str) -> str:
    """A path of the console, or of a case a link leads to, to go on to; anything else becomes the first page."""
    fits = path.startswith(("/console", "/staff/")) and "\\" not in path and "//" not in path and "\n" not in path
    return path if fits else "/console"


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/console") -> Response:
    house: House = request.app.state.house
    async with house.store.read() as conn:
        ready = await sessions.has_admin(conn)
    return plain_page(request, "sign_in.html", next=inside(next), ready=ready, wrong=None, name="")


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Name and password. A fresh token every time, whatever the browser came with (no fixation)."""
    house: House = request.app.state.house
    form = await request.form(max_files=0, max_fields=10)
    name, password = str(form.get("name", ""))[:60].strip(), str(form.get("password", ""))[:200]
    following = inside(str(form.get("next", "/console")))
    place = request.client.host if request.client else "?"
    if not from_here(request):
        return _wrong(request, name, following, "elsewhere")
    async with house.store.read() as conn:
        late = await session.refused_lately(conn, name, place)
        row = await people.named(conn, name)
    if late:
        return _wrong(request, name, following, "late")
    known = row is not None and row.left_at is None
    if not await session.matches(row.password_hash if known else "", password):
        async with house.store.write() as conn:
            await session.note_refused(conn, name, place)
        return _wrong(request, name, following, "wrong")
    return await _let_in(request, house, row, following)


def _wrong(request: Request, name: str, following: str, what: str) -> Response:
    status = 429 if what == "late" else 401
    return plain_page(request, "sign_in.html", status, next=following, ready=True, wrong=what, name=name)


async def _let_in(request: Request, house: House, row: Any, following: str) -> Response:
    wants_code = bool(json.loads(row.hours or "{}").get("sign_in_code"))
    async with house.store.write() as conn:
        await sessions.end_session(conn, session.digest(request.cookies.get(COOKIE, "")))
        channel = await private_channel(house, conn, row.id) if wants_code else None
        pending = channel is not None
        lasts = session.CODE_LASTS if pending else session.LASTS
        token = await session.begin(conn, row.id, pending=pending, lasts=lasts)
        if channel is not None:
            await _send_code(house, conn, row, session.digest(token), channel)
        else:
            await _note_in(house, conn, row.id, row.community_id)
    target = f"/console/sign-in/code?next={following}" if pending else following
    return _with_cookie(request, house, token, target)


async def _note_in(house: House, conn: AsyncConnection, staff_id: int, community_id: int | None) -> None:
    now = house.clock.now()
    await note(conn, Entry("signed_in", f"staff:{staff_id}", {"at": now}, now, community_id, f"staff:{staff_id}"))


def _with_cookie(request: Request, house: House, token: str, target: str) -> Response:
    answer = RedirectResponse(target, 303, headers=HEADERS)
    secure = request.url.scheme == "https" or house.public_url.startswith("https://")
    answer.set_cookie(
        COOKIE, token, max_age=int(session.LASTS.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=secure,
    )  # fmt: skip
    return answer


async def _send_code(house: House, conn: AsyncConnection, row: Any, token_hash: str, channel: str) -> None:
    code, now = f"{secrets.randbelow(10**6):06d}", house.clock.now()
    index = session.sign_in_code(house, token_hash, code)
    await sessions.write_sign_in_code(conn, row.id, index, real_now() + session.CODE_LASTS)
    minutes = int(session.CODE_LASTS.total_seconds()) // 60
    say = Voice(await book(house, conn, row.community_id), row.locale)
    said = say.say("sign_in_code", code=code, minutes=minutes)
    values = {
        "community_id": row.community_id, "kind": "code", "staff_id": row.id, "channel": channel,
        "step": "sign_in_code", "priority": 0, "state": "queued", "not_before": now, "lane": row.id * 4 + 1,
        "fence": 0, "tries": 0, "text": said.text, "locale": said.locale,
        "script_version_id": said.version_id, "reason": "", "band": "", "basket": "",
        "slots": "", "buttons": "", "created_at": now, "state_at": now, "expires_at": now + session.CODE_LASTS,
    }  # fmt: skip
    await sessions.queue_message(conn, values)


@router.get("/sign-in/code")
async def code_page(request: Request, next: str = "/console") -> Response:
    row = await session.session(request)
    if row is None or not row.pending:
        return RedirectResponse("/console/sign-in", 303, headers=HEADERS)
    return plain_page(request, "code.html", next=inside(next), wrong=None)


@router.post("/sign-in/code")
async def code(request: Request) -> Response:
    """The one-time code; five wrong ones end the attempt."""
    house: House = request.app.state.house
    row = await session.session(request)
    if row is None or not row.pending or not from_here(request):
        return RedirectResponse("/console/sign-in", 303, headers=HEADERS)
    form = await request.form(max_files=0, max_fields=10)
    told, following = str(form.get("code", "")).strip()[:20], inside(str(form.get("next", "/console")))
    index = session.sign_in_code(house, row.token_hash, told)
    async with house.store.write() as conn:
        good = await sessions.use_sign_in_code(conn, index, row.staff_id, real_now())
        if good:
            await sessions.end_session(conn, row.token_hash)
            token = await session.begin(conn, row.staff_id, pending=False)
            await _note_in(house, conn, row.staff_id, row.community_id)
            return _with_cookie(request, house, token, following)
        wrong = f"sign_in_code:{row.token_hash[:24]}"
        tried = await sessions.count_entries(conn, "sign_in_refused", wrong, real_now() - session.PATIENCE)
        await note(conn, Entry("sign_in_refused", wrong, {}, real_now()))
        if tried >= 4:
            await sessions.end_session(conn, row.token_hash)
            return RedirectResponse("/console/sign-in", 303, headers=HEADERS)
    return plain_page(request, "code.html", 401, next=following, wrong="wrong")


@router.post("/sign-out")
async def sign_out(request: Request, post: Posted) -> Response:
    house: House = request.app.state.house
    async with house.store.write() as conn:
        await sessions.end_session(conn, post.who.token_hash)
    answer = RedirectResponse("/console/sign-in", 303, headers=HEADERS)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/language")
async def speak(request: Request, next: str = "/console") -> Response:
    """The other language."""
    other = "zh" if language(request, None) == "en" else "en"
    asked = request.query_params.get("to", other)
    answer = RedirectResponse(inside(next), 303, headers=HEADERS)
    answer.set_cookie(LANGUAGE, "en" if asked == "en" else "zh", max_age=31_536_000, path="/", samesite="lax")
    return answer


@router.get("/community")
async def choose_community(desk: At, to: int, next: str = "/console") -> Response:
    """Another community, among those the person may see."""
    answer = RedirectResponse(inside(next), 303, headers=HEADERS)
    if any(row.id == to for row in desk.rows):
        answer.set_cookie(TOWN, str(to), max_age=31_536_000, path="/console", httponly=True, samesite="lax")
    return answer

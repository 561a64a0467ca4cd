"""The console: where people look after the house. Server-rendered pages under /console."""

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.flows.refusals import REFUSALS
from bot.rules.policy_page import BadPolicy
from bot.web.console import rooms
from bot.web.console.forms import Refusal
from bot.web.console.pages import HEADERS, HERE, language, plain_page
from bot.web.console.roles import RIGHTS, ROLE_WORDS, Forbidden
from bot.web.console.session import NotSignedIn


def mount(app: FastAPI) -> None:
    """Hangs the console on the app; `/` leads to it."""
    for router in rooms.ROUTERS:
        app.include_router(router)
    app.mount("/console/static", StaticFiles(directory=HERE / "static"), name="console-static")
    app.add_exception_handler(NotSignedIn, _to_sign_in)
    app.add_exception_handler(Forbidden, _forbidden)
    app.add_exception_handler(Refusal, _refused)
    for kind in (*REFUSALS, *rooms.REFUSALS):
        app.add_exception_handler(kind, _sentence)

    @app.get("/", include_in_schema=False)
    async def first_page() -> RedirectResponse:
        return RedirectResponse("/console", 307)


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


async def _to_sign_in(request: Request, error: Exception) -> Response:
    if wants_json(request):
        return _problem(request, 401, "请重新登录。", "Sign in again.")
    back = request.url.path if request.method == "GET" else "/console"
    asked = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return RedirectResponse(f"/console/sign-in?next={quote(back + asked)}", 303, headers=HEADERS)


async def _forbidden(request: Request, error: Exception) -> Response:
    assert isinstance(error, Forbidden)
    roles = sorted(RIGHTS[error.right])
    zh = f"您的角色不能做这件事；可以的角色：{'、'.join(ROLE_WORDS[r][0] for r in roles)}。"
    en = f"Your role may not do this; roles that may: {', '.join(ROLE_WORDS[r][1] for r in roles)}."
    return _problem(request, 403, zh, en)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _problem(request, error.status, *error.say)


async def _sentence(request: Request, error: Exception) -> Response:
    """What the flows refuse on purpose, each with its own sentence."""
    if not request.url.path.startswith("/console"):
        raise HTTPException(422, str(error))
    if isinstance(error, BadPolicy):
        return _problem(request, 422, *("；".join(p) for p in _both(error)))
    return _problem(request, 422, str(error), str(error))


def _both(error: BadPolicy) -> tuple[list[str], list[str]]:
    return [p.message_zh for p in error.problems], [p.message_en for p in error.problems]


def _problem(request: Request, status: int, zh: str, en: str) -> Response:
    sentence = en if language(request, None) == "en" else zh
    if wants_json(request):
        return JSONResponse({"problem": sentence}, status, headers=HEADERS)
    back = request.headers.get("referer", "/console")
    return plain_page(request, "problem.html", status, sentence=sentence, back=_inside(back))


def _inside(back: str) -> str:
    place = back.find("/console")
    return back[place:] if place >= 0 else "/console"

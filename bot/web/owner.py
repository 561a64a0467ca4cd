"""The owner's page behind a signed link that expires: for a phone, in large type, without a script of its own.

The link opens this page and nothing else. Every action goes through the flow the chat uses (``bot.flows.talk.page``).
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from itsdangerous import BadData, URLSafeSerializer

from bot.flows.house import House
from bot.flows.talk import page
from bot.web.owner_words import LANGUAGES, WORDS

LIVES = timedelta(days=30)
"""How long a link is good, in trade time."""
LARGEST = 8_000
"""Bytes of a form; the page's own are a few hundred."""
ACTIONS = frozenset({"promise", "press", "dispute", "paid", "person", "language", "send_code", "prove"})
HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}  # fmt: skip


def headers(house: House) -> dict[str, str]:
    """The page stands in no frame, but for the sandbox's phones."""
    if not house.sandbox:
        return HEADERS
    kept = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    policy = f"{kept['Content-Security-Policy']}; frame-ancestors http://127.0.0.1:* http://localhost:*"
    return {**kept, "Content-Security-Policy": policy}


router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=Path(__file__).parent / "templates" / "owner")


def _signer(house: House) -> URLSafeSerializer:
    return URLSafeSerializer(house.secret, salt="owner-page", signer_kwargs={"digest_method": hashlib.sha256})


def make_link(house: House) -> Callable[[int, int, datetime], str]:
    """What ``house.memory["link"]`` holds: makes the page's address for a person, sent to one of their contacts, at an
    instant of trade time. Whoever holds it is trusted as that contact is, and no longer than it lives (I9).

    Expiry follows the trade's clock, so it stands in the token and not in the signer's own wall clock. ValueError
    without a secret to sign with.
    """
    if not house.secret:
        raise ValueError("the owner's page needs a secret to sign its links with")
    signer = _signer(house)

    def link(person_id: int, contact_id: int, now: datetime) -> str:
        until = int((now + LIVES).timestamp())
        return f"{house.public_url}/o/{signer.dumps([person_id, contact_id, until])}"

    return link


def read_link(house: House, token: str) -> tuple[int, int] | None:
    """The person a link was made for and the contact it was sent to; None if it is not ours or has expired."""
    try:
        person_id, contact_id, until = _signer(house).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    return (int(person_id), int(contact_id)) if until > house.clock.now().timestamp() else None


@router.get("/o/{token}")
async def show(request: Request, token: str) -> HTMLResponse:
    """The page of the person the link was made for."""
    return await _page(request, token, "", {})


@router.post("/o/{token}/{action}")
async def act(request: Request, token: str, action: str) -> HTMLResponse:
    """One tap: the page again, with the answer on top."""
    if action not in ACTIONS:
        return _gone(request, 404)
    if int(request.headers.get("content-length") or 0) > LARGEST:
        return _gone(request, 413)
    form = await request.form(max_files=0, max_fields=10)
    return await _page(request, token, action, {k: v for k, v in form.items() if isinstance(v, str)})


async def _page(request: Request, token: str, action: str, fields: dict[str, str]) -> HTMLResponse:
    house: House = request.app.state.house
    whose = read_link(house, token)
    view = await page.act(house, *whose, action, fields) if whose is not None else None
    if view is None:
        return _gone(request, 410)
    held = {"view": view, "words": WORDS[view.locale], "languages": LANGUAGES, "base": f"/o/{token}"}
    return templates.TemplateResponse(request, "page.html", held, headers=headers(request.app.state.house))


def _gone(request: Request, status: int) -> HTMLResponse:
    return templates.TemplateResponse(request, "gone.html", {"all_words": WORDS}, status_code=status,
                                      headers=headers(request.app.state.house))  # fmt: skip

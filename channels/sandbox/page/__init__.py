"""The phones page at the sandbox's root: its files and the few questions its own origin answers.

- ``GET /`` the page, ``GET /page/…`` its files
- ``GET /page/setup`` → what the page must know once: the SMS alphabet, the fault points, the WeCom robot's address,
  and the number of the last happening, after which the live stream begins so that nothing falls between
- ``GET /page/owners?search=&at=&account=`` · ``/page/timeline?account=`` · ``/page/staff``: asked of the
  service (service.py)
- ``GET /page/latest?skip=`` → per channel the address that heard something last
- ``GET /page/person?channel=&address=`` → how that phone stands (blocked, opted out …) · ``POST /page/reset``
- ``GET /page/file/{id}`` → a picture somebody sent · ``GET /page/frame?url=`` → whether a page may stand in a phone
"""

from collections.abc import MutableMapping
from os import PathLike, stat_result
from pathlib import Path
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from channels.sandbox.faults import ChannelName, Point
from channels.sandbox.page.service import frame, owners, person, reset, staff, timeline
from channels.sandbox.segments import GSM_BASIC, GSM_EXTENSION
from channels.sandbox.stage import Stage

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; frame-src http://127.0.0.1:* http://localhost:*; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def page_routes() -> list[BaseRoute]:
    """The routes to hand to ``create_sandbox(pages=…)``; they find the stage in ``request.app.state``."""
    return [
        Route("/", _page),
        Route("/page/setup", _setup),
        Route("/page/latest", _latest),
        Route("/page/owners", owners),
        Route("/page/timeline", timeline),
        Route("/page/staff", staff),
        Route("/page/person", person),
        Route("/page/frame", frame),
        Route("/page/reset", reset, methods=["POST"]),
        Route("/page/file/{id}", _file),
        Mount("/page", _Files(directory=STATIC)),
    ]


class _Files(StaticFiles):
    """Static files a browser asks about each time, so that an upgrade is never mixed with the old page."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: MutableMapping[str, Any],
        status_code: int = 200,
    ) -> Response:  # fmt: skip
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


async def _page(request: Request) -> Response:
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
    return FileResponse(STATIC / "page.html", headers=headers)


def _stage(request: Request) -> Stage:
    stage: Stage = request.app.state.stage
    return stage


async def _setup(request: Request) -> Response:
    stage = _stage(request)
    happened = stage.world.stream.since(0)
    return JSONResponse(
        {
            "happened": happened[-1]["id"] if happened else 0,
            "gsm": {"basic": "".join(sorted(GSM_BASIC)), "extension": "".join(sorted(GSM_EXTENSION))},
            "points": get_args(Point), "channels": get_args(ChannelName),
            "robot": stage.world.credentials.wecom_robot_key, "bot": stage.world.credentials.telegram_username,
        }
    )  # fmt: skip


async def _latest(request: Request) -> Response:
    """The newest receiver per channel, groups and the addresses to ``skip`` (the staff's own) left out."""
    found: dict[str, str] = {}
    skipped = set(request.query_params.getlist("skip"))
    for channel in ("wechat", "sms", "telegram"):
        told = [m for m in _stage(request).world.messages.of(channel) if m["direction"] == "out"]
        private = [m for m in told if not m["address"].startswith("-") and m["address"] not in skipped]
        if private:
            found[channel] = max(private, key=lambda m: int(m["n"]))["address"]
    return JSONResponse(found)


async def _file(request: Request) -> Response:
    stage = _stage(request)
    known = stage.telegram.methods.files.get(request.path_params["id"])
    if known is None:
        return JSONResponse({"error": "no such file"}, 404)
    path = stage.world.folder / "files" / known["path"]
    head = path.read_bytes()[:4]
    kind = next((kind for mark, kind in PICTURES.items() if head.startswith(mark)), "application/octet-stream")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
    return FileResponse(path, media_type=kind, headers=headers)

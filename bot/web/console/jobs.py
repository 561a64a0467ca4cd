"""Long work a page waits for: it runs beside the request, is watched, and can be stopped."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.responses import Response

from bot.flows.house import House
from bot.flows.progress import Progress
from bot.web.console.forms import Posted, Refusal
from bot.web.console.pages import At, Desk

router = APIRouter(prefix="/console/jobs", include_in_schema=False)
AT_ONCE = 2.0
"""Seconds a page waits before it shows progress instead."""
MOST = 20
"""Jobs remembered."""

Done = Callable[[Desk, Any], Awaitable[Response] | Response]


@dataclass
class Job:
    """One piece of work of one person; ``done`` makes the page of its result."""

    staff_id: int
    title: tuple[str, str]
    back: str
    done: Done
    progress: Progress = field(default_factory=Progress)
    task: asyncio.Task[Any] | None = None


def _jobs(house: House) -> dict[str, Job]:
    found: dict[str, Job] = house.memory.setdefault("console jobs", {})
    return found


async def run(
    desk: Desk, title: tuple[str, str], work: Callable[[Progress], Awaitable[Any]], done: Done, back: str
) -> Response:
    """Runs the work: its page at once if it is quick, else a page that shows how far it is."""
    job = Job(desk.who.staff_id, title, back, done)
    job.task = asyncio.ensure_future(work(job.progress))
    finished, _waiting = await asyncio.wait([job.task], timeout=AT_ONCE)
    if finished:
        return await _result(desk, job)
    number = secrets.token_urlsafe(9)
    kept = _jobs(desk.house)
    for old in list(kept)[: max(0, len(kept) - MOST + 1)]:
        if (gone := kept.pop(old)).task is not None and not gone.task.done():
            gone.progress.cancelled = True
    kept[number] = job
    return desk.page("job.html", job=job, number=number)


async def _result(desk: Desk, job: Job) -> Response:
    assert job.task is not None
    made = job.done(desk, job.task.result())
    return await made if not isinstance(made, Response) else made


def _mine(desk: Desk, number: str) -> Job:
    job = _jobs(desk.house).get(number)
    if job is None or job.staff_id != desk.who.staff_id:
        raise Refusal("这项工作已结束，请再试一次。", "This work is over; start it again.", status=404)
    return job


@router.get("/{number}/state")
async def state(desk: At, number: str) -> Response:
    job = _mine(desk, number)
    over = job.task is not None and job.task.done()
    return JSONResponse({"done": job.progress.done, "total": job.progress.total, "over": over})


@router.get("/{number}")
async def result(desk: At, number: str) -> Response:
    job = _mine(desk, number)
    if job.task is not None and not job.task.done():
        return desk.page("job.html", job=job, number=number)
    _jobs(desk.house).pop(number, None)
    return await _result(desk, job)


@router.post("/{number}/cancel")
async def cancel(desk: At, post: Posted, number: str) -> Response:
    job = _mine(desk, number)
    job.progress.cancelled = True
    _jobs(desk.house).pop(number, None)
    if job.task is not None:
        await asyncio.wait([job.task], timeout=AT_ONCE)
        if job.task.done():
            job.task.exception()
    return desk.done(job.back, "已停下，什么都没改。", "Stopped; nothing was changed.")

"""Import: a workbook is read on trial, strange columns are explained, bad rows mended beside the sheet; then written.

What a person said of a column is remembered with the community once the workbook is written.
"""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot.flows import uploads
from bot.flows.importing.report import ImportReport, Refused
from bot.flows.importing.run import import_files, undo_last
from bot.flows.importing.strange import known_word, strange_columns
from bot.web.console.forms import Post, Posted, Refusal
from bot.web.console.pages import At, Desk
from bot.web.console.speech import COLUMNS
from store import console

router = APIRouter(prefix="/console/import", include_in_schema=False)


def _folder(desk: Desk) -> Path:
    return uploads.folder_of(desk.house.memory.get("var"))


@router.get("")
async def page(desk: At) -> Response:
    desk.who.need("import")
    async with desk.house.store.read() as conn:
        runs = await console.import_runs(conn, desk.here.id) if desk.town else []
    return desk.page("import.html", runs=runs)


@router.post("/read")
async def read(desk: At, post: Posted) -> Response:
    """Reads an upload on trial; nothing is written."""
    post.who.need("import")
    files = post.files("file")
    if not files:
        raise Refusal("请选一个文件。", "Choose a file.")
    folder = _folder(desk)
    uploads.tidy(folder, desk.now)
    token = uploads.keep(folder, files[0].filename or "workbook.xlsx", await files[0].read())
    return await _tried(desk, post, token)


def _as_of(post: Post) -> date | None:
    return post.day("as_of") if post.text("as_of", 20) else None


def _community(desk: Desk, post: Post) -> tuple[str | None, bool]:
    """Into which community: the one looked at, or a new one by its name (for people of the whole house)."""
    new = post.text("new_community", 100)
    if new:
        if desk.who.community_id is not None:
            raise Refusal("您只负责一个小区。", "You answer for one community only.", status=403)
        return new, True
    return (desk.town.name, False) if desk.town is not None else (None, False)


async def _run(desk: Desk, post: Post, path: Path, *, dry_run: bool, skip_bad: bool = False) -> ImportReport:
    community, new = _community(desk, post)
    if community is None:
        raise Refusal("这是第一个小区，请写它的名字。", "This is the first community; give its name.")
    rule = desk.town.policy.due_dates if desk.town is not None else desk.house.policy("{}").due_dates
    return await import_files(
        desk.house.store, [path], community=community, now=desk.now, as_of=_as_of(post),
        arrears=post.text("arrears") == "yes", dry_run=dry_run, skip_bad=skip_bad,
        heading_map=_told(post), new_community=new or not desk.rows,
        accept_owners=frozenset(post.boxes("accept")), due_dates=rule, who=post.who.name,
    )  # fmt: skip


def _told(post: Post) -> dict[str, str]:
    """What was said of columns until now: heading → what it is."""
    told = dict(pair.split("=", 1) for pair in post.boxes("map") if "=" in pair)
    for key in post.data:
        if key.startswith("heading|"):
            number = key.removeprefix("heading|")
            heading, word = post.text(key, 60), post.text(f"is|{number}", 40)
            word = post.text(f"fee|{number}", 60) if word == "fee" else word
            if word and not known_word(word):
                zh = f"「{word}」看不出是哪项费用、哪个账期，请写成 物业费2026Q3 或 物业费2026年7月。"
                raise Refusal(zh, f"{word!r} names no fee and period; write 物业费2026Q3 or management fee 2026Q3.")
            if word:
                told[heading] = word
    return told


async def _tried(desk: Desk, post: Post, token: str) -> Response:
    """The trial: what was read, and what a person must say or mend before it can be written."""
    path, told, refused = uploads.kept(_folder(desk), token), _told(post), ""
    known = json.loads(desk.town.row.heading_map) if desk.town is not None else {}
    day = desk.today if desk.town is not None else desk.now.date()
    strange = await asyncio.to_thread(strange_columns, path, {**known, **told}, day)
    try:
        report = await _run(desk, post, path, dry_run=True)
    except Refused as error:
        if not strange:
            raise
        report, refused = ImportReport(community=_community(desk, post)[0] or ""), str(error)
    leaves = await asyncio.to_thread(uploads.bad_rows, path, report.errors, chinese=desk.lang != "en")
    return desk.page(
        "import_tried.html", report=report, leaves=leaves, token=token, name=path.name, strange=strange, told=told,
        refused=refused, columns=COLUMNS, **_kept(post),
    )  # fmt: skip


@router.post("/headings")
async def headings(desk: At, post: Posted) -> Response:
    """Says what strange columns are, and reads the workbook on trial again."""
    post.who.need("import")
    return await _tried(desk, post, post.text("token", 60))


def _kept(post: Post) -> dict[str, Any]:
    """What the trial was asked with, for the form that follows."""
    return {
        "as_of": post.text("as_of", 20), "arrears": post.text("arrears"), "accepted": post.boxes("accept"),
        "new_community": post.text("new_community", 100),
    }  # fmt: skip


@router.post("/mend")
async def mend(desk: At, post: Posted) -> Response:
    """Mends the cells that were typed anew, and reads the workbook on trial again."""
    post.who.need("import")
    mends = {}
    for key in post.data:
        if key.startswith("cell|"):
            _word, row, column, sheet = key.split("|", 3)
            if row.isdecimal() and column.isdecimal():
                mends[(sheet, int(row), int(column))] = post.text(key, 500)
    token = post.text("token", 60)
    if mends:
        token = await asyncio.to_thread(uploads.mend, _folder(desk), token, mends)
    return await _tried(desk, post, token)


@router.post("/write")
async def write(desk: At, post: Posted) -> Response:
    """Writes what was tried: all of it, or without its bad rows."""
    post.who.need("import")
    folder, token = _folder(desk), post.text("token", 60)
    path = uploads.kept(folder, token)
    skip = post.text("skip_bad") == "yes"
    report = await _run(desk, post, path, dry_run=False, skip_bad=skip)
    if report.errors and not skip:
        return await _tried(desk, post, token)
    uploads.forget(folder, token)
    return desk.done(
        "/console/import", f"已导入：新增 {report.did.new}，更改 {report.did.changed}，未变 {report.did.unchanged}。",
        f"Imported: {report.did.new} new, {report.did.changed} changed, {report.did.unchanged} unchanged.",
    )  # fmt: skip


@router.post("/undo")
async def undo(desk: At, post: Posted) -> Response:
    """Takes the newest import back."""
    post.who.need("import")
    done = await undo_last(desk.house.store, desk.here.id, desk.now, post.who.name)
    zh = f"已撤回 {done.names}：去掉 {done.removed} 行，恢复 {done.restored} 行；{done.kept} 行已用到，只关闭。"
    en = f"{done.names} is taken back: {done.removed} rows removed, {done.restored} restored, {done.kept} closed."
    return desk.done("/console/import", zh, en)

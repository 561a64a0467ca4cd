"""Words: the tree of what is said; the editor; drafts, publishing, taking back."""

import io
import json
import zipfile
import zlib
from lzma import LZMAError
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.flows import phones as show
from bot.flows import publishing, wordings
from bot.flows.progress import Progress
from bot.flows.publishing import Wish
from bot.flows.wordings import DraftTaken, Sentence
from bot.flows.words import BadWording, roll_back
from bot.talk.problems import Problem
from bot.talk.scripts import FACT_KINDS, Script, is_script, parse_script
from bot.talk.slots import SLOTS, filter_for
from bot.web.console import jobs
from bot.web.console.checker_words import fault_words
from bot.web.console.forms import Post, Posted, Refusal
from bot.web.console.pages import HEADERS, At, Desk
from store import cases as approvals
from store import console, words
from store import staff as people
from store import wordings as shelf

router = APIRouter(prefix="/console/words", include_in_schema=False)
FULLEST = 5_000_000
"""Characters a zip of wordings may unpack to."""


def scope_of(desk: Desk) -> int | None:
    """Whose words are edited: the whole house's, or for people of one community its own."""
    return desk.who.community_id


@router.get("")
async def tree(desk: At, q: str = "") -> Response:
    async with desk.house.store.read() as conn:
        leaves = await wordings.tree(conn, scope_of(desk))
    text = q.strip().lower()[:60]
    shown = [leaf for leaf in leaves if text in f"{leaf.path} {desk.word('step', leaf.name)}".lower()]
    groups: dict[str, dict[str, list[wordings.Leaf]]] = {"reminders": {}, "replies": {}, "staff": {}}
    for leaf in shown:
        groups[leaf.group].setdefault(leaf.name, []).append(leaf)
    order = {s.script: s.order if s.order >= 0 else 99 for s in wordings.policy_of(desk.house, desk.town).step.values()}
    groups["reminders"] = dict(sorted(groups["reminders"].items(), key=lambda pair: (order.get(pair[0], 100), pair[0])))
    return desk.page("words.html", groups=groups, q=q[:60], count=len(leaves))


@router.get("/edit/{path:path}")
async def edit(desk: At, path: str) -> Response:
    async with desk.house.store.read() as conn:
        told = await _editor(desk, conn, path)
    return desk.page("editor.html", **told)


async def _editor(desk: Desk, conn: AsyncConnection, path: str) -> dict[str, Any]:
    scope = scope_of(desk)
    row = await wordings.current(conn, scope, path)
    draft = await shelf.draft(conn, scope, path)
    shipped = await shelf.shipped(conn, path)
    text = draft.source_text if draft is not None else row.source_text
    script = wordings.read(path, text) or wordings.read(path, row.source_text)
    if script is None:
        raise BadWording(f"{path} cannot be read")
    policy = wordings.policy_of(desk.house, desk.town)
    before, after = wordings.neighbours(policy, script.name) if script.group == "reminders" else ("", "")
    rows = (await console.search(conn, desk.here.id, owing=True))[:8] if desk.town else []
    real = [(r.id, f"{r.code} {desk.name(r.owner)}") for r in rows]
    return {
        "path": path, "script": script, "row": row, "draft": draft, "shipped": shipped,
        "formal": wordings.is_formal(policy, path),
        "readers": show.readers(real), "facts_known": FACT_KINDS, "slots": _slots(),
        "diff": wordings.differences(row.source_text, text),
        "diff_shipped": wordings.differences(shipped.source_text, text) if shipped is not None else [],
        "history": list(await words.history(conn, scope, path))[:20],
        "request": await shelf.request(conn, path) if draft is not None and draft.wants_second else None,
        "beside": [await _beside(desk, conn, script, name) for name in (before, after) if name],
        "may_second": desk.who.may("second"), "siblings": await _siblings(conn, scope, script),
    }  # fmt: skip


def _slots() -> list[tuple[str, str]]:
    """Every slot and how it is written into a wording."""
    return [
        (name, f"{{{{ {name}|{filter_for(name)} }}}}" if filter_for(name) else f"{{{{ {name} }}}}") for name in SLOTS
    ]


async def _beside(desk: Desk, conn: AsyncConnection, script: Script, name: str) -> tuple[str, str]:
    """The step before or after, as an owner reads it in the same language."""
    row = await words.current(conn, None, f"reminders/{name}/{script.locale}.md")
    other = wordings.read(row.path, row.source_text) if row is not None else None
    if other is None or desk.town is None:
        return name, ""
    shown = await show.phones(desk.house, conn, desk.here, other, "w0", desk.now)
    return name, shown[-1].text if shown else ""


async def _siblings(conn: AsyncConnection, scope: int | None, script: Script) -> list[wordings.Leaf]:
    leaves = await wordings.tree(conn, scope)
    return [leaf for leaf in leaves if (leaf.group, leaf.name) == (script.group, script.name)]


def _told(post: Post, base: Script) -> Sentence:
    """What the editor's form says; a form that shows no such field leaves it as it was."""
    fields = {key: post.raw(f"field:{key}").strip() for key in base.fields if f"field:{key}" in post.data}
    facts = tuple(kind for kind in FACT_KINDS if kind in post.boxes("requires"))
    same = set(facts) == set(base.requires)
    return Sentence(
        post.raw("body"), post.text("purpose", 300) or base.purpose, base.requires if same else facts,
        {**base.fields, **fields},
    )  # fmt: skip


async def _composed(desk: Desk, conn: AsyncConnection, post: Post, path: str) -> str:
    scope = scope_of(desk)
    row = await wordings.current(conn, scope, path)
    base = parse_script(path, row.source_text)
    if len(post.raw("body")) > 20_000:
        raise Refusal(
            f"话术最多 8000 字，这里有 {len(post.raw('body'))} 字，没有保存。",
            f"A wording has at most 8,000 characters; this has {len(post.raw('body'))} and was not saved.",
        )
    return wordings.compose(base, _told(post, base))


@router.post("/check/{path:path}")
async def check(desk: At, post: Posted, path: str) -> Response:
    """As one types: the faults with their lines, and the three phones of the chosen reader."""
    async with desk.house.store.read() as conn:
        text = await _composed(desk, conn, post, path)
        script = wordings.read(path, text)
        shown = []
        if script is not None and desk.town is not None:
            shown = await show.phones(desk.house, conn, desk.here, script, post.text("reader", 30), desk.now)
        row = await wordings.current(conn, scope_of(desk), path)
    first = (script or parse_script(path, row.source_text)).body_line
    found = wordings.faults(path, text)
    answer = {
        "problems": [_fault(desk, p, first) for p in found],
        "phones": [_phone(p) for p in shown],
        "diff": wordings.differences(row.source_text, text),
    }
    return JSONResponse(answer, headers=HEADERS)


def _fault(desk: Desk, problem: Problem, first: int) -> dict[str, Any]:
    rule = next((r for r in wordings.rules() if r.id == problem.rule), None)
    return {
        "line": max(problem.line - first + 1, 0), "rule": problem.rule,
        "message": fault_words(problem.message, rule, desk.lang),
        "legal": rule is not None and rule.legal, "law": rule is not None,
        "ground": rule.ground if rule else "", "example": rule.example if rule else "",
    }  # fmt: skip


def _phone(phone: show.Phone) -> dict[str, Any]:
    return {
        "channel": phone.channel, "path": phone.path, "mine": phone.mine, "text": phone.text,
        "segments": phone.segments, "problem": phone.problem,
        "fields": [{"key": f.key, "value": f.value, "length": f.length, "most": f.most} for f in phone.fields],
    }  # fmt: skip


@router.post("/save/{path:path}")
async def save(desk: At, post: Posted, path: str) -> Response:
    """Saves a draft. The second of two who save is shown the first's, with their own text still in hand."""
    post.who.need("words")
    async with desk.house.store.read() as conn:
        text = await _composed(desk, conn, post, path)
    try:
        async with desk.house.store.write() as conn:
            await wordings.save_draft(conn, scope_of(desk), path, text, post.number("version"), post.who.name, desk.now)
    except DraftTaken as taken:
        return _taken(desk, path, taken)
    return desk.done(
        f"/console/words/edit/{path}", "草稿已保存，还没有生效。", "The draft is saved; it is not in force yet."
    )


def _taken(desk: Desk, path: str, taken: DraftTaken) -> Response:
    first = taken.first
    theirs = first.source_text if first is not None else ""
    return desk.page(
        "taken.html", 409, path=path, first=first, mine=taken.mine, diff=wordings.differences(theirs, taken.mine)
    )


@router.post("/drop/{path:path}")
async def drop(desk: At, post: Posted, path: str) -> Response:
    post.who.need("words")
    try:
        async with desk.house.store.write() as conn:
            await wordings.drop_draft(conn, scope_of(desk), path, post.number("version"), post.who.name, desk.now)
    except DraftTaken as taken:
        return _taken(desk, path, taken)
    return desk.done(f"/console/words/edit/{path}", "草稿已丢弃。", "The draft is thrown away.")


@router.post("/default/{path:path}")
async def take_default(desk: At, post: Posted, path: str) -> Response:
    """The shipped default as a draft, to be looked at and published like any other."""
    post.who.need("words")
    try:
        async with desk.house.store.write() as conn:
            shipped = await shelf.shipped(conn, path)
            if shipped is None:
                raise BadWording(f"{path} has no shipped default")
            version = post.number("version")
            await wordings.save_draft(conn, scope_of(desk), path, shipped.source_text, version, post.who.name, desk.now)
    except DraftTaken as taken:
        return _taken(desk, path, taken)
    return desk.done(f"/console/words/edit/{path}", "已把出厂话术放进草稿。", "The shipped default is in the draft.")


def _wish(desk: Desk, post: Post, path: str) -> Wish:
    why = post.text("why", 200)
    if not why:
        raise Refusal("请写一句为什么改。", "Say in one sentence why it is changed.")
    return Wish(
        scope_of(desk), path, post.number("version"), why, post.text("template_id", 100),
        post.text("fallback") == "yes", tuple(post.boxes("set_aside")), post.text("reason", 300),
    )  # fmt: skip


@router.post("/publish/{path:path}")
async def publish(desk: At, post: Posted, path: str) -> Response:
    """Every check over every owner who could receive it now, then one transaction."""
    post.who.need("words")
    wish = _wish(desk, post, path)
    async with desk.house.store.read() as conn:
        me = await people.one(conn, post.who.staff_id)

    async def work(progress: Progress) -> int | DraftTaken:
        try:
            return await publishing.publish_draft(desk.house, wish, me, may_law=post.who.may("law"), progress=progress)
        except DraftTaken as taken:
            return taken

    def done(desk: Desk, version: int | DraftTaken) -> Response:
        if isinstance(version, DraftTaken):
            return _taken(desk, path, version)
        return desk.done(f"/console/words/edit/{path}", f"已发布为第 {version} 版，下一条消息就用它。",
                         f"Published as version {version}; the next message says it.")  # fmt: skip

    title = ("逐户试说这段话", "Trying it on every owner")
    return await jobs.run(desk, title, work, done, f"/console/words/edit/{path}")


@router.post("/try/{path:path}")
async def try_out(desk: At, post: Posted, path: str) -> Response:
    """Who would fail, by name, without publishing."""
    post.who.need("words")
    async with desk.house.store.read() as conn:
        row = await publishing.wish_stands(conn, Wish(scope_of(desk), path, post.number("version"), "-"))
    script = parse_script(path, row.source_text)

    async def work(progress: Progress) -> publishing.Tried:
        return await publishing.who_fails(desk.house, script, scope_of(desk), desk.now, progress)

    def done(desk: Desk, tried: publishing.Tried) -> Response:
        zh, en = publishing.tried_words(tried)
        return desk.page("tried.html", path=path, tried=tried, sentence=desk.say(zh, en))

    title = ("逐户试说这段话", "Trying it on every owner")
    return await jobs.run(desk, title, work, done, f"/console/words/edit/{path}")


@router.post("/hand/{path:path}")
async def hand(desk: At, post: Posted, path: str) -> Response:
    """To the second person."""
    post.who.need("words")
    wish = _wish(desk, post, path)
    try:
        async with desk.house.store.write() as conn:
            me = await people.one(conn, post.who.staff_id)
            await publishing.hand_over(desk.house, conn, wish, desk.here, me, may_law=post.who.may("law"))
    except DraftTaken as taken:
        return _taken(desk, path, taken)
    return desk.done(f"/console/words/edit/{path}", "已交给第二个人。", "Handed to a second person.")


@router.get("/handed/{number}")
async def handed(desk: At, number: int) -> Response:
    """From the request to the draft it speaks of."""
    async with desk.house.store.read() as conn:
        row = await approvals.approval_of(conn, number)
    if row is None or row.kind != "wording":
        raise Refusal("没有这个请求。", "There is no such request.", status=404)
    return await edit(desk, str(json.loads(row.detail)["path"]))


@router.post("/rollback/{path:path}")
async def rollback(desk: At, post: Posted, path: str) -> Response:
    """One press: the version before is in force again."""
    post.who.need("words")
    scope = scope_of(desk)
    name = next((row.name for row in desk.rows if row.id == scope), None)
    version = await roll_back(desk.house, path, post.who.name, post.text("why", 200) or "rolled back", name)
    return desk.done(
        f"/console/words/edit/{path}", f"已退回，现在是第 {version} 版。", f"Taken back; version {version} is in force."
    )


@router.post("/send/{path:path}")
async def send_to_me(desk: At, post: Posted, path: str) -> Response:
    """The text as the chosen reader would get it, to the admin's own chat."""
    post.who.need("words")
    channel = post.text("channel", 20)
    async with desk.house.store.write() as conn:
        script = wordings.read(path, await _composed(desk, conn, post, path))
        if script is None or desk.town is None:
            raise Refusal("先改好标出的问题。", "Mend the marked faults first.")
        shown = await show.phones(desk.house, conn, desk.here, script, post.text("reader", 30), desk.now)
        text = next((p.text for p in shown if p.channel == channel), shown[-1].text if shown else "")
        me = await people.one(conn, post.who.staff_id)
        sent = bool(text) and await publishing.send_to_me(desk.house, conn, me, text, script.locale)
    if not sent:
        raise Refusal(
            "您还没有绑定聊天。到「我的账号」取绑定码，发给机器人。",
            "No chat of yours is linked. Get a code on My account and send it to the bot.",
        )
    return JSONResponse({"said": desk.say("已发到您的聊天里。", "Sent to your chat.")}, headers=HEADERS)


@router.get("/export")
async def export(desk: At) -> Response:
    """All wordings in force as the files of scripts/."""
    async with desk.house.store.read() as conn:
        rows = await words.published(conn, scope_of(desk))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as box:
        for path, text in {row.path: row.source_text for row in rows}.items():
            box.writestr(path, text)
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="scripts.zip"'}
    return Response(held.getvalue(), media_type="application/zip", headers=headers)


@router.post("/import")
async def import_(desk: At, post: Posted) -> Response:
    """Files of scripts/ become drafts where they differ from what is in force; nothing is published by this."""
    post.who.need("words")
    files = post.files("file")
    if not files:
        raise Refusal("请选一个 zip 文件。", "Choose a zip file.")
    made, left = 0, []
    for path, text in _unpacked(await files[0].read()).items():
        try:
            async with desk.house.store.write() as conn:
                row = await wordings.current(conn, scope_of(desk), path)
                if row.source_text == text:
                    continue
                draft = await shelf.draft(conn, scope_of(desk), path)
                version = draft.version if draft is not None and draft.author == post.who.name else 0
                await wordings.save_draft(conn, scope_of(desk), path, text, version, post.who.name, desk.now)
                made += 1
        except (BadWording, DraftTaken):
            left.append(path)
    zh = f"{made} 份成为草稿" + (f"；{len(left)} 份没有收下：{'、'.join(left[:5])}" if left else "") + "。"
    en = f"{made} became drafts" + (f"; {len(left)} were not taken: {', '.join(left[:5])}" if left else "") + "."
    return desk.done("/console/words", zh, en, tone="warn" if left else "good")


DAMAGED = (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError, LZMAError, zlib.error)
"""What zipfile raises for a zip it cannot read: its own error, a password (RuntimeError), a packing it lacks, a file
cut short, and whatever the unpacker or the decoding (ValueError) stumbles over."""


def _unpacked(data: bytes) -> dict[str, str]:
    """The wordings of a zip, bounded. Raises Refusal."""
    try:
        box = zipfile.ZipFile(io.BytesIO(data))
        entries = [e for e in box.infolist() if is_script(e.filename.removeprefix("scripts/"))]
        if sum(e.file_size for e in entries) > FULLEST or len(entries) > 2_000:
            raise Refusal("压缩包太大。", "The zip holds too much.")
        texts = {}
        for entry in entries:
            with box.open(entry) as file:
                texts[entry.filename.removeprefix("scripts/")] = file.read(100_000).decode("utf-8")
        return texts
    except DAMAGED as error:
        raise Refusal("这不是可读的 zip 文件。", "This is no readable zip of wordings.") from error


@router.get("/rules")
async def law(desk: At) -> Response:
    """The rules with their ground and an example."""
    return desk.page("rules.html", rules=wordings.rules())

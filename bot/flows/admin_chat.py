"""The words from the chat: an admin in private lists, reads, proposes by reply, sees check and preview, publishes."""

import re
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import publishing, wordings
from bot.flows.cases import town_of
from bot.flows.house import House, Town
from bot.flows.phones import phones
from bot.flows.publishing import Wish
from bot.flows.wordings import DraftTaken, Sentence
from bot.flows.words import BadWording, roll_back_in
from bot.talk.scripts import parse_script, script_path
from store import ledger
from store import wordings as shelf

ROLES = ("supervisor", "head", "legal", "admin")
"""Who may change words from the chat; the console's right for words."""
_ASK = re.compile(
    r"^/?(话术|話術|words|发布|發佈|publish|交给第二人|hand|退回|rollback)(?:\s+(\S+))?(?:\s+(.*))?$", re.I | re.S
)
_SHOWN = re.compile(r"^〔(\S+\.md)〕")
_VERBS = {"话术": "show", "話術": "show", "words": "show", "发布": "publish", "發佈": "publish", "publish": "publish",
          "交给第二人": "hand", "hand": "hand", "退回": "rollback", "rollback": "rollback"}  # fmt: skip


async def hear_admin(house: House, conn: AsyncConnection, staff: Any, text: str, row: Any) -> str | None:
    """What to answer an admin's private words about wordings, in the caller's transaction; None: not about them.

    ``row`` is the inbound; a reply to a wording that was shown proposes its text as the new one.
    """
    if staff.role not in ROLES:
        return None
    try:
        shown = await _replied_to(conn, staff, row)
        if shown:
            return await _propose(house, conn, staff, shown, text)
        asked = _ASK.match(text.strip())
        if asked is None:
            return None
        return await _do(house, conn, staff, _VERBS[asked[1].lower()], asked[2] or "", (asked[3] or "").strip())
    except BadWording as bad:
        return f"没有办成：\n{bad}"
    except DraftTaken as taken:
        author = taken.first.author if taken.first is not None else "?"
        return f"{author} 已先保存了这份草稿，您的没有保存。请再看一遍：话术 {_short(taken.first.path)}"


async def _replied_to(conn: AsyncConnection, staff: Any, row: Any) -> str:
    """The path of the wording a reply answers, or nothing."""
    replied = shelf.replied(row.detail)
    text = await shelf.told_staff(conn, staff.id, replied) if replied else None
    found = _SHOWN.match(text or "")
    return found[1] if found else ""


async def _do(house: House, conn: AsyncConnection, staff: Any, verb: str, name: str, rest: str) -> str:
    if verb == "show":
        return await _show(conn, staff, name, rest) if name else await _list(house, conn, staff)
    path = _path(name, "")
    if verb == "rollback":
        version = await roll_back_in(house, conn, staff.community_id, path, staff.name, rest or "from the chat")
        return f"已退回，现在是第 {version} 版。"
    draft = await shelf.draft(conn, staff.community_id, path)
    if draft is None:
        raise BadWording(f"没有 {path} 的草稿；先发「话术 {_short(path)}」，再回复那条消息写新的话")
    wish = Wish(staff.community_id, path, draft.version, rest or "from the chat")
    if verb == "hand":
        town = await _town(house, conn, staff)
        await publishing.hand_over(house, conn, wish, town, staff, may_law=staff.role == "legal")
        return "已交给第二个人。"
    script = publishing.judged(path, draft.source_text, wish, may_law=staff.role == "legal")
    tried = await publishing.who_fails(house, script, staff.community_id, house.clock.now())
    if tried.failed:
        raise BadWording("、".join(f"{f.code}（{f.why}）" for f in tried.names[:5]))
    version = await publishing.put(house, conn, wish, script, staff)
    return f"已发布为第 {version} 版，下一条消息就用它。要收回，发：退回 {_short(path)}"


async def _list(house: House, conn: AsyncConnection, staff: Any) -> str:
    leaves = await wordings.tree(conn, staff.community_id)
    policy = (await _town(house, conn, staff)).policy
    order = {step.script: n for n, step in enumerate(policy.steps)}
    names = sorted({leaf.name for leaf in leaves if leaf.group == "reminders"}, key=lambda n: (order.get(n, 99), n))
    drafts = [leaf.path for leaf in leaves if leaf.drafted_by]
    lines = ["提醒的话术："] + [f"· {name}" for name in names]
    lines += [f"草稿：{path}" for path in drafts]
    return "\n".join([*lines, "看一段：话术 warm_4；别的语言：话术 warm_4 en；短信：话术 warm_4 sms"])


async def _show(conn: AsyncConnection, staff: Any, name: str, rest: str) -> str:
    path = _path(name, rest)
    row = await wordings.current(conn, staff.community_id, path)
    body = parse_script(path, row.source_text).body.strip()
    return f"〔{path}〕第 {row.id} 版\n{body}\n\n回复这条消息写上新的话，我先检查、给您看样子，不会马上生效。"


def _path(name: str, rest: str) -> str:
    """The path of what a person calls a wording: a full path, or a step with language and channel."""
    if name.endswith(".md"):
        return name
    words = rest.lower().split()
    locale = next((full for full in ("zh-Hans", "zh-Hant", "en") if full.lower() in words), "zh-Hans")
    channel = next((c for c in ("sms", "wechat", "telegram") if c in words), None)
    return script_path("reminders", name, locale, channel)


def _short(path: str) -> str:
    return path if not path.endswith("/zh-Hans.md") or not path.startswith("reminders/") else path.split("/")[1]


async def _propose(house: House, conn: AsyncConnection, staff: Any, path: str, body: str) -> str:
    """A draft of the words replied with, judged and shown; nothing is in force by it."""
    row = await wordings.current(conn, staff.community_id, path)
    base = parse_script(path, row.source_text)
    draft = await shelf.draft(conn, staff.community_id, path)
    if draft is not None and draft.author != staff.name:
        raise DraftTaken(draft, body)
    text = wordings.compose(base, Sentence(body.strip() + "\n", base.purpose, base.requires, base.fields))
    version = draft.version if draft is not None else 0
    await wordings.save_draft(conn, staff.community_id, path, text, version, staff.name, house.clock.now())
    found = wordings.faults(path, text)
    if found:
        told = "\n".join(f"第 {max(p.line - base.body_line + 1, 1)} 行：{p.message}" for p in found)
        return f"草稿已存，但还不能发布：\n{told}\n\n改好后再回复上面那条消息。"
    town = await _town(house, conn, staff)
    shown = await phones(house, conn, town, parse_script(path, text), "w0", house.clock.now())
    sample = next((p.text for p in shown if p.mine), "")
    formal = wordings.is_formal(town.policy, path)
    following = f"交给第二人 {_short(path)}" if formal else f"发布 {_short(path)}"
    return f"草稿没有问题。业主会看到：\n\n{sample}\n\n满意就发：{following} 原因"


async def _town(house: House, conn: AsyncConnection, staff: Any) -> Town:
    number = staff.community_id or (await ledger.communities(conn))[0].id
    return await town_of(house, conn, number)

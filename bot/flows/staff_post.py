"""The staff's post, by the outbox (I12): to a group within its twenty posts a minute, or to one colleague."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.staff_voice import Spoken, Voice
from bot.flows.words import book
from store import core
from store import staff as shelf
from store.talk import put

POSTS_A_MINUTE = 18
"""Telegram and WeCom both take twenty a minute in a group; two are left for what people press."""
MINUTE = timedelta(minutes=1)

Keys = Sequence[Sequence[tuple[str, str] | tuple[str, str, str]]]
"""Rows of buttons: label and data, with a link as third."""


def keyboard(rows: Keys) -> str:
    """Rows of buttons as the outbox keeps them."""
    return json.dumps([[[k[0], k[1], k[2] if len(k) > 2 else None] for k in row] for row in rows], ensure_ascii=False)


async def voice(house: House, conn: AsyncConnection, town: Town, locale: str = "") -> Voice:
    """The staff's voice of a community; without a locale in the community's own."""
    return Voice(await book(house, conn, town.id), locale or town.locale)


async def free_moment(conn: AsyncConnection, group_id: int, now: datetime) -> datetime:
    """The first instant at which one more post keeps a group within its minute."""
    posts = await shelf.posts_since(conn, group_id, now - MINUTE, POSTS_A_MINUTE)
    return max(now, posts[-1] + MINUTE) if len(posts) == POSTS_A_MINUTE else now


async def posts_free(conn: AsyncConnection, group_id: int, now: datetime) -> int:
    """How many posts a group takes at once now."""
    return POSTS_A_MINUTE - len(await shelf.posts_since(conn, group_id, now - MINUTE, POSTS_A_MINUTE))


def thread_of(group: Any, community_id: int | None) -> int | None:
    """The community's topic in a group that has topics."""
    topics: dict[str, int] = json.loads(group.topics or "{}")
    return topics.get(str(community_id))


ROBOT_BYTES = 1_900
"""A WeCom robot takes 2,048 bytes of text; the rest is for its links."""


def fitted(group: Any, text: str) -> str:
    """A text as long as the group takes it: whole lines, then how many are left out. Telegram takes them all."""
    if group.channel != "wecom" or len(text.encode()) <= ROBOT_BYTES:
        return text
    kept: list[str] = []
    lines = text.split("\n")
    while lines and len("\n".join([*kept, lines[0]]).encode()) <= ROBOT_BYTES - 20:
        kept.append(lines.pop(0))
    return "\n".join([*kept, f"… +{len(lines)}"])


async def post(
    conn: AsyncConnection, group: Any, community_id: int | None, said: Spoken, now: datetime, *, step: str = "",
    keys: Keys = (), case_id: int | None = None, picture: bytes | None = None, edits: int | None = None,
    reply_to: str | None = None, slots: dict[str, Any] | None = None,
) -> int:  # fmt: skip
    """Queues one post to a group; answers the message. ``edits``: the card it replaces in place."""
    extra = dict(slots or {}) | ({"reply_to": reply_to} if reply_to else {})
    values = _message(said, now, step, keys, case_id, picture, extra) | {
        "community_id": community_id, "group_id": group.id, "channel": group.channel, "lane": group.id * 4 + 2,
        "thread": thread_of(group, community_id), "not_before": await free_moment(conn, group.id, now),
        "edits_message_id": edits,
    }  # fmt: skip
    values["text"] = fitted(group, values["text"])
    return await put(conn, core.message, values)


async def tell(
    house: House, conn: AsyncConnection, staff_id: int, community_id: int | None, said: Spoken, now: datetime, *,
    step: str = "", keys: Keys = (), case_id: int | None = None, picture: bytes | None = None,
    slots: dict[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Queues a private message to a colleague; False when they cannot be reached in private."""
    channel = await private_channel(house, conn, staff_id)
    if channel is None:
        return False
    values = _message(said, now, step, keys, case_id, picture, dict(slots or {})) | {
        "community_id": community_id, "staff_id": staff_id, "channel": channel, "lane": staff_id * 4 + 1,
        "thread": None, "not_before": now, "edits_message_id": None,
    }  # fmt: skip
    await put(conn, core.message, values)
    return True


async def private_channel(house: House, conn: AsyncConnection, staff_id: int) -> str | None:
    """The channel of a colleague's private chat, while it is alive."""
    for row in await shelf.contacts(conn, staff_id):
        if row.dead_reason is None and row.channel in house.channels:
            return str(row.channel)
    return None


def _message(
    said: Spoken, now: datetime, step: str, keys: Keys, case_id: int | None, picture: bytes | None,
    slots: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    return {
        "kind": "staff", "step": step or said.name, "priority": 3, "state": "queued", "text": said.text,
        "script_version_id": said.version_id, "locale": said.locale, "buttons": keyboard(keys) if keys else "",
        "case_id": case_id, "picture": picture, "slots": json.dumps(slots) if slots else "", "fence": 0, "tries": 0,
        "reason": "", "band": "", "basket": "", "created_at": now, "state_at": now,
    }  # fmt: skip

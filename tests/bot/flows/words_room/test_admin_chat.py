"""The words from an admin's private chat: list, show, propose by reply, see check and preview, publish, take back."""

import json
from types import SimpleNamespace
from typing import Any

from bot.flows.admin_chat import hear_admin
from bot.flows.words import read_files
from bot.settings import Settings
from store import core, words
from store.ledger import insert_row

FILES = read_files(Settings().scripts)
WARM = "reminders/warm_4/zh-Hans.md"


async def says(room: Any, text: str, who: Any = None, reply_to: str = "") -> str | None:
    row = SimpleNamespace(detail=json.dumps({"reply_to": reply_to}))
    async with room.house.store.write() as conn:
        return await hear_admin(room.house, conn, who or room.author, text, row)


async def told(room: Any, text: str, provider_id: str) -> None:
    """The bot's answer as it stands in the admin's chat."""
    now = room.house.clock.now()
    async with room.house.store.write() as conn:
        message = await insert_row(
            conn, core.message,
            {"kind": "staff", "staff_id": room.author.id, "channel": "telegram", "step": "words", "state": "accepted",
             "not_before": now, "lane": 1, "text": text, "created_at": now, "state_at": now},
        )  # fmt: skip
        await insert_row(
            conn, core.attempt,
            {"message_id": message, "our_id": provider_id, "fence": 1, "channel": "telegram", "text": text,
             "started_at": now, "outcome": "accepted", "provider_id": provider_id},
        )  # fmt: skip


async def test_an_admin_proposes_by_reply_and_publishes(room: Any) -> None:
    assert "warm_4" in str(await says(room, "话术"))
    shown = str(await says(room, "话术 warm_4"))
    assert shown.startswith(f"〔{WARM}〕")
    await told(room, shown, "m1")
    body = FILES[WARM].split("---\n", 2)[2]
    bad = str(await says(room, body + "再不缴就停水。", reply_to="m1"))
    assert "还不能发布" in bad
    assert "九百四十四" in bad
    good = str(await says(room, body + "祝您顺心。", reply_to="m1"))
    assert "祝您顺心" in good
    assert "发布 warm_4" in good
    assert "已发布" in str(await says(room, "发布 warm_4 更暖"))
    async with room.house.store.read() as conn:
        assert "祝您顺心" in (await words.current(conn, None, WARM)).source_text
    assert "已退回" in str(await says(room, "退回 warm_4"))


async def test_a_formal_step_is_handed_to_the_second_person(room: Any) -> None:
    shown = str(await says(room, "words formal_31"))
    await told(room, shown, "m2")
    body = FILES["reminders/formal_31/zh-Hans.md"].split("---\n", 2)[2]
    assert "交给第二人 formal_31" in str(await says(room, body + "谢谢您。", reply_to="m2"))
    assert "second person" in str(await says(room, "发布 formal_31"))
    assert "已交给" in str(await says(room, "交给第二人 formal_31 更客气"))
    assert "已发布" in str(await says(room, "发布 formal_31", who=room.second))


async def test_other_words_and_other_people_are_left_alone(room: Any) -> None:
    assert await says(room, "今天的任务") is None
    assert await says(room, "话术", who=SimpleNamespace(role="front_desk")) is None
    assert "没有" in str(await says(room, "发布 warm_11"))
    assert "没有办成" in str(await says(room, "话术 nothing"))

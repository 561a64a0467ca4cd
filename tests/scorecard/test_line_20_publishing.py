"""Line 20: publish and roll back while it sends: each message is one published version, stored."""

import asyncio
from collections import Counter
from typing import Any

from scorecard_estate import START, fill
from scorecard_world import HOME, World
from sqlalchemy import select

from bot.flows.words import publish
from store import core

PATH = "reminders/warm_4/zh-Hans.md"
MARKS = ("【甲】", "【乙】", "【丙】")


async def test_line_20_publish_and_roll_back_during_a_run(world: World, full: bool, figure: Any) -> None:
    count = 10_000 if full else 300
    world.environment["YINUO_CONCURRENCY"] = "8"
    text = (HOME / "scripts" / PATH).read_text(encoding="utf-8")
    async with world:
        people = await fill(world.store, count, channels=("telegram",))
        await world.meet(people)
        await world.plan()
        await world.control("faults", point="slow", seconds=0.05)
        world.begin("work")
        turns, versions = 0, {}
        while not await world.idle():
            mark = MARKS[turns % len(MARKS)]
            async with world.store.write() as conn:
                version = await publish(conn, None, PATH, marked(text, mark), START, by="scorecard", why="line 20")
            versions[version] = mark
            turns += 1
            await asyncio.sleep(0.15)
            assert turns < 5_000
        rows = await world.rows(
            select(core.message.c.script_version_id, core.message.c.text, core.attempt.c.text.label("said"),
                   core.attempt.c.script_version_id.label("version"))
            .join(core.attempt, core.attempt.c.message_id == core.message.c.id)
            .where(core.attempt.c.outcome == "accepted")
        )  # fmt: skip
        told = await world.verdict()
        lines = Counter(line["text"] for line in world.ledger())
    used = Counter(row.version for row in rows)
    mixed = [row for row in rows if row.text != row.said or row.script_version_id != row.version
             or sum(mark in row.said for mark in MARKS) != (row.version in versions)
             or (row.version in versions and versions[row.version] not in row.said)]  # fmt: skip
    figure(20, f"{count} messages, {turns} publishings and rollbacks meanwhile: {len(used)} versions sent, "
               f"{len(mixed)} mixed; {told.words()}")  # fmt: skip
    assert turns > 3
    assert len(used) > 1
    assert mixed == []
    assert lines == Counter(row.said for row in rows)
    assert (told.lost, told.doubled) == (0, 0)


def marked(text: str, mark: str) -> str:
    """The shipped wording with a mark at its beginning and nothing else changed."""
    head, body = text.rsplit("---\n", 1)
    return f"{head}---\n{mark}{body}"

"""Drafts, the strict rendering for everybody, publication, on both databases."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from bot.flows import publishing, wordings
from bot.flows.publishing import Wish
from bot.flows.words import BadWording, read_files
from bot.settings import Settings
from bot.talk.scripts import parse_script
from store import core
from store import wordings as shelf

FILES = read_files(Settings().scripts)
WARM, FORMAL = "reminders/warm_4/zh-Hans.md", "reminders/formal_31/zh-Hans.md"


async def saved(room: Any, path: str, text: str, version: int = 0, who: str = "lin") -> int:
    async with room.house.store.write() as conn:
        return await wordings.save_draft(conn, None, path, text, version, who, room.house.clock.now())


async def test_untouched_a_wording_stays_byte_for_byte_and_needs_follow_the_slots() -> None:
    base = parse_script(WARM, FILES[WARM])
    same = wordings.Sentence(base.body, base.purpose, base.requires, base.fields)
    assert wordings.compose(base, same) == FILES[WARM]
    made = wordings.compose(base, replace(same, body="{{ owner }}，{{ total|money }}，{{ deadline|day }}。"))
    assert parse_script(WARM, made).needs == ("owner", "total", "deadline")


async def test_only_the_first_of_two_saves_counts(room: Any) -> None:
    await saved(room, WARM, FILES[WARM] + "一。\n")
    with pytest.raises(wordings.DraftTaken) as taken:
        await saved(room, WARM, FILES[WARM] + "二。\n", who="wu")
    assert taken.value.first.author == "lin"
    assert await saved(room, WARM, FILES[WARM] + "三。\n", version=1) == 2


async def test_everybody_who_would_be_told_by_it_is_tried_and_nobody_else(room: Any) -> None:
    tried = await publishing.who_fails(room.house, parse_script(WARM, FILES[WARM]), None, room.house.clock.now())
    assert (tried.looked, tried.could, tried.failed) == (5, 5, 0)
    english = "reminders/warm_4/en.md"
    nobody = await publishing.who_fails(room.house, parse_script(english, FILES[english]), None, room.house.clock.now())
    assert nobody.could == 0
    fact = "reminders/lawyer_after/zh-Hans.md"
    untold = await publishing.who_fails(room.house, parse_script(fact, FILES[fact]), None, room.house.clock.now())
    assert untold.could == 0


async def test_a_slot_that_the_step_does_not_fill_fails_for_everyone_by_name(room: Any) -> None:
    text = FILES[WARM].replace("needs: [", "needs: [case_no, ") + "编号{{ case_no }}。\n"
    tried = await publishing.who_fails(room.house, parse_script(WARM, text), None, room.house.clock.now())
    assert tried.failed == 5
    assert tried.names[0].code == "1-1-000"
    await saved(room, WARM, text)
    wish = Wish(None, WARM, 1, "x")
    with pytest.raises(BadWording, match="could not be told"):
        await publishing.publish_draft(room.house, wish, room.author, may_law=False)


async def test_a_draft_is_published_once_and_gone(room: Any) -> None:
    await saved(room, WARM, FILES[WARM] + "祝好。\n")
    wish = Wish(None, WARM, 1, "kinder")
    version = await publishing.publish_draft(room.house, wish, room.author, may_law=False)
    async with room.house.store.read() as conn:
        row = await wordings.current(conn, None, WARM)
        assert row.id == version
        assert await shelf.draft(conn, None, WARM) is None
        leaf = next(leaf for leaf in await wordings.tree(conn, None) if leaf.path == WARM)
    assert leaf.edited
    with pytest.raises(BadWording, match="no draft"):
        await publishing.publish_draft(room.house, wish, room.author, may_law=False)


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_formal_wording_is_published_by_the_second_person_alone(room: Any) -> None:
    await saved(room, FORMAL, FILES[FORMAL] + "谢谢。\n")
    wish = Wish(None, FORMAL, 1, "politer")
    with pytest.raises(BadWording, match="second person"):
        await publishing.publish_draft(room.house, wish, room.second, may_law=False)
    async with room.house.store.write() as conn:
        await publishing.hand_over(room.house, conn, wish, await room.town(), room.author, may_law=False)
    with pytest.raises(BadWording, match="own wording"):
        await publishing.publish_draft(room.house, wish, room.author, may_law=False)
    assert await publishing.publish_draft(room.house, wish, room.second, may_law=False) > 0


async def test_a_wording_without_all_languages_needs_a_declared_fallback(room: Any) -> None:
    async with room.house.store.write() as conn:
        gone = core.script_published.c.path.in_(("reminders/warm_4/en.md", "reminders/warm_4/en.sms.md",
                                                 "reminders/warm_4/en.wechat.md"))  # fmt: skip
        await conn.execute(delete(core.script_published).where(gone))
    await saved(room, WARM, FILES[WARM] + "祝好。\n")
    wish = Wish(None, WARM, 1, "kinder")
    with pytest.raises(BadWording, match="no wording in en"):
        await publishing.publish_draft(room.house, wish, room.author, may_law=False)
    assert await publishing.publish_draft(room.house, replace(wish, fallback=True), room.author, may_law=False) > 0

"""What staff press and say, and what an outsider is told."""

from datetime import date
from typing import Any

import pytest

from bot.talk.staff_commands import Command, read_command, read_fen, read_outcome
from store import core

GROUP = "-100200300"


async def carded(estate: Any, cause: str = "broken_promise", **more: Any) -> tuple[int, int]:
    account = await estate.flat("3-2-1201", **more)
    case = await estate.open(account, cause)
    await estate.tick()
    return account, case


async def test_the_claimer_gets_full_name_and_phone_in_private_and_the_look_is_journaled(estate: Any) -> None:
    _account, case = await carded(estate)
    text, loud = await estate.press("赵一", f"c:{case}:0:claim", chat=GROUP)
    assert (text, loud) == (f"#{case} 归您了，详情已发到私聊。", False)
    details = estate.private("赵一")[0].text
    assert "王小明" in details
    assert "+8613800" in details
    assert "486元" in details
    assert "怎么说：" in details
    assert all("王小明" not in out.text for out in estate.telegram.to(GROUP))
    looks = await estate.rows(core.journal_entry, core.journal_entry.c.kind == "look")
    assert [(row.subject, row.who) for row in looks] == [(f"case:{case}", f"staff:{estate.staff['赵一'].id}")]
    assert "looked" in await estate.events(case)


async def test_an_outsider_is_told_in_private_how_to_be_linked_and_nothing_moves(estate: Any) -> None:
    _account, case = await carded(estate)
    text, loud = await estate.press("999", f"c:{case}:0:claim", chat=GROUP)
    assert loud
    assert "一次性登记码" in text
    assert (await estate.case(case)).state == "open"
    assert len(estate.telegram.to(GROUP)) == 1


async def test_staff_of_another_community_are_outsiders_here(estate: Any) -> None:
    other = await estate.row(
        core.community, name="他处", timezone="Asia/Shanghai", locale="zh-Hans", region="mainland", service_phone="",
        office_hours="", contact_person="", pay_ways="", profile="{}", policy="{}", heading_map="{}", released_by="",
        created_at=estate.clock.now(),
    )  # fmt: skip
    await estate.hire("吴五", "assistant", "777", community_id=other)
    _account, case = await carded(estate)
    text, loud = await estate.press("吴五", f"c:{case}:0:claim", chat=GROUP)
    assert loud
    assert "登记码" in text
    await estate.press("吴五", f"c:{case}:0:claim")
    assert (await estate.case(case)).state == "open"


async def test_a_stale_press_is_told_what_happened_since(estate: Any) -> None:
    _account, case = await carded(estate)
    await estate.press("赵一", f"c:{case}:0:claim", chat=GROUP)
    text, _loud = await estate.press("孙三", f"c:{case}:0:resolve", chat=GROUP)
    assert "11-25 10:00 赵一 认领" in text
    text, _loud = await estate.press("钱二", f"c:{case}:1:resolve", chat=GROUP)
    assert text == f"#{case} 在 赵一 手上。"


async def test_a_reply_to_the_card_becomes_a_note_and_other_chatter_does_not(estate: Any) -> None:
    _account, case = await carded(estate)
    await estate.hear("赵一", "今晚吃什么", chat=GROUP)
    await estate.hear("赵一", "业主说周五在家", chat=GROUP, reply_to="1000")
    notes = await estate.rows(core.case_event, core.case_event.c.kind == "noted")
    assert [(row.case_id, row.note) for row in notes] == [(case, "业主说周五在家")]


async def test_a_group_that_is_not_ours_is_not_answered(estate: Any) -> None:
    await estate.hear("赵一", "今日", chat="-42")
    assert estate.telegram.sent == []


async def test_a_new_promise_is_said_back_before_it_counts(estate: Any) -> None:
    account, case = await carded(estate)
    await estate.press("赵一", f"c:{case}:0:claim", chat=GROUP)
    await estate.press("赵一", f"c:{case}:1:promise", chat=GROUP)
    assert "业主说哪天缴" in estate.private("赵一")[-1].text
    await estate.hear("赵一", "下周五缴300块")
    assert "2026年12月4日（周五）缴300元" in estate.private("赵一")[-1].text
    assert await estate.rows(core.promise) == []
    await estate.hear("赵一", "不")
    await estate.hear("赵一", "12月3号，300元")
    await estate.hear("赵一", "是")
    (word,) = await estate.rows(core.promise)
    assert (word.account_id, word.amount_fen, word.due_on, word.state) == (account, 30_000, date(2026, 12, 3), "open")
    assert word.by_staff_id == estate.staff["赵一"].id
    row = await estate.case(case)
    assert (row.state, row.outcome) == ("resolved", "new_promise")


async def test_a_promise_beyond_the_policy_is_not_taken(estate: Any) -> None:
    _account, case = await carded(estate)
    await estate.press("赵一", f"c:{case}:0:promise")
    await estate.hear("赵一", "2027年3月1日")
    await estate.hear("赵一", "是")
    assert await estate.rows(core.promise) == []
    assert "2026-12-26" in estate.private("赵一")[-1].text


async def test_contacted_asks_the_way_and_counts_the_call(estate: Any) -> None:
    account, case = await carded(estate)
    await estate.press("赵一", f"c:{case}:0:contacted", chat=GROUP)
    keys = estate.private("赵一")[-1].buttons
    assert [b.label for row in keys for b in row] == ["电话", "上门", "没接通", "纸质送达"]
    await estate.press("赵一", keys[0][0].data)
    await estate.hear("赵一", "说周末来前台")
    (contact,) = await estate.rows(core.human_contact)
    assert (contact.account_id, contact.way) == (account, "call")
    assert (await estate.rows(core.case_event, core.case_event.c.kind == "noted"))[0].note == "说周末来前台"


async def test_cash_typed_in_plain_words_is_entered_once(estate: Any) -> None:
    account, case = await carded(estate)
    await estate.hear("赵一", "收现金 3-2-1201 486", chat=GROUP)
    (paid,) = await estate.rows(core.payment)
    assert (paid.account_id, paid.amount_fen, paid.way) == (account, 48_600, "cash")
    assert "还欠0元" in estate.telegram.to(GROUP)[-1].text
    await estate.tick()
    assert (await estate.case(case)).outcome == "paid"


async def test_a_unit_is_shown_masked_in_the_group_and_in_full_only_in_private(estate: Any) -> None:
    await carded(estate)
    await estate.hear("赵一", "欠费 3-2-1201", chat=GROUP)
    group = estate.telegram.to(GROUP)[-1].text
    assert "王**" in group
    assert "486" not in group
    await estate.hear("赵一", "欠费 3-2-1201")
    private = estate.private("赵一")[-1].text
    assert "王小明" in private
    assert "486元" in private
    looks = await estate.rows(core.journal_entry, core.journal_entry.c.kind == "look")
    assert len(looks) == 1


async def test_commands_in_plain_words(estate: Any) -> None:
    _account, case = await carded(estate)
    await estate.hear("赵一", f"认领 {case}")
    assert (await estate.case(case)).claimed_by == estate.staff["赵一"].id
    await estate.hear("赵一", "我的工单")
    assert f"#{case} 3-2-1201" in estate.private("赵一")[-1].text
    await estate.hear("赵一", f"延后 {case} 下周一")
    assert (await estate.case(case)).state == "snoozed"
    await estate.hear("赵一", f"移交 {case} 钱二")
    assert (await estate.case(case)).claimed_by == estate.staff["钱二"].id
    await estate.hear("钱二", f"解决 {case} 忘了")
    assert (await estate.case(case)).outcome == "forgot"
    await estate.hear("钱二", "今日")
    assert "今天" in estate.private("钱二")[-1].text
    await estate.hear("钱二", "天气真好")
    assert "可以这样说" in estate.private("钱二")[-1].text


async def test_a_unit_nobody_knows_is_said_so(estate: Any) -> None:
    await estate.hear("赵一", "查 9-9-999")
    assert "没有找到 9-9-999" in estate.private("赵一")[-1].text


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("今日", Command("today")),
        ("my cases", Command("mine")),
        ("查 3-2-1201室", Command("find", unit="3-2-1201")),
        ("what does 3-2-1201 owe", Command("owes", unit="3-2-1201")),
        ("收现金 3-2-1201 1,200.50", Command("cash", unit="3-2-1201", fen=120_050)),
        ("备注 #12 约了周五", Command("note", case=12, rest="约了周五")),
        ("snooze until 12 next monday", Command("snooze", case=12, rest="next monday")),
        ("今日天气不错", None),
        ("查一下天气", None),
        ("", None),
    ],
)
def test_a_command_is_told_from_chatter(text: str, command: Command | None) -> None:
    assert read_command(text) == command


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("已缴", "paid"), ("业主拒缴了", "refuses"), ("号码不对", "wrong_number"), ("房子卖了", "moved"), ("嗯", None),
     ("dispute_upheld", "dispute_upheld"), ("減免", "waiver")],
)  # fmt: skip
def test_an_outcome_is_read_by_its_longest_word(text: str, outcome: str | None) -> None:
    assert read_outcome(text) == outcome


def test_sums_are_yuan_in_whole_fen() -> None:
    assert read_fen("¥1,200.5") == 120_050
    assert read_fen("486元") == 48_600
    assert read_fen("0") is None
    assert read_fen("12.345") is None

"""The card in the group: masked, edited in place, healed when it is deleted; a robot's group gets news instead."""

from datetime import date, timedelta
from typing import Any

from bot.flows import cards, cases
from store import core

GROUP, ROBOT = "-100200300", "robot-key-1"


async def broken(estate: Any, **more: Any) -> tuple[int, int]:
    account = await estate.flat("3-2-1201", fen=62_000, **more)
    await estate.promise(account, 50_000, date(2026, 11, 24))
    return account, await estate.open(account, detail={"text": "在医院陪母亲"})


async def test_a_broken_promise_comes_as_one_masked_card(estate: Any) -> None:
    _account, case = await broken(estate)
    await estate.tick()
    (card,) = estate.telegram.posts(GROUP)
    assert card.text == (
        f"#{case} 承诺未兑现\n3-2-1201　王**\n欠 ¥500–1,000，逾期25天\n承诺：11月24日缴500元\n待认领\n责任人：赵一"
    )
    assert [b.label for row in card.buttons for b in row] == ["认领", "已联系", "新承诺", "延后", "解决"]
    assert card.buttons[0][0].data == f"c:{case}:0:claim"
    assert "王小明" not in card.text
    assert "医院" not in card.text
    assert "620" not in card.text


async def test_the_card_is_edited_in_place_as_the_case_moves(estate: Any) -> None:
    _account, case = await broken(estate)
    await estate.tick()
    await estate.press("赵一", f"c:{case}:0:claim", chat=GROUP)
    sent = estate.telegram.to(GROUP)
    assert len(sent) == 2
    assert sent[1].edits == "1000"
    assert "赵一 处理中，至 11-26 10:00" in sent[1].text
    assert sent[1].buttons[0][0].data == f"c:{case}:1:contacted"
    assert (await estate.case(case)).card_message_id is not None


async def test_a_move_before_the_card_left_rewords_the_card_instead_of_editing_it(estate: Any) -> None:
    from bot.flows.alerts import alert
    from bot.flows.dispatch import drain

    _account, case = await broken(estate)
    await alert(estate.house)
    async with estate.house.store.write() as conn:
        await cases.claim(estate.house, conn, case, 0, estate.staff["钱二"], estate.clock.now())
    await drain(estate.house)
    (card,) = estate.telegram.to(GROUP)
    assert card.edits is None
    assert "钱二 处理中" in card.text


async def test_two_moves_before_an_edit_left_are_one_edit(estate: Any) -> None:
    from bot.flows.dispatch import drain

    _account, case = await broken(estate)
    await estate.tick()
    async with estate.house.store.write() as conn:
        who = estate.staff["钱二"]
        await cases.claim(estate.house, conn, case, 0, who, estate.clock.now())
        await cases.note_case(estate.house, conn, case, who, "打过电话", estate.clock.now())
        await cases.resolve(estate.house, conn, case, None, who.id, "forgot", estate.clock.now())
    await drain(estate.house)
    edits = [out for out in estate.telegram.to(GROUP) if out.edits]
    assert len(edits) == 1
    assert "已解决：忘了" in edits[0].text
    assert edits[0].buttons == ()


async def test_the_card_of_a_community_goes_to_its_topic(estate: Any) -> None:
    await estate.set(core.staff_group, estate.group, topics=f'{{"{estate.community}": 77}}')
    await broken(estate)
    await estate.tick()
    assert estate.telegram.posts(GROUP)[0].thread == 77


async def test_a_robots_group_gets_a_message_for_each_move_that_matters_with_a_link(estate: Any) -> None:
    await estate.add_group("wecom", ROBOT)
    _account, case = await broken(estate)
    await estate.tick()
    await estate.press("赵一", f"c:{case}:0:claim", chat=GROUP)
    await estate.hear("赵一", f"备注 {case} 打过电话")
    news = estate.wecom.to(ROBOT)
    assert [out.text.split("\n")[0] for out in news] == ["【新工单】", "【认领】"]
    url = news[1].buttons[0][0].url
    token = url.partition("t=")[2]
    now = estate.clock.now()
    assert cards.read_case_token(estate.house, token, now) == (case, 1)
    assert cards.read_case_token(estate.house, token[:-1] + "0", now) in (None, (case, 1))
    assert cards.read_case_token(estate.house, token.replace(f"{case}.", "9."), now) is None
    assert cards.read_case_token(estate.house, token, now + timedelta(days=8)) is None


async def test_an_english_community_reads_english_cards(estate: Any) -> None:
    await estate.set(core.community, estate.community, locale="en")
    _account, case = await broken(estate)
    await estate.tick()
    assert estate.telegram.posts(GROUP)[0].text.startswith(f"#{case} Promise broken\n3-2-1201  王**\nOwes ¥500–1,000")

"""Bad luck with the group: it heals, or the admins hear of it within a minute; no case is lost."""

import json
from datetime import timedelta
from typing import Any

from channels.contract import Passing, Permanent
from store import core

GROUP, ROBOT, NEW = "-100200300", "robot-key-1", "-100999"


async def group(estate: Any) -> Any:
    return (await estate.rows(core.staff_group, core.staff_group.c.id == estate.group))[0]


async def test_a_group_that_became_a_supergroup_gets_the_card_at_its_new_address(estate: Any) -> None:
    estate.telegram.refuse[GROUP] = Permanent("the group became a supergroup", "address", moved_to=NEW)
    await estate.open(await estate.flat())
    await estate.tick()
    assert len(estate.telegram.posts(NEW)) == 1


async def test_a_deleted_topic_sends_the_card_to_the_group_itself(estate: Any) -> None:
    await estate.set(core.staff_group, estate.group, topics=json.dumps({str(estate.community): 77}))
    estate.telegram.refuse[GROUP] = Permanent("Bad Request: message thread not found", "request")
    real = estate.telegram.send

    async def send(out: Any) -> Any:
        if out.thread is None:
            estate.telegram.refuse.pop(GROUP, None)
        return await real(out)

    estate.telegram.send = send
    await estate.open(await estate.flat())
    await estate.tick()
    (card,) = estate.telegram.posts(GROUP)
    assert card.thread is None
    assert json.loads((await group(estate)).topics) == {}


async def test_a_deleted_card_is_put_up_again(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    await estate.tick()
    estate.telegram.refuse_edit["1000"] = Permanent("Bad Request: message to edit not found", "request")
    await estate.press("赵一", f"c:{case}:0:claim", chat=GROUP)
    cards = estate.telegram.posts(GROUP)
    assert len(cards) == 2
    assert "赵一 处理中" in cards[1].text
    await estate.hear("赵一", f"备注 {case} 打过")
    edits = [out for out in estate.telegram.to(GROUP) if out.edits]
    assert [out.edits for out in edits] != ["1000"]


async def test_a_bot_put_out_alarms_the_admins_at_once_and_cases_go_on_in_private(estate: Any) -> None:
    await estate.hire("管理员", "admin", "590")
    case = await estate.open(await estate.flat(assistant=estate.staff["赵一"].id))
    estate.telegram.refuse[GROUP] = Permanent("Forbidden: bot was kicked from the supergroup chat", "address")
    await estate.tick()
    assert "工作群（telegram）发不出消息" in estate.private("管理员")[0].text
    assert (await group(estate)).trouble
    await estate.tick()
    other = await estate.open(await estate.flat(assistant=estate.staff["赵一"].id))
    await estate.tick()
    await estate.tick()
    assert any(f"#{other} " in out.text for out in estate.private("赵一"))
    del estate.telegram.refuse[GROUP]
    await estate.at(estate.clock.at + timedelta(minutes=11))
    await estate.at(estate.clock.at + timedelta(minutes=1))
    assert not (await group(estate)).trouble
    text = "\n".join(out.text for out in estate.telegram.posts(GROUP))
    assert f"#{case} " in text
    assert f"#{other} " in text
    resolved = await estate.rows(core.case_, core.case_.c.cause == "group_trouble")
    assert [row.outcome for row in resolved] == ["healed"]


async def test_removed_and_let_in_again_by_its_own_events(estate: Any) -> None:
    await estate.open(await estate.flat())
    await estate.tick()
    await estate.hear("赵一", "", kind="left_group", chat=GROUP)
    assert (await group(estate)).trouble
    await estate.hear("赵一", "", kind="joined_group", chat=GROUP)
    assert not (await group(estate)).trouble
    assert len(estate.telegram.posts(GROUP)) == 2


async def test_a_revoked_robot_key_alarms_the_admins(estate: Any) -> None:
    await estate.hire("管理员", "admin", "590")
    await estate.add_group("wecom", ROBOT)
    estate.wecom.refuse[ROBOT] = Permanent("93000", "sender")
    await estate.open(await estate.flat())
    await estate.tick()
    assert "工作群（wecom）" in estate.private("管理员")[0].text
    assert len(estate.telegram.posts(GROUP)) == 1


async def test_a_colleague_who_blocked_the_bot_is_passed_over_and_heard_again(estate: Any) -> None:
    await estate.open(await estate.flat(assistant=estate.staff["赵一"].id))
    await estate.tick()
    estate.telegram.refuse["501"] = Permanent("Forbidden: bot was blocked by the user", "address")
    await estate.at(estate.clock.at + timedelta(hours=2))
    await estate.tick()
    assert "赵一 收不到我的私聊" in estate.private("孙三")[0].text
    assert "能请您看一下吗" in estate.private("钱二")[0].text
    del estate.telegram.refuse["501"]
    await estate.hear("赵一", "今日")
    assert (await estate.rows(core.staff_contact, core.staff_contact.c.staff_id == estate.staff["赵一"].id))[
        0
    ].dead_reason is None
    assert len(estate.private("赵一")) == 1


async def test_a_429_on_the_group_only_waits(estate: Any) -> None:
    estate.telegram.refuse[GROUP] = Passing("slow down", retry_after=0.0)
    await estate.open(await estate.flat())
    from bot.flows.alerts import alert
    from bot.flows.dispatch import dispatch

    await alert(estate.house)
    await dispatch(estate.house, "telegram")
    (card,) = await estate.rows(core.message)
    assert card.state == "queued"
    del estate.telegram.refuse[GROUP]
    await estate.tick()
    assert len(estate.telegram.posts(GROUP)) == 1
    assert not (await group(estate)).trouble

"""Nothing sleeps forever: climbing alerts at their exact minute, lapses, nights, and five hundred at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.flows.alerts import alert
from bot.flows.day import day_ticks
from store import core
from store import staff as people

GROUP = "-100200300"


def local(day: int, clock: str) -> datetime:
    """An instant of November 2026 by Shanghai's clock."""
    hour, minute, second = map(int, f"{clock}:0".split(":")[:3])
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


def told(estate: Any, name: str) -> int:
    return len(estate.private(name))


async def test_nobody_claims_so_assistant_next_and_supervisor_hear_at_their_minutes(estate: Any) -> None:
    await estate.open(await estate.flat(assistant=estate.staff["赵一"].id))
    await estate.tick()
    await estate.at(local(25, "11:59:59"))
    assert told(estate, "赵一") == 0
    await estate.at(local(25, "12:00"))
    assert "您是责任人" in estate.private("赵一")[0].text
    await estate.at(local(25, "13:59:59"))
    assert told(estate, "钱二") == 0
    await estate.at(local(25, "14:00"))
    assert "能请您看一下吗" in estate.private("钱二")[0].text
    await estate.at(local(26, "09:59:59"))
    assert told(estate, "孙三") == 0
    await estate.at(local(26, "10:00"))
    assert "需要您安排" in estate.private("孙三")[0].text
    await estate.at(local(27, "10:00"))
    assert told(estate, "孙三") == 2


async def test_the_alerts_count_working_minutes_only(estate: Any) -> None:
    estate.clock.at = local(27, "17:00")
    await estate.open(await estate.flat(assistant=estate.staff["赵一"].id))
    await estate.tick()
    await estate.at(local(28, "12:00"))
    await estate.at(local(30, "09:59:59"))
    assert told(estate, "赵一") == 0
    await estate.at(local(30, "10:00"))
    assert told(estate, "赵一") == 1


async def test_an_urgent_case_climbs_in_thirty_and_sixty_minutes(estate: Any) -> None:
    await estate.open(await estate.flat(assistant=estate.staff["赵一"].id), "visit", urgent=True)
    await estate.tick()
    await estate.at(local(25, "10:30"))
    assert told(estate, "赵一") == 1
    await estate.at(local(25, "11:00"))
    assert any("需要您安排" in out.text for out in estate.private("孙三"))


async def test_a_silent_claimer_is_reminded_and_the_claim_lapses_at_the_exact_minute(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    await estate.at(local(25, "10:07"))
    await estate.press("钱二", f"c:{case}:0:claim", chat=GROUP)
    before = told(estate, "钱二")
    await estate.at(local(25, "17:06:59"))
    assert told(estate, "钱二") == before
    await estate.at(local(25, "17:07"))
    assert "还没有进展" in estate.private("钱二")[-1].text
    await estate.at(local(26, "10:06:59"))
    assert (await estate.case(case)).state == "claimed"
    done = await estate.at(local(26, "10:07"))
    assert done.lapsed == 1
    row = await estate.case(case)
    assert (row.state, row.claimed_by) == ("open", None)
    assert any(
        out.text.endswith("钱二 的认领已过期，重新待认领。") and out.reply_to for out in estate.telegram.posts(GROUP)
    )
    await estate.at(local(26, "12:07"))
    assert any("您是责任人" in out.text for out in estate.private("赵一"))


async def test_a_note_by_the_claimer_keeps_the_claim(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    await estate.tick()
    await estate.press("钱二", f"c:{case}:0:claim", chat=GROUP)
    await estate.at(local(25, "16:00"))
    await estate.hear("钱二", f"备注 {case} 约了明天上门")
    await estate.at(local(26, "10:01"))
    assert (await estate.case(case)).state == "claimed"
    assert (await estate.case(case)).claimed_until == local(26, "16:00")


async def test_a_case_of_the_night_waits_for_the_morning_and_has_its_owner_already(estate: Any) -> None:
    estate.clock.at = local(25, "23:59:59")
    case = await estate.open(await estate.flat())
    await estate.tick()
    await estate.at(local(26, "08:59"))
    assert estate.telegram.sent == []
    assert (await estate.case(case)).assistant_id is not None


async def test_a_case_of_the_night_is_carded_when_no_morning_list_comes(estate: Any) -> None:
    estate.clock.at = local(25, "23:00")
    case = await estate.open(await estate.flat())
    await estate.tick()
    await estate.at(local(26, "09:00"))
    assert estate.telegram.sent == []
    await estate.at(local(26, "09:10"))
    assert f"#{case}" in estate.telegram.posts(GROUP)[0].text


async def test_a_second_broken_promise_goes_straight_to_the_supervisor(estate: Any) -> None:
    await estate.open(await estate.flat(), "second_broken_promise")
    await estate.tick()
    assert "需要您安排" in estate.private("孙三")[0].text
    assert "承诺再次未兑现" in estate.telegram.posts(GROUP)[0].text


async def test_five_hundred_at_once_keep_the_post_budget_and_every_case_is_reachable(estate: Any) -> None:
    account = await estate.flat()
    async with estate.house.store.write() as conn:
        from bot.flows.cases import open_case

        for n in range(500):
            await open_case(conn, community_id=estate.community, cause="broken_promise", now=estate.clock.now(),
                            account_id=account, subject=f"account:{account}:{n}")  # fmt: skip
    await estate.tick()
    posts = estate.telegram.posts(GROUP)
    assert len(posts) == 2
    assert "新工单 500 件" in posts[0].text
    reachable: set[int] = set()
    keys = posts[1].buttons
    for _page in range(25):
        flat = [b.data for row in keys for b in row]
        reachable |= {int(data[2:]) for data in flat if data.startswith("o:")}
        more = [b.data for row in keys for b in row if b.label.startswith("下一页")]
        if not more:
            break
        estate.clock.at += timedelta(seconds=10)
        await estate.press("赵一", more[0], chat=GROUP, message_id="1001")
        keys = estate.telegram.to(GROUP)[-1].buttons
    assert len(reachable) == 500
    await estate.at(local(25, "12:10"))
    await estate.at(local(25, "14:10"))
    assert told(estate, "赵一") == 1
    async with estate.house.store.read() as conn:
        assert await people.busiest_minute(conn) <= 20


async def test_thirty_presses_in_a_minute_never_bring_more_than_twenty_posts(estate: Any) -> None:
    ids = [await estate.open(await estate.flat()) for _ in range(30)]
    await estate.tick()
    for case in ids:
        await estate.press("赵一", f"o:{case}", chat=GROUP)
    for _ in range(3):
        await estate.at(estate.clock.at + timedelta(seconds=61))
    stamps = sorted(at for at, out in estate.telegram.sent if out.to == GROUP)
    assert len(stamps) >= 32
    assert max(sum(1 for other in stamps if at <= other < at + timedelta(minutes=1)) for at in stamps) <= 20


async def opens(estate: Any, day: int) -> None:
    """Nine o'clock of a day in December: the morning list first, then what falls due with the opening."""
    estate.clock.at = datetime(2026, 12, day, 1, 0, tzinfo=UTC)
    await day_ticks(estate.house)
    await estate.tick()


async def test_a_dispute_not_answered_reminds_and_then_reaches_the_supervisor(estate: Any) -> None:
    case = await estate.open(await estate.flat(), "dispute")
    await estate.tick()
    await estate.press("赵一", f"c:{case}:0:claim", chat=GROUP)
    await estate.hear("赵一", f"延后 {case} 12月24日")
    await estate.at(datetime(2026, 12, 2, 0, 59, tzinfo=UTC))
    assert not any("已到办结时间" in out.text for out in estate.private("赵一"))
    await opens(estate, 2)
    assert any("已到办结时间" in out.text for out in estate.private("赵一"))
    await estate.at(datetime(2026, 12, 10, 0, 59, tzinfo=UTC))
    assert told(estate, "孙三") == 0
    await opens(estate, 10)
    assert "已到办结时间" in estate.private("孙三")[0].text


async def test_who_is_off_or_cannot_be_reached_is_passed_over(estate: Any) -> None:
    await estate.hire("周四", "assistant", rota=0)
    case = await estate.open(await estate.flat(assistant=estate.staff["周四"].id))
    await estate.tick()
    await estate.at(local(25, "12:00"))
    await estate.tick()
    assert any("能请您看一下吗" in out.text for out in estate.private("赵一"))
    notes = [row.note for row in await estate.rows(core.case_event, core.case_event.c.case_id == case)]
    assert "assistant (not reached)" in notes


async def test_two_ticks_at_once_card_a_case_once(estate: Any) -> None:
    import asyncio

    from bot.flows.dispatch import drain

    await estate.open(await estate.flat())
    await asyncio.gather(alert(estate.house), alert(estate.house))
    await drain(estate.house)
    assert len(estate.telegram.posts(GROUP)) == 1

"""The day in the group: the morning list, the report with its picture, once each, never on a day of rest."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.flows.daily_report import daily_report
from bot.flows.day import day_ticks, next_day_tick
from bot.flows.dispatch import drain
from bot.flows.ledger import pay
from store import core, ledger

GROUP = "-100200300"


def local(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


async def ticks(estate: Any, at: datetime) -> int:
    estate.clock.at = at
    done = await day_ticks(estate.house)
    await estate.tick()
    return int(done)


async def test_a_promise_broken_in_the_night_is_in_the_morning_list_with_a_way_to_its_card(estate: Any) -> None:
    estate.clock.at = local(25, "23:59")
    account = await estate.flat("3-2-1201")
    await estate.promise(await estate.flat("3-2-1202", owner="李四"), 30_000, date(2026, 11, 26), "open")
    case = await estate.open(account)
    await estate.tick()
    assert await ticks(estate, local(26, "08:59")) == 0
    assert await ticks(estate, local(26, "09:00")) == 1
    (said,) = estate.telegram.posts(GROUP)
    assert "今日到期的承诺：1" in said.text
    assert "昨晚以来的新工单：1" in said.text
    assert "3-2-1202 李** 300元" in said.text
    assert f"#{case} 3-2-1201 王** 承诺未兑现" in said.text
    assert said.buttons[0][0].data == f"o:{case}"
    await estate.press("赵一", f"o:{case}", chat=GROUP)
    assert estate.telegram.posts(GROUP)[-1].buttons[0][0].data == f"c:{case}:0:claim"
    await ticks(estate, local(26, "11:00"))
    assert any("您是责任人" in out.text for out in estate.private("赵一"))


async def test_a_charge_about_to_lose_its_claim_is_in_the_morning_list(estate: Any) -> None:
    await estate.flat("3-2-1201", due=date(2023, 12, 10))
    await estate.flat("3-2-1202", due=date(2024, 1, 20))
    await ticks(estate, local(26, "09:00"))
    (said,) = estate.telegram.posts(GROUP)
    assert "时效快到" in said.text
    assert "3-2-1201 物业费 2026年7至9月：2026年12月10日止，还剩14天" in said.text
    assert "3-2-1202" not in said.text, "ninety days are for the console, thirty for the morning"


async def test_list_and_report_come_once_a_day_whoever_ticks(estate: Any) -> None:
    assert await ticks(estate, local(26, "09:00")) == 1
    assert await ticks(estate, local(26, "09:01")) == 0
    assert await ticks(estate, local(26, "18:00")) == 1
    assert await ticks(estate, local(26, "18:05")) == 0
    texts = [out.text for out in estate.telegram.posts(GROUP)]
    assert sum("早上好" in text for text in texts) == 1
    assert sum("收缴日报" in text for text in texts) == 1


async def test_nothing_comes_on_a_day_of_rest(estate: Any) -> None:
    assert await ticks(estate, local(28, "09:00")) == 0
    assert await ticks(estate, local(28, "18:00")) == 0
    assert await next_day_tick(estate.house, local(27, "18:00")) == local(30, "09:00")
    assert await next_day_tick(estate.house, local(30, "09:00")) == local(30, "18:00")


async def test_a_night_of_many_cases_is_one_list_with_pages(estate: Any) -> None:
    estate.clock.at = local(25, "22:00")
    for _ in range(45):
        await estate.open(await estate.flat())
    await estate.tick()
    await ticks(estate, local(26, "09:00"))
    posts = estate.telegram.posts(GROUP)
    assert len(posts) == 2
    assert "… +33" in posts[0].text
    assert "45 件（1/3）" in posts[1].text
    assert len(posts[0].text) < 4096


async def test_the_report_counts_what_happened_today(estate: Any) -> None:
    one, two = await estate.flat(fen=100_000), await estate.flat(fen=100_000)
    estate.clock.at = local(24, "15:00")
    async with estate.house.store.write() as conn:
        await pay(conn, account_id=one, community_id=estate.community, amount_fen=30_000, way="cash",
                  paid_on=date(2026, 11, 24), source="t", external_ref="1", now=estate.clock.now())  # fmt: skip
    estate.clock.at = local(25, "11:00")
    async with estate.house.store.write() as conn:
        await pay(conn, account_id=two, community_id=estate.community, amount_fen=70_000, way="cash",
                  paid_on=date(2026, 11, 25), source="t", external_ref="2", now=estate.clock.now())  # fmt: skip
    word = await estate.promise(one, 70_000, date(2026, 11, 24))
    await estate.row(core.promise_outcome, promise_id=word, outcome="broken", paid_fen=0, at=estate.clock.now(),
                     detail="")  # fmt: skip
    case = await estate.open(one)
    await estate.tick()
    await estate.press("赵一", f"c:{case}:0:call", chat=GROUP)
    async with estate.house.store.read() as conn:
        town = estate.house.town((await ledger.communities(conn))[0])
        report = await daily_report(conn, town, date(2026, 11, 25))
    assert (report.collected_fen, report.payments, report.period_fen) == (70_000, 1, 100_000)
    assert report.rate_bp == 5_000
    assert report.promises["broken"] == 1
    assert report.contacts == {"call": 1}
    assert (report.opened, report.resolved, report.left) == (1, 0, 1)
    assert report.by_day[-2:] == (("2026-11-24", 30_000), ("2026-11-25", 70_000))
    assert json.loads(json.dumps(report.json()))["difficulties"] == {"broken_promise": 1}
    await ticks(estate, local(25, "18:00"))
    text, picture = estate.telegram.posts(GROUP)[-2:]
    assert "今日收缴 700元（1 笔），本期累计 1,000元，收缴率 50.0%" in text.text
    assert "电话 1" in text.text
    assert "承诺未兑现 1" in text.text
    assert "王小明" not in text.text
    assert picture.picture is not None
    assert picture.picture.startswith(b"\x89PNG")


async def test_what_comes_after_the_report_is_in_the_next_one(estate: Any) -> None:
    account = await estate.flat(fen=100_000)
    estate.clock.at = local(27, "20:00")
    async with estate.house.store.write() as conn:
        await pay(conn, account_id=account, community_id=estate.community, amount_fen=30_000, way="wechat",
                  paid_on=date(2026, 11, 27), source="t", external_ref="1", now=estate.clock.now())  # fmt: skip
    word = await estate.promise(account, 30_000, date(2026, 11, 27))
    await estate.row(core.promise_outcome, promise_id=word, outcome="kept", paid_fen=30_000, at=estate.clock.now(),
                     detail="")  # fmt: skip
    async with estate.house.store.read() as conn:
        town = estate.house.town((await ledger.communities(conn))[0])
        friday = await daily_report(conn, town, date(2026, 11, 27))
        monday = await daily_report(conn, town, date(2026, 11, 30))
    assert (friday.collected_fen, friday.late_fen, friday.promises["kept"]) == (30_000, 0, 0)
    assert (monday.collected_fen, monday.late_fen, monday.promises["kept"]) == (0, 30_000, 1)
    await ticks(estate, local(30, "18:00"))
    assert "另有此前缴的 300元 今日入账" in estate.telegram.posts(GROUP)[-2].text


async def test_a_robots_group_gets_the_report_as_text(estate: Any) -> None:
    await estate.add_group("wecom", "robot-key-1")
    await ticks(estate, local(25, "18:00"))
    assert [out.picture for out in estate.wecom.to("robot-key-1")] == [None]
    await drain(estate.house)


async def test_hours_of_its_own_move_the_list(estate: Any) -> None:
    hours = {"staff_hours": {"workday": ["08:30-12:00", "13:30-17:30"], "rest": ["10:00-12:00"]}}
    await estate.set(core.community, estate.community, profile=json.dumps(hours))
    assert await ticks(estate, local(26, "08:30")) == 1
    assert await ticks(estate, local(26, "17:30")) == 1
    assert await ticks(estate, local(28, "10:00")) == 1

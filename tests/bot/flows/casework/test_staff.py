"""Staff: added, linked by a one-time code, responsible, and leaving nothing without an owner."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.flows import staff
from store import core

GROUP = "-100200300"


async def test_a_code_links_one_private_chat_once(estate: Any) -> None:
    async with estate.house.store.write() as conn:
        now = estate.clock.now()
        await staff.add_staff(estate.house, conn, "新人", "front_desk", estate.community, now)
        code = await staff.link_code(estate.house, conn, "新人", now)
    await estate.hear("700", code.lower())
    assert "新人，您好，已登记" in estate.telegram.to("700")[0].text
    await estate.hear("701", code)
    assert not any("已登记" in out.text for out in estate.telegram.to("701"))
    async with estate.house.store.read() as conn:
        lines = await staff.list_staff(conn, estate.community)
    new = next(line for line in lines if line.name == "新人")
    assert (new.role, new.linked, new.community) == ("front_desk", ("telegram",), "云杉苑")
    codes = await estate.rows(core.bind_code)
    assert code.encode() not in codes[0].code_index


async def test_a_code_is_void_after_a_day_and_in_a_group(estate: Any) -> None:
    async with estate.house.store.write() as conn:
        code = await staff.link_code(estate.house, conn, "赵一", estate.clock.now())
    await estate.hear("700", code, chat=GROUP)
    estate.clock.at += timedelta(hours=24)
    await estate.hear("700", code)
    assert not any("已登记" in out.text for out in estate.telegram.to("700"))


async def test_wrong_names_roles_and_hours_are_refused_with_a_reason(estate: Any) -> None:
    now = estate.clock.now()
    async with estate.house.store.write() as conn:
        with pytest.raises(staff.StaffError, match="no role"):
            await staff.add_staff(estate.house, conn, "甲", "boss", None, now)
        with pytest.raises(staff.StaffError, match="unique"):
            await staff.add_staff(estate.house, conn, "赵一", "assistant", None, now)
        with pytest.raises(ValueError, match="no span"):
            await staff.add_staff(estate.house, conn, "乙", "assistant", None, now, hours={"mon": ["9-5"]})
        with pytest.raises(staff.StaffError, match="nobody on the staff"):
            await staff.link_code(estate.house, conn, "丙", now)


async def test_the_nearest_responsibility_wins(estate: Any) -> None:
    await estate.hire("周四", "assistant", "509")
    account = await estate.flat("5-1-0101")
    other, far = await estate.flat("5-1-0102"), await estate.flat("6-1-0101")
    now = estate.clock.now()
    async with estate.house.store.write() as conn:
        await staff.make_responsible(conn, "钱二", estate.community, now)
        await staff.make_responsible(conn, "赵一", estate.community, now, building="5")
        await staff.make_responsible(conn, "周四", estate.community, now, account_id=account)
    ids = [await estate.open(a) for a in (account, other, far)]
    await estate.tick()
    mine = [(await estate.case(case)).assistant_id for case in ids]
    assert mine == [estate.staff[name].id for name in ("周四", "赵一", "钱二")]


async def test_whoever_leaves_hands_everything_over(estate: Any) -> None:
    account = await estate.flat(assistant=estate.staff["赵一"].id)
    held, waiting = await estate.open(account), await estate.open(account, "dispute")
    await estate.tick()
    await estate.press("赵一", f"c:{held}:0:claim", chat=GROUP)
    async with estate.house.store.write() as conn:
        handed = await staff.leave(estate.house, conn, "赵一", estate.clock.now())
    await estate.tick()
    assert handed == 1
    left = estate.staff["赵一"].id
    for number in (held, waiting):
        row = await estate.case(number)
        assert row.claimed_by is None
        assert row.assistant_id == estate.staff["钱二"].id
    assert (await estate.rows(core.account, core.account.c.id == account))[0].assistant_id == estate.staff["钱二"].id
    assert any("赵一 的 2 件工单" in out.text for out in estate.private("钱二"))
    assert [row for row in await estate.rows(core.case_) if left in (row.claimed_by, row.assistant_id)] == []
    text, loud = await estate.press("赵一", f"c:{waiting}:0:claim", chat=GROUP)
    assert loud
    assert "登记码" in text


async def test_the_last_one_cannot_leave(estate: Any) -> None:
    async with estate.house.store.write() as conn:
        now = estate.clock.now()
        for name in ("赵一", "钱二", "孙三"):
            await staff.leave(estate.house, conn, name, now)
        with pytest.raises(staff.StaffError, match="nobody is left"):
            await staff.leave(estate.house, conn, "李总", now)


async def test_a_day_off_passes_the_case_on(estate: Any) -> None:
    async with estate.house.store.write() as conn:
        await staff.take_day_off(conn, "赵一", date(2026, 11, 25), estate.clock.now())
        await staff.set_hours(conn, "钱二", {"wed": ["09:00-18:00"], "rota": 5}, estate.clock.now())
    case = await estate.open(await estate.flat())
    await estate.tick()
    assert (await estate.case(case)).assistant_id == estate.staff["钱二"].id

"""Line 16: nobody claims; the claimer goes silent; the night: each alert at its exact virtual minute."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_office import Office
from scorecard_play import Play
from sqlalchemy import select

from store import core

ZONE = timedelta(hours=8)


def at(play: Play, day: int, clock: str) -> datetime:
    """An instant of November 2026 by Shanghai's clock."""
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}+08:00")


async def opened(play: Play, start: datetime) -> Office:
    await fill(play.store, 1, now=play.now, policy={})
    async with play.store.write() as conn:
        await conn.execute(core.community.update().values(released_at=None))
    office = Office(play)
    await office.moves_in()
    await play.to(start)
    return office


@pytest.mark.parametrize("kind", BOTH)
async def test_line_16_nobody_claims(play: Play, figure: Any) -> None:
    async with play:
        office = await opened(play, at(play, 25, "10:00:00"))
        await office.case(1)
        await play.to(at(play, 26, "10:30:00"))
        times = {name: [when.astimezone(at(play, 25, "10:00").tzinfo) for when, _ in office.to(name)]
                 for name in ("赵一", "钱二", "孙三")}  # fmt: skip
        told = {name: f"{seen[0]:%d %H:%M:%S}" for name, seen in times.items() if seen}
    figure(16, f"nobody claims a case of 25 10:00: {told}")
    assert times["赵一"][0] == at(play, 25, "12:00:00")
    assert times["钱二"][0] == at(play, 25, "14:00:00")
    assert at(play, 26, "10:00:00") in times["孙三"]


@pytest.mark.parametrize("kind", BOTH)
async def test_line_16_the_claimer_goes_silent_and_the_night_is_quiet(play: Play, figure: Any) -> None:
    async with play:
        office = await opened(play, at(play, 25, "10:07:00"))
        case = await office.case(1)
        await play.forward(seconds=0)
        card, _buttons = (await office.buttons())[-1]
        await office.press("钱二", f"c:{case}:0:claim", card)
        states = [await state(play, case)]
        await play.to(at(play, 25, "17:06:59"))
        before = len(office.to("钱二"))
        await play.to(at(play, 25, "17:07:00"))
        reminded = len(office.to("钱二")) - before
        await play.to(at(play, 26, "10:06:59"))
        states.append(await state(play, case))
        await play.to(at(play, 26, "10:07:00"))
        states.append(await state(play, case))
        lines = [datetime.fromisoformat(line["at"]) + ZONE for line in play.ledger()]
    night = [when for when in lines if not 8 <= when.hour < 22]
    figure(16, f"a silent claimer: reminded {reminded} at 17:07:00, the case {' → '.join(states)} at 10:07:00; "
               f"{len(night)} words at night")  # fmt: skip
    assert reminded == 1
    assert states == ["claimed", "claimed", "open"]
    assert night == []


async def state(play: Play, case: int) -> str:
    return str((await play.rows(select(core.case_.c.state).where(core.case_.c.id == case)))[0][0])

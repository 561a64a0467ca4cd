"""Line 10: the clock jumps by an hour and a day, through summer time, month ends, 29 February, the lunar New Year."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_play import Play
from sqlalchemy import select, update

from bot.demo.judge import Evidence, outside_window
from store import core

SEASONS = {
    "autumn, the clock goes back, a month ends": ("America/New_York", datetime(2026, 10, 28, 12, tzinfo=UTC)),
    "spring, the clock goes forward": ("Europe/Berlin", datetime(2027, 3, 24, 7, tzinfo=UTC)),
    "the lunar New Year": ("Asia/Shanghai", datetime(2027, 1, 30, 0, tzinfo=UTC)),
    "29 February": ("Asia/Shanghai", datetime(2028, 2, 25, 0, tzinfo=UTC)),
}
PROMISE = timedelta(days=4)


@pytest.mark.filterwarnings("ignore:.*")
@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("season", SEASONS)
async def test_line_10_the_clock_jumps(play: Play, season: str, full: bool, seed: int, figure: Any) -> None:
    zone_name, start = SEASONS[season]
    zone, dice, count, moves = ZoneInfo(zone_name), random.Random(seed), 60 if full else 6, 60 if full else 14
    play.start = start
    async with play:
        people = await fill(play.store, count, now=start, overdue_days=2, trust="proved")
        await play.meet(people)
        await settle_in(play, zone_name)
        promise, due = await promised(play, people[0].account_id, start, zone)
        for _move in range(moves):
            hours, leap = dice.choice((1, 1, 5, 24)), dice.random() < 0.4
            await (play.jump if leap else play.forward)(hours=hours)
            if play.now.astimezone(zone).date() <= due:
                assert (await play.rows(select(core.promise.c.state).where(core.promise.c.id == promise)))[0][
                    0
                ] == "open"
        lines = play.ledger()
    daily = Counter((line["to"], local_day(line, zone)) for line in lines)
    evidence = Evidence(lines, (), {}, (), zone)
    outside = outside_window(evidence)
    twice = sum(n - 1 for n in daily.values() if n > 1)
    figure(10, f"{season}: {moves} moves of the clock, {len(lines)} sent, {twice} twice on a local date, "
               f"{outside} in quiet hours")  # fmt: skip
    assert lines
    assert (twice, outside) == (0, 0)


async def settle_in(play: Play, zone: str) -> None:
    await play.fresh_book()
    async with play.store.write() as conn:
        await conn.execute(update(core.community).values(timezone=zone))
    play.own.memory.clear()


async def promised(play: Play, account: int, now: datetime, zone: ZoneInfo) -> tuple[int, Any]:
    """A promise of the first owner, due in a few local days; it must be open until that day is over."""
    from bot.flows.promises import judge

    due = (now.astimezone(zone) + PROMISE).date()
    midnight = datetime.combine(due + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
    async with play.store.write() as conn:
        made = await conn.execute(core.promise.insert().values(
            account_id=account, amount_fen=48_600, owed_fen=48_600, due_on=due, state="open", made_at=now,
            judge_at=midnight, channel="sms",
        ))  # fmt: skip
        number = int(made.inserted_primary_key[0])  # type: ignore[index]
    await judge(play.own)
    return number, due


def local_day(line: dict[str, Any], zone: ZoneInfo) -> str:
    return datetime.fromisoformat(line["at"]).astimezone(zone).date().isoformat()

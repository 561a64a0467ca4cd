"""Line 17: five hundred promises broken at once: at most twenty posts a minute, a summary, every case reachable."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_office import Office
from scorecard_play import Play
from sqlalchemy import select

from store import core

COUNT = 500


@pytest.mark.parametrize("kind", BOTH)
async def test_line_17_five_hundred_promises_broken_at_once(play: Play, figure: Any) -> None:
    async with play:
        people = await fill(play.store, COUNT, policy={}, fen=60_000)
        await play.fresh_book()
        office = Office(play)
        await office.moves_in()
        due, judged = date(2026, 11, 24), play.now + timedelta(minutes=1)
        async with play.store.write() as conn:
            await conn.execute(core.community.update().values(released_at=None))
            await conn.execute(core.promise.insert(), [
                {"account_id": one.account_id, "person_id": one.person_id, "amount_fen": 60_000, "owed_fen": 60_000,
                 "due_on": due, "state": "open", "made_at": play.now - timedelta(days=3), "judge_at": judged,
                 "channel": "sms"} for one in people
            ])  # fmt: skip
        await play.forward(minutes=15)
        cases = {
            row.id for row in await play.rows(select(core.case_.c.id).where(core.case_.c.cause == "broken_promise"))
        }
        posts = office.posts()
        minutes = Counter(when.replace(second=0) for when, _text in posts)
        seen = await reachable(play, office)
    busiest = max(minutes.values(), default=0)
    figure(17, f"{len(cases)} cases: {len(posts)} posts, at most {busiest} a minute, {len(seen & cases)} reachable by "
               "the list's buttons")  # fmt: skip
    assert len(cases) == COUNT
    assert 0 < busiest <= 20
    assert any(str(COUNT) in text for _when, text in posts)
    assert seen >= cases


async def reachable(play: Play, office: Office) -> set[int]:
    """The cases behind the buttons of the list, page by page."""
    found: set[int] = set()
    for _page in range(60):
        lists = [
            (number, keys) for number, keys in await office.buttons() if any(b["data"].startswith("o:") for b in keys)
        ]
        if not lists:
            return found
        number, keys = lists[-1]
        found |= {int(b["data"][2:]) for b in keys if b["data"].startswith("o:")}
        more = [b for b in keys if b["label"].startswith("下一页")]
        if not more:
            return found
        await play.forward(seconds=10)
        await office.press("赵一", more[0]["data"], number)
    return found

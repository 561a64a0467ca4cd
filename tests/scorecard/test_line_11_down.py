"""Line 11: the service is down for eight hours and for five days: no burst, the latest due step only."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_play import Play
from sqlalchemy import select

from store import core

BEFORE = 3
"""Days overdue at the start: the step of the fourth day and the one of the eleventh fall into the long outage."""


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("down", [timedelta(hours=8), timedelta(days=5), timedelta(days=10)], ids=str)
async def test_line_11_the_service_is_down(play: Play, down: timedelta, full: bool, figure: Any) -> None:
    count = 2_000 if full else 60
    async with play:
        people = await fill(play.store, count, overdue_days=BEFORE)
        await play.meet(people)
        await play.fresh_book()
        await play.forward(minutes=5)
        await play.listens(False)
        await play.control("clock", forward=down.total_seconds())
        assert play.ledger() == []
        await play.listens()
        await play.forward(hours=23)
        steps = Counter(row.step for row in await play.rows(select(core.message.c.step).where(SENT)))
        left = await unexplained(play)
        taken = play.accepted()
    most = max(taken.values(), default=0)
    figure(11, f"down {down}: {sum(taken.values())} sent on waking to {len(taken)} owners, at most {most} each, "
               f"steps {dict(steps)}, {left} without a reason")  # fmt: skip
    assert most == 1
    assert len(taken) == count
    wanted = {"warm_11"} if BEFORE + (down + timedelta(hours=23)).days >= 11 else {"warm_4"}
    assert set(steps) == wanted
    assert left == 0


SENT = core.message.c.state.in_(("accepted", "delivered", "read"))


async def unexplained(play: Play) -> int:
    """Accounts of which the book cannot say why the next word waits."""
    rows = await play.rows(select(core.decision.c.account_id, core.decision.c.reasons))
    told = {row.account_id for row in rows if row.reasons}
    return sum(one.account_id not in told for one in play.residents)

"""Line 18: the group becomes a supergroup, the card is deleted, the bot is put out: it heals or alarms the admins."""

from datetime import timedelta
from typing import Any

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_office import Office
from scorecard_play import Play


@pytest.mark.parametrize("kind", BOTH)
async def test_line_18_bad_luck_with_the_group(play: Play, figure: Any) -> None:
    async with play:
        people = await fill(play.store, 6, policy={})
        await quiet(play)
        office = Office(play)
        await office.moves_in()
        first = await office.case(people[0].account_id)
        await play.forward(seconds=0)
        carded = len(office.posts())
        await card_deleted(play, office, first)
        again = len(office.posts()) - carded
        moved = await play.control("telegram/migrate", chat=office.group)
        office.group = str(moved["chat"])
        await office.case(people[1].account_id)
        await play.forward(seconds=1)
        healed = len(office.posts())
        out = play.now
        await play.control("telegram/bot", chat=office.group, status="kicked", by="590")
        await office.case(people[2].account_id)
        await play.forward(minutes=1)
        alarms = [when for when, text in office.to("管理员") if "工作群" in text]
    waited = min((when - out for when in alarms), default=timedelta(days=1))
    figure(18, f"deleted card put up again: {again}; posts in the supergroup: {healed}; bot put out: the admin hears "
               f"after {waited.total_seconds():.0f} virtual s")  # fmt: skip
    assert carded >= 1
    assert again == 1
    assert healed >= 1
    assert waited <= timedelta(minutes=1)


async def quiet(play: Play) -> None:
    from store import core

    async with play.store.write() as conn:
        await conn.execute(core.community.update().values(released_at=None))


async def card_deleted(play: Play, office: Office, case: int) -> None:
    """Somebody deletes the card; then somebody notes something, and the card is drawn anew."""
    number, _keys = (await office.buttons())[-1]
    await play.control("telegram/delete", chat=office.group, message=number)
    await play.control("say", channel="telegram", address="501", chat=office.group, text=f"备注 {case} 打过电话")
    await play.forward(seconds=1)
    await play.forward(seconds=5)

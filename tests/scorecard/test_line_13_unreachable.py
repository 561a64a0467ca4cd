"""Line 13: a dead number, a blocked bot, an unfollowed account: the next channel, or a case, within one tick."""

from collections import Counter
from typing import Any

from scorecard_estate import fill
from scorecard_play import Play
from sqlalchemy import select

from store import core


async def test_line_13_dead_blocked_unfollowed(play: Play, full: bool, figure: Any) -> None:
    count = 300 if full else 24
    async with play:
        alone = await fill(play.store, count, overdue_days=6)
        await play.meet(alone)
        await play.fresh_book()
        for number, one in enumerate(alone):
            await gone(play, *one.first, at_once=number % 2 == 0)
        await play.forward(minutes=30)
        calls = Counter((call["channel"], call["to"]) for call in (await play.ask("calls"))["calls"] if call["to"])
        cases = Counter(row.cause for row in await play.rows(select(core.case_.c.cause)))
        contacts = await play.rows(select(core.contact.c.dead_reason))
        states = await play.states()
    most = max(calls[one.first] for one in alone)
    marked = sum(bool(row.dead_reason) for row in contacts)
    figure(13, f"{count} unreachable: at most {most} call(s) each, {marked} contacts with a reason, "
               f"{cases['missing_contact']} cases, states {dict(states)}")  # fmt: skip
    assert most <= 1
    assert marked == count
    assert cases["missing_contact"] == count


async def test_line_13_the_next_channel_takes_over(play: Play, full: bool, figure: Any) -> None:
    count = 300 if full else 24
    async with play:
        people = await fill(play.store, count, overdue_days=6, several=True)
        await play.meet(people)
        await play.fresh_book()
        for one in people:
            await gone(play, *next(way for way in one.addresses if way[0] == "sms"), at_once=True)
        await play.forward(minutes=30)
        taken = play.accepted()
    reached = [sum(taken[way] for way in one.addresses) for one in people]
    figure(13, f"{count} with a dead number and two other channels: {sum(reached)} reached, each once")
    assert reached == [1] * count
    assert not [way for way in taken if way[0] == "sms"]


async def gone(play: Play, channel: str, address: str, *, at_once: bool) -> None:
    """The address is of no use any more: refused at the call, or told by a receipt."""
    if channel == "wechat":
        await play.control("say", channel="wechat", address=address, follow=True)
        await play.control("say", channel="wechat", address=address, unfollow=True)
    elif channel == "sms":
        await play.control("dead", channel="sms", address=address, code=21211 if at_once else 30005)
    else:
        await play.control("block", channel="telegram", address=address)

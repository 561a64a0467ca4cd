"""Line 12: opting out in twenty spellings, also while messages are queued; START brings them back."""

from typing import Any

from scorecard_estate import CHANNELS, fill
from scorecard_play import Play
from sqlalchemy import select

from bot.flows.plan import plan
from store import core

STOPS = (
    "STOP", "stop", "Stop ", "ＳＴＯＰ", "stop.", "T", "t", "TD", "td ", "ＴＤ", "T.D", "退订", "退订。", " 退订 ",
    "退訂", "【退订】", "取消订阅", "停止", "UNSUBSCRIBE", "QUIT", "拒收", "END",
)  # fmt: skip
STARTS = {"sms": "START", "telegram": "恢复", "wechat": "恢复"}


async def test_line_12_opting_out_in_twenty_spellings(play: Play, figure: Any) -> None:
    count = len(STOPS) * len(CHANNELS)
    async with play:
        people = await fill(play.store, count, overdue_days=3)
        await play.meet(people)
        await play.fresh_book()
        await follow(play)
        await play.listens(False)
        await play.forward(days=1)
        assert (await plan(play.own)).messages == count
        await play.listens()
        for number, one in enumerate(people):
            channel, to = one.first
            await play.control("say", channel=channel, address=to, text=STOPS[number // len(CHANNELS)])
        await play.forward(days=3)
        texts = await reminders(play)
        causes = [row.cause for row in await play.rows(select(core.case_.c.cause))]
        back = people[: len(CHANNELS)]
        for one in back:
            channel, to = one.first
            await play.control("say", channel=channel, address=to, text=STARTS[channel])
        await play.forward(days=2)
        again = await reminders(play)
    figure(12, f"{len(STOPS)} spellings on {len(CHANNELS)} channels while queued: {len(texts)} proactive messages "
               f"after, {causes.count('opted_out')} told to staff, {len(again)} after START")  # fmt: skip
    assert texts == []
    assert causes.count("opted_out") == count
    assert {to for to, _text in again} == {one.first[1] for one in back}


async def follow(play: Play) -> None:
    """WeChat knows its people."""
    for one in play.residents:
        if one.first[0] == "wechat":
            await play.control("say", channel="wechat", address=one.first[1], follow=True)


async def reminders(play: Play) -> list[tuple[str, str]]:
    """What the providers took of words nobody asked for: reminders and nudges."""
    query = (
        select(core.attempt.c.channel, core.attempt.c.text)
        .join(core.message, core.message.c.id == core.attempt.c.message_id)
        .where(core.message.c.kind.in_(("reminder", "nudge")))
    )
    ours = {(row.channel, row.text) for row in await play.rows(query)}
    return [(line["to"], line["text"]) for line in play.ledger() if (line["channel"], line["text"]) in ours]

"""\"I have paid\": believed for as long as money takes to arrive, then looked up (I5)."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.cases import open_case
from bot.flows.house import House
from bot.flows.talk import balance, holds
from bot.flows.talk.answers import Answer
from bot.flows.talk.plain import made_plain
from bot.flows.talk.who import Talk
from store import ledger
from store import talk as shelf

CODE = "PAID_CLAIM"
BELIEVED_AGAIN = timedelta(days=30)
"""A second claim within this time of one that no money followed holds nothing more: people look into it."""
_TOLD = re.compile(
    r"微信|支付宝|转账|银行|汇款|现金|刷卡|扫码|前台|柜台|pos|\d+号|\d+日|昨天|前天|今天|刚才|刚刚|上周|上个?月|早上|下午"
    r"|wechat|alipay|transfer|bank|cash|card|yesterday|today|last (?:week|month)|just now|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday|周[一二三四五六日]|\d{1,2}月"
)


async def claimed(talk: Talk, text: str, accounts: Sequence[Any]) -> Answer:
    """Holds the ladder for the settlement lag; asks when and how where it was not said."""
    believed = await _hold(talk, text, accounts, "paid_claim")
    if believed is None:
        return Answer("nothing_owed", about=accounts)
    if not believed:
        return Answer("paid_claim_again", about=accounts)
    if _TOLD.search(made_plain(text)):
        return Answer("paid_claim_thanks", about=accounts)
    talk.memory.ask("paid_when", talk.now, accounts=[a.id for a in accounts])
    return Answer("paid_claim_when", about=accounts)


async def slip(talk: Talk, accounts: Sequence[Any]) -> Answer:
    """A picture of a slip came: believed for longer, and kept with the account."""
    believed = await _hold(talk, "a payment slip", accounts, "paid_slip")
    return Answer("paid_claim_again" if believed is False else "slip_noted", about=accounts)


async def _hold(talk: Talk, text: str, accounts: Sequence[Any], lag: str) -> bool | None:
    """Holds every account that owes. Answers whether reminders rest, on one at least; None: nothing is open."""
    owing = {row.account_id for row in await balance.charges(talk, accounts)}
    until = holds.working_days(talk, talk.town.policy.settlement_lag[lag])
    due = [account for account in accounts if account.id in owing]
    rests = False
    for account in due:
        earlier = await _without_money(talk, account.id)
        running = [h for h in earlier if h.ended_at is None]
        rests |= bool(running or not earlier)
        if running and lag == "paid_slip":
            await shelf.extend_hold(talk.conn, running[-1].id, until)
            await ledger.look_now(talk.conn, [account.id], talk.now)
        elif earlier and not running:
            detail = {"text": text[:300], "inbound_id": talk.inbound_id}
            await _unseen(talk.conn, account.community_id, account.id, account.assistant_id, talk.now, detail)
        elif not running:
            await holds.lay(talk, account, CODE, text[:300] or "the owner says it is paid", until)
    talk.spoken_of = due[0].id if len(due) == 1 else talk.spoken_of
    return rests if due else None


async def _without_money(talk: Talk, account_id: int) -> list[Any]:
    """Holds for claims of late that still run, or that no money followed: a claim that came true costs no belief."""
    rows = await shelf.holds_of(talk.conn, [account_id], CODE, talk.today - BELIEVED_AGAIN)
    return [h for h in rows if h.ended_at is None or not await shelf.paid_since(talk.conn, account_id, h.at)]


async def expects_slip(talk: Talk) -> bool:
    """Whether the speaker said lately that it is paid: a picture then is the slip."""
    rows = await shelf.holds_of(talk.conn, [a.id for a in talk.accounts], CODE, talk.today)
    return any(row.ended_at is None for row in rows)


async def check(house: House) -> int:
    """The tick that looks up claims: money that came ends the hold, money that did not is a case. Counts both."""
    now, ended = house.clock.now(), 0
    async with house.store.write() as conn:
        towns = {row.id: house.town(row) for row in await ledger.communities(conn)}
        for hold in await shelf.claims_open(conn, CODE):
            paid = await shelf.paid_since(conn, hold.account_id, hold.at)
            owed = (await shelf.owed(conn, [hold.account_id]))[hold.account_id]
            over = hold.until < towns[hold.town_id].today(now)
            if not paid and owed and not over:
                continue
            await shelf.end_holds(conn, [hold.id], now)
            await ledger.look_now(conn, [hold.account_id], now)
            if not paid and owed:
                detail = {"text": hold.reason, "since": hold.at.isoformat()}
                await _unseen(conn, hold.town_id, hold.account_id, hold.assistant_id, now, detail)
            ended += 1
    return ended


async def _unseen(
    conn: AsyncConnection, community_id: int, account_id: int, assistant_id: int | None, now: datetime,
    detail: dict[str, Any],
) -> None:  # fmt: skip
    """Said to be paid, not in the book: a person looks for the money."""
    await open_case(conn, community_id=community_id, cause="paid_claim_unseen", now=now, account_id=account_id,
                    assistant_id=assistant_id, detail=detail)  # fmt: skip

"""One-time codes for the bill: one per account, of which only a keyed hash is kept."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.flows.house import House
from bot.flows.talk.binding import new_bill_code
from channels.contract import ChannelError
from store import talk as shelf
from store.journal import Entry, note

LIVES = timedelta(days=30)
"""How long a printed code is good; a WeChat QR code cannot live longer either."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One cut-out slip. ``code`` is shown with a dash and never stored; ``qr`` is what the square holds."""

    account_id: int
    unit: str
    code: str
    qr: str
    expires_at: datetime

    @property
    def shown(self) -> str:
        """The code as it is printed: ABCD-2345."""
        return f"{self.code[:4]}-{self.code[4:]}"


async def make_codes(house: House, community: Any, now: datetime) -> list[Slip]:
    """A fresh code for every open account of a community (its row); codes printed before lose their force."""
    slips: list[Slip] = []
    async with house.store.write() as conn:
        accounts = await shelf.open_accounts(conn, community.id)
        await shelf.spend_codes(conn, [account.id for account in accounts], now)
        codes: set[str] = set()
        while len(codes) < len(accounts):
            codes.add(new_bill_code())
        for account, code in zip(accounts, codes, strict=True):
            slips.append(Slip(account.id, account.code, code, "", now + LIVES))
        rows = [_row(house, slip) for slip in slips]
        await shelf.write_codes(conn, rows)
        content = {"accounts": len(rows), "expires_at": now + LIVES}
        await note(conn, Entry("bind_codes", f"community:{community.id}", content, now, community.id))
    return [await _with_qr(house, slip) for slip in slips]


def _row(house: House, slip: Slip) -> dict[str, Any]:
    return {
        "code_index": house.store.vault.index("code", slip.code), "account_id": slip.account_id, "kind": "bill",
        "expires_at": slip.expires_at,
    }  # fmt: skip


async def _with_qr(house: House, slip: Slip) -> Slip:
    """The square leads into the nearest chat: WeChat's own QR code, else Telegram's deep link, else the bare code."""
    address = await _wechat(house, slip.code) or _telegram(house, slip.code) or slip.code
    return replace(slip, qr=address)


async def _wechat(house: House, code: str) -> str:
    """The address behind WeChat's QR code; empty where there is none now: the typed code works without it."""
    make = getattr(house.channels.get("wechat"), "bind_code", None)
    if make is None:
        return ""
    try:
        return str(await make(code, int(LIVES.total_seconds())))
    except ChannelError:
        return ""


def _telegram(house: House, code: str) -> str:
    """Telegram's deep link, where the bot's name is known."""
    name = house.memory.get("telegram_name")
    return f"https://t.me/{name}?start={code}" if name and "telegram" in house.channels else ""

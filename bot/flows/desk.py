"""At the desk: cash is entered, a charge is named, the owner's reminders stop at once."""

import hashlib
from typing import Any

from bot.flows.find import account_named
from bot.flows.house import House
from bot.flows.ledger import LedgerError, pay_in_person
from store import ledger as book

WAYS = ("cash", "pos", "wechat_pay", "alipay", "transfer", "other")


async def pay_at_desk(
    house: House, name: str, amount_fen: int, *, way: str, named: str = "", ref: str = "",
    community: str | None = None, who: str,
) -> dict[str, Any]:  # fmt: skip
    """Enters a payment for a unit and cancels what is queued about it. Raises NotFound or LedgerError."""
    if way not in WAYS:
        raise LedgerError(f"no way to pay is called {way!r}; one of: {', '.join(WAYS)}")
    now = house.clock.now()
    async with house.store.write() as conn:
        account = await account_named(conn, name, community)
        charge_id = await _charge(conn, account.id, named) if named else None
        town = house.town(next(t for t in await book.communities(conn) if t.id == account.community_id))
        mark = f"{account.id}:{amount_fen}:{now.isoformat()}"
        reference = ref or f"desk:{hashlib.sha256(mark.encode()).hexdigest()[:16]}"
        paid, stopped = await pay_in_person(
            conn, account_id=account.id, community_id=account.community_id, amount_fen=amount_fen, way=way,
            paid_on=town.today(now), source="desk", external_ref=reference, now=now, who=who,
            named_charge_id=charge_id,
        )  # fmt: skip
        left = sum(row.open_fen for row in await book.open_charges(conn, [account.id]))
    return _told(name, paid.new, amount_fen, left, paid.rest_fen, stopped, reference)


async def _charge(conn: Any, account_id: int, named: str) -> int:
    found = [row for row in await book.charges_of(conn, account_id) if named in (row.kind, row.period, str(row.id))]
    open_ones = [row for row in found if row.open_fen > 0]
    if not open_ones:
        raise LedgerError(f"no open charge is called {named!r}; name its kind (water), its period (2026Q3) or number")
    return int(open_ones[0].id)


def _told(name: str, new: bool, fen: int, left: int, credit: int, cancelled: int, reference: str) -> dict[str, Any]:
    words = f"{name}: ¥{fen / 100:.2f} received, ¥{left / 100:.2f} still open" if new else f"{name}: known already"
    if credit:
        words += f", ¥{credit / 100:.2f} kept as credit"
    if cancelled:
        words += f"; {cancelled} queued reminder(s) stopped"
    return {
        "account": name, "new": new, "amount_fen": fen, "open_fen": left, "credit_fen": credit,
        "stopped": cancelled, "ref": reference, "words": words,
    }  # fmt: skip

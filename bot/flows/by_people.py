"""What a person did without a case: a call, a visit, a paper signed for. It counts towards gaps, caps and delivery.

A paper notice with its signature is what a formal demand needs where the channel gives no receipt (Telegram), and with
the signature on file it is certain ground against limitation (Civil Code 195).
"""

import hashlib
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.cases import WAYS
from bot.flows.house import Town
from bot.flows.ledger import LedgerError
from store import ledger
from store.cases import write_human_contact

LARGEST = 5_000_000
"""Bytes of a picture or scan kept as proof."""


async def record_contact(
    conn: AsyncConnection, town: Town, account: Any, way: str, now: datetime, *, on: date | None = None,
    content: str = "", proof: bytes | None = None, staff_id: int | None = None,
) -> int:  # fmt: skip
    """Writes one contact by a person into the account's record; the ladder looks at once.

    ``on``: the local date it happened, else now. Raises LedgerError for an unknown way, a future day, a large proof.
    """
    if way not in WAYS:
        raise LedgerError(f"{way!r} is no way of contact; one of: {', '.join(WAYS)}")
    if on is not None and on > town.today(now):
        raise LedgerError(f"{on} lies ahead; a contact is recorded once it happened")
    if proof is not None and len(proof) > LARGEST:
        raise LedgerError(f"the proof is larger than {LARGEST // 1_000_000} MB; take a smaller picture")
    at = now if on in (None, town.today(now)) else datetime.combine(on or town.today(now), time(12), town.zone)
    row = {
        "account_id": account.id, "person_id": None, "way": way, "at": at.astimezone(now.tzinfo), "staff_id": staff_id,
        "content": content[:1_000], "answer": "", "next_step": "", "proof": proof,
        "proof_digest": hashlib.sha256(proof).digest() if proof is not None else None,
    }  # fmt: skip
    number = await write_human_contact(conn, row, town.id)
    await ledger.look_now(conn, [account.id], now)
    return number

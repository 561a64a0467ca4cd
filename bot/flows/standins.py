"""An owner who is old or lives without a phone is called by day; a consenting child may hear the ladder instead.

From *formal* on the owner is addressed again: a demand must reach whoever owes.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.ledger import LedgerError
from bot.flows.pushed import mobile_of
from store import ledger
from store import standins as shelf
from store.journal import Entry, note
from store.vault import mask


async def name_stand_in(
    house: House, conn: AsyncConnection, town: Town, account: Any, name: str, phone: str, consent: str, now: datetime,
    *, who: str,
) -> int:  # fmt: skip
    """Names who hears the ladder in the owner's place, and marks the owner as called by people.

    ``consent``: where the owner's agreement is kept. Answers the person. Raises LedgerError without name, consent or
    one mobile number, and while somebody stands in already.
    """
    name, consent = name.strip(), consent.strip()
    if not name or not consent:
        raise LedgerError("it takes the name, the mobile number, and where the owner's consent is kept")
    if await shelf.stand_ins(conn, account.id):
        raise LedgerError(f"somebody stands in for {account.code} already; end that first")
    number, vault = mobile_of(phone, town.region), house.store.vault
    address = {
        "channel": "sms", "address_sealed": vault.seal(number), "address_index": vault.index("sms", number),
        "masked": mask("sms", number), "trust": "ledger", "proved_by": "", "window_used": 0,
    }  # fmt: skip
    person = await shelf.add_stand_in(conn, account, name, address, consent, now)
    await shelf.set_offline(conn, account.person_id, True)
    told = {"person": person, "consent": consent, "offline": account.person_id}
    await note(conn, Entry("stand_in", f"account:{account.id}", told, now, account.community_id, who, "named"))
    await ledger.look_person(conn, account.person_id, now)
    return person


async def end_stand_in(conn: AsyncConnection, account: Any, now: datetime, *, who: str) -> int:
    """The owner hears the ladder themselves again; answers how many stood in."""
    ended = await shelf.end_stand_ins(conn, account.id, now)
    if ended:
        await shelf.set_offline(conn, account.person_id, False)
        told = {"ended": ended, "offline": account.person_id}
        await note(conn, Entry("stand_in", f"account:{account.id}", told, now, account.community_id, who, "ended"))
        await ledger.look_person(conn, account.person_id, now)
    return ended

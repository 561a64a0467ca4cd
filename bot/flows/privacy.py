"""What an owner may ask for (PIPL 45, 47): their data handed over, and erased where the law allows.

What an open debt needs is kept, and contents are kept as long as the policy says, always longer than the limitation.
An erasure throws the salts away: the chain still verifies, and no guess can be tested.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.find import account_named, person_named
from bot.flows.house import House
from bot.flows.ledger import LedgerError
from store import privacy as shelf
from store.contents import sweep
from store.core import approval
from store.journal import Entry, note
from store.staff import ran
from store.ticks import claim_tick, tick_done
from store.vault import Vault

UNTOLD = frozenset({"address_index", "sender_index", "password_hash", "lane", "fence"})
"""Columns that are no data of the person's: our own machinery."""


async def export(
    house: House, account: str, now: datetime, *, community: str | None = None, whom: str | None = None
) -> dict[str, Any]:  # fmt: skip
    """Everything on record of an account's owner, in plain words and with their addresses. Raises NotFound.

    ``whom``: somebody else of the account. Who owes nothing of it, a tenant or a stand-in, gets what is their own and
    nothing of the owner's debt (PIPL 45). That it was handed over is journaled.
    """
    async with house.store.read() as conn:
        found = await account_named(conn, account, community)
        person_id = await person_named(conn, found, whom)
        told = {"made_at": now.isoformat()} | await _record(conn, house.store.vault, person_id)
    async with house.store.write() as conn:
        counts = {name: len(rows) for name, rows in told.items() if isinstance(rows, list)}
        await note(conn, Entry("export", f"person:{person_id}", counts, now, found.community_id, "cli"))
    return told


async def _record(conn: AsyncConnection, vault: Vault, person_id: int) -> dict[str, Any]:
    """Every row that speaks of a person, of accounts they answer for, and of rows of those."""

    async def rows(table: Any, column: Any, values: Sequence[int | str]) -> list[dict[str, Any]]:
        return [plain(row, vault) for row in await shelf.rows_where(conn, table, column, values)]

    accounts = await shelf.accounts_of(conn, person_id)
    ids = [row.id for row in accounts]
    told: dict[str, Any] = {
        "person": plain(await shelf.person_row(conn, person_id), vault),
        "accounts": [plain(row, vault) for row in accounts],
        "sent": [plain(row, vault) for row in await shelf.attempts_of(conn, person_id)],
        "looked_at": [plain(row, vault) for row in await shelf.looks_at(conn, person_id)],
    }
    told |= {name: await rows(table, column, [person_id]) for name, (table, column) in shelf.MINE.items()}
    told |= {name: await rows(table, column, ids) for name, (table, column) in shelf.OF_ACCOUNT.items()}
    for name, (above, table, column) in shelf.BELOW.items():
        told[name] = await rows(table, column, [row["id"] for row in told[above]])
    asked = [f"account:{number}" for number in ids] + [f"plan:{row['id']}" for row in told["plans"]]
    return told | {"approvals": await rows(approval, approval.c.subject, asked)}


def plain(row: Any, vault: Vault) -> dict[str, Any]:
    """A row as JSON holds it: instants and dates as ISO, sealed addresses opened, our machinery left out."""
    values: Mapping[str, Any] = row._mapping
    return {_name(key): _plain(key, value, vault) for key, value in values.items() if key not in UNTOLD}


def _name(key: str) -> str:
    return key.removesuffix("_sealed")


def _plain(key: str, value: Any, vault: Vault) -> Any:
    if isinstance(value, bytes):
        if key == "content_sealed":
            return base64.b64encode(vault.open_bytes(value)).decode()
        return vault.open(value) if key.endswith("_sealed") else value.hex()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in "{[" and len(value) > 1:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, and what the law makes us keep until when."""

    person_id: int
    contacts: int
    contents: int
    kept_until: str | None

    def json(self) -> dict[str, Any]:
        return {"person": self.person_id, "contacts": self.contacts, "contents": self.contents,
                "kept_until": self.kept_until}  # fmt: skip

    def words(self) -> str:
        rest = f"; younger contents are kept unread until {self.kept_until}, then erased" if self.kept_until else ""
        return f"{self.contacts} contacts and {self.contents} contents erased{rest}"


async def erase(
    house: House, account: str, now: datetime, *, years: int, community: str | None = None, who: str = "",
    whom: str | None = None,
) -> Erasure:  # fmt: skip
    """Erases an account's owner, or ``whom``: name, addresses, and every content older than the policy's years.

    Raises NotFound, and LedgerError while something is open that the record is needed for.
    """
    async with house.store.write() as conn:
        found = await account_named(conn, account, community)
        person_id = await person_named(conn, found, whom)
        await _refuse_what_is_needed(conn, person_id)
        count = await _sweep(conn, house, now, years, who, person_id)
        contacts = await shelf.erase_person(conn, person_id, house.store.vault.seal(""), now)
        told = {"contacts": contacts, "contents": count}
        await note(conn, Entry("erase", f"person:{person_id}", told, now, found.community_id, who))
        newest = await shelf.newest_content(conn, person_id)
    until = _later(newest, years).date().isoformat() if newest is not None else None
    return Erasure(person_id, contacts, count, until)


async def _refuse_what_is_needed(conn: AsyncConnection, person_id: int) -> None:
    """Raises LedgerError while something is open, or while a flat is theirs.

    An owner's contract with the manager runs as long as the flat is theirs, and the next bill needs their name (PIPL
    13): only who sold may go.
    """
    accounts = await shelf.accounts_of(conn, person_id)
    reasons = await shelf.needed(conn, person_id, [row.id for row in accounts])
    if reasons:
        raise LedgerError(f"the record is still needed: {', '.join(reasons)}; erase when it is settled (PIPL 47)")
    theirs = next((row for row in accounts if row.closed_on is None), None)
    if theirs is not None:
        raise LedgerError(
            f"the record is still needed: {theirs.code} is theirs and will be billed again (PIPL 13, 47); once it is "
            f"sold, import the list of units with the new owner and --accept-owner {theirs.code}, then erase "
            f"{theirs.code}@{theirs.id}"
        )  # fmt: skip
    if (code := await shelf.stood_in_for(conn, person_id)) is not None:
        raise LedgerError(
            f"the record is still needed: they stand in for the owner of {code}; end that on its page first"
        )


async def retain(house: House, now: datetime, *, years: int, who: str = "retention") -> int:
    """Erases, house-wide, contents older than the policy's years that no open debt needs; answers how many."""
    total = 0
    while True:
        async with house.store.write() as conn:
            count = await _once(conn, house, now, years, who, None)
        total += count
        if not count:
            return total


async def retain_monthly(house: House) -> int:
    """The sweep of ``retain``, once a calendar month (UTC) whoever ticks, and journaled; answers how many contents.

    Does nothing in a house that was told no number of years. What a crash leaves over, the next month takes.
    """
    years, now = house.memory.get("retention_years"), house.clock.now()
    month = f"{now:%Y-%m}"
    if years is None:
        return 0
    async with house.store.read() as conn:
        if await ran(conn, "retain", month):
            return 0
    async with house.store.write() as conn:
        if not await claim_tick(conn, "retain", month, house.worker, now):
            return 0
    count = await retain(house, now, years=int(years))
    async with house.store.write() as conn:
        told = {"contents": count, "years": years}
        await note(conn, Entry("retain", f"month:{month}", told, now, None, "retention"))
        await tick_done(conn, "retain", month, now)
    return count


async def _sweep(conn: AsyncConnection, house: House, now: datetime, years: int, who: str, person_id: int) -> int:
    total = 0
    while count := await _once(conn, house, now, years, who, person_id):
        total += count
    return total


async def _once(
    conn: AsyncConnection, house: House, now: datetime, years: int, who: str, person_id: int | None
) -> int:  # fmt: skip
    before = _later(now, -years)
    accounts = [row.id for row in await shelf.accounts_of(conn, person_id)] if person_id is not None else None
    said = await shelf.old_attempts(conn, before, person_id)
    heard = await shelf.old_inbound(conn, before, person_id)
    unsent = await shelf.old_messages(conn, before, person_id)
    if said:
        await shelf.erase_attempts(conn, said, now, who)
    if heard:
        await shelf.erase_inbound(conn, heard, house.store.vault.seal(""), now, who)
    if unsent:
        await shelf.erase_messages(conn, unsent)
    return len(said) + len(heard) + len(unsent) + await sweep(conn, before, accounts, now, who)


def _later(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)

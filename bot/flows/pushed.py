"""What other systems push to the ledger besides payments: charges and contacts, each once per reference."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.importing.cells import Unreadable
from bot.flows.importing.people import phones
from bot.flows.importing.periods import Period, Years, find
from bot.flows.ledger import LedgerError, reallocate
from bot.rules.due import due_date
from store import ledger as book
from store import pushed as shelf
from store.core import charge as charge_table
from store.core import contact as contact_table
from store.journal import Entry, note
from store.vault import mask

CHARGE_KINDS = ("management", "repair_fund", "water", "electricity", "gas", "parking", "other")


async def account_of(
    house: House, conn: AsyncConnection, unit: str, community: str | None, only: int | None
) -> tuple[Any, Town]:
    """The open account of a unit's code among the communities a client may push to. Raises LedgerError."""
    found = [
        row for row in await book.find_accounts(conn, unit, community)
        if row.closed_on is None and only in (None, row.community_id)
    ]  # fmt: skip
    if not found:
        raise LedgerError(f"no unit {unit!r}; write the code as the workbook does, e.g. 3-2-1201")
    if len({row.community_id for row in found}) > 1:
        raise LedgerError(f"{unit} is in several communities; name one with `community`")
    towns = {row.id: row for row in await book.communities(conn)}
    return found[0], house.town(towns[found[0].community_id])


async def add_charge(
    house: House, conn: AsyncConnection, *, source: str, only: int | None, told: Mapping[str, Any], now: datetime
) -> str:
    """Enters one charge: new, or known when its reference is (of who sold, too). Credit closes it at once.

    Raises LedgerError for an unknown unit, a period nobody can read, or a known reference with another amount.
    """
    account, town = await account_of(house, conn, told["unit"], told["community"], only)
    known = await shelf.charge_by_ref(conn, source, told["external_ref"])
    if known is not None:
        if known.unit_id != account.unit_id or known.amount_fen != told["amount_fen"]:
            raise LedgerError("this reference is known with another unit or amount; send the correction as a new one")
        return "known"
    period = _period(told["period"], town.today(now))
    rule = town.policy.due_dates
    values = {
        "account_id": account.id, "kind": told["kind"], "period": period.name, "period_from": period.first,
        "period_to": period.last, "amount_fen": told["amount_fen"], "open_fen": told["amount_fen"],
        "due_on": told["due_on"] or due_date(told["kind"], period.first, period.last, town.today(now), rule),
        "due_rule": "file" if told["due_on"] else "rule", "round": 0, "source": source,
        "external_ref": told["external_ref"], "entered_at": now, "previous_manager": False, "months": "",
    }  # fmt: skip
    number = await book.insert_row(conn, charge_table, values)
    await note(conn, Entry("charge", f"charge:{number}", values, now, account.community_id, source))
    await reallocate(conn, [account.id], now)
    return "new"


def _period(text: str, today: date) -> Period:
    found = find(text, Years(None, today))
    if found is None:
        raise LedgerError(f"the period {text!r} cannot be read; write 2026Q3, 2026-07 or 2026")
    return found[0]


async def add_contact(
    house: House, conn: AsyncConnection, *, source: str, only: int | None, told: Mapping[str, Any], now: datetime
) -> str:
    """Adds a phone of a unit's responsible person, as one from the ledger: new, or known.

    Raises LedgerError for an unknown unit or a number that is no mobile phone.
    """
    account, town = await account_of(house, conn, told["unit"], told["community"], only)
    address, vault = mobile_of(told["phone"], town.region), house.store.vault
    index = vault.index("sms", address)
    if await shelf.has_contact(conn, account.person_id, "sms", index):
        return "known"
    values = {
        "person_id": account.person_id, "channel": "sms", "address_sealed": vault.seal(address),
        "address_index": index, "masked": mask("sms", address), "trust": "ledger", "proved_by": "", "window_used": 0,
        "created_at": now,
    }  # fmt: skip
    number = await book.insert_row(conn, contact_table, values)
    content = {"person": account.person_id, "channel": "sms", "ref": told["external_ref"]}
    await note(conn, Entry("contact", f"contact:{number}", content, now, account.community_id, source))
    await book.look_person(conn, account.person_id, now)
    return "new"


def mobile_of(text: str, region: str) -> str:
    """One mobile number as people write it, in its international form. Raises LedgerError."""
    try:
        found = phones(text, region).mobiles
    except Unreadable:
        found = ()
    if len(found) != 1:
        raise LedgerError("the phone is no single mobile number; write it as +8613800000000")
    return found[0]

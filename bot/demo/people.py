"""Who lives in the demo: every contact of the sample gets a phone on the sandbox."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from store.core import account, contact, person, unit

if TYPE_CHECKING:
    from bot.demo.stage import Stage


async def move_people_in(stage: "Stage") -> None:
    """Phones, followers and chats for everybody the workbook knows."""
    vault = stage.house.store.vault
    async with stage.house.store.read() as conn:
        rows = (
            await conn.execute(
                select(contact.c.channel, contact.c.address_sealed, person.c.name, person.c.locale).join(
                    person, person.c.id == contact.c.person_id
                )
            )
        ).all()
    people = [
        {"channel": row.channel, "address": vault.open(row.address_sealed), "name": row.name}
        for row in rows
        if row.channel in ("sms", "wechat", "telegram")
    ]
    for start in range(0, len(people), 200):
        await stage.control("people", people=people[start : start + 200])


async def households(stage: "Stage") -> dict[int, dict[str, Any]]:
    """Per person: addresses by channel, units by account."""
    vault = stage.house.store.vault
    async with stage.house.store.read() as conn:
        contacts = (await conn.execute(select(contact.c.person_id, contact.c.channel, contact.c.address_sealed))).all()
        units = (
            await conn.execute(
                select(account.c.id, account.c.person_id, unit.c.code, unit.c.segment).join(
                    unit, unit.c.id == account.c.unit_id
                )
            )
        ).all()
    found: dict[int, dict[str, Any]] = {}
    for row in units:
        home = found.setdefault(row.person_id, {"addresses": {}, "accounts": {}})
        home["accounts"][row.id] = row.code
    for reach in contacts:
        if reach.person_id in found:
            found[reach.person_id]["addresses"][reach.channel] = vault.open(reach.address_sealed)
    return found

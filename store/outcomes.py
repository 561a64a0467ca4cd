"""What the outcome of a case changes: holds, disputes, waivers, contacts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    account_party,
    charge,
    contact,
    dispute,
    hold,
    late_fee_rate,
    owner,
    person,
    unit,
    waiver,
)
from store.journal import Entry, note


async def lay_hold(
    conn: AsyncConnection, account_id: int, code: str, reason: str, until: date, who: str, now: datetime,
    community_id: int,
) -> int:  # fmt: skip
    """Silences an account through a local day."""
    values = {
        "scope": "account", "account_id": account_id, "code": code, "reason": reason, "until": until, "who": who,
        "at": now, "source": "case",
    }  # fmt: skip
    made = await conn.execute(insert(hold).values(**values))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    await note(conn, Entry("hold", f"hold:{number}", values, now, community_id, who))
    return number


async def end_holds(conn: AsyncConnection, account_id: int, reasons: Sequence[str], now: datetime) -> None:
    """Ends holds a case had laid for these reasons."""
    mine = (hold.c.account_id == account_id) & (hold.c.source == "case") & hold.c.ended_at.is_(None)
    await conn.execute(update(hold).where(mine, hold.c.reason.in_(reasons)).values(ended_at=now))


async def open_dispute(
    conn: AsyncConnection, account_id: int, reason: str, now: datetime, community_id: int, who: str
) -> None:  # fmt: skip
    """A reason staff must answer first; one that rests on the account already is enough."""
    known = select(dispute.c.id).where(
        dispute.c.account_id == account_id, dispute.c.state == "open", dispute.c.charge_id.is_(None)
    )
    if (await conn.execute(known)).first() is not None:
        return
    values = {"account_id": account_id, "charge_id": None, "reason": reason, "state": "open", "opened_at": now}
    made = await conn.execute(insert(dispute).values(**values))
    number = made.inserted_primary_key[0]  # type: ignore[index]
    await note(conn, Entry("dispute", f"dispute:{number}", values, now, community_id, who))


async def close_disputes(
    conn: AsyncConnection, account_id: int, state: str, now: datetime, community_id: int, who: str
) -> int:  # fmt: skip
    """Answers (or upholds) every open dispute of an account; answers how many."""
    open_ones = select(dispute).where(dispute.c.account_id == account_id, dispute.c.state == "open")
    rows = (await conn.execute(open_ones)).all()
    for row in rows:
        await conn.execute(update(dispute).where(dispute.c.id == row.id).values(state=state, closed_at=now))
        content = {"state": state}
        await note(conn, Entry("dispute_closed", f"closed_dispute:{row.id}", content, now, community_id, who, state))
    return len(rows)


async def charges_open(conn: AsyncConnection, account_id: int) -> list[Any]:
    query = select(charge).where(
        charge.c.account_id == account_id, charge.c.open_fen > 0, charge.c.cancelled_at.is_(None)
    )
    return list((await conn.execute(query.order_by(charge.c.due_on, charge.c.id))).all())


async def waive(conn: AsyncConnection, values: dict[str, Any], community_id: int) -> None:
    """Gives up a part: written down, and principal is no longer owed."""
    made = await conn.execute(insert(waiver).values(**values))
    number = made.inserted_primary_key[0]  # type: ignore[index]
    if values["part"] == "principal":
        less = charge.c.open_fen - values["amount_fen"]
        await conn.execute(update(charge).where(charge.c.id == values["charge_id"]).values(open_fen=less))
    await note(conn, Entry("waiver", f"waiver:{number}", values, values["at"], community_id, values["who"]))


async def late_fee_in_force(conn: AsyncConnection, community_id: int, today: date) -> bool:
    """Whether a late fee runs in a community."""
    query = select(func.count()).where(
        late_fee_rate.c.community_id == community_id, late_fee_rate.c.effective_from <= today
    )
    return int((await conn.execute(query)).scalar_one()) > 0


async def wrong_number(conn: AsyncConnection, person_id: int, reason: str, now: datetime) -> list[str]:
    """A person's unproved contacts are not theirs; answers what may be shown of them."""
    wrong = select(contact).where(
        contact.c.person_id == person_id, contact.c.trust == "ledger", contact.c.dead_at.is_(None),
        contact.c.unbound_at.is_(None),
    )  # fmt: skip
    rows = (await conn.execute(wrong)).all()
    ids = [row.id for row in rows]
    await conn.execute(update(contact).where(contact.c.id.in_(ids)).values(dead_at=now, dead_reason=reason))
    return [f"{row.channel} {row.masked}" for row in rows]


async def live_contacts(conn: AsyncConnection, person_id: int) -> list[Any]:
    query = select(contact).where(
        contact.c.person_id == person_id, contact.c.dead_at.is_(None), contact.c.unbound_at.is_(None)
    )
    return list((await conn.execute(query.order_by(contact.c.id))).all())


async def people_of(conn: AsyncConnection, account_id: int) -> list[Any]:
    """Who else belongs to an account: name and role."""
    query = (
        select(person.c.name, account_party.c.role)
        .join(person, person.c.id == account_party.c.person_id)
        .where(account_party.c.account_id == account_id, account_party.c.until.is_(None))
    )
    return list((await conn.execute(query)).all())


async def owner_name(conn: AsyncConnection, owner_id: int) -> str:
    return str((await conn.execute(select(owner.c.name).where(owner.c.id == owner_id))).scalar_one())


async def unit_code(conn: AsyncConnection, account_id: int) -> str:
    query = select(unit.c.code).join(account, account.c.unit_id == unit.c.id).where(account.c.id == account_id)
    return str((await conn.execute(query)).scalar_one())


async def account_row(conn: AsyncConnection, account_id: int) -> Any:
    return (await conn.execute(select(account).where(account.c.id == account_id))).first()

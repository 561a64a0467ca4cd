"""The staff: who they are, how they are linked, what they are responsible for, and how they leave.

Nobody leaves anything without an owner: responsibilities, accounts and cases go to somebody who stays.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import cases
from bot.flows.faces import duty_of
from bot.flows.house import House
from bot.flows.rota import rota_of
from bot.flows.staff_post import tell, voice
from bot.rules.duty import WEEKDAYS, spans_of, who_next
from store import cases as case_shelf
from store import ledger
from store import staff as people
from store.journal import Entry, note

ROLES = ("front_desk", "assistant", "accountant", "supervisor", "head", "finance", "legal", "admin")
CODE_LIVES = timedelta(hours=24)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10
"""Ten of thirty-one letters: fifty bits, so that guessing within a day is hopeless."""


class StaffError(Exception):
    """It cannot be done as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A member of staff as a list shows them. ``community``: empty for the whole house."""

    id: int
    name: str
    role: str
    community: str
    linked: tuple[str, ...]
    unreachable: str
    responsible_for: tuple[str, ...]
    cases: int


async def add_staff(
    house: House, conn: AsyncConnection, name: str, role: str, community_id: int | None, now: datetime, *,
    locale: str = "zh-Hans", hours: Mapping[str, Any] | None = None, who: str = "",
) -> int:  # fmt: skip
    """Adds a named member of staff. Raises StaffError for a name that exists, another role, or unreadable hours."""
    if role not in ROLES:
        raise StaffError(f"no role is called {role!r}; one of: {', '.join(ROLES)}")
    if not name.strip():
        raise StaffError("a member of staff needs a name")
    if await people.named(conn, name) is not None:
        raise StaffError(f"{name} is on the list already; names are unique, add the department or a number")
    for day in WEEKDAYS:
        spans_of((hours or {}).get(day, ()))
    values = {
        "name": name, "role": role, "community_id": community_id, "locale": locale, "password_hash": "",
        "hours": json.dumps(dict(hours or {})), "created_at": now,
    }  # fmt: skip
    number = await people.add(conn, values)
    await note(conn, Entry("staff", f"staff:{number}", {"role": role}, now, community_id, who, f"added as {role}"))
    return number


async def list_staff(conn: AsyncConnection, community_id: int | None = None) -> list[StaffLine]:
    """Everyone who has not left, with where they are reached and what is theirs."""
    names = {row.id: row.name for row in await ledger.communities(conn)}
    mine: dict[int, list[str]] = {}
    for r in await people.responsibilities(conn, community_id):
        mine.setdefault(r.staff_id, []).append(f"account {r.account_id}" if r.account_id else r.building or "*")
    reached: dict[int, list[Any]] = {}
    for contact in await people.contacts(conn):
        reached.setdefault(contact.staff_id, []).append(contact)
    return [
        StaffLine(
            row.id, row.name, row.role, names.get(row.community_id, ""),
            tuple(c.channel for c in reached.get(row.id, [])),
            next((c.dead_reason for c in reached.get(row.id, []) if c.dead_reason), ""),
            tuple(mine.get(row.id, ())), len(await case_shelf.of_staff(conn, row.id)),
        )
        for row in await people.everyone(conn, community_id)
    ]  # fmt: skip


async def link_code(house: House, conn: AsyncConnection, name: str, now: datetime, who: str = "") -> str:
    """A one-time code for a private chat, good for a day; only its keyed hash is kept. Raises StaffError."""
    row = await staff_named(conn, name)
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
    await people.write_code(conn, row.id, house.store.vault.index("staff_code", code), now + CODE_LIVES)
    await note(conn, Entry("staff", f"staff:{row.id}", {"code": True}, now, row.community_id, who, "link code made"))
    return code


async def staff_named(conn: AsyncConnection, name: str) -> Any:
    """A member of staff by name. Raises StaffError."""
    row = await people.named(conn, name.strip())
    if row is None or row.left_at is not None:
        raise StaffError(f"nobody on the staff is called {name!r}; `yinuo staff list` shows them")
    return row


async def try_link(house: House, conn: AsyncConnection, row: Any, now: datetime) -> bool:
    """Links whoever sends a good code in a private chat; False when these words are no code of ours."""
    detail = json.loads(row.detail or "{}")
    code = row.text.strip().upper()
    if detail.get("chat") or row.kind not in ("text", "start") or len(code) != CODE_LENGTH or set(code) - set(_LETTERS):
        return False
    staff_id = await people.use_code(conn, house.store.vault.index("staff_code", code), now)
    if staff_id is None:
        return False
    colleague = await people.one(conn, staff_id)
    await people.link(conn, staff_id, row.provider, row.sender_sealed, row.sender_index, now)
    who = f"staff:{staff_id}"
    await note(conn, Entry("staff", who, {"channel": row.provider}, now, colleague.community_id, who, "linked"))
    town = await cases.town_of(house, conn, colleague.community_id or (await ledger.communities(conn))[0].id)
    say = await voice(house, conn, town, colleague.locale)
    await tell(house, conn, staff_id, colleague.community_id, say.say("linked", who=colleague.name), now)
    return True


async def make_responsible(
    conn: AsyncConnection, name: str, community_id: int, now: datetime, *, building: str = "",
    account_id: int | None = None, who: str = "",
) -> None:  # fmt: skip
    """Responsible for a building, one account, or (neither named) the whole community. Raises StaffError."""
    row = await staff_named(conn, name)
    if row.community_id not in (None, community_id):
        raise StaffError(f"{name} works for another community")
    await people.make_responsible(conn, row.id, community_id, building, account_id)
    content = {"building": building, "account_id": account_id}
    await note(conn, Entry("staff", f"staff:{row.id}", content, now, community_id, who, "made responsible"))


async def set_hours(
    conn: AsyncConnection, name: str, hours: Mapping[str, Any], now: datetime, who: str = ""
) -> None:  # fmt: skip
    """Own hours by weekday and place in the rota: {"mon": ["09:00-12:00"], "rota": 2}. Raises StaffError."""
    row = await staff_named(conn, name)
    unknown = set(hours) - {*WEEKDAYS, "rota"}
    if unknown:
        raise StaffError(f"hours have {', '.join(WEEKDAYS)} and rota, not {', '.join(sorted(unknown))}")
    for day in WEEKDAYS:
        spans_of(hours.get(day, ()))
    await people.set_fields(conn, row.id, hours=json.dumps(dict(hours)))
    await note(conn, Entry("staff", f"staff:{row.id}", dict(hours), now, row.community_id, who, "hours set"))


async def take_day_off(conn: AsyncConnection, name: str, on: date, now: datetime, who: str = "") -> None:
    """A local day somebody does not work. Raises StaffError."""
    row = await staff_named(conn, name)
    await people.add_day_off(conn, row.id, on)
    await note(conn, Entry("staff", f"staff:{row.id}", {"off": on}, now, row.community_id, who, "day off"))


async def add_group(
    house: House, conn: AsyncConnection, channel: str, address: str, community_id: int | None, now: datetime, *,
    topics: Mapping[str, int] | None = None, who: str = "",
) -> int:  # fmt: skip
    """The staff's group: a Telegram chat id or a robot's key; ``topics``: community id → forum topic."""
    vault = house.store.vault
    index = vault.index(channel, address)
    if await people.group_at(conn, channel, index) is not None:
        raise StaffError("this group is known already")
    values = {
        "community_id": community_id, "channel": channel, "address_sealed": vault.seal(address),
        "address_index": index, "topics": json.dumps(dict(topics or {})), "trouble": "",
    }  # fmt: skip
    number = await people.add_group(conn, values)
    await note(conn, Entry("group", f"staff_group:{number}", {"channel": channel}, now, community_id, who, "added"))
    return number


async def leave(
    house: House, conn: AsyncConnection, name: str, now: datetime, *, successor: str = "", who: str = ""
) -> int:  # fmt: skip
    """Somebody leaves: what is theirs goes to the successor, or to the next on the rota. Answers how many cases.

    Raises StaffError when nobody is left to take over.
    """
    row = await staff_named(conn, name)
    to = await _successor(house, conn, row, successor, now)
    held = [case for case in await case_shelf.of_staff(conn, row.id) if case.claimed_by == row.id]
    await people.hand_everything(conn, row.id, to.id)
    await people.set_fields(conn, row.id, left_at=now)
    await people.unlink(conn, row.id)
    for case in held:
        await cases.release(house, conn, case, now, f"left: staff:{row.id} to staff:{to.id}")
    content = {"left": True, "to": to.id}
    await note(conn, Entry("staff", f"staff:{row.id}", content, now, row.community_id, who, f"left, over to {to.id}"))
    total = len(await case_shelf.of_staff(conn, to.id))
    town = await cases.town_of(house, conn, row.community_id or (await ledger.communities(conn))[0].id)
    say = await voice(house, conn, town, to.locale)
    await tell(house, conn, to.id, row.community_id, say.say("left_over", who=name, count=str(total)), now)
    return len(held)


async def _successor(house: House, conn: AsyncConnection, row: Any, successor: str, now: datetime) -> Any:
    if successor:
        to = await staff_named(conn, successor)
        if to.id == row.id:
            raise StaffError("somebody else must take over")
        return to
    towns = await _towns_of(house, conn, row)
    for town in towns:
        rota = await rota_of(conn, town, now)
        same = who_next(rota.role(row.role), duty_of(town), now, (row.id,))
        found = same or who_next(rota.staff, duty_of(town), now, (row.id,))
        if found is not None:
            return await people.one(conn, found.id)
    raise StaffError(f"nobody is left to take over from {row.name}; add somebody first")


async def _towns_of(house: House, conn: AsyncConnection, row: Any) -> Sequence[Any]:
    rows = await ledger.communities(conn)
    return [house.town(r) for r in rows if row.community_id in (None, r.id)]

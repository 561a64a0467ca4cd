"""Finding what a person names: an account by its unit's code, a community by its name."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.talk.masked import masked_name
from store import ledger, privacy


class NotFound(Exception):
    """Nothing, or more than one thing, has that name; the message says how to name it."""


async def account_named(conn: AsyncConnection, name: str, community: str | None = None) -> Any:
    """The account of a unit's code as the workbook writes it, or `community/unit`. Raises NotFound.

    The open one; an account of an owner who sold is named `unit@number`, as `former_of` tells it.
    """
    if community is None and "/" in name:
        community, name = name.split("/", 1)
    name = name.strip()
    found = await ledger.find_accounts(conn, name, community) or await _numbered(conn, name, community)
    if not found:
        where = f" in {community}" if community else ""
        raise NotFound(f"no unit {name!r}{where}; write the code as the workbook does, e.g. 3-2-1201")
    open_ones = [row for row in found if row.closed_on is None]
    if len({row.community_id for row in open_ones}) > 1:
        names = ", ".join(f"{row.community}/{name}" for row in open_ones)
        raise NotFound(f"{name} is in several communities; name one of: {names}")
    return (open_ones or found)[0]


async def _numbered(conn: AsyncConnection, name: str, community: str | None) -> list[Any]:
    """The account `unit@number`, if the unit has it. Raises NotFound with those it has."""
    code, _at, number = name.rpartition("@")
    if not (code and number.isdecimal()):
        return []
    rows = await ledger.find_accounts(conn, code, community)
    found = [row for row in rows if row.id == int(number)]
    if rows and not found:
        known = ", ".join(f"{row.code}@{row.id}" for row in rows)
        raise NotFound(f"{code} has no account {number}; it has {known}")
    return found


async def person_named(conn: AsyncConnection, account: Any, whom: str | None) -> int:
    """Who of an account is meant: by full name, by role, or by the number a refusal lists; None: who is responsible.

    Raises NotFound with everybody there is, by role and masked name: a typing error shows nobody's name.
    """
    if whom is None:
        return int(account.person_id)
    people = await privacy.people_of(conn, account.id)
    told = whom.strip().replace("-", "_").casefold()
    found = [
        row for row in people if told and told in (row.name.casefold().replace("-", "_"), row.role, str(row.person_id))
    ]
    if len(found) == 1:
        return int(found[0].person_id)
    known = ", ".join(f"{row.role} {row.person_id} ({masked_name(row.name)})" for row in found or people)
    wrong = "more than one fits" if found else "nobody of that name, role or number belongs to it"
    raise NotFound(f"{account.code}: {wrong}; name one by full name or number: {known}")


async def former_of(conn: AsyncConnection, account: Any) -> list[str]:
    """How the other accounts of an account's unit whose owners sold are named, newest first."""
    rows = await ledger.find_accounts(conn, account.code, account.community)
    return [f"{row.code}@{row.id}" for row in rows if row.closed_on is not None and row.id != account.id]


async def community_named(conn: AsyncConnection, name: str | None) -> Any:
    """The community of a name, or the only one. Raises NotFound."""
    rows = await ledger.communities(conn)
    if name is not None:
        rows = [row for row in rows if row.name == name]
    if not rows:
        raise NotFound(f"no community {name!r}" if name else "there is no community yet; `yinuo import` makes one")
    if len(rows) > 1:
        raise NotFound(f"there are several communities; add --community with one of: {', '.join(r.name for r in rows)}")
    return rows[0]

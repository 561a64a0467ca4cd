"""The sandbox page's questions: whose phone is whose, and what happened to an account and why. Sandbox mode only.

Every route wants the header ``X-Sandbox-Token``; real addresses are given because they are the sandbox's own.
"""

import hmac
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House
from bot.flows.words import Book, book
from bot.web.stage_told import (
    Told,
    case_told,
    decided,
    heard_told,
    in_order,
    message_told,
    next_words,
    payment_told,
    promise_told,
)
from store import stage
from store.ledger import communities

router = APIRouter(prefix="/sandbox", include_in_schema=False)
MOST_OWNERS = 60
MOST_EVENTS = 40
"""Of each kind on one timeline."""


async def house_of(request: Request, x_sandbox_token: Annotated[str, Header()] = "") -> House:
    """The house, for the sandbox alone. 404 outside sandbox mode, 403 without its token."""
    house: House = request.app.state.house
    token = str(getattr(request.app.state, "turn_token", ""))
    if not house.sandbox or not token:
        raise HTTPException(404, "there is no sandbox here")
    if not hmac.compare_digest(x_sandbox_token.encode(), token.encode()):
        raise HTTPException(403, "the sandbox's token is wrong")
    return house


Sandboxed = Annotated[House, Depends(house_of)]


@router.get("/owners")
async def owners(
    house: Sandboxed, search: Annotated[str, Query(max_length=100)] = "",
    at: Annotated[list[str] | None, Query(max_length=60)] = None,
    account: Annotated[list[int] | None, Query(max_length=60)] = None,
) -> dict[str, Any]:  # fmt: skip
    """Accounts by unit, owner or address; or those reached ``at`` addresses ``channel:address`` and those numbered.

    → ``{"owners": [{account, unit, owner, segment, community, locale, timezone, owed_fen, due_fen, contacts:
    [{channel, address, name, proved, opted_out, dead}], next: {zh, en}}]}``; owed is all open principal, due what
    fell due up to the local day.
    """
    async with house.store.read() as conn:
        indexes = [house.store.vault.index(*place.split(":", 1)) for place in at or [] if ":" in place]
        named = bool(at or account)
        if not named:
            indexes = _anywhere(house, search)
        rows = await stage.owners(conn, "" if named else search.strip(), indexes, MOST_OWNERS, account or ())
        return {"owners": await _shown(house, conn, rows)}


def _anywhere(house: House, words: str) -> list[bytes]:
    plain = words.strip().replace(" ", "")
    if len(plain) < 5:
        return []
    numbers = {plain, f"+86{plain}"} if plain.isdigit() else {plain}
    return [house.store.vault.index(channel, n) for channel in ("sms", "telegram", "wechat") for n in numbers]


async def _shown(house: House, conn: AsyncConnection, rows: Sequence[Any]) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    now = house.clock.now()
    towns = {row.id: house.town(row) for row in await communities(conn)}
    owed: dict[int, tuple[int, int]] = {}
    for key in {row.community_id for row in rows}:
        mine = [row.id for row in rows if row.community_id == key]
        owed |= await stage.owed(conn, mine, towns[key].today(now))
    contacts = _by_account(house, await stage.contacts(conn, ids))
    latest: dict[int, Any] = {}
    for row in await stage.decisions(conn, ids):
        latest.setdefault(row.account_id, row)
    books = {key: await book(house, conn, key) for key in {row.community_id for row in rows}}
    return [
        {
            "account": row.id, "unit": row.code, "owner": row.owner, "segment": row.segment,
            "community": row.community, "locale": row.locale or row.town_locale, "timezone": row.timezone,
            "owed_fen": owed.get(row.id, (0, 0))[0], "due_fen": owed.get(row.id, (0, 0))[1],
            "contacts": contacts.get(row.id, []),
            "next": decided(latest[row.id], books[row.community_id]).words if row.id in latest else None,
        }
        for row in rows
    ]  # fmt: skip


def _by_account(house: House, rows: Sequence[Any]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        told = {
            "channel": row.channel, "address": house.store.vault.open(row.address_sealed), "name": row.name,
            "proved": row.trust == "proved", "opted_out": row.opted_out_at is not None, "dead": row.dead_reason,
        }  # fmt: skip
        found.setdefault(row.account_id, []).append(told)
    return found


@router.get("/timeline")
async def timeline(house: Sandboxed, account: int) -> dict[str, Any]:
    """What is planned, was sent or withheld for an account and why, and what the owner and people did.

    → ``{"now", "entries": [{at, kind, step, title, channel, state, words, detail}], "next": {…}}``, oldest first, at
    one instant what was heard before what was said; ``title`` and ``words`` are ``{"zh", "en"}`` or null. 404 for no
    such account.
    """
    now = house.clock.now()
    async with house.store.read() as conn:
        row = await stage.account_row(conn, account)
        if row is None:
            raise HTTPException(404, "there is no such account")
        words = await book(house, conn, row.community_id)
        entries = await _entries(conn, row, words)
        following = await next_words(house, conn, row, words, now)
    entries.sort(key=in_order)
    return {"now": now.isoformat(), "entries": [told.json() for told in entries], "next": following}


async def _entries(conn: AsyncConnection, row: Any, words: Book) -> list[Told]:
    messages = await stage.messages(conn, row, MOST_EVENTS)
    answers = {message.inbound_id: message.step for message in messages if message.inbound_id is not None}
    tries: dict[int, list[Any]] = {}
    for attempt in await stage.attempts(conn, [message.id for message in messages]):
        tries.setdefault(attempt.message_id, []).append(attempt)
    return [
        *(message_told(message, tries.get(message.id, []), words) for message in messages),
        *(decided(decision, words) for decision in await stage.decisions(conn, [row.id]) if decision.verdict != "send"),
        *(told for promise in await stage.promises(conn, row.id, MOST_EVENTS) for told in promise_told(promise)),
        *(payment_told(payment) for payment in await stage.payments(conn, row.id, MOST_EVENTS)),
        *(told for case in await stage.cases(conn, row.id, MOST_EVENTS) for told in case_told(case, words)),
        *(heard_told(heard, answers.get(heard.id, "")) for heard in await stage.heard(conn, row, MOST_EVENTS)),
    ]


@router.get("/staff")
async def staff(house: Sandboxed) -> dict[str, Any]:
    """→ ``{"staff": [{id, name, role, contacts: [{channel, address}]}], "groups": [{channel, address, trouble}]}``."""
    vault = house.store.vault
    people: dict[int, dict[str, Any]] = {}
    async with house.store.read() as conn:
        for row in await stage.staff_people(conn):
            one = people.setdefault(row.id, {"id": row.id, "name": row.name, "role": row.role, "contacts": []})
            if row.channel is not None:
                one["contacts"].append({"channel": row.channel, "address": vault.open(row.address_sealed)})
        groups = [
            {"channel": row.channel, "address": vault.open(row.address_sealed), "trouble": row.trouble}
            for row in await stage.staff_groups(conn)
        ]
    return {"staff": list(people.values()), "groups": groups}

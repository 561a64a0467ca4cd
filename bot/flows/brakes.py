"""The brake and the release: nobody is written to by surprise (I15)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.ledger import LedgerError
from store import ledger
from store.core import community, legal_fact, message, pause
from store.journal import Entry, note

KINDS = ("letter_drafted", "letter_sent", "lawyer_letter_drafted", "lawyer_letter_sent", "suit_prepared", "suit_filed")


@dataclass(frozen=True, slots=True)
class FirstList:
    """What waits for its release: how many messages per step and channel."""

    community: str
    messages: int
    by_step: dict[str, int]
    by_channel: dict[str, int]
    released_at: datetime | None


async def first_list(conn: AsyncConnection, town: Any) -> FirstList:
    """What would leave once the community is released."""
    rows = (
        await conn.execute(
            select(message.c.step, message.c.channel).where(
                message.c.community_id == town.id, message.c.state == "queued",
                message.c.kind.in_(("reminder", "nudge")),
            )
        )
    ).all()  # fmt: skip
    steps: dict[str, int] = {}
    channels: dict[str, int] = {}
    for row in rows:
        steps[row.step] = steps.get(row.step, 0) + 1
        channels[row.channel] = channels.get(row.channel, 0) + 1
    return FirstList(town.name, len(rows), steps, channels, town.released_at)


async def release(conn: AsyncConnection, town: Any, who: str, now: datetime) -> None:
    """Lets the first list go."""
    await conn.execute(update(community).where(community.c.id == town.id).values(released_at=now, released_by=who))
    await note(conn, Entry("release", f"community:{town.id}", {"released_by": who}, now, town.id, who))
    await ledger.look_community(conn, town.id, now)


async def pause_until(
    conn: AsyncConnection, scope: str, until: date, why: str, who: str, now: datetime, community_id: int | None
) -> None:
    """Stops everything (`all`), a community, or a step until the end of a local date."""
    await conn.execute(insert(pause).values(scope=scope, until=until, why=why, who=who, at=now))
    content = {"scope": scope, "until": until.isoformat(), "why": why}
    await note(conn, Entry("pause", f"pause:{scope}", content, now, community_id, who, why))
    await ledger.look_community(conn, community_id, now)


async def resume(conn: AsyncConnection, scope: str, who: str, now: datetime, community_id: int | None) -> int:
    """Lets go of a brake before its end; answers how many were in force."""
    ended = await conn.execute(
        update(pause).where(pause.c.scope == scope, pause.c.ended_at.is_(None)).values(ended_at=now)
    )
    await note(conn, Entry("resume", f"pause:{scope}", {"scope": scope}, now, community_id, who))
    await ledger.look_community(conn, community_id, now)
    return ended.rowcount


async def add_fact(
    conn: AsyncConnection, account: Any, kind: str, reference: str, on: date, who: str, now: datetime
) -> None:
    """A legal fact on record, with its document. Raises LedgerError for a kind that does not exist."""
    if kind not in KINDS:
        raise LedgerError(f"no fact is called {kind!r}; one of: {', '.join(KINDS)}")
    values = {"account_id": account.id, "kind": kind, "ref": reference, "on": on, "who": who, "at": now}
    known = await conn.execute(
        select(legal_fact.c.id).where(
            legal_fact.c.account_id == account.id, legal_fact.c.kind == kind, legal_fact.c.ref == reference
        )
    )
    if known.first() is not None:
        return
    made = await conn.execute(insert(legal_fact).values(**values))
    number = made.inserted_primary_key[0]  # type: ignore[index]
    await note(conn, Entry("legal_fact", f"legal_fact:{number}", values, now, account.community_id, who))
    await ledger.look_now(conn, [account.id], now)

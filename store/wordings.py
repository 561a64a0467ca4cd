"""The drafts' queries, and what is published of each path."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import (
    account,
    approval,
    attempt,
    community,
    message,
    script_draft,
    script_published,
    script_version,
    shipped_default,
)


def _scope(table: Any, community_id: int | None) -> Any:
    return table.c.community_id.is_(None) if community_id is None else table.c.community_id == community_id


async def draft(conn: AsyncConnection, community_id: int | None, path: str) -> Any:
    """The draft of a path in exactly this scope, or None."""
    query = select(script_draft).where(_scope(script_draft, community_id), script_draft.c.path == path)
    return (await conn.execute(query)).first()


async def drafts(conn: AsyncConnection, community_id: int | None) -> Sequence[Any]:
    """Drafts without their texts."""
    query = select(
        script_draft.c.path, script_draft.c.author, script_draft.c.at, script_draft.c.version,
        script_draft.c.wants_second,
    ).where(_scope(script_draft, community_id))  # fmt: skip
    return (await conn.execute(query.order_by(script_draft.c.path))).all()


async def write_draft(
    conn: AsyncConnection, community_id: int | None, path: str, version: int, values: dict[str, Any]
) -> bool:
    """Saves a draft over the version its author began with (0: none); False when somebody was first."""
    await conn.execute(
        select(script_published.c.id).where(script_published.c.path == path).with_for_update()
    )  # fmt: skip
    known = await draft(conn, community_id, path)
    if known is None:
        if version == 0:
            new = {"community_id": community_id, "path": path, "version": 1, **values}
            await conn.execute(insert(script_draft).values(**new))
        return version == 0
    done = await conn.execute(
        update(script_draft)
        .where(script_draft.c.id == known.id, script_draft.c.version == version)
        .values(version=version + 1, **values)
    )
    return bool(done.rowcount == 1)


async def want_second(conn: AsyncConnection, draft_id: int, version: int, wanted: bool) -> bool:
    """Marks a draft as handed to a second person, if it is still the one that was shown."""
    done = await conn.execute(
        update(script_draft)
        .where(script_draft.c.id == draft_id, script_draft.c.version == version)
        .values(wants_second=wanted)
    )
    return bool(done.rowcount == 1)


async def drop_draft(conn: AsyncConnection, draft_id: int, version: int) -> bool:
    """Throws a draft away, if it is still the one that was shown."""
    gone = await conn.execute(
        delete(script_draft).where(script_draft.c.id == draft_id, script_draft.c.version == version)
    )
    return bool(gone.rowcount == 1)


async def in_force(conn: AsyncConnection, community_id: int | None) -> Sequence[Any]:
    """What is published of each path without the texts; a community's own last."""
    scope: ColumnElement[bool] = script_published.c.community_id.is_(None)
    if community_id is not None:
        scope = or_(scope, script_published.c.community_id == community_id)
    query = (
        select(
            script_published.c.path, script_published.c.by, script_published.c.at, script_published.c.version_id,
            script_published.c.community_id, script_version.c.origin, script_version.c.digest,
            script_version.c.provider_template_id, shipped_default.c.digest.label("shipped_digest"),
        )
        .join(script_version, script_version.c.id == script_published.c.version_id)
        .outerjoin(shipped_default, shipped_default.c.path == script_published.c.path)
        .where(scope, script_published.c.replaced_at.is_(None))
        .order_by(script_published.c.community_id.is_not(None), script_published.c.path)
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def shipped(conn: AsyncConnection, path: str) -> Any:
    """The shipped default of a path, or None."""
    return (await conn.execute(select(shipped_default).where(shipped_default.c.path == path))).first()


async def accounts_after(
    conn: AsyncConnection, community_id: int | None, after: int, most: int
) -> list[int]:  # fmt: skip
    """Open accounts in the order of their numbers, a chunk."""
    query = select(account.c.id).where(account.c.closed_on.is_(None), account.c.id > after)
    if community_id is not None:
        query = query.where(account.c.community_id == community_id)
    return list((await conn.execute(query.order_by(account.c.id).limit(most))).scalars())


async def count_accounts(conn: AsyncConnection, community_id: int | None) -> int:
    query = select(func.count()).where(account.c.closed_on.is_(None))
    if community_id is not None:
        query = query.where(account.c.community_id == community_id)
    return int((await conn.execute(query)).scalar_one())


async def request(conn: AsyncConnection, path: str) -> Any:
    """The newest request for a second person's word on a draft that was not refused."""
    query = select(approval).where(
        approval.c.kind == "wording", approval.c.subject == f"draft:{path}", approval.c.state.in_(("open", "approved"))
    )
    return (await conn.execute(query.order_by(approval.c.id.desc()).limit(1))).first()


async def close_requests(conn: AsyncConnection, path: str, state: str, why: str, now: Any) -> None:
    """Open requests for a path are over: the draft was changed or thrown away."""
    await conn.execute(
        update(approval)
        .where(approval.c.kind == "wording", approval.c.subject == f"draft:{path}", approval.c.state == "open")
        .values(state=state, why=why, decided_at=now)
    )


async def set_policy(conn: AsyncConnection, community_id: int, before: str, after: str) -> bool:
    """A community's own policy, if it is still what its editor saw."""
    done = await conn.execute(
        update(community).where(community.c.id == community_id, community.c.policy == before).values(policy=after)
    )
    return bool(done.rowcount == 1)


async def people_after(conn: AsyncConnection, community_id: int, after: int, most: int) -> list[int]:
    """Responsible people of open accounts in the order of their numbers, a chunk."""
    query = (
        select(account.c.person_id)
        .where(account.c.community_id == community_id, account.c.closed_on.is_(None), account.c.person_id > after)
        .distinct()
        .order_by(account.c.person_id)
        .limit(most)
    )
    return list((await conn.execute(query)).scalars())


def accounts_of_people(community_id: int, first: int, last: int) -> Select[Any]:
    """Open accounts of people from first to last."""
    return select(account.c.id).where(
        account.c.community_id == community_id, account.c.closed_on.is_(None), account.c.person_id >= first,
        account.c.person_id <= last,
    )  # fmt: skip


def replied(detail: str) -> str:
    """The provider's id of the message an inbound replies to, or nothing."""
    return str(json.loads(detail or "{}").get("reply_to") or "")


async def told_staff(conn: AsyncConnection, staff_id: int, provider_id: str) -> str | None:
    """The text of a private message to a colleague, by the provider's id."""
    query = (
        select(attempt.c.text)
        .join(message, message.c.id == attempt.c.message_id)
        .where(message.c.staff_id == staff_id, attempt.c.provider_id == provider_id)
        .order_by(attempt.c.id.desc())
        .limit(1)
    )
    found: str | None = (await conn.execute(query)).scalar()
    return found

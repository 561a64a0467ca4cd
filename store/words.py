"""The words' queries: versions are written once, the published pointer moves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk
from store.core import script_published, script_version, shipped_default


async def newest_pointer(conn: AsyncConnection) -> int:
    """A number that grows with every publication: tells whether a book at hand is still the newest."""
    return int((await conn.execute(select(func.coalesce(func.max(script_published.c.id), 0)))).scalar_one())


async def approvals(conn: AsyncConnection) -> int:
    """A number that changes when a provider's template id is entered."""
    query = select(func.count()).where(script_version.c.provider_template_id != "")
    return int((await conn.execute(query)).scalar_one())


def marks() -> Select[Any]:
    """Two numbers of which one changes whenever other words are out: published, or approved by a provider."""
    newest = select(func.coalesce(func.max(script_published.c.id), 0)).scalar_subquery()
    approved = select(func.count()).where(script_version.c.provider_template_id != "").scalar_subquery()
    return select(newest.label("newest"), approved.label("approved"))


async def mark(conn: AsyncConnection) -> tuple[int, int]:
    """Both numbers at once."""
    row = (await conn.execute(marks())).one()
    return int(row[0]), int(row[1])


async def with_own_words(conn: AsyncConnection) -> set[int | None]:
    """Communities that published wordings of their own."""
    query = select(script_published.c.community_id).where(
        script_published.c.community_id.is_not(None), script_published.c.replaced_at.is_(None)
    )
    return set((await conn.execute(query.distinct())).scalars())


async def published(conn: AsyncConnection, community_id: int | None) -> Sequence[Any]:
    """Published versions of the house, a community's own last so that they win."""
    scope: ColumnElement[bool] = script_published.c.community_id.is_(None)
    if community_id is not None:
        scope = or_(scope, script_published.c.community_id == community_id)
    query = (
        select(script_version, script_published.c.community_id.label("scope"))
        .join(script_version, script_version.c.id == script_published.c.version_id)
        .where(scope, script_published.c.replaced_at.is_(None))
        .order_by(script_published.c.community_id.is_not(None), script_version.c.path)
    )
    return (await conn.execute(query)).all()


async def current(conn: AsyncConnection, community_id: int | None, path: str) -> Any:
    """The published version of one path in exactly this scope."""
    query = (
        select(script_version)
        .join(script_published, script_published.c.version_id == script_version.c.id)
        .where(_scope(script_published, community_id), script_published.c.path == path,
               script_published.c.replaced_at.is_(None))
    )  # fmt: skip
    return (await conn.execute(query)).first()


def _scope(table: Any, community_id: int | None) -> Any:
    return table.c.community_id.is_(None) if community_id is None else table.c.community_id == community_id


async def version(conn: AsyncConnection, version_id: int) -> Any:
    return (await conn.execute(select(script_version).where(script_version.c.id == version_id))).first()


async def history(conn: AsyncConnection, community_id: int | None, path: str) -> Sequence[Any]:
    """Every publication of a path, newest first, with its text."""
    query = (
        select(
            script_published.c.id, script_published.c.version_id, script_published.c.by, script_published.c.why,
            script_published.c.at, script_published.c.replaced_at, script_version.c.source_text,
            script_version.c.origin, script_version.c.digest,
        )
        .join(script_version, script_version.c.id == script_published.c.version_id)
        .where(_scope(script_published, community_id), script_published.c.path == path)
        .order_by(script_published.c.id.desc())
    )  # fmt: skip
    return (await conn.execute(query)).all()


async def write_version(conn: AsyncConnection, values: dict[str, Any]) -> tuple[int, bool]:
    """Writes a version unless the very same text is known; answers its number and whether it is new."""
    known = (
        await conn.execute(
            select(script_version.c.id).where(
                _scope(script_version, values.get("community_id")),
                script_version.c.path == values["path"],
                script_version.c.digest == values["digest"],
            )
        )
    ).scalar()
    if known is not None:
        return int(known), False
    made = await conn.execute(insert(script_version).values(**values))
    return int(made.inserted_primary_key[0]), True  # type: ignore[index]


async def point(
    conn: AsyncConnection, community_id: int | None, path: str, version_id: int, by: str, why: str, now: datetime
) -> int:
    """Moves the published pointer."""
    await conn.execute(
        update(script_published)
        .where(_scope(script_published, community_id), script_published.c.path == path,
               script_published.c.replaced_at.is_(None))
        .values(replaced_at=now)
    )  # fmt: skip
    made = await conn.execute(
        insert(script_published).values(
            community_id=community_id, path=path, version_id=version_id, by=by, why=why, at=now
        )
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


_WRITTEN = ("path", "digest", "source_text", "community_id", "origin", "author", "why", "created_at")


async def house_paths(conn: AsyncConnection) -> set[str]:
    """Paths that have a published wording of the house."""
    query = select(script_published.c.path).where(
        script_published.c.community_id.is_(None), script_published.c.replaced_at.is_(None)
    )
    return set((await conn.execute(query)).scalars())


async def write_first(conn: AsyncConnection, versions: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    """First versions of many paths, each published and kept as the shipped default; answers version and pointer."""
    ids = await bulk.take_ids(conn, script_version, len(versions))
    pointers = await bulk.take_ids(conn, script_published, len(versions))
    numbered = list(zip(ids, pointers, versions, strict=True))
    await bulk.insert_rows(
        conn, script_version, ("id", "provider_template_id", *_WRITTEN),
        [(number, "", *(v[name] for name in _WRITTEN)) for number, _p, v in numbered],
    )  # fmt: skip
    await bulk.insert_rows(
        conn, script_published, ("id", "community_id", "path", "version_id", "by", "why", "at"),
        [(pointer, v["community_id"], v["path"], number, v["author"], v["why"], v["created_at"])
         for number, pointer, v in numbered],
    )  # fmt: skip
    await bulk.insert_rows(
        conn, shipped_default, ("path", "digest", "source_text", "at"),
        [(v["path"], v["digest"], v["source_text"], v["created_at"]) for v in versions],
    )  # fmt: skip
    return list(zip(ids, pointers, strict=True))


async def set_template_id(conn: AsyncConnection, version_id: int, template_id: str) -> None:
    await conn.execute(
        update(script_version).where(script_version.c.id == version_id).values(provider_template_id=template_id)
    )


async def defaults(conn: AsyncConnection) -> dict[str, Any]:
    """The shipped wordings as last seen, by path."""
    return {row.path: row for row in (await conn.execute(select(shipped_default))).all()}


async def set_default(conn: AsyncConnection, path: str, digest: str, source_text: str, now: datetime) -> None:
    known = (await conn.execute(select(shipped_default.c.path).where(shipped_default.c.path == path))).first()
    values = {"digest": digest, "source_text": source_text, "at": now}
    if known is None:
        await conn.execute(insert(shipped_default).values(path=path, **values))
    else:
        await conn.execute(update(shipped_default).where(shipped_default.c.path == path).values(**values))

"""What holds around a run for whole communities: their rows, brakes, how fresh each book is, which words are out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import api_client, community, late_fee_rate, ledger_watermark, pause
from store.questions import Question, Some, ask, given
from store.words import marks


@dataclass(frozen=True, slots=True)
class Around:
    """Rows as they stand in one transaction."""

    communities: Sequence[Any]
    pauses: Sequence[Any]
    """Brakes in force, or over since yesterday."""
    watermarks: dict[int, date]
    """The newest day up to which payments are in the book."""
    live: set[int | None]
    """Communities whose payments are told as they come; None: all of them."""
    mark: tuple[int, int]
    """Changes whenever other words are out."""
    charging: set[int]
    """Communities that ask for a late fee."""


async def around(conn: AsyncConnection, now: datetime, only: Collection[int | None] | None = None) -> Around:
    """What holds for all communities, or ``only`` for these."""
    told = {"day": now.date() - timedelta(days=1), "only": tuple(number for number in only or () if number is not None)}
    asked = _ALL if only is None else _THESE
    communities, watermarks, *common = await ask(conn, *((question, told) for question in (*asked, *_COMMON)))
    pauses, live, mark, charging = common
    return Around(
        communities, pauses, dict(watermarks), {row.community_id for row in live}, tuple(mark[0]),
        {row.community_id for row in charging},
    )  # fmt: skip


def _communities(some: Some | None) -> Any:
    query = select(community).order_by(community.c.id)
    return query if some is None else query.where(some(community.c.id, "only"))


def _watermarks(some: Some | None) -> Any:
    mark = ledger_watermark.c
    query = select(mark.community_id, func.max(mark.as_of).label("as_of")).group_by(mark.community_id)
    return query if some is None else query.where(some(mark.community_id, "only"))


_THESE = (Question(_communities), Question(_watermarks))
_ALL = (Question(lambda _: _communities(None)), Question(lambda _: _watermarks(None)))
_COMMON = (
    Question(
        lambda _: select(pause).where(pause.c.ended_at.is_(None), pause.c.until >= given("day", pause.c.until.type))
    ),
    Question(
        lambda _: select(api_client.c.community_id).where(
            api_client.c.live.is_(True), api_client.c.revoked_at.is_(None)
        )
    ),
    Question(lambda _: marks()),
    Question(lambda _: select(late_fee_rate.c.community_id).distinct()),
)

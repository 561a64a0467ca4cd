"""The summary's figures of promises, cases and cards."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bot.flows.house import House
from store.core import case_, case_event, promise, promise_outcome


async def of_people(house: House, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Promises made, kept, broken; cases and their moves; posts a minute in the group; what fell between chairs."""
    async with house.store.read() as conn:
        made = (await conn.execute(select(func.count()).select_from(promise))).scalar_one()
        outcomes = Counter((await conn.execute(select(promise_outcome.c.outcome))).scalars())
        moves = Counter((await conn.execute(select(case_event.c.kind))).scalars())
        causes = Counter((await conn.execute(select(case_.c.cause))).scalars())
        lost = (await conn.execute(_broken_without_case())).scalar_one()
        orphans = (await conn.execute(_without_owner())).scalar_one()
    return {
        "promises": {"made": made, "kept": outcomes["kept"], "partly_kept": outcomes["partly_kept"],
                     "broken": outcomes["broken"]},
        "cases": {name: moves[name] for name in ("opened", "claimed", "resolved", "lapsed")},
        "causes": dict(causes.most_common()), "cards_per_minute_max": per_minute(lines),
        "broken_without_case": lost, "cases_without_owner": orphans,
    }  # fmt: skip


def _broken_without_case() -> Any:
    opened = select(case_.c.id).where(
        case_.c.account_id == promise.c.account_id, case_.c.cause.in_(("broken_promise", "second_broken_promise"))
    )
    return select(func.count()).select_from(promise).where(promise.c.state == "broken", ~opened.exists())


def _without_owner() -> Any:
    return (
        select(func.count())
        .select_from(case_)
        .where(case_.c.state != "resolved", case_.c.assistant_id.is_(None), case_.c.claimed_by.is_(None))
    )


def per_minute(lines: list[dict[str, Any]]) -> int:
    """The most posts (edits do not count) that any group got within one minute of real time or trade time."""
    posts = [line for line in lines if _to_group(line) and not line.get("method", "").lower().startswith("edit")]
    times = Counter((line["to"], datetime.fromisoformat(line["at"]).replace(second=0, microsecond=0)) for line in posts)
    return max(times.values(), default=0)


def _to_group(line: dict[str, Any]) -> bool:
    return line["channel"] == "wecom" or str(line["to"]).startswith("-")

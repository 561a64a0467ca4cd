"""The daily collection report the seeds ask for [003]: money, promises, contacts, difficulties, individual cases.

One report begins where the one before ended, so that what happens in the evening and at the weekend is in a report too.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.case_list import line
from bot.flows.faces import duty_of, faces
from bot.flows.house import Town
from bot.flows.staff_voice import Spoken, Voice
from bot.rules.windows import midnight
from store import cases as shelf
from store import day as figures

CHART_DAYS = 14
LATE_DAYS = 7
"""Money paid on an earlier day and entered since the last report is told apart, if it is not older than this."""
_BACK = 30
MOST_CASES = 12
"""Individual cases named in the report."""


@dataclass(frozen=True, slots=True)
class Report:
    """The collection report of one local date. Money in fen; ``rate_bp``: paid of all that fell due, in 0.01 %.

    ``late_fen``: paid on an earlier date, known since the last report.
    """

    community: str
    on: str
    collected_fen: int
    payments: int
    late_fen: int
    period_from: str
    period_fen: int
    rate_bp: int
    promises: dict[str, int]
    contacts: dict[str, int]
    results: dict[str, int]
    difficulties: dict[str, int]
    opened: int
    resolved: int
    left: int
    case_ids: tuple[int, ...]
    by_day: tuple[tuple[str, int], ...]

    def json(self) -> dict[str, Any]:
        return asdict(self)


async def report_text(conn: AsyncConnection, town: Town, say: Voice, report: Report, now: datetime) -> Spoken:
    """The report in words, as the group reads it: no owner but masked."""
    told = [line(say, face) for face in await faces(conn, town, list(report.case_ids), now)]
    contacts = [f"{say.term('ways', way)} {n}" for way, n in report.contacts.items()]
    for key, n in report.results.items():
        way, state = key.split(":")
        contacts.append(f"{say.term('ways', way)} {say.term('ways', state)} {n}")
    return say.say(
        "report", community=town.name, as_of=date.fromisoformat(report.on), paid=report.collected_fen,
        paid_late=report.late_fen,
        count=str(report.payments), total=report.period_fen, rate=f"{report.rate_bp / 100:.1f}%",
        made=str(report.promises["made"]), kept=str(report.promises["kept"]), broken=str(report.promises["broken"]),
        contacts="，".join(contacts) or "—", opened=str(report.opened), resolved=str(report.resolved),
        left=str(report.left), menu="\n".join(told),
        difficulties="，".join(f"{say.term('causes', c)} {n}" for c, n in report.difficulties.items()) or "—",
    )  # fmt: skip


async def daily_report(conn: AsyncConnection, town: Town, on: date) -> Report:
    """The figures of one local date: its money, all else since the report before; the period is its quarter."""
    start, end = span_of(town, on)
    quarter = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    fen, count = await figures.collected(conn, town.id, on, on)
    period, _n = await figures.collected(conn, town.id, quarter, on)
    due, left = await figures.charged(conn, town.id, on)
    ended = await figures.promises_ended(conn, town.id, start, end)
    opened, resolved = await figures.cases_between(conn, town.id, start, end)
    open_ones = await shelf.unresolved(conn, town.id)
    bot = await figures.contacts_by_bot(conn, town.id, start, end)
    urgent_first = sorted(open_ones, key=lambda row: (not row.urgent, row.due_at is None, row.due_at, row.id))
    return Report(
        community=town.name, on=on.isoformat(), collected_fen=fen, payments=count,
        late_fen=await figures.collected_late(conn, town.id, on - timedelta(days=LATE_DAYS), on, start, end),
        period_from=quarter.isoformat(),
        period_fen=period, rate_bp=(due - left) * 10_000 // due if due else 10_000,
        promises={
            "made": await figures.promises_made(conn, town.id, start, end), "kept": ended.get("kept", 0),
            "partly_kept": ended.get("partly_kept", 0), "broken": ended.get("broken", 0),
        },
        contacts=await figures.contacts_by_people(conn, town.id, start, end),
        results={f"{channel}:{state}": n for (channel, state), n in bot.items()}, difficulties=opened,
        opened=sum(opened.values()), resolved=resolved, left=len(open_ones),
        case_ids=tuple(row.id for row in urgent_first[:MOST_CASES]), by_day=await _by_day(conn, town, on),
    )  # fmt: skip


def span_of(town: Town, on: date) -> tuple[datetime, datetime]:
    """From the end of the last staff hours before a local date to the end of its own, or of the day itself."""
    hours = duty_of(town)
    earlier = (hours.closing(on - timedelta(days=n)) for n in range(1, _BACK))
    start = next((at for at in earlier if at is not None), midnight(on, town.zone))
    return start, hours.closing(on) or midnight(on + timedelta(days=1), town.zone)


async def _by_day(conn: AsyncConnection, town: Town, on: date) -> tuple[tuple[str, int], ...]:
    found = []
    for n in range(CHART_DAYS - 1, -1, -1):
        day = on - timedelta(days=n)
        fen, _count = await figures.collected(conn, town.id, day, day)
        found.append((day.isoformat(), fen))
    return tuple(found)

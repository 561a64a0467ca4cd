"""The pace of the desk: so many messages an hour that it can answer those who call back; in batches of five minutes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.flows.climate import Weather
from bot.rules.moment import Moment
from bot.rules.throttle import Opening, spread
from store import plan as shelf

Lead = tuple[int, str, datetime]
"""Community, band, and the UTC instant from which a message may leave."""


_FIVE_MINUTES = timedelta(minutes=5)


@dataclass(slots=True)
class Pace:
    """The instants given away so far, by community and band, asked for once however many chunks follow.

    ``whole``: of every community, for a run over all of them.
    """

    climate: Weather
    whole: bool = False
    last: dict[tuple[int, str], datetime] | None = None

    async def times(self, conn: Any, leads: Sequence[Lead]) -> list[datetime]:
        """When each message leaves; its own instant where no window opens any more."""
        if self.last is None:
            self.last = await shelf.last_queued(conn, None if self.whole else {lead[0] for lead in leads})
        groups: dict[tuple[int, str], list[int]] = {}
        for place, (community_id, band, _at) in enumerate(leads):
            groups.setdefault((community_id, band), []).append(place)
        found = [lead[2] for lead in leads]
        for key, places in groups.items():
            for place, at in zip(places, self._group(key, [found[place] for place in places]), strict=True):
                found[place] = at or found[place]
            self.last[key] = max(found[place] for place in places)
        return found

    def _group(self, key: tuple[int, str], at: Sequence[datetime]) -> list[datetime | None]:
        assert self.last is not None
        community_id, band = key
        rule = self.climate.towns[community_id].policy.band[band]
        taken = self.last.get(key)
        opening = _opening(self.climate.moments[community_id], rule.formal)
        return _batches(spread(len(at), rule.per_hour, max(at), opening, [taken] if taken else ()))


def _opening(moment: Moment, formal: bool) -> Opening:
    """The next opening from an instant on; the span it lies in is looked up once, not for each message."""
    begins = ends = moment.now

    def opening(at: datetime) -> datetime | None:
        nonlocal begins, ends
        if not begins <= at < ends:
            span = moment.span_after(at, formal, "", "")
            if span is None:
                return None
            begins, ends = span
        return at if at > begins else begins

    return opening


def _batches(times: Iterable[datetime | None]) -> list[datetime | None]:
    """The instants, which only rise, each as the beginning of its five minutes."""
    found: list[datetime | None] = []
    batch = ends = None
    for at in times:
        if at is not None and (batch is None or ends is None or not batch <= at < ends):
            batch = at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)
            ends = batch + _FIVE_MINUTES
        found.append(None if at is None else batch)
    return found

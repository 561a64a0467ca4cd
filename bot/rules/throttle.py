"""The pace of a community: so many messages an hour that the desk can answer those who call back."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

Opening = Callable[[datetime], datetime | None]
"""The first instant from one on at which such a message may leave, or None."""


def spread(
    count: int, per_hour: int, start: datetime, opening: Opening, taken: Iterable[datetime] = ()
) -> list[datetime | None]:
    """Instants for ``count`` messages from ``start`` on, evenly, within windows, at most ``per_hour`` in any hour.

    ``taken``: instants already given away for the same community and band; the new ones come after the last of them
    if they would be too near. None where no window opens any more.
    """
    apart = timedelta(hours=1) / per_hour
    last = max(taken, default=None)
    at = start if last is None else max(start, last + apart)
    found: list[datetime | None] = []
    for _ in range(count):
        opens = opening(at)
        found.append(opens)
        if opens is None:
            continue
        at = opens + apart
    return found

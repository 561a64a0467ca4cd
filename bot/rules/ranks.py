"""The state of a message only ever moves up: a late, doubled or disordered receipt changes nothing.

Before a provider answered, a message may fall back from uncertain to queued by a decision of ours (``settle``); that is
no receipt and does not pass through here.
"""

RANK: dict[str, int] = {
    "queued": 0,
    "sending": 1,
    "uncertain": 2,
    "accepted": 3,
    "failed": 4,
    "delivered": 5,
    "read": 6,
}
"""By receipts. Delivered outranks failed, because some carriers report both."""

ENDS = frozenset({"skipped", "superseded", "cancelled", "abandoned"})
"""Ends of our own making: nothing was handed over, so no receipt can be about it."""


def rise(old: str, new: str) -> str:
    """The state after a receipt: the higher of the two; an end of our own stays. KeyError for an unknown state."""
    if old in ENDS:
        return old
    if new in ENDS:
        return new if RANK[old] < RANK["accepted"] else old
    return new if RANK[new] > RANK[old] else old

from datetime import date, datetime, timedelta
from itertools import permutations

import pytest
from rules_kit import at, now_at

from bot.rules.ranks import RANK, rise
from bot.rules.throttle import spread

DAY = date(2026, 11, 20)


def opening(instant: datetime) -> datetime | None:
    return now_at(DAY).opening_after(instant, False, "sms", "resident")


def test_a_community_hears_at_most_its_pace_in_any_hour() -> None:
    times = [time for time in spread(600, 150, at(DAY, 9, 30), opening) if time is not None]
    assert len(times) == 600
    assert all(late - early >= timedelta(hours=1) for early, late in zip(times, times[150:], strict=False))
    assert all(opening(time) == time for time in times)
    assert times[0] == at(DAY, 9, 30)


def test_new_messages_queue_behind_those_already_given_a_time() -> None:
    taken = [at(DAY, 10), at(DAY, 10, 30)]
    assert spread(1, 40, at(DAY, 9, 30), opening, taken) == [at(DAY, 10, 31) + timedelta(seconds=30)]


def test_where_no_window_opens_there_is_no_time() -> None:
    assert spread(2, 40, at(DAY), lambda _: None) == [None, None]


def test_receipts_only_ever_raise_a_message() -> None:
    for order in permutations(["accepted", "delivered", "read", "delivered", "failed"]):
        state = "sending"
        for receipt in order:
            before, state = state, rise(state, receipt)
            assert RANK[state] >= RANK[before]
        assert state == "read"


def test_an_end_of_our_own_is_not_undone() -> None:
    assert rise("cancelled", "delivered") == "cancelled"
    assert rise("queued", "superseded") == "superseded"
    assert rise("delivered", "skipped") == "delivered"


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(KeyError):
        rise("queued", "teleported")

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from rules_kit import CALENDAR, SHANGHAI, at, shipped

from bot.rules import windows
from bot.rules.calendar import Calendar
from bot.rules.windows import common, next_opening, open_now

BANDS = [band.id for band in shipped().bands]


@pytest.mark.parametrize(
    ("day", "hour", "minute", "band", "is_open"),
    [
        (date(2026, 11, 20), 9, 29, "warm", False),
        (date(2026, 11, 20), 9, 30, "warm", True),
        (date(2026, 11, 20), 11, 59, "warm", True),
        (date(2026, 11, 20), 12, 0, "warm", False),
        (date(2026, 11, 20), 19, 59, "warm", True),
        (date(2026, 11, 20), 20, 0, "warm", False),
        (date(2026, 11, 20), 18, 0, "formal", False),  # the phones are no longer staffed
        (date(2026, 11, 20), 17, 29, "law", True),
        (date(2026, 11, 21), 9, 45, "warm", False),  # a rest day begins later
        (date(2026, 11, 21), 10, 0, "warm", True),
        (date(2026, 11, 21), 10, 0, "formal", False),
        (date(2026, 10, 1), 10, 0, "talk", True),
        (date(2026, 2, 17), 10, 0, "warm", False),
        (date(2026, 4, 5), 10, 0, "warm", False),
        (date(2026, 3, 3), 10, 0, "formal", False),  # the 15th of the first lunar month
        (date(2026, 3, 3), 10, 0, "talk", True),
        (date(2026, 3, 4), 10, 0, "formal", True),  # the 16th
    ],
)
def test_i4_never_in_the_dark(day: date, hour: int, minute: int, band: str, is_open: bool) -> None:
    now = at(day, hour, minute)
    assert open_now(shipped(), CALENDAR, SHANGHAI, now, band, "sms", "resident") is is_open


def test_a_segment_replaces_and_a_channel_narrows_the_hours() -> None:
    policy = shipped(
        '{"windows": {"by_segment": {"shop": {"workday": ["20:30-21:30"]}},'
        ' "by_channel": {"sms": {"workday": ["10:00-11:00"]}}}}'
    )
    day = date(2026, 11, 20)
    assert open_now(policy, CALENDAR, SHANGHAI, at(day, 21), "warm", "wechat", "shop")
    assert not open_now(policy, CALENDAR, SHANGHAI, at(day, 10), "warm", "wechat", "shop")
    assert not open_now(policy, CALENDAR, SHANGHAI, at(day, 9, 45), "warm", "sms", "resident")
    assert open_now(policy, CALENDAR, SHANGHAI, at(day, 9, 45), "warm", "wechat", "resident")


def test_after_new_years_eve_the_next_word_is_on_the_eighth() -> None:
    opens = next_opening(shipped(), CALENDAR, SHANGHAI, at(date(2026, 2, 15), 19), "warm", "sms", "resident")
    assert opens == at(date(2026, 2, 24), 9, 30)


def test_no_window_within_sight_says_none() -> None:
    policy = shipped('{"windows": {"by_channel": {"sms": {"workday": [], "rest": [], "holiday": []}}}}')
    assert next_opening(policy, CALENDAR, SHANGHAI, at(date(2026, 11, 20)), "warm", "sms", "resident") is None


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 11, 1)),
        ("America/Santiago", date(2026, 9, 6)),  # midnight does not exist
    ],
)
def test_summer_time_moves_the_instant_not_the_hour(zone: str, day: date) -> None:
    tz, elsewhere = ZoneInfo(zone), Calendar("elsewhere")
    for n in (-1, 0, 1):
        midnight = datetime.combine(day + timedelta(days=n), datetime.min.time(), tz).astimezone(UTC)
        opens = next_opening(shipped(), elsewhere, tz, midnight, "warm", "sms", "resident")
        assert opens is not None
        local = opens.astimezone(tz)
        assert (local.hour, local.minute) in ((9, 30), (10, 0))


@seed(20261122)
@settings(max_examples=150, deadline=None)
@given(
    minutes=st.integers(0, 3 * 366 * 1440),
    band=st.sampled_from(BANDS),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]),
)
def test_the_next_opening_is_open_and_nothing_is_open_before_it(minutes: int, band: str, zone: str) -> None:
    tz, policy = ZoneInfo(zone), shipped()
    now = datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = next_opening(policy, CALENDAR, tz, now, band, "sms", "resident")
    assert opens is not None
    assert open_now(policy, CALENDAR, tz, opens, band, "sms", "resident")
    step = max(timedelta(minutes=13), (opens - now) / 50)
    before = now
    while before < opens:
        assert not open_now(policy, CALENDAR, tz, before, band, "sms", "resident")
        before += step


def test_common_hours_are_those_in_both() -> None:
    assert common(((1, 5), (7, 9)), ((4, 8),)) == ((4, 5), (7, 8))


def test_a_window_may_end_at_twenty_four_hours() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert windows.instant(date(2026, 11, 25), 24 * 60, shanghai) == datetime(2026, 11, 25, 16, 0, tzinfo=UTC)

"""Working time: minutes that count, mornings, lapses, and who is next."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.calendar import Calendar
from bot.rules.duty import Colleague, Duty, NoHours, duty, spans_of, who_next, works

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = duty(None, Calendar(), SHANGHAI)


def at(day: int, clock: str, month: int = 11) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=SHANGHAI).astimezone(UTC)


def test_two_working_hours_later_within_a_day() -> None:
    assert HOURS.after(at(25, "10:07"), 120) == at(25, "12:07")


def test_what_does_not_fit_into_today_goes_on_tomorrow_morning() -> None:
    assert HOURS.after(at(25, "17:30"), 120) == at(26, "10:30")


def test_a_deadline_on_the_end_of_the_day_is_the_next_opening() -> None:
    assert HOURS.after(at(25, "16:00"), 120) == at(26, "09:00")


def test_a_friday_evening_counts_from_monday() -> None:
    assert HOURS.after(at(27, "23:59"), 30) == at(30, "09:30")
    assert HOURS.next(at(27, "18:00")) == at(30, "09:00")


def test_a_public_holiday_is_no_working_time() -> None:
    assert HOURS.next(at(1, "10:00", month=10)) == at(8, "09:00", month=10)


def test_a_make_up_workday_is_working_time() -> None:
    assert HOURS.on(at(10, "10:00", month=10))


def test_one_day_later_is_the_same_minute_of_the_next_working_day() -> None:
    assert HOURS.same_time(at(25, "10:07"), 1) == at(26, "10:07")
    assert HOURS.same_time(at(27, "10:07"), 1) == at(30, "10:07")
    assert HOURS.same_time(at(25, "20:00"), 1) == at(27, "09:00")


def test_backwards_over_the_night() -> None:
    assert HOURS.after(at(26, "10:00"), -120) == at(25, "17:00")


def test_the_supervisor_hears_at_ten_on_the_next_working_day() -> None:
    assert HOURS.at_minute(at(27, "15:00"), 600) == at(30, "10:00")


def test_the_morning_of_a_rest_day_is_the_next_working_morning() -> None:
    assert HOURS.morning(date(2026, 11, 28)) == at(30, "09:00")
    assert HOURS.opening(date(2026, 11, 28)) is None


def test_hours_in_which_nobody_works_are_refused() -> None:
    with pytest.raises(NoHours):
        duty({"workday": []}, Calendar(), SHANGHAI)
    with pytest.raises(NoHours):
        spans_of(["9-18"])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60 * 24 * 40), st.integers(0, 3000), st.integers(1, 3000))
def test_minutes_add_up_and_always_land_in_working_time(start: int, one: int, two: int) -> None:
    begin = datetime(2026, 9, 20, tzinfo=UTC) + timedelta(minutes=start)
    middle = HOURS.after(begin, one)
    assert HOURS.on(middle)
    assert HOURS.after(middle, two) == HOURS.after(begin, one + two)


def test_the_rota_passes_over_whoever_is_off() -> None:
    wednesday = date(2026, 11, 25)
    rota = [Colleague(1, "assistant", 1), Colleague(2, "assistant", 2, off=frozenset({wednesday})),
            Colleague(3, "assistant", 3)]  # fmt: skip
    found = who_next(rota, HOURS, at(25, "10:00"), {1})
    assert found is not None
    assert found.id == 3


def test_own_hours_narrow_the_communitys() -> None:
    early = Colleague(1, "assistant", week={"wed": spans_of(["09:00-12:00"])})
    assert works(early, HOURS, at(25, "11:59"))
    assert not works(early, HOURS, at(25, "12:00"))
    assert works(early, HOURS, at(26, "12:00"))


def test_when_nobody_works_the_first_on_the_rota_is_named() -> None:
    rota = [Colleague(5, "assistant", 2), Colleague(4, "assistant", 1)]
    found = who_next(rota, HOURS, at(25, "22:00"), ())
    assert found is not None
    assert found.id == 4
    assert who_next([], HOURS, at(25, "10:00"), ()) is None


def test_a_zone_with_summer_time_keeps_its_wall_clock() -> None:
    sydney = Duty({"workday": ((540, 1080),)}, Calendar("elsewhere"), ZoneInfo("Australia/Sydney"))
    friday = datetime(2026, 10, 2, 0, 0, tzinfo=UTC)
    assert sydney.same_time(friday, 1).astimezone(sydney.tz).time() == friday.astimezone(sydney.tz).time()

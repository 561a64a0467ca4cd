"""A time of the day that stands alone is today's, or tomorrow's once it is over."""

from datetime import date, datetime, timedelta, timezone

import pytest

from bot.talk.dates import read_date

SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("text", "hour", "day"),
    [
        ("晚上转你", 10, 25), ("晚上转你", 22, 25), ("上午去交", 9, 25), ("上午去交", 19, 26), ("下午三点", 16, 26),
        ("8点前", 10, 25), ("at 8pm", 10, 25), ("at 9am", 10, 26), ("at midnight", 10, 26), ("noon", 10, 25),
    ],
)  # fmt: skip
def test_a_time_of_the_day_has_its_day(text: str, hour: int, day: int) -> None:
    assert read_date(text, datetime(2026, 11, 25, hour, tzinfo=SHANGHAI)) == date(2026, 11, day)


@pytest.mark.parametrize("text", ["晚一点再交", "每天晚上都吵", "Feb 5 AM is fine"])
def test_what_is_no_time_of_this_day_names_none(text: str) -> None:
    found = read_date(text, datetime(2026, 11, 25, 10, tzinfo=SHANGHAI))
    assert found != date(2026, 11, 25)

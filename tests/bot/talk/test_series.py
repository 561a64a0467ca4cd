"""Payments that come back have their days when a sentence says how many."""

from datetime import date

import pytest

from bot.talk.normal import normalise
from bot.talk.series import series

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("每月5号交400，交三个月", ["2026-12-05", "2027-01-05", "2027-02-05"]),
        ("从下个月起每月15号给1000，连着给两个月", ["2026-12-15", "2027-01-15"]),
        ("每月底还300，分三期", ["2026-11-30", "2026-12-31", "2027-01-31"]),
        ("每周五给你100，给三周", ["2026-11-27", "2026-12-04", "2026-12-11"]),
        ("500 every Friday for 2 weeks", ["2026-11-27", "2026-12-04"]),
        ("200 on the 1st of each month", []),
        ("每个月还200行吗", []),
        ("1st of every month for three months", ["2026-12-01", "2027-01-01", "2027-02-01"]),
    ],
)
def test_a_series_has_its_days(text: str, days: list[str]) -> None:
    assert [day.isoformat() for day in series(normalise(text), WEDNESDAY)] == days


def test_a_series_without_a_number_of_payments_names_no_day() -> None:
    assert series(normalise("每月15号交"), WEDNESDAY) == ()

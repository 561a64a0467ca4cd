from datetime import date, timedelta

import pytest

from bot.rules.calendar import Calendar, lunar_new_year, published_years, statutory_days

MAINLAND = Calendar()
ELSEWHERE = Calendar("elsewhere")


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 11, 20), "workday"),
        (date(2026, 11, 21), "rest"),
        (date(2026, 10, 1), "holiday"),
        (date(2026, 10, 10), "workday"),  # a Saturday worked for the National Day
        (date(2026, 2, 14), "workday"),  # a Saturday worked for the New Year
        (date(2026, 2, 15), "holiday"),
        (date(2026, 2, 16), "new_year"),  # the eve
        (date(2026, 2, 23), "new_year"),  # the 7th
        (date(2026, 2, 24), "workday"),  # the 8th
        (date(2026, 4, 5), "qingming"),
        (date(2026, 4, 6), "holiday"),
        (date(2024, 2, 29), "workday"),
    ],
)
def test_a_day_in_a_published_year_has_its_kind(day: date, kind: str) -> None:
    assert MAINLAND.kind_of_day(day) == kind


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2030, 2, 2), "new_year"),
        (date(2030, 2, 9), "new_year"),
        (date(2030, 2, 10), "rest"),
        (date(2030, 2, 11), "workday"),
        (date(2030, 4, 5), "qingming"),
        (date(2030, 10, 2), "holiday"),
        (date(2030, 10, 4), "workday"),
        (date(2030, 6, 5), "holiday"),  # 端午
        (date(2030, 9, 12), "holiday"),  # 中秋
    ],
)
def test_an_unknown_year_keeps_weekends_and_statutory_days(day: date, kind: str) -> None:
    assert MAINLAND.kind_of_day(day) == kind


def test_an_unknown_year_is_told_so() -> None:
    assert MAINLAND.known(2026)
    assert not MAINLAND.known(published_years().stop)
    assert ELSEWHERE.known(2050)


def test_there_are_thirteen_statutory_days() -> None:
    assert [len(statutory_days(year)) for year in (2027, 2029)] == [13, 13]
    assert len(statutory_days(2028)) == 12  # 中秋 falls on 3 October


def test_elsewhere_knows_only_weekends() -> None:
    assert ELSEWHERE.kind_of_day(date(2026, 10, 1)) == "workday"
    assert ELSEWHERE.kind_of_day(date(2026, 2, 17)) == "workday"
    assert ELSEWHERE.kind_of_day(date(2026, 10, 10)) == "rest"


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ValueError, match="mainland or elsewhere"):
        Calendar("moon")


def test_working_days_skip_the_holidays() -> None:
    assert MAINLAND.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert MAINLAND.next_working_day(date(2026, 10, 9)) == date(2026, 10, 10)
    assert MAINLAND.working_days_between(date(2026, 9, 30), date(2026, 10, 8)) == 1
    assert MAINLAND.add_working_days(date(2026, 10, 3), 0) == date(2026, 10, 3)
    assert MAINLAND.working_days_between(date(2026, 10, 8), date(2026, 9, 30)) == 0


def test_counting_back_is_the_inverse_of_counting_between() -> None:
    for n in range(400):
        day = date(2025, 12, 1) + timedelta(days=n)
        for count in (0, 1, 2, 3, 5):
            back = MAINLAND.working_days_back(day, count)
            assert MAINLAND.working_days_between(back, day) == count
            assert MAINLAND.working_days_between(back - timedelta(days=1), day) == count + 1


def test_the_first_lunar_days_run_from_the_eve() -> None:
    new_year = lunar_new_year(2027)
    assert new_year == date(2027, 2, 6)
    inside = [MAINLAND.in_first_lunar_days(new_year + timedelta(days=n), 16) for n in (-2, -1, 0, 14, 15)]
    assert inside == [False, True, True, True, False]

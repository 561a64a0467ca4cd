"""The shipped tables say what the libraries say."""

from datetime import date

import pytest

from bot.talk import calendar_table, characters_table, tables
from bot.talk.festivals import first_workday_after, holiday, is_workday, last_day_before, lunar, next_workday


def test_the_lunar_table_is_the_library_s() -> None:
    assert tables.lunar_years() == calendar_table.LUNAR


def test_the_solar_terms_are_the_library_s() -> None:
    assert tables.solar_terms() == calendar_table.TERMS


def test_the_public_holidays_are_the_library_s() -> None:
    runs, worked = tables.public_days()
    assert {name: tuple(spans) for name, spans in runs.items()} == calendar_table.HOLIDAYS
    assert tuple(worked) == calendar_table.WORKED


def test_the_characters_are_the_dictionary_s() -> None:
    assert tables.characters() == (characters_table.TRADITIONAL, characters_table.SIMPLIFIED)


def test_generated_sources_are_python() -> None:
    compile(tables.calendar_source(), "calendar", "exec")
    compile(tables.characters_source(), "characters", "exec")


def test_a_leap_month_is_passed_over() -> None:
    assert lunar(2025, 7, 1) == date(2025, 8, 23)


def test_published_holidays_bound_a_feast() -> None:
    assert holiday("spring", date(2026, 2, 17)) == (date(2026, 2, 15), date(2026, 2, 23))
    assert last_day_before("national", date(2025, 10, 1)) == date(2025, 9, 30)
    assert first_workday_after("national", date(2026, 10, 1)) == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("day", "works"),
    [("2026-02-14", True), ("2026-02-16", False), ("2026-11-28", False), ("2030-10-01", False), ("2030-10-08", True)],
)
def test_offices_work_on_working_days(day: str, works: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is works


def test_working_days_are_counted() -> None:
    assert next_workday(date(2026, 11, 27), 3) == date(2026, 12, 2)

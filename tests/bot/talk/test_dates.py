"""The date grammar: each rule with the days it must give."""
# ruff: noqa: E501

from datetime import date, datetime, timedelta, timezone

import pytest

from bot.talk.dates import read_date

SHANGHAI = timezone(timedelta(hours=8))
WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-11-25"), ("大后天", "2026-11-28"), ("这周五", "2026-11-27"), ("周三", "2026-12-02"),
        ("下下周一", "2026-12-07"), ("周末", "2026-11-29"), ("下周", "2026-12-06"), ("二十五号", "2026-11-25"),
        ("24号", "2026-12-24"), ("31号", "2026-12-31"), ("2月29日", "2028-02-29"), ("12月底", "2026-12-31"),
        ("下个月初", "2026-12-10"), ("月中", "2026-12-15"), ("季度末", "2026-12-31"), ("年底", "2026-12-31"),
        ("十二月一日", "2026-12-01"), ("下周一到周五", "2026-12-04"), ("三天后", "2026-11-28"), ("两周内", "2026-12-09"), ("半个月后", "2026-12-10"), ("3个工作日内", "2026-11-30"),
        ("一个半月后", "2027-01-09"), ("春节前", "2027-02-04"), ("年前", "2027-02-04"), ("元宵", "2027-02-20"),
        ("清明", "2027-04-05"), ("端午", "2027-06-09"), ("中秋", "2027-09-15"), ("冬至", "2026-12-22"),
        ("除夕", "2027-02-05"), ("元旦前", "2026-12-31"), ("五一前", "2027-04-30"), ("国庆后", "2027-10-04"),
        ("元旦后", "2027-01-04"), ("正月初八", "2027-02-13"), ("腊月二十", "2027-01-27"), ("圣诞节的前一天", "2026-12-24"),
        ("10号到15号", "2026-12-15"), ("12月5号（周六）", "2026-12-05"), ("不是周五，是周六", "2026-11-28"),
        ("下周五十号", "2026-12-10"), ("禮拜六", "2026-11-28"), ("聽日", "2026-11-26"), ("2026-12-04", "2026-12-04"),
        ("next Friday", "2026-12-04"), ("end of month", "2026-11-30"), ("in 3 days", "2026-11-28"), ("Dec 4", "2026-12-04"),
        ("the 5th", "2026-12-05"), ("by the 5th", "2026-12-05"), ("the day after tomorrow", "2026-11-27"), ("12/4", "2026-12-04"),
        ("30/12", "2026-12-30"), ("first Friday of next month", "2026-12-04"), ("two weeks from now", "2026-12-09"),
        ("明年第三个月", "2027-03-31"), ("2027年前两个季度", "2027-06-30"), ("2027年第十天", "2027-01-10"), ("本季度", "2026-12-31"),
        ("2027年3月的第二周", "2027-03-14"), ("12月第3个星期日", "2026-12-20"), ("明天的后天", "2026-11-28"), ("后面五天", "2026-11-30"),
        ("今明两年", "2027-12-31"), ("农历2027年八月初八", "2027-09-08"), ("这一周", "2026-11-29"), ("今星期五", "2026-11-27"), ("12·6", "2026-12-06"),
        ("下周，周三吧", "2026-12-02"), ("next week, maybe Wednesday", "2026-12-02"), ("Wednesday evening next week", "2026-12-02"),
        ("the week beginning on December 7", "2026-12-13"), ("15th day of next month", "2026-12-15"), ("Monday 8 to 9", "2026-11-30"),
        ("friday at 9.30", "2026-11-27"), ("last weekend of January", "2027-01-31"), ("Dec-9", "2026-12-09"), ("9/Dec/2026", "2026-12-09"),
        ("Tuesday 1st of December", "2026-12-01"), ("on 15 at noon", "2026-12-15"), ("three weeks from tmr", "2026-12-17"),
        ("until 2026/12/16", "2026-12-16"), ("10 Dec 2026 - 5 January", "2027-01-05"), ("in half an hour", "2026-11-25"),
        ("闰四月", None), ("This may or may not work", None), ("I need 1 month", None), ("the 9th month of next year", None),
        ("2月30日", None), ("5号楼", None), ("12号房", None), ("3-2-1201", None), ("改天", None), ("7-9月的物业费", None),
    ],
)  # fmt: skip
def test_a_time_has_its_day(text: str, day: str | None) -> None:
    assert read_date(text, WEDNESDAY) == (date.fromisoformat(day) if day else None)


def test_inside_a_holiday_after_it_means_its_end() -> None:
    in_golden_week = datetime(2026, 10, 3, 12, tzinfo=SHANGHAI)
    assert read_date("节后", in_golden_week) == date(2026, 10, 8)


@pytest.mark.parametrize("year", [1999, 2000, 2050, 2099, 2100, 2101, 2150])
def test_no_year_makes_a_feast_raise(year: int) -> None:
    for text in ("春节前", "清明", "冬至后", "国庆后", "正月初五", "腊月", "年后", "节后"):
        read_date(text, datetime(year, 6, 15, 12, tzinfo=SHANGHAI))

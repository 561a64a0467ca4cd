"""Questions, reasons and what was said before a "but" are set aside; the day that is given stays."""

from datetime import date, datetime, timedelta, timezone
from time import perf_counter

import pytest

from bot.talk.understand import understand

WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("这个月怎么这么多？算了，周五交", "2026-11-27"),
        ("End of this month. Is 486 the full amount?", "2026-11-30"),
        ("礼拜五交吧，礼拜四我去医院复查", "2026-11-27"),
        ("明天交可以吗，手机银行今天限额了", "2026-11-26"),
        ("房贷5号扣，物业费8号交吧", "2026-12-08"),
        ("月底不行，12月4号吧 工资拖了", "2026-12-04"),
        ("虽然对你们服务不满意，但费用我月底会交", "2026-11-30"),
        ("下个星期天之前我转过去，滞纳金能免不", "2026-12-06"),
        ("【物业通知】请于11月30日前缴纳。看到了，28号交", "2026-11-28"),
    ],
)
def test_the_day_given_stands_beside_the_rest(text: str, day: str) -> None:
    found = understand(text, WEDNESDAY)
    assert (found.intent, found.date) == ("promise", date.fromisoformat(day))


@pytest.mark.parametrize(
    "text", ["周六去交，你们有人上班吗", "我周五交，怎么交", "周五之前必须把电梯修好", "不修好，到明年也不交"]
)
def test_a_question_or_a_demand_gives_no_day(text: str) -> None:
    assert understand(text, WEDNESDAY).dates == ()


@pytest.mark.parametrize("word", ["那就", "就行", "ok ", "so ", "好的", "吗,", "我", "不是周五,", "1号", "每月5号"])
def test_any_word_said_again_and_again_is_read_at_once(word: str) -> None:
    began = perf_counter()
    understand("周五" + word * 200 + "x", WEDNESDAY)
    assert perf_counter() - began < 2

"""Understanding: percentiles of one sentence, over a fixed set as owners type them, and what the start costs."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from statistics import median
from typing import Any

from bot.bench.ratio import percentile

AT = datetime(2026, 11, 25, 10, 0, tzinfo=timezone(timedelta(hours=8)))
ROUNDS = 20
SENTENCES = (
    "下周五交",
    "我欠多少钱？",
    "周五之前一定转",
    "5号楼12号房这个月欠多少",
    "月底发工资就交",
    "电梯坏了半个月，先修好再说",
    "我昨天微信转过了",
    "分三次，12月5号、1月5号、2月5号各交一次",
    "怎么交？能用支付宝吗",
    "这是什么钱，违约金怎么算的",
    "人工",
    "退订",
    "好的",
    "1",
    "不是这周五，是下周五",
    "过完年再说吧",
    "春节前交清",
    "元宵节之后",
    "改天吧",
    "下個月十五號俾",
    "聽日過數",
    "我哋幾時要交管理費",
    "I'll pay next Friday",
    "how much do I owe?",
    "can I pay half now and the rest on 15 January",
    "房子卖了，别再发了",
    "业主上个月去世了",
    "是不是骗子",
    "要发票",
    "厨房漏水，什么时候来修",
    "让主任明天下午来一趟",
    "没钱，失业了",
    "你们烦不烦",
    "谢谢",
    "英文",
    "明天下午三点前",
    "这个周末",
    "12/20",
    "１２月２０日付",
    "大后天转账500元",
    "2026年第三季度的账单",
    "帮助",
    "不是我，打错了",
    "嗯嗯知道了",
    "下周",
    "月初吧",
    "清明节前后",
    "十天之内",
    "国庆后第一个工作日",
    "先交一半，剩下的月底",
    "听不懂你说什么",
    "啊啊啊啊",
)
"""All intents and ways of writing, in about the shares in which they come."""


def run() -> dict[str, Any]:
    """What `yinuo bench talk` prints: microseconds a sentence, and milliseconds from nothing to the first answer."""
    began = time.perf_counter()
    from bot.talk.understand import understand

    understand(SENTENCES[0], AT)
    start = (time.perf_counter() - began) * 1000
    for sentence in SENTENCES:
        understand(sentence, AT)
    taken = [_one(partial(understand, sentence, AT)) for sentence in SENTENCES]
    told = {f"p{share}_us": round(percentile(taken, share / 100), 1) for share in (50, 95, 99)}
    return told | {"start_ms": round(start, 1)}


def _one(read: Callable[[], object]) -> float:
    """Microseconds of one sentence: the median of its rounds, so that the machine's other work does not count."""
    taken = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        read()
        taken.append((time.perf_counter() - before) * 1e6)
    return median(taken)

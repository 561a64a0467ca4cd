"""The words that say nothing beside a day: courtesies, hesitations, "at the latest". With them alone a date is bare.

The longest word is taken first and never given back: a message of five hundred such words is read in one pass.
"""
# ruff: noqa: E501

from __future__ import annotations

from bot.talk.lazily import lazily

_HAN = (
    "您好 你好 黑 说错了 说错 打错了 打错 写错了 写错 更正 系 要不 正好 刚好 休息 过了 过完 不忙的时候 有空的时候 得空的时候 忙完 有空 好的 好吧 好嘛 可以 行 不好意思"
    " 抱歉 谢谢 麻烦 没问题 知道了 收到 应该 大概 可能 差不多 左右 前后 之前 以前 之内 一定 肯定 保证 绝对 争取 尽量 最晚 最迟 最多 那就 就 那 我们 我 你们 你 您 会"
    " 吧 啊 呀 哦 噢 哈 呢 嘛 了 的 哒 呗 啦 嗯 恩 唉 哎 额 呃 能 给 到 等到 等 要 得 才 再 定 约 也 先 去 在 吗 么 是 这样 发了工资 发工资 发薪 领工资"
    " 开支 答应 承诺 说好 讲好 约好 师傅 物业 管家 实在 真的 确实 上次 本来 手头 有点紧 比较紧 很紧 紧 周转 全部 一起 统一 好 说 都 想 不是 不对 改成 改到 改在 改为"
    " 改 算了 还是 换 最好 最近 今天 这个 这 那个 日子 时间 号 点 下午 上午 晚上 中午 早上 前 哈哈 呵呵 放心"
)
_LATIN = (
    "hopefully but morning afternoon evening noon night within lah la perhaps guess likely try aim"
    " should o k ok okay yes yeah sure by on at the latest please pls maybe probably around about before"
    " will i ll be it is for me thanks thank you hi hello sorry definitely how what then let s d fine can"
    " say do think possible or so if a bit and promise of in to works good meant mean don't worry without"
    " fail guaranteed problem first thing actually instead make not later than no after expect does would"
    " alright need has have got going max suitable suits suit cool great perfect mate bro dude sir madam"
    " guys man boss work"
)
_EMOJI = lazily(r"[\U0001F000-\U0001FAFF\u2190-\u2bff\ufe0f\u3030-\u303d]|\[[^\[\]]{1,4}\]")


def _longest_first(words: str) -> str:
    return "|".join(sorted(words.split(), key=lambda word: (-len(word), word)))


_FILLER = lazily(
    rf"(?a)(?:[\s,。.!?;~·\-:)(+\"']|{_longest_first(_HAN)}|all right(?![a-z])|(?:{_longest_first(_LATIN)})(?![a-z]))*+$"
)


def is_filler(text: str) -> bool:
    """Whether words beside a date are courtesy and nothing else."""
    return _FILLER.match(_EMOJI.sub("", text)) is not None

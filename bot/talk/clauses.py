"""The clauses of a sentence: which of them asks, names a day to pay, or only says why another day was named."""

from __future__ import annotations

import re

from bot.talk.filler import is_filler
from bot.talk.lazily import lazily
from bot.talk.pledge_words import ABOUT_US, ASKING, NOT_ASKING, PART, PAY, PROPOSING, UNABLE, UNPAID
from bot.talk.spans import Span

_PIECE = lazily(r"(?:[^。!?;\n吗呢.]|\.(?!\s|$)|[吗呢](?![\s,]))+(?:[。.!?;\n\s,吗呢]+|$)")
_BREAK = re.compile(r"[,。!?;\n]|\.(?=\s|$)|(?<=[\u4e00-\u9fff\ue001-\ue007]) +(?=[\u4e00-\u9fff\ue001-\ue007\d])")
_ASKED = lazily(
    r"(?a)吗|么(?:$|[,。])|几号|几点|什么|怎么|哪|多少|谁|是不是|有没有|会不会|要不要"
    r"|\b(?:what|when|who|why|how|where|do|does|did|are|is|will)\b"
)
_TURN = lazily(
    r"(?a)(?=[但不可然行算好罢bhafo])(?:但是?|不过(?!来|去)|可是|然而|行吧|算了|好吧|罢了"
    r"|\b(?:but|however|anyway|fine,|okay,|ok,)(?= ))"
)
_WANTS_ANSWER = lazily(
    r"(?a)怎么|如何|哪|多少|上班|开门|有人|几点|在不|没|账号|码|链接|\b(?:how|where|what|when|open|which)\b"
)
_OTHER_DEBT = lazily(
    r"(?a)[房车]贷|信用卡|花呗|白条|贷款|学费|房租|租金|社保|\b(?:mortgage|credit card|rent|loan|tuition)\b"
)
_EITHER_DAY = lazily(
    r"(?a)(?:是|或者?|改成?|到|至|-|~|最晚|最迟|顶多|要不|要么|不然|还是|\b(?:or|by|on|to|latest|and)) ?$"
)


def asks_about_us(text: str) -> bool:
    """Whether the sentence is a question that no date in it can answer."""
    text = NOT_ASKING.sub("", text)
    return ASKING.search(text) is not None and (ABOUT_US.search(text) is not None or not _proposes(text))


def _proposes(text: str) -> bool:
    return PROPOSING.search(text) is not None or _ASKED.search(text) is None


def own_words(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """The sentence without its questions, where another piece of it names a day: 多少钱? 周五交."""
    if not spans or ASKING.search(text) is None:
        return text, spans
    behind = _questions_behind(text, spans)
    asked = behind or [m.span() for m in _PIECE.finditer(text) if _sets_aside(text, *m.span(), spans)]
    kept = [s for s in spans if not any(a <= s.start < b for a, b in asked)]
    if not asked or all(s.past for s in kept):
        return text, spans
    for a, b in asked:
        text = text[:a] + " " * (b - a) + text[b:]
    return text, kept


def _questions_behind(text: str, spans: list[Span]) -> list[tuple[int, int]]:
    """A favour asked after a clause that speaks of paying on a day: 周五我转过去,滞纳金能免不."""
    last = spans[-1]
    stop = text.find(",", last.end)
    if stop < 0 or last.past or ASKING.search(text, 0, stop) or not PAY.search(clause(text, last, spans)):
        return []
    if not ASKING.search(text, stop) or _WANTS_ANSWER.search(text, stop) or unpaid(clause(text, last, spans)):
        return []
    return [(stop, len(text))]


def _sets_aside(text: str, start: int, end: int, spans: list[Span]) -> bool:
    dated = any(start <= s.start < end for s in spans)
    return asks_about_us(text[start:end]) or (not dated and ASKING.search(text, start, end) is not None)


def after_the_turn(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """What follows the last "but" or "fine then", where it names a day to pay: 不满意,但费用我月底会交."""
    if not spans or _TURN.search(text) is None:
        return text, spans
    turns = [m.end() for m in _TURN.finditer(text) if any(s.start >= m.end() for s in spans)]
    kept = [s for s in spans if turns and s.start >= turns[-1]]
    if not any(not s.past and gives_a_day(clause(text, s, kept)) for s in kept):
        return text, spans
    return " " * turns[-1] + text[turns[-1] :], kept


def gives_a_day(said: str) -> bool:
    """Whether the words beside a day speak of paying, or are courtesy and nothing else."""
    return (PAY.search(said) is not None and not unpaid(said)) or is_filler(said)


def clause(text: str, span: Span, others: list[Span]) -> str:
    """The clause a time stands in, without the times in it."""
    start = max((m.end() for m in _BREAK.finditer(text) if m.end() <= span.start), default=0)
    stop = _BREAK.search(text, span.end)
    end = stop.start() if stop else len(text)
    rest, place = "", start
    for other in others:
        if start <= other.start < end:
            rest, place = rest + text[place : other.start] + " ", other.end
    return rest + text[place : max(place, end)]


def with_reasons_left_out(text: str, ahead: list[Span]) -> list[Span]:
    """The times without those that only say why another was named: 明天交吧,今天限额了; 房贷5号扣,物业费8号交."""
    if len(ahead) < 2:
        return ahead
    clauses = [clause(text, span, ahead) for span in ahead]
    ours = [not (_OTHER_DEBT.search(said) and "物业" not in said) for said in clauses]
    gives = [
        good and not text.startswith("到时", span.start) and (PAY.search(said) is not None or is_filler(said))
        for span, good, said in zip(ahead, ours, clauses, strict=True)
    ]
    if not any(gives):
        return ahead
    ends = [*(s.start for s in ahead[1:]), len(text)]
    stays = [
        good and (named or _EITHER_DAY.search(text[: s.start]) or PAY.search(text, s.end, end) or PART.search(said))
        for s, end, good, named, said in zip(ahead, ends, ours, gives, clauses, strict=True)
    ]
    return [s for s, kept in zip(ahead, stays, strict=True) if kept]


def bare(text: str, spans: list[Span]) -> bool:
    """Whether the message holds the dates and nothing else but courtesy."""
    rest, place = "", 0
    for span in spans:
        rest, place = rest + text[place : span.start] + " ", span.end
    return is_filler(rest + text[place:])


def bare_beside_reasons(text: str, spans: list[Span]) -> bool:
    """Whether the clauses that name a day hold nothing else: 月底不行,9月4号吧,工资拖了."""
    return all(is_filler(clause(text, span, spans)) for span in spans)


def unpaid(text: str) -> bool:
    """Whether paying is spoken of only to say that it will not or cannot be."""
    return any(UNPAID.search(text[: m.start()]) for m in PAY.finditer(text)) or UNABLE.search(text) is not None


def unpaid_beside(text: str, spans: list[Span]) -> bool:
    """Whether a clause that names a day says that nothing will be paid then."""
    return any(unpaid(clause(text, span, spans)) for span in spans)

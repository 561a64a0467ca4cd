"""Whether a sentence gives a word: the day it binds itself to, or that time is meant but no day.

A date alone is no promise. It counts when paying is spoken of beside it, not as done, not as refused, not as a question
about us, and not on a condition we would have to meet first; or when the message holds nothing but the date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.talk.clauses import (
    asks_about_us,
    bare,
    bare_beside_reasons,
    unpaid,
    unpaid_beside,
    with_reasons_left_out,
)
from bot.talk.lazily import lazily
from bot.talk.pledge_words import (
    ABOUT_US,
    ALIKE,
    ALREADY,
    ASKING,
    CONDITION,
    DONE,
    EITHER,
    IN_PARTS,
    PART,
    PAST_EN,
    PAY,
    SHARED,
    SPLIT,
    THE_REST,
    UNABLE,
    UNPAID,
    WILL,
    WILL_EN,
)
from bot.talk.spans import Span

_OTHER_MATTERS = re.compile(
    r"吃饭|聚餐|见面|电影|打球|旅游|快递|包裹|外卖|生日|考试|学费|作业|航班|比赛|天气|下雪|立春|限行|会议|开会|家长会|课|理论|投诉|反映|说法|评理|咨询|打电话|面谈"
    r"|\b(?:complain|discuss|talk|argue|call you|ring you|speak|parcel"
    r"|delivery|birthday|school|exam|party|flight|meeting|match)\b"
)
_MONEY = re.compile(r"[交付转缴结还款钱费账]|\b(?:pay|paying|settle|transfer|money|fee|fees|bill)\b")
_OVER = lazily(
    r"(?<![等完过])[了过](?:[,。!]|$)|已经?|答复|回复|告诉|回话|商量|联系|回电|通知"
    r"|\b(?:let you know|get back|reply|tell you|see you|meet)\b"
)
BESIDE_REASONS = 0.6
CLAUSE_END = re.compile(r"[,。!?;]")
_THEIR_OWN = lazily(r"银行|系统|网银|额度|限额|身体|手机|网络|信用卡|公司|单位")
_NOT_UNTIL = lazily(
    r"(?a)(?:\bnot|n't|\bunable|cannot|\bcant|\bwont|\bno)\b.{0,40}\b(?:until|till?)\s(?:the\s)?[^,.!?]{0,16}$"
    r"|(?:n't|cannot|\bcant|\bunable)\b.{0,30}\bbefore\s(?:the\s)?[^,.!?]{0,16}$"
)
_RECEIVED = lazily(r"没入账|没到账|没收到|收到了?[吗没]|查收|怎么还[催发]|有记录|截图|没记")
_NEEDS_TIME = lazily(r"\b(?:need|give me|allow me|want)\s(?:about\s|another\s)?$")
_BEGS_TIME = lazily(r"再?(?:宽限|缓|给我|给多|等我)我?\d")


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a sentence binds itself to: ``days`` (local dates, none if vague) and whether it says more than the date.

    ``rest_open``: one part has its day, and the rest is left for later: a promise of that part.
    """

    days: tuple[date, ...]
    spoken: bool
    sure: float
    parts: bool = False
    rest_open: bool = False


def conditional(text: str) -> bool:
    """Whether paying is made to wait for something we must do first."""
    found = CONDITION.search(text)
    return found is not None and _THEIR_OWN.search(text, 0, found.end()) is None


def pledge(text: str, spans: list[Span], today: date) -> Pledge | None:
    """The word a masked, normalised sentence gives, read from the spans that stand in it; ``None`` if it gives none."""
    for question, plain in EITHER:
        text = text.replace(question, plain)
    ahead = with_reasons_left_out(text, [s for s in spans if not s.past])
    if PAST_EN.search(text) and not WILL_EN.search(text):
        return None
    if not ahead or conditional(text) or asks_about_us(text) or _speaks_of_us(text):
        return None
    if _OTHER_MATTERS.search(text) and not _MONEY.search(text):
        return None
    if ASKING.search(text) and all(text.startswith("现在", s.start) for s in ahead):
        return None
    paid = [s for s in ahead if _pays_beside(text, s, ahead, today)]
    if paid or IN_PARTS.search(text):
        whole = SPLIT.search(text) is not None and not unpaid(text)
        said = ahead if whole else _with_the_rest(text, ahead, paid) or ([] if unpaid(text) else ahead)
        firm = [s for s in said if _firm(s, today)]
        days = tuple(s.last for s in firm)
        parts = len(set(days)) > 1 and (whole or SHARED.search(text) is not None)
        later = {s.last for s in paid if s.last >= today and s.first != s.last}
        parts = parts or (len(later) > 1 and SHARED.search(text) is not None)
        open_rest = len(set(days)) == 1 and firm[-1] is ahead[-1] and THE_REST.search(text, firm[-1].end) is not None
        return Pledge(days, spoken=True, sure=0.95 if firm else 0.6, parts=parts, rest_open=open_rest)
    if (shares := _parted(text, ahead, today)) and not unpaid(text):
        return Pledge(shares, spoken=True, sure=0.8, parts=True)
    if not bare(text, spans):
        return None
    firm = [s for s in ahead if _firm(s, today)]
    return Pledge(tuple(s.last for s in firm), spoken=False, sure=0.6)


def possible(text: str, spans: list[Span], today: date) -> Pledge | None:
    """The days a sentence names without giving a word we know: a promise only if it sounds like one (the likeness)."""
    ahead = [s for s in spans if not s.past]
    if not ahead or conditional(text) or asks_about_us(text) or _speaks_of_us(text) or unpaid_beside(text, ahead):
        return None
    alone = bare_beside_reasons(text, ahead)
    if PAST_EN.search(text) or _OTHER_MATTERS.search(text) or (_OVER.search(text) and not alone):
        return None
    days = tuple(s.last for s in ahead if _firm(s, today))
    return Pledge(days, spoken=False, sure=BESIDE_REASONS if alone else 0.5) if days else None


def _firm(span: Span, today: date) -> bool:
    """Whether a time is a day to be held to: not vague, not past, not a feast almost a year away."""
    return not span.vague and span.last >= today and (span.numbered or (span.last - today).days <= 340)


def _with_the_rest(text: str, spans: list[Span], paid: list[Span]) -> list[Span]:
    """The days of the parts: once one is paid for, a sum or "the rest" beside another day makes it a part too."""
    parts: list[Span] = []
    for index, span in enumerate(spans):
        left = spans[index - 1].end if index else 0
        right = spans[index + 1].start if index + 1 < len(spans) else len(text)
        beside = text[left : span.start] + " " + text[span.end : right]
        if span in paid or (PART.search(beside) and not UNABLE.search(beside)):
            parts.append(span)
    return parts


def _parted(text: str, spans: list[Span], today: date) -> tuple[date, ...]:
    """The days of parts named by nothing but a day and a sum each, or shared out alike (各一半)."""
    firm = [s for s in spans if _firm(s, today)]
    if len({s.last for s in firm}) < 2:
        return ()
    ends = [*(s.start for s in firm[1:]), len(text)]
    starts = [0, *(s.end for s in firm[:-1])]
    summed = all(PART.search(text[s.end : end]) for s, end in zip(firm, ends, strict=True)) or all(
        PART.search(text[start : s.start]) for s, start in zip(firm, starts, strict=True)
    )
    alike = ALIKE.search(text[firm[-1].end :]) is not None
    return tuple(s.last for s in firm) if summed or alike else ()


def _speaks_of_us(text: str) -> bool:
    match = ABOUT_US.search(text)
    return match is not None and match[0].startswith(
        ("你们", "师傅", "物业", "保安", "保洁", "管家", "客服", "停水", "停电")
    )


def _pays_beside(text: str, span: Span, spans: list[Span], today: date) -> bool:
    others = [s for s in spans if span.vague or not s.vague]
    left = max([s.end for s in others if s.end <= span.start], default=0)
    right = min([s.start for s in others if s.start >= span.end], default=len(text))
    after, before = text[span.end : right], text[left : span.start]
    found = [(after, m) for m in _first_paying(after) if m.start() <= _reach(m)]
    if not found:
        found = [(before, m) for m in PAY.finditer(before) if len(before) - m.end() <= _reach(m)][-1:]
    if _NOT_UNTIL.search(text[left : span.end]):
        return True
    if not found and (_BEGS_TIME.match(text, span.start) or _NEEDS_TIME.search(text[: span.start])):
        return True
    for side, match in found:
        if UNPAID.search(side[: match.start()]) or UNABLE.match(side, match.start()):
            return False
        if ALREADY.search(side[: match.start()]):
            return False
        if DONE.match(side[match.end() :]) and (_RECEIVED.search(text) or not _will(text, span, today)):
            return False
    return bool(found)


def _first_paying(text: str) -> list[re.Match[str]]:
    """The words of paying in the first clause that has any."""
    found = list(PAY.finditer(text))
    stop = CLAUSE_END.search(text, found[0].end()) if found else None
    return [m for m in found if stop is None or m.start() < stop.start()]


def _reach(paying: re.Match[str]) -> int:
    """How far from a time a word of paying still speaks of it: English takes more letters to say the same."""
    return 40 if paying["en"] else 24


def _will(text: str, span: Span, today: date) -> bool:
    if (span.last - today).days > 200:
        return False
    return (span.first > today and not span.numbered) or WILL.search(
        text[max(0, span.start - 6) : span.end + 8]
    ) is not None

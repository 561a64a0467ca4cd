"""From the times a sentence names to the days it means: ranges, corrections, a date said twice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

from bot.talk.chinese_dates import chinese_spans
from bot.talk.clock_times import by_the_clock
from bot.talk.lazily import lazily
from bot.talk.masks import mask
from bot.talk.normal import normalise
from bot.talk.spans import DAY, Span, add_months

_HAN = re.compile(r"[\u4e00-\u9fff\ue001-\ue007]")
_LATIN = re.compile(r"[a-z]{3}")
_RANGE = re.compile(r"^\s*(?:的?\s?(?:到|至|-|~|或者?是?|还是|或|/|through|thru|till?|until|to|or|or on)\s?)\s*$")
_THROUGH = re.compile(r"^\s?(?:到|至|-|~|through|thru|till?|until|to)\s?$")
_DENIED = re.compile(
    r"(?:不是|不要|不用|不(?:会|用|能|想)?[拖等]到?|别|并非|而非"
    r"|(?:can't|cannot|can not|won't) (?:do|make|manage)|unable to (?:do|make)|instead of"
    r"|not|not on)\s?(?:说|在)?(?:by|on)?\s?$"
)
_FAILED = re.compile(
    r"^(?:的?话)?(?:我|我们|可能|怕|恐怕|估计|也|都|那天|是|又|真的?|确实|实在|还|就|得|要|有事|在|,|\s){0,4}"
    r"(?:不行|来不及|没空|不有空|没有?时间|不方便|赶不上|交不了|付不了|转不了|搞不定|不得闲|不成|没钱|算了|不可以|不可能|不够"
    r"|有点紧|有困难|排不开|周转不|转不开|太紧|很紧|紧张|没货|没发|加班|值班|上班(?![后就时了之再第])|开会|出门|在外地|没有?办法|没法|出差|太赶|太急|不太?方便"
    r"|(?:won't|doesn't|does not|is not|isn't|will not|can't) )"
)
_CHANGED = lazily(
    r"改到|改成|改为|改在|改|推到|推迟到?|延到|延期到?|延迟到?|换成|换到|挪到|算了|不对|还是|更正|应该是"
    r"|说错了?|写错了?|打错了?|actually|sorry|i mean|make it|instead|correction|no wait|scratch that|move it to|rather"
)
_AT_ONCE = lazily(r"下班|马上|立刻|这就|现在|待会|等会|等下|1会|一会")
_SAID_BEFORE = lazily(
    r"(?:原来|原本|本来|上次|上回|之前|先前)(?:说好?|答应|定|约|讲|承诺)?的?(?:是|在)?\s?$"
    r"|\b(?:said|told you|promised|agreed)\s(?:it would be\s)?(?:by\s|on\s)?(?:the\s)?$"
)
_YEAR = lazily(r"20\d\d|明年|后年|next year")
_CLAUSE_END = re.compile(r"[,。.!?;]")
_OPEN = re.compile(
    r"(?:的?时候)?(?:回来|过后|到时|那时候?)?(?:再说|再看|再议|再联系|再聊|看情况|看看|才知道|才能确定|再决定|再定)"
)


_MOVES_AFTER = lazily(
    r"(?:\b(?:days?|weeks?|months?|years?|hours?|closest|second|third|fourth|fifth|sixth|other)\b"
    r"(?:\s(?:after|before|from|to|prior to|following))?\s?(?:the\s)?|\d(?:个月|周|年)(?:零|又|加)?"
    r"|\d\s?(?:after|before|from)\s|(?:month|week|day|quarter)s?\s(?:of|in)\s(?:the\s)?|\d(?:st|nd|rd|th)\s(?:to\s)?"
    r"|\b(?:first|second|third|fourth|fifth|\d(?:st|nd|rd|th))\s\w+\s(?:after|before)\s)$"
)
_MOVED_BY = lazily(
    r"\s?(?:(?:plus|minus|\+)\s?\d|(?:and|to|till?|until|through|-)\s?20\d\d(?!\d)|[之的]?(?:前|后)\d+[天周个]"
    r"|\s(?:for \d+ (?:days|weeks|months)|after next|before last|ago|week(?!-?\s?end))\b)"
)


def sentence_spans(masked: str, at: datetime) -> list[Span]:
    """The times of a masked, normalised sentence in order, both languages together."""
    chinese = _HAN.search(masked) is not None
    spans = chinese_spans(masked, at) if chinese else []
    if chinese and not _LATIN.search(masked):
        return spans + _tonight(masked, spans, at)
    # loaded with the first English sentence: its pattern costs more to build than everything else together
    from bot.talk.english_dates import english_spans

    english = [span for span in english_spans(masked, at) if not _covered(span, spans)]
    spans = sorted(spans + english, key=lambda span: span.start)
    return spans + _tonight(masked, spans, at)


def _tonight(masked: str, spans: list[Span], at: datetime) -> list[Span]:
    """A time of the day where no other time is named but the present: 现在没带钱,晚上转."""
    if not all(_AT_ONCE.match(masked, span.start) for span in spans):
        return []
    return [span for span in by_the_clock(masked, at) if not spans or span.start > spans[-1].end]


def _covered(span: Span, others: list[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def meant(masked: str, spans: list[Span]) -> list[Span]:
    """The spans that stand: denied and corrected ones are dropped, a range is its end, a date said twice is one."""
    kept = [s for s in spans if len(spans) == 1 or not _AT_ONCE.match(masked, s.start) or s.past]
    kept = [s for s in kept if not _denied(masked, s)]
    kept = [s for s in kept if not _FAILED.match(masked[s.end : s.end + 16])] or kept[-1:]
    kept = [replace(s, vague=True) if _OPEN.match(masked, s.end) else s for s in _corrected(masked, kept)]
    kept = [s for s in kept[:-1] if not _SAID_BEFORE.search(masked[max(0, s.start - 12) : s.start])] + kept[-1:]
    merged: list[Span] = []
    for span in kept:
        if merged and (joined := _joined(masked, merged[-1], span)):
            merged[-1] = joined
        else:
            merged.append(span)
    return merged


def _denied(masked: str, span: Span) -> re.Match[str] | None:
    """The words that deny a time; "not until the 4th" names the 4th."""
    if masked.startswith(("until", "till"), span.start):
        return None
    return _DENIED.search(masked[max(0, span.start - 14) : span.start])


def _corrected(masked: str, spans: list[Span]) -> list[Span]:
    if len(spans) < 2:
        return spans
    for later in range(len(spans) - 1, 0, -1):
        if _CHANGED.search(masked[spans[later - 1].end : spans[later].start]):
            return spans[later:]
    return spans


def beside(masked: str, named: list[Span], kept: list[Span]) -> str:
    """The sentence without the times that do not stand and the words that took them back."""
    for span in named:
        if not any(k.start <= span.start and span.end <= k.end for k in kept):
            end = _end_of_failed(masked, span, named)
            denied = _denied(masked, span)
            start = span.start - len(denied[0]) if denied else span.start
            masked = masked[:start] + " " * (end - start) + masked[end:]
    return masked


def _end_of_failed(masked: str, span: Span, named: list[Span]) -> int:
    """Where the words end that took a time back: the end of the clause, or the next time named."""
    if not _FAILED.match(masked[span.end : span.end + 16]):
        return span.end
    stop = _CLAUSE_END.search(masked, span.end + 2)
    ends = [stop.start() if stop else len(masked), *(s.start for s in named if s.start >= span.end)]
    return max(span.end, min(ends))


def _joined(masked: str, one: Span, two: Span) -> Span | None:
    gap = masked[one.end : two.start]
    if two.weekday and one.weekday and two.last < one.last and _THROUGH.match(gap):
        two = replace(two, first=two.first + DAY * 7, last=two.last + DAY * 7)
    if _under_way(masked, one, two) and _THROUGH.match(gap):
        return replace(two, start=one.start, vague=two.vague)
    if two.numbered and one.numbered and two.last < one.last and _THROUGH.match(gap):
        two = replace(two, first=add_months(two.first, 12), last=add_months(two.last, 12))
    between = gap.strip() in ("and", "和") and masked[: one.start].rstrip().endswith(("between", "在"))
    if (between or _RANGE.match(gap)) and two.last >= one.last:
        return replace(two, start=one.start, vague=two.vague)
    if len(gap.strip(" ,(（是的那天也就即on)")) > 0:
        return None
    if one.first <= two.first and two.last <= one.last and not two.past:
        return replace(two, start=one.start, vague=two.vague)
    if two.first <= one.first and one.last <= two.last and not two.vague and not one.vague:
        return replace(one, end=two.end)
    if one.weekday != two.weekday and (one.numbered or two.numbered):
        agree = one.last.weekday() == two.last.weekday()
        return replace(one if one.numbered else two, start=one.start, end=two.end, vague=not agree)
    return None


def _under_way(masked: str, one: Span, two: Span) -> bool:
    """Whether a range has begun already, so that its first day was read as next year's: 10/1 to 11/7 on 24 October."""
    rolled = one.numbered and two.numbered and (one.last - two.last).days > 240
    return rolled and _YEAR.search(masked, one.start, one.end) is None


def read_date(text: str, at: datetime) -> date | None:
    """The local date a text names, whatever else it says; a period means its last day, a range its end.

    ``at`` is aware, in the community's zone. ``None`` if the text names no date or one that does not exist.
    """
    masked = mask(normalise(text))
    spans = meant(masked, sentence_spans(masked, at))
    named = [s for s in spans if not s.past and not (s.vague and s.first == s.last == at.date())]
    return named[-1].last if named and not _half_read(masked, spans, named[-1]) else None


def _half_read(masked: str, spans: list[Span], named: Span) -> bool:
    """Whether a word that moves a date stands unread beside it: no date is better than one moved."""
    before = max((s.end for s in spans if s.end <= named.start), default=0)
    after = min((s.start for s in spans if s.start >= named.end), default=len(masked))
    return bool(_MOVES_AFTER.search(masked[before : named.start]) or _MOVED_BY.match(masked[named.end : after]))


__all__ = ["DAY", "beside", "meant", "read_date", "sentence_spans"]

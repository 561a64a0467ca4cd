"""What an owner's sentence means: intent before date, and a date only where a word is given.

The order of the house: what must never be missed (stop, a death, a sale, a person) is heard first; then a given word
with a day; then what was paid, refused, disputed; then questions; courtesies last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as day
from datetime import datetime
from fractions import Fraction
from typing import Any

from bot.talk.amounts import share, sums
from bot.talk.answers import language, yes_or_no
from bot.talk.clauses import after_the_turn, asks_about_us, own_words, unpaid
from bot.talk.dates import beside, meant, sentence_spans
from bot.talk.intents import (
    INTENTS,
    NEVER_OVERRULED,
    SCHEDULE,
    choose,
    off_topic,
    sounds_like_a_word,
    speaks_of_our_trade,
    weighed,
)
from bot.talk.likeness import familiar, likeness
from bot.talk.masks import BLOT, mask
from bot.talk.normal import normalise, writing
from bot.talk.phrases import Phrases, shipped_phrases
from bot.talk.pledge_words import ASKING, PAY, UNABLE
from bot.talk.pledges import BESIDE_REASONS, Pledge, pledge, possible
from bot.talk.series import series
from bot.talk.signs import SIGNS
from bot.talk.spans import Span

_OF_A_PROMISE = frozenset(("promise", "instalments", "thanks", "greeting", "stop"))
_WITH_ITS_REASON = _OF_A_PROMISE | {"hardship"}

_BY_ITS_DAY = 0.55
_A_DAY = re.compile(r"\d[号日]|\d(?:st|nd|rd|th)\b|\b(?:feb|apr|jun|sep|nov)\w* 3[01]\b")
"""A day of the month; where no time could be read there is no such day, and it is asked for."""
_SORRY = re.compile(
    r"[\W_]*(?:(?:真|很|实在|非常)?(?:对不起|不好意思|抱歉)[啊呀哈了啦哦]*"
    r"|(?:i'?m |i am |so |very )*(?:sorry|apologies))[\W_]*"
)
"""An apology and nothing else: a courtesy, whatever it is most like."""
_WAITS = re.compile(r"^等|等我|等到|\b(?:once|when|after) (?:i|my)\b")


@dataclass(frozen=True, slots=True)
class Understood:
    """A sentence understood. ``date`` and ``dates`` are local dates, set only for a promise or instalments.

    ``vague``: a word is given without a day to hold it to; ask, with three days to choose from. ``amounts_fen`` are the
    sums named, for instalments in the order of ``dates``, ``amount_fen`` the only or first one; ``share`` a part of
    the whole (一半). ``locale`` is the language asked for by the intent ``language``, ``detected_locale`` the one
    written in. ``yes`` is a bare confirmation (好, 1, ok → True; 不, 2, no → False); the intent is then ``none``: only
    our own question gives it a meaning.
    """

    intent: str
    date: day | None
    dates: tuple[day, ...]
    amount_fen: int | None
    confidence: float
    vague: bool = False
    amounts_fen: tuple[int, ...] = ()
    share: Fraction | None = None
    locale: str | None = None
    detected_locale: str = "zh-Hans"
    yes: bool | None = None


def understand(text: str, at: datetime, *, asked_for_date: bool = False, phrases: Phrases | None = None) -> Understood:
    """What an owner's sentence means, said at an aware instant in the community's zone; never raises for any text.

    ``asked_for_date`` says that we had just asked for a day, so that a bare date surely answers.
    Without ``phrases`` the ones shipped beside ``bot/`` are read, once.
    """
    plain = normalise(text)
    locale = writing(text, plain)
    answer = yes_or_no(text, plain)
    if answer is not None and not asked_for_date:
        return Understood("none", None, (), None, 0.9, detected_locale=locale, yes=answer)
    if _SORRY.fullmatch(plain):
        return Understood("greeting", None, (), None, 0.75, detected_locale=locale)
    masked = mask(plain)
    named = sentence_spans(masked, at)
    spans = meant(masked, named)
    masked = beside(masked, named, spans)
    blotted = _without(masked, spans)
    said, spans = after_the_turn(*own_words(masked, spans))
    word = pledge(said, spans, at.date())
    perhaps = possible(said, spans, at.date()) if word is None else None
    named_sums, part = sums(blotted), share(blotted)
    amounts = tuple(fen for _, fen in named_sums)
    known = phrases or shipped_phrases()
    if said != masked and word and word.days:
        plain, blotted = said, _without(said, spans)
    heard = known.heard(plain)
    intent, confidence = choose(plain, said, heard, word, asked_for_date=asked_for_date)
    if not (asked_for_date and word) and not _plainly_promised(heard, word, halved=part is not None):
        doubt = _Doubt(plain, blotted, frozenset(heard), word, perhaps, timed=bool(named))
        intent, confidence = _less_sure(intent, confidence, doubt, known)
        word = word or (perhaps if intent in ("promise", "instalments") and confidence == _BY_ITS_DAY else None)
    if intent == "instalments" and "instalments" not in heard and not named and _A_DAY.search(plain):
        intent = "promise"
    wanted = language(plain) if intent == "language" else None
    days = _days(intent, word)
    if intent == "instalments":
        amounts = _beside_days(named_sums, spans, days)
        days = series(plain, at.date()) or days
    return Understood(
        intent=intent,
        date=days[0] if days else None,
        dates=days,
        amount_fen=amounts[0] if amounts else None,
        confidence=confidence,
        vague=intent in ("promise", "instalments") and not days,
        amounts_fen=amounts,
        share=part,
        locale=wanted,
        detected_locale=locale,
        yes=answer,
    )


def _plainly_promised(heard: Mapping[str, str], word: Pledge | None, *, halved: bool) -> bool:
    if word is None or not word.days:
        return False
    return _OF_A_PROMISE.issuperset(heard) if word.spoken else not (heard or halved)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A sentence whose phrases leave a doubt: what was heard, the word it gives or the days it might mean."""

    plain: str
    blotted: str
    heard: frozenset[str]
    word: Pledge | None
    perhaps: Pledge | None
    timed: bool


def _less_sure(intent: str, confidence: float, doubt: _Doubt, known: Phrases) -> tuple[str, float]:
    """What the likeness and the hints make of a sentence whose phrases leave a doubt."""
    plain = doubt.plain
    alone = doubt.perhaps is not None and doubt.perhaps.sure == BESIDE_REASONS
    if intent == "none" and not alone and _not_for_us(plain, doubt.blotted):
        return intent, confidence
    if intent in NEVER_OVERRULED and doubt.perhaps is None:
        return intent, confidence
    like = likeness(doubt.blotted)
    given_by = _WITH_ITS_REASON if alone else _OF_A_PROMISE
    if doubt.perhaps and given_by.issuperset(doubt.heard) and (meant_by := sounds_like_a_word(like, alone=alone)):
        several = len(set(doubt.perhaps.days)) > 1 or "instalments" in doubt.heard
        return meant_by if several else "promise", _BY_ITS_DAY
    like = _in_question(intent, like, doubt)
    intent, confidence = weighed(
        intent, confidence, like, doubt.heard, dated=bool(_days(intent, doubt.word)), timed=doubt.timed
    )
    if intent == "none" and not doubt.timed and (hint := known.hinted(plain)):
        return hint, 0.4
    return intent, confidence


def _not_for_us(plain: str, blotted: str) -> bool:
    return SCHEDULE.search(plain) is not None or off_topic(plain) or not familiar(blotted)


def _in_question(intent: str, like: dict[str, float], doubt: _Doubt) -> dict[str, float]:
    """The intent, and the two likest that the sentence may mean at all."""
    kept: dict[str, float] = {}
    for name in sorted(like, key=like.__getitem__, reverse=True):
        if name == intent or not _out_of_question(name, doubt):
            kept[name] = like[name]
            if len(kept) == 2:
                break
    return kept | {intent: like[intent]}


def _out_of_question(name: str, doubt: _Doubt) -> bool:
    """Whether the likeness alone may not say this: no promise without paying, no stop without a word against us."""
    if name in ("promise", "instalments"):
        if name == "instalments" and doubt.word is not None:
            return False
        return not (PAY.search(doubt.plain) or _WAITS.search(doubt.plain)) or (
            doubt.word is None and (asks_about_us(doubt.blotted) or unpaid(doubt.blotted))
        )
    if name == "paid_claim" and name not in doubt.heard and UNABLE.search(doubt.plain):
        return True
    if name not in doubt.heard and (sign := SIGNS.get(name)) and not sign.search(doubt.plain):
        return True
    if name == "stop":
        return False
    if name == "pay_how" and not doubt.heard and not speaks_of_our_trade(doubt.plain):
        return True
    spoken = doubt.word is not None and bool(doubt.word.days) and doubt.word.spoken
    if spoken and name in ("pay_how", "balance", "bill") and not ASKING.search(doubt.plain):
        return True
    return spoken and (name == "hardship" or name not in doubt.heard)


def _days(intent: str, word: Pledge | None) -> tuple[day, ...]:
    if word is None or intent not in ("promise", "instalments"):
        return ()
    if intent == "promise":
        return word.days[-1:]
    return tuple(sorted(set(word.days)))


def _beside_days(named: list[tuple[int, int]], spans: list[Span], days: tuple[day, ...]) -> tuple[int, ...]:
    """The sums in the order of their days; none where a day lacks its sum, but that the last may take the rest."""
    firm = [span for span in spans if span.last in days]
    if len({span.last for span in firm}) != len(firm) or len(firm) < 2:
        return tuple(fen for _, fen in named)
    told = [fen for _, fen in named]
    if len(told) == len(firm):
        return tuple(fen for _, fen in sorted(zip((span.last for span in firm), told, strict=True)))
    rest_is_last = bool(named) and named[-1][0] < firm[-1].start and firm == sorted(firm, key=lambda span: span.last)
    return tuple(told) if rest_is_last and len(told) == len(firm) - 1 else ()


def _without(masked: str, spans: list[Span]) -> str:
    for span in spans:
        masked = masked[: span.start] + BLOT * (span.end - span.start) + masked[span.end :]
    return masked


def to_json(understood: Understood) -> dict[str, Any]:
    """What the command line prints: intent, date, dates, amount in fen, confidence."""
    return {
        "intent": understood.intent,
        "date": understood.date.isoformat() if understood.date else None,
        "dates": [day.isoformat() for day in understood.dates],
        "amount_fen": understood.amount_fen,
        "confidence": understood.confidence,
    }


__all__ = ["INTENTS", "Understood", "to_json", "understand", "yes_or_no"]

"""What an owner's sentence means: intent before date, and a date only where a word is given.

The order of the house: what must never be missed (stop, a death, a sale, a person) is heard first; then a given word
with a day; then what was paid, refused, disputed; then questions; courtesies last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from bot.talk.amounts import amounts, share
from bot.talk.dates import beside, meant, sentence_spans
from bot.talk.intents import INTENTS, choose
from bot.talk.masks import BLOT, mask
from bot.talk.normal import normalise, writing
from bot.talk.phrases import Phrases, shipped_phrases
from bot.talk.pledges import Pledge, pledge
from bot.talk.spans import Span


@dataclass(frozen=True, slots=True)
class Understood:
    """A sentence understood. ``date`` and ``dates`` are local dates, set only for a promise or instalments.

    ``vague``: a word is given without a day to hold it to; ask, with three days to choose from. ``amounts_fen`` are the
    sums named, ``amount_fen`` the only or first one; ``share`` a part of the whole (一半). ``locale`` is the language
    asked for by the intent ``language``, ``detected_locale`` the one written in. ``yes`` is a bare confirmation (好, 1,
    ok → True; 不, 2, no → False); the intent is then ``none``: only our own question gives it a meaning.
    """

    intent: str
    date: date | None
    dates: tuple[date, ...]
    amount_fen: int | None
    confidence: float
    vague: bool = False
    amounts_fen: tuple[int, ...] = ()
    share: Fraction | None = None
    locale: str | None = None
    detected_locale: str = "zh-Hans"
    yes: bool | None = None


_YES = re.compile(
    r"^[\W_]*(?:好[的呀吧啊滴哒嘞哦了]*|是的?|对的?|嗯+[嗯好呐]*|恩+|行[吧的啊]*|可以[的啊]*|没问题|确认|确定|同意|1|ok(?:ay)?|okk+|yes|yeah|yep|yup|y|sure|correct|confirm(?:ed)?|right|fine|agreed?|系|得|中|成|要得|好,?可以|是,?的|没错|就这样|就这么定|对啊|是啊|好,?谢谢|确认无误|hao|hao de|haode|shi|dui|👌|👍|✅)[\W_]*$"
)
_NO = re.compile(
    r"^[\W_]*(?:不[是对行要可以好同意用了吧啊]*|2|no|nope|nah|n|wrong|incorrect|cancel|别|算了|取消|否|没有|错了?|不是的|不系|不得|not really|no thanks|❌)[\W_]*$"
)
_SIGNS = {"👌": True, "👍": True, "✅": True, "🆗": True, "❌": False, "👎": False}
_ASKED_LANGUAGE = re.compile(
    r"(?P<en>英文|英语|english|英)|(?P<hant>繁体|繁中|粤语|广东话|白话|traditional|cantonese|繁)|(?P<hans>中文|简体|普通话|国语|汉语|中国话|chinese|mandarin|simplified)"
)
_CANNOT = re.compile(
    r"(?:看|听|读|写)?不(?:懂|明白|会|识|要)[^,。]{0,6}|(?:don't|do not|can't|cannot|no|not)\s(?:\w+\s){0,4}(?:chinese|english|mandarin|cantonese)|(?:中文|英文|英语|汉字|简体字?|繁体字?)[^,。]{0,3}(?:看|听|读)不懂"
)


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
    masked = mask(plain)
    named = sentence_spans(masked, at)
    spans = meant(masked, named)
    masked = beside(masked, named, spans)
    word = pledge(masked, spans, at.date())
    blotted = _without(masked, spans)
    sums, part = amounts(blotted), share(blotted)
    heard = (phrases or shipped_phrases()).heard(plain)
    intent, confidence = choose(plain, masked, heard, word, asked_for_date=asked_for_date)
    wanted = _language(plain) if intent == "language" else None
    days = _days(intent, word)
    return Understood(
        intent=intent,
        date=days[0] if days else None,
        dates=days,
        amount_fen=sums[0] if sums else None,
        confidence=confidence,
        vague=intent in ("promise", "instalments") and not days,
        amounts_fen=sums,
        share=part,
        locale=wanted,
        detected_locale=locale,
        yes=answer,
    )


def _days(intent: str, word: Pledge | None) -> tuple[date, ...]:
    if word is None or intent not in ("promise", "instalments"):
        return ()
    if intent == "promise":
        return word.days[-1:]
    return tuple(sorted(set(word.days)))


def _without(masked: str, spans: list[Span]) -> str:
    for span in spans:
        masked = masked[: span.start] + BLOT * (span.end - span.start) + masked[span.end :]
    return masked


def yes_or_no(text: str, plain: str) -> bool | None:
    """A message that is nothing but a confirmation or its denial."""
    if len(plain) > 12:
        return None
    for sign, meaning in _SIGNS.items():
        if text.strip().strip("\ufe0f").strip(sign) == "" and sign in text:
            return meaning
    if _YES.match(plain):
        return True
    return False if _NO.match(plain) else None


def _language(plain: str) -> str | None:
    wanted = _CANNOT.sub("", plain)
    match = _ASKED_LANGUAGE.search(wanted)
    if match:
        return "en" if match["en"] else "zh-Hant" if match["hant"] else "zh-Hans"
    refused = _ASKED_LANGUAGE.search(plain)
    if refused is None:
        return None
    return "zh-Hans" if refused["en"] else "zh-Hant" if "简" in refused[0] else "zh-Hans" if refused["hant"] else "en"


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

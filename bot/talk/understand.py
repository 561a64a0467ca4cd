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

from bot.talk.amounts import amounts, share
from bot.talk.answers import language, yes_or_no
from bot.talk.dates import beside, meant, sentence_spans
from bot.talk.intents import INTENTS, SCHEDULE, choose, off_topic, weighed
from bot.talk.likeness import familiar, likeness
from bot.talk.masks import BLOT, mask
from bot.talk.normal import normalise, writing
from bot.talk.phrases import Phrases, shipped_phrases
from bot.talk.pledge_words import PAY
from bot.talk.pledges import Pledge, pledge
from bot.talk.spans import Span

_OF_A_PROMISE = frozenset(("promise", "instalments", "thanks", "greeting", "stop"))

_NO_MORE = re.compile(
    r"不(?!可以)|[别停退勿莫关甭咪]|取消|拉黑|屏蔽|stop|unsub|remove|don't|no more|enough|quit|cancel|leave me|\btd?\b"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """A sentence understood. ``date`` and ``dates`` are local dates, set only for a promise or instalments.

    ``vague``: a word is given without a day to hold it to; ask, with three days to choose from. ``amounts_fen`` are the
    sums named, ``amount_fen`` the only or first one; ``share`` a part of the whole (一半). ``locale`` is the language
    asked for by the intent ``language``, ``detected_locale`` the one written in. ``yes`` is a bare confirmation (好, 1,
    ok → True; 不, 2, no → False); the intent is then ``none``: only our own question gives it a meaning.
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
    masked = mask(plain)
    named = sentence_spans(masked, at)
    spans = meant(masked, named)
    masked = beside(masked, named, spans)
    word = pledge(masked, spans, at.date())
    blotted = _without(masked, spans)
    sums, part = amounts(blotted), share(blotted)
    known = phrases or shipped_phrases()
    heard = known.heard(plain)
    intent, confidence = choose(plain, masked, heard, word, asked_for_date=asked_for_date)
    if not (asked_for_date and word) and not _plainly_promised(heard, word):
        intent, confidence = _less_sure(intent, confidence, plain, blotted, known, word, timed=bool(named))
    wanted = language(plain) if intent == "language" else None
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


def _plainly_promised(heard: Mapping[str, str], word: Pledge | None) -> bool:
    return word is not None and bool(word.days) and word.spoken and _OF_A_PROMISE.issuperset(heard)


def _less_sure(
    intent: str, confidence: float, plain: str, blotted: str, known: Phrases, word: Pledge | None, *, timed: bool
) -> tuple[str, float]:
    """What the likeness and the hints make of a sentence whose phrases leave a doubt."""
    if intent == "none" and (SCHEDULE.search(plain) or off_topic(plain) or not familiar(blotted)):
        return intent, confidence
    like = likeness(blotted)
    if not PAY.search(plain):
        like = {name: odds for name, odds in like.items() if name == intent or name not in ("promise", "instalments")}
    if not _NO_MORE.search(plain):
        like = {name: odds for name, odds in like.items() if name == intent or name != "stop"}
    intent, confidence = weighed(intent, confidence, like, dated=bool(_days(intent, word)), timed=timed)
    if intent == "none" and not timed and (hint := known.hinted(plain)):
        return hint, 0.4
    return intent, confidence


def _days(intent: str, word: Pledge | None) -> tuple[day, ...]:
    if word is None or intent not in ("promise", "instalments"):
        return ()
    if intent == "promise":
        return word.days[-1:]
    return tuple(sorted(set(word.days)))


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

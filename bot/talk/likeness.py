"""Which intent a sentence is most like, by the words it shares with labelled sentences: asked where phrases are unsure.

The weights are a generated table (``bot.talk.likeness_table``, made by ``tests/benchmarks/likeness.py`` from the
labelled sentences and the phrases): how much each character, pair of characters or English word speaks for each intent
(multinomial naive Bayes). It knows nothing of dates and never turns a sentence without one into a dated promise.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_HAN = re.compile(r"[\u4e00-\u9fff\ue001-\ue007]")
_DIGITS = re.compile(r"\d+")
_BLOTS = re.compile(r"·[·\s]*")
_WORDS = re.compile(r"[a-z']+|·|\?")
_WEIGHT = re.compile(r"([A-Z])(\d+)")
SCALE = 10
LONGEST = 160
FAMILIAR = 0.55


@lru_cache(maxsize=16)
def features(blotted: str) -> frozenset[str]:
    """What a normalised sentence, its dates blotted out, is compared by: characters and pairs, or words and pairs."""
    plain = _BLOTS.sub("·", blotted[:LONGEST])
    if _HAN.search(plain):
        plain = f"^{_DIGITS.sub('0', plain)}$"
        return frozenset(map("".join, pairwise(plain))).union(plain)
    words = ["^", *_WORDS.findall(plain), "$"]
    return frozenset(words).union(f"{a} {b}" for a, b in pairwise(words))


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, ...], tuple[float, ...], dict[str, str]]:
    from bot.talk.likeness_table import INTENTS, UNSEEN, WEIGHTS

    entries = (entry.rpartition("=") for entry in WEIGHTS.replace("\n", "\t").split("\t") if entry)
    return INTENTS, UNSEEN, {feature: weights for feature, _, weights in entries}


@lru_cache(maxsize=4096)
def _speaks_for(weights: str) -> tuple[tuple[int, float], ...]:
    return tuple((ord(sign) - ord("A"), int(weight) / SCALE) for sign, weight in _WEIGHT.findall(weights))


def familiar(blotted: str) -> bool:
    """Whether enough of a sentence has been seen before; what is strange through and through is not guessed at (I6)."""
    rows, seen = _table()[2], features(blotted)
    return sum(1 for feature in seen if feature in rows) >= FAMILIAR * len(seen)


def likeness(blotted: str) -> dict[str, float]:
    """How like each intent a normalised sentence is, its dates blotted out: natural logs, the highest is the likest."""
    intents, unseen, rows = _table()
    known = [weights for feature in features(blotted) if (weights := rows.get(feature))]
    count = len(known)
    sums = [base * count for base in unseen]
    for said in map(_speaks_for, known):
        for place, weight in said:
            sums[place] += weight
    return dict(zip(intents, sums, strict=True))

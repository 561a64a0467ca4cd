"""How many SMS segments a text costs."""

from dataclasses import dataclass
from typing import Literal

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, basic character set."""
GSM7_EXTENSION = frozenset("^{}\\[~]|€\f")
"""Each costs two."""


@dataclass(frozen=True, slots=True)
class Segments:
    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    """Septets, or UTF-16 code units."""
    count: int
    """What is billed; 0 for an empty text."""


def segments(text: str) -> Segments:
    """GSM-7: 160 alone, 153 in a chain; one character outside it makes the whole text UCS-2: 70 and 67."""
    if all(c in GSM7 or c in GSM7_EXTENSION for c in text):
        costs = [2 if c in GSM7_EXTENSION else 1 for c in text]
        return Segments("GSM-7", sum(costs), _count(costs, 160, 153))
    costs = [2 if ord(c) > 0xFFFF else 1 for c in text]
    return Segments("UCS-2", sum(costs), _count(costs, 70, 67))


def _count(costs: list[int], alone: int, chained: int) -> int:
    """A character of two units is never split between segments."""
    if sum(costs) <= alone:
        return 1 if costs else 0
    count, used = 1, 0
    for cost in costs:
        if used + cost > chained:
            count, used = count + 1, 0
        used += cost
    return count

"""What an import says of a file, each sentence in English and in Chinese under one code."""

from collections.abc import Sequence

from bot.flows.importing.sayings import SAYINGS

Place = tuple[str, int, str]
"""Sheet, row as the spreadsheet shows it, unit as the row writes it."""
NAMED = 5
"""Places named in one sentence; the rest are counted."""


class Sentence(str):
    """An English sentence that carries the Chinese one."""

    zh: str

    @classmethod
    def of(cls, en: str, zh: str) -> "Sentence":
        """One sentence in both languages."""
        made = cls(en)
        made.zh = zh
        return made


def sentence(code: str, /, **facts: object) -> Sentence:
    """The sentence of a code with its facts filled in. A fact that is itself a Sentence speaks both languages."""
    both = SAYINGS[code]
    return Sentence.of(both.en.format(**facts), both.zh.format(**{name: chinese(fact) for name, fact in facts.items()}))


def chinese(said: object) -> object:
    """The Chinese of a Sentence; anything else as it is."""
    return said.zh if isinstance(said, Sentence) else said


def places(found: Sequence[Place]) -> Sentence:
    """Where something stands: the first few places by sheet, row and unit, then how many more."""
    first, more = found[:NAMED], len(found) - NAMED
    en = ", ".join(f"sheet {sheet!r} row {row}" + (f" ({unit})" if unit else "") for sheet, row, unit in first)
    zh = "、".join(f"{sheet} 第{row}行" + (f"（{chinese(unit)}）" if unit else "") for sheet, row, unit in first)
    return Sentence.of(en + (f" and {more} more" if more > 0 else ""), zh + (f"，另有 {more} 处" if more > 0 else ""))

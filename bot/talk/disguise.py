"""Sees through disguised words, so that 停·水, 停　水, tíng shuǐ and ＴＩＮＧＳＨＵＩ are read as what they say.

The reader hands in pieces of text with their line; what comes out is one plain text (Simplified, lower case, accents,
invisible marks and punctuation gone, one space around runs of Latin letters) and for each character its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.talk.characters_table import SIMPLIFIED, TRADITIONAL

_PLAIN = dict(zip(TRADITIONAL, SIMPLIFIED, strict=True))
_LOOKALIKES = dict(zip("аеорсухіјԁһ氺閅", "aeopcyxijdh水门", strict=True))
_SPELLED = re.compile(r"(?<![a-z])[a-z](?: [a-z](?![a-z])){2,}")
_TONE = re.compile(r"(?<=[a-z])[1-5](?!\d)")


@dataclass(frozen=True, slots=True)
class Plain:
    """The text laid bare, and the line (from 1) of each of its characters."""

    text: str
    lines: tuple[int, ...]

    def line_at(self, position: int) -> int:
        """The line on which the character at `position` stood."""
        return self.lines[position] if position < len(self.lines) else (self.lines[-1] if self.lines else 1)


@cache
def _bare(char: str) -> str:
    """One character laid bare: "" for an invisible one, " " for one that only separates, else plain characters."""
    kept = []
    for part in unicodedata.normalize("NFKD", char).lower():
        plain = _PLAIN.get(part, _LOOKALIKES.get(part, part))
        category = unicodedata.category(plain)
        if category[0] == "M" or category == "Cf":
            continue
        kept.append(plain if category[0] in "LN" else " ")
    return "".join(kept)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def unmask(pieces: Iterable[tuple[str, int]]) -> Plain:
    """Lay bare a text given as (text, line of its first character) pieces."""
    chars: list[str] = []
    lines: list[int] = []
    for char, line in _bared(pieces):
        before = chars[-1] if chars else " "
        if char == " " and not _latin(before):
            continue
        if char != " " and before != " " and _latin(char) != _latin(before):
            chars.append(" ")
            lines.append(line)
        chars.append(char)
        lines.append(line)
    return _respelled(_toneless(Plain("".join(chars), tuple(lines))))


def _bared(pieces: Iterable[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    for text, line in pieces:
        for char in text:
            for plain in _bare(char):
                yield plain, line
            if char == "\n":
                line += 1


def _without(plain: Plain, drop: set[int]) -> Plain:
    kept = [at for at in range(len(plain.text)) if at not in drop]
    return Plain("".join(plain.text[at] for at in kept), tuple(plain.lines[at] for at in kept))


def _toneless(plain: Plain) -> Plain:
    """Pinyin with tone digits (ting2 shui3) without them."""
    return _without(plain, {found.start() for found in _TONE.finditer(plain.text)})


def _respelled(plain: Plain) -> Plain:
    """Letters set apart one by one (t i n g) joined to a word."""
    drop = {at for found in _SPELLED.finditer(plain.text) for at in range(*found.span()) if plain.text[at] == " "}
    return _without(plain, drop)

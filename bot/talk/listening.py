"""One phrase heard in a sentence: its pieces are looked for one after the other, without a pattern to compile.

A phrase holds words to choose from, gaps, single characters and the ends of the message. Compiling a pattern for
each of the many phrases costs more than all the sentences of a day; walking along the sentence costs a few
microseconds and nothing in advance.
"""

from __future__ import annotations

from typing import NamedTuple

GAP, ANY, START, END = "gap", "any", "start", "end"
_HAN_GAP, _LATIN_GAP = 8, 26
_ENDS_HAN = frozenset("。!?;\n")
_ENDS_LATIN = frozenset(".!?;\n")


class Piece(NamedTuple):
    """A step of a phrase: ``words`` to choose from (longest first; ``""`` lets it be left out), or a sign."""

    words: tuple[str, ...] = ()
    sign: str = ""
    optional: bool = False


class Listener:
    """A phrase ready to be looked for; ``han`` tells Chinese, whose words have no edges, from words with spaces."""

    __slots__ = ("_ends", "_gap", "_han", "_needed", "_pieces")

    def __init__(self, pieces: tuple[Piece, ...], *, han: bool) -> None:
        self._pieces, self._han = pieces, han
        self._needed = tuple(sorted((p.words for p in pieces if p.words and not {"", "$"} & set(p.words)), key=len))
        self._gap, self._ends = (_HAN_GAP, _ENDS_HAN) if han else (_LATIN_GAP, _ENDS_LATIN)

    def occurs(self, text: str) -> bool:
        """Whether the phrase stands anywhere in a normalised sentence."""
        for words in self._needed:
            for word in words:
                if word in text:
                    break
            else:
                return False
        first = self._pieces[0]
        if first.sign or "" in first.words:
            starts = (0,) if first.sign == START else range(len(text) + 1)
            return any(self._follows(text, 0, place) for place in starts)
        for word in first.words:
            place = text.find(word)
            while place >= 0:
                if self._word_ends(text, word, place) and self._follows(text, 1, place + len(word)):
                    return True
                place = text.find(word, place + 1)
        return False

    def _follows(self, text: str, index: int, place: int) -> bool:
        if index == len(self._pieces):
            return True
        piece = self._pieces[index]
        if not piece.sign:
            return self._worded(text, piece, index, place)
        if piece.sign == START:
            return self._follows(text, index + 1, _past_signs(text, 0))
        if piece.sign == END:
            return _past_signs(text, place) == len(text)
        if piece.sign == ANY:
            stands = place < len(text) and text[place] != "\n"
            return (stands and self._follows(text, index + 1, place + 1)) or (
                piece.optional and self._follows(text, index + 1, place)
            )
        return self._after_gap(text, index, place)

    def _worded(self, text: str, piece: Piece, index: int, place: int) -> bool:
        if not self._han:
            while place < len(text) and text[place] == " ":
                place += 1
        for word in piece.words:
            if word == "$":
                if _past_signs(text, place) == len(text):
                    return True
            elif (
                text.startswith(word, place)
                and (not word or self._word_ends(text, word, place))
                and self._follows(text, index + 1, place + len(word))
            ):
                return True
        return False

    def _after_gap(self, text: str, index: int, place: int) -> bool:
        for end in range(place, min(len(text), place + self._gap) + 1):
            if self._follows(text, index + 1, end):
                return True
            if end < len(text) and text[end] in self._ends:
                return False
        return False

    def _word_ends(self, text: str, word: str, place: int) -> bool:
        if self._han:
            return True
        end = place + len(word)
        return not (place and "a" <= text[place - 1] <= "z") and not (end < len(text) and "a" <= text[end] <= "z")


def _past_signs(text: str, place: int) -> int:
    while place < len(text) and not text[place].isalnum():
        place += 1
    return place

"""Names and telephone numbers as offices write them into one cell."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.flows.importing.cells import NOTHING, Unreadable, text
from bot.flows.importing.report import Cell
from bot.flows.importing.sentences import sentence

_NAME_MARKS = re.compile(
    r"[、;；/／&＆\n]|(?<=[\u4e00-\u9fff)])[,，]|\s+and\s+|(?<=[a-z]{2})\s*,\s*(?=\S+\s+\S)", re.IGNORECASE
)
_BRACKET = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]?")
_STRONG = re.compile(r"[/、,;|\n]+|(?<=\d)\s*(?:或|和|及|or)\s*(?=\+?\d)")
_LABELS = re.compile(r"(?:手机|电话|联系电话|移动电话|tel|mobile|mob|phone|h/p|hp|m)[:.： ]*", re.IGNORECASE)
_MAINLAND = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|[2-9]\d{1,2})\d{7,8}|[2-8]\d{6,7}|(?:400|800)\d{7}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class Phones:
    """The numbers of one cell in E.164, and how many landlines were left out."""

    mobiles: tuple[str, ...]
    landlines: int = 0


@lru_cache(maxsize=16_384, typed=True)
def names(cell: Cell) -> tuple[str, ...]:
    """The owners a cell names, the first being the responsible one; remarks in brackets are no part of a name.

    Raises Unreadable for a cell of digits or one too long to be names.
    """
    said = text(cell)
    if said.lower() in NOTHING:
        return ()
    found = tuple(dict.fromkeys(n for part in _NAME_MARKS.split(said) if (n := _name(part))))
    if not found or any(re.fullmatch(r"[\d\s+\-.]+", name) for name in found):
        raise Unreadable(sentence("name"))
    if any(len(name) > 60 for name in found):
        raise Unreadable(sentence("name_too_long"))
    return found


def _name(part: str) -> str:
    return re.sub(r"\s+", " ", _BRACKET.sub("", part)).strip(" ,，.。")


@lru_cache(maxsize=16_384)
def same_name(name: str) -> str:
    """A name for comparing: case, blanks and courtesy titles do not make another person."""
    flat = re.sub(r"[\s·.]+", "", name.lower())
    return re.sub(r"^(?:mr|mrs|ms|dr)(?=[a-z])|(?:先生|女士|小姐|太太)$", "", flat) or flat


@lru_cache(maxsize=16_384, typed=True)
def phones(cell: Cell, region: str = "mainland") -> Phones:
    """The telephone numbers of a cell; +86 for the mainland's mobiles, +852 for Hong Kong's.

    Raises Unreadable naming the first piece that is no telephone number.
    """
    said = text(cell)
    if said.lower() in NOTHING or said in ("未留", "未知", "不详", "空"):
        return Phones(())
    if re.fullmatch(r"\d+(\.\d+)?e\+?\d+", said.lower()):
        raise Unreadable(sentence("phone_rounded"))
    mobiles: list[str] = []
    landlines = 0
    for piece in _pieces(_LABELS.sub("", _BRACKET.sub("", said) if not _hong_kong(said) else said), region):
        number = _number(piece, region)
        if number is None:
            landlines += 1
        elif number not in mobiles:
            mobiles.append(number)
    return Phones(tuple(mobiles), landlines)


def _hong_kong(said: str) -> bool:
    return "(852)" in said or "(+852)" in said or "(86)" in said or "(+86)" in said


def _pieces(said: str, region: str) -> list[str]:
    pieces: list[str] = []
    for part in _STRONG.split(said):
        whole = _squeezed(part)
        if not whole:
            continue
        words = [w for w in part.split() if w]
        several = len(words) > 1 and all(_readable(_squeezed(word), region) for word in words)
        pieces += [_squeezed(word) for word in words] if several else [whole]
    return pieces


def _squeezed(part: str) -> str:
    return re.sub(r"[\s()（）.\-—–]+", "", part)


def _readable(piece: str, region: str) -> bool:
    try:
        return _number(piece, region) is not None
    except Unreadable:
        return False


def _number(piece: str, region: str) -> str | None:
    """E.164, or None for a landline, which cannot be written to. A mobile dialled with a 0 before it is a mobile."""
    bare = re.sub(r"^(?:\+?0086|(?:\+?86|0)(?=1[3-9]\d{9}$))", "", piece)
    if _MAINLAND.fullmatch(bare):
        return "+86" + bare
    if hong_kong := re.fullmatch(r"(?:\+|00)?852([4-79]\d{7})", piece):
        return "+852" + hong_kong[1]
    if region != "mainland" and re.fullmatch(r"[4-79]\d{7}", piece):
        return "+852" + piece
    plus = re.sub(r"^00(?=[1-9])", "+", piece)
    if _E164.fullmatch(plus) and not plus.startswith("+86"):
        return plus
    if _LANDLINE.fullmatch(re.sub(r"^\+86", "0", piece)):
        return None
    raise Unreadable(sentence("phone"))

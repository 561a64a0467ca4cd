"""Sums of money in a sentence: integer fen, or a share of the whole (一半)."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from bot.talk.lazily import lazily
from bot.talk.masks import BLOT

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,7}(?:\.\d{1,2})?"
_GIVE = r"(?:交|付|转|给|打|还|缴|充|汇|补|pay|transfer|send|settle|deposit|剩下?的?|另外|余下?的?|rest)"
_DIGIT = re.compile("[0-9]")
_SUM = lazily(
    rf"""
    (?:¥|rmb|cny|hk\$|\$)\s?(?P<a>{_NUMBER})(?P<ak>k|千|万)?
   |(?<![\d.\-])(?P<b>{_NUMBER})\s?(?P<bk>k|千|万)?(?:多|来)?\s?(?:元|块|圆|rmb|yuan|kuai|cny|dollars?|bucks)(?:钱)?(?:(?P<mao>\d)(?![\d号月日天])[毛角]?)?
   |{_GIVE}(?:了|个|你们?|您|过去|上|的|物业|物业费|掉|入|back|you|in|only|just|\s){{0,3}}(?P<c>\d{{2,6}}(?:\.\d{{1,2}})?)(?P<ck>k|千|万)?(?![\d号日月年天周点个%期次楼栋:./-]|th|st|nd|rd|\s?(?:days?|weeks?|months?|am|pm|%))
   |(?<![\d.\-#第])(?P<d>\d{{3,6}})(?=先|,剩|\s?and\b|\s?·|\s?first|\s?now|\s?on\b|\s?by\b|吧|$)
   |(?<={BLOT})[\s:]?(?P<e>\d{{3,6}})(?=[,;。]|\s*$)
    """,
    re.X,
)  # fmt: skip
_SHARE = re.compile(
    r"(?P<half>(?<!大)一半|半数|50%|half)|(?P<pct>[1-9]\d?)\s?%|(?P<ten>[1-9])成"
    r"|(?P<den>\d{1,2}|[二三四五六七八九十])分之(?P<num>\d{1,2}|[一二两三四五六七八九])"
    r"|(?P<third>(?:one|a) third)|(?P<quarter>(?:one|a) quarter)"
)
_SCALE = {"k": 1000, "千": 1000, "万": 10000}
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_MOST_FEN = 10**10


def sums(text: str) -> list[tuple[int, int]]:
    """The sums in fen a normalised sentence names, in order, each after its place; its dates are to be blotted out."""
    found: list[tuple[int, int]] = []
    if not _DIGIT.search(text):
        return found
    for match in _SUM.finditer(text):
        group = next(g for g in "abcde" if match[g])
        yuan = Decimal(match[group].replace(",", "")) * _SCALE.get(
            (match[group + "k"] if group not in "de" else "") or "", 1
        )
        fen = int(yuan * 100) + 10 * int(match["mao"] or 0)
        if 0 < fen < _MOST_FEN:
            found.append((match.start(), fen))
    return found


def share(text: str) -> Fraction | None:
    """The first share of the whole a normalised sentence names: 一半, 三分之一, 30%, 3成, half."""
    match = _SHARE.search(text)
    if match is None:
        return None
    if match["half"]:
        return Fraction(1, 2)
    if match["pct"]:
        return Fraction(int(match["pct"]), 100)
    if match["ten"]:
        return Fraction(int(match["ten"]), 10)
    if match["third"] or match["quarter"]:
        return Fraction(1, 3 if match["third"] else 4)
    parts, of = _count(match["num"]), _count(match["den"])
    return Fraction(parts, of) if 0 < parts <= of else None


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _HAN_DIGITS[word]

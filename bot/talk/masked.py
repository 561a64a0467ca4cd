"""What may be shown of an owner where colleagues read along: no full name, a band instead of a sum (PIPL, I9)."""

import re

_COMPOUND = [
    "欧阳",
    "歐陽",
    "司马",
    "司馬",
    "上官",
    "诸葛",
    "諸葛",
    "夏侯",
    "东方",
    "東方",
    "皇甫",
    "尉迟",
    "尉遲",
    "公孙",
    "公孫",
    "慕容",
    "令狐",
    "长孙",
    "長孫",
    "宇文",
    "司徒",
    "司空",
    "端木",
    "独孤",
    "獨孤",
    "南宫",
    "南宮",
]
_HAN = re.compile(r"[㐀-鿿]")
_BANDS_FEN = (0, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000)


def masked_name(name: str) -> str:
    """The surname and stars: 王小明 → 王**, 欧阳娜 → 欧阳**, Ann Lee → A***; nothing for nothing."""
    plain = " ".join(name.split())
    if not plain:
        return "**"
    if not _HAN.match(plain):
        return f"{plain[0]}***"
    surname = next((two for two in _COMPOUND if plain.startswith(two)), plain[0])
    return f"{surname}**"


def amount_band(fen: int) -> str:
    """The band an amount lies in, in yuan: 48600 fen → ¥0–500, 50000 → ¥500–1,000, from 50,000 yuan ¥50,000+."""
    if fen <= 0:
        return "¥0"
    low = max(edge for edge in _BANDS_FEN if edge <= fen)
    place = _BANDS_FEN.index(low)
    if place == len(_BANDS_FEN) - 1:
        return f"¥{low // 100:,}+"
    return f"¥{low // 100:,}–{_BANDS_FEN[place + 1] // 100:,}"

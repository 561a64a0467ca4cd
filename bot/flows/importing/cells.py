"""What one cell says: text, an amount, a day, a yes or no. Full-width and Excel's own forms are all read."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from bot.flows.importing.report import Cell
from bot.flows.importing.sentences import Sentence, sentence

NOTHING = frozenset(
    ("", "-", "--", "—", "——", "/", "\\", "无", "沒有", "没有", "n/a", "na", "none", "nil", "null", "免", "免收")
)
"""How people write that there is nothing."""

MAX_FEN = 100_000_000_000
"""A billion yuan: more is a slip of the keyboard."""

_MONEY_MARKS = re.compile(r"(rmb|cny|hk\$|hkd|[¥$元圆圓\s])", re.IGNORECASE)
_PLAIN = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?")
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号號]?(?:[T\s]+\d{1,2}[:：]\d{2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
_DMY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:\s+\d{1,2}:\d{2}.*)?")
_WORDS = re.compile(r"(?:(\d{1,2})\s+([a-z]{3,9})|([a-z]{3,9})\s+(\d{1,2})(?:st|nd|rd|th)?),?\s+(\d{4})")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAY_ZERO = date(1899, 12, 30)
_YES = frozenset(["是", "有", "已签约", "已签", "签约", "已托收", "托收", "代扣", "√", "✓", "y", "yes", "true", "1"])
_NO = frozenset(("", "否", "无", "未签", "未签约", "×", "x", "n", "no", "false", "0", "-"))


class Unreadable(ValueError):
    """A cell that does not say what its column asks for; ``said`` is the reason a person reads."""

    def __init__(self, said: Sentence) -> None:
        super().__init__(said)
        self.said = said


def text(cell: Cell) -> str:
    """The cell as text, full-width folded, trimmed. A whole number loses its ``.0``."""
    if isinstance(cell, str):
        return _folded(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return "" if cell is None else str(cell)


@lru_cache(maxsize=65_536)
def _folded(cell: str) -> str:
    if cell.isascii():
        return cell.strip()
    return unicodedata.normalize("NFKC", cell).replace("\u2212", "-").replace("\u200b", "").strip()


def shown(cell: Cell) -> str:
    """The cell as an error list shows it: text as the file has it, so that it can be found there."""
    said = cell.strip() if isinstance(cell, str) else text(cell)
    return said if len(said) <= 80 else said[:79] + "…"


def blank(cell: Cell) -> bool:
    """Whether the cell is empty."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


@lru_cache(maxsize=65_536, typed=True)
def amount_fen(cell: Cell) -> int | None:
    """An amount in fen; None when the cell says nothing. Brackets or a minus make it negative. Raises Unreadable."""
    if isinstance(cell, bool | date | time | timedelta):
        raise Unreadable(sentence("amount"))
    if isinstance(cell, int | float):
        return _bounded(Decimal(repr(cell)))
    said = text(cell)
    if said.lower() in NOTHING:
        return None
    bare = _MONEY_MARKS.sub("", said)
    negative = bare.startswith("-") or (bare.startswith("(") and bare.endswith(")"))
    match = _PLAIN.fullmatch(bare.strip("()").lstrip("+-").strip("()"))
    if match is None:
        raise Unreadable(sentence("amount"))
    fen = _bounded(Decimal(f"{match[1].replace(',', '')}.{match[2] or '0'}"))
    return -fen if negative else fen


def _bounded(yuan: Decimal) -> int:
    """A spreadsheet's number may be the result of area times rate: it is rounded to the fen, halves up."""
    if not yuan.is_finite() or abs(yuan) * 100 > MAX_FEN:
        raise Unreadable(sentence("amount_too_large"))
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@lru_cache(maxsize=16_384, typed=True)
def day(cell: Cell) -> date | None:
    """A local date; None when the cell says nothing. Raises Unreadable for no date or one outside 1990-2100."""
    if isinstance(cell, datetime):
        return _sane(cell.date())
    if isinstance(cell, date):
        return _sane(cell)
    if isinstance(cell, bool | time | timedelta):
        raise Unreadable(sentence("date"))
    said = text(cell)
    if said.lower() in NOTHING:
        return None
    return _sane(_written(said))


def _written(said: str) -> date:
    try:
        if match := _YMD.fullmatch(said) or _COMPACT.fullmatch(said):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if re.fullmatch(r"\d{5}(\.\d+)?", said):
            return _DAY_ZERO + timedelta(days=int(float(said)))
        if match := _DMY.fullmatch(said):
            return _day_or_month_first(int(match[1]), int(match[2]), int(match[3]))
        if match := _WORDS.fullmatch(said.lower()):
            month = MONTHS.index((match[2] or match[3])[:3]) + 1
            return date(int(match[5]), month, int(match[1] or match[4]))
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(sentence("no_such_day")) from error
    raise Unreadable(sentence("date"))


def _day_or_month_first(first: int, second: int, year: int) -> date:
    if first <= 12 and second <= 12 and first != second:
        raise Unreadable(sentence("day_or_month"))
    return date(year, second, first) if first > 12 else date(year, first, second)


def _sane(when: date) -> date:
    if not 1990 <= when.year <= 2100:
        raise Unreadable(sentence("year"))
    return when


def yes(cell: Cell) -> bool:
    """Whether a yes-or-no cell says yes. Raises Unreadable for anything else."""
    if isinstance(cell, bool):
        return cell
    said = text(cell).lower()
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise Unreadable(sentence("yes_or_no"))


@lru_cache(maxsize=4_096, typed=True)
def area_cm2(cell: Cell) -> int:
    """An area in square centimetres from square metres; 0 when the cell says nothing. Raises Unreadable."""
    said = re.sub(r"(平方米|平米|㎡|m2|m²|sqm)$", "", text(cell).lower()).replace(",", "").strip()
    if said in NOTHING:
        return 0
    if not re.fullmatch(r"\d+(\.\d+)?", said):
        raise Unreadable(sentence("area"))
    return int((Decimal(said) * 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP))

"""A unit's code: as the workbook writes it, and the key under which different spellings meet."""

import re
from functools import lru_cache

from bot.flows.importing.cells import Unreadable, text
from bot.flows.importing.report import Cell
from bot.flows.importing.sentences import sentence

_WORDS = re.compile(
    r"(?<=[0-9a-z])\s*(?:号楼|栋|幢|座|单元|梯|楼|号|#|building|block|blk|unit)\s*(?=[0-9a-z]|$|-)", re.IGNORECASE
)
_PART = re.compile(r"(?:号楼|号房|栋|幢|座|单元|梯|楼|室|号|房|#)$")
_LEAD = re.compile(r"^(?:building|block|blk|tower|stair|entrance|room|flat|unit|no\.?|第)\s*", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def key(code: str) -> str:
    """The form under which spellings of one unit meet: ``3栋2单元1201室``, ``3-2-1201`` and ``3/2/1201``."""
    flat = re.sub(r"\s*[-–—_/／\\.]\s*", "-", code.strip().lower())
    flat = _WORDS.sub("-", flat)
    flat = re.sub(r"(?<=\d)(?:室|房|号|户)$", "", flat)
    return re.sub(r"-{2,}", "-", flat).strip("-").replace(" ", "") or code


def code(unit: Cell, building: Cell = "", stair: Cell = "") -> str:
    """The unit's code from one column or from up to three. Raises Unreadable for none or a spoilt one."""
    room = _one(unit)
    if not room:
        raise Unreadable(sentence("unit_missing"))
    parts = [p for p in (part(building), part(stair)) if p]
    if not parts or _whole(room, parts):
        return room
    return "-".join([*parts, part(room)])


def _whole(room: str, parts: list[str]) -> bool:
    """Whether the room's number names building and stair itself, or is a code such as S-01 or B1-015."""
    flat = key(room)
    return flat.startswith("-".join(parts).lower() + "-") or re.match(r"[a-z]+\d*-", flat) is not None


def _one(cell: Cell) -> str:
    if not isinstance(cell, str | int | float) or isinstance(cell, bool):
        raise Unreadable(sentence("unit_a_date"))
    said = text(cell)
    if len(said) > 60:
        raise Unreadable(sentence("unit_too_long"))
    return said


def part(cell: Cell) -> str:
    """A building, stair or room without the word for it: 3栋 → 3."""
    return _PART.sub("", _LEAD.sub("", text(cell))).strip()

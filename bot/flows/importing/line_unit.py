"""What a line says of the unit, its owner and other people, and the holds in its remark."""

import re

from bot.flows.importing import people, remarks
from bot.flows.importing.cells import Unreadable, area_cm2, text, yes
from bot.flows.importing.line import Line
from bot.flows.importing.report import Cell
from bot.flows.importing.rows import IDENTITY, Bound, HoldRow, Someone, UnitRow
from bot.flows.importing.sentences import sentence
from bot.flows.importing.unitcode import code, key, part

_NOWHERE = frozenset(("未知", "不明", "不详", "待查", "待认领", "unknown", "?", "n/a"))
_ROLES = (
    ("co_owner", ("共有", "共同", "配偶", "联名", "coowner", "co-owner", "joint", "spouse")),
    ("tenant", ("租", "tenant", "lessee")),
    ("stand_in", ("代缴", "委托", "授权", "代理", "standin", "stand-in", "agent")),
    ("responsible", ("业主", "产权", "户主", "本人", "owner", "self")),
)
_NOBODY: tuple[str, ...] = ()
_NOT_A_BINDING = frozenset(("", "是", "否", "无", "-"))


def read_unit(line: Line) -> UnitRow | None:
    """The unit the line is about; None with a problem named, or for a payment nobody can place."""
    try:
        beside = ("", "") if line.sheet.found.whole_codes else (line.cell("building"), line.cell("stair"))
        said = code(line.cell("unit"), *beside)
    except Unreadable as error:
        if _is_stray_payment(line):
            return None
        line.problem("unit", error.said)
        return None
    if said.lower() in _NOWHERE and _is_stray_payment(line):
        return None
    line.code = said
    sheet = line.sheet
    unit = UnitRow(key(said), said, sheet.name, line.number)
    if sheet.receipts:
        return unit
    _describe(line, unit)
    _people(line, unit)
    unit.owner_asked = "owner" in sheet.at
    unit.registered = sheet.about_units and (unit.owner is not None or not sheet.bills)
    return unit


def _is_stray_payment(line: Line) -> bool:
    """A payment nobody can place has no unit."""
    said = line.words("unit")
    return (not said or said.lower() in _NOWHERE) and line.sheet.receipts


def _describe(line: Line, unit: UnitRow) -> None:
    unit.building, unit.stair = part(line.cell("building")), part(line.cell("stair"))
    unit.room = part(line.cell("unit")) if unit.building else ""
    unit.area_cm2 = line.take("area", area_cm2, 0)
    unit.segment = line.take("segment", _segment, "")
    if line.words("occupancy") and remarks.segment(line.words("occupancy")) == "vacant":
        unit.segment = unit.segment if unit.segment in ("shop", "villa", "parking") else "vacant"
    if "bank_collection" in line.sheet.at:
        unit.bank_collection = line.take("bank_collection", yes, False)
    if "remark" in line.sheet.at and not line.sheet.bills:
        unit.remark = line.words("remark")


def _people(line: Line, unit: UnitRow) -> None:
    found = line.take("owner", people.names, _NOBODY)
    numbers = [*_phones(line, "phone"), *_phones(line, "phone2")]
    if not found:
        if numbers and "owner" in line.sheet.at:
            if not line.bad:
                line.problem("owner", sentence("phone_without_owner"))
        elif numbers:
            unit.owner = _someone(line, "", numbers)
        return
    shares = [[n] for n in numbers] if len(numbers) == len(found) > 1 else [numbers, *([] for _ in found[1:])]
    persons = [_someone(line, n, s, first=i == 0) for i, (n, s) in enumerate(zip(found, shares, strict=True))]
    role = _role(line)
    if role == "responsible":
        unit.owner = persons[0]
        unit.others = [("co_owner", p) for p in persons[1:]]
    elif role:
        unit.others = [(role, p) for p in persons]
    unit.others += [("co_owner", p) for p in _co_owners(line)]


def _co_owners(line: Line) -> list[Someone]:
    if "co_owner" not in line.at:
        return []
    found = line.take("co_owner", people.names, _NOBODY)
    numbers = _phones(line, "co_phone")
    return [_someone(line, n, numbers if i == 0 else [], first=False) for i, n in enumerate(found)]


def _role(line: Line) -> str:
    said = line.words("role").lower()
    if not said:
        return "responsible"
    for role, marks in _ROLES:
        if any(mark in said for mark in marks):
            return role
    line.book.seen("relatives")
    return ""


def _phones(line: Line, name: str) -> list[str]:
    if name not in line.at:
        return []
    said = line.take(name, lambda cell: people.phones(cell, line.sheet.region), people.Phones(()))
    if said.landlines:
        line.book.seen_at("landlines", (line.sheet.name, line.number, line.code))
    return list(said.mobiles)


def _someone(line: Line, name: str, numbers: list[str], *, first: bool = True) -> Someone:
    person = Someone(name, contacts=[Bound("sms", number) for number in numbers])
    if not first:
        return person
    person.ref = line.words("owner_ref")
    if person.ref and line.sheet.at.get("identity") == line.sheet.at["owner_ref"]:
        person.ref = IDENTITY + person.ref
    if said := line.words("locale"):
        person.locale = remarks.locale(said) or ""
        if not person.locale:
            line.problem("locale", sentence("locale"))
    person.contacts += _bindings(line)
    return person


def _bindings(line: Line) -> list[Bound]:
    bound = []
    openid, telegram = line.words("openid"), line.words("telegram")
    if openid not in _NOT_A_BINDING:
        bound.append(Bound("wechat", openid, proved=True))
    if telegram not in _NOT_A_BINDING:
        if telegram.lstrip("-").isdigit():
            bound.append(Bound("telegram", telegram, proved=True))
        else:
            line.problem("telegram", sentence("telegram"))
    return bound


def keep_unit(line: Line, row: UnitRow) -> None:
    """Lays what this row says beside what earlier rows said of the unit."""
    known = line.book.units.setdefault(row.key, row)
    if known is row:
        return
    if row.owner is not None and known.owner is not None and not _same_owner(line, known, row.owner):
        return
    known.owner = _joined(known.owner, row.owner)
    known.others += [o for o in row.others if not any(_alike(o[1], k[1]) for k in known.others)]
    for name in ("building", "stair", "room", "segment", "area_cm2"):
        if not getattr(known, name):
            setattr(known, name, getattr(row, name))
    if row.remark is not None:
        known.remark = "；".join(dict.fromkeys(r for r in (known.remark, row.remark) if r))
    known.bank_collection = known.bank_collection or row.bank_collection
    known.registered = known.registered or row.registered


def _same_owner(line: Line, known: UnitRow, owner: Someone) -> bool:
    assert known.owner is not None
    if _alike(known.owner, owner) or not owner.name or not known.owner.name:
        return True
    if any(_alike(person, owner) for _role, person in known.others):
        return False
    line.problem(
        "owner", sentence("other_owner", unit=known.code, owner=known.owner.name, sheet=known.sheet, row=known.row)
    )
    return False


def keep_holds(line: Line, unit: UnitRow) -> None:
    """Makes holds of the remarks of a line that is not merely a payment."""
    if line.sheet.receipts:
        return
    if not line.sheet.bills and "remark" in line.sheet.at:
        line.book.held_told.add(unit.key)
    said = " ".join(w for w in (line.words("remark"), line.words("occupancy"), *_beside_name(line.words("owner"))) if w)
    if not said:
        return
    meant = remarks.remark(said)
    if meant.vacant and unit.segment in ("", "resident"):
        unit.segment = "vacant"
    if meant.over:
        line.book.seen("holds_over")
    line.book.holds += [HoldRow(unit.key, hold, line.words("remark") or said) for hold in meant.holds]


def _beside_name(owner: str) -> list[str]:
    """What stands in brackets behind a name; a developer for an owner is a unit not sold."""
    return [*re.findall(r"[(（\[【]([^)）\]】]*)", owner), *(["开发商未售"] if owner.startswith("开发商") else [])]


def _segment(cell: Cell) -> str:
    found = remarks.segment(text(cell))
    if found is None:
        raise Unreadable(sentence("segment"))
    return found


def _alike(one: Someone, other: Someone) -> bool:
    return people.same_name(one.name) == people.same_name(other.name)


def _joined(known: Someone | None, told: Someone | None) -> Someone | None:
    """One owner told by two rows."""
    if known is None or told is None:
        return known or told
    for bound in told.contacts:
        if bound not in known.contacts:
            known.contacts.append(bound)
    known.name, known.ref, known.locale = known.name or told.name, known.ref or told.ref, known.locale or told.locale
    return known

"""The numbers of the ladder that stand in the form, each with its dotted name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.flows.ladder_edit import value_at
from bot.web.console.speech import STEPS, Say, word_of

KINDS_OF_DAY = {
    "workday": Say("工作日", "working days"),
    "rest": Say("周末", "rest days"),
    "holiday": Say("公共假日", "public holidays"),
    "new_year": Say("春节", "New Year's days"),
    "qingming": Say("清明", "Qingming"),
}


NO_UNIT = Say("", "")


@dataclass(frozen=True, slots=True)
class Field:
    """One value: whole number, yuan (kept as fen) or hours ("09:30-12:00, 14:30-20:00")."""

    name: str
    say: Say
    kind: str = "int"
    unit: Say = NO_UNIT

    def shown(self, data: Mapping[str, Any]) -> str:
        """The value as the form shows it."""
        value = value_at(data, self.name)
        if self.kind == "hours":
            return ", ".join(value or [])
        if self.kind == "yuan" and isinstance(value, int):
            return _yuan(value)
        return "" if value is None else str(value)

    def read(self, text: str) -> Any:
        """What was typed as a value of the ladder; nonsense is left to the ladder's own check, which names it."""
        if self.kind == "hours":
            return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
        plain = text.strip()
        if self.kind == "yuan":
            return _fen(plain)
        return int(plain) if plain.lstrip("-").isdecimal() and len(plain) < 12 else plain


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _fen(text: str) -> int | str:
    """Yuan as typed → fen; what is no such amount stays as it was typed."""
    match = _YUAN.fullmatch(text)
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else text


_YUAN = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")
_IN_YUAN = Say("元", "yuan")
_DAYS, _TIMES, _HOUR = Say("天", "days"), Say("次", "times"), Say("条/小时", "an hour")
GROUPS: tuple[tuple[Say, tuple[Field, ...]], ...] = (
    (Say("次数与间隔（每人）", "Limits and gaps (per person)"), (
        Field("caps.per_day", Say("每天最多", "at most a day"), unit=_TIMES),
        Field("caps.per_week", Say("每周最多", "at most a week"), unit=_TIMES),
        Field("gaps.steps", Say("两步之间至少", "between two steps"), unit=_DAYS),
        Field("gaps.bands", Say("换阶段之间至少", "between two bands"), unit=_DAYS),
        Field("gaps.formal", Say("正式通知前后至少", "around anything formal"), unit=_DAYS),
        Field("gaps.before", Say("到期前提醒之后至少", "after a word before the due date"), unit=_DAYS),
    )),
    (Say("可联系的时段", "Hours"), tuple(
        Field(f"windows.ordinary.{kind}", say, "hours") for kind, say in KINDS_OF_DAY.items()
    )),
    (Say("正式通知的时段", "Hours for formal words"), tuple(
        Field(f"windows.formal.{kind}", say, "hours") for kind, say in list(KINDS_OF_DAY.items())[:3]
    )),
    (Say("每小时最多发多少", "Pace"), tuple(
        Field(f"bands.{band}.per_hour", say, unit=_HOUR) for band, say in (
            ("before", Say("到期前", "before due")), ("warm", Say("温和", "warm")), ("talk", Say("沟通", "talk")),
            ("formal", Say("正式", "formal")), ("law", Say("法律", "legal")),
        )
    )),
    (Say("金额与期限", "Sums and periods"), (
        Field("tolerance.any_fen", Say("低于此不提醒", "below this nothing"), "yuan", _IN_YUAN),
        Field("tolerance.formal_fen", Say("低于此不发正式通知", "below this nothing formal"), "yuan", _IN_YUAN),
        Field("demand.period_days", Say("正式通知给的期限", "period of the formal demand"), unit=_DAYS),
        Field("statement.every_days", Say("对账提醒间隔", "statement every"), unit=_DAYS),
        Field("promise.max_days", Say("承诺最远", "a promise reaches"), unit=_DAYS),
        Field("promise.max_days_formal", Say("正式阶段承诺最远", "in formal"), unit=_DAYS),
        Field("promise.moves", Say("承诺可改期", "may be moved"), unit=_TIMES),
        Field("promise.min_part_percent", Say("部分承诺至少", "a part is at least"), unit=Say("%", "%")),
    )),
)  # fmt: skip


def step_fields(data: Mapping[str, Any]) -> list[tuple[str, str, str, Field]]:
    """The days of the steps: (step, band, by, field)."""
    steps: Mapping[str, Mapping[str, Any]] = data.get("steps", {})
    return [
        (name, str(step.get("band", "")), str(step.get("by", "bot")), Field(f"steps.{name}.day", Say(name, name)))
        for name, step in steps.items()
    ]


def said_change(name: str, old: str, new: str, lang: str) -> tuple[str, str, str]:
    """One changed number as a person reads it: what it is, before and after, sums in yuan. Unknown ones by name."""
    if step := _STEP_DAY.fullmatch(name):
        return f"{word_of(STEPS, step[1], lang)} · {_DAY_OF.to(lang)}", old, new
    found = next(((group, field) for group, fields in GROUPS for field in fields if field.name == name), None)
    if found is None:
        return name, old, new
    group, field = found
    said = " ".join(part for part in (field.say.to(lang), field.unit.to(lang)) if part)
    if field.kind == "yuan":
        old, new = (_yuan(int(value)) if value.isdecimal() else value for value in (old, new))
    return f"{group.to(lang)} · {said}", old, new


_STEP_DAY = re.compile(r"steps\.(\w+)\.day")
_DAY_OF = Say("哪天说", "on which day")

"""Judges wordings before anyone receives them: form, slots, lengths, law and truth. One code path for all doors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.talk.awkward import AWKWARD, AwkwardOwner, awkward_slots
from bot.talk.lawful import LawRule, judge, judge_text
from bot.talk.lengths import (
    SMS_MOST_SEGMENTS,
    TELEGRAM_MOST,
    WECHAT_TEXT_MOST,
    field_fault,
    field_kind,
    sms_segments,
)
from bot.talk.problems import Problem
from bot.talk.scripts import LOCALES, Script, ScriptBook, loosely_parsed, read_folder
from bot.talk.slots import COUNT, DAY, MONEY, SLOTS, filter_for
from bot.talk.template import examine
from bot.talk.wording import Unrenderable, Worded, raw_fields, word

__all__ = ["Problem", "check", "check_script"]

_APPROVALS = ("provider",)


def check(
    files: Mapping[str, str],
    rules: Sequence[LawRule],
    *,
    expected: Sequence[str] = (),
    expected_replies: Sequence[str] = (),
    locales: Sequence[str] = LOCALES,
    mainland_sms: bool = True,
) -> list[Problem]:
    """Every fault of a folder laid out as `scripts/` (path below it → text), by file and line.

    `expected` names the steps, `expected_replies` the replies that must be there in each of `locales`;
    `mainland_sms` holds SMS to what +86 carriers let through.
    """
    book, problems = read_folder(files)
    for path in dict.fromkeys(problem.file for problem in problems):
        problems.extend(_judged_all_the_same(path, files[path], rules))
    for script in book.values():
        problems.extend(check_script(script, rules, mainland_sms=mainland_sms))
    broken = {problem.file.rsplit("/", 1)[0] for problem in problems if problem.rule in ("bad_front_matter", "empty")}
    problems.extend(_missing(book, "reminders", expected, locales, broken))
    problems.extend(_missing(book, "replies", expected_replies, locales, broken))
    return sorted(set(problems))


def _judged_all_the_same(path: str, text: str, rules: Sequence[LawRule]) -> list[Problem]:
    """What law says of a file that could not be read as a script, so that all is said in one round."""
    script = loosely_parsed(path, text)
    return [problem for problem in judge(script, rules) if not problem.rule.startswith("no_")] if script else []


def _missing(
    book: ScriptBook, group: str, expected: Iterable[str], locales: Sequence[str], broken: set[str]
) -> Iterator[Problem]:
    """Steps and replies without a wording in some locale; those that have a broken file are named already."""
    for name in dict.fromkeys([*expected, *book.names(group)]):
        absent = [locale for locale in locales if (group, name, locale, None) not in book]
        if absent and f"{group}/{name}" not in broken:
            message = f"{name} 缺 {', '.join(absent)} 的话术。{name} has no wording in {', '.join(absent)}."
            yield Problem(f"{group}/{name}", 1, "missing_locale", message)


def check_script(script: Script, rules: Sequence[LawRule], *, mainland_sms: bool = True) -> list[Problem]:
    """Every fault of one wording, for the checker, the console's editor and the chat alike."""
    kept = rules if mainland_sms else [rule for rule in rules if rule.id not in ("finance_words", "link_in_sms")]
    problems = [*_template_faults(script), *_slot_faults(script), *_field_faults(script), *judge(script, kept)]
    if not problems:
        problems.extend(_rendered_faults(script, kept))
    return list(dict.fromkeys(problems))


def _sources(script: Script) -> list[tuple[str, int]]:
    """Body and fields with the line of the file each begins on."""
    lines = script.source_text.split("\n")
    at = {
        key: next((n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), 1)
        for key in script.fields
    }
    return [(script.body, script.body_line), *((text, at[key]) for key, text in script.fields.items())]


def _template_faults(script: Script) -> Iterator[Problem]:
    for source, first in _sources(script):
        for line, rule, message in examine(source).faults:
            yield Problem(script.path, first + line - 1, rule, message)


def _slot_faults(script: Script) -> Iterator[Problem]:
    used: dict[str, int] = {}
    for source, first in _sources(script):
        for use in examine(source).uses:
            line = first + use.line - 1
            used.setdefault(use.slot, line)
            if use.slot in SLOTS and not use.asked and use.through != filter_for(use.slot):
                yield Problem(script.path, line, "wrong_filter", _filter_message(use.slot))
    known = ", ".join(SLOTS)
    for slot, line in used.items():
        if slot not in SLOTS and script.group != "staff":
            yield Problem(script.path, line, "unknown_slot", f"没有空位 {slot}。Unknown slot {slot}; known: {known}")
        elif slot not in script.needs:
            yield Problem(script.path, line, "undeclared_slot", f"{slot} 用了却没写在 needs 里。Used, not in `needs`.")
    for slot in script.needs:
        if slot not in used:
            yield Problem(script.path, 2, "unused_slot", f"needs 里的 {slot} 没有用到。In `needs`, never used.")


def _filter_message(slot: str) -> str:
    kind = SLOTS[slot]
    if kind in (MONEY, DAY):
        return f"{slot} 须写成 {{{{ {slot}|{filter_for(slot)} }}}}。Say it through |{filter_for(slot)}."
    return f"{slot} 不是金额或日期，直接写 {{{{ {slot} }}}}。It is text and takes no filter."


def _field_faults(script: Script) -> Iterator[Problem]:
    if bool(script.template) != bool(script.fields):
        yield Problem(
            script.path, 2, "bad_front_matter", "template 和 fields 要成对。`template` and `fields` go together."
        )
    if script.approval is not None and script.approval not in _APPROVALS:
        yield Problem(script.path, 2, "bad_front_matter", "approval 只能是 provider。`approval` is provider or absent.")
    for key in script.fields:
        if field_kind(key) is None:
            yield Problem(
                script.path, 2, "field_limit", f"{key}: 没有这种字段。No such field (thing1, amount2, time3 …)."
            )


def _rendered_faults(script: Script, rules: Sequence[LawRule]) -> Iterator[Problem]:
    """Faults that only show when the wording is said to real and awkward owners; one of each kind is enough."""
    met: set[str] = set()
    for owner in AWKWARD:
        for problem in _said_to(script, owner, rules):
            if problem.rule not in met:
                met.add(problem.rule)
                yield problem


def _said_to(script: Script, owner: AwkwardOwner, rules: Sequence[LawRule]) -> Iterator[Problem]:
    slots = _all_slots(script, owner)
    try:
        worded = word(script, slots)
        fields = raw_fields(script, slots)
    except Unrenderable as fault:
        yield Problem(script.path, script.body_line, "unrenderable", f"{owner.what}: {fault}")
        return
    yield from _length_faults(script, worded, owner)
    if owner is AWKWARD[0]:
        for key, value in fields.items():
            if fault_words := field_fault(key, value):
                yield Problem(script.path, 2, "field_limit", fault_words)
    yield from judge_text(script, word(script, slots | _blank_texts(script)).text, rules)


def _all_slots(script: Script, owner: AwkwardOwner) -> dict[str, object]:
    slots = awkward_slots(owner, script.locale)
    return slots if script.group != "staff" else dict.fromkeys(script.needs, "…") | slots


def _blank_texts(script: Script) -> dict[str, object]:
    """Texts emptied, so that only the wording's own words are judged, joined as the branches join them."""
    return {slot: "" for slot in script.needs if SLOTS.get(slot) not in (MONEY, DAY, COUNT)}


def _length_faults(script: Script, worded: Worded, owner: AwkwardOwner) -> Iterator[Problem]:
    length = len(worded.text)
    if not worded.text:
        yield _too_long(script, owner, "没有内容。Nothing is left to say.", "empty")
    if script.channel == "sms" and (cost := sms_segments(worded.text)) > SMS_MOST_SEGMENTS:
        yield _too_long(script, owner, f"{cost} 段短信，最多 {SMS_MOST_SEGMENTS} 段。{cost} SMS segments.")
    if script.channel in (None, "telegram") and length > TELEGRAM_MOST:
        yield _too_long(script, owner, f"{length} 字，Telegram 最多 {TELEGRAM_MOST}。Too long for Telegram.")
    if script.channel in (None, "wechat") and len(_own_words(worded.text)) > WECHAT_TEXT_MOST:
        yield _too_long(script, owner, f"{length} 字，微信最多 {WECHAT_TEXT_MOST}。Too long for WeChat.")


def _own_words(text: str) -> str:
    """The text as WeChat counts it: three bytes a Chinese character, so three Latin letters weigh as one."""
    return text.encode("utf-8")[::3].decode("latin-1")


def _too_long(script: Script, owner: AwkwardOwner, message: str, rule: str = "too_long") -> Problem:
    return Problem(script.path, script.body_line, rule, f"{owner.what}: {message}")

"""What no wording may say: the rules of law and truth, read from `scripts/law.yaml` and held against a wording."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import yaml

from bot.talk.disguise import Plain, unmask
from bot.talk.problems import Problem
from bot.talk.scripts import Script
from bot.talk.template import SLOT_MARK, examine, spoken

_MACRO = re.compile(r"<([a-z_]+)>")
_QUOTE = 24


class BadRules(ValueError):
    """A rules file that cannot be read: which rule, and what is wrong with it."""


@dataclass(frozen=True)
class LawRule:
    """One rule: when it speaks (patterns, slots), where it holds, on what ground, and what the author is told.

    `view` is the view the patterns read: "words" the text laid bare, "text" the text as written.
    """

    id: str
    ground: str
    example: str
    message_zh: str
    message_en: str
    legal: bool
    view: str = "words"
    patterns: tuple[str, ...] = ()
    decent: tuple[str, ...] = ()
    unless_requires: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    not_channels: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    must_use: tuple[str, ...] = ()
    must_not_use: tuple[str, ...] = ()

    def concerns(self, script: Script) -> bool:
        """Whether the rule holds for this wording at all."""
        if set(self.unless_requires) & set(script.requires):
            return False
        if (self.groups and script.group not in self.groups) or (self.locales and script.locale not in self.locales):
            return False
        if (self.channels and script.channel not in self.channels) or script.channel in self.not_channels:
            return False
        if self.names and not _any_fits(script.name, self.names):
            return False
        return not _any_fits(script.name, self.not_names)

    def told(self, said: str = "") -> str:
        """What the author reads: the words found, the rule in both languages and its ground."""
        found = f"「{said}」" if said else ""
        return f"{found}{self.message_zh} {self.message_en} 依据 Ground: {self.ground}"


def _any_fits(name: str, shapes: Iterable[str]) -> bool:
    return any(fnmatchcase(name, shape) for shape in shapes)


_LISTS = {
    "patterns": "patterns",
    "except": "decent",
    "unless_requires": "unless_requires",
    "groups": "groups",
    "names": "names",
    "not_names": "not_names",
    "channels": "channels",
    "not_channels": "not_channels",
    "locales": "locales",
    "must_use": "must_use",
    "must_not_use": "must_not_use",
}
_TEXTS = {"ground": "ground", "example": "example", "zh": "message_zh", "en": "message_en"}


def load_rules(yaml_text: str) -> tuple[LawRule, ...]:
    """The rules of a `law.yaml`. Raises BadRules with a sentence for the person who edits it."""
    try:
        data = yaml.safe_load(yaml_text)
    except yaml.YAMLError as fault:
        raise BadRules(f"law.yaml: {fault}") from None
    if not isinstance(data, dict) or not isinstance(data.get("rules"), list):
        raise BadRules("law.yaml: needs a list `rules`")
    words = {str(name): str(text) for name, text in (data.get("words") or {}).items()}
    rules = tuple(_rule(entry, words) for entry in data["rules"])
    twice = [rule.id for at, rule in enumerate(rules) if rule.id in {other.id for other in rules[:at]}]
    if twice:
        raise BadRules(f"law.yaml: two rules are called {twice[0]}")
    return rules


def _rule(entry: object, words: Mapping[str, str]) -> LawRule:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise BadRules("law.yaml: each rule is a mapping with an `id`")
    name = entry["id"]
    unknown = set(entry) - set(_LISTS) - set(_TEXTS) - {"id", "legal", "view"}
    if unknown:
        raise BadRules(f"law.yaml: rule {name} has unknown keys {', '.join(sorted(map(str, unknown)))}")
    missing = [key for key in _TEXTS if not isinstance(entry.get(key), str)]
    if missing:
        raise BadRules(f"law.yaml: rule {name} needs {', '.join(missing)}")
    lists = {field: _list(name, key, entry.get(key)) for key, field in _LISTS.items()}
    for key in ("patterns", "decent"):
        lists[key] = tuple(_spread(name, pattern, words) for pattern in lists[key])
    texts = {field: entry[key] for key, field in _TEXTS.items()}
    view = entry.get("view", "words")
    if view not in ("words", "text"):
        raise BadRules(f"law.yaml: rule {name}: `view` is words or text")
    fields: dict[str, Any] = {**texts, **lists}
    return LawRule(id=name, legal=entry.get("legal", True) is not False, view=view, **fields)


def _list(rule: str, key: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRules(f"law.yaml: rule {rule}: `{key}` is a list of texts")
    return tuple(value)


def _spread(rule: str, pattern: str, words: Mapping[str, str]) -> str:
    """The pattern with each <name> replaced by its list of words, tried as a regular expression."""
    for _ in range(3):
        pattern = _MACRO.sub(lambda found: f"(?:{words[found.group(1)]})" if found.group(1) in words else "!?", pattern)
    try:
        re.compile(pattern)
    except re.error as fault:
        raise BadRules(f"law.yaml: rule {rule}: {fault} in {pattern[:60]}") from None
    return pattern


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def judge(script: Script, rules: Iterable[LawRule]) -> list[Problem]:
    """Hold a wording against the rules: its body and every template field, in all branches; first hit of each rule."""
    parts = [(script.body, script.body_line)] + [
        (text, _field_line(script, key)) for key, text in script.fields.items()
    ]
    seen = [(_views(source), line) for source, line in parts]
    used = {slot for source, _ in parts for slot in examine(source).slots}
    problems: list[Problem] = []
    for rule in rules:
        if rule.concerns(script) and (found := _broken(rule, seen, used, script.body_line)):
            problems.append(Problem(script.path, found[0], rule.id, rule.told(found[1])))
    return problems


def judge_text(script: Script, text: str, rules: Iterable[LawRule]) -> list[Problem]:
    """Hold a rendered text of the wording against the rules that read the text laid bare (branches joined for real)."""
    view = unmask([(text, 1)])
    problems = []
    for rule in rules:
        if rule.view == "words" and rule.concerns(script) and (found := _first_hit(rule, view)):
            problems.append(Problem(script.path, script.body_line, rule.id, rule.told(found[1])))
    return problems


@dataclass(frozen=True, slots=True)
class _Views:
    words: Plain
    text: Plain


@lru_cache(maxsize=2048)
def _views(source: str) -> _Views:
    return _Views(unmask(spoken(source, mark="")), _as_written(spoken(source, mark=SLOT_MARK)))


def _as_written(pieces: Iterable[tuple[str, int]]) -> Plain:
    chars: list[str] = []
    lines: list[int] = []
    for text, line in pieces:
        for char in text:
            if unicodedata.category(char) != "Cf":
                plain = unicodedata.normalize("NFKC", char)
                chars.extend(plain)
                lines.extend([line] * len(plain))
            line += char == "\n"
    return Plain("".join(chars), tuple(lines))


def _field_line(script: Script, key: str) -> int:
    """The line of a template field in the file (from 1), for the report."""
    for number, line in enumerate(script.source_text.split("\n"), start=1):
        if line.strip().startswith(f"{key}:"):
            return number
    return 1


def _broken(rule: LawRule, seen: list[tuple[_Views, int]], used: set[str], body_line: int) -> tuple[int, str] | None:
    """Line and words of the first breach, or None."""
    if rule.must_use and not used & set(rule.must_use):
        return body_line, ""
    if banned := sorted(used & set(rule.must_not_use)):
        return body_line, "{{ " + banned[0] + " }}"
    for views, first_line in seen:
        if found := _first_hit(rule, views.words if rule.view == "words" else views.text):
            return first_line + found[0] - 1, found[1]
    return None


def _first_hit(rule: LawRule, view: Plain) -> tuple[int, str] | None:
    decent = [found.span() for shape in rule.decent for found in _compiled(shape).finditer(view.text)]
    for pattern in rule.patterns:
        for found in _compiled(pattern).finditer(view.text):
            if found.group() and not any(a <= found.start() and found.end() <= b for a, b in decent):
                return view.line_at(found.start()), found.group()[:_QUOTE]
    return None

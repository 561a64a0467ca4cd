"""The wordings as files: front matter and body read into a Script, found by step, locale and channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import yaml

from bot.talk.lengths import WORDING_MOST
from bot.talk.problems import Problem

LOCALES = ("zh-Hans", "zh-Hant", "en")
CHANNELS = ("sms", "wechat", "telegram")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C: eight times faster over four hundred files."""
GROUPS = ("reminders", "replies", "staff")
FACT_KINDS = (
    "letter_drafted",
    "letter_sent",
    "lawyer_letter_drafted",
    "lawyer_letter_sent",
    "suit_prepared",
    "suit_filed",
)
Key = tuple[str, str, str, str | None]

_PATH = re.compile(r"^(reminders|replies|staff)/([a-z][a-z0-9_]{0,40})/([A-Za-z-]+)(?:\.([a-z]+))?\.md$")
_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_KEYS = {"purpose", "needs", "requires", "template", "fields", "approval"}


class BadScript(Exception):
    """A file that is no script: the line (from 1), the rule it breaks and a sentence with the remedy."""

    def __init__(self, line: int, rule: str, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.rule = rule
        self.message = message


@dataclass(frozen=True)
class Script:
    """One wording: what it says (`name` of a `group`), in which locale, and for which channel alone, if for one."""

    group: str
    name: str
    locale: str
    channel: str | None
    purpose: str
    needs: tuple[str, ...]
    requires: tuple[str, ...]
    template: str | None
    fields: dict[str, str] = field(hash=False)
    approval: str | None
    body: str
    source_text: str

    @property
    def key(self) -> Key:
        """Group, name, locale and channel: what the book finds it by."""
        return (self.group, self.name, self.locale, self.channel)

    @cached_property
    def path(self) -> str:
        """Where the file lies below the scripts folder."""
        return script_path(self.group, self.name, self.locale, self.channel)

    @property
    def body_line(self) -> int:
        """The line of the file (from 1) on which the body begins."""
        return 1 + self.source_text[: len(self.source_text) - len(self.body)].count("\n")


def script_path(group: str, name: str, locale: str, channel: str | None) -> str:
    """The file of a wording, relative to the scripts folder."""
    return f"{group}/{name}/{locale}{'.' + channel if channel else ''}.md"


def parse_script(path: str, text: str) -> Script:
    """Read one file; `path` is relative to the scripts folder. Raises BadScript."""
    group, name, locale, channel = _place(path)
    if len(text) > WORDING_MOST:
        message = f"全文{len(text)}字符，最多{WORDING_MOST}。A wording has at most {WORDING_MOST} characters."
        raise BadScript(1, "too_long", message)
    fence = _FENCE.match(text)
    if fence is None:
        raise BadScript(
            1, "bad_front_matter", "文件须以 --- 开头的说明部分起始。The file begins with a block between --- lines."
        )
    front = _front_matter(fence.group(1))
    body = text[fence.end() :]
    if not body.strip():
        raise BadScript(1, "empty", "正文是空的。There is no wording below the front matter.")
    return Script(
        group=group,
        name=name,
        locale=locale,
        channel=channel,
        purpose=_line(front, "purpose") or "",
        needs=_names(front, "needs"),
        requires=_facts(front),
        template=_line(front, "template"),
        fields=_fields(front),
        approval=_line(front, "approval"),
        body=body,
        source_text=text,
    )


def loosely_parsed(path: str, text: str) -> Script | None:
    """The body of a file with a bad front matter as a script without needs and facts; None if it is far too long
    or lies in no place of ours."""
    try:
        group, name, locale, channel = _place(path)
    except BadScript:
        return None
    if len(text) > WORDING_MOST:
        return None
    fence = _FENCE.match(text)
    body = text[fence.end() :] if fence else text
    return Script(group, name, locale, channel, "", (), (), None, {}, None, body, text)


def _place(path: str) -> Key:
    found = _PATH.match(path)
    if found is None:
        raise BadScript(1, "bad_path", f"{path}: expected reminders|replies|staff/<name>/<locale>[.<channel>].md")
    group, name, locale, channel = found.groups()
    if locale not in LOCALES or (channel is not None and channel not in CHANNELS):
        raise BadScript(1, "bad_path", f"{path}: locales are {', '.join(LOCALES)}; channels {', '.join(CHANNELS)}")
    return group, name, locale, channel


def _front_matter(text: str) -> dict[str, object]:
    try:
        front = yaml.load(text, Loader=LOADER)
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        mark = getattr(fault, "problem_mark", None)
        raise BadScript(2 + (mark.line if mark else 0), "bad_front_matter", f"YAML: {fault}"[:300]) from None
    if not isinstance(front, dict):
        raise BadScript(2, "bad_front_matter", "说明部分须是「键: 值」。The front matter is `key: value` lines.")
    unknown = sorted(str(key) for key in front if key not in _KEYS)
    if unknown:
        raise BadScript(
            2, "bad_front_matter", f"不认识的键 unknown keys: {', '.join(unknown)}; {', '.join(sorted(_KEYS))}"
        )
    if not front.get("purpose"):
        raise BadScript(2, "bad_front_matter", "缺 purpose（这段话的用处）。`purpose` says what the wording is for.")
    return front


def _line(front: Mapping[str, object], key: str) -> str | None:
    value = front.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadScript(2, "bad_front_matter", f"`{key}` must be text")
    return value


def _names(front: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = front.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadScript(2, "bad_front_matter", f"`{key}` must be a list of names such as [unit, total]")
    return tuple(value)


def _facts(front: Mapping[str, object]) -> tuple[str, ...]:
    facts = _names(front, "requires")
    unknown = [fact for fact in facts if fact not in FACT_KINDS]
    if unknown:
        message = f"没有这种事实 unknown fact kinds: {', '.join(unknown)}; known: {', '.join(FACT_KINDS)}"
        raise BadScript(2, "unknown_fact", message)
    return facts


def _fields(front: Mapping[str, object]) -> dict[str, str]:
    value = front.get("fields") or {}
    if not isinstance(value, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        raise BadScript(2, "bad_front_matter", "`fields` maps field keys to texts, e.g. thing1: '{{ units }}'")
    return dict(value)


def dump_script(script: Script) -> str:
    """The file of a script, byte for byte as it was read; a script made in memory is written afresh."""
    if script.source_text:
        return script.source_text
    front: dict[str, object] = {"purpose": script.purpose, "needs": list(script.needs)}
    if script.requires:
        front["requires"] = list(script.requires)
    if script.template:
        front |= {"template": script.template, "fields": dict(script.fields)}
    if script.approval:
        front["approval"] = script.approval
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000, default_flow_style=None)
    return f"---\n{head}---\n{script.body}"


class ScriptBook(Mapping[Key, Script]):
    """All wordings at hand."""

    def __init__(self, scripts: Sequence[Script] = ()) -> None:
        self._scripts = {script.key: script for script in scripts}

    def __getitem__(self, key: Key) -> Script:
        return self._scripts[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._scripts)

    def __len__(self) -> int:
        return len(self._scripts)

    def find(self, group: str, name: str, locales: Sequence[str], channel: str | None) -> Script | None:
        """The wording for the first locale of the chain that has one: within a locale the channel's own voice first."""
        for locale in locales:
            script = self._scripts.get((group, name, locale, channel)) or self._scripts.get((group, name, locale, None))
            if script is not None:
                return script
        return None

    def names(self, group: str) -> tuple[str, ...]:
        """What is said in a group, sorted."""
        return tuple(sorted({key[1] for key in self._scripts if key[0] == group}))


def is_script(path: str) -> bool:
    """Whether a path below the scripts folder is meant to be a wording."""
    return path.endswith(".md") and path.split("/", 1)[0] in GROUPS


def read_folder(files: Mapping[str, str]) -> tuple[ScriptBook, list[Problem]]:
    """Read all wordings of a folder (path relative to it → text); a bad file becomes a problem, not an exception."""
    scripts: list[Script] = []
    problems: list[Problem] = []
    for path in sorted(filter(is_script, files)):
        try:
            scripts.append(parse_script(path, files[path]))
        except BadScript as bad:
            problems.append(Problem(path, bad.line, bad.rule, bad.message))
    return ScriptBook(scripts), problems

"""A policy's YAML as plain data that still knows its lines, and reading it with plain complaints.

A line is counted from 1; 0 means the value stands in the community's own settings, not in the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str, ...]

_LONGEST = 200_000
"""Characters; a policy is a page or two."""


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """One thing wrong: where, what, and what would be right."""

    line: int
    message_en: str
    message_zh: str


class BadPolicy(ValueError):
    """A policy that cannot be used, with every problem found."""

    def __init__(self, problems: list[PolicyProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"line {p.line}: {p.message_en}" for p in problems))


class Lines:
    """Turns YAML text into plain data and remembers the line of every value."""

    def __init__(self, text: str) -> None:
        """Raises BadPolicy if the text is no YAML mapping."""
        self.at: dict[Path, int] = {}
        self.problems: list[PolicyProblem] = []
        self._seen: set[int] = set()
        if len(text) > _LONGEST:
            raise BadPolicy([PolicyProblem(1, "the policy is far too long", "策略文件过长")])
        self.data = self._read(text)

    def _read(self, text: str) -> dict[str, Any]:
        self._loader = yaml.SafeLoader(text)
        try:
            node = self._loader.get_single_node()
            found = self._plain(node, ()) if node is not None else None
        except yaml.YAMLError as error:
            raise BadPolicy([_not_yaml(error)]) from None
        finally:
            self._loader.dispose()
        if not isinstance(found, dict):
            raise BadPolicy(
                [PolicyProblem(1, "the policy must be a list of names with values", "策略应为“名称: 值”的形式")]
            )
        return found

    def _plain(self, node: yaml.Node, path: Path) -> Any:
        self.at[path] = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return self._loader.construct_object(node)
        if id(node) in self._seen:
            self._say(path, "an alias (*) is not used here; write the value out", "此处不使用别名（*），请直接写出值")
            return {}
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*path, str(place))) for place, item in enumerate(node.value)]
        assert isinstance(node, yaml.MappingNode)
        return self._mapping(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            value = self._plain(value_node, (*path, key))
            if key in found:
                self._say((*path, key), f"{key} stands twice; keep one", f"{key} 出现两次，请保留一个")
            found[key] = value
        return found

    def _say(self, path: Path, en: str, zh: str) -> None:
        self.problems.append(PolicyProblem(self.at.get(path, 0), en, zh))


def _not_yaml(error: yaml.YAMLError) -> PolicyProblem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 1
    what = getattr(error, "problem", None) or "it cannot be read"
    return PolicyProblem(
        line,
        f"this is not valid YAML ({what}); look at the indentation, colons and quotes here",
        "YAML 格式有误，请检查此处的缩进、冒号和引号",
    )


def lay_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A community's values over the shipped ones: mappings merge, anything else replaces, null removes."""
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = lay_over(merged[key], value)
        else:
            merged[key] = value
    return merged


class Page:
    """One mapping of the policy. Reads typed values, notes every problem, and goes on with a stand-in."""

    def __init__(self, data: Mapping[str, Any], path: Path, lines: Mapping[Path, int], problems: list[PolicyProblem]):
        self.data, self.path, self._lines, self._problems = data, path, lines, problems
        self._asked: set[str] = set()

    def wrong(self, key: str, must_en: str, must_zh: str) -> None:
        """Notes that a value is not what it must be."""
        name = ".".join((*self.path, key)) if key else ".".join(self.path)
        if not key or key in self.data:
            is_en, is_zh = (f" is {self.data[key]!r};", f" 现为 {self.data[key]!r}，") if key else (":", "：")
            self._note(key, f"{name}{is_en} {must_en}", f"{name}{is_zh}{must_zh}")
        else:
            self._note(key, f"{name} is missing; {must_en}", f"缺少 {name}，{must_zh}")

    def _note(self, key: str, en: str, zh: str) -> None:
        self._problems.append(PolicyProblem(self._line(key), en, zh))

    def _line(self, key: str) -> int:
        path = (*self.path, key) if key else self.path
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        self._asked.add(key)
        if default is not None and key not in self.data:
            return default
        value = self.data.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.wrong(key, f"it must be a whole number from {low} to {high}", f"应为 {low} 到 {high} 的整数")
        return low

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        self._asked.add(key)
        value = self.data.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, "it must be true or false", "应为 true 或 false")
        return default

    def word(self, key: str, allowed: tuple[str, ...] | None = None, default: str | None = None) -> str:
        """A word, one of the allowed ones if they are named."""
        self._asked.add(key)
        value = self.data.get(key, default)
        if isinstance(value, str) and (allowed is None or value in allowed or value == default):
            return value
        if allowed is None:
            self.wrong(key, "it must be a word", "应为文字")
        else:
            self.wrong(key, f"it must be one of: {', '.join(allowed)}", f"应为以下之一：{'、'.join(allowed)}")
        return allowed[0] if allowed else ""

    def words(self, key: str, allowed: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of words; empty if it is not there."""
        self._asked.add(key)
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            strange = [item for item in value if allowed is not None and item not in allowed]
            if not strange:
                return tuple(value)
        known = f" of: {', '.join(allowed)}" if allowed else ""
        self.wrong(key, f"it must be a list{known}", f"应为列表{'，可用：' + '、'.join(allowed) if allowed else ''}")
        return ()

    def integers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """A list of whole numbers within bounds."""
        self._asked.add(key)
        value = self.data.get(key, [])
        if isinstance(value, list) and all(type(item) is int and low <= item <= high for item in value):
            return tuple(value)
        self.wrong(key, f"it must be a list of whole numbers from {low} to {high}", f"应为 {low} 到 {high} 的整数列表")
        return ()

    def minute(self, key: str) -> int:
        """A time of day such as "10:00", in local minutes."""
        self._asked.add(key)
        found = minute_of(self.data.get(key))
        if found is None:
            self.wrong(key, 'it must be a time in quotes such as "10:00"', '应为带引号的时间，如 "10:00"')
        return found or 0

    def page(self, key: str) -> "Page":
        """A mapping within this one."""
        self._asked.add(key)
        value = self.data.get(key)
        if isinstance(value, Mapping):
            return Page(value, (*self.path, key), self._lines, self._problems)
        self.wrong(key, "it must be a list of names with values", "应为“名称: 值”的形式")
        return _Nowhere({}, (*self.path, key), self._lines, [])

    def pages(self) -> Iterator[tuple[str, "Page"]]:
        """Every entry of this mapping as a mapping of its own."""
        for key in self.data:
            yield key, self.page(key)

    def done(self) -> None:
        """Complains about names nobody asked for: a slip of the pen must not be silently ignored."""
        for key in self.data:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                name = ".".join((*self.path, key))
                self._note(key, f"{name} is not known here; known: {known}", f"{name} 不是可用的名称，可用：{known}")


class _Nowhere(Page):
    """Stands in for a mapping that is missing: its absence has been told once."""

    def wrong(self, key: str, must_en: str, must_zh: str) -> None:
        return


def minute_of(value: object) -> int | None:
    """Minutes since midnight of a text such as 09:30 (24:00 allowed), or None."""
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":" or not (value[:2] + value[3:]).isdigit():
        return None
    hour, minute = int(value[:2]), int(value[3:])
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 1440 else None

"""Reads a phrases file written as the shipped ones are: names, and lists of single-quoted phrases, nothing else.

Most of the start went into a reader that knows all of YAML. What is written in any other way is left to it.
"""

from __future__ import annotations

from typing import Any

_DEEPEST = 4


def read_plain(text: str) -> dict[str, Any] | None:
    """The content of a plainly written phrases file; ``None`` if any line of it is written otherwise."""
    content: dict[str, Any] = {}
    path: list[str] = []
    for line in text.splitlines():
        said = line.strip()
        if not said or said[0] == "#":
            continue
        if said[0] == "-":
            phrase = _quoted(said)
            if phrase is None or not _add(content, path, phrase):
                return None
        elif said[-1] == ":" and said[:-1].isidentifier() and (depth := line.index(said)) in (0, 2, _DEEPEST):
            path = [*path[: depth // 2], said[:-1]]
        else:
            return None
    return content


def _quoted(item: str) -> str | None:
    inner = item[3:-1]
    plain = item.startswith("- '") and item.endswith("'") and len(item) > len("- ''")
    return inner.replace("''", "'") if plain and "'" not in inner.replace("''", "") else None


def _add(content: dict[str, Any], path: list[str], phrase: str) -> bool:
    within: Any = content
    for name in path[:-1]:
        within = within.setdefault(name, {})
        if not isinstance(within, dict):
            return False
    if not path or not isinstance(within.setdefault(path[-1], []), list):
        return False
    within[path[-1]].append(phrase)
    return True

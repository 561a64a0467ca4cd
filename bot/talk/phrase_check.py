"""Judges phrases files: each must be YAML of the expected shape, with phrases that can be listened for."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from bot.talk.phrases import Phrases, PhrasesError
from bot.talk.problems import Problem

FOLDER = "phrases/"


def phrase_problems(files: Mapping[str, str]) -> list[Problem]:
    """The faults of every phrases file among ``files`` (path → text)."""
    wanted = {path: text for path, text in files.items() if path.startswith(FOLDER) and path.endswith(".yaml")}
    return [problem for path, text in wanted.items() for problem in _faults(path, text)]


def _faults(path: str, text: str) -> list[Problem]:
    try:
        Phrases.from_mapping({path.removeprefix(FOLDER).removesuffix(".yaml"): yaml.safe_load(text)})
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return [Problem(path, line, "phrases", f"not YAML: {error.problem or 'unreadable'}; mend the line")]
    except PhrasesError as error:
        return [Problem(path, 1, "phrases", str(error))]
    return []

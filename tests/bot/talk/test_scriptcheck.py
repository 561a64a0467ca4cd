"""Bad wordings, each of which names the rule it must trip; the folder is laid out as `scripts/`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from bot.talk.lawful import load_rules
from bot.talk.scriptcheck import Problem, check

ROOT = Path(__file__).parents[3]
BAD = Path(__file__).parent / "bad_scripts"
RULES = load_rules((ROOT / "scripts" / "law.yaml").read_text(encoding="utf-8"))
FILES = {path.relative_to(BAD).as_posix(): path.read_text(encoding="utf-8") for path in sorted(BAD.rglob("*.md"))}


@cache
def problems() -> list[Problem]:
    return check(FILES, RULES)


def test_there_are_more_than_forty_bad_wordings() -> None:
    assert len(FILES) > 100


@pytest.mark.parametrize("path", FILES)
def test_each_bad_wording_is_named_with_its_fault(path: str) -> None:
    wanted = re.search(r"must trip (\w+)", FILES[path])
    assert wanted is not None
    rules = {problem.rule for problem in problems() if problem.file in (path, path.rsplit("/", 1)[0])}
    assert wanted.group(1) in rules


def test_every_problem_has_a_line_of_its_file_and_a_sentence() -> None:
    for problem in problems():
        assert 1 <= problem.line <= FILES.get(problem.file, "x").count("\n") + 1
        assert len(problem.message) > 3
        assert set(problem.json()) == {"file", "line", "rule", "message"}


def test_an_expected_step_without_any_wording_is_missed() -> None:
    found = check({}, RULES, expected=["warm_4"], expected_replies=["menu"])
    assert [(p.file, p.rule) for p in found] == [
        ("reminders/warm_4", "missing_locale"),
        ("replies/menu", "missing_locale"),
    ]


def test_outside_the_mainland_an_sms_may_carry_a_link_slot() -> None:
    text = "---\npurpose: x\nneeds: [community, link, stop_hint]\n---\n[{{ community }}] {{ link }} {{ stop_hint }}\n"
    files = {"reminders/warm_4/en.sms.md": text}
    assert "link_in_sms" in {p.rule for p in check(files, RULES)}
    assert "link_in_sms" not in {p.rule for p in check(files, RULES, mainland_sms=False)}


def test_a_megabyte_of_wording_is_refused_by_size_alone() -> None:
    found = check({"reminders/warm_4/en.md": "---\npurpose: x\n---\n" + "{{ x }}" * 150_000}, RULES)
    assert {p.rule for p in found} == {"too_long"}

"""Wordings as files: read, found, written back."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.scripts import BadScript, ScriptBook, dump_script, parse_script, read_folder

GOOD = '---\npurpose: "a test"\nneeds: [units, total]\nrequires: [letter_sent]\n---\n{{ units }}：{{ total|money }}\n'
PATH = "reminders/warm_4/zh-Hans.md"


def test_a_file_is_read_with_its_place_and_front_matter() -> None:
    script = parse_script("reminders/warm_4/zh-Hant.sms.md", GOOD)
    assert script.key == ("reminders", "warm_4", "zh-Hant", "sms")
    assert script.needs == ("units", "total")
    assert script.requires == ("letter_sent",)
    assert script.body == "{{ units }}：{{ total|money }}\n"
    assert script.body_line == 6
    assert script.path == "reminders/warm_4/zh-Hant.sms.md"


@pytest.mark.parametrize(
    ("path", "text", "rule", "line"),
    [
        ("reminders/warm_4/fr.md", GOOD, "bad_path", 1),
        ("reminders/warm_4/zh-Hans.fax.md", GOOD, "bad_path", 1),
        ("reminders/../x/zh-Hans.md", GOOD, "bad_path", 1),
        (PATH, "你好", "bad_front_matter", 1),
        (PATH, "---\npurpose: x\nneeds: [a\n---\nx", "bad_front_matter", 4),
        (PATH, "---\n- a\n---\nx", "bad_front_matter", 2),
        (PATH, "---\nneeds: []\n---\nx", "bad_front_matter", 2),
        (PATH, "---\npurpose: x\nneeds: a\n---\nx", "bad_front_matter", 2),
        (PATH, "---\npurpose: x\nfields: [1]\n---\nx", "bad_front_matter", 2),
        (PATH, "---\npurpose: x\ncolour: red\n---\nx", "bad_front_matter", 2),
        (PATH, "---\npurpose: x\nrequires: [rumour]\n---\nx", "unknown_fact", 2),
        (PATH, "---\npurpose: x\n---\n \n", "empty", 1),
        (PATH, "---\npurpose: x\n---\n" + "催" * 1_000_000, "too_long", 1),
    ],
)
def test_a_bad_file_is_refused_with_line_and_rule(path: str, text: str, rule: str, line: int) -> None:
    with pytest.raises(BadScript) as bad:
        parse_script(path, text)
    assert (bad.value.rule, bad.value.line) == (rule, line)
    assert bad.value.message


@given(st.text(max_size=300))
def test_any_bytes_become_a_script_or_a_sentence(text: str) -> None:
    for source in (text, f"---\n{text}\n---\n{text}", f"---\npurpose: x\n---\n{text}"):
        assert _read_and_written(source) in (source, None)


def _read_and_written(source: str) -> str | None:
    try:
        return dump_script(parse_script(PATH, source))
    except BadScript:
        return None


def test_windows_line_ends_and_a_byte_order_mark_come_back_unchanged() -> None:
    text = "\ufeff" + GOOD.replace("\n", "\r\n")
    assert dump_script(parse_script(PATH, text)) == text


def test_a_script_made_in_memory_is_written_and_read_back() -> None:
    made = dataclasses.replace(parse_script(PATH, GOOD), source_text="", template="t", fields={"thing1": "{{ units }}"})
    again = parse_script(PATH, dump_script(made))
    assert dataclasses.replace(again, source_text="") == made


def _book() -> ScriptBook:
    paths = [PATH, "reminders/warm_4/zh-Hans.sms.md", "reminders/warm_4/en.md"]
    return read_folder(dict.fromkeys(paths, GOOD))[0]


def test_the_channels_own_voice_comes_before_the_common_one() -> None:
    found = _book().find("reminders", "warm_4", ["zh-Hans"], "sms")
    assert found is not None
    assert found.channel == "sms"


def test_the_first_language_of_the_chain_wins_over_a_channel_voice_of_the_next() -> None:
    found = _book().find("reminders", "warm_4", ["zh-Hant", "en", "zh-Hans"], "sms")
    assert found is not None
    assert (found.locale, found.channel) == ("en", None)


def test_nothing_is_found_where_nothing_is() -> None:
    assert _book().find("reminders", "warm_11", ["zh-Hans"], None) is None


def test_a_folder_gives_the_good_and_names_the_bad() -> None:
    book, problems = read_folder({PATH: GOOD, "replies/menu/en.md": "no", "README.md": "# x", "law.yaml": ""})
    assert list(book) == [("reminders", "warm_4", "zh-Hans", None)]
    assert [problem.json()["file"] for problem in problems] == ["replies/menu/en.md"]

"""Our own words: no fault in any of them, short enough for their channels, in all three languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bot.talk.awkward import AWKWARD, awkward_slots
from bot.talk.lawful import load_rules
from bot.talk.lengths import field_fault, sms_segments
from bot.talk.scriptcheck import check
from bot.talk.scripts import LOCALES, ScriptBook, dump_script, read_folder
from bot.talk.wording import word

SCRIPTS = Path(__file__).parents[3] / "scripts"
RULES = load_rules((SCRIPTS / "law.yaml").read_text(encoding="utf-8"))
FILES = {path.relative_to(SCRIPTS).as_posix(): path.read_text(encoding="utf-8") for path in SCRIPTS.rglob("*.md")}
LEGAL = {
    "letter_preparing": "letter_drafted",
    "letter_sent": "letter_sent",
    "lawyer_before": "lawyer_letter_drafted",
    "lawyer_after": "lawyer_letter_sent",
    "suit_before": "suit_prepared",
    "suit_after": "suit_filed",
}
STEPS = [
    *("before_7", "due_day", "warm_4", "warm_11", "talk_17", "talk_25", "formal_31", "formal_47", "statement"),
    *("broken_promise", "promise_eve", "promise_day", "thanks", *LEGAL),
]


@cache
def book() -> ScriptBook:
    return read_folder(FILES)[0]


def test_our_own_words_have_no_fault() -> None:
    assert check(FILES, RULES, expected=STEPS) == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("locale", LOCALES)
def test_each_step_speaks_on_every_channel_in_every_language(step: str, locale: str) -> None:
    assert ("reminders", step, locale, None) in book()
    assert ("reminders", step, locale, "sms") in book()
    assert book()["reminders", step, locale, "wechat"].template


@pytest.mark.parametrize(("step", "fact"), LEGAL.items())
def test_each_legal_step_requires_its_fact_in_every_voice(step: str, fact: str) -> None:
    voices = [script for script in book().values() if script.name == step]
    assert voices
    assert all(script.requires == (fact,) for script in voices)


def test_reminders_by_sms_cost_two_segments_at_most_and_replies_one_for_a_plain_owner() -> None:
    for script in book().values():
        if script.channel == "sms":
            cost = sms_segments(word(script, awkward_slots(AWKWARD[0], script.locale)).text)
            assert cost <= (2 if script.group == "reminders" else 1), script.path


def test_sms_reminders_stay_within_three_segments_for_every_awkward_owner() -> None:
    for script in book().values():
        if script.channel == "sms" and script.group == "reminders":
            for owner in AWKWARD:
                assert sms_segments(word(script, awkward_slots(owner, script.locale)).text) <= 3, (script.path, owner)


def test_template_fields_fit_for_every_awkward_owner() -> None:
    for script in book().values():
        for owner in AWKWARD if script.template else ():
            fields = word(script, awkward_slots(owner, script.locale)).fields
            assert [field_fault(key, value) for key, value in fields.items() if field_fault(key, value)] == []


def test_one_template_has_the_same_fields_everywhere() -> None:
    shapes = {(script.template, tuple(script.fields)) for script in book().values() if script.template}
    assert len(shapes) == len({template for template, _ in shapes})


def test_our_files_come_back_byte_for_byte() -> None:
    for script in book().values():
        assert dump_script(script) == FILES[script.path]


def test_no_two_replies_of_a_language_are_the_same_sentence() -> None:
    for locale in LOCALES:
        bodies = [s.body for s in book().values() if s.group == "replies" and (s.locale, s.channel) == (locale, None)]
        assert len(bodies) == len(set(bodies))

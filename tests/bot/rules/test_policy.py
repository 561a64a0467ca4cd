import json

import pytest
from rules_kit import LADDER, shipped

from bot.rules.policy import BadPolicy, diff, load_policy


def problems(text: str, over: str = "{}") -> list[tuple[int, str]]:
    with pytest.raises(BadPolicy) as bad:
        load_policy(text, over)
    assert all(problem.message_zh for problem in bad.value.problems)
    return [(problem.line, problem.message_en) for problem in bad.value.problems]


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_shipped_policy_has_the_defaults_of_the_trade() -> None:
    policy = shipped()
    days = {step.id: step.day for step in policy.steps if step.band != "law"}
    assert days == {
        "before_7": -7, "due_day": 0, "warm_4": 4, "warm_11": 11, "talk_17": 17, "call_20": 20, "talk_25": 25,
        "formal_31": 31, "paper_31": 31, "formal_47": 47, "review_52": 52,
    }  # fmt: skip
    assert [band.id for band in policy.bands] == ["before", "warm", "talk", "formal", "law"]
    assert [(band.stale_working_days, band.per_hour) for band in policy.bands[1:4]] == [(3, 150), (2, 40), (1, 40)]
    assert (policy.cap_per_day, policy.cap_per_week) == (1, 2)
    assert (policy.gaps.steps, policy.gaps.bands, policy.gaps.formal) == (3, 7, 7)
    assert (policy.tolerance_fen, policy.tolerance_formal_fen) == (2_000, 20_000)
    assert not policy.late_fee.enabled
    assert policy.segments["vacant"].letter_from_fen == 300_000


def test_every_legal_step_names_its_fact() -> None:
    assert [min(step.requires) for step in shipped().steps if step.band == "law"] == [
        "letter_drafted", "letter_sent", "lawyer_letter_drafted", "lawyer_letter_sent", "suit_prepared", "suit_filed",
    ]  # fmt: skip


def test_a_dumped_policy_reads_back_as_itself() -> None:
    changed = load_policy(LADDER, '{"steps": {"warm_4": {"day": 5}, "talk_25": null}, "caps": {"per_week": 3}}')
    assert load_policy(changed.dump()) == changed
    assert load_policy(shipped().dump()) == shipped()
    assert changed != shipped()


def test_a_community_lays_its_values_over_and_the_difference_is_told() -> None:
    changed = load_policy(LADDER, '{"gaps": {"bands": 6}, "steps": {"warm_4": {"day": 5}}}')
    assert diff(shipped(), changed) == [("steps.warm_4.day", "4", "5"), ("gaps.bands", "7", "6")]
    assert diff(changed, changed) == []


@pytest.mark.parametrize(
    ("old", "new", "part", "told"),
    [
        ("talk, day: 17", "talk, day: 31", "talk_17:", "band talk is days 15 to 29"),
        ("per_day: 1", "per_day: many", "caps:", "must be a whole number from 1 to 3"),
        ("per_day: 1", "per_day: true", "caps:", "must be a whole number"),
        ("per_day: 1, ", "per_dya: 1, ", "caps:", "caps.per_dya is not known here"),
        ('"14:30-17:30"', '"14:30-23:30"', '14:30-23:30', "within 08:00-22:00"),
        ('"14:30-17:30"', '"11:30-17:30"', '11:30-17:30', "in order"),
        ("by: person, beside", "by: robot, beside", "paper_31:", "must be one of: bot, person"),
        ("beside: formal_31", "beside: formal_99", "paper_31:", "beside a step that exists"),
        ("requires: [letter_sent]", "requires: [rumour]", "letter_sent:", "must be a list of: letter_drafted"),
        ("demand: {step: formal_31", "demand: {step: warm_4", "demand:", "must be a formal step"),
        ("enabled: false, daily_ppm: 0", "enabled: true, daily_ppm: 0", "daily_ppm", "enter the contract's rate"),
        ("enabled: false, daily_ppm: 0", "enabled: true, daily_ppm: 1000", "daily_ppm", "four times LPR, 328 a day"),
        ("never_on: [water, electricity, gas]", "never_on: [water]", "never_on", "must stay in it"),
        ("  anyone: {", "  everyone: {", "segments:", "every other segment"),
        ('supervisor_at: "10:00"', "supervisor_at: 10:00", "supervisor_at", "a time in quotes"),
        ('    workday: ["09:30-12:00", "14:30-20:00"]', "    workday: []", "  ordinary:", "nothing is ever said"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_its_line_and_the_remedy(old: str, new: str, part: str, told: str) -> None:
    assert old in LADDER
    text = LADDER.replace(old, new, 1)
    found = problems(text)
    assert any(told in message for _, message in found)
    assert found[0][0] >= line_of(text, part) or found[0][0] == line_of(text, part)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "list of names with values"),
        ("- 1", "list of names with values"),
        ("a: [1", "not valid YAML"),
        ("a: &x {b: 1}\nc: *x", "alias"),
        ("x" * 300_000, "far too long"),
        (LADDER + "\ncaps: {per_day: 1, per_week: 2}\n", "caps stands twice"),
        (LADDER.replace("tolerance:", "tolerances:"), "tolerance is missing"),
    ],
)
def test_a_text_that_is_no_policy_is_refused_plainly(text: str, told: str) -> None:
    assert any(told in message for _, message in problems(text))


@pytest.mark.parametrize("over", ["[]", "{", "3"])
def test_values_that_are_no_json_object_are_refused(over: str) -> None:
    assert problems(LADDER, over) == [(0, "the community's own values are not a JSON object")]


def test_a_wrong_value_of_the_community_stands_on_line_nought() -> None:
    assert problems(LADDER, json.dumps({"caps": {"per_day": 9}}))[0][0] == 0


def test_every_mistake_is_told_at_once() -> None:
    text = LADDER.replace("per_day: 1", "per_day: 0").replace("steps: 3", "steps: 0").replace("moves: 1", "moves: -1")
    assert len(problems(text)) == 3

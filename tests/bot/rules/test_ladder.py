"""Whole ladders lived through: which step, on which day, and never more than that (I3, I4)."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from rules_kit import CALENDAR, DUE, account, at, charge, climate, hear, listener, live, now_at, reach, said, shipped

from bot.rules import rungs
from bot.rules.decision import Code, HandOver, Send, Skip, Wait
from bot.rules.facts import AccountFacts, PromiseFact
from bot.rules.ladder import decide
from bot.rules.windows import hours_of


def day(n: int) -> date:
    """n days after the due date."""
    return DUE + timedelta(days=n)


def test_the_whole_ladder_goes_step_by_step() -> None:
    heard = live(account(), day(-10), 47)
    assert [step for _, step in heard] == [
        "before_7", "due_day", "warm_4", "warm_11", "talk_17", "talk_25", "formal_31",
    ]  # fmt: skip
    assert [(on - DUE).days for on, _ in heard] == [-7, 0, 4, 11, 18, 25, 33]
    # 18: seven days between bands; 33: day 32 is a Sunday, nothing formal.


def test_the_second_formal_step_waits_for_the_delivered_demands_period() -> None:
    facts = account(said=(said("talk_25", day(25)), said("formal_31", day(33))))
    assert (rest := decide(facts, climate(), now_at(day(52))).main).reasons[-1].code is Code.NEEDS_FACT
    assert rest.reasons[-1].detail["fact"] == "demand_delivered"
    delivered = replace(facts, demand_delivered_on=day(34))
    assert isinstance(decide(delivered, climate(), now_at(day(49))).main, Wait)
    assert decide(delivered, climate(), now_at(day(50))).main.step == "formal_47"


@pytest.mark.parametrize("late", [32, 45, 200, 900])
def test_i3_never_lost_late_entry_starts_warm(late: int) -> None:
    heard = live(account(), day(late), 40)
    assert [step for _, step in heard][:3] == ["warm_11", "talk_25", "formal_31"]
    assert all((later - earlier).days >= 7 for (earlier, _), (later, _) in pairwise(heard))


def test_i3_a_little_late_entry_hears_the_rest_in_order() -> None:
    heard = live(account(), day(16), 30)
    assert [step for _, step in heard] == ["warm_11", "talk_17", "talk_25", "formal_31"]


def test_i3_never_lost_bands_are_never_skipped_if_the_rule_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = account()
    assert decide(facts, climate(), now_at(day(60))).main.step == "warm_11"
    # The rule switched off: the latest due step of any band.
    every = tuple(step for band in reversed(shipped().bot_steps[1:4]) for step in band)
    monkeypatch.setattr(rungs, "next_rung", lambda f, d, t, m: rungs._latest(every, -1, f, d, m))
    from bot.rules import errand

    monkeypatch.setattr(errand, "next_rung", rungs.next_rung)
    assert decide(facts, climate(), now_at(day(60))).main.step == "formal_31"


def test_i3_after_an_outage_one_message_and_only_the_latest_step_of_the_band() -> None:
    def off(on: date) -> bool:
        return day(5) <= on <= day(21)

    heard = live(account(), day(1), 30, down=off)
    assert heard[:2] == [(day(4), "warm_4"), (day(22), "talk_17")]
    assert [step for _, step in heard].count("warm_11") == 0


def test_i3_within_the_warm_band_only_the_latest_step_goes_after_five_days_down() -> None:
    heard = live(account(), day(1), 13, down=lambda on: day(3) <= on <= day(11))
    assert heard == [(day(12), "warm_11")]


def test_i3_a_fresh_charge_never_restarts_the_ladder() -> None:
    facts = account(said=(said("warm_11", day(11)), said("talk_17", day(18))))
    fresh = replace(facts, charges=(*facts.charges, charge(2, day(26))))
    main = decide(fresh, climate(), now_at(day(26))).main
    assert (main.step, main.occasion) == ("talk_25", "charge:1:0")


def test_i3_a_bounced_payment_is_a_new_round() -> None:
    facts = account(charges=(charge(1, round=1),), said=(said("warm_11", day(11)), said("talk_25", day(25))))
    main = decide(facts, climate(), now_at(day(40))).main
    assert (main.step, main.occasion) == ("warm_11", "charge:1:1")


def test_a_younger_charge_that_was_listed_goes_on_where_the_paid_one_stood_but_hears_its_own_demand() -> None:
    told = (said("warm_11", day(11)), said("talk_25", day(25)), said("formal_31", day(33)))
    facts = account(charges=(charge(2),), said=told)
    main = decide(facts, climate(), now_at(day(50))).main
    assert (main.step, main.occasion) == ("formal_31", "charge:2:0")
    unlisted = account(charges=(charge(2, day(40)),), said=told)
    assert decide(unlisted, climate(), now_at(day(50))).main.step == "warm_4"
    late_on_the_book = account(charges=(charge(2, entered_on=day(45)),), said=told)
    assert decide(late_on_the_book, climate(), now_at(day(50))).main.step == "warm_11"


def test_a_monthly_statement_while_the_ladder_rests() -> None:
    facts = account(said=(said("talk_25", day(25)), said("formal_31", day(33))))
    heard = live(facts, day(34), 150)
    assert {step for _, step in heard} == {"statement"}
    months = [(on.year, on.month) for on, _ in heard]
    assert len(set(months)) == len(months) >= 4
    assert heard[0][0] >= day(33) + timedelta(days=28)


def test_a_statement_names_its_month() -> None:
    facts = account(said=(said("formal_31", day(33)),))
    main = decide(facts, climate(), now_at(date(2026, 12, 7))).main
    assert (main.step, main.occasion) == ("statement", "month:2026-12")


@pytest.mark.parametrize(
    ("fact", "step"),
    [
        ("letter_drafted", "letter_preparing"), ("letter_sent", "letter_sent"),
        ("lawyer_letter_drafted", "lawyer_before"), ("lawyer_letter_sent", "lawyer_after"),
        ("suit_prepared", "suit_before"), ("suit_filed", "suit_after"),
    ],
)  # fmt: skip
def test_i7_a_legal_step_goes_only_with_its_fact_and_after_the_period(fact: str, step: str) -> None:
    facts = account(said=(said("formal_31", day(33)),), demand_delivered_on=day(33), facts=frozenset({fact}))
    assert decide(facts, climate(), now_at(day(55))).main.step == step
    assert isinstance(decide(facts, climate(), now_at(day(48))).main, Wait | Skip)
    assert decide(replace(facts, facts=frozenset()), climate(), now_at(day(55))).main.step == "formal_47"
    undelivered = replace(facts, demand_delivered_on=None)
    assert not isinstance(decide(undelivered, climate(), now_at(day(55))).main, Send)


def test_after_a_suit_it_is_said_once_and_then_the_ladder_is_silent() -> None:
    facts = account(
        said=(said("formal_31", day(33)),),
        demand_delivered_on=day(33),
        facts=frozenset({"suit_prepared", "suit_filed"}),
    )
    assert [step for _, step in live(facts, day(50), 200)] == ["suit_after"]
    early = account(facts=frozenset({"suit_filed"}))
    assert decide(early, climate(), now_at(day(20))).main.reasons[0].code is Code.SUIT_FILED
    assert live(early, day(1), 100) == []


def test_a_legal_step_waits_for_every_dispute() -> None:
    facts = account(
        charges=(charge(1), charge(2, day(1), disputed=True)), said=(said("formal_31", day(33)),),
        demand_delivered_on=day(33), facts=frozenset({"letter_drafted"}),
    )  # fmt: skip
    assert decide(facts, climate(), now_at(day(55))).main.reasons[0].code is Code.DISPUTED


def test_people_get_their_steps_once_beside_the_bots() -> None:
    facts = account(said=(said("talk_17", day(18)),))
    here = now_at(day(22))
    assert decide(facts, climate(), here).hand_overs == (HandOver("call_20", "talk", "charge:1:0"),)
    assert decide(facts, climate(), now_at(day(19))).hand_overs == ()
    assert decide(facts, climate(), now_at(day(20))).hand_overs == ()  # two days after the last word
    known = replace(facts, pending=frozenset({"call_20:charge:1:0"}))
    assert decide(known, climate(), here).hand_overs == ()


def test_paper_goes_beside_the_formal_step_and_review_follows() -> None:
    facts = account(said=(said("talk_25", day(25)),))
    verdict = decide(facts, climate(), now_at(day(33)))
    assert verdict.main.step == "formal_31"
    assert [over.step for over in verdict.hand_overs] == ["paper_31"]
    formal = replace(facts, said=(*facts.said, said("formal_31", day(33))), pending=frozenset({"paper_31:charge:1:0"}))
    assert [over.step for over in decide(formal, climate(), now_at(day(54))).hand_overs] == ["review_52"]
    assert decide(formal, climate(), now_at(day(52))).hand_overs == ()


def test_a_late_entry_is_not_reviewed_the_day_it_turns_formal() -> None:
    facts = account(said=(said("warm_11", day(300)), said("talk_25", day(307))))
    for n in (314, 315, 316, 317):
        verdict = decide(facts, climate(), now_at(day(n)))
        if isinstance(verdict.main, Send):
            assert [over.step for over in verdict.hand_overs] in (["paper_31"], ["call_20", "paper_31"])


@pytest.mark.parametrize("due", [date(2026, 1, 31), date(2024, 2, 29), date(2026, 12, 31), date(2026, 2, 28)])
def test_month_ends_and_leap_days_shift_nothing(due: date) -> None:
    facts = account(charges=(charge(1, due),))
    heard = live(facts, due + timedelta(days=1), 12)
    assert [step for _, step in heard][:1] in (["warm_4"], ["warm_11"], [])
    for on, step in heard:
        assert (on - due).days >= shipped().step[step].day


def test_nothing_is_said_over_the_lunar_new_year_and_nothing_formal_until_the_16th() -> None:
    facts = account(charges=(charge(1, date(2026, 1, 16)),), said=())
    heard = live(facts, date(2026, 1, 17), 60)
    assert not [on for on, _ in heard if date(2026, 2, 16) <= on <= date(2026, 2, 23)]
    formal = [on for on, step in heard if step == "formal_31"]
    assert formal
    assert formal[0] >= date(2026, 3, 4)


def test_a_year_without_published_holidays_still_works() -> None:
    due = date(2031, 1, 2)
    heard = live(account(charges=(charge(1, due),)), due, 60)
    assert heard
    assert all(CALENDAR.kind_of_day(on) != "new_year" for on, _ in heard)


@seed(3)
@settings(max_examples=40, deadline=None)
@given(
    start=st.integers(-10, 120),
    outages=st.sets(st.integers(0, 75), max_size=40),
    fen=st.sampled_from([48_600, 15_000]),
)
def test_i3_and_i4_hold_through_any_outage(start: int, outages: set[int], fen: int) -> None:
    first = day(start)
    facts = account(charges=(charge(open_fen=fen),))
    heard = live(facts, first, 75, down=lambda on: (on - first).days in outages)
    policy = shipped()
    bands = [policy.step[step].band_index for _, step in heard if policy.step[step].order >= 0]
    assert bands == sorted(bands)
    late = [band for band in bands if band > 0]
    assert sorted(set(late)) == list(range(1, len(set(late)) + 1)), "a band was skipped"
    assert len({(on, step) for on, step in heard}) == len({on for on, _ in heard}), "two words on one day"
    for (earlier, one), (later, two) in pairwise(heard):
        apart, (a, b) = (later - earlier).days, (policy.step[one], policy.step[two])
        assert apart >= 3
        if a.formal or b.formal or (b.order >= 0 and b.band_index > a.band_index >= 1):
            assert apart >= 7
    for on, step in heard:
        if fen < policy.tolerance_formal_fen:
            assert not policy.step[step].formal
        if policy.step[step].band_index > 0 and policy.step[step].order >= 0:
            assert (on - DUE).days >= policy.step[step].day
        assert hours_of(policy, CALENDAR, on, policy.step[step].formal, "wechat", "resident")


def _state(facts: AccountFacts, n: int, hour: int) -> tuple[object, ...]:
    verdict = decide(facts, climate(), now_at(day(n), hour))
    main = verdict.main
    told = (main.step,) if isinstance(main, Send) else tuple(reason.code for reason in main.reasons)
    return (type(main), told, verdict.hand_overs)


@seed(5)
@settings(max_examples=60, deadline=None)
@given(start=st.integers(-30, 70), steps=st.integers(0, 6))
def test_nothing_can_be_sent_or_handed_over_before_the_next_look(start: int, steps: int) -> None:
    facts = account()
    n = start
    for _ in range(steps):
        here = now_at(day(n), 10)
        main = decide(facts, climate(), here).main
        if isinstance(main, Send):
            facts = hear(facts, main.step, main.band, main.occasion, here)
        n += 4
    here = now_at(day(n), 13)
    verdict = decide(facts, climate(), here)
    if isinstance(verdict.main, Send):
        return
    facts = replace(facts, pending=frozenset(f"{over.step}:{over.occasion}" for over in verdict.hand_overs))
    verdict = decide(facts, climate(), here)
    look = verdict.next_look
    for later in range(12 * 24):
        then = now_at(day(n) + timedelta(days=later // 24), later % 24)
        if then.now <= here.now or (look is not None and then.now >= look):
            continue
        again = decide(facts, climate(), then)
        assert not isinstance(again.main, Send), (verdict, again)
        assert not again.hand_overs, (verdict, again)


def test_the_next_look_is_never_now_or_past_while_waiting() -> None:
    facts = account()
    for n in range(-20, 90):
        for hour in (3, 10, 13, 22):
            here = now_at(day(n), hour)
            look = decide(facts, climate(), here).next_look
            assert look is not None
            assert look > here.now


def test_an_unproved_owner_hears_no_formal_word_but_paper_and_then_statements() -> None:
    facts = account(listeners=(listener(1, "responsible", reach(proved=False)),), said=(said("talk_25", day(25)),))
    verdict = decide(facts, climate(), now_at(day(35)))
    assert verdict.main.reasons[0].code is Code.NOT_PROVED
    assert "paper_31" in [over.step for over in verdict.hand_overs]
    later = decide(replace(facts, pending=frozenset({"paper_31:charge:1:0"})), climate(), now_at(day(54)))
    assert (later.main.step, later.main.left_out[0].code) == ("statement", Code.NOT_PROVED)


def test_people_and_statements_have_their_own_next_look() -> None:
    told = account(said=(said("talk_17", day(19)),))
    assert decide(told, climate(), now_at(day(20))).next_look == at(day(22), 9, 30)
    unproved = account(listeners=(listener(1, "responsible", reach(proved=False)),), said=(said("talk_25", day(25)),),
                       pending=frozenset({"paper_31:charge:1:0", "call_20:charge:1:0"}))  # fmt: skip
    look = decide(unproved, climate(), now_at(day(48))).next_look
    assert look is not None
    assert look <= at(day(53), 10)


def test_a_call_by_people_keeps_its_distance_from_the_bots_last_word() -> None:
    for n, over in ((20, []), (21, ["call_20"]), (22, ["call_20"])):
        facts = account(said=(said("talk_17", day(18)),))
        assert [one.step for one in decide(facts, climate(), now_at(day(n))).hand_overs] == over


def test_a_silence_or_a_stale_book_keeps_people_from_calling_too() -> None:
    facts = account(said=(said("talk_17", day(18)),))
    here = now_at(day(26))
    assert [over.step for over in decide(facts, climate(), here).hand_overs] == ["call_20"]
    assert decide(replace(facts, disputed_account=True), climate(), here).hand_overs == ()
    assert decide(replace(facts, watermark=None), climate(), here).hand_overs == ()
    resting = now_at(day(23))
    assert [over.step for over in decide(facts, climate(), resting).hand_overs] == ["call_20"]
    assert decide(replace(facts, disputed_account=True), climate(), resting).hand_overs == ()


def test_the_gap_around_formal_holds_before_and_after() -> None:
    policy = shipped('{"gaps": {"bands": 3, "formal": 9}, "demand": {"period_days": 7}}')
    before = account(said=(said("talk_25", day(25)),))
    assert decide(before, climate(), now_at(day(33), policy=policy)).main.until == at(day(34), 0)
    after = account(
        said=(said("formal_31", day(31)),),
        promises=(PromiseFact(5, 100, 100, day(20), at(day(21), 0), "broken"),),
    )
    assert decide(after, climate(), now_at(day(39), policy=policy)).main.until == at(day(40), 0)


def test_a_bounced_younger_charge_starts_its_own_round_though_it_was_listed() -> None:
    facts = account(charges=(charge(2, round=1),), said=(said("talk_25", day(25)),))
    assert decide(facts, climate(), now_at(day(40))).main.step == "warm_11"


def test_only_what_is_overdue_counts_towards_the_tolerance_and_the_very_mark_is_enough() -> None:
    here = now_at(day(12))
    assert isinstance(decide(account(charges=(charge(open_fen=2_000),)), climate(), here).main, Send)
    due_today = account(charges=(charge(open_fen=1_000), charge(2, day(12))))
    assert decide(due_today, climate(), here).main.reasons[0].code is Code.BELOW_TOLERANCE


@pytest.mark.parametrize("start", [-7, 0, 4, 11, 17, 30, 200])
def test_after_a_word_the_next_look_misses_nothing(start: int) -> None:
    facts, n = account(), start
    for _ in range(4):
        while not isinstance((verdict := decide(facts, climate(), here := now_at(day(n)))).main, Send):
            n += 1
        assert verdict.next_look is not None
        assert verdict.next_look > here.now
        facts = hear(facts, verdict.main.step, verdict.main.band, verdict.main.occasion, here)
        handed = [f"{over.step}:{over.occasion}" for over in verdict.hand_overs]
        facts = replace(facts, pending=facts.pending | set(handed))
        for hours in range(5 * 30):
            then = now_at(day(n) + timedelta(days=hours // 5), (3, 10, 15, 18, 21)[hours % 5])
            if here.now < then.now < verdict.next_look:
                again = decide(facts, climate(), then)
                assert not isinstance(again.main, Send)
                assert not again.hand_overs
        n += 1


def test_a_demand_delivered_for_an_older_debt_or_round_counts_for_nothing_here() -> None:
    old = account(charges=(charge(2, day(60)),), said=(said("formal_31", day(33)),), demand_delivered_on=day(34))
    assert decide(old, climate(), now_at(day(64))).main.step == "warm_4"
    bounced = account(charges=(charge(1, round=1),), said=(said("formal_31", day(33)),), demand_delivered_on=day(34))
    assert decide(bounced, climate(), now_at(day(64))).main.step == "warm_11"
    paper = account(demand_delivered_on=day(34))
    assert decide(paper, climate(), now_at(day(50))).main.step == "formal_47"

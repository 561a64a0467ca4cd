"""A word counts, a payment ends it, a refusal has a reason (I1, I5, I9, I10)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from rules_kit import CALENDAR, DUE, account, at, charge, climate, listener, live, now_at, reach, said, shipped

from bot.rules import again, ladder, looks, trial
from bot.rules.decision import Code, Send, Skip, Wait
from bot.rules.facts import AccountFacts, HoldFact, PromiseFact
from bot.rules.ladder import decide
from bot.rules.moment import moment

TALK = DUE + timedelta(days=20)  # a Tuesday
HERE = now_at(TALK)
BROKEN_ON = DUE + timedelta(days=12)


def promise(**kept: Any) -> PromiseFact:
    return PromiseFact(**({"id": 5, "amount_fen": 48_600, "owed_fen": 48_600, "due_on": TALK + timedelta(days=5),
                           "judge_at": at(TALK + timedelta(days=7), 0)} | kept))  # fmt: skip


def codes(facts: AccountFacts, **kept: Any) -> list[Code]:
    main = decide(facts, climate(**kept), HERE).main
    return [] if isinstance(main, Send) else [reason.code for reason in main.reasons]


def test_an_overdue_account_without_any_silence_is_sent_to() -> None:
    assert codes(account()) == []


SILENT: list[tuple[dict[str, Any], Code, datetime | None]] = [
    ({"promises": (promise(),)}, Code.PROMISE_OPEN, at(TALK + timedelta(days=7), 0)),
    ({"promises": (promise(amount_fen=24_300),)}, Code.PROMISE_OPEN, at(TALK + timedelta(days=7), 0)),
    ({"promises": (promise(judge_at=at(TALK, 9)),)}, Code.PROMISE_OPEN, None),
    ({"promises": (promise(amount_fen=100, plan_id=3),)}, Code.PLAN_ON_TRACK, at(TALK + timedelta(days=7), 0)),
    ({"promises": (promise(state="odd"),)}, Code.UNKNOWN, None),
    ({"disputed_account": True}, Code.DISPUTED, None),
    ({"charges": (charge(disputed=True),)}, Code.DISPUTED, None),
    ({"plan_on_track_until": TALK}, Code.PLAN_ON_TRACK, at(TALK + timedelta(days=1), 0)),
    ({"debit_pending_until": TALK}, Code.BANK_DEBIT_PENDING, at(TALK + timedelta(days=1), 0)),
    ({"holds": (HoldFact("ON_HOLD", "x", TALK),)}, Code.ON_HOLD, at(TALK + timedelta(days=1), 0)),
    ({"holds": (HoldFact("PAID_CLAIM", "x", TALK),)}, Code.PAID_CLAIM, at(TALK + timedelta(days=1), 0)),
    ({"holds": (HoldFact("DECEASED", "x", date.max),)}, Code.DECEASED, None),
    ({"holds": (HoldFact("SUIT_FILED", "x", TALK),)}, Code.SUIT_FILED, at(TALK + timedelta(days=1), 0)),
    ({"holds": (HoldFact("WHO_KNOWS", "x", TALK),)}, Code.UNKNOWN, at(TALK + timedelta(days=1), 0)),
    ({"holds": (HoldFact("ON_HOLD", "x", TALK, charge_id=1),)}, Code.ON_HOLD, at(TALK + timedelta(days=1), 0)),
    ({"charges": (charge(held_until=TALK),)}, Code.ON_HOLD, at(TALK + timedelta(days=1), 0)),
    ({"charges": (charge(previous_manager=True),)}, Code.ON_HOLD, None),
    ({"facts": frozenset({"suit_filed"})}, Code.SUIT_FILED, None),
    ({"watermark": None}, Code.STALE_LEDGER, None),
    ({"watermark": TALK - timedelta(days=30)}, Code.STALE_LEDGER, None),
]  # fmt: skip


@pytest.mark.parametrize(("kept", "code", "until"), SILENT)
def test_i5_a_word_counts(kept: dict[str, Any], code: Code, until: datetime | None) -> None:
    main = decide(account(**kept), climate(), HERE).main
    assert not isinstance(main, Send)
    assert main.reasons[0].code is code
    if until is not None:
        assert isinstance(main, Wait)
        assert main.reasons[0].until == main.until == until


@pytest.mark.parametrize(
    "kept",
    [
        {"promises": (promise(amount_fen=24_299),)},
        {"promises": (promise(state="broken"),), "said": (said("broken_promise", BROKEN_ON, "promise:5"),)},
        {"charges": (charge(2, disputed=True), charge(3, DUE + timedelta(days=1)))},
        {"charges": (charge(2, held_until=TALK - timedelta(days=1)),)},
        {"plan_on_track_until": TALK - timedelta(days=1)},
        {"debit_pending_until": TALK - timedelta(days=1)},
        {"holds": (HoldFact("ON_HOLD", "x", TALK - timedelta(days=1)),)},
        {"holds": (HoldFact("ON_HOLD", "x", TALK, charge_id=2),)},
        {"charges": (charge(2, previous_manager=True, due_on=DUE - timedelta(days=900)), charge(3))},
    ],
)  # fmt: skip
def test_i5_a_silence_covers_exactly_what_it_names_and_ends_exactly_when_it_ends(kept: dict[str, Any]) -> None:
    assert codes(account(**kept)) == []


def test_i5_the_rule_switched_off_lets_the_message_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "silences", lambda facts, moment: [])
    assert codes(account(promises=(promise(due_on=TALK + timedelta(days=9)),))) == []


def test_a_part_of_a_promise_is_silent_by_the_policys_share() -> None:
    half = account(promises=(promise(amount_fen=30_000),))
    policy = shipped('{"promise": {"min_part_percent": 80}}')
    assert codes(half) == [Code.PROMISE_OPEN]
    assert isinstance(decide(half, climate(), now_at(TALK, policy=policy)).main, Send)


def test_a_promise_is_nudged_once_on_its_eve_and_not_on_the_day_it_was_made() -> None:
    eve = TALK + timedelta(days=1)
    facts = account(promises=(promise(due_on=eve + timedelta(days=1)),))
    main = decide(facts, climate(), now_at(eve)).main
    assert (main.step, main.occasion) == ("promise_eve", "promise:5")
    told = replace(facts, said=(said("promise_eve", eve, "promise:5"),))
    assert decide(told, climate(), now_at(eve, 15)).main.reasons[0].code is Code.PROMISE_OPEN
    made = account(promises=(promise(due_on=eve + timedelta(days=1), made_on=eve),))
    assert decide(made, climate(), now_at(eve)).main.reasons[0].code is Code.PROMISE_OPEN
    assert decide(facts, climate(), HERE).next_look == at(eve, 9, 30)
    on_the_day = shipped('{"promise": {"nudge_days": [0]}}')
    assert decide(facts, climate(), now_at(eve + timedelta(days=1), policy=on_the_day)).main.step == "promise_day"


def test_a_nudge_is_silent_under_any_other_silence() -> None:
    eve = TALK + timedelta(days=1)
    facts = account(promises=(promise(due_on=eve + timedelta(days=1)),), disputed_account=True)
    assert not isinstance(decide(facts, climate(), now_at(eve)).main, Send)


def test_a_broken_promise_is_said_once_and_the_ladder_goes_on_where_it_stood() -> None:
    told = (said("warm_11", DUE + timedelta(days=11)), said("talk_17", DUE + timedelta(days=17)))
    facts = account(promises=(promise(state="broken"),), said=told)
    heard = live(facts, TALK, 20)
    assert [step for _, step in heard] == ["broken_promise", "talk_25", "formal_31"]


def test_nothing_is_pressed_inside_the_demands_period() -> None:
    on = DUE + timedelta(days=33)
    facts = account(promises=(promise(state="broken"),), said=(said("formal_31", on),))
    for n in range(1, 16):
        main = decide(facts, climate(), now_at(on + timedelta(days=n))).main
        assert isinstance(main, Wait)
        assert Code.MIN_GAP in [reason.code for reason in main.reasons]
    assert decide(facts, climate(), now_at(on + timedelta(days=16))).main.step == "broken_promise"


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ({"charges": ()}, Code.PAID),
        ({"credit_fen": 48_600}, Code.PAID),
        ({"charges": (charge(open_fen=1_999),)}, Code.BELOW_TOLERANCE),
        ({"charges": (charge(due_on=TALK + timedelta(days=8)),)}, Code.NOT_DUE),
        ({"listeners": ()}, Code.NO_CONTACT),
        ({"listeners": (listener(1, "responsible", reach(dead=True)),)}, Code.NO_CONTACT),
        ({"listeners": (listener(1, "responsible", reach(channel="pigeon")),)}, Code.NO_CONTACT),
        ({"listeners": (listener(1, "responsible", reach(opted_out=True)),)}, Code.OPTED_OUT),
        ({"listeners": (listener(offline=True),)}, Code.OFFLINE),
        ({"listeners": (listener(held_until=TALK),)}, Code.ON_HOLD),
        ({"listeners": (listener(heard=(at(TALK, 9),)),)}, Code.MIN_GAP),
        ({"human_at": at(TALK - timedelta(days=2))}, Code.MIN_GAP),
        ({"said": (said("warm_11", TALK - timedelta(days=6)),)}, Code.MIN_GAP),
    ],
)
def test_i10_a_refusal_has_a_reason(kept: dict[str, Any], code: Code) -> None:
    assert codes(account(**kept))[0] is code


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ({"scripts": frozenset()}, Code.SCRIPT_MISSING),
        ({"waiting_approval": frozenset({("warm_11", "wechat")})}, Code.NEEDS_APPROVAL),
        ({"paused_until": TALK, "paused_why": "flood"}, Code.PAUSED),
        ({"paused_steps": {"warm_11": TALK}}, Code.PAUSED),
        ({"channels": ("sms",)}, Code.NO_CONTACT),
    ],
)
def test_i10_the_climate_has_reasons_too(kept: dict[str, Any], code: Code) -> None:
    assert codes(account(), **kept) == [code]


def test_a_pause_ends_with_its_day_and_touches_only_its_step() -> None:
    assert codes(account(), paused_until=TALK - timedelta(days=1)) == []
    assert codes(account(), paused_steps={"talk_17": TALK}) == []


def test_all_blockers_are_told_in_order_the_decisive_one_first() -> None:
    facts = account(
        promises=(promise(),), disputed_account=True, watermark=None, listeners=(listener(heard=(at(TALK, 9),)),)
    )
    main = decide(facts, climate(paused_until=TALK, scripts=frozenset()), now_at(TALK, 23)).main
    assert [reason.code for reason in main.reasons] == [
        Code.PROMISE_OPEN, Code.DISPUTED, Code.STALE_LEDGER, Code.SCRIPT_MISSING, Code.MIN_GAP, Code.CAP, Code.PAUSED,
        Code.QUIET_HOURS,
    ]  # fmt: skip


def test_an_unknown_step_on_record_is_an_unknown_state_and_does_not_send() -> None:
    strange = replace(said("warm_4", TALK - timedelta(days=30)), step="old_step", band="old_band")
    main = decide(account(said=(strange,)), climate(), HERE).main
    assert isinstance(main, Skip)
    assert main.reasons[0].code is Code.UNKNOWN
    known_band = replace(strange, band="warm")
    assert decide(account(said=(known_band,)), climate(), HERE).main.step == "talk_17"


def test_not_released_stops_nothing_here_so_that_the_first_list_is_seen() -> None:
    assert codes(account(), released=False) == []


@pytest.mark.parametrize(
    ("band", "step", "working_days"), [("warm", "warm_11", 3), ("talk", "talk_17", 2), ("formal", "formal_31", 1)]
)
def test_a_book_is_stale_by_band_in_working_days(band: str, step: str, working_days: int) -> None:
    on = date(2026, 11, 23)  # a Monday
    due = {"warm": 12, "talk": 20, "formal": 40}[band]
    before = {"warm": (), "talk": ("warm_11",), "formal": ("warm_11", "talk_25")}[band]
    history = tuple(said(name, on - timedelta(days=9 + n)) for n, name in enumerate(before))
    fresh = CALENDAR.working_days_back(on, working_days)
    facts = account(charges=(charge(due_on=on - timedelta(days=due)),), said=history, watermark=fresh)
    main = decide(facts, climate(), now_at(on)).main
    assert isinstance(main, Send)
    assert main.step == step
    old = replace(facts, watermark=fresh - timedelta(days=1))
    main = decide(old, climate(), now_at(on)).main
    assert [reason.code for reason in main.reasons] == [Code.STALE_LEDGER]


def test_a_weekend_does_not_make_yesterdays_book_stale() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    facts = account(charges=(charge(due_on=monday - timedelta(days=12)),), watermark=friday)
    assert isinstance(decide(facts, climate(), now_at(monday)).main, Send)


# --- who hears it, and how often ---------------------------------------------------------------------------------


def test_the_contact_last_heard_from_comes_first_then_the_communitys_order() -> None:
    reaches = (reach(1, "sms"), reach(2, "telegram"), reach(3, "wechat"))
    main = decide(account(listeners=(listener(1, "responsible", *reaches),)), climate(), HERE).main
    assert (main.picks[0].contact_id, main.picks[0].channel) == (3, "wechat")
    used = (reach(1, "sms", last_inbound_at=at(DUE)), reach(2, "telegram", last_inbound_at=at(TALK)), reaches[2])
    main = decide(account(listeners=(listener(1, "responsible", *used),)), climate(), HERE).main
    assert main.picks[0].channel == "telegram"
    main = decide(
        account(listeners=(listener(1, "responsible", *reaches),)), climate(channels=("sms", "wechat")), HERE
    ).main
    assert main.picks[0].channel == "sms"


def test_an_opt_out_counts_for_the_persons_channel_and_another_channel_remains() -> None:
    reaches = (reach(1, "sms", opted_out=True), reach(2, "sms"), reach(3, "telegram"))
    main = decide(account(listeners=(listener(1, "responsible", *reaches),)), climate(), HERE).main
    assert main.picks[0].contact_id == 3
    only_sms = decide(account(listeners=(listener(1, "responsible", *reaches[:2]),)), climate(), HERE).main
    assert only_sms.reasons[0].code is Code.OPTED_OUT


def test_a_step_may_name_its_channels() -> None:
    policy = shipped('{"steps": {"warm_11": {"channels": ["telegram", "sms"]}}}')
    reaches = (reach(1, "sms"), reach(2, "telegram"), reach(3, "wechat"))
    main = decide(
        account(listeners=(listener(1, "responsible", *reaches),)), climate(), now_at(TALK, policy=policy)
    ).main
    assert main.picks[0].channel == "telegram"


def test_an_unreachable_owner_becomes_a_case_once() -> None:
    facts = account(listeners=(listener(1, "responsible", reach(dead=True)),))
    verdict = decide(facts, climate(), HERE)
    assert [over.step for over in verdict.hand_overs] == ["missing_contact"]
    known = replace(facts, pending=frozenset({"missing_contact:charge:1:0"}))
    assert decide(known, climate(), HERE).hand_overs == ()


def test_an_owner_without_a_phone_is_called_unless_a_stand_in_listens() -> None:
    facts = account(listeners=(listener(offline=True),))
    assert [over.step for over in decide(facts, climate(), HERE).hand_overs] == ["call_20"]
    child = listener(2, "stand_in")
    helped = account(listeners=(listener(offline=True), child))
    assert decide(helped, climate(), HERE).main.picks[0].person_id == 2
    called = replace(facts, pending=frozenset({"call_20:charge:1:0"}))
    assert decide(called, climate(), HERE).hand_overs == ()
    formal = decide(called, climate(), now_at(DUE + timedelta(days=35)))
    assert [over.step for over in formal.hand_overs] == ["paper_31"]


FORMAL_DAY = DUE + timedelta(days=35)
BEFORE = (said("warm_11", DUE + timedelta(days=11)), said("talk_25", DUE + timedelta(days=25)))


def test_i9_the_responsible_person_alone_hears_until_formal_then_all_co_owners() -> None:
    people = (listener(1), listener(2, "co_owner"), listener(3, "co_owner"), listener(4, "stand_in"))
    facts = account(listeners=people)
    assert [pick.person_id for pick in decide(facts, climate(), HERE).main.picks] == [1]
    formal = decide(replace(facts, said=BEFORE), climate(), now_at(FORMAL_DAY)).main
    assert (formal.step, [pick.person_id for pick in formal.picks]) == ("formal_31", [1, 2, 3])


def test_i9_formal_words_go_only_to_proved_contacts() -> None:
    people = (listener(1, "responsible", reach(proved=False)), listener(2, "co_owner"))
    facts = account(listeners=people, said=BEFORE)
    verdict = decide(facts, climate(), now_at(FORMAL_DAY))
    assert [pick.person_id for pick in verdict.main.picks] == [2]
    assert (verdict.main.left_out[0].code, verdict.main.left_out[0].detail["person"]) == (Code.NOT_PROVED, "1")
    assert "paper_31" in [over.step for over in verdict.hand_overs]
    assert isinstance(decide(account(listeners=people[:1]), climate(), HERE).main, Send)


def test_a_co_owner_left_out_for_a_cap_hears_it_when_the_cap_has_passed() -> None:
    busy = listener(2, "co_owner", heard=(at(FORMAL_DAY, 9),))
    facts = account(listeners=(listener(1), busy), said=BEFORE)
    verdict = decide(facts, climate(), now_at(FORMAL_DAY))
    assert [pick.person_id for pick in verdict.main.picks] == [1]
    assert verdict.main.left_out[0].until == at(FORMAL_DAY + timedelta(days=3), 0)
    told = replace(facts, said=(*BEFORE, said("formal_31", FORMAL_DAY)))
    later = FORMAL_DAY + timedelta(days=5)
    main = decide(told, climate(), now_at(later)).main
    assert (main.step, [pick.person_id for pick in main.picks]) == ("formal_31", [2])
    assert not isinstance(decide(told, climate(), now_at(FORMAL_DAY + timedelta(days=8))).main, Send)


@pytest.mark.parametrize(
    ("ago", "code"),
    [([0], Code.MIN_GAP), ([2], Code.MIN_GAP), ([3], None), ([3, 6], Code.CAP), ([3, 7], None), ([6, 7], None)],
)
def test_i4_gaps_and_caps_per_person_are_counted_in_local_days(ago: list[int], code: Code | None) -> None:
    heard = tuple(at(TALK - timedelta(days=n), 9) for n in ago)
    found = codes(account(listeners=(listener(heard=heard),)))
    assert (found[:1] or [None])[0] is code


def test_a_cap_of_the_week_ends_seven_days_after_the_word_that_filled_it() -> None:
    heard = (at(TALK - timedelta(days=6), 9), at(TALK - timedelta(days=3), 9))
    main = decide(account(listeners=(listener(heard=heard),)), climate(), HERE).main
    assert main.until == at(TALK + timedelta(days=1), 0)


def test_a_word_from_the_late_evening_counts_for_its_own_local_day() -> None:
    heard = (at(TALK - timedelta(days=3), 23, 59),)
    assert codes(account(listeners=(listener(heard=heard),))) == []


def test_a_small_debt_is_never_formal() -> None:
    facts = account(charges=(charge(open_fen=19_999),), said=BEFORE)
    main = decide(facts, climate(), now_at(FORMAL_DAY)).main
    assert main.reasons[0].code is Code.BELOW_TOLERANCE
    statement = decide(facts, climate(), now_at(DUE + timedelta(days=54))).main
    assert statement.step == "statement"
    policy = shipped('{"tolerance": {"formal_fen": 0}}')
    assert decide(facts, climate(), now_at(FORMAL_DAY, policy=policy)).main.step == "formal_31"


def test_a_tiny_debt_waits_for_the_next_charge() -> None:
    later = TALK + timedelta(days=10)
    facts = account(charges=(charge(open_fen=1_000), charge(2, later)))
    main = decide(facts, climate(), HERE).main
    assert main.reasons[0].code is Code.BELOW_TOLERANCE
    assert main.until == at(later + timedelta(days=1), 0)


def test_a_person_on_the_other_side_of_the_world_has_their_own_days() -> None:
    tz = ZoneInfo("America/New_York")
    here = moment(shipped(), CALENDAR, tz, datetime(2026, 11, 1, 16, 0, tzinfo=UTC))  # the day clocks go back
    assert here.today == date(2026, 11, 1)
    assert here.since[0] == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert here.begins(date(2026, 11, 2)) == datetime(2026, 11, 2, 5, tzinfo=UTC)
    heard = (datetime(2026, 10, 29, 4, 0, tzinfo=UTC),)  # midnight in New York, three days ago
    facts = account(charges=(charge(due_on=date(2026, 10, 20)),), listeners=(listener(heard=heard),))
    assert isinstance(decide(facts, climate(), here).main, Send)
    heard = (datetime(2026, 10, 30, 4, 0, tzinfo=UTC),)
    facts = account(charges=(charge(due_on=date(2026, 10, 20)),), listeners=(listener(heard=heard),))
    assert not isinstance(decide(facts, climate(), here).main, Send)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        moment(shipped(), CALENDAR, ZoneInfo("Asia/Shanghai"), datetime(2026, 1, 1))


# --- the last look ------------------------------------------------------------------------------------------------


def look(facts: AccountFacts, here: Any = HERE, **kept: Any) -> Code | None:
    asked = {"step": "warm_11", "band": "warm", "occasion": "charge:1:0", "person_id": 1} | kept
    weather = asked.pop("climate", climate())
    reason = again.look_again(facts, weather, here, **asked)
    return None if reason is None else reason.code


def test_the_last_look_lets_a_true_message_go() -> None:
    own = said("warm_11", TALK, hour=10)
    assert look(account()) is None
    assert look(account(said=(own,), listeners=(listener(heard=(own.at,)),))) is None


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ({"charges": ()}, Code.PAID),
        ({"charges": (charge(2),)}, Code.PAID),
        ({"credit_fen": 48_600}, Code.PAID),
        ({"charges": (charge(1, round=1),)}, Code.PAID),
    ],
)
def test_i1_never_after_payment(kept: dict[str, Any], code: Code) -> None:
    assert look(account(**kept)) is code


def test_i1_a_message_about_paid_charges_alone_is_stopped() -> None:
    assert look(account(charges=(charge(1),)), charge_ids=(7, 8)) is Code.PAID
    assert look(account(charges=(charge(1),)), charge_ids=(1, 8)) is None


def test_i1_the_rule_switched_off_lets_the_message_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "_still_true", lambda *_: None)
    assert look(account(charges=())) is None


@pytest.mark.parametrize(("kept", "code", "until"), SILENT)
def test_i5_the_last_look_hears_every_word_the_ladder_hears(
    kept: dict[str, Any], code: Code, until: datetime | None
) -> None:
    assert look(account(**kept)) is code


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ({"climate": climate(released=False)}, Code.NOT_RELEASED),
        ({"climate": climate(paused_until=TALK)}, Code.PAUSED),
        ({"climate": climate(paused_steps={"warm_11": TALK})}, Code.PAUSED),
        ({"here": now_at(TALK, 21)}, Code.QUIET_HOURS),
        ({"step": "warm_99"}, Code.UNKNOWN),
        ({"band": "formal"}, Code.UNKNOWN),
        ({"person_id": 9}, Code.NO_CONTACT),
        ({"contact_id": 99}, Code.NO_CONTACT),
        ({"step": "letter_sent", "band": "law"}, Code.NEEDS_FACT),
    ],
)
def test_the_last_look_stops_what_the_climate_or_the_hour_forbids(kept: dict[str, Any], code: Code) -> None:
    here = kept.pop("here", HERE)
    assert look(account(), here, **kept) is code


def test_the_last_look_asks_the_chosen_contact() -> None:
    reaches = (reach(1, "sms", opted_out=True), reach(2, "telegram", dead=True), reach(3, "wechat", proved=False))
    facts = account(listeners=(listener(1, "responsible", *reaches),), said=BEFORE)
    assert look(facts, contact_id=1) is Code.OPTED_OUT
    assert look(facts, contact_id=2) is Code.NO_CONTACT
    assert look(facts, contact_id=3, step="formal_31", band="formal", here=now_at(FORMAL_DAY)) is Code.NOT_PROVED


def test_the_last_look_counts_what_was_heard_meanwhile_but_not_itself() -> None:
    own = said("warm_11", TALK, hour=9)
    twice = account(said=(own,), listeners=(listener(heard=(own.at, at(TALK, 9, 30))),))
    assert look(twice) is Code.MIN_GAP
    other = said("warm_4", TALK - timedelta(days=1))
    assert look(account(said=(other, own))) is Code.MIN_GAP


def test_an_older_charge_that_came_up_meanwhile_stops_it() -> None:
    assert look(account(charges=(charge(1), charge(2, DUE - timedelta(days=90))))) is Code.ALREADY_SAID


def test_a_nudge_goes_only_while_its_promise_is_open_and_thanks_go_though_nothing_is_owed() -> None:
    nudge = {"step": "promise_eve", "band": "warm", "occasion": "promise:5"}
    assert look(account(promises=(promise(),)), **nudge) is None
    assert look(account(), **nudge) is Code.ALREADY_SAID
    assert look(account(charges=()), step="thanks", occasion="payment:3") is None


@seed(9)
@settings(max_examples=150, deadline=None)
@given(
    n=st.integers(-12, 80), hour=st.integers(0, 23), fen=st.sampled_from([100, 15_000, 48_600]),
    history=st.lists(st.sampled_from(["due_day", "warm_4", "warm_11", "talk_17", "talk_25", "formal_31"]), max_size=4),
    ago=st.integers(0, 30), promised=st.booleans(), proved=st.booleans(), stale=st.booleans(), paused=st.booleans(),
)  # fmt: skip
def test_what_the_ladder_sends_the_last_look_lets_go_and_what_it_refuses_has_reasons(
    n: int, hour: int, fen: int, history: list[str], ago: int, promised: bool, proved: bool, stale: bool, paused: bool
) -> None:
    day = DUE + timedelta(days=n)
    told = tuple(said(step, day - timedelta(days=ago + 3 * k)) for k, step in enumerate(history))
    facts = account(
        charges=(charge(open_fen=fen),), said=tuple(sorted(told, key=lambda one: one.at)),
        listeners=(listener(1, "responsible", reach(proved=proved)),),
        promises=(promise(),) if promised else (), watermark=day - timedelta(days=9 if stale else 0),
    )  # fmt: skip
    weather, here = climate(paused_until=day if paused else None), now_at(day, hour)
    verdict = decide(facts, weather, here)
    main = verdict.main
    if isinstance(main, Send):
        pick = main.picks[0]
        kept = {"step": main.step, "band": main.band, "occasion": main.occasion, "person_id": pick.person_id}
        assert look(facts, here, climate=weather, contact_id=pick.contact_id, **kept) is None
        assert not paused
        assert not stale
    else:
        assert main.reasons
        assert all(isinstance(reason.code, Code) for reason in main.reasons)
        assert all(reason.until is None or reason.until > here.now for reason in main.reasons)
        assert isinstance(main, Skip) == (main.reasons[0].until is None)


def test_rules_can_be_switched_off_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    night = now_at(TALK, 23)
    assert not isinstance(decide(account(), climate(), night).main, Send)
    monkeypatch.setattr(trial, "window", lambda *_: None)
    assert isinstance(decide(account(), climate(), night).main, Send)
    busy = account(listeners=(listener(heard=(at(TALK, 9),)),))
    assert not isinstance(decide(busy, climate(), HERE).main, Send)
    monkeypatch.setattr(trial, "person_spacing", lambda *_: [])
    assert isinstance(decide(busy, climate(), HERE).main, Send)
    assert looks.LASTING

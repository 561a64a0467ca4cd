"""Allocation, late fee, due dates and thresholds."""

from datetime import date

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from rules_kit import shipped

from bot.rules.allocation import Owed, Part, allocate
from bot.rules.due import due_date
from bot.rules.latefee import Rate, Running, judge_rate, late_fee, principal_of
from bot.rules.lpr import loss_at_lpr
from bot.rules.segments import letter_proposed
from bot.rules.terms import DueDates

A, B, C = (
    Owed(1, date(2026, 1, 31), 10_000),
    Owed(2, date(2026, 4, 30), 20_000),
    Owed(3, date(2025, 10, 31), 5_000, True),
)


def test_undirected_money_goes_to_the_oldest_undisputed_charge_first() -> None:
    assert allocate(25_000, [B, C, A]) == ([Part(1, "principal", 10_000), Part(2, "principal", 15_000)], 0)


def test_a_named_charge_comes_first_even_if_disputed_or_young() -> None:
    assert allocate(21_000, [A, B], named=2)[0] == [Part(2, "principal", 20_000), Part(1, "principal", 1_000)]
    assert allocate(5_000, [A, C], named=3)[0] == [Part(3, "principal", 5_000)]


def test_principal_comes_before_late_fee() -> None:
    assert allocate(10_100, [A], late_fees={1: 300}) == ([Part(1, "principal", 10_000), Part(1, "late_fee", 100)], 0)


def test_an_overpayment_is_credit() -> None:
    assert allocate(40_000, [A, B, C])[1] == 5_000
    assert allocate(100, []) == ([], 100)


def test_less_than_nothing_is_no_payment() -> None:
    with pytest.raises(ValueError, match="reversal"):
        allocate(-1, [A])


@seed(7)
@settings(max_examples=100, deadline=None)
@given(amount=st.integers(0, 10**6), opens=st.lists(st.integers(0, 10**5), max_size=6), named=st.integers(0, 6))
def test_no_fen_is_lost_or_made(amount: int, opens: list[int], named: int) -> None:
    charges = [Owed(n, date(2026, 1, 1), fen) for n, fen in enumerate(opens)]
    parts, rest = allocate(amount, charges, named=named)
    assert sum(part.fen for part in parts) + rest == amount
    assert all(0 < part.fen <= opens[part.charge_id] for part in parts)
    assert rest == max(0, amount - sum(opens))


NEVER = frozenset({"water", "electricity", "gas"})
RATES = [Rate(date(2026, 1, 1), 100, 0)]


def test_the_late_fee_is_off_until_the_contract_is_entered() -> None:
    due = date(2026, 1, 31)
    assert late_fee("management", due, [(due, 10**6)], [], date(2026, 6, 1), NEVER).fee_fen == 0


def test_a_late_fee_is_simple_and_told_line_by_line() -> None:
    principal = [(date(2026, 1, 31), 100_000), (date(2026, 2, 11), 40_000)]
    rates = [Rate(date(2026, 1, 1), 100, 0), Rate(date(2026, 2, 16), 50, 0)]
    fee = late_fee("management", date(2026, 1, 31), principal, rates, date(2026, 2, 20), NEVER)
    told = [
        (line.first.day, line.last.day, line.days, line.daily_ppm, line.principal_fen, line.fee_fen)
        for line in fee.lines
    ]
    assert told == [(1, 10, 10, 100, 100_000, 100), (11, 15, 5, 100, 40_000, 20), (16, 20, 5, 50, 40_000, 10)]
    assert fee.fee_fen == 130


def test_grace_days_cost_nothing() -> None:
    rates = [Rate(date(2026, 1, 1), 100, 15)]
    due = date(2026, 1, 31)
    assert late_fee("management", due, [(due, 10**6)], rates, date(2026, 2, 15), NEVER).fee_fen == 0
    assert late_fee("management", due, [(due, 10**6)], rates, date(2026, 2, 16), NEVER).fee_fen == 100


def test_a_clause_acts_from_its_own_date_on() -> None:
    """The grace of the day the charge fell due; the cap of the day the fee is asked for."""
    due = date(2025, 10, 1)
    told = [(due, 48_600)]
    old, new = Rate(date(2020, 1, 1), 100, 15, 100), Rate(date(2028, 1, 1), 50, 0, 5)
    today = date(2026, 11, 25)
    assert late_fee("management", due, told, [new, old], today, NEVER) == late_fee(
        "management", due, told, [old], today, NEVER
    )
    later = late_fee("management", due, told, [old, new], date(2028, 1, 1), NEVER)
    assert later.lines[0].first == date(2025, 10, 17)
    assert later.fee_fen == 48_600 * 5 // 100
    assert late_fee("management", date(2019, 12, 1), told, [old], date(2020, 1, 1), NEVER).fee_fen == 5


def test_what_is_given_up_or_paid_falls_on_its_own_day() -> None:
    due = date(2026, 1, 31)
    running = Running("management", due, 100_000, RATES, NEVER, [(date(2026, 2, 21), 60_000)])
    running.take("principal", 40_000, date(2026, 2, 11))
    fee = running.fee(date(2026, 6, 1))
    assert [(line.days, line.principal_fen) for line in fee.lines] == [(10, 100_000), (10, 60_000)]
    running.take("late_fee", 100, date(2026, 6, 1))
    assert (fee.fee_fen, running.fee(date(2026, 6, 1)).fee_fen) == (160, 60)


@pytest.mark.parametrize("fallen", [(40_000, 8_600), (8_600, 40_000), (60_000, -20_000, 8_600)])
def test_what_is_paid_and_given_up_on_one_day_falls_together(fallen: tuple[int, ...]) -> None:
    """Whichever comes first and however it goes up and down within the day: nothing is open at its end."""
    due, on = date(2026, 1, 1), date(2026, 2, 1)
    running = Running("management", due, 48_600, [Rate(date(2020, 1, 1), 1_000, 0)], NEVER)
    for fen in fallen:
        running.take("principal", fen, on)
    fee = running.fee(date(2026, 12, 31))
    assert [(line.last, line.principal_fen) for line in fee.lines] == [(date(2026, 1, 31), 48_600)]
    loss = loss_at_lpr(due, principal_of(48_600, running.fallen), date(2026, 12, 31), 345)
    assert [(line.last, line.principal_fen) for line in loss] == [(date(2026, 1, 31), 48_600)]


def test_a_clause_entered_again_for_its_day_takes_the_place_of_the_first() -> None:
    due = date(2026, 1, 31)
    rates = [Rate(date(2026, 1, 1), 300, 0), Rate(date(2026, 1, 1), 100, 0)]
    fee = late_fee("management", due, [(due, 100_000)], rates, date(2026, 2, 10), NEVER)
    assert {line.daily_ppm for line in fee.lines} == {100}


@pytest.mark.parametrize("kind", ["water", "electricity", "gas"])
def test_what_is_passed_through_bears_no_late_fee(kind: str) -> None:
    due = date(2026, 1, 31)
    assert late_fee(kind, due, [(due, 10**6)], RATES, date(2026, 12, 31), NEVER).fee_fen == 0


def test_the_cap_and_a_waiver_bound_the_fee() -> None:
    half = [Rate(date(2020, 1, 1), 300, 0, 50)]
    due = date(2020, 1, 31)
    fee = late_fee("management", due, [(due, 1_000)], half, date(2026, 1, 31), NEVER, 200)
    assert (fee.fee_fen, fee.waived_fen) == (300, 200)
    assert fee.capped_fen == sum(line.fee_fen for line in fee.lines) - 500
    assert late_fee("management", due, [(due, 1_000)], RATES, date(2026, 1, 31), NEVER, 10**9).fee_fen == 0


@seed(11)
@settings(max_examples=100, deadline=None)
@given(fen=st.integers(1, 10**7), days=st.integers(1, 4000), ppm=st.integers(0, 328), cut=st.integers(1, 4000))
def test_lines_add_up_and_rounding_is_half_up_once(fen: int, days: int, ppm: int, cut: int) -> None:
    due = date(2016, 2, 29)
    as_of = date.fromordinal(due.toordinal() + days)
    split = Rate(date.fromordinal(due.toordinal() + cut), ppm, 0)
    fee = late_fee("management", due, [(due, fen)], [Rate(date(2016, 1, 1), ppm, 0), split], as_of, NEVER)
    exact = fen * ppm * days
    assert sum(line.fee_fen for line in fee.lines) == (exact + 500_000) // 1_000_000
    assert fee.fee_fen == min(sum(line.fee_fen for line in fee.lines), fen)


def test_a_rate_is_warned_of_and_refused() -> None:
    policy = shipped().late_fee
    assert not judge_rate(100, policy).warn
    assert judge_rate(101, policy).warn
    assert not judge_rate(328, policy).refused
    assert judge_rate(329, policy).refused
    assert judge_rate(1000, policy).highest_ppm == 328


RULE = DueDates(31, frozenset({"water"}), 15)


@pytest.mark.parametrize(
    ("kind", "first", "last", "posted", "due"),
    [
        ("management", date(2026, 7, 1), date(2026, 9, 30), None, date(2026, 7, 31)),
        ("management", date(2024, 2, 1), date(2024, 2, 29), None, date(2024, 2, 29)),
        ("water", date(2026, 7, 1), date(2026, 9, 30), None, date(2026, 10, 31)),
        ("water", date(2025, 12, 1), date(2025, 12, 31), None, date(2026, 1, 31)),
        ("water", date(2026, 1, 1), date(2026, 1, 31), None, date(2026, 2, 28)),
        ("management", date(2026, 7, 1), date(2026, 9, 30), date(2026, 7, 20), date(2026, 8, 4)),
    ],
)  # fmt: skip
def test_a_charge_without_a_due_date_takes_the_rule(
    kind: str, first: date, last: date, posted: date | None, due: date
) -> None:
    assert due_date(kind, first, last, posted, RULE) == due


def test_a_contract_day_is_kept_in_short_months() -> None:
    rule = DueDates(30, frozenset(), 15)
    assert due_date("management", date(2026, 2, 1), date(2026, 2, 28), None, rule) == date(2026, 2, 28)
    assert due_date("management", date(2026, 3, 1), date(2026, 3, 31), None, rule) == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("segment", "fen", "days", "proposed"),
    [
        ("vacant", 299_999, 100, False),
        ("vacant", 300_000, 100, True),
        ("resident", 300_000, 100, False),
        ("resident", 500_000, 100, True),
        ("parking", 1, 364, False),
        ("parking", 1, 365, True),
        ("shop", 0, 400, False),
    ],
)
def test_a_lawyers_letter_is_proposed_from_the_threshold(segment: str, fen: int, days: int, proposed: bool) -> None:
    assert letter_proposed(segment, fen, days, shipped()) is proposed

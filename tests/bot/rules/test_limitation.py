from datetime import date

from bot.rules.limitation import DEMAND, PART_PAYMENT, PLAN, PROMISE, Ground, expired, limitation, years_later

DUE = date(2022, 3, 31)


def test_three_years_run_from_the_due_date_of_each_charge() -> None:
    clock = limitation(DUE, [], date(2023, 1, 1)).certain
    assert clock.ends_on == date(2025, 3, 31)
    assert not expired(clock, date(2025, 3, 31))
    assert expired(clock, date(2025, 4, 1))


def test_a_part_payment_a_demand_and_a_promise_start_it_anew() -> None:
    grounds = [
        Ground(date(2024, 1, 1), DEMAND),
        Ground(date(2023, 1, 1), PART_PAYMENT),
        Ground(date(2026, 12, 1), PROMISE),
    ]
    clock = limitation(DUE, grounds, date(2027, 1, 1)).certain
    assert clock.ends_on == date(2029, 12, 1)
    assert [ground.kind for ground in clock.interruptions] == [PART_PAYMENT, DEMAND, PROMISE]


def test_certain_and_arguable_dates_stand_apart() -> None:
    found = limitation(DUE, [Ground(date(2024, 6, 1), DEMAND, certain=False)], date(2025, 1, 1))
    assert found.certain.ends_on == date(2025, 3, 31)
    assert found.arguable.ends_on == date(2027, 6, 1)


def test_a_plan_counts_from_its_last_instalment() -> None:
    ground = Ground(date(2023, 1, 1), PLAN, last_instalment_on=date(2023, 12, 31))
    assert limitation(DUE, [ground], date(2024, 1, 1)).certain.ends_on == date(2026, 12, 31)


def test_after_expiry_a_promise_waives_but_interrupts_nothing() -> None:
    found = limitation(DUE, [Ground(date(2025, 6, 1), PROMISE)], date(2025, 7, 1))
    assert found.certain.ends_on == date(2025, 3, 31)
    assert found.waived
    assert not limitation(DUE, [Ground(date(2025, 6, 1), DEMAND)], date(2025, 7, 1)).waived


def test_what_lies_in_the_future_or_before_the_debt_does_not_count() -> None:
    grounds = [Ground(date(2021, 1, 1), DEMAND), Ground(date(2024, 1, 1), DEMAND)]
    assert limitation(DUE, grounds, date(2023, 1, 1)).certain.interruptions == ()


def test_a_leap_day_ends_on_the_28th() -> None:
    assert years_later(date(2024, 2, 29)) == date(2027, 2, 28)
    assert years_later(date(2024, 2, 29), 4) == date(2028, 2, 29)

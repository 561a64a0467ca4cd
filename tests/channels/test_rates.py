"""The rate budgets: what may start when, by arithmetic alone."""

import random

import pytest

from channels.rates import TELEGRAM, WECOM, Budget, Limits, Rate, twilio


def most_in(starts: list[float], seconds: float) -> int:
    """The most starts in any half-open stretch of ``seconds``."""
    starts = sorted(starts)
    return max(sum(1 for s in starts if first <= s < first + seconds - 1e-6) for first in starts)


def test_a_thousand_chats_get_thirty_a_second_and_no_more() -> None:
    budget = Budget(TELEGRAM)
    starts = [100.0 + budget.reserve(str(n), 100.0) for n in range(1000)]
    assert most_in(starts, 1) <= 30
    assert max(starts) - 100 == pytest.approx(1000 / 30, abs=0.1)


def test_one_chat_gets_one_a_second_while_the_others_go_on() -> None:
    budget = Budget(TELEGRAM)
    waits = [budget.reserve("7", 50.0) for _ in range(4)]
    assert [round(w) for w in waits] == [0, 1, 2, 3]
    assert budget.reserve("8", 50.0) < 0.1


def test_a_group_gets_twenty_a_minute_at_once_and_then_waits() -> None:
    budget = Budget(TELEGRAM)
    starts = [budget.reserve("-100123", 0.0) for _ in range(45)]
    assert starts[19] < 1
    assert starts[20] >= 60
    assert most_in(starts, 60) <= 20


def test_a_robot_gets_twenty_a_minute() -> None:
    budget = Budget(WECOM)
    starts = [budget.reserve("robot", 0.0) for _ in range(41)]
    assert most_in(starts, 60) <= 20


def test_a_held_chat_waits_and_no_other() -> None:
    budget = Budget(TELEGRAM)
    budget.hold("7", 330.0)
    assert budget.reserve("7", 30.0) >= 300
    assert all(budget.reserve(str(n), 30.0) < 1 for n in range(100, 120))


def test_a_place_that_passed_unused_is_not_saved_up() -> None:
    budget = Budget(twilio(2))
    assert budget.reserve("a", 0.0) == 0
    assert [budget.reserve(key, 100.0) for key in "bcd"] == pytest.approx([0, 0.5, 1.0])


@pytest.mark.parametrize("workers", [2, 3, 5])
def test_the_shares_of_all_workers_together_keep_the_rate(workers: int) -> None:
    budgets = [Budget(TELEGRAM, share=1 / workers) for _ in range(workers)]
    starts = [b.reserve("-1", 0.0) for b in budgets for _ in range(30)]
    assert most_in(starts, 60) <= 20
    starts = [b.reserve(str(n), 0.0) for b in budgets for n in range(40)]
    assert most_in(starts, 1) <= 30 + workers


def test_random_arrivals_never_break_a_rate() -> None:
    dice = random.Random(20261122)
    limits = Limits(overall=Rate(5, 1), each=Rate(2, 3))
    budget, now, starts = Budget(limits), 0.0, dict[str, list[float]]()
    for _ in range(2000):
        now += dice.expovariate(6)
        key = dice.choice("abcdefgh")
        starts.setdefault(key, []).append(now + budget.reserve(key, now))
    assert all(most_in(of_one, 3) <= 2 for of_one in starts.values())
    assert most_in([s for of_one in starts.values() for s in of_one], 1) <= 6


def test_recipients_whose_window_has_passed_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.rates.FORGET_ABOVE", 10)
    budget = Budget(TELEGRAM)
    for n in range(100):
        budget.reserve(str(n), n * 10.0)
    assert len(budget._windows) <= 11

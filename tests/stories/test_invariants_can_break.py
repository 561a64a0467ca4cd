"""The stories can fail: each invariant is broken in the product on purpose, and a story notices."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import test_ladder
import test_words_count

from bot.flows import dispatch, ledger
from bot.flows.outcome import Told
from bot.flows.talk import promise
from bot.rules import again, errand, ladder, reach, windows
from bot.rules.decision import Code
from channels.contract import Passing, Unknown

Break = Callable[[pytest.MonkeyPatch], None]
Case = tuple[str, Callable[..., None], str, Break, str]
"""The invariant, a story, the phone it is told on, what is broken, and how the story complains."""


def payments_close_nothing(patch: pytest.MonkeyPatch) -> None:
    """I1: money comes in, and the charges stay open."""

    async def only_look(conn: Any, ids: Any, now: Any) -> None:
        await ledger.book.look_now(conn, list(ids), now)

    patch.setattr(ledger, "reallocate", only_look)


def resent_blindly(patch: pytest.MonkeyPatch) -> None:
    """I2: a call nobody knows the end of counts as not taken."""
    real = dispatch._call

    async def call(*told_to: Any) -> Any:
        told = await real(*told_to)
        unsure = told is not None and isinstance(told.answer, Unknown)
        return Told(told.ready, Passing("try again", retry_after=0.0)) if unsure else told

    patch.setattr(dispatch, "_call", call)


def bands_are_skipped(patch: pytest.MonkeyPatch) -> None:
    """I3: the step that fits the age of the debt, whatever was said before."""

    def by_age(facts: Any, debt: Any, trail: Any, moment: Any) -> Any:
        due = [s for s in moment.policy.steps if s.by == "bot" and s.day <= debt.days and not s.requires]
        due = [s for s in due if s.after is None and s.order > trail.order]
        return max(due, key=lambda s: s.order, default=None)

    patch.setattr(errand, "next_rung", by_age)


def every_missed_step(patch: pytest.MonkeyPatch) -> None:
    """I3: after an outage the missed steps are all made up for, in turn."""

    def in_turn(facts: Any, debt: Any, trail: Any, moment: Any) -> Any:
        due = [s for s in moment.policy.steps if s.by == "bot" and 0 < s.day <= debt.days and s.order > trail.order]
        return min(due, key=lambda s: s.order, default=None)

    patch.setattr(errand, "next_rung", in_turn)


def always_open(patch: pytest.MonkeyPatch) -> None:
    """I4: any hour of any day will do."""
    patch.setattr(windows, "hours_of", lambda *_: ((0, 1440),))


def deaf_to_promises(patch: pytest.MonkeyPatch) -> None:
    """I5: promises, objections and claims silence nothing."""
    for place in (ladder, again):
        patch.setattr(place, "silences", lambda *_: [])


def deaf_to_stop(patch: pytest.MonkeyPatch) -> None:
    """I5: an opt-out is overheard."""
    real = reach.unfit

    def unfit(one: Any, listener: Any, *rest: Any) -> Code | None:
        open_again = [replace(r, opted_out=False) for r in listener.reaches]
        return real(replace(one, opted_out=False), replace(listener, reaches=tuple(open_again)), *rest)

    patch.setattr(reach, "unfit", unfit)
    patch.setattr(again, "unfit", unfit)


def promised_unasked(patch: pytest.MonkeyPatch) -> None:
    """I6: what was understood counts at once, without a yes."""
    real = promise.offer

    async def eager(talk: Any, *rest: Any, **more: Any) -> Any:
        answer = await real(talk, *rest, **more)
        return await promise.confirmed(talk) if answer.name == "promise_confirm" else answer

    patch.setattr(promise, "offer", eager)


UNEXPECTED = "hears what nobody expected"
CASES: tuple[Case, ...] = (
    ("I1", test_ladder.test_who_pays_between_plan_and_send_hears_no_demand, "wechat", payments_close_nothing,
     r"\['(accepted|delivered)'\] == \['skipped'\]"),
    ("I2", test_ladder.test_an_answer_lost_is_never_said_twice, "telegram", resent_blindly, UNEXPECTED),
    ("I3", test_ladder.test_who_comes_in_after_two_hundred_days_is_met_warmly, "wechat", bands_are_skipped,
     "heard the step formal_31, not warm_11"),
    ("I3", test_ladder.test_an_outage_over_two_steps_skips_the_older_one, "wechat", every_missed_step,
     "heard the step warm_4, not warm_11"),
    ("I4", test_ladder.test_a_rest_day_starts_later, "telegram", always_open, UNEXPECTED),
    ("I4", test_ladder.test_the_new_year_is_silent, "sms", always_open, UNEXPECTED),
    ("I5", test_words_count.test_a_promise_silences_until_it_is_broken, "telegram", deaf_to_promises,
     "heard the step warm_11, not promise_eve"),
    ("I5", test_ladder.test_stop_means_stop_and_start_means_start, "telegram", deaf_to_stop, UNEXPECTED),
    ("I6", test_words_count.test_what_was_not_confirmed_is_no_promise, "sms", promised_unasked, r"open.* == \[\]"),
)  # fmt: skip


@pytest.mark.parametrize("channel", ["-"])
@pytest.mark.parametrize(
    ("invariant", "story", "told_on", "broken", "complaint"), CASES, ids=[f"{c[0]}-{c[3].__name__}" for c in CASES]
)
def test_a_broken_invariant_fails_a_story(
    invariant: str, story: Callable[..., None], told_on: str, broken: Break, complaint: str, open_town: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    broken(monkeypatch)
    with pytest.raises(AssertionError, match=complaint):
        _tell(story, told_on, open_town)


def _tell(story: Callable[..., None], channel: str, open_town: Any) -> None:
    names = story.__code__.co_varnames[: story.__code__.co_argcount]
    if "open_town" in names:
        story(lambda **told: open_town(channel=channel, **told))
        return
    with open_town(channel=channel) as town:
        story(town, **({"channel": channel} if "channel" in names else {}))

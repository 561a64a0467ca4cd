"""The audit in words: plain lines whose figures add up to the providers' own lists."""

from types import SimpleNamespace
from typing import Any

from bot.flows.audit import Audit, outward


def call(number: int, outcome: str = "accepted", form: str = "text") -> Any:
    return SimpleNamespace(
        id=number, message_id=number, our_id=f"o{number}", channel="sms", outcome=outcome, provider_id=f"p{number}",
        text=f"{number}: words of a message", form=form, crossed=False,
    )  # fmt: skip


def line(number: int, our_id: str = "") -> dict[str, Any]:
    return {"n": number, "channel": "sms", "text": f"{number}: words of a message", "our_id": our_id or f"o{number}"}


def told(attempts: list[Any], lines: list[dict[str, Any]]) -> Audit:
    audit = Audit({"accepted": 2, "delivered": 1, "uncertain": 1, "cancelled": 3}, {"accepted": 3}, None, [4],
                  kinds={"reminder": 2, "reply": 1})  # fmt: skip
    outward(audit, lines, attempts)
    return audit


def test_the_lines_add_up_to_the_providers_list() -> None:
    attempts = [call(1), call(2, "delivered"), call(3, form="edit"), call(4, "unknown"), call(5, "failed")]
    attempts += [call(6, "refused"), call(7)]
    found = told(attempts, [line(1), line(1), line(2), line(4), line(5)])
    assert found.sums == [
        (4, "calls the providers accepted"),
        (-1, "changes of a message already sent, which no list repeats"),
        (-1, "accepted by the provider's answer, but not in its list"),
        (1, "without an answer, and in its list"),
        (1, "accepted, but failed later, and in its list"),
        (1, "in its list once more"),
    ]
    assert sum(count for count, _why in found.sums) == found.provider == 5
    assert found.words().splitlines() == [
        "messages: 7 (2 accepted, no receipt yet, 1 delivered, 1 uncertain, 3 cancelled)",
        "of them accepted or delivered: 3 (2 reminders, 1 replies to owners)",
        "  + 4 calls the providers accepted",
        "  - 1 changes of a message already sent, which no list repeats",
        "  - 1 accepted by the provider's answer, but not in its list",
        "  + 1 without an answer, and in its list",
        "  + 1 accepted, but failed later, and in its list",
        "  + 1 in its list once more",
        "  = 5; the providers' lists: 5",
        "uncertain: message 4 — `yinuo settle 4 sent|not-sent`",
        "1 sent twice, 0 unexplained",
    ]


def test_a_line_that_is_none_of_ours_is_counted_and_named() -> None:
    found = told([call(1)], [line(1), line(9, "somebody")])
    assert found.sums[-1] == (1, "in its list, but no call of ours")
    assert found.words().splitlines()[-1] == "0 sent twice, 1 unexplained"
    assert "the provider took line 9 (sms), which is no attempt of ours" in found.words()


def test_an_edit_the_list_does_repeat_is_no_double() -> None:
    found = told([call(3, form="edit")], [line(3), line(3)])
    assert (found.duplicates, found.unexplained) == (0, [])
    assert sum(count for count, _why in found.sums) == 2


def test_without_the_providers_list_the_calls_are_told_and_json_keeps_its_keys() -> None:
    audit = Audit({"accepted": 1}, {"accepted": 1, "refused": 2}, None, [])
    assert "calls to the providers: 3 (1 accepted, no receipt yet, 2 refused)" in audit.words()
    assert "the providers' own lists were not compared" in audit.words()
    assert "{" not in audit.words()
    assert list(audit.json()) == [
        "messages", "attempts", "provider_accepted", "uncertain", "duplicates", "crossed", "unexplained", "problems",
    ]  # fmt: skip

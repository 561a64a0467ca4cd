"""Understanding never raises, gives dates only for a given word, and reads answers, sums and languages."""

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from bot.talk.phrases import Phrases, PhrasesError, parse_phrases
from bot.talk.understand import INTENTS, to_json, understand

SHANGHAI = timezone(timedelta(hours=8))
WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI)
SUNDAY = datetime(2026, 11, 29, 10, tzinfo=SHANGHAI)
PIECES = st.sampled_from(
    [
        "下周五",
        "交",
        "不",
        "2月30日",
        "13月",
        "99999999999999",
        "天后",
        "年后",
        "农历",
        "前",
        "三十",
        "万万",
        "%",
        "{{",
        "<b>",
        "\u202e",
        "in",
        "week",
        "feb 30",
        "' OR 1=1",
        "9999-12-31",
        "的",
        "。",
        "号",
        "next",
        "0号",
        "-",
    ]
)


@seed(20261125)
@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join)))
def test_no_text_ever_raises(text: str) -> None:
    found = understand(text, WEDNESDAY)
    assert found.intent in INTENTS
    assert all(day >= WEDNESDAY.date() for day in found.dates)


@pytest.mark.parametrize(
    "text", ["", "x" * 10_000, "交" * 10_000, "\u202e\u200f", "😂" * 50, "&lt;&#20132;", "{{ 7*7 }}", "\x00\x01"]
)
def test_bad_input_is_none_of_our_business(text: str) -> None:
    assert understand(text, WEDNESDAY).date is None


def test_next_friday_said_on_a_sunday_is_five_days_away() -> None:
    assert understand("下周五交", SUNDAY).date == date(2026, 12, 4)
    assert understand("下周五交", WEDNESDAY).date == date(2026, 12, 4)


def test_a_bare_date_answers_our_question_surely() -> None:
    asked = understand("15号", WEDNESDAY, asked_for_date=True)
    unasked = understand("15号", WEDNESDAY)
    assert asked.intent == unasked.intent == "promise"
    assert asked.date == unasked.date == date(2026, 12, 15)
    assert asked.confidence > unasked.confidence


@pytest.mark.parametrize("text", ["2月30号交", "11月31日交", "13月5号付", "I'll pay on feb 30"])
def test_a_day_that_does_not_exist_is_no_date(text: str) -> None:
    assert understand(text, WEDNESDAY).date is None


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("好的", True),
        ("1", True),
        ("ok", True),
        ("係", True),
        ("嗯", True),
        ("👍", True),
        ("Yes!", True),
        ("不", False),
        ("2", False),
        ("唔係", False),
        ("no", False),
        ("好的明天交", None),
    ],
)
def test_a_bare_answer_is_yes_or_no(text: str, yes: bool | None) -> None:
    assert understand(text, WEDNESDAY).yes is yes


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("先交500", 50000),
        ("转1200.5元，明天", 120050),
        ("明天付一千二", 120000),
        ("周五交三百块", 30000),
        ("pay ¥486 tomorrow", 48600),
        ("15号交", None),
        ("3-2-1201明天交", None),
        ("下周五转2000给你们", 200000),
        ("明天交1,500元", 150000),
    ],
)
def test_sums_are_read_in_fen(text: str, fen: int | None) -> None:
    assert understand(text, WEDNESDAY).amount_fen == fen


def test_a_share_of_the_whole_is_a_fraction() -> None:
    assert understand("月底先交一半", WEDNESDAY).share == Fraction(1, 2)
    assert understand("先付三分之一，周五", WEDNESDAY).share == Fraction(1, 3)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("English please", "en"),
        ("讲中文", "zh-Hans"),
        ("用繁體字", "zh-Hant"),
        ("I can't read Chinese, English please", "en"),
        ("看不懂英文，说中文", "zh-Hans"),
    ],
)
def test_the_language_asked_for_is_named(text: str, locale: str) -> None:
    found = understand(text, WEDNESDAY)
    assert (found.intent, found.locale) == ("language", locale)


@pytest.mark.parametrize(
    ("text", "locale"),
    [("下周五交", "zh-Hans"), ("聽日俾錢", "zh-Hant"), ("next week", "en"), ("mingtian jiao", "zh-Hans")],
)
def test_the_writing_is_recognised(text: str, locale: str) -> None:
    assert understand(text, WEDNESDAY).detected_locale == locale


def test_json_holds_what_the_command_line_prints() -> None:
    assert to_json(understand("下周五交500", WEDNESDAY)) == {
        "intent": "promise",
        "date": "2026-12-04",
        "dates": ["2026-12-04"],
        "amount_fen": 50000,
        "confidence": 0.95,
    }


def test_an_admin_can_add_a_phrase() -> None:
    phrases = parse_phrases(
        {"zh-Hans": "intents:\n  thanks:\n    says: ['大[吉|利]', '您真..好']\n    unless: ['不吉']\n"}
    )
    assert understand("大吉", WEDNESDAY, phrases=phrases).intent == "thanks"
    assert understand("您真是太好了", WEDNESDAY, phrases=phrases).intent == "thanks"
    assert understand("大吉不吉", WEDNESDAY, phrases=phrases).intent == "none"


@pytest.mark.parametrize(
    "content", ["intents: [1]", "intents:\n  a:\n    says: ['<nobody>']", "a: [", "intents:\n  a:\n    says: ['..']"]
)
def test_unreadable_phrases_say_where(content: str) -> None:
    with pytest.raises(PhrasesError):
        parse_phrases({"en": content})


def test_no_phrases_hear_nothing() -> None:
    assert Phrases.from_mapping({}).heard("退订") == {}

"""The opt words in the spellings people really send."""

import pytest

from channels.optout import opt_word

STOPS = [
    "STOP", "stop", "Stop ", "  stop\n", "stop.", "STOP!", "ＳＴＯＰ", "ｓｔｏｐ", "T", "t", "Ｔ", "TD", "td.", "ＴＤ",
    "退订", "退 订", "退订。", "【退订】", "退訂", "取消订阅", "取消訂閱", "UNSUBSCRIBE", "END", "QUIT", "CANCEL",
    "STOPALL",    "Stop all", "OPTOUT", "opt-out", "REVOKE", "停止", "停\u3000止", "“退订”", "T\u200b",
]  # fmt: skip


@pytest.mark.parametrize("text", STOPS)
def test_a_spelling_of_stop_stops(text: str) -> None:
    assert opt_word(text) == "stop"


@pytest.mark.parametrize("text", ["START", "start ", "ＳＴＡＲＴ", "UNSTOP", "恢复", "订阅", "恢复。"])
def test_a_spelling_of_start_starts(text: str) -> None:
    assert opt_word(text) == "start"


@pytest.mark.parametrize("text", ["HELP", "help?", "帮助", "幫助", "ｈｅｌｐ"])
def test_a_spelling_of_help_asks_for_help(text: str) -> None:
    assert opt_word(text) == "help"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "。",
        "YES",
        "please stop the leak",
        "不要停止供水",
        "周五交",
        "TT",
        "1",
        "取消",
        "我想退订短信",
        "the end",
    ],
)
def test_a_sentence_is_no_opt_word(text: str) -> None:
    assert opt_word(text) is None

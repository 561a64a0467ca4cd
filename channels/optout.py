"""Which words end, begin or explain our messages, whatever the channel."""

import unicodedata
from typing import Literal

OptWord = Literal["stop", "start", "help"]

STOP = frozenset(
    (
        *("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT", "T", "TD"),
        *("退订", "退訂", "取消订阅", "取消訂閱", "停止", "停止订阅", "停止訂閱", "拒收"),
    )
)
"""Twilio's default words (article 31560110671259), T and TD as mainland SMS teach them, and the plain Chinese."""

START = frozenset(["START", "UNSTOP", "恢复", "恢復", "订阅", "訂閱", "恢复订阅", "恢復訂閱"])
"""Without YES: it confirms promises here."""

HELP = frozenset(["HELP", "帮助", "幫助"])


def opt_word(text: str) -> OptWord | None:
    """The opt word a whole message consists of; full width, case, blanks and punctuation do not count.

    A sentence that merely contains such a word is None: it is for the talk to understand.
    """
    word = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()).upper()
    if word in STOP:
        return "stop"
    if word in START:
        return "start"
    return "help" if word in HELP else None

"""Providers' own words, made fit for a log: what could be a token, a phone number or an openid becomes an ellipsis."""

import re

_SECRET = re.compile(r"\+?\d{5,}|[A-Za-z0-9_\-:+/=]{16,}")


def masked(words: str, longest: int = 160) -> str:
    """The words with runs of five digits or sixteen token characters removed, cut to ``longest``."""
    return _SECRET.sub("…", words)[:longest]

"""The date grammar of English (placeholder of the first hour)."""

from __future__ import annotations

from datetime import datetime

from bot.talk.spans import Span


def english_spans(text: str, at: datetime) -> list[Span]:
    """Every time named."""
    return []

"""The labelled sentences hold, and so do the figures the product promises."""

from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from bot.talk.understand import INTENTS, understand

HERE = Path(__file__).parent
GROUPS = [
    yaml.safe_load((HERE / name).read_text("utf-8"))
    for name in ("sentences.yaml", "sentences_later.yaml", "sentences_year_end.yaml")
]
CASES = [
    (str(text), datetime.fromisoformat(group["at"]), intent, rows[text] if isinstance(rows, dict) else None)
    for group in GROUPS
    for intent, rows in group.items()
    if intent != "at"
    for text in rows
]


def test_there_are_sentences_for_every_intent() -> None:
    assert len(CASES) >= 300
    assert {intent for _, _, intent, _ in CASES} == set(INTENTS)


@pytest.mark.parametrize(("text", "at", "intent", "label"), CASES, ids=[c[0] for c in CASES])
def test_a_sentence_is_understood(text: str, at: datetime, intent: str, label: object) -> None:
    found = understand(text, at)
    assert found.intent == intent
    if intent == "promise":
        assert found.date == (label if isinstance(label, date) else None)
        assert found.vague == (label == "ask")
    elif intent == "instalments":
        assert not label or list(found.dates) == label
    else:
        assert found.date is None
        assert found.dates == ()

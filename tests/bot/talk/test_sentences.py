"""The labelled sentences hold, and so do the figures the product promises."""

from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from bot.talk.dates import read_date
from bot.talk.understand import INTENTS, understand

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("sentences*.yaml"))
GROUPS = [
    group
    for file in FILES
    for content in (yaml.safe_load(file.read_text("utf-8")),)
    for group in (content if isinstance(content, list) else [content])
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


DATED = [
    line.split("\t")
    for file in sorted(HERE.glob("dates_*.tsv"))
    for line in file.read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("at", "language", "text", "right"), DATED, ids=[row[2] for row in DATED])
def test_a_date_alone_is_read(at: str, language: str, text: str, right: str) -> None:
    found = read_date(text, datetime.fromisoformat(f"{at}+08:00"))
    assert (found.isoformat() if found else "none") in right.split("|"), language

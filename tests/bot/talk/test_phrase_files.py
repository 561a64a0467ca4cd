"""The plain reader reads the shipped phrases as YAML does, and leaves to YAML what is not plain."""

from pathlib import Path

import pytest
import yaml

from bot.talk.phrase_files import read_plain

FOLDER = Path(__file__).parents[3] / "scripts" / "phrases"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_phrases_are_read_as_yaml_reads_them(path: Path) -> None:
    text = path.read_text("utf-8")
    assert read_plain(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [
        "intents:\n  stop:\n    says: ['a']",
        "intents:\n  stop:\n    says:\n      - a",
        'intents:\n  stop:\n    says:\n      - "a"',
        "intents:\n  stop:\n    says:\n      - 'a'b'",
        "intents:\n   stop:\n    says:\n      - 'a'",
        "- 'a'",
        "intents:\n  - 'a'\n  stop:\n    says:\n      - 'b'",
    ],
)
def test_what_is_not_plain_is_left_to_yaml(text: str) -> None:
    assert read_plain(text) is None

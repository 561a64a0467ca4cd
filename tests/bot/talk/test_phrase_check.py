"""A phrases file that cannot be listened for is named with its fault."""

from pathlib import Path

from bot.talk.phrase_check import phrase_problems

FOLDER = Path(__file__).parents[3] / "scripts" / "phrases"


def test_the_shipped_phrases_are_in_order() -> None:
    assert phrase_problems({f"phrases/{path.name}": path.read_text("utf-8") for path in FOLDER.glob("*.yaml")}) == []


def test_broken_yaml_is_named_with_its_line() -> None:
    found = phrase_problems({"phrases/en.yaml": "intents:\n  stop:\n    says:\n      - 'a\n      - 'b'\n"})
    assert [(p.file, p.rule) for p in found] == [("phrases/en.yaml", "phrases")]
    assert found[0].line >= 4


def test_an_unknown_word_class_is_named() -> None:
    found = phrase_problems({"phrases/en.yaml": "intents:\n  stop:\n    says:\n      - '<nothing> me'\n"})
    assert "<nothing> me" in found[0].message


def test_other_files_are_not_judged() -> None:
    assert phrase_problems({"replies/help/en.md": "- 'a", "law.yaml": "a: 'b"}) == []

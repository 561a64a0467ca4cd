"""Every word our texts tell people to write really works."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.talk.understand import understand
from channels.optout import opt_word

SCRIPTS = Path(__file__).parents[4] / "scripts"
NAMED = re.compile(r"[“「\"]([^”」\"{}]{2,30})[”」\"]")


def named_words() -> list[tuple[str, str]]:
    found = {}
    for path in sorted(SCRIPTS.glob("re*/*/*.md")):
        for word in NAMED.findall(path.read_text(encoding="utf-8").split("---\n", 2)[2]):
            if word not in ("short", "weekday"):
                found.setdefault(word, path.parent.name)
    return list(found.items())


@pytest.mark.parametrize(("word", "reply"), named_words())
def test_every_word_our_texts_tell_people_to_write_is_understood(word: str, reply: str, now: Any) -> None:
    assert opt_word(word) or understand(word, now).intent != "none", reply

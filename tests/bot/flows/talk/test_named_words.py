"""Every word our texts tell people to write really works."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.flows.talk.turn import tenants_may
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
    assert opt_word(word) or tenants_may(word) is not None or understand(word, now).intent != "none", reply


@pytest.mark.parametrize("word", ["啱", "啱呀", "係啊", "係呀", "係㗎", "冇錯", "得喇", "好㗎", "ok啦", "对的", "yes"])
def test_a_bare_yes_is_heard_however_it_is_written(word: str, now: Any) -> None:
    assert understand(word, now).yes is True


@pytest.mark.parametrize("word", ["唔係", "唔係呀", "唔啱", "唔得", "不对", "no"])
def test_a_bare_no_is_heard_however_it_is_written(word: str, now: Any) -> None:
    assert understand(word, now).yes is False

"""The checker's sentences in the reader's language: the checker says each in Chinese, then in English."""

import re

from bot.talk.lawful import LawRule
from bot.web.console.speech import READERS

_BOTH = re.compile(
    r"(?P<zh>.*[\u4e00-\u9fff].*?[。；）)]) ?(?P<en>[^\u4e00-\u9fff]*[A-Za-z][^\u4e00-\u9fff]*)", re.DOTALL
)
_FOUND = re.compile(r"「.*?」")
_READER = re.compile(r"([a-z ]+): (.*)", re.DOTALL)


def fault_words(message: str, rule: LawRule | None, lang: str) -> str:
    """A problem's message in one language; a rule of law with its ground. What is said once stays as it is."""
    if rule is not None:
        found = _FOUND.match(message)
        told = rule.message_en if lang == "en" else rule.message_zh
        ground = "Ground" if lang == "en" else "依据"
        return f"{found[0] if found else ''}{told} {ground}: {rule.ground}"
    reader = _READER.fullmatch(message)
    if reader and reader[1] in READERS:
        return f"{READERS[reader[1]].to(lang)}: {fault_words(reader[2], None, lang)}"
    both = _BOTH.fullmatch(message)
    return both[lang if lang == "en" else "zh"].strip() if both else message

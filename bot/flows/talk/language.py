"""Which language we answer in: the one asked for, for good; else the one the owner writes in."""

from bot.flows.talk.answers import Answer
from bot.flows.talk.who import Talk
from bot.talk.understand import Understood
from store import talk as shelf

NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}


async def change(talk: Talk, wanted: str | None) -> Answer:
    """Changes the person's language for every channel; without one named, to the other of Chinese and English."""
    now = talk.person.locale or talk.memory.locale or talk.town.locale
    locale = wanted or ("zh-Hans" if now == "en" else "en")
    await shelf.set_locale(talk.conn, talk.person.id, locale)
    talk.person = await shelf.person_row(talk.conn, talk.person.id)
    talk.memory.locale = locale
    return Answer("language_changed", {"language": NAMES[locale]})


def follow(talk: Talk, heard: Understood) -> None:
    """Notes the language a sentence is written in; an ok, a code, or Chinese any Chinese reader writes say nothing."""
    letters = sum(c.isalpha() for c in talk.text)
    if heard.detected_locale == "zh-Hant" or (heard.detected_locale == "en" and letters >= 5):
        talk.memory.locale = heard.detected_locale
        return
    if letters < 2 or heard.detected_locale == "en":
        return
    if talk.memory.locale == "en" or (not talk.memory.locale and talk.town.locale == "en"):
        talk.memory.locale = "zh-Hans"

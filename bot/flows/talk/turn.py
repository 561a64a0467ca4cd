"""One turn: what kind of thing was heard, and who answers it. What must never be missed comes first."""

from zoneinfo import ZoneInfo

from bot.flows.talk import consent, stranger
from bot.flows.talk.answers import Answer, menu_answer
from bot.flows.talk.who import Talk, prove_by_speaking
from bot.talk.understand import Understood, understand
from channels.optout import opt_word


async def take(talk: Talk) -> list[Answer]:
    """The answers to one inbound row, in order; what it changes is written in the same transaction."""
    kind = talk.row.kind
    if kind == "unfollow":
        return await consent.gone(talk)
    await consent.back(talk)
    word = kind if kind in ("stop", "help") else opt_word(talk.text) if kind == "text" else None
    if word == "stop":
        talk.intent = "stop"
        return await consent.stop(talk)
    if word == "start" or (kind == "start" and not talk.text):
        talk.intent = "start"
        return await consent.start(talk) or await _greet(talk)
    return await _words(talk)


def listen(talk: Talk, text: str, *, asked_for_date: bool = False) -> Understood:
    """The sentence understood at this moment in the community's zone."""
    zone: ZoneInfo = talk.town.zone
    return understand(text, talk.now.astimezone(zone), asked_for_date=asked_for_date)


async def _greet(talk: Talk) -> list[Answer]:
    if not talk.proved:
        return await stranger.answer(talk)
    return [menu_answer(talk, "greeting")]


async def _words(talk: Talk) -> list[Answer]:
    heard = talk.heard = listen(talk, talk.text)
    talk.intent = heard.intent
    if heard.intent == "stop":
        return await consent.stop(talk)
    if heard.intent == "not_me":
        return await consent.not_me(talk)
    await prove_by_speaking(talk)
    return await _greet(talk)

"""Someone we do not know: the same courteous answer whether or not a flat exists (I9)."""

from bot.flows.talk.answers import Answer
from bot.flows.talk.who import Talk


async def answer(talk: Talk) -> list[Answer]:
    """What an address hears that nobody has linked."""
    talk.intent = talk.intent or "none"
    return [Answer("unknown_sender")]

"""A sentence made plain, once for all who look at it in a turn."""

from functools import lru_cache

from bot.talk.normal import normalise


@lru_cache(maxsize=256)
def made_plain(text: str) -> str:
    """The sentence as ``normalise`` gives it."""
    return normalise(text)

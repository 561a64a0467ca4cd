"""What staff are told: wordings of scripts/staff, said in the locale of the group or of the colleague."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.flows.words import Book, locale_chain
from bot.talk.wording import word


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text with the version of its wording (I8)."""

    text: str
    name: str
    version_id: int | None
    locale: str


@dataclass(frozen=True, slots=True)
class Voice:
    """The staff wordings of one community in one locale."""

    book: Book
    locale: str
    channel: str | None = None

    def say(self, name: str, **slots: object) -> Spoken:
        """A whole message. Raises LookupError when no wording of that name is published."""
        script = self.book.scripts.find("staff", name, locale_chain(self.locale), self.channel)
        if script is None:
            raise LookupError(f"no wording staff/{name} is published; `yinuo scripts import` brings it in")
        text = word(script, {need: slots.get(need, "") for need in script.needs}).text
        return Spoken(text, name, self.book.version(script).id, script.locale)

    def term(self, table: str, key: str) -> str:
        """One word of the trade (a cause, an outcome, a label) from a wording that lists them."""
        return self.say(table, key=key).text

    def labels(self, keys: Sequence[str]) -> list[str]:
        return [self.term("labels", key) for key in keys]

"""What a conversation remembers between two messages: the open question, the language, how often we answered."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from store import inbox
from store import talk as shelf

QUESTION_LIVES = timedelta(days=1)
"""A question left open expires after a day."""


@dataclass(slots=True)
class Memory:
    """One conversation, over any channel. ``question`` is the name of what we asked last, also when it has expired."""

    id: int
    question: str = ""
    question_no: int = 0
    asked: dict[str, Any] = field(default_factory=dict)
    """What the question is about."""
    expires_at: datetime | None = None
    said_by: str = ""
    """What carries the words of the open question to its reader: ``inbound:<n>`` the answer to that row,
    ``message:<n>``, ``page``; empty: they were never said."""
    locale: str = ""
    """The language last written in."""
    chosen: int = 0
    """On a telephone several people share: whose flat they speak of, for as long as a question lives."""
    chosen_at: float = 0.0
    lost: int = 0
    last_reply: str = ""
    answers: list[float] = field(default_factory=list)
    """Unix seconds of the automatic answers of the last hour."""
    wrong_codes: int = 0
    locked_until: datetime | None = None

    def ask(self, question: str, now: datetime, **asked: Any) -> int:
        """Opens a question; whatever was open before is superseded. Answers its number."""
        if (question, asked) != (self.question, self.asked):
            self.said_by = ""
        self.question, self.asked = question, asked
        self.question_no += 1
        self.expires_at = now + QUESTION_LIVES
        return self.question_no

    def close(self) -> None:
        """Nothing is asked any more."""
        self.question, self.asked, self.expires_at, self.said_by = "", {}, None, ""

    def is_open(self, now: datetime) -> bool:
        """Whether a question waits for its answer."""
        return bool(self.question) and self.expires_at is not None and self.expires_at > now

    def has_expired(self, now: datetime) -> bool:
        """Whether a question was left open too long and nobody was told."""
        return bool(self.question) and not self.is_open(now)


async def load(conn: AsyncConnection, who: str) -> Memory:
    """The memory of a conversation; the caller holds the lock of ``who``."""
    return read(await shelf.load_conversation(conn, who))


def read(row: Any) -> Memory:
    """A conversation's row as a memory."""
    detail = json.loads(row.detail)
    return Memory(
        row.id, row.question, row.question_no, detail.get("asked", {}), row.expires_at, detail.get("said_by", ""),
        detail.get("locale", ""), detail.get("chosen", 0), detail.get("chosen_at", 0.0), row.lost, row.last_reply,
        json.loads(row.answers), row.wrong_codes, row.locked_until,
    )  # fmt: skip


async def save(conn: AsyncConnection, memories: Iterable[Memory]) -> None:
    """Writes memories back, each once."""
    await inbox.set_conversations(conn, [_row(one) for one in memories])


def _row(memory: Memory) -> dict[str, Any]:
    detail = {"asked": memory.asked, "said_by": memory.said_by, "locale": memory.locale, "chosen": memory.chosen,
              "chosen_at": memory.chosen_at}  # fmt: skip
    return {
        "id": memory.id, "question": memory.question, "question_no": memory.question_no,
        "detail": json.dumps(detail, ensure_ascii=False), "expires_at": memory.expires_at, "lost": memory.lost,
        "last_reply": memory.last_reply, "answers": json.dumps(memory.answers), "wrong_codes": memory.wrong_codes,
        "locked_until": memory.locked_until,
    }  # fmt: skip

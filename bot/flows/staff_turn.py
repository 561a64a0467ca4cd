"""One turn of a colleague: who speaks, where, and how they are answered."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.staff_post import Keys, post, tell
from bot.flows.staff_voice import Spoken, Voice
from store import inbox

PRESSES = "press_answers"
"""Where answers to presses wait in the house's memory until their turn is committed."""
MOST_ALERT = 190
"""Telegram shows two hundred characters in a callback alert."""


@dataclass
class StaffTurn:
    """``group`` is None in a private chat; ``say`` speaks the colleague's language in private, else the group's."""

    house: House
    conn: AsyncConnection
    row: Any
    staff: Any
    group: Any
    town: Town
    say: Voice
    now: datetime
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(self.row.text).strip()

    @property
    def who(self) -> str:
        return f"staff:{self.staff.id}"

    def alert(self, text: str, loud: bool = True) -> None:
        """What only whoever pressed is shown, once the turn is committed."""
        press_id = self.detail.get("press_id")
        if press_id:
            self.house.memory.setdefault(PRESSES, {})[press_id] = (text[:MOST_ALERT], loud)

    async def answer(self, said: Spoken, *, keys: Keys = (), case_id: int | None = None) -> None:
        """Answers where it was said: in the group as a reply, in private as a message."""
        if self.group is None:
            await self.private(said, keys=keys, case_id=case_id)
            return
        await post(
            self.conn, self.group, self.town.id, said, self.now, keys=keys, case_id=case_id,
            reply_to=self.detail.get("message_id"),
        )  # fmt: skip

    async def private(self, said: Spoken, *, keys: Keys = (), case_id: int | None = None) -> bool:
        """Answers in the private chat, wherever it was said. False: there is none yet."""
        return await tell(
            self.house, self.conn, self.staff.id, self.town.id, said, self.now, keys=keys, case_id=case_id
        )  # fmt: skip

    async def ask(self, question: str, **detail: Any) -> None:
        """Remembers what was asked; the colleague's next words answer it."""
        memory = await inbox.conversation_of(self.conn, self.who)
        await inbox.set_conversation(
            self.conn, memory.id, question=question, question_no=memory.question_no + 1,
            detail=json.dumps(detail, ensure_ascii=False), expires_at=None,
        )  # fmt: skip

    async def asked(self) -> tuple[str, dict[str, Any]]:
        """What was asked and is still open."""
        memory = await inbox.conversation_of(self.conn, self.who)
        return memory.question, json.loads(memory.detail or "{}")


def take_press_answer(house: House, press_id: str) -> tuple[str, bool]:
    """What to tell whoever pressed, and whether loudly; taken once, after the turn was committed."""
    waiting: dict[str, tuple[str, bool]] = house.memory.get(PRESSES, {})
    return waiting.pop(press_id, ("", False))

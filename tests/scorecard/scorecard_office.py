"""An office on the sandbox: colleagues with their private chats, and the group they share."""

import json
from datetime import datetime
from typing import Any

from scorecard_play import Play

from bot.flows.cases import open_case
from store import core
from store import staff as people

CHATS = {"赵一": "501", "钱二": "502", "孙三": "503", "管理员": "590"}
ROLES = {"赵一": "assistant", "钱二": "assistant", "孙三": "supervisor", "管理员": "admin"}


class Office:
    """The staff of a play's community."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.numbers: dict[str, int] = {}
        self.group = ""

    async def moves_in(self, topics: bool = False) -> None:
        """Everyone is linked, the bot is an admin of the group."""
        play = self.play
        known = [{"channel": "telegram", "address": chat, "name": name} for name, chat in CHATS.items()]
        await play.control("people", people=known)
        for chat in CHATS.values():
            await play.control("say", channel="telegram", address=chat, start="")
        members = dict.fromkeys(CHATS.values(), "member")
        told = await play.control("telegram/groups", title="工作群", type="group" if not topics else "supergroup",
                                  topics=topics, members=members)  # fmt: skip
        self.group = str(told["id"])
        async with play.store.write() as conn:
            for name, chat in CHATS.items():
                await self._hire(conn, name, chat)
            vault = play.store.vault
            await conn.execute(core.staff_group.insert().values(
                channel="telegram", address_sealed=vault.seal(self.group), topics="{}", trouble="", community_id=1,
                address_index=vault.index("telegram", self.group),
            ))  # fmt: skip

    async def _hire(self, conn: Any, name: str, chat: str) -> None:
        made = await conn.execute(core.staff.insert().values(
            name=name, role=ROLES[name], community_id=1, created_at=self.play.now, password_hash="",
            locale="zh-Hans", hours=json.dumps({}),
        ))  # fmt: skip
        self.numbers[name] = int(made.inserted_primary_key[0])
        vault = self.play.store.vault
        await people.link(conn, self.numbers[name], "telegram", vault.seal(chat), vault.index("telegram", chat),
                          self.play.now)  # fmt: skip

    async def case(self, account: int, cause: str = "broken_promise", name: str = "赵一") -> int:
        """A case of an account, for which a colleague is responsible."""
        async with self.play.store.write() as conn:
            number, _new = await open_case(conn, community_id=1, cause=cause, now=self.play.now, account_id=account,
                                           assistant_id=self.numbers[name])  # fmt: skip
        return number

    def to(self, name: str) -> list[tuple[datetime, str]]:
        """What a colleague got in private: when, and the words."""
        return self.posts(CHATS[name])

    def posts(self, chat: str = "") -> list[tuple[datetime, str]]:
        """What the group got, edits left out."""
        return [
            (datetime.fromisoformat(line["at"]), line["text"]) for line in self.play.ledger()
            if line["to"] == (chat or self.group) and not line["method"].lower().startswith("edit")
        ]  # fmt: skip

    async def press(self, name: str, data: str, message: int) -> None:
        """A button of the group's message."""
        await self.play.control("say", channel="telegram", address=CHATS[name], chat=self.group, press=data,
                                message=message)  # fmt: skip
        await self.play.forward(seconds=0)

    async def buttons(self) -> list[tuple[int, list[dict[str, Any]]]]:
        """The group's messages as they stand, newest last: number and buttons."""
        told = (await self.play.ask("inbox", channel="telegram", address=self.group))["messages"]
        return [
            (int(str(one["provider_id"]).split(":")[-1]), [b for row in one.get("buttons") or [] for b in row])
            for one in told if one["direction"] == "out"
        ]  # fmt: skip

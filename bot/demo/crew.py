"""The crew: the demo's staff, linked like real ones. They read the cards in their group, claim them and end cases.

Some cards they leave lying, and some claims they forget, so that reminders and lapses are seen.
"""

import json
import random
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.flows.staff import add_group, add_staff, link_code, make_responsible
from channels.sandbox.credentials import DEFAULT

if TYPE_CHECKING:
    from bot.demo.stage import Stage

CREW = (
    ("陈主任", "head", "8800001", ()),
    ("林主管", "supervisor", "8800002", ()),
    ("周助理", "assistant", "8800003", ("1", "S")),
    ("吴助理", "assistant", "8800004", ("2", "3", "B1")),
    ("郑会计", "accountant", "8800005", ()),
)
"""Name, role, Telegram id, the buildings they are responsible for."""
COLLEAGUES = frozenset(address for _n, _r, address, _b in CREW)
CLAIMERS = ("8800003", "8800004", "8800002")
OUTCOMES = ("已答复", "忘了", "已办", "困难", "已办", "对服务不满", "号码不对")
CARD = re.compile(r"c:(\d+):(\d+):claim")


async def hire(stage: "Stage", community_id: int) -> str:
    """Staff on the list, linked in private chats, with their group; answers the group's chat id."""
    house, now = stage.house, stage.started
    people = [{"channel": "telegram", "address": address, "name": name} for name, _r, address, _b in CREW]
    await stage.control("people", people=people)
    group = await stage.control("telegram/groups", title="锦绣花园收费工作群", type="supergroup",
                                members={address: "member" for _n, _r, address, _b in CREW})  # fmt: skip
    chat = str(group["id"])
    async with house.store.write() as conn:
        await add_group(house, conn, "telegram", chat, community_id, now, who="demo")
        await add_group(house, conn, "wecom", DEFAULT.wecom_robot_key, community_id, now, who="demo")
        for name, role, _address, buildings in CREW:
            await add_staff(house, conn, name, role, community_id, now, who="demo")
            for building in buildings:
                await make_responsible(conn, name, community_id, now, building=building, who="demo")
    for name, _role, address, _buildings in CREW:
        async with house.store.write() as conn:
            code = await link_code(house, conn, name, now, "demo")
        await stage.control("say", channel="telegram", address=address, text=code)
    return chat


class Crew:
    """Colleagues at work, from a seed."""

    def __init__(self, stage: "Stage", seed: int) -> None:
        self._stage = stage
        self._random = random.Random(f"crew {seed}")
        self._read = 0
        self._seen: dict[int, str] = {}
        """Case → claimed by whom; empty: seen and left lying."""
        self.ended = 0

    async def work(self, now: datetime) -> None:
        """Reads new cards and does the day's work."""
        for case in self._new_cards(self._stage.ledger):
            if case not in self._seen:
                await self._take(case)
        for case, who in list(self._seen.items()):
            if who and self._random.random() < 0.55:
                await self._say(who, f"解决 {case} {self._random.choice(OUTCOMES)}")
                self._seen[case] = ""
                self.ended += 1

    async def _take(self, case: int) -> None:
        who = self._random.choice(CLAIMERS) if self._random.random() < 0.8 else ""
        self._seen[case] = who
        if who:
            await self._say(who, f"认领 {case}")

    async def _say(self, who: str, text: str) -> None:
        await self._stage.control("say", channel="telegram", address=who, text=text, chat=self._stage.group)

    def _new_cards(self, path: Path) -> list[int]:
        if not path.exists():
            return []
        with path.open(encoding="utf-8") as file:
            file.seek(self._read)
            text = file.read()
            self._read = file.tell()
        found: list[int] = []
        for line in text.splitlines():
            told: dict[str, Any] = json.loads(line)
            if str(told["to"]) == self._stage.group:
                found += [int(m[0]) for m in CARD.findall(json.dumps(told["request"], ensure_ascii=False))]
        return sorted(set(found))

"""The town: owners who behave from a seed. They read what arrives, pay, ask, promise, forget, object, or stop it.

They speak only through the sandbox, as people do through their phones.
"""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.demo.people import households
from bot.demo.stage import Stage, open_amounts

MOODS = (
    ("prompt", 30), ("late", 17), ("promises", 10), ("breaks", 7), ("asks", 5), ("part", 4), ("disputes", 3),
    ("claims", 3), ("claims_wrongly", 2), ("stops", 3), ("blocks", 2), ("bank", 3), ("hardship", 2), ("person", 1),
    ("visit", 1), ("refuses", 1), ("angry", 1), ("stranger", 1), ("sold", 1), ("repair", 1), ("invoice", 1),
    ("bereaved", 1),
)  # fmt: skip
"""What owners are like, in percent, as a collections desk would guess; nobody is all bad."""
SMALL_TALK = {
    "asks": "我欠多少钱？", "disputes": "电梯坏了半个月，先修好再说", "claims": "我昨天微信转过了",
    "claims_wrongly": "上周就交了呀", "stops": "T", "hardship": "最近住院，实在困难，能不能缓一缓",
    "person": "找个人跟我说", "visit": "周六上午来家里收吧", "refuses": "这钱我不交", "angry": "滚，烦死了",
    "stranger": "你们打错了，我不是业主", "sold": "房子去年就卖了", "repair": "厨房漏水，麻烦报修",
    "invoice": "能开发票吗", "bereaved": "我父亲上个月去世了",
}  # fmt: skip
TALKERS = tuple(set(SMALL_TALK) - {"asks", "claims", "stops"})
"""Those who say their piece at the first word and leave it at that."""


@dataclass
class Dweller:
    """One owner with a phone or several."""

    person_id: int
    mood: str
    addresses: dict[str, str]
    accounts: dict[int, str]
    heard: int = 0
    stage: int = 0


@dataclass(order=True)
class Deed:
    """Something an owner will do at an instant."""

    at: datetime
    number: int
    who: Dweller = field(compare=False)
    what: str = field(compare=False)
    channel: str = field(compare=False)


READS = 60
"""Seconds between a question and the yes to it."""


class Town:
    """Everybody, and what they are about to do."""

    def __init__(self, stage: Stage, dwellers: list[Dweller], seed: int) -> None:
        self._stage = stage
        self._by_address = {(c, a): d for d in dwellers for c, a in d.addresses.items()}
        self._random = random.Random(seed)
        self._deeds: list[Deed] = []
        self._read = 0
        self._number = 0
        self.spoke: list[tuple[str, str, datetime]] = []
        """(channel, address, when) of everything said: what is answered within minutes is a reply."""
        self.told: list[str] = []
        """What happened, for the terminal."""

    async def wake(self, now: datetime) -> None:
        """Reads what arrived since the last time and does what is due; who says yes has read the question before."""
        for line in self._new_lines():
            self._hear(line, now)
        due = sorted(d for d in self._deeds if d.at <= now)
        self._deeds = [d for d in self._deeds if d.at > now]
        for deed in due:
            if deed.what != "yes":
                await self._do(deed, now)
        agreed = [deed for deed in due if deed.what == "yes"]
        if agreed:
            await self._stage.control("clock", forward=READS)
        for deed in agreed:
            await self._do(deed, now)

    def _new_lines(self) -> list[dict[str, Any]]:
        path = self._stage.ledger
        if not path.exists():
            return []
        with path.open(encoding="utf-8") as file:
            file.seek(self._read)
            text = file.read()
            self._read = file.tell()
        return [json.loads(line) for line in text.splitlines() if line]

    def _hear(self, line: dict[str, Any], now: datetime) -> None:
        dweller = self._by_address.get((line["channel"], line["to"]))
        if dweller is None or self._is_answer(line):
            return
        dweller.heard += 1
        for what, days in self._wants(dweller):
            self._number += 1
            at = now + timedelta(days=days, minutes=self._random.randint(1, 50))
            self._deeds.append(Deed(at, self._number, dweller, what, line["channel"]))

    def _is_answer(self, line: dict[str, Any]) -> bool:
        at = datetime.fromisoformat(line["at"])
        return any(
            c == line["channel"] and a == line["to"] and timedelta(0) <= at - when < timedelta(minutes=5)
            for c, a, when in self.spoke[-200:]
        )

    def _wants(self, d: Dweller) -> list[tuple[str, float]]:
        """What a dweller does after hearing for the n-th time: (deed, days from now)."""
        first, third = d.heard == 1, d.heard == 3
        plans: dict[str, list[tuple[str, float]]] = {
            "prompt": [("pay", self._random.choice((0, 1, 2)))] if first else [],
            "late": [("pay", self._random.choice((1, 2, 4)))] if third else [],
            "promises": [("promise", 0), ("yes", 0.02), ("pay", 5)] if first else [],
            "breaks": [("promise", 0), ("yes", 0.02)] if d.heard in (1, 4) else [("pay", 9)] if d.heard == 7 else [],
            "asks": [("say", 0), ("pay", 3)] if first else [],
            "part": [("part", 1)] if first else [("pay", 6)] if third else [],
            "claims": [("say", 0), ("pay", 2)] if first else [],
            "stops": [("say", 0)] if d.heard == 2 else [],
            "blocks": [("block", 0)] if d.heard == 2 else [],
            "bank": [("bank", 1)] if first else [],
        }
        if d.mood in TALKERS:
            return [("say", 0)] if first else []
        return plans.get(d.mood, [])

    async def _do(self, deed: Deed, now: datetime) -> None:
        d = deed.who
        if deed.what in ("pay", "part", "bank"):
            await self._pay(d, deed.what, now)
        elif deed.what == "block":
            await self._stage.control("block", channel=deed.channel, address=d.addresses[deed.channel])
            self.told.append(f"{_units(d)} blocks us on {deed.channel}")
        else:
            words = {"promise": self._day_words(now), "yes": "1"}.get(deed.what) or SMALL_TALK[d.mood]
            await self._say(d, deed.channel, words, now)

    def _day_words(self, now: datetime) -> str:
        day = now + timedelta(days=5)
        return f"{day.month}月{day.day}号交"

    async def _say(self, d: Dweller, channel: str, words: str, now: datetime) -> None:
        self.spoke.append((channel, d.addresses[channel], now))
        self.told.append(f"{_units(d)} on {channel}: “{words}”")
        await self._stage.control("say", channel=channel, address=d.addresses[channel], text=words)

    async def _pay(self, d: Dweller, how: str, now: datetime) -> None:
        owed = await open_amounts(self._stage.house)
        for account_id, code in d.accounts.items():
            amount = owed.get(account_id, 0)
            if amount <= 0:
                continue
            if how == "part":
                amount = max(amount // 2, 1)
            lag = 2 if how == "bank" else 0
            way = "bank_collection" if how == "bank" else self._random.choice(("wechat_pay", "alipay", "transfer"))
            await self._stage.control("pay", unit=code, amount_fen=amount, way=way, lag_days=lag)
            self.told.append(f"{code} pays ({how})")


def _units(d: Dweller) -> str:
    return "+".join(d.accounts.values())


async def people_the_town(stage: Stage, seed: int) -> Town:
    """Everybody the workbook knows, each with a mood drawn from the seed."""
    draw = random.Random(f"moods {seed}")
    moods = [mood for mood, share in MOODS for _ in range(share)]
    dwellers = [
        Dweller(person_id, draw.choice(moods), home["addresses"], home["accounts"])
        for person_id, home in sorted((await households(stage)).items())
        if home["addresses"]
    ]
    owed = await open_amounts(stage.house)
    _nobody_missing([d for d in dwellers if any(owed.get(account, 0) > 0 for account in d.accounts)], draw)
    return Town(stage, dwellers, seed)


def _nobody_missing(owing: list[Dweller], draw: random.Random) -> None:
    """Of every mood at least two owe something, so that each kind of case occurs."""
    plain = [d for d in owing if d.mood in ("prompt", "late")]
    for mood, _share in MOODS:
        missing = max(0, 2 - sum(d.mood == mood for d in owing))
        for d in draw.sample(plain, min(missing, len(plain))):
            d.mood = mood
            plain.remove(d)

"""The staff of a story: colleagues with phones, their group with its cards, and what they press.

::

    office = Office(town)
    office.group.hears("#1", "承诺未兑现")
    zhou = office["周助理"]
    assert "归您了" in zhou.presses("认领", office.card(1))
"""

import asyncio
from typing import Any

from stories_kit import Town

from bot.flows.staff import add_group, add_staff, link_code, make_responsible
from channels.sandbox.credentials import DEFAULT
from store.ledger import communities

CREW = (
    ("陈主任", "head"),
    ("林主管", "supervisor"),
    ("周助理", "assistant"),
    ("吴助理", "assistant"),
    ("郑会计", "accountant"),
)
"""The first assistant is responsible for every flat."""
STATES = ("待认领", "处理中", "延后至", "已解决")
"""How a card says where its case stands."""
Post = dict[str, Any]


class Ear:
    """One chat as somebody listens to it, message by message."""

    def __init__(self, town: Town, name: str, address: str, channel: str = "telegram") -> None:
        self.town, self.name, self.address, self.channel = town, name, address, channel
        self.last: Post = {}
        self._heard = 0

    def posts(self) -> list[Post]:
        """Every message that stands in the chat, as it reads now."""
        told = self.town.ask("inbox", channel=self.channel, address=self.address)["messages"]
        return [one for one in told if one["direction"] == "out" and not one.get("deleted")]

    def unheard(self) -> list[Post]:
        """What came since the last time, oldest first."""
        told = self.town.ask("inbox", channel=self.channel, address=self.address)["messages"]
        return [one for one in told if one["direction"] == "out"][self._heard :]

    def hears(self, *words: str, without: tuple[str, ...] = ()) -> Post:
        """The next message: it has all the words and none of ``without``."""
        waiting = self.unheard()
        assert waiting, self.town.told(f"{self.name} hears nothing, but should hear {' … '.join(words)}")
        self._heard += 1
        self.last = waiting[0]
        text = self.last["text"]
        lacking = [word for word in words if word not in text]
        assert not lacking, self.town.told(f"{self.name} heard {text!r}, without {lacking}")
        foul = [word for word in without if word in text]
        assert not foul, self.town.told(f"{self.name} heard {text!r}, which says {foul}")
        return self.last

    def catches_up(self) -> list[str]:
        """Everything unheard is heard; answers the texts."""
        waiting = self.unheard()
        self._heard += len(waiting)
        return [one["text"] for one in waiting]

    def hears_nothing_more(self) -> None:
        left = [f"{one['at']}: {one['text']}" for one in self.unheard()]
        assert not left, self.town.told(f"{self.name} hears what nobody expected: {left}")


class Colleague(Ear):
    """A member of staff with a private chat, who also writes and presses in the group."""

    def __init__(self, town: Town, name: str, address: str, group: str) -> None:
        super().__init__(town, name, address)
        self.group = group

    def says(self, text: str, *, to_group: bool = False, reply_to: Post | None = None) -> "Colleague":
        """Words in the private chat, in the group, or as a reply to a post of the group; then a turn."""
        where: dict[str, Any] = {"chat": self.group} if to_group or reply_to else {}
        if reply_to:
            where["reply_to"] = number_of(reply_to)
        self.town.note(f"← {self.name}{' in the group' if where else ''}: {text}")
        self.town.control("say", channel="telegram", address=self.address, text=text, **where)
        self.town.turn()
        return self

    def presses(self, label: str, post: Post | None = None) -> str:
        """A button of a post of the group, else of the last private message; answers the private alert."""
        told = post or next(one for one in self.posts() if one["n"] == self.last["n"])
        number = self.town.run(self.press(label, told))
        self.town.turn()
        return self.alert(number)

    async def press(self, label: str, post: Post) -> str:
        """Only the press itself; answers its number."""
        data = button(self.town, post, label)
        self.town.note(f"← {self.name} presses {label}")
        chat = {"chat": post["address"]} if post["address"] != self.address else {}
        told = await self.town._post(
            "say", channel="telegram", address=self.address, press=data, message=number_of(post), **chat
        )
        return str(told["query_id"])

    def alert(self, press: str) -> str:
        """What only the presser was shown."""
        answered = self.town.world.memory.shelf("telegram.queries").get(press)
        assert answered is not None, self.town.told(f"{self.name} never pressed that")
        assert answered["answered"], self.town.told(f"{self.name}'s press was not answered")
        return str(answered["text"])


class Office:
    """The crew, linked like real ones, and their group, with a topic or a robot's group beside it."""

    def __init__(self, town: Town, *, kind: str = "supergroup", topic: int = 0, robot: bool = False) -> None:
        self.town = town
        town.lands()
        self.people: dict[str, Colleague] = {}
        addresses = {name: f"88000{place:02d}" for place, (name, _role) in enumerate(CREW, 1)}
        people = [{"channel": "telegram", "address": at, "name": name} for name, at in addresses.items()]
        town.control("people", people=people)
        members = dict.fromkeys(addresses.values(), "member")
        group = town.control("telegram/groups", title="收费工作群", type=kind, members=members, topics=bool(topic))
        self.group = Ear(town, "the group", str(group["id"]))
        if topic:
            groups = town.world.memory.shelf("telegram.groups")
            topics = {str(topic): {"name": "云杉苑", "closed": False, "icon_color": 0x6FB9F0}}
            groups.put(self.group.address, {**groups.get(self.group.address), "topics": topics})
        codes = town.run(self._hire(topic, robot))
        for name, _role in CREW:
            self.people[name] = Colleague(town, name, addresses[name], self.group.address)
            town.control("say", channel="telegram", address=addresses[name], text=codes[name])
        town.staff = {*addresses.values(), self.group.address}
        town.turn()
        for colleague in self.people.values():
            colleague.hears(colleague.name, "已登记")

    def __getitem__(self, name: str) -> Colleague:
        return self.people[name]

    async def _hire(self, topic: int, robot: bool) -> dict[str, str]:
        house, now, codes = self.town.house, self.town.house.clock.now(), {}
        async with house.store.write() as conn:
            here = (await communities(conn))[0].id
            topics = {str(here): topic} if topic else {}
            await add_group(house, conn, "telegram", self.group.address, here, now, topics=topics, who="story")
            if robot:
                await add_group(house, conn, "wecom", DEFAULT.wecom_robot_key, here, now, who="story")
            for name, role in CREW:
                await add_staff(house, conn, name, role, here, now, who="story")
                codes[name] = await link_code(house, conn, name, now, "story")
            await make_responsible(conn, "周助理", here, now, who="story")
        return codes

    def card(self, case: int, *, group: Ear | None = None) -> Post:
        """The newest card of a case, as it stands now."""
        posts = (group or self.group).posts()
        named = [one for one in posts if one["text"].lstrip("⚠️ ").startswith(f"#{case} ")]
        found = [one for one in named if any(state in one["text"] for state in STATES)]
        assert found, self.town.told(f"no card of case {case} in the group")
        return found[-1]

    def at_once(self, post: Post, presses: dict[str, str]) -> dict[str, str]:
        """Several press a button of the same card in one instant (name → label); answers what each was told."""

        async def press() -> list[str]:
            return list(await asyncio.gather(*(self[name].press(label, post) for name, label in presses.items())))

        numbers = self.town.run(press())
        self.town.turn()
        return {name: self[name].alert(number) for name, number in zip(presses, numbers, strict=True)}

    def everyone_catches_up(self) -> None:
        for ear in (self.group, *self.people.values()):
            ear.catches_up()

    def is_quiet(self) -> None:
        """Nobody hears anything more, neither the group nor anyone in private."""
        for ear in (self.group, *self.people.values()):
            ear.hears_nothing_more()


def number_of(post: Post) -> int:
    """A Telegram message's number within its chat."""
    return int(str(post["provider_id"]).split(":")[-1])


def button(town: Town, post: Post, label: str) -> str:
    """What the button with that label carries."""
    buttons = [one for row in post.get("buttons") or [] for one in row]
    found = [one["data"] for one in buttons if label in one["label"]]
    assert found, town.told(f"no button {label!r} among {[one['label'] for one in buttons]} of {post['text']!r}")
    return str(found[0])

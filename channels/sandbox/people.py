"""Who has a phone, on which channel, and what they let the service do to them."""

from typing import Any

from channels.sandbox.shelves import Memory, Record, Shelf
from channels.sandbox.stream import Stream

CHANNELS = ("telegram", "sms", "wechat", "wecom")
DEFAULTS: dict[str, Record] = {
    "telegram": {"started": True, "blocked": False, "deactivated": False, "username": "", "language": "zh-hans"},
    "sms": {"dead": None, "opted_out": False},
    "wechat": {"following": True, "refuses": False, "grants": [], "subscriptions": {}},
    "wecom": {"active": True},
}
"""What a person is like on a channel until something happens. SMS ``dead``: the Twilio error its sends end with."""


class Unheard(LookupError):
    """Nobody known has this address."""


class People:
    """Everybody by channel and address. Anyone who says something becomes known."""

    def __init__(self, memory: Memory, stream: Stream) -> None:
        self._shelves = {channel: memory.shelf(f"people.{channel}") for channel in CHANNELS}
        self._stream = stream

    def shelf(self, channel: str) -> Shelf:
        """Raises ValueError for a channel that does not exist."""
        if channel not in self._shelves:
            raise ValueError(f"unknown channel {channel!r}; there are {', '.join(CHANNELS)}")
        return self._shelves[channel]

    def find(self, channel: str, address: str) -> Record | None:
        return self.shelf(channel).get(address)

    def get(self, channel: str, address: str) -> Record:
        """Raises Unheard for an address nobody has."""
        person = self.find(channel, address)
        if person is None:
            raise Unheard(f"nobody on {channel} has the address {address!r}; add them with POST /control/people")
        return person

    def meet(self, channel: str, address: str, **facts: Any) -> Record:
        """The person at this address, made known if need be; ``facts`` are written down."""
        shelf = self.shelf(channel)
        person = shelf.get(address)
        if person is None:
            fresh = {key: _copy(value) for key, value in DEFAULTS[channel].items()}
            person = {"channel": channel, "address": address, "name": f"住户{address[-4:]}", **fresh}
        elif not facts:
            return person
        person.update(facts)
        return shelf.put(address, person)

    def change(self, channel: str, address: str, **facts: Any) -> Record:
        """Writes down what changed about a known person. Raises Unheard."""
        person = self.get(channel, address)
        person.update(facts)
        self.shelf(channel).put(address, person)
        self._stream.publish("person", channel=channel, address=address, **facts)
        return person

    def move(self, channel: str, old: str, new: str) -> Record:
        """The person has a new number or account; the old address is nobody's."""
        person = {**self.get(channel, old), "address": new}
        self.shelf(channel).drop(old)
        self.shelf(channel).put(new, person)
        self._stream.publish("person", channel=channel, address=new, moved_from=old)
        return person

    def all(self, channel: str | None = None) -> list[Record]:
        names = [channel] if channel else list(CHANNELS)
        return [person for name in names for person in self.shelf(name).values()]


def _copy(value: Any) -> Any:
    return type(value)(value) if isinstance(value, (list, dict)) else value

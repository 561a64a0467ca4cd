"""What stands on the phones: every message in and out, by channel and address, as the page and the stories see it."""

from typing import Any

from channels.sandbox.shelves import Memory, Record
from channels.sandbox.stream import Stream


class Messages:
    """Messages by provider id within their channel (for Telegram: chat and message id)."""

    def __init__(self, memory: Memory, stream: Stream) -> None:
        self._memory = memory
        self._shelf = memory.shelf("messages")
        self._stream = stream
        self._by_address: dict[tuple[str, str], list[str]] = {}
        self.refill()

    def refill(self) -> None:
        """Builds the index anew from memory."""
        self._by_address = {}
        for key, message in self._shelf.items():
            self._by_address.setdefault((message["channel"], message["address"]), []).append(key)

    def add(
        self, channel: str, address: str, provider_id: str, direction: str, text: str, at: str, **more: Any
    ) -> Record:
        """Puts one message on a phone: ``direction`` is in (to the service) or out; ``at`` virtual ISO."""
        key = f"{channel}:{provider_id}"
        message = {
            "n": self._memory.number("message"), "channel": channel, "address": address, "provider_id": provider_id,
            "direction": direction, "text": text, "at": at, **more,
        }  # fmt: skip
        self._shelf.put(key, message)
        self._by_address.setdefault((channel, address), []).append(key)
        self._stream.publish("message", **message)
        return message

    def find(self, channel: str, provider_id: str) -> Record | None:
        return self._shelf.get(f"{channel}:{provider_id}")

    def change(self, channel: str, provider_id: str, **facts: Any) -> Record:
        """Edited, deleted, delivered: writes the facts down. Raises KeyError for an unknown message."""
        message = self.find(channel, provider_id)
        if message is None:
            raise KeyError(provider_id)
        message.update(facts)
        self._shelf.put(f"{channel}:{provider_id}", message)
        self._stream.publish("changed", **message)
        return message

    def at(self, channel: str, address: str) -> list[Record]:
        """All messages of one address, oldest first."""
        keys = self._by_address.get((channel, address), [])
        return [message for key in keys if (message := self._shelf.get(key)) is not None]

    def count(self, channel: str, address: str) -> int:
        return len(self._by_address.get((channel, address), []))

    def of(self, channel: str) -> list[Record]:
        """All messages of one channel, oldest first."""
        return [message for message in self._shelf.values() if message["channel"] == channel]

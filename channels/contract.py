"""What every channel is: an outgoing text, three possible failures, and what comes back in.

The outcomes are those of a send that stays honest: accepted, or one of three errors.
``Passing``: the provider did not take it (refused connection, 429); try again, it costs nothing.
``Permanent``: the provider will never take it; the reason says whether contact or request is at fault.
``Unknown``: it may have been taken (time-out, reset, 5xx); never blindly resent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Traits:
    """What a channel can do; the flows choose forms by it, never by the channel's name."""

    two_way: bool
    max_length: int
    """Longest text in characters the provider takes in one message."""
    buttons: bool
    """Inline buttons that come back as a press."""
    edits: bool
    templates: bool
    """A proactive message outside the free-text window must be a provider template."""
    free_text_hours: int | None
    """Hours after the person's last word in which free text may be sent; None = always."""
    free_text_count: int | None = None
    """How many free texts such a window holds; None = no limit."""
    can_be_asked: bool = False
    """Whether an unknown outcome can be looked up or safely repeated at the provider."""
    asking_sends: bool = False
    """Whether asking is repeating: the text may arrive only then."""


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    data: str
    """At most 64 bytes (Telegram callback_data); a WeChat menu id."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text for one address, ready for the wire."""

    to: str
    """Phone in E.164, openid, Telegram chat id, WeCom robot key."""
    text: str
    our_id: str
    """Our attempt's id; carried to the provider where it has a place for it."""
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows of buttons."""
    template_id: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    """Template fields by the provider's key (thing1, amount2 …)."""
    url: str | None = None
    """Where a template card leads when tapped."""
    edits: str | None = None
    """Provider id of the message this one replaces in place."""
    reply_to: str | None = None
    thread: int | None = None
    """Telegram forum topic."""
    picture: bytes | None = None
    """A PNG shown with the text as caption."""
    attempted_at: int | None = None
    """When the attempt was committed, in Unix seconds of trade time; ``settle`` looks no further back than this."""


@dataclass(frozen=True, slots=True)
class Accepted:
    provider_id: str


class ChannelError(Exception):
    """Base of the three ways a send can fail; the message carries no address and no token."""


class Passing(ChannelError):
    """Not taken. ``retry_after`` is in seconds (None: our own back-off); ``until_midnight`` for a daily quota."""

    def __init__(self, what: str, retry_after: float | None = None, until_midnight: bool = False) -> None:
        super().__init__(what)
        self.retry_after = retry_after
        self.until_midnight = until_midnight


Fault = Literal["address", "opted_out", "window", "request", "sender"]


class Permanent(ChannelError):
    """Refused for good. ``reason`` is the provider's code or words; ``fault`` says what must change.

    address: dead number, blocked, unfollowed → mark the contact. opted_out: suppress until START.
    window: no free text now → template or other channel. request / sender: an engineer or admin is alerted.
    ``moved_to`` holds the new address when the provider names one (Telegram supergroup).
    """

    def __init__(self, reason: str, fault: Fault, moved_to: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fault = fault
        self.moved_to = moved_to


class Unknown(ChannelError):
    """May have been taken: time-out, reset, 5xx."""


class Forged(Exception):
    """A callback whose signature, secret, time window or shape does not prove its sender → 401/403."""


class Malformed(Exception):
    """A proven callback that cannot be read → 400, nothing changed."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A webhook as it arrived. ``url`` is the public URL from settings plus path and query, never the Host header."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes


@dataclass(frozen=True, slots=True)
class RawAnswer:
    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


SaidKind = Literal[
    "text", "press", "start", "maybe_start", "stop", "help", "scan", "follow", "unfollow", "picture", "voice",
    "sticker", "file", "location", "subscribed", "joined_group", "left_group", "migrated", "other",
]  # fmt: skip
"""``maybe_start``: the provider lifts its own stop at this word, which may as well be a plain yes (Twilio's YES)."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something a person did. ``event_key`` is unique per provider event (the dedupe key)."""

    event_key: str
    sender: str
    """Phone, openid, Telegram user id."""
    kind: SaidKind
    text: str = ""
    """The words; for a press the button's data; for start/scan the payload; for migrated the new chat id."""
    at: int | None = None
    """Unix seconds by the provider, if told."""
    chat: str = ""
    """Where it was said, when it is not the private chat (a group)."""
    thread: int | None = None
    message_id: str = ""
    """The message that was pressed or replied to, or that carries the words."""
    reply_to: str = ""
    press_id: str = ""
    """What a press is acknowledged by (Telegram callback query id)."""
    file_id: str = ""
    """What a picture or file is fetched by: Telegram's file_id, WeChat's MediaId, the first of Twilio's MediaUrls."""
    name: str = ""
    """The display name the provider gives; shown to staff only."""


ReceiptState = Literal["accepted", "sent", "delivered", "read", "failed"]


@dataclass(frozen=True, slots=True)
class Receipt:
    event_key: str
    state: ReceiptState
    provider_id: str = ""
    our_id: str = ""
    reason: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What one callback held, and the bytes that acknowledge it."""

    said: tuple[Said, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    answer: RawAnswer = RawAnswer(200)


Verdict = Literal["accepted", "not_accepted", "unknown"]


class Channel(Protocol):
    """A provider account we speak through."""

    name: str
    traits: Traits

    async def send(self, out: Outgoing) -> Accepted:
        """Hands one text over. Raises Passing, Permanent or Unknown; nothing else."""
        ...

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        """Asks the provider what became of an unknown send; ("unknown", None) where it cannot be asked.

        ``now`` in Unix seconds of trade time; with ``out.attempted_at`` it gives the age of the attempt, without
        which nothing is repeated at the provider. Raises Passing, Permanent or Unknown when the question itself fails.
        """
        ...

    def hear(self, request: RawRequest, now: int) -> Heard:
        """Verifies, then parses one callback; ``now`` in Unix seconds. Raises Forged or Malformed."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Library(Protocol):
    """A channel that keeps for a while what people send."""

    async def fetch(self, file_id: str, most: int) -> bytes:
        """The bytes of a picture or file, at most ``most`` of them.

        Raises Passing or Unknown where asking again may help, Permanent where it never will (expired, too large).
        """
        ...

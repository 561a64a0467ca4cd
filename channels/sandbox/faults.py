"""Faults at named points, drawn by channel, destination, text, times and a seeded probability.

Points of a send: ``refuse_before`` (an error, nothing accepted), ``storm`` (429 / 45009 with retry_after), ``down``
(the whole provider, every call), ``slow`` (the answer comes ``seconds`` late, in real time), ``accept_then_lose``
(accepted, then the connection is closed without an answer), ``cut_answer`` (accepted, half an answer),
``error_though_accepted``.
Points of a receipt: ``receipt_early`` (before the answer of the send), ``receipt_late`` (``seconds`` of virtual time),
``receipt_double``, ``receipt_shuffle`` (last first), ``receipt_lost``, ``receipt_bad_signature``.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Point = Literal[
    "refuse_before", "accept_then_lose", "cut_answer", "slow", "error_though_accepted", "storm", "down",
    "receipt_early", "receipt_late", "receipt_double", "receipt_shuffle", "receipt_lost", "receipt_bad_signature",
]  # fmt: skip
ChannelName = Literal["telegram", "sms", "wechat", "wecom"]


@dataclass(slots=True)
class Fault:
    """One fault waiting for its moment. ``times`` None = until cleared; ``for_seconds`` = virtual seconds it lives."""

    point: Point
    channel: ChannelName | None = None
    to: str | None = None
    text: str | None = None
    """Strikes only messages that contain this."""
    times: int | None = None
    probability: float = 1.0
    seed: int = 1
    seconds: float | None = None
    retry_after: int = 5
    for_seconds: float | None = None
    how: Literal["error", "reset"] = "error"
    """For refuse_before and down: an error answer, or the connection closed."""
    code: int | None = None
    """For refuse_before: the provider's own error code instead of its plain outage."""
    id: int = 0
    struck: int = 0
    until: datetime | None = None
    dice: random.Random = field(default_factory=lambda: random.Random(1), repr=False)

    def as_json(self) -> dict[str, Any]:
        facts = asdict(self)
        del facts["dice"]
        facts["until"] = self.until.isoformat() if self.until else None
        return facts


@dataclass(frozen=True, slots=True)
class ReceiptPlan:
    """How the receipts of one message are spoilt."""

    early: bool = False
    late: float = 0.0
    copies: int = 1
    shuffle: bool = False
    lost: bool = False
    bad_signature: bool = False


class FaultBook:
    """All faults set. Not kept across a restart of the sandbox."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._faults: list[Fault] = []
        self._count = 0

    def add(self, point: str, **settings: Any) -> Fault:
        """Sets a fault. Raises ValueError for an unknown point, channel or setting."""
        if point not in get_args(Point):
            raise ValueError(f"unknown fault point {point!r}; there are {', '.join(get_args(Point))}")
        if settings.get("channel") not in (None, *get_args(ChannelName)):
            raise ValueError(f"unknown channel {settings['channel']!r}; there are {', '.join(get_args(ChannelName))}")
        allowed = set(Fault.__slots__) - {"point", "id", "struck", "until", "dice"}
        if set(settings) - allowed:
            raise ValueError(f"unknown fault setting {', '.join(sorted(set(settings) - allowed))}")
        self._count += 1
        fault = Fault(point=point, **settings, id=self._count)  # type: ignore[arg-type]
        fault.dice = random.Random(fault.seed)
        lasts = fault.for_seconds if fault.for_seconds is not None or point not in ("down", "storm") else fault.seconds
        fault.until = self._now() + timedelta(seconds=lasts) if lasts is not None else None
        self._faults.append(fault)
        return fault

    def list(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._faults]

    def clear(self, number: int | None = None) -> int:
        """Takes one fault, or all, away; answers how many."""
        before = len(self._faults)
        self._faults = [fault for fault in self._faults if number is not None and fault.id != number]
        return before - len(self._faults)

    def draw(self, *points: Point, channel: str, to: str = "", text: str = "") -> Fault | None:
        """The first fault at one of these points that strikes this message now."""
        if not self._faults:
            return None
        self._faults = [fault for fault in self._faults if not self._over(fault)]
        for fault in self._faults:
            if fault.point in points and _meets(fault, channel, to, text) and fault.dice.random() < fault.probability:
                fault.struck += 1
                return fault
        return None

    def receipts(self, channel: str, to: str, text: str) -> ReceiptPlan:
        """What befalls the receipts of this message; several faults may strike together."""
        if not self._faults:
            return ReceiptPlan()
        late = self.draw("receipt_late", channel=channel, to=to, text=text)
        return ReceiptPlan(
            early=self.draw("receipt_early", channel=channel, to=to, text=text) is not None,
            late=(late.seconds or 60.0) if late else 0.0,
            copies=2 if self.draw("receipt_double", channel=channel, to=to, text=text) else 1,
            shuffle=self.draw("receipt_shuffle", channel=channel, to=to, text=text) is not None,
            lost=self.draw("receipt_lost", channel=channel, to=to, text=text) is not None,
            bad_signature=self.draw("receipt_bad_signature", channel=channel, to=to, text=text) is not None,
        )

    def _over(self, fault: Fault) -> bool:
        spent = fault.times is not None and fault.struck >= fault.times
        return spent or (fault.until is not None and self._now() >= fault.until)


def _meets(fault: Fault, channel: str, to: str, text: str) -> bool:
    if fault.channel not in (None, channel) or (fault.times is not None and fault.struck >= fault.times):
        return False
    return fault.to in (None, to) and (fault.text is None or fault.text in text)


class HangUp(Response):
    """Closes the connection without a byte of answer; its status is 0."""

    def __init__(self) -> None:
        super().__init__(status_code=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await hang_up(scope)


class CutAnswer(Response):
    """Promises the whole answer, sends half of it and closes the connection."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code, media_type=whole.headers.get("content-type"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.01)
        await hang_up(scope)


async def hang_up(scope: Scope) -> None:
    """Aborts the TCP connection under uvicorn; under a server that hides its transport raises ConnectionResetError."""
    cycle = getattr(scope.get("sandbox.send"), "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionResetError("the sandbox hangs up")
    transport.abort()
    for _ in range(5):
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Words:
    """How one provider words an outage, a storm, and an error code of its own."""

    outage: Callable[[], Response]
    storm: Callable[[int], Response]
    refusal: Callable[[int], Response]


async def before_accept(book: FaultBook, words: Words, channel: str, to: str, text: str) -> Response | None:
    """The answer of a fault that strikes before the provider takes the message; None when none does."""
    fault = book.draw("down", "storm", "refuse_before", channel=channel, to=to, text=text)
    if fault is None:
        return None
    if fault.point == "storm":
        return words.storm(fault.retry_after)
    if fault.how == "reset":
        return HangUp()
    return words.refusal(fault.code) if fault.code is not None else words.outage()


async def after_accept(book: FaultBook, words: Words, channel: str, to: str, text: str, answer: Response) -> Response:
    """The answer as it reaches the service once the message was accepted."""
    slow = book.draw("slow", channel=channel, to=to, text=text)
    if slow:
        await asyncio.sleep(slow.seconds or 5.0)
    fault = book.draw("accept_then_lose", "cut_answer", "error_though_accepted", channel=channel, to=to, text=text)
    if fault is None:
        return answer
    if fault.point == "error_though_accepted":
        return words.outage()
    return HangUp() if fault.point == "accept_then_lose" else CutAnswer(answer)


Accept = Callable[[], Awaitable[Response]]


async def through(book: FaultBook, words: Words, channel: str, to: str, text: str, accept: Accept) -> Response:
    """Takes one send past the faults: before, the provider's own judgement and acceptance, after."""
    early = await before_accept(book, words, channel, to, text)
    if early is not None:
        return early
    return await after_accept(book, words, channel, to, text, await accept())

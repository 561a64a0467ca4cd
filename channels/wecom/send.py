"""Speaks into a WeCom group through its robot (message push): one way, twenty messages a minute."""

from dataclasses import dataclass, field

from channels.contract import Accepted, Heard, Outgoing, Permanent, RawRequest, Traits, Verdict
from channels.transport import Transport
from channels.wecom.errors import refused
from channels.wecom.receive import deaf
from channels.wecom.wire import Answer, asked, errcode

LONGEST_BYTES = 2048
"""Of a text message, in UTF-8 (path/99110)."""
EMPTY_TEXT = 44004
BAD_PARAMETER = 40058

WECOM_TRAITS = Traits(
    two_way=False,
    max_length=680,
    buttons=False,
    edits=False,
    templates=False,
    free_text_hours=None,
    can_be_asked=False,
)


@dataclass(frozen=True, slots=True)
class WeComSettings:
    """``robot_key`` is what ``check`` asks about; a message names its robot itself. Time-out in seconds."""

    robot_key: str = field(default="", repr=False)
    base_url: str = "https://qyapi.weixin.qq.com"
    concurrency: int = 8
    timeout: float = 10.0
    proxy: str | None = field(default=None, repr=False)


class WeComRobot:
    """Group robots; an address is a robot's key. There is no provider id."""

    name = "wecom"
    traits = WECOM_TRAITS

    def __init__(self, settings: WeComSettings) -> None:
        self._settings = settings
        self._transport = Transport(settings.concurrency, settings.timeout, settings.proxy)

    async def send(self, out: Outgoing) -> Accepted:
        """Plain text, links of buttons below it. Raises Passing, Permanent or Unknown."""
        if out.picture is not None:
            raise Permanent("a robot sends a picture without words only", "request")
        text = "\n".join([out.text, *(f"{b.label}: {b.url}" for row in out.buttons for b in row if b.url)])
        if len(text.encode()) > LONGEST_BYTES:
            raise Permanent(f"the text has more than {LONGEST_BYTES} bytes", "request")
        code = await self._post(out.to, {"msgtype": "text", "text": {"content": text}})
        if code:
            raise refused(code)
        return Accepted("")

    async def _post(self, key: str, message: Answer) -> int:
        """The errcode of one message."""
        url = f"{self._settings.base_url.rstrip('/')}/cgi-bin/webhook/send"
        return errcode(await asked(self._transport, "POST", url, {"key": key}, message))

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        """A robot cannot be asked."""
        return "unknown", None

    def hear(self, request: RawRequest, now: int) -> Heard:
        """Raises Forged: a robot has no callbacks."""
        deaf(request)

    async def check(self) -> str:
        """Whether WeCom knows the robot's key, asked with an empty text that it refuses. Raises a ChannelError."""
        if not self._settings.robot_key:
            return "No WeCom robot is set."
        code = await self._post(self._settings.robot_key, {"msgtype": "text", "text": {"content": ""}})
        if code not in (0, EMPTY_TEXT, BAD_PARAMETER):
            raise refused(code)
        return "WeCom knows the robot's key."

    async def close(self) -> None:
        await self._transport.close()

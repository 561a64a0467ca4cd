"""Speaks through a WeChat service account: wechatpy on our transport."""

from dataclasses import dataclass, field
from typing import Any

from channels.contract import Accepted, Button, Heard, Outgoing, Permanent, RawRequest, Traits, Verdict
from channels.transport import Transport
from channels.wechat.client import AsyncWeChatClient
from channels.wechat.fields import problem
from channels.wechat.receive import WeChatEar
from channels.wechat.tokens import MemoryTokenStore, TokenStore

WECHAT_TRAITS = Traits(
    two_way=True,
    max_length=600,
    buttons=True,
    edits=False,
    templates=True,
    free_text_hours=48,
    free_text_count=5,
    can_be_asked=True,
    asking_sends=True,
)
"""Free text: five within 48 hours of the person's last word; three within a minute of a follow, scan or menu tap."""

IDEMPOTENT_SECONDS = 540
"""WeChat swallows the same openid and client_msg_id for ten minutes; a minute of it is kept for the clocks."""


@dataclass(frozen=True, slots=True)
class WeChatSettings:
    """``token`` and ``aes_key`` (43 characters; empty: plain mode) are those of the callback page. Time-out in seconds.

    In plain mode the signature does not cover the body: use the AES mode on a real account.
    """

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    base_url: str = "https://api.weixin.qq.com"
    public_url: str = ""
    concurrency: int = 64
    timeout: float = 10.0
    proxy: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.aes_key and len(self.aes_key) != 43:
            raise ValueError("WeChat's EncodingAESKey has 43 characters")


class WeChatChannel:
    """One service account. ``provider_id`` is the msgid of a template message; free text has none."""

    name = "wechat"
    traits = WECHAT_TRAITS

    def __init__(self, settings: WeChatSettings, token_store: TokenStore | None = None) -> None:
        self._transport = Transport(settings.concurrency, settings.timeout, settings.proxy)
        store = token_store or MemoryTokenStore()
        self._client = AsyncWeChatClient(settings.appid, settings.secret, settings.base_url, self._transport, store)
        self._ear = WeChatEar(settings.appid, settings.token, settings.aes_key)

    async def send(self, out: Outgoing) -> Accepted:
        """A template message if a template is named, else free text, as a menu if it has buttons.

        Raises Passing, Permanent or Unknown.
        """
        if out.picture is not None:
            raise Permanent("pictures are not sent over WeChat", "request")
        if out.template_id:
            return await self._send_template(out)
        if out.buttons:
            await self._client.message.send_msg_menu(out.to, _menu(out))
        else:
            await self._client.message.send_text(out.to, out.text)
        return Accepted("")

    async def _send_template(self, out: Outgoing) -> Accepted:
        """By the bare endpoint: wechatpy's own method knows no client_msg_id."""
        for key, value in out.fields.items():
            fault = problem(key, value)
            if fault:
                raise Permanent(f"field {key} {fault}", "request")
        data: dict[str, Any] = {
            "touser": out.to,
            "template_id": out.template_id,
            "data": {key: {"value": value} for key, value in out.fields.items()},
            "client_msg_id": out.our_id,
        }
        if out.url:
            data["url"] = out.url
        answer = await self._client.post("message/template/send", data=data)
        return Accepted(str(answer.get("msgid", "")))

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        """Sends the same template again, which WeChat swallows if it had it: either way it is there once.

        Only within the ten minutes for which it does so, known from ``out.attempted_at`` and ``now``; else, and for
        free text, the outcome stays unknown. A refusal now says nothing of then: it is raised, the doubt remains.
        """
        if provider_id:
            return "accepted", provider_id
        if not out.template_id or now is None or out.attempted_at is None:
            return "unknown", None
        if not 0 <= now - out.attempted_at <= IDEMPOTENT_SECONDS:
            return "unknown", None
        return "accepted", (await self._send_template(out)).provider_id or None

    def hear(self, request: RawRequest, now: int) -> Heard:
        """Verifies, decrypts and reads one callback. Raises Forged or Malformed."""
        return self._ear.hear(request, now)

    async def fetch(self, file_id: str, most: int) -> bytes:
        """A picture or file a follower sent in the last three days. Raises Passing, Permanent or Unknown."""
        return await self._client.media(file_id, most)

    async def bind_code(self, ticket: str, seconds: int) -> str:
        """The URL behind a QR code whose scan brings ``ticket`` (1-64 characters) back; at most 30 days."""
        scene = {"scene": {"scene_str": ticket}}
        asked = {"expire_seconds": seconds, "action_name": "QR_STR_SCENE", "action_info": scene}
        return str((await self._client.qrcode.create(asked))["url"])

    async def check(self) -> str:
        """Whether app id and secret are good. Raises a ChannelError."""
        token = await self._client.fetch(False)
        return f"WeChat accepts app id and secret; the token is used for {token.left / 60:.0f} minutes."

    async def close(self) -> None:
        await self._transport.close()


def _menu(out: Outgoing) -> dict[str, Any]:
    """A msgmenu holds taps only: what leads to a page stands below as text."""
    buttons = [button for row in out.buttons for button in row]
    taps = [{"id": button.data, "content": button.label} for button in buttons if not button.url]
    return {"head_content": out.text, "list": taps, "tail_content": "\n".join(map(_link, buttons)).strip()}


def _link(button: Button) -> str:
    return f"{button.label}: {button.url}" if button.url else ""

"""Speaks and hears as a WeCom app: staff members, interactive cards whose presses come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wechatpy.enterprise.crypto import WeChatCrypto

from channels.contract import Accepted, Heard, Outgoing, Passing, Permanent, RawRequest, Traits, Unknown, Verdict
from channels.transport import Transport
from channels.wechat.tokens import MemoryTokenStore, Token, Tokens, TokenStore, good_for
from channels.wecom.cards import card
from channels.wecom.errors import STALE_TOKEN, refused
from channels.wecom.receive import hear
from channels.wecom.wire import Answer, asked, errcode

DUPLICATE_SECONDS = 1800
"""WeCom swallows an identical request within this time when told to look for duplicates."""
CLOCKS_APART = 60

WECOM_APP_TRAITS = Traits(
    two_way=True,
    max_length=680,
    buttons=True,
    edits=True,
    templates=False,
    free_text_hours=None,
    can_be_asked=True,
)


@dataclass(frozen=True, slots=True)
class WeComAppSettings:
    """``token`` and ``aes_key`` (43 characters) are those of the app's callback page. Time-out in seconds."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    base_url: str = "https://qyapi.weixin.qq.com"
    concurrency: int = 16
    timeout: float = 10.0
    proxy: str | None = field(default=None, repr=False)


class WeComApp:
    """One app; an address is a member's userid. ``provider_id`` is the msgid.

    The same text to the same member within half an hour reaches them once: that is how an unknown send is settled.
    ``edits`` takes the response code a press brought (``Said.press_id``): WeCom lets a card be changed once per press.
    """

    name = "wecom_app"
    traits = WECOM_APP_TRAITS

    def __init__(self, settings: WeComAppSettings, token_store: TokenStore | None = None) -> None:
        self._settings = settings
        self._transport = Transport(settings.concurrency, settings.timeout, settings.proxy)
        self._tokens = Tokens(token_store or MemoryTokenStore(), self._fetch)
        self._crypto = WeChatCrypto(settings.token, settings.aes_key, settings.corp_id)

    async def send(self, out: Outgoing) -> Accepted:
        """Text, or a card if it has buttons. Raises Passing, Permanent or Unknown."""
        if out.picture is not None:
            raise Permanent("pictures are not sent by the WeCom app", "request")
        if out.edits:
            await self._post("message/update_template_card", self._changed(out))
            return Accepted("")
        answer = await self._post("message/send", self._message(out))
        return Accepted(str(answer.get("msgid", "")))

    def _message(self, out: Outgoing) -> dict[str, Any]:
        """The same request for the same text, so that WeCom knows a repetition."""
        if out.buttons:
            part: dict[str, Any] = {"msgtype": "template_card", "template_card": card(out)}
        else:
            part = {"msgtype": "text", "text": {"content": out.text}}
        checked = {"enable_duplicate_check": 1, "duplicate_check_interval": DUPLICATE_SECONDS}
        return {"touser": out.to, "agentid": self._settings.agent_id, **part, **checked}

    def _changed(self, out: Outgoing) -> dict[str, Any]:
        head = {"userids": [out.to], "agentid": self._settings.agent_id, "response_code": out.edits}
        if out.buttons:
            return head | {"template_card": card(out)}
        return head | {"button": {"replace_name": out.text}}

    async def _post(self, endpoint: str, data: Answer) -> Answer:
        """One call and, if the token was stale, one more; an unknown outcome is never repeated."""
        token = await self._tokens.current()
        answer = await self._call("POST", endpoint, {"access_token": token}, data)
        if errcode(answer) in STALE_TOKEN:
            token = await self._tokens.replace(token)
            answer = await self._call("POST", endpoint, {"access_token": token}, data)
        if errcode(answer):
            raise refused(errcode(answer))
        return answer

    async def _call(self, method: str, endpoint: str, params: Mapping[str, str], data: Answer | None = None) -> Answer:
        url = f"{self._settings.base_url.rstrip('/')}/cgi-bin/{endpoint}"
        return await asked(self._transport, method, url, params, data)

    async def _fetch(self, force: bool) -> Token:
        """Whatever goes wrong here, nothing was sent. WeCom gives the same token until its end; none can be forced."""
        params = {"corpid": self._settings.corp_id, "corpsecret": self._settings.secret}
        try:
            answer = await self._call("GET", "gettoken", params)
            if errcode(answer) in (40001, 40013):
                raise Permanent(f"{errcode(answer)} corp id or secret is wrong", "sender")
            if errcode(answer):
                raise refused(errcode(answer))
        except Unknown as error:
            raise Passing(f"no access token: {error}") from None
        if "access_token" not in answer:
            raise Passing("WeCom's answer holds no access token")
        return Token(str(answer["access_token"]), good_for(float(answer.get("expires_in", 7200))))

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        """Sends the identical request again, which WeCom swallows within 30 minutes; later it stays unknown."""
        if provider_id:
            return "accepted", provider_id
        if out.edits or now is None or out.attempted_at is None:
            return "unknown", None
        if not 0 <= now - out.attempted_at <= DUPLICATE_SECONDS - CLOCKS_APART:
            return "unknown", None
        return "accepted", (await self.send(out)).provider_id or None

    def hear(self, request: RawRequest, now: int) -> Heard:
        """Verifies, opens and reads one callback. Raises Forged or Malformed."""
        return hear(request, now, self._settings.token, self._crypto)

    async def check(self) -> str:
        """Whether corp id and secret are good. Raises a ChannelError."""
        await self._fetch(False)
        return "WeCom accepts corp id and secret of the app."

    async def close(self) -> None:
        await self._transport.close()

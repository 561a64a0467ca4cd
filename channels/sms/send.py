"""Speaks by SMS: the Twilio SDK on our transport."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from channels.contract import (
    Accepted,
    Heard,
    Malformed,
    Outgoing,
    Permanent,
    RawRequest,
    Receipt,
    Traits,
    Unknown,
    Verdict,
)
from channels.sms.http import TwilioHttp
from channels.sms.our_id import signed
from channels.sms.receive import proven, read, receipt_of
from channels.transport import Transport

SMS_TRAITS = Traits(
    two_way=True,
    max_length=1600,
    buttons=False,
    edits=False,
    templates=False,
    free_text_hours=None,
    can_be_asked=True,
)
LOOKED_THROUGH = 50
"""So many of a number's latest messages are looked through; nobody gets more in the hour that matters."""
UNREADABLE = (TwilioException, ValueError, KeyError, TypeError, AttributeError)
"""What the SDK raises over a successful answer of a shape it does not expect."""
CLOCKS_APART = 300
"""Seconds by which Twilio's clock and ours may differ."""


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """``messaging_service_sid`` or else ``from_number`` is the sender; ``signing_key`` signs our ids in URLs.

    ``status_path`` is where under ``public_url`` receipts are heard. A text not delivered within ``validity_seconds``
    is dropped by the carrier, so that a phone switched on at night is silent. ``second_look_after`` in seconds.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    signing_key: str = field(repr=False)
    from_number: str = ""
    messaging_service_sid: str = ""
    base_url: str = "https://api.twilio.com"
    public_url: str = ""
    status_path: str = "/hooks/twilio/status"
    validity_seconds: int = 3600
    second_look_after: float = 60.0
    concurrency: int = 64
    timeout: float = 10.0
    proxy: str | None = field(default=None, repr=False)


class SmsChannel:
    """One Twilio account. ``provider_id`` is the message sid."""

    name = "sms"
    traits = SMS_TRAITS

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings
        self._transport = Transport(settings.concurrency, settings.timeout, settings.proxy)
        self._http = TwilioHttp(self._transport, settings.base_url)
        self._client = Client(
            settings.account_sid,
            settings.auth_token,
            http_client=self._http,
            environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
        )
        self._first_looks: dict[str, float] = {}

    async def send(self, out: Outgoing) -> Accepted:
        """One POST and no more. Raises Passing, Permanent or Unknown."""
        if out.picture is not None:
            raise Permanent("SMS carries no pictures", "request")
        try:
            message = await self._client.messages.create_async(to=out.to, **self._sender(), **self._content(out))
        except UNREADABLE as error:
            raise Unknown(f"Twilio's answer cannot be read ({type(error).__name__})") from None
        if not message.sid:
            raise Unknown("Twilio's answer names no message")
        return Accepted(message.sid)

    def _sender(self) -> dict[str, Any]:
        if self._settings.messaging_service_sid:
            return {"messaging_service_sid": self._settings.messaging_service_sid}
        return {"from_": self._settings.from_number}

    def _content(self, out: Outgoing) -> dict[str, Any]:
        content: dict[str, Any] = {"validity_period": self._settings.validity_seconds}
        if self._settings.public_url:
            content["status_callback"] = self.status_callback(out.our_id)
        if out.template_id:
            variables = json.dumps(dict(out.fields), ensure_ascii=False)
            return content | {"content_sid": out.template_id, "content_variables": variables}
        return content | {"body": out.text}

    def status_callback(self, our_id: str) -> str:
        """Where Twilio reports on this attempt: its id is in the URL, signed."""
        token = quote(signed(our_id, self._settings.signing_key), safe="")
        return f"{self._settings.public_url.rstrip('/')}{self._settings.status_path}?our_id={token}"

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        """Looks among the number's latest messages for this text, not before the attempt.

        Twilio's list lags: a text not found counts as not accepted only when a second look, ``second_look_after``
        real seconds after this process's first, does not find it either; till then it is unknown, so ask again.
        A text from a template is worded by Twilio: any message to the number leaves it unknown, for the receipt to say.
        """
        if provider_id:
            return "accepted", provider_id
        sent = [message for message in await self._list(out.to) if self._may_be(message, out)]
        found = next((m.sid for m in sent if not out.template_id and (m.body or "").endswith(out.text.strip())), None)
        if found:
            self._first_looks.pop(out.our_id, None)
            return "accepted", found
        if out.template_id and sent:
            return "unknown", None
        return ("not_accepted" if self._second_look(out.our_id) else "unknown"), None

    async def look_up(self, provider_id: str) -> Receipt:
        """The status of a message as its callback would have told it. Raises a ChannelError when it cannot be read."""
        try:
            message = await self._client.messages(provider_id).fetch_async()
        except UNREADABLE as error:
            raise Unknown(f"Twilio's message cannot be read ({type(error).__name__})") from None
        told = {"MessageSid": provider_id, "MessageStatus": str(message.status), "ErrorCode": message.error_code or ""}
        try:
            return receipt_of({key: str(value) for key, value in told.items()}, "")
        except Malformed as error:
            raise Unknown(str(error)) from None

    async def _list(self, to: str) -> list[MessageInstance]:
        try:
            messages = self._client.messages
            return list(await messages.list_async(to=to, limit=LOOKED_THROUGH, page_size=LOOKED_THROUGH))
        except UNREADABLE as error:
            raise Unknown(f"Twilio's list cannot be read ({type(error).__name__})") from None

    @staticmethod
    def _may_be(message: MessageInstance, out: Outgoing) -> bool:
        if not str(message.direction or "").startswith("outbound"):
            return False
        if out.attempted_at is None or message.date_created is None:
            return True
        return bool(message.date_created >= datetime.fromtimestamp(out.attempted_at - CLOCKS_APART, UTC))

    def _second_look(self, our_id: str) -> bool:
        now = asyncio.get_running_loop().time()
        first = self._first_looks.setdefault(our_id, now)
        if now - first < self._settings.second_look_after:
            return False
        del self._first_looks[our_id]
        return True

    async def fetch(self, file_id: str, most: int) -> bytes:
        """A picture somebody sent by MMS, by its MediaUrl. Raises Passing, Permanent or Unknown."""
        account = self._settings.account_sid
        if not urlsplit(file_id).path.startswith(f"/2010-04-01/Accounts/{account}/"):
            raise Permanent("the media is not of this account", "request")
        return await self._http.media(file_id, (account, self._settings.auth_token), most)

    def hear(self, request: RawRequest, now: int) -> Heard:
        """Verifies the signature and reads one inbound message or receipt. Raises Forged or Malformed."""
        return read(proven(request, self._settings.auth_token), request.query, self._settings.signing_key)

    async def check(self) -> str:
        """Whether account and token are good. Raises a ChannelError."""
        try:
            account = await self._client.api.accounts(self._settings.account_sid).fetch_async()
        except UNREADABLE as error:
            raise Unknown(f"Twilio's answer cannot be read ({type(error).__name__})") from None
        return f"Twilio knows the account; it is {account.status}."

    async def close(self) -> None:
        await self._transport.close()

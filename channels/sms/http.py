"""The Twilio SDK's HTTP client on our transport: a time-out that holds, no second POST, a base address that can move.

The SDK's own client ignores its time-out and, told to retry, POSTs again after a 5xx: a second SMS.
"""

import base64
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from channels.contract import Permanent
from channels.sms.errors import refused
from channels.transport import Failure, Transport, body_of, failed


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]
    """Raises a ChannelError for every answer of 400 and above, so that the SDK only ever sees success."""

    def __init__(self, transport: Transport, base_url: str) -> None:
        super().__init__(logging.getLogger("channels.sms"), True, None)
        self._transport = transport
        self._base_url = base_url.rstrip("/")

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,
    ) -> Response:
        """One request. Raises Passing, Permanent or Unknown."""
        kwargs: dict[str, Any] = {"params": params, "data": data, "headers": {**(headers or {}), **_basic(auth)}}
        try:
            async with self._transport.session().request(
                method.upper(), self._moved(uri), allow_redirects=False, **kwargs
            ) as answer:
                body = await answer.text()
        except Failure as error:
            raise failed(error) from None
        if answer.status >= 400:
            raise refused(answer.status, body, answer.headers.get("Retry-After"))
        return Response(answer.status, body, answer.headers)

    async def media(self, url: str, auth: tuple[str, str], most: int) -> bytes:
        """What lies behind a media address: Twilio proves us, then sends us on to where the bytes lie for some hours.

        The credentials stay with Twilio. Raises Passing, Permanent or Unknown.
        """
        answer = await self._get(self._moved(url), _basic(auth), most)
        if isinstance(answer, str):
            answer = await self._get(self._elsewhere(answer), {}, most)
        if isinstance(answer, str):
            raise Permanent("Twilio's media lies nowhere", "request")
        return answer

    async def _get(self, url: str, headers: Mapping[str, str], most: int) -> bytes | str:
        """The bytes, or the address one is sent on to."""
        try:
            async with self._transport.session().get(url, headers=headers, allow_redirects=False) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    return answer.headers.get("Location", "")
                if answer.status >= 400:
                    raise refused(answer.status, await answer.text(), answer.headers.get("Retry-After"))
                return await body_of(answer, most)
        except Failure as error:
            raise failed(error) from None

    def _elsewhere(self, url: str) -> str:
        """Where we are sent on to; plain HTTP only to the host we already talk to. Raises Permanent."""
        if url.startswith("https://") or url.startswith(f"{self._base_url}/"):
            return url
        raise Permanent("Twilio's media lies behind no safe address", "request")

    def _moved(self, uri: str) -> str:
        parts = urlsplit(uri)
        return f"{self._base_url}{parts.path}{'?' + parts.query if parts.query else ''}"


def _basic(auth: tuple[str, str] | None) -> dict[str, str]:
    """As a header of ours: aiohttp warns of its own BasicAuth."""
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}

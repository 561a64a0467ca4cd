"""python-telegram-bot's request interface on aiohttp, several times faster than the httpx one it comes with."""

import json
from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from channels.transport import NEVER_REACHED, Failure, Transport


class NotReached(TelegramError):
    """The request was never sent."""


class Flood(TelegramError):
    """429. Ours, because constructing the SDK's RetryAfter warns of a deprecation at each use."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("Too Many Requests")
        self.seconds = seconds


class AioRequest(BaseRequest):
    """Sends what the SDK hands over through our transport; errors name their kind only, never the URL (token)."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def read_timeout(self) -> float:
        return self._transport.timeout

    async def initialize(self) -> None:
        """The transport opens itself when first used."""

    async def shutdown(self) -> None:
        """The channel closes the transport."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """One call. The SDK's read time-out lengthens ours where it is longer (long polling); the others are ours."""
        limit = self._transport.limit(_longer(read_timeout, self._transport.timeout))
        try:
            session = self._transport.session()
            async with session.request(method, url, data=_form(request_data), timeout=limit) as answer:
                return _judged(answer.status, await answer.read())
        except NEVER_REACHED as error:
            raise NotReached(type(error).__name__) from None
        except TimeoutError as error:
            raise TimedOut(type(error).__name__) from None
        except Failure as error:
            raise NetworkError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the SDK's, but quiet: its own writes the payload into the log."""
        try:
            parsed = json.loads(payload)
        except ValueError:
            raise TelegramError("Invalid server response") from None
        if not isinstance(parsed, dict):
            raise TelegramError("Invalid server response")
        return parsed


def _longer(asked: Any, ours: float) -> float:
    return max(asked, ours) if isinstance(asked, int | float) else ours


def _form(data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, content_type) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=content_type)
    return form


def _judged(status: int, payload: bytes) -> tuple[int, bytes]:
    """Status and body, trusting the body's error code where a 200 carries ``ok: false`` (the SDK would crash on it)."""
    if status == 200 and payload.startswith(b'{"ok":true'):
        return status, payload
    try:
        body = json.loads(payload)
    except ValueError:
        return (status if status >= 300 else 502), payload
    if not isinstance(body, dict):
        return 502, payload
    if status < 300 and not (body.get("ok") and "result" in body):
        status = int(body.get("error_code", 502))
    if status == 429:
        raise Flood((body.get("parameters") or {}).get("retry_after"))
    return status, payload

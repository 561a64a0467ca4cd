"""Twilio's errors in its own words and its way of reading a form."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import JSONResponse, Response

from channels.sandbox.faults import Words

E164 = re.compile(r"^\+[1-9]\d{6,14}$")
MORE = "https://www.twilio.com/docs/errors/"


class TwilioError(Exception):
    """An error answer ``{"code", "message", "more_info", "status"}`` with that HTTP status."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def error_answer(error: TwilioError) -> Response:
    body = {"code": error.code, "message": error.message, "more_info": f"{MORE}{error.code}", "status": error.status}
    return JSONResponse(body, error.status)


def _storm(seconds: int) -> Response:
    answer = error_answer(TwilioError(429, 20429, "Too Many Requests"))
    answer.headers["Retry-After"] = str(seconds)
    return answer


FAULT_WORDS = Words(
    outage=lambda: error_answer(TwilioError(503, 20503, "Service Unavailable")),
    storm=_storm,
    refusal=lambda code: error_answer(to_number_error(code, "+15005550009", "+15005550006")),
)
MAGIC_TO = {
    "+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614,
}  # fmt: skip
"""Twilio's magic numbers of test credentials: a send to them fails like this."""
MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


def to_number_error(code: int, to: str, sender: str) -> TwilioError:
    """The error a send to this number meets."""
    words = {
        21211: f"The 'To' number {to} is not a valid phone number.",
        21212: f"The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric sender ID.",
        21408: f"Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}.",
        21606: f"The 'From' phone number provided ({sender}) is not a valid message-capable Twilio phone number "
        "for this destination/account.",
        21608: "The number is unverified. Trial accounts cannot send messages to unverified numbers.",
        21610: "Attempt to send to unsubscribed recipient",
        21611: f"This 'From' number {sender} has exceeded the maximum number of queued messages.",
        21612: f"The 'To' phone number: {to}, is not currently reachable using the 'From' phone number: {sender} "
        "via SMS.",
        21614: f"'To' number {to} is not a valid mobile number",
        21635: f"'To' number {to} cannot be a landline",
    }
    return TwilioError(400, code, words.get(code, "The request could not be processed."))


def form_of(body: bytes, known: frozenset[str]) -> dict[str, str]:
    """The form's fields. Raises TwilioError for an unknown one or a repeated one."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    names = [name for name, _ in pairs]
    unknown = sorted(set(names) - known)
    if unknown:
        raise TwilioError(400, 20001, f"Unknown parameter: {unknown[0]}")
    repeated = [name for name in names if names.count(name) > 1 and name != "MediaUrl"]
    if repeated:
        raise TwilioError(400, 20001, f"Repeated parameter: {repeated[0]}")
    return dict(pairs)


def callback_of(form: Mapping[str, str]) -> str:
    """The StatusCallback URL, "" for none. Raises TwilioError 21609."""
    url = form.get("StatusCallback", "")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise TwilioError(400, 21609, f"The 'StatusCallback' URL {url} is not a valid URL.")
    return url


def whole_number(form: Mapping[str, str], name: str, low: int, high: int, code: int) -> int | None:
    """An integer field within bounds. Raises TwilioError ``code``."""
    value: Any = form.get(name)
    if value is None:
        return None
    if not value.isdigit() or not low <= int(value) <= high:
        raise TwilioError(400, code, f"{name} must be between {low} and {high}")
    return int(value)

"""What Twilio's codes mean for a send and for a receipt (twilio.com/docs/errors/CODE)."""

import json

from channels.contract import ChannelError, Fault, Passing, Permanent
from channels.transport import by_status

REFUSED: dict[int, tuple[Fault, str]] = {
    21211: ("address", "not a valid number"),
    21614: ("address", "not a mobile number"),
    21612: ("address", "the number cannot be reached from this sender"),
    21635: ("address", "a landline"),
    30005: ("address", "unknown number"),
    30006: ("address", "landline or unreachable carrier"),
    21610: ("opted_out", "the person has opted out"),
    21602: ("request", "the body is missing"),
    21617: ("request", "the body is too long"),
    21656: ("request", "the template variables are not valid"),
    30007: ("request", "filtered by the carrier"),
    35111: ("request", "the time to send is missing"),
    35114: ("request", "the time to send is out of its window"),
    35115: ("request", "the time to send is out of its window"),
    35118: ("request", "scheduling needs a Messaging Service"),
    90007: ("request", "the validity period is out of range"),
    20003: ("sender", "account or token not accepted"),
    20404: ("sender", "account or resource not found"),
    21408: ("sender", "sending to this country is not permitted"),
    21606: ("sender", "the sender cannot send SMS"),
    21608: ("sender", "a trial account may not send to an unverified number"),
    30034: ("sender", "the sender is not registered with the carriers"),
}
"""Refused for good: where the fault lies, and what it is."""

PASSING: dict[int, str] = {
    20429: "too many requests",
    30001: "the sender's queue is full",
    30003: "the handset is unreachable",
    30008: "unknown error at the carrier",
}
"""Twilio's advice for these is to try again."""


def refused(status: int, body: str, retry_after: str | None) -> ChannelError:
    """An answer of 400 and above as one of our three; a code we do not know is a fault of the request."""
    error = by_status(status, retry_after)
    if error is not None:
        return error
    code = _code(body)
    if code in PASSING:
        return Passing(f"{code} {PASSING[code]}")
    if code in REFUSED:
        fault, words = REFUSED[code]
        return Permanent(f"{code} {words}", fault)
    return Permanent(f"{code or status} refused by Twilio", "sender" if status in (401, 403, 404) else "request")


def undelivered(code: str) -> tuple[str, Fault | None]:
    """Reason and fault of a failed receipt; no fault means that a later message may well arrive."""
    number = int(code) if code.isdigit() else 0
    if number in REFUSED:
        fault, words = REFUSED[number]
        return f"{number} {words}", fault
    return f"{number} {PASSING.get(number, 'not delivered')}", None


def _code(body: str) -> int:
    """The code in either error shape of Twilio's; 0 if there is none."""
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError):
        return 0
    return code if isinstance(code, int) else 0

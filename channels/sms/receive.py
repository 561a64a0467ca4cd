"""Hears Twilio: inbound messages and status callbacks, each signed over the public URL and all its parameters."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from multidict import MultiDict
from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator, get_signature_algorithm

from channels.contract import Forged, Heard, Malformed, RawAnswer, RawRequest, Receipt, ReceiptState, Said, SaidKind
from channels.optout import opt_word
from channels.sms.errors import undelivered
from channels.sms.our_id import unsigned

TWIML = RawAnswer(200, b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml; charset=utf-8")
"""Taken, and nothing to say now."""

STATES: dict[str, ReceiptState] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}


def proven(request: RawRequest, auth_token: str) -> Mapping[str, str]:
    """The parameters of a request that Twilio signed. Raises Forged or Malformed.

    Event keys come from inside the signature (sid and status), not from the unsigned idempotency header, which who
    replays a captured request could change.
    """
    params = _parameters(request.body)
    signature = request.headers.get("x-twilio-signature", "")
    algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER.lower()))
    if not auth_token or not RequestValidator(auth_token).validate(request.url, params, signature, algorithm):
        raise Forged("the signature is not Twilio's")
    return params


def _parameters(body: bytes) -> MultiDict[str]:
    """Every pair, repeated keys and blanks kept: all of them are signed."""
    try:
        return MultiDict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500))
    except ValueError:
        raise Malformed("not a form") from None


def read(params: Mapping[str, str], query: Mapping[str, str], key: str) -> Heard:
    """A status callback or an inbound message. ``key`` signs our ids. Raises Malformed."""
    if not params.get("MessageSid"):
        raise Malformed("no MessageSid")
    if "MessageStatus" in params:
        return Heard(receipts=(receipt_of(params, unsigned(query.get("our_id", ""), key)),), answer=TWIML)
    if not params.get("From"):
        raise Malformed("no sender")
    return Heard(said=(_said(params),), answer=TWIML)


def receipt_of(params: Mapping[str, str], our_id: str) -> Receipt:
    """A status in Twilio's words. Raises Malformed for one Twilio does not have."""
    sid, status = params["MessageSid"], params["MessageStatus"]
    if status not in STATES:
        raise Malformed(f"no status of Twilio's: {status[:20]}")
    state = STATES[status]
    reason, fault = undelivered(params.get("ErrorCode", "")) if state == "failed" else ("", None)
    return Receipt(f"{sid}:{status}", state, provider_id=sid, our_id=our_id, reason=reason, fault=fault)


def _said(params: Mapping[str, str]) -> Said:
    sid, text = params["MessageSid"], params.get("Body", "")
    media = params.get("MediaUrl0", "")
    kind = _kind(params, text)
    return Said(event_key=sid, sender=params["From"], kind=kind, text=text, message_id=sid, file_id=media)


def _kind(params: Mapping[str, str], text: str) -> SaidKind:
    """Twilio's own opt-out word decides where Advanced Opt-Out is on; else ours. YES may also be meant for us."""
    told: dict[str, SaidKind] = {"STOP": "stop", "START": "maybe_start", "HELP": "help"}
    kind = told.get(params.get("OptOutType", "").upper())
    word = opt_word(text)
    if kind and not (kind == "maybe_start" and word):
        return kind
    if word or text.strip().upper() == "YES":
        return word or "maybe_start"
    return "picture" if params.get("NumMedia", "0") not in ("", "0") else "text"

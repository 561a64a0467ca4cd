"""What the fake Twilio makes of a new message: judged, queued, sent, delivered or not."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.sandbox.clock import parse_instant
from channels.sandbox.segments import segments
from channels.sandbox.shelves import Record
from channels.sandbox.twilio_words import (
    E164,
    MAGIC_FROM,
    MAGIC_TO,
    TwilioError,
    callback_of,
    form_of,
    to_number_error,
    whole_number,
)  # fmt: skip
from channels.sandbox.world import Sandbox, Send

KNOWN = frozenset(
    {"To", "From", "MessagingServiceSid", "Body", "ContentSid", "ContentVariables", "StatusCallback", "ValidityPeriod"}
    | {"ScheduleType", "SendAt", "MediaUrl", "ProvideFeedback", "MaxPrice", "Attempt", "ForceDelivery", "RiskCheck"}
    | {"ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "ShortenUrls", "SendAsMms"}
    | {"TrafficType", "ApplicationSid"}
)
LONGEST_BODY = 1600
SOONEST, LATEST = timedelta(seconds=300), timedelta(days=35)


class TwilioMessages:
    """The Message resources of the account."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self.shelf = world.memory.shelf("twilio.messages")

    def judge(self, body: bytes) -> dict[str, str]:
        """The form of a good request. Raises TwilioError in Twilio's order: sender, receiver, words, extras."""
        form = form_of(body, KNOWN)
        sender = self._sender(form)
        self._receiver(form, sender)
        _words(form)
        callback_of(form)
        whole_number(form, "ValidityPeriod", 1, 36000, 90007)
        self._schedule(form)
        return form

    def _sender(self, form: Mapping[str, str]) -> str:
        sender, service = form.get("From", ""), form.get("MessagingServiceSid", "")
        if not sender and not service:
            raise TwilioError(400, 21603, "A 'From' phone number is required.")
        if service and service != self._world.credentials.twilio_service_sid:
            raise TwilioError(400, 21701, "The Messaging Service does not exist.")
        if sender in MAGIC_FROM:
            raise to_number_error(MAGIC_FROM[sender], form.get("To", ""), sender)
        if sender and not E164.match(sender):
            raise to_number_error(21212, form.get("To", ""), sender)
        if sender and sender != self._world.credentials.twilio_from:
            raise to_number_error(21606, form.get("To", ""), sender)
        return sender or self._world.credentials.twilio_from

    def _receiver(self, form: Mapping[str, str], sender: str) -> None:
        to = form.get("To", "")
        if not to:
            raise TwilioError(400, 21604, "A 'To' phone number is required.")
        if not E164.match(to):
            raise to_number_error(21211, to, sender)
        if to == sender:
            raise TwilioError(400, 21266, "'To' and 'From' number cannot be the same")
        person = self._world.people.find("sms", to)
        dead = (person or {}).get("dead")
        if to in MAGIC_TO or (dead is not None and 21000 <= dead < 22000):
            raise to_number_error(MAGIC_TO.get(to) or int(dead or 0), to, sender)
        if person and person["opted_out"]:
            raise to_number_error(21610, to, sender)

    def _schedule(self, form: Mapping[str, str]) -> None:
        kind, at = form.get("ScheduleType"), form.get("SendAt")
        if kind is None and at is None:
            return
        if kind != "fixed":
            raise TwilioError(400, 35117, "ScheduleType must be 'fixed'")
        if at is None:
            raise TwilioError(400, 35111, "SendAt is missing")
        if not form.get("MessagingServiceSid"):
            raise TwilioError(400, 35118, "MessagingServiceSid is required to schedule a message")
        try:
            ahead = parse_instant(at) - self._world.clock.now()
        except ValueError:
            raise TwilioError(400, 35114, "SendAt is not a valid ISO 8601 time") from None
        if not SOONEST < ahead <= LATEST:
            raise TwilioError(400, 35114, "SendAt must be more than 300 seconds and at most 35 days in the future")

    async def accept(self, form: Mapping[str, str]) -> Record:
        """Writes the ledger, puts the SMS on its way and answers the new Message record."""
        now = self._world.clock.now()
        service = form.get("MessagingServiceSid")
        body = form.get("Body") or _content(form)
        message: Record = {
            "sid": "SM" + self._world.code("twilio.sid"), "to": form["To"], "body": body, "service": service,
            "from": form.get("From") or (None if service else self._world.credentials.twilio_from),
            "status": "scheduled" if "SendAt" in form else "accepted" if service else "queued",
            "direction": "outbound-api", "created": now.isoformat(), "updated": now.isoformat(), "sent": None,
            "segments": segments(body), "callback": form.get("StatusCallback", ""), "error": None,
            "send_at": form.get("SendAt"),
        }  # fmt: skip
        sid = message["sid"]
        our_id = our_id_of(message["callback"])
        await self._world.record(Send("sms", "Messages.create", form["To"], body, dict(form), sid, our_id))
        self.shelf.put(sid, message)
        if "SendAt" not in form:
            self._on_phone(message)
        return message

    def _on_phone(self, message: Record) -> None:
        at = self._world.clock.now().isoformat()
        more = {"kind": "text", "segments": message["segments"], "status": message["status"]}
        self._world.messages.add("sms", message["to"], message["sid"], "out", message["body"], at, **more)

    def step(self, sid: str, status: str, error: int | None = None) -> Record:
        """A message goes on to its next status. Raises KeyError for a message that is gone."""
        message = self.shelf.get(sid)
        if message is None:
            raise KeyError(sid)
        now = self._world.clock.now().isoformat()
        if message["status"] == "scheduled" and status != "canceled":
            self._on_phone(message)
        message |= {"status": status, "updated": now, "error": error or message["error"]}
        if status == "sent":
            message["sent"] = now
        self.shelf.put(sid, message)
        if self._world.messages.find("sms", sid):
            self._world.messages.change("sms", sid, status=status, error=error)
        return message

    def received(self, sender: str, body: str, media: list[str]) -> Record:
        """An SMS or MMS somebody sent to us, as a Message record; ``media`` are the numbers of its files."""
        now = self._world.clock.now().isoformat()
        sid = ("MM" if media else "SM") + self._world.code("twilio.sid")
        message: Record = {
            "sid": sid, "to": self._world.credentials.twilio_from, "from": sender, "body": body, "service": None,
            "status": "received", "direction": "inbound", "created": now, "updated": now, "sent": now,
            "segments": segments(body), "callback": "", "error": None, "media": media,
        }  # fmt: skip
        return self.shelf.put(sid, message)

    def resource(self, message: Record) -> dict[str, Any]:
        """The Message as Twilio's JSON shows it."""
        account = self._world.credentials.twilio_account_sid
        uri = f"/2010-04-01/Accounts/{account}/Messages/{message['sid']}"
        queued_by_service = message["service"] and message["status"] in ("accepted", "scheduled")
        return {
            "account_sid": account, "api_version": "2010-04-01", "body": message["body"],
            "date_created": _rfc2822(message["created"]), "date_updated": _rfc2822(message["updated"]),
            "date_sent": _rfc2822(message["sent"]), "direction": message["direction"],
            "error_code": message["error"], "error_message": None, "from": message["from"],
            "messaging_service_sid": message["service"], "num_media": str(len(message.get("media", ()))),
            "num_segments": "0" if queued_by_service else str(message["segments"]), "price": None, "price_unit": "USD",
            "sid": message["sid"], "status": message["status"], "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message["to"], "uri": f"{uri}.json",
        }  # fmt: skip


def our_id_of(callback: str) -> str:
    """Our id, from the query parameter ``our_id`` of the StatusCallback URL."""
    return parse_qs(urlsplit(callback).query).get("our_id", [""])[0]


def _words(form: Mapping[str, str]) -> None:
    if not form.get("Body") and not form.get("ContentSid") and not form.get("MediaUrl"):
        raise TwilioError(400, 21602, "Message body is required.")
    if len(form.get("Body", "")) > LONGEST_BODY:
        raise TwilioError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if "ContentVariables" in form:
        _content(form)


def _content(form: Mapping[str, str]) -> str:
    try:
        variables = json.loads(form.get("ContentVariables", "{}"))
        return " ".join(str(value) for value in variables.values())
    except (ValueError, AttributeError):
        raise TwilioError(400, 21656, "The Content Variables Parameter is invalid") from None


def _rfc2822(iso: str | None) -> str | None:
    return format_datetime(datetime.fromisoformat(iso)) if iso else None

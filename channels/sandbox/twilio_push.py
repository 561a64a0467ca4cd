"""Twilio's callbacks: statuses that come in their time, inbound SMS, opt-out words, all signed."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from channels.sandbox.clock import parse_instant
from channels.sandbox.faults import ReceiptPlan
from channels.sandbox.files import Files
from channels.sandbox.pushes import LOOPBACK, Outcome, Push
from channels.sandbox.shelves import Record
from channels.sandbox.twilio_messages import TwilioMessages
from channels.sandbox.world import Sandbox

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT", "T", "TD", "退订"})
START = frozenset({"START", "YES", "UNSTOP", "恢复"})
HELP = frozenset({"HELP", "INFO", "帮助"})
OWN_ANSWERS = {
    "STOP": "You have successfully been unsubscribed. 您已退订，回复 START 可恢复。",
    "START": "You have successfully been re-subscribed. 您已恢复接收。",
    "HELP": "Reply STOP to unsubscribe. 回复 TD 退订。",
}
DELAYS = {"queued": 0.5, "sent": 1.0, "delivered": 3.0, "undelivered": 3.0}
"""Virtual seconds after acceptance, unless `/control/receipts` says otherwise."""


class TwilioPush:
    """What Twilio tells the service, and when."""

    def __init__(self, world: Sandbox, messages: TwilioMessages) -> None:
        self._world = world
        self._messages = messages
        self.files = Files(world)
        self._validator = RequestValidator(world.credentials.twilio_auth_token)
        world.timers.on("twilio.status", self._status)

    async def plan(self, message: Record) -> None:
        """Sets the statuses of a fresh message on their way; the initial status is never pushed."""
        plan = self._world.faults.receipts("sms", message["to"], message["body"])
        steps = self._steps(message)
        start = self._until_sent(message)
        delays = [start + delay + plan.late for _, _, delay in steps]
        if plan.shuffle:
            delays.reverse()
        for (status, error, _), delay in zip(steps, delays, strict=True):
            data = _timer(message["sid"], status, error, plan)
            if plan.early:
                await self._status(data)
            else:
                self._world.timers.after(delay, "twilio.status", data)

    def _steps(self, message: Record) -> list[tuple[str, int | None, float]]:
        person = self._world.people.find("sms", message["to"])
        dead = (person or {}).get("dead")
        delays = DELAYS | (self._world.settings.get("receipts") or {})
        first = [("queued", None, delays["queued"])] if message["service"] else []
        last = ("undelivered", int(dead), delays["undelivered"]) if dead else ("delivered", None, delays["delivered"])
        return [*first, ("sent", None, delays["sent"]), last]

    def _until_sent(self, message: Record) -> float:
        if not message["send_at"]:
            return 0.0
        return (parse_instant(message["send_at"]) - self._world.clock.now()).total_seconds()

    async def _status(self, data: dict[str, Any]) -> None:
        message = self._messages.shelf.get(data["sid"])
        if message is None or message["status"] == "canceled":
            return
        if not (message["status"] == "delivered" and data["status"] == "sent"):
            message = self._messages.step(data["sid"], data["status"], data["error"])
        for _ in range(0 if data["lost"] else data["copies"]):
            await self._push_status({**message, "status": data["status"]}, data)

    async def _push_status(self, message: Record, data: dict[str, Any]) -> None:
        url = message["callback"]
        if not url or urlsplit(url).hostname not in LOOPBACK:
            return
        fields = {
            "MessageSid": message["sid"], "SmsSid": message["sid"], "MessageStatus": message["status"],
            "SmsStatus": message["status"], "To": message["to"],
            "From": message["from"] or self._world.credentials.twilio_from,
            "AccountSid": self._world.credentials.twilio_account_sid, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if message["service"]:
            fields["MessagingServiceSid"] = message["service"]
        if data["error"]:
            fields["ErrorCode"] = str(data["error"])
        token = f"{message['sid']}-{message['status']}"
        await self._world.pusher.deliver(self._signed("receipt", message["to"], url, fields, token, data["bad"]))

    def _signed(
        self, kind: str, address: str, url: str, fields: dict[str, str], token: str, bad_signature: bool = False
    ) -> Push:
        signature = self._validator.compute_signature(url, fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature[::-1] if bad_signature else signature,
            "I-Twilio-Idempotency-Token": token, "User-Agent": "TwilioProxy/1.1",
        }  # fmt: skip
        return Push("sms", kind, address, url, headers, urlencode(fields))

    async def inbound(
        self, sender: str, body: str, pictures: Sequence[bytes] = ()
    ) -> tuple[Record, Outcome | None]:  # fmt: skip
        """Somebody sends us an SMS or MMS: opt-out words take effect, then the service hears of it."""
        self._world.people.meet("sms", sender)
        files = [self.files.keep("media", content, "mms") for content in pictures]
        message = self._messages.received(sender, body, [file["id"] for file in files])
        at = self._world.clock.now().isoformat()
        more = {"kind": "text", "segments": message["segments"], "status": "received"}
        self._world.messages.add("sms", sender, message["sid"], "in", body, at, **more)
        word = opt_out_word(body)
        if word:
            self._obey(sender, word, at)
        url = (self._world.settings.get("webhooks") or {}).get("twilio_inbound")
        outcome = await self._world.pusher.deliver(self._inbound_push(message, word, url)) if url else None
        return message, outcome

    def _obey(self, sender: str, word: str, at: str) -> None:
        if word != "HELP":
            self._world.people.change("sms", sender, opted_out=word == "STOP")
        sid = "SM" + self._world.code("twilio.sid")
        self._world.messages.add("sms", sender, sid, "out", OWN_ANSWERS[word], at, kind="by_provider")

    def _inbound_push(self, message: Record, word: str, url: str) -> Push:
        account = self._world.credentials
        fields = {
            "ToCountry": "US", "SmsMessageSid": message["sid"], "NumMedia": str(len(message["media"])),
            "SmsSid": message["sid"], "SmsStatus": "received", "Body": message["body"], "To": message["to"],
            "MessagingServiceSid": account.twilio_service_sid, "NumSegments": str(message["segments"]),
            "MessageSid": message["sid"], "AccountSid": account.twilio_account_sid, "From": message["from"],
            "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if word:
            fields["OptOutType"] = word
        for index, number in enumerate(message["media"]):
            uri = (
                f"2010-04-01/Accounts/{account.twilio_account_sid}/Messages/{message['sid']}/Media/{media_sid(number)}"
            )
            fields[f"MediaUrl{index}"] = f"https://api.twilio.com/{uri}"
            file = self.files.get(number)
            fields[f"MediaContentType{index}"] = self.files.type_of(file) if file else "application/octet-stream"
        return self._signed("inbound", message["from"], url, fields, f"in-{message['sid']}")


def opt_out_word(body: str) -> str:
    """STOP, START or HELP when the whole body is one of their words, in any case; else ""."""
    word = body.strip().upper()
    return "STOP" if word in STOP else "START" if word in START else "HELP" if word in HELP else ""


def media_sid(number: str) -> str:
    """Twilio's name of a kept file."""
    return f"ME{number[:32]}"


def _timer(sid: str, status: str, error: int | None, plan: ReceiptPlan) -> dict[str, Any]:
    spoilt = {"copies": plan.copies, "lost": plan.lost, "bad": plan.bad_signature}
    return {"sid": sid, "status": status, "error": error, **spoilt}

"""Hears a WeChat service account: the address check, messages and events, in plain or AES mode."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from channels.contract import Heard, Malformed, RawAnswer, RawRequest, Receipt, Said, SaidKind
from channels.envelope import fresh, opened, sealed_part, signed
from channels.optout import opt_word
from channels.wechat.errors import unsent

TAKEN = RawAnswer(200, b"success")
"""Taken; no answer comes along (we speak by the customer-service interface)."""

ATTACHED: dict[str, SaidKind] = {
    "image": "picture",
    "voice": "voice",
    "video": "file",
    "shortvideo": "file",
    "file": "file",
    "location": "location",
}

UNSHOWN = "收到不支持的消息类型"
"""What WeChat writes in the place of a sticker, in brackets and with more words after it."""

Push = Mapping[str, Any]
"""The elements of one message or event, as WeChat names them."""


class WeChatEar:
    """Believes what carries the callback token's signature of about now and, in AES mode, opens with the key."""

    def __init__(self, appid: str, token: str, aes_key: str) -> None:
        self._token = token
        self._crypto = WeChatCrypto(token, aes_key, appid) if aes_key else None

    def hear(self, request: RawRequest, now: int) -> Heard:
        """With a key set, nothing unencrypted is believed, whatever its signature. Raises Forged or Malformed."""
        fresh(request.query, now)
        if request.method == "GET":
            signed(request.query, self._token, "signature")
            return Heard(answer=RawAnswer(200, request.query.get("echostr", "").encode()))
        if self._crypto:
            return read(opened(request, sealed_part(request.body), self._token, self._crypto))
        signed(request.query, self._token, "signature")
        return read(request.body)


def read(body: bytes) -> Heard:
    """What one message or event says. Raises Malformed."""
    try:
        message = parse_message(body.decode())
        push: Push = message._data
        event = str(push.get("Event", "")).lower()
        key = _key(push)
        if not push.get("FromUserName"):
            raise KeyError("FromUserName")
        receipts = tuple(_receipts(event, key, push))
        return Heard(said=() if receipts else tuple(_said(event, key, push)), receipts=receipts, answer=TAKEN)
    # The XML and wechatpy's parsers fail on odd input with whatever they stumble over.
    except Exception as error:
        raise Malformed(f"not a WeChat message ({type(error).__name__})") from None


def _key(push: Push) -> str:
    """MsgId for a message; an event has none and is known by sender, second and kind: hashed, it names an openid."""
    if push.get("MsgId"):
        return str(push["MsgId"])
    parts = [str(push.get(name, "")) for name in ("FromUserName", "CreateTime", "Event", "EventKey", "MsgID")]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def _receipts(event: str, key: str, push: Push) -> Iterator[Receipt]:
    if event == "templatesendjobfinish":
        status = str(push.get("Status", ""))
        yield _receipt(key, str(push["MsgID"]), status.strip().lower() == "success", status)
    if event == "subscribe_msg_sent_event":
        for entry in _entries(push["SubscribeMsgSentEvent"]):
            sent = str(entry.get("ErrorCode", "")) == "0"
            yield _receipt(f"{key}:{entry['MsgID']}", str(entry["MsgID"]), sent, str(entry.get("ErrorStatus", "")))


def _receipt(key: str, msgid: str, delivered: bool, status: str) -> Receipt:
    if delivered:
        return Receipt(key, "delivered", provider_id=msgid)
    reason, fault = unsent(status)
    return Receipt(key, "failed", provider_id=msgid, reason=reason, fault=fault)


def _entries(holder: Any) -> list[Mapping[str, Any]]:
    """One entry comes as itself, several as a list."""
    entries = holder["List"]
    return entries if isinstance(entries, list) else [entries]


def _said(event: str, key: str, push: Push) -> Iterator[Said]:
    if event in ("subscribe_msg_popup_event", "subscribe_msg_change_event"):
        holder = push["SubscribeMsgPopupEvent" if "popup" in event else "SubscribeMsgChangeEvent"]
        for entry in _entries(holder):
            taken = entry.get("SubscribeStatusString") == "accept"
            template = str(entry["TemplateId"])
            yield _of(push, f"{key}:{template}", "subscribed" if taken else "other", template)
        return
    kind, text, file_id = _event(event, push) if event else _message(push)
    yield _of(push, key, kind, text, file_id)


def _of(push: Push, key: str, kind: SaidKind, text: str, file_id: str = "") -> Said:
    return Said(
        event_key=key,
        sender=str(push["FromUserName"]),
        kind=kind,
        text=text,
        at=int(push["CreateTime"]),
        message_id=str(push.get("MsgId", "")),
        file_id=file_id,
    )


def _event(event: str, push: Push) -> tuple[SaidKind, str, str]:
    """A newcomer's scan comes as ``subscribe_scan``: it is a scan, and a follow with it."""
    about = str(push.get("EventKey") or "")
    kinds: dict[str, SaidKind] = {
        "subscribe": "follow",
        "unsubscribe": "unfollow",
        "subscribe_scan": "scan",
        "scan": "scan",
        "click": "press",
    }
    kind = kinds.get(event, "other")
    return kind, about if kind in ("scan", "press") else "", ""


def _message(push: Push) -> tuple[SaidKind, str, str]:
    """A tap on a message menu comes as a text with the menu's id beside it."""
    kind = str(push["MsgType"]).lower()
    if kind == "text":
        text = str(push.get("Content") or "")
        if UNSHOWN in text:
            return "sticker", "", ""
        tapped = push.get("bizmsgmenuid")
        return ("press", str(tapped), "") if tapped else (opt_word(text) or "text", text, "")
    heard = str(push.get("Recognition") or "")
    return ATTACHED.get(kind, "other"), heard, str(push.get("MediaId") or "")

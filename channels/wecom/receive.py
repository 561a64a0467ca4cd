"""Hears a WeCom app: members' words and presses on cards, always encrypted. A group robot hears nothing."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NoReturn

from wechatpy.enterprise import parse_message

from channels.contract import Forged, Heard, Malformed, RawAnswer, RawRequest, Said, SaidKind
from channels.envelope import Crypto, fresh, opened, sealed_part

TAKEN = RawAnswer(200, b"")
"""An empty answer: taken, nothing to change on the card now."""

KINDS: dict[str, SaidKind] = {
    "text": "text",
    "image": "picture",
    "voice": "voice",
    "video": "file",
    "location": "location",
}


def deaf(request: RawRequest) -> NoReturn:
    """For the robot. Raises Forged, whatever came."""
    raise Forged("a group robot has no callbacks")


def hear(request: RawRequest, now: int, token: str, crypto: Crypto) -> Heard:
    """The address check (the opened echo goes back bare) or one message. Raises Forged or Malformed."""
    fresh(request.query, now)
    if request.method == "GET":
        echo = opened(request, request.query.get("echostr", ""), token, crypto)
        return Heard(answer=RawAnswer(200, echo))
    return read(opened(request, sealed_part(request.body), token, crypto))


def read(body: bytes) -> Heard:
    """What one message or event says. Raises Malformed."""
    try:
        push: Mapping[str, Any] = parse_message(body.decode())._data
        return Heard(said=tuple(_said(push)), answer=TAKEN)
    # The XML and wechatpy's parsers fail on odd input with whatever they stumble over.
    except Exception as error:
        raise Malformed(f"not a WeCom message ({type(error).__name__})") from None


def _said(push: Mapping[str, Any]) -> Iterator[Said]:
    pressed = str(push.get("Event", "")).lower() == "template_card_event"
    words = str(push.get("EventKey" if pressed else "Content") or "")
    yield Said(
        event_key=_key(push),
        sender=str(push["FromUserName"]),
        kind="press" if pressed else KINDS.get(str(push["MsgType"]).lower(), "other"),
        text=words,
        at=int(push["CreateTime"]),
        message_id=str(push.get("TaskId") or push.get("MsgId") or ""),
        press_id=str(push.get("ResponseCode") or ""),
        file_id=str(push.get("MediaId") or ""),
    )


def _key(push: Mapping[str, Any]) -> str:
    """MsgId for a message, the response code for a press (fresh at each), else sender, second and kind, hashed."""
    if push.get("MsgId"):
        return str(push["MsgId"])
    parts = [str(push.get(name, "")) for name in ("FromUserName", "CreateTime", "Event", "EventKey", "ResponseCode")]
    return sha256("|".join(parts).encode()).hexdigest()[:32]

"""All fake providers together on one stage, and what people do there, whatever their channel."""

import base64
import binascii
from pathlib import Path
from typing import Any

from channels.sandbox.clock import parse_instant
from channels.sandbox.payday import Payday
from channels.sandbox.telegram import TelegramServer
from channels.sandbox.telegram_people import TelegramPeople
from channels.sandbox.twilio import TwilioServer
from channels.sandbox.wechat import WeChatServer
from channels.sandbox.wecom import WeComServer
from channels.sandbox.wecom_push import WeComPush
from channels.sandbox.world import Sandbox

PIXEL = Path(__file__).parent / "pixel.png"
UNSHOWN = "[收到不支持的消息类型，暂无法显示]"
Deed = dict[str, Any]


class Stage:
    """What control, stories and the page act through."""

    def __init__(self, world: Sandbox) -> None:
        self.world = world
        self.telegram = TelegramServer(world)
        self.twilio = TwilioServer(world)
        self.wechat = WeChatServer(world)
        self.wecom = WeComServer(world)
        self.telegram_people = TelegramPeople(world, self.telegram)
        self.wecom_push = WeComPush(world, self.wecom)
        self.payday = Payday(world)

    async def say(self, deed: Deed) -> dict[str, Any]:
        """One thing a person does; see control.py for the forms. Raises ValueError or LookupError with the reason."""
        channel, address = str(deed.get("channel", "")), str(deed.get("address", ""))
        acts = {"telegram": self._telegram, "sms": self._sms, "wechat": self._wechat, "wecom": self._wecom}
        if channel not in acts or not address:
            raise ValueError(f'say needs "channel" (one of {", ".join(acts)}) and "address"')
        if len(set(deed) & DEEDS) != 1:
            raise ValueError(f"say needs exactly one of {', '.join(sorted(DEEDS))}")
        return await acts[channel](address, deed)

    async def _telegram(self, address: str, deed: Deed) -> dict[str, Any]:
        people, chat = self.telegram_people, _text(deed, "chat") or None
        if "press" in deed:
            return await people.press(address, int(deed["message"]), str(deed["press"]), chat)
        if "start" in deed:
            return await people.say(address, f"/start {deed['start']}".strip())
        for kind in ("picture", "voice", "sticker", "file"):
            if kind in deed:
                return await people.send_file(address, kind, content_of(deed[kind]), chat, _text(deed, "caption"))
        if "text" in deed:
            return await people.say(address, str(deed["text"]), chat, deed.get("thread"), deed.get("reply_to"))
        raise _cannot("telegram", deed)

    async def _sms(self, address: str, deed: Deed) -> dict[str, Any]:
        if "text" not in deed and "picture" not in deed:
            raise _cannot("sms", deed)
        pictures = [content_of(deed["picture"])] if "picture" in deed else []
        message, outcome = await self.twilio.push.inbound(address, _text(deed, "text"), pictures)
        return {"sid": message["sid"], "delivered": bool(outcome and outcome.ok)}

    async def _wechat(self, address: str, deed: Deed) -> dict[str, Any]:
        push, people = self.wechat.push, self.world.people
        if "follow" in deed:
            return await self._follow(address, deed["follow"])
        people.meet("wechat", address)
        if "unfollow" in deed:
            people.change("wechat", address, following=False, grants=[])
            return await push.event(address, "unsubscribe", EventKey="")
        if "scan" in deed:
            ticket = self.ticket_of(str(deed["scan"]), bool(deed.get("force")))
            return await push.event(address, "SCAN", opens="scan", EventKey=str(deed["scan"]), Ticket=ticket)
        if "menu" in deed:
            return await push.event(address, "CLICK", opens="menu", EventKey=str(deed["menu"]))
        if "consent" in deed:
            return await self._consent(address, str(deed["consent"]), bool(deed.get("accept", True)))
        return await self._wechat_words(address, deed)

    async def _wechat_words(self, address: str, deed: Deed) -> dict[str, Any]:
        push = self.wechat.push
        if "press" in deed:
            label = self._menu_label(address, str(deed["press"]))
            return await push.message(address, "text", "menu", label, Content=label, bizmsgmenuid=str(deed["press"]))
        if "picture" in deed:
            file = self.wechat.files.keep("picture.jpg", content_of(deed["picture"]), "wechat")
            url = f"http://mmbiz.qpic.cn/{file['path']}"
            return await push.message(address, "image", "text", "[图片]", PicUrl=url, MediaId=file["id"])
        if "voice" in deed:
            media = self.world.code("wechat.media", 40)
            return await push.message(address, "voice", "text", "[语音]", MediaId=media, Format="amr")
        text = UNSHOWN if "sticker" in deed else _text(deed, "text")
        if "sticker" not in deed and "text" not in deed:
            raise _cannot("wechat", deed)
        return await push.message(address, "text", "text", text, Content=text)

    def _menu_label(self, address: str, number: str) -> str:
        for message in reversed(self.world.messages.at("wechat", address)):
            for row in message.get("buttons") or []:
                for button in row:
                    if button["data"] == number:
                        return str(button["label"])
        raise LookupError(f"{address} has no message with a menu entry {number!r}")

    async def _follow(self, address: str, scene: Any) -> dict[str, Any]:
        """Starts to follow, by a scene's QR code when ``scene`` is text."""
        self.world.people.meet("wechat", address)
        self.world.people.change("wechat", address, following=True)
        if not isinstance(scene, str) or not scene:
            return await self.wechat.push.event(address, "subscribe", opens="follow", EventKey="")
        ticket = self.ticket_of(scene, force=False)
        return await self.wechat.push.event(
            address, "subscribe", opens="follow", EventKey=f"qrscene_{scene}", Ticket=ticket
        )

    def ticket_of(self, scene: str, force: bool) -> str:
        """The ticket of a QR code that was made and still holds. Raises LookupError unless forced."""
        made = self.wechat.scenes.get(scene)
        if made and (made["until"] is None or parse_instant(made["until"]) > self.world.clock.now()):
            return str(made["ticket"])
        if force:
            return "gQforced"
        raise LookupError(f"no QR code with the scene {scene!r} holds now; the service makes one with qrcode/create")

    async def _consent(self, address: str, template: str, accept: bool) -> dict[str, Any]:
        """Answers the one-time subscription pop-up; each consent is worth one send."""
        if accept:
            given = dict(self.world.people.get("wechat", address)["subscriptions"])
            given[template] = given.get(template, 0) + 1
            self.world.people.change("wechat", address, subscriptions=given)
        answer = {"TemplateId": template, "SubscribeStatusString": "accept" if accept else "reject", "PopupScene": "1"}
        return await self.wechat.push.event(
            address, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": answer}
        )

    async def _wecom(self, address: str, deed: Deed) -> dict[str, Any]:
        if "press" in deed:
            return await self.wecom_push.press(address, _text(deed, "message"), str(deed["press"]))
        if "text" in deed:
            return await self.wecom_push.say(address, str(deed["text"]))
        raise _cannot("wecom", deed)

    async def block(self, channel: str, address: str, blocked: bool) -> dict[str, Any]:
        """Telegram: blocks the bot. WeChat: refuses its messages (failed:user block). SMS: opts out at the carrier."""
        people = self.world.people
        if channel == "telegram":
            return await self.telegram_people.block(address, blocked)
        facts = {"wechat": {"refuses": blocked}, "sms": {"opted_out": blocked}, "wecom": {"active": not blocked}}
        if channel not in facts:
            raise ValueError(f"unknown channel {channel!r}")
        people.meet(channel, address)
        return people.change(channel, address, **facts[channel])

    def dead(self, channel: str, address: str, code: int | None) -> dict[str, Any]:
        """SMS: every send ends with that Twilio error (21xxx at once, 30xxx undelivered); None revives.

        Telegram: the account is deactivated.
        """
        if channel not in ("sms", "telegram"):
            raise ValueError("only an SMS number or a Telegram account can be dead; on WeChat one unfollows")
        self.world.people.meet(channel, address)
        facts: dict[str, Any] = {"dead": code} if channel == "sms" else {"deactivated": code is not None}
        return self.world.people.change(channel, address, **facts)

    def move(self, channel: str, old: str, new: str) -> dict[str, Any]:
        """The person has a new number or account; an SMS to the old number is undelivered from now on."""
        moved = self.world.people.move(channel, old, new)
        if channel == "sms":
            self.dead("sms", old, GONE)
        return moved

    def reset(self) -> None:
        self.world.reset()
        self.wechat.restock()


GONE = 30005
"""Twilio: unknown destination handset."""
DEEDS = frozenset(
    {"text", "press", "start", "picture", "voice", "sticker", "file", "follow", "unfollow", "scan", "menu", "consent"}
)


def content_of(value: Any) -> bytes:
    """Base64 as bytes, or a one-pixel picture for anything that is no text. Raises ValueError."""
    if not isinstance(value, str) or not value:
        return PIXEL.read_bytes()
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("a picture, voice, sticker or file is given as base64, or true for a sample") from None


def _text(deed: Deed, name: str) -> str:
    return str(deed.get(name, ""))


def _cannot(channel: str, deed: Deed) -> ValueError:
    return ValueError(f"on {channel} one cannot {', '.join(sorted(set(deed) & DEEDS))}")

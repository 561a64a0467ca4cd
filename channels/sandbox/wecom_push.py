"""What WeCom tells the service: presses on cards and words of members; always encrypted."""

from typing import Any
from urllib.parse import urlencode

from channels.sandbox.pushes import Push
from channels.sandbox.wechat_words import encrypted, signature, xml_of
from channels.sandbox.wecom import WeComServer
from channels.sandbox.world import Sandbox


class WeComPush:
    """The app's callback address and what goes there."""

    def __init__(self, world: Sandbox, server: WeComServer) -> None:
        self._world = world
        self._server = server

    def _url(self) -> str:
        return str((self._world.settings.get("webhooks") or {}).get("wecom", ""))

    def _signed(self, cipher: str) -> str:
        stamp, nonce = str(self._world.unix()), str(int(self._world.code("wecom.nonce", 12), 16) % 10**10)
        signed = signature(self._world.credentials.wecom_token, stamp, nonce, cipher)
        return urlencode({"msg_signature": signed, "timestamp": stamp, "nonce": nonce})

    def packed(self, member: str, fields: dict[str, Any]) -> Push | None:
        """An encrypted callback; None when no address is set."""
        url, account = self._url(), self._world.credentials
        if not url:
            return None
        cipher = encrypted(xml_of(fields), account.wecom_aes_key, account.wecom_corp_id, corporate=True)
        body = xml_of({"ToUserName": account.wecom_corp_id, "Encrypt": cipher, "AgentID": str(account.wecom_agent_id)})
        address = f"{url}{'&' if '?' in url else '?'}{self._signed(cipher)}"
        return Push("wecom", "inbound", member, address, {"Content-Type": "text/xml"}, body)

    def challenge(self) -> tuple[str, str]:
        """The address of the verifying GET, and the bare text it must answer."""
        account = self._world.credentials
        echo = str(int(self._world.code("wecom.echo", 15), 16))
        cipher = encrypted(echo, account.wecom_aes_key, account.wecom_corp_id, corporate=True)
        url = self._url()
        return f"{url}{'&' if '?' in url else '?'}{self._signed(cipher)}&{urlencode({'echostr': cipher})}", echo

    def _head(self, member: str, kind: str) -> dict[str, Any]:
        account = self._world.credentials
        return {
            "ToUserName": account.wecom_corp_id, "FromUserName": member, "CreateTime": self._world.unix(),
            "MsgType": kind,
        }  # fmt: skip

    async def say(self, member: str, text: str) -> dict[str, Any]:
        """A member writes to the app."""
        self._world.people.meet("wecom", member)
        number = 7_000_000_000_000_000 + self._world.memory.number("wecom.inbound")
        at = self._world.clock.now().isoformat()
        self._world.messages.add("wecom", member, f"in-{number}", "in", text, at, kind="text")
        agent = self._world.credentials.wecom_agent_id
        return await self._hear(
            member, {**self._head(member, "text"), "Content": text, "MsgId": number, "AgentID": agent}
        )

    async def press(self, member: str, message: str, key: str) -> dict[str, Any]:
        """A member presses a button of a card. Raises LookupError when the message has no such button."""
        shown = self._world.messages.find("wecom", f"{message}:{member}")
        if shown is None or not any(button["data"] == key for row in shown["buttons"] for button in row):
            raise LookupError(f"{member} has no message {message} with a button {key!r}")
        card = next(card for card in self._server.cards.values() if card["msgid"] == message)
        code = self._world.code("wecom.card", 64)
        at = self._world.clock.now().isoformat()
        self._server.cards.put(code, {**card, "code": code, "at": at, "used": False, "members": [member]})
        fields = {
            **self._head(member, "event"), "Event": "template_card_event", "EventKey": key, "TaskId": card["task_id"],
            "CardType": shown["card"]["card_type"], "ResponseCode": code,
            "AgentID": self._world.credentials.wecom_agent_id,
        }  # fmt: skip
        return {"response_code": code, **await self._hear(member, fields)}

    async def _hear(self, member: str, fields: dict[str, Any]) -> dict[str, Any]:
        push = self.packed(member, fields)
        if push is None:
            return {"delivered": False}
        outcome = await self._world.pusher.deliver(push)
        return {"delivered": outcome.ok}

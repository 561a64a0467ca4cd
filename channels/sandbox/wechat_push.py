"""What WeChat tells the service: messages and events of followers, job results; signed, plain or encrypted."""

from typing import Any
from urllib.parse import urlencode

from channels.sandbox.pushes import Outcome, Push
from channels.sandbox.wechat_windows import open_window
from channels.sandbox.wechat_words import decrypted, encrypted, fields_of, signature, xml_of
from channels.sandbox.world import Sandbox, Send

MODES = ("plain", "aes", "compatible")
JOB_DELAY = 2.0
"""Virtual seconds until TEMPLATESENDJOBFINISH, unless `/control/receipts` says otherwise."""
BROKEN = "该公众号提供的服务出现故障，请稍后再试"


class WeChatPush:
    """The account's callback address and what goes there."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        world.timers.on("wechat.job", self._job)

    def _target(self) -> tuple[str, str]:
        hooks = self._world.settings.get("webhooks") or {}
        return hooks.get("wechat", ""), hooks.get("wechat_mode", "plain")

    def _query(self, bad_signature: bool = False) -> dict[str, str]:
        stamp, nonce = str(self._world.unix()), str(int(self._world.code("wechat.nonce", 12), 16) % 10**10)
        signed = signature(self._world.credentials.wechat_token, stamp, nonce)
        return {"signature": signed[::-1] if bad_signature else signed, "timestamp": stamp, "nonce": nonce}

    def packed(self, kind: str, openid: str, fields: dict[str, Any], bad_signature: bool = False) -> Push | None:
        """A callback in the account's mode, ready to go; None when no address is set."""
        url, mode = self._target()
        if not url:
            return None
        account = self._world.credentials
        query = {**self._query(bad_signature), "openid": openid}
        body = xml_of(fields)
        if mode != "plain":
            cipher = encrypted(body, account.wechat_aes_key, account.wechat_appid, corporate=False)
            signed = signature(account.wechat_token, query["timestamp"], query["nonce"], cipher)
            query |= {"encrypt_type": "aes", "msg_signature": signed[::-1] if bad_signature else signed}
            sealed = {"ToUserName": account.wechat_account, "Encrypt": cipher}
            body = xml_of({**fields, "Encrypt": cipher} if mode == "compatible" else sealed)
        address = f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
        return Push("wechat", kind, openid, address, {"Content-Type": "text/xml"}, body)

    def challenge(self) -> tuple[str, str]:
        """The address of the verifying GET, and the echo it must answer."""
        url, _ = self._target()
        echo = str(int(self._world.code("wechat.echo", 15), 16))
        return f"{url}{'&' if '?' in url else '?'}{urlencode({**self._query(), 'echostr': echo})}", echo

    async def message(self, openid: str, kind: str, opens: str, text: str, **fields: Any) -> dict[str, Any]:
        """A follower writes: the phone shows it, the window opens, the service hears of it."""
        number = 24_000_000_000_000_000 + self._world.memory.number("wechat.msgid")
        open_window(self._world, openid, opens)
        self._show(openid, f"in-{number}", "in", text, kind)
        heard = {**self._head(openid), "MsgType": kind, **fields, "MsgId": number}
        outcome = await self._hear("inbound", openid, heard)
        return {"msg_id": str(number), "delivered": bool(outcome and outcome.ok)}

    async def event(self, openid: str, event: str, opens: str | None = None, **fields: Any) -> dict[str, Any]:
        """A follower does something: the service hears of it."""
        if opens:
            open_window(self._world, openid, opens)
        outcome = await self._hear(
            "inbound", openid, {**self._head(openid), "MsgType": "event", "Event": event, **fields}
        )
        return {"event": event, "delivered": bool(outcome and outcome.ok)}

    def _head(self, openid: str) -> dict[str, Any]:
        account = self._world.credentials.wechat_account
        return {"ToUserName": account, "FromUserName": openid, "CreateTime": self._world.unix()}

    def _show(self, openid: str, provider_id: str, direction: str, text: str, kind: str) -> None:
        at = self._world.clock.now().isoformat()
        self._world.messages.add("wechat", openid, provider_id, direction, text, at, kind=kind)

    async def _hear(self, kind: str, openid: str, fields: dict[str, Any]) -> Outcome | None:
        push = self.packed(kind, openid, fields)
        if push is None:
            return None
        outcome = await self._world.pusher.deliver(push)
        if outcome.ok:
            await self._passive(openid, outcome.body)
        return outcome

    async def _passive(self, openid: str, body: str) -> None:
        """The answer in the callback itself: nothing, ``success``, or a reply to the follower."""
        if body.strip() in ("", "success"):
            return
        account = self._world.credentials
        fields = fields_of(body) or {}
        if "Encrypt" in fields:
            plain = decrypted(fields["Encrypt"], account.wechat_aes_key, account.wechat_appid, corporate=False)
            fields = fields_of(plain) or {}
        number = f"passive-{self._world.memory.number('wechat.passive')}"
        if fields.get("MsgType") != "text" or fields.get("ToUserName") != openid:
            self._show(openid, number, "out", BROKEN, "by_provider")
            return
        await self._world.record(Send("wechat", "passive reply", openid, fields["Content"], dict(fields), number))
        self._show(openid, number, "out", fields["Content"], "text")

    async def plan_job(self, openid: str, text: str, msgid: int, subscribed: str = "") -> None:
        """Sets the result of a template send on its way; ``subscribed`` is the template of a one-time notice."""
        plan = self._world.faults.receipts("wechat", openid, text)
        data = {
            "openid": openid, "msgid": msgid, "subscribed": subscribed, "copies": plan.copies, "lost": plan.lost,
            "bad": plan.bad_signature,
        }  # fmt: skip
        if plan.early:
            await self._job(data)
            return
        settings = self._world.settings.get("receipts") or {}
        self._world.timers.after(settings.get("wechat", JOB_DELAY) + plan.late, "wechat.job", data)

    async def _job(self, data: dict[str, Any]) -> None:
        person = self._world.people.find("wechat", data["openid"])
        blocked = person is None or person["refuses"] or not person["following"]
        status = "failed:user block" if blocked else "success"
        if self._world.messages.find("wechat", str(data["msgid"])):
            self._world.messages.change("wechat", str(data["msgid"]), status="failed" if blocked else "delivered")
        fields = {**self._head(data["openid"]), "MsgType": "event", **_result(data, status)}
        for _ in range(0 if data["lost"] else data["copies"]):
            push = self.packed("receipt", data["openid"], fields, data["bad"])
            if push:
                await self._world.pusher.deliver(push)


def _result(data: dict[str, Any], status: str) -> dict[str, Any]:
    if not data["subscribed"]:
        return {"Event": "TEMPLATESENDJOBFINISH", "MsgID": data["msgid"], "Status": status}
    good = status == "success"
    sent = {
        "TemplateId": data["subscribed"], "MsgID": str(data["msgid"]), "ErrorCode": 0 if good else 43101,
        "ErrorStatus": "success" if good else "user refuse",
    }  # fmt: skip
    return {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": sent}}

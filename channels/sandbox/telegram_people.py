"""What people do in Telegram: write, press, send a picture, block, join groups; each becomes an update of the bot."""

from typing import Any

from channels.sandbox.shelves import Record
from channels.sandbox.telegram import TelegramServer
from channels.sandbox.telegram_chats import rights
from channels.sandbox.world import Sandbox

STATUSES = ("creator", "administrator", "member")


class NotThere(LookupError):
    """No such message, button, group or topic."""


class TelegramPeople:
    """Acts for a person by their user id; ``chat`` is a group's id when it happens there."""

    def __init__(self, world: Sandbox, server: TelegramServer) -> None:
        self._world = world
        self._server = server
        self._chats = server.chats
        self._methods = server.methods
        self._updates = server.updates

    async def say(
        self, sender: str, text: str, chat: str | None = None, thread: int | None = None, reply_to: int | None = None
    ) -> dict[str, Any]:
        """Words, or a command such as ``/start ticket``. Raises NotThere for an unknown group."""
        wire = self._spoken(sender, chat, thread)
        wire["text"] = text
        if text.startswith("/"):
            wire["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        if reply_to:
            wire["reply_to_message"] = self._message(chat or sender, reply_to)["wire"]
        return await self._tell(wire, text, "text", chat)

    async def send_file(
        self, sender: str, kind: str, content: bytes, chat: str | None = None, caption: str = ""
    ) -> dict[str, Any]:
        """A picture, voice, sticker or document."""
        media = {"picture": "photo", "voice": "voice", "sticker": "sticker", "file": "document"}[kind]
        file = self._methods.store_file(f"{kind}", content or b"\x00", media)
        wire = self._spoken(sender, chat, None) | _media(media, file) | ({"caption": caption} if caption else {})
        return await self._tell(wire, caption or f"[{kind}]", kind, chat, file["id"])

    def _spoken(self, sender: str, chat: str | None, thread: int | None) -> dict[str, Any]:
        self._world.people.meet("telegram", sender)
        if chat:
            group = self.group(chat)
            if sender not in group["members"]:
                raise NotThere(f"{sender} is not a member of {chat}")
        else:
            self._world.people.meet("telegram", sender, started=True, blocked=False)
        wire = self._methods.said(chat or sender, sender)
        return wire | ({"message_thread_id": thread, "is_topic_message": True} if thread else {})

    async def _tell(
        self, wire: dict[str, Any], text: str, kind: str, chat: str | None, file: str | None = None
    ) -> dict[str, Any]:
        self._methods.keep(chat or str(wire["from"]["id"]), wire, "in", text, kind, file=file)
        if chat and not self._heard_in_group(wire, chat):
            return {"message_id": wire["message_id"], "update_id": None, "delivered": False}
        return {"message_id": wire["message_id"], **await self._updates.hear("message", wire)}

    def _heard_in_group(self, wire: dict[str, Any], chat: str) -> bool:
        """With privacy on, a bot that is no admin hears commands and replies to itself only."""
        bot = self.group(chat)["bot"]
        privacy = (self._world.settings.get("telegram.privacy") or {"on": False})["on"]
        replied = wire.get("reply_to_message", {}).get("from", {}).get("is_bot", False)
        return bot in ("administrator", "member") and (
            not privacy or bot == "administrator" or replied or wire.get("text", "").startswith("/")
        )

    async def press(self, sender: str, message_id: int, data: str, chat: str | None = None) -> dict[str, Any]:
        """Presses the inline button with that callback data. Raises NotThere when the message has no such button."""
        message = self._message(chat or sender, message_id)
        if not any(button["data"] == data for row in message["buttons"] for button in row):
            raise NotThere(f"message {message_id} has no button {data!r}")
        self._world.people.meet("telegram", sender)
        query = str(4_000_000_000_000_000_000 + self._world.memory.number("telegram.query"))
        fresh = {"at": self._world.clock.now().isoformat(), "answered": False, "by": sender}
        self._methods.queries.put(query, fresh)
        payload = {
            "id": query, "from": self._chats.user(sender), "message": message["wire"],
            "chat_instance": self._world.code(f"telegram.instance.{chat or sender}", 16), "data": data,
        }  # fmt: skip
        return {"query_id": query, **await self._updates.hear("callback_query", payload)}

    def _message(self, chat: str, message_id: int) -> Record:
        message = self._world.messages.find("telegram", f"{chat}:{message_id}")
        if message is None or message["deleted"]:
            raise NotThere(f"no message {message_id} in chat {chat}")
        return message

    async def block(self, sender: str, blocked: bool) -> dict[str, Any]:
        """Blocks or unblocks the bot in the private chat; the bot is told by my_chat_member."""
        self._world.people.change("telegram", sender, blocked=blocked)
        was, new = ("member", "kicked") if blocked else ("kicked", "member")
        return await self._my_member(sender, sender, was, new)

    async def _my_member(self, chat: str, by: str, was: str, new: str) -> dict[str, Any]:
        payload = {
            "chat": self._chats.chat(chat), "from": self._chats.user(by), "date": self._world.unix(),
            "old_chat_member": self._bot_as(was), "new_chat_member": self._bot_as(new),
        }  # fmt: skip
        return await self._updates.hear("my_chat_member", payload)

    def _bot_as(self, status: str) -> dict[str, Any]:
        extra: dict[str, Any] = {"until_date": 0} if status == "kicked" else {}
        if status == "administrator":
            extra = rights()
        return {"status": status, "user": self._chats.bot(), **extra}

    def group(self, chat: str) -> Record:
        """Raises NotThere."""
        group = self._chats.groups.get(chat)
        if group is None:
            raise NotThere(f"no Telegram group {chat}; make one with POST /control/telegram/groups")
        return group

    def create_group(self, title: str, kind: str, topics: bool, members: dict[str, str], bot: str) -> Record:
        """A group with the bot in it. ``members``: user id → creator, administrator or member. Raises ValueError."""
        if kind not in ("group", "supergroup") or (topics and kind == "group"):
            raise ValueError("a Telegram group is of type group or supergroup; topics need a supergroup")
        if set(members.values()) - set(STATUSES):
            raise ValueError(f"a member is one of {', '.join(STATUSES)}")
        for member in members:
            self._world.people.meet("telegram", member)
        return self._put_group(title, kind, topics, members, bot)

    def _put_group(self, title: str, kind: str, topics: bool, members: dict[str, str], bot: str) -> Record:
        number = self._world.memory.number("telegram.group")
        chat = f"-100{2_000_000_000 + number}" if kind == "supergroup" else f"-{4_000_000 + number}"
        group = {
            "id": chat, "type": kind, "title": title, "is_forum": topics, "members": members, "topics": {},
            "bot": bot, "migrated_to": None,
        }  # fmt: skip
        self._world.stream.publish("group", **group)
        return self._chats.groups.put(chat, group)

    def set_member(self, chat: str, user: str, status: str | None) -> Record:
        """Makes somebody a member, or takes them out with None."""
        group = self.group(chat)
        self._world.people.meet("telegram", user)
        group["members"].pop(user, None)
        if status:
            group["members"][user] = status
        return self._chats.groups.put(chat, group)

    async def set_bot(self, chat: str, status: str, by: str) -> dict[str, Any]:
        """The bot becomes administrator, member, kicked or left; it is told by my_chat_member."""
        group = self.group(chat)
        was = group["bot"]
        self._chats.groups.put(chat, {**group, "bot": status})
        return await self._my_member(chat, by, was, status)

    async def migrate(self, chat: str) -> dict[str, Any]:
        """A group becomes a supergroup with a new id; both service messages are told."""
        old = self.group(chat)
        by = next(iter(old["members"]), str(self._world.credentials.telegram_bot_id))
        new = self._put_group(old["title"], "supergroup", False, dict(old["members"]), old["bot"])
        left = self._methods.said(chat, by) | {"migrate_to_chat_id": int(new["id"])}
        self._chats.groups.put(chat, {**old, "migrated_to": new["id"]})
        await self._updates.hear("message", left)
        came = self._methods.said(new["id"], by) | {"migrate_from_chat_id": int(chat)}
        return {"chat": new["id"], **await self._updates.hear("message", came)}

    def delete_topic(self, chat: str, thread: int) -> Record:
        group = self.group(chat)
        if group["topics"].pop(str(thread), None) is None:
            raise NotThere(f"no topic {thread} in {chat}")
        return self._chats.groups.put(chat, group)

    def delete_message(self, chat: str, message_id: int) -> Record:
        message = self._message(chat, message_id)
        return self._world.messages.change("telegram", message["provider_id"], deleted=True)


def _media(media: str, file: Record) -> dict[str, Any]:
    shown = {"file_id": file["id"], "file_unique_id": file["unique"], "file_size": file["size"]}
    size = {"width": 800, "height": 600}
    if media == "photo":
        return {"photo": [shown | size]}
    if media == "voice":
        return {"voice": shown | {"duration": 3, "mime_type": "audio/ogg"}}
    if media == "sticker":
        kinds = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"}
        return {"sticker": shown | {"width": 512, "height": 512, **kinds}}
    return {"document": shown | {"file_name": file["name"]}}

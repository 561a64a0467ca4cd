"""Chats as the Bot API shows them: private ones, groups, supergroups with topics; who may be written to."""

from typing import Any

from channels.sandbox.people import Unheard
from channels.sandbox.shelves import Record, Shelf
from channels.sandbox.telegram_words import Params, TelegramError, bad, forbidden, number_of, words_of
from channels.sandbox.world import Sandbox

ADMIN = frozenset({"creator", "administrator"})


class TelegramChats:
    """Chats by id; a private chat has its owner's id, a group a negative one."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world

    @property
    def groups(self) -> Shelf:
        return self._world.memory.shelf("telegram.groups")

    def bot(self) -> dict[str, Any]:
        account = self._world.credentials
        return {
            "id": account.telegram_bot_id, "is_bot": True, "first_name": "Yinuo", "username": account.telegram_username,
        }  # fmt: skip

    def user(self, address: str) -> dict[str, Any]:
        """Raises Unheard for a stranger."""
        person = self._world.people.get("telegram", address)
        user = {"id": int(address), "is_bot": False, "first_name": person["name"], "language_code": person["language"]}
        return user | ({"username": person["username"]} if person["username"] else {})

    def chat(self, address: str) -> dict[str, Any]:
        """The chat object inside a message. Raises Unheard."""
        group = self.groups.get(address)
        if group is None:
            person = self._world.people.get("telegram", address)
            return {"id": int(address), "type": "private", "first_name": person["name"]}
        chat = {"id": int(address), "type": group["type"], "title": group["title"]}
        return chat | ({"is_forum": True} if group["is_forum"] else {})

    def named(self, params: Params) -> str:
        """The chat a request names, known and open to the bot for reading. Raises TelegramError."""
        address = words_of(params, "chat_id").strip()
        if not address:
            raise bad("chat_id is empty")
        group = self.groups.get(address)
        if group is None and self._world.people.find("telegram", address) is None:
            raise bad("chat not found")
        if group is not None:
            _require_member(group)
        return address

    def writable(self, params: Params) -> str:
        """The chat a request names, if the bot may write there now. Raises TelegramError."""
        address = self.named(params)
        person = self._world.people.find("telegram", address)
        if person is None:
            self.topic_of(address, params)
            return address
        if person["deactivated"]:
            raise forbidden("user is deactivated")
        if person["blocked"]:
            raise forbidden("bot was blocked by the user")
        if not person["started"]:
            raise forbidden("bot can't initiate conversation with a user")
        if number_of(params, "message_thread_id"):
            raise bad("message thread not found")
        return address

    def topic_of(self, address: str, params: Params) -> int:
        """The topic a send names, 0 for none. General (1) must be left out. Raises TelegramError."""
        thread = number_of(params, "message_thread_id")
        if not thread:
            return 0
        group = self.groups.get(address) or {}
        topic = group.get("topics", {}).get(str(thread))
        if not group.get("is_forum") or topic is None:
            raise bad("message thread not found")
        if topic["closed"] and group["bot"] not in ADMIN:
            raise bad("TOPIC_CLOSED")
        return thread

    def member(self, address: str, user_id: str) -> dict[str, Any]:
        """One member of a group as getChatMember shows it. Raises TelegramError."""
        group = self.groups.get(address)
        if user_id == str(self._world.credentials.telegram_bot_id):
            status = group["bot"] if group else "member"
            return {"status": status, "user": self.bot()} | (rights() if status == "administrator" else {})
        try:
            user = self.user(user_id)
        except Unheard:
            raise bad("user not found") from None
        status = group["members"].get(user_id, "left") if group else "member"
        extra = {"is_anonymous": False} if status == "creator" else rights() if status == "administrator" else {}
        return {"status": status, "user": user} | extra

    def get_chat(self, params: Params) -> dict[str, Any]:
        address = self.named(params)
        full = self.chat(address) | {
            "accent_color_id": 0, "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False, "premium_subscription": False,
                "gifts_from_channels": False,
            },
        }  # fmt: skip
        group = self.groups.get(address)
        return full | ({"permissions": {"can_send_messages": True}} if group else {})

    def get_member(self, params: Params) -> dict[str, Any]:
        address = self.named(params)
        if not number_of(params, "user_id"):
            raise bad("invalid user_id specified")
        return self.member(address, str(number_of(params, "user_id")))

    def administrators(self, params: Params) -> list[dict[str, Any]]:
        address = self.named(params)
        group = self.groups.get(address)
        if group is None:
            raise bad("there are no administrators in the private chat")
        admins = [user for user, status in group["members"].items() if status in ADMIN]
        return [self.member(address, user) for user in admins]

    def member_count(self, params: Params) -> int:
        group = self.groups.get(self.named(params))
        return len(group["members"]) + 1 if group else 2

    def leave(self, params: Params) -> bool:
        group = self._group(params)
        self.groups.put(group["id"], {**group, "bot": "left"})
        return True

    def create_topic(self, params: Params) -> dict[str, Any]:
        group, name = self._forum(params), words_of(params, "name").strip()
        if not 1 <= len(name) <= 128:
            raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
        colour = number_of(params, "icon_color", 0x6FB9F0)
        thread = self._world.memory.number(f"telegram.message.{group['id']}") + 1
        group["topics"][str(thread)] = {"name": name, "closed": False, "icon_color": colour}
        self._keep(group)
        return {"message_thread_id": thread, "name": name, "icon_color": colour}

    def edit_topic(self, params: Params) -> bool:
        group, topic = self._topic(params)
        name = words_of(params, "name").strip() or topic["name"]
        if name == topic["name"]:
            raise bad("TOPIC_NOT_MODIFIED")
        topic["name"] = name
        return self._keep(group)

    def close_topic(self, params: Params, closed: bool) -> bool:
        group, topic = self._topic(params)
        if topic["closed"] == closed:
            raise bad("TOPIC_NOT_MODIFIED")
        topic["closed"] = closed
        return self._keep(group)

    def delete_topic(self, params: Params) -> bool:
        group, _ = self._topic(params)
        del group["topics"][str(number_of(params, "message_thread_id"))]
        return self._keep(group)

    def _keep(self, group: Record) -> bool:
        self.groups.put(group["id"], group)
        self._world.stream.publish("group", **group)
        return True

    def _group(self, params: Params) -> Record:
        group = self.groups.get(self.named(params))
        if group is None:
            raise bad("method is available for supergroup and channel chats only")
        return group

    def _forum(self, params: Params) -> Record:
        group = self._group(params)
        if not group["is_forum"]:
            raise bad("the chat is not a forum")
        if group["bot"] not in ADMIN:
            raise bad("not enough rights to create a topic")
        return group

    def _topic(self, params: Params) -> tuple[Record, Record]:
        group = self._forum(params)
        topic = group["topics"].get(str(number_of(params, "message_thread_id")))
        if topic is None:
            raise bad("message thread not found")
        return group, topic


def _require_member(group: Record) -> None:
    if group["migrated_to"]:
        raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=int(group["migrated_to"]))
    if group["bot"] == "kicked":
        raise forbidden(f"bot was kicked from the {group['type']} chat")
    if group["bot"] == "left":
        raise TelegramError(403, f"Forbidden: bot is not a member of the {group['type']} chat")


def rights() -> dict[str, bool]:
    """What Telegram says of every administrator; its SDK cannot read one without."""
    names = (
        "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
        "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
        "can_delete_stories", "can_pin_messages", "can_manage_topics",
    )  # fmt: skip
    return {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(names, True)}

"""What Telegram's refusals mean for a send (texts as in the Bot API server's source)."""

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError

from channels.contract import ChannelError, Fault, Passing, Permanent, Unknown
from channels.masking import masked
from channels.telegram.request import Flood, NotReached

FAULTS: dict[str, Fault] = {
    "chat not found": "address",
    "user not found": "address",
    "user is deactivated": "address",
    "peer_id_invalid": "address",
    "group chat was deactivated": "address",
    "not enough rights": "address",
    "have no rights to send": "address",
    "chat_write_forbidden": "address",
    "topic_closed": "address",
}
"""Parts of a 400's description that lie with the address; any other 400 lies with the request."""

UNCHANGED = "message is not modified"
TOO_OLD = ("query is too old", "query id is invalid")


def judged(error: TelegramError) -> ChannelError:
    """The error as one of our three. BadRequest is tested before its parent NetworkError, which is a doubt."""
    if isinstance(error, NotReached):
        return Passing("Telegram was not reached")
    if isinstance(error, Flood):
        return Passing("Telegram asks to slow down (429)", error.seconds)
    if isinstance(error, Conflict):
        return Passing("another process polls this bot, or a webhook is set (409)")
    if isinstance(error, ChatMigrated):
        return Permanent("the group became a supergroup", "address", moved_to=str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return Permanent(masked(error.message), "address")
    if isinstance(error, InvalidToken):
        return Permanent("Telegram does not accept the bot token", "sender")
    if isinstance(error, BadRequest):
        return Permanent(masked(error.message), _fault(error.message))
    return Unknown(f"no clear answer from Telegram ({type(error).__name__})")


def _fault(description: str) -> Fault:
    words = description.lower()
    return next((fault for part, fault in FAULTS.items() if part in words), "request")

"""What WeChat's errcodes mean for a send (the error arrives with HTTP 200)."""

from channels.contract import ChannelError, Fault, Passing, Permanent, Unknown

BUSY = -1
"""WeChat's way of a 5xx: it does not say whether the message was taken."""

STALE_TOKEN = frozenset({40001, 40014, 42001})

MEDIA_GONE = 40007
"""No such media: WeChat keeps what people send for three days."""

PASSING: dict[int, tuple[str, float | None]] = {
    45011: ("calls follow each other too fast", 60.0),
    40001: ("the access token was just replaced", 60.0),
    40014: ("the access token was just replaced", 60.0),
    42001: ("the access token has just expired", 60.0),
}
"""Not taken; the seconds to wait where the code suggests them."""

UNTIL_MIDNIGHT: dict[int, str] = {
    45009: "the daily quota is used up",
    48006: "the daily quota is used up and its resets too",
}

REFUSED: dict[int, tuple[Fault, str]] = {
    40003: ("address", "no such openid with this account"),
    43004: ("address", "the person does not follow the account"),
    48002: ("address", "the person refuses messages"),
    43101: ("window", "no subscription is left"),
    45015: ("window", "the time for free text is over"),
    45047: ("window", "the free texts of this window are used up"),
    MEDIA_GONE: ("request", "the media is gone"),
    40037: ("request", "no such template"),
    41030: ("request", "no such page"),
    44004: ("request", "the text is empty"),
    45002: ("request", "the text is too long"),
    47001: ("request", "the request cannot be read"),
    47003: ("request", "a template field is not as its kind demands"),
    40013: ("sender", "no such app id"),
    40125: ("sender", "the app secret is wrong"),
    40164: ("sender", "our address is not on the account's IP list"),
    48001: ("sender", "the account has no right to this interface"),
    48004: ("sender", "this interface was taken from the account"),
}


def refused(code: int) -> ChannelError:
    """The errcode as one of our errors; one we do not know is a fault of the request."""
    if code == BUSY:
        return Unknown("-1 WeChat is busy")
    if code in PASSING:
        words, wait = PASSING[code]
        return Passing(f"{code} {words}", wait)
    if code in UNTIL_MIDNIGHT:
        return Passing(f"{code} {UNTIL_MIDNIGHT[code]}", until_midnight=True)
    fault, words = REFUSED.get(code, ("request", "refused by WeChat"))
    return Permanent(f"{code} {words}", fault)


def unsent(status: str) -> tuple[str, Fault | None]:
    """Reason and fault of a failed TEMPLATESENDJOBFINISH: compared without blanks, WeChat writes them either way."""
    words = status.replace(" ", "").lower()
    if words.startswith("failed:userblock"):
        return "the person blocks the account", "address"
    if words.startswith("failed:freq"):
        return "too many messages to this person", None
    return "WeChat could not deliver it", None

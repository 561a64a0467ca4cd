"""What WeCom's errcodes mean for a message (the error arrives with HTTP 200)."""

from channels.contract import ChannelError, Fault, Passing, Permanent, Unknown

BUSY = -1
"""WeCom's way of a 5xx: it does not say whether the message was taken."""

STALE_TOKEN = frozenset({40001, 40014, 42001})

PASSING: dict[int, tuple[str, float | None]] = {
    45009: ("more than twenty messages a minute", 60.0),
    45033: ("too many calls at once", 5.0),
    40001: ("the access token was just replaced", 60.0),
    40014: ("the access token was just replaced", 60.0),
    42001: ("the access token has just expired", 60.0),
}

REFUSED: dict[int, tuple[Fault, str]] = {
    93000: ("sender", "the robot's key is not valid"),
    81013: ("address", "no such member"),
    82001: ("address", "no such member"),
    40003: ("address", "no such member"),
    40031: ("address", "no such member"),
    60011: ("sender", "the app has no right to this"),
    60020: ("sender", "our address is not on the app's IP list"),
    40013: ("sender", "no such corp"),
    40056: ("sender", "no such app"),
    86001: ("address", "no such group chat"),
    86003: ("address", "no such group chat"),
    40058: ("request", "a parameter is not valid"),
    44004: ("request", "the text is empty"),
    45002: ("request", "the text is too long"),
}


def refused(code: int) -> ChannelError:
    """The errcode as one of our errors; one we do not know is a fault of the request."""
    if code == BUSY:
        return Unknown("-1 WeCom is busy")
    if code in PASSING:
        words, wait = PASSING[code]
        return Passing(f"{code} {words}", wait)
    fault, words = REFUSED.get(code, ("request", "refused by WeCom"))
    return Permanent(f"{code} {words}", fault)

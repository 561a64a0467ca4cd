"""What WeCom's errcodes mean for a robot's message (the error arrives with HTTP 200)."""

from channels.contract import ChannelError, Fault, Passing, Permanent, Unknown

BUSY = -1
"""WeCom's way of a 5xx: it does not say whether the message was taken."""

PASSING: dict[int, tuple[str, float | None]] = {
    45009: ("more than twenty messages a minute", 60.0),
    45033: ("too many calls at once", 5.0),
}

REFUSED: dict[int, tuple[Fault, str]] = {
    93000: ("sender", "the robot's key is not valid"),
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
